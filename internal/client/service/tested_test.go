package service

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/clients"
)

// A tested service is asked without a network; the scenarios are on real ports.
type tested struct {
	*Service
	t *testing.T
}

func options(t *testing.T, filter string) client.Options {
	t.Helper()
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	all, err := client.Scenarios(document)
	if err != nil {
		t.Fatal(err)
	}
	some, err := client.Select(all, filter, false)
	if err != nil {
		t.Fatal(err)
	}
	return client.Options{Contract: document, Scenarios: some, ScenarioTimeout: time.Minute, StartTimeout: time.Minute}
}

func serve(t *testing.T, o client.Options) tested {
	t.Helper()
	session, err := client.NewSession(t.Context(), o, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.End() })
	s, err := New(session, func(r judge.Result) bool { return r.Verdict == judge.Deviates })
	if err != nil {
		t.Fatal(err)
	}
	return tested{s, t}
}

// ask sends a request, and checks that the answer is one that the schema describes.
func (s tested) ask(method, path, body, as string, into any) int {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, "http://127.0.0.1"+path, strings.NewReader(body))
	return s.send(r, as, into)
}

func (s tested) send(r *http.Request, as string, into any) int {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		as = "error"
	}
	validate(s.t, as, w.Body.Bytes())
	if into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			s.t.Fatal(err)
		}
	}
	return w.Code
}

const schemaFile = "../../../docs/client-serve.schema.json"

// validate checks a document against a definition of the schema.
func validate(t *testing.T, as string, document []byte) {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(schemaFile + "#/$defs/" + as)
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(instance); err != nil {
		t.Errorf("expected an answer as $defs/%s says, got %s: %v", as, document, err)
	}
}

// judge runs a client in a scenario, and returns the verdict.
func (s tested) judge(c clients.Client, name string) verdict {
	s.t.Helper()
	e := s.start(name)
	var stdout, stderr bytes.Buffer
	o := map[string]any{"said": judge.SaidSuccess}
	if err := c.Run(s.t.Context(), e.client(), &stdout, &stderr); err != nil {
		o["said"], o["error"] = judge.SaidFailure, err.Error()
	}
	o["stdout"], o["stderr"] = stdout.String(), stderr.String()
	return s.post(name, o)
}

func (s tested) start(name string) endpoint {
	s.t.Helper()
	var e endpoint
	if status := s.ask(http.MethodPost, "/scenarios/"+name+"/start", "", "endpoint", &e); status != http.StatusOK {
		s.t.Fatalf("start %s: expected 200, got %d", name, status)
	}
	return e
}

func (s tested) post(name string, o map[string]any) verdict {
	s.t.Helper()
	body, err := json.Marshal(o)
	if err != nil {
		s.t.Fatal(err)
	}
	validate(s.t, "outcome", body)
	var v verdict
	if status := s.ask(http.MethodPost, "/scenarios/"+name+"/outcome", string(body), "verdict", &v); status != http.StatusOK {
		s.t.Fatalf("outcome of %s: expected 200, got %d", name, status)
	}
	return v
}

func (e *endpoint) client() client.Endpoint {
	return client.Endpoint{
		URL: e.Endpoint, Token: e.Token, AccessKey: e.AccessKey, SecretKey: e.SecretKey, ProjectID: e.ProjectID, GraphID: e.GraphID,
		UpgradeVersion: e.UpgradeVersion, ForceUpgrade: e.ForceUpgrade, Scenario: e.Scenario,
	}
}

// starts only starts the upgrade, and waits for nothing.
var starts, _ = clients.Lookup("only-starts")

// refused asks for what cannot be had, and returns the sentence.
func (s tested) refused(method, path, body string, want int) (sentence string, v *verdict) {
	s.t.Helper()
	var f failure
	if status := s.ask(method, path, body, "error", &f); status != want {
		s.t.Errorf("%s %s: expected %d, got %d %s", method, path, want, status, f.Error)
	}
	return f.Error, f.Result
}
