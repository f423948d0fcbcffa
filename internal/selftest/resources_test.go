package selftest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// otherNames are those of a service that does the same, in its document and in its answers.
var otherNames = []struct{ document, with, body, in string }{
	{"showGraph", "fetchGraph", "", ""},
	{"showJob", "fetchJob", "", ""},
	{"data_store_version", "edition", `"data_store_version":`, `"edition":`},
	{"status: /graph/status", "state: /graph/condition", "", ""},
	{"state: /graph/status", "state: /graph/condition", "", ""},
	{"[id, name, status, edition]", "[id, name, condition, edition]", "", ""},
	{"\n        status:\n          type: string\n          pattern: '^[0-9]{3}$'", "\n        condition:\n          type: string\n          pattern: '^([0-9]{3}|ready)$'", `"status":"2`, `"condition":"2`},
	{"changeable-in: ['200']", "changeable-in: [ready]", `"condition":"200"`, `"condition":"ready"`},
	{"  '200': {name: running,", "  ready: {name: running,", "", ""},
	{"                      status: '200'\n", "                      condition: ready\n", "", ""},
}

// What names a thing, shows it and is its version and state is read from x-resources: a service that
// calls all of them otherwise is judged as well.
func TestResourcesOfOtherNames(t *testing.T) {
	document := string(gesconform.OpenAPI)
	for _, n := range otherNames {
		document = strings.ReplaceAll(document, n.document, n.with)
	}
	c, err := contract.Parse("other.yaml", []byte(document))
	if err != nil {
		t.Fatal(err)
	}
	all, err := cases.Of(c)
	if err != nil {
		t.Fatal(err)
	}
	suite := inprocess.Suite{Contract: c, Cases: all}
	translated := func(t *testing.T, network *inprocess.Listener) config.Config {
		service := build(t)
		return serve(t, network, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { translate(w, r, service) }), service.Fixtures())
	}
	for _, m := range modes[1:] {
		outcome := suite.Judge(t, translated, m.configure, all)
		if outcome.Failure != nil {
			t.Fatalf("%s: %v", m.name, outcome.Failure)
		}
		decided := 0
		for _, r := range outcome.Results {
			if r.Verdict == judge.Deviates {
				t.Errorf("%s: %s deviates: %+v", m.name, r.Case, r.Findings)
			}
			if r.Verdict == judge.Conforms && strings.HasPrefix(r.Aim, "current-version") {
				decided++
			}
		}
		if decided == 0 {
			t.Errorf("%s: expected cases that are decided at the current version, got none", m.name)
		}
	}
}

// translate has a service answer, in other names.
func translate(w http.ResponseWriter, r *http.Request, service http.Handler) {
	recorded := httptest.NewRecorder()
	service.ServeHTTP(recorded, r)
	body, _ := io.ReadAll(recorded.Body)
	if _, below, _ := strings.Cut(r.URL.Path, "/graphs/"); !strings.Contains(below, "/") {
		for _, n := range otherNames {
			if n.body != "" {
				body = bytes.ReplaceAll(body, []byte(n.body), []byte(n.in))
			}
		}
	}
	for name, values := range recorded.Header() {
		w.Header()[name] = values
	}
	if len(body) > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(recorded.Code)
	_, _ = w.Write(body)
}

var extension = regexp.MustCompile(`(?m)^\s*(?:- )?\{?(x-[a-z-]+):`)

// contract-extensions.md names every extension that openapi.yaml has, and shows its x-resources as they
// are there.
func TestGuideToExtensions(t *testing.T) {
	t.Parallel()
	g := readGuide(t, repository("docs", "contract-extensions.md"))
	document := string(gesconform.OpenAPI)
	for _, m := range extension.FindAllStringSubmatch(document, -1) {
		if name := m[1]; name != "x-source" && !strings.Contains(g.text, "`"+name+"`") {
			t.Errorf("expected the guide to name %s", name)
		}
	}
	i := slices.IndexFunc(g.blocks, func(b block) bool { return b.note == "checked by internal/selftest/resources_test.go" })
	if i < 0 || !strings.Contains(document, g.blocks[i].text) {
		t.Errorf("expected the x-resources of openapi.yaml, got %v", g.blocks)
	}
}
