package clients_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/client/service"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/clients"
)

// TestServedScenarios runs clients over HTTP, as a test of another framework does. The verdicts are those
// of a run.
func TestServedScenarios(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"correct", "success-on-any-200"} {
		c, known := clients.Lookup(name)
		if !known {
			t.Fatalf("no client has the name %s", name)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run, served := judged(t, function{c}, hang(c), telling(c, 0)), served(t, c, telling(c, 0))
			if len(served.Results) != len(run.Results) || served.Waits != run.Waits || served.Failure != run.Failure {
				t.Fatalf("expected %d results, as of a run, got %d", len(run.Results), len(served.Results))
			}
			for i, r := range run.Results {
				if got, want := inShort(served.Results[i]), inShort(r); got != want {
					t.Errorf("expected as in a run\n\t%s, got\n\t%s", want, got)
				}
			}
		})
	}
}

// inShort says what was found in a scenario.
func inShort(r judge.Result) string {
	short := r.Case + ": " + string(r.Verdict) + " " + r.Reason
	for _, f := range r.Findings {
		short += ", " + f.Requirement + " " + string(f.Verdict)
	}
	return short
}

// served returns what is found about a client whose scenarios are asked for over HTTP, the first alone and
// then several at once.
func served(t *testing.T, c clients.Client, which func(*client.Scenario) bool) client.Report {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := chosen(t, which)
	report, err := service.Serve(t.Context(), listener, o, func(judge.Result) bool { return false }, func(url string) error {
		go func() {
			askAll(t.Context(), c, url)
			_ = ask(t.Context(), http.MethodPost, url+"/end", nil)
		}()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// askAll has a client run in all scenarios that are offered.
func askAll(ctx context.Context, c clients.Client, url string) {
	free := make(chan struct{}, 16)
	var asked sync.WaitGroup
	all, _ := ask(ctx, http.MethodGet, url+"/scenarios", nil)["scenarios"].([]any)
	for i, one := range all {
		if i == 1 {
			asked.Wait() // the plain success has its verdict
		}
		free <- struct{}{}
		asked.Go(func() {
			defer func() { <-free }()
			name, _ := one.(map[string]any)["name"].(string)
			for askOne(ctx, c, url+"/scenarios/"+name) {
			}
		})
	}
	asked.Wait()
}

// askOne has a client run in one scenario, and reports whether it is to be tried again.
func askOne(ctx context.Context, c clients.Client, url string) (again bool) {
	e := ask(ctx, http.MethodPost, url+"/start", nil)
	text := func(name string) string { s, _ := e[name].(string); return s }
	if text("outcome") == "" {
		return false
	}
	endpoint := client.Endpoint{
		URL: text("endpoint"), Token: text("token"), AccessKey: text("access_key"), SecretKey: text("secret_key"), ProjectID: text("project_id"),
		GraphID: text("graph_id"), UpgradeVersion: text("upgrade_version"), Scenario: text("scenario"),
	}
	if force, given := e["force_upgrade"].(bool); given {
		endpoint.ForceUpgrade = &force
	}
	var stdout, stderr bytes.Buffer
	posted := map[string]any{"said": "success"}
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := c.Run(limited, endpoint, &stdout, &stderr); err != nil {
		posted["said"], posted["error"] = "failure", err.Error()
	}
	posted["stdout"], posted["stderr"] = stdout.String(), stderr.String()
	again, _ = ask(ctx, http.MethodPost, text("outcome"), posted)["again"].(bool)
	return again
}

// ask sends a request, and returns what is answered; nil if nothing is.
func ask(ctx context.Context, method, url string, body any) map[string]any {
	text, _ := json.Marshal(body) // it does not fail for what is sent here
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(string(text)))
	if err != nil {
		return nil
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	var all map[string]any
	_ = json.NewDecoder(io.LimitReader(response.Body, 16<<20)).Decode(&all) // what is missing is noticed
	return all
}
