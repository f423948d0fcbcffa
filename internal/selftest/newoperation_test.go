package selftest

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/embedded"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/run"
	"github.com/gesconform/gesconform/internal/session"
)

// withOperations is the shipped contract with the operations that the fake's tests add to
// it, written as CONTRIBUTING says. edits are texts of them and their replacements, in turn.
func withOperations(t *testing.T, edits ...string) *contract.Contract {
	t.Helper()
	more, err := os.ReadFile(repository("fakeserver", "testdata", "more-operations.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	before, after, found := strings.Cut(string(gesconform.OpenAPI), "\n# What holds for every operation.")
	if !found {
		t.Fatal("expected the place in the contract after the operations")
	}
	for i := 0; i+1 < len(edits); i += 2 {
		if !strings.Contains(string(more), edits[i]) {
			t.Fatalf("expected %q in the operations", edits[i])
		}
	}
	c, err := contract.Parse("more.yaml", []byte(before+"\n"+strings.NewReplacer(edits...).Replace(string(more))+after))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A new operation is served and judged when the document has it and somebody has written
// what answers it: its cases are derived, and a server that lets pass what the document
// refuses is found.
func TestANewOperation(t *testing.T) {
	t.Parallel()
	judged := withOperations(t)
	for name, tt := range map[string]struct {
		served *contract.Contract
		want   judge.Verdict
		rule   judge.Verdict // of the requirement that refuses a graph
	}{
		"as documented":              {judged, judge.Conforms, judge.Conforms},
		"for graphs that nobody has": {withOperations(t, "other-project, unknown-graph, foreign-graph]", "other-project]", "refuses: [unknown-graph, foreign-graph]", "refuses: [other-project]"), judge.Deviates, judge.Deviates},
		"by nobody":                  {nil, judge.Deviates, judge.Masked}, // every answer is a 501, which says nothing about the rule
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var options []fakeserver.Option
			if tt.served != nil {
				options = append(options, fakeserver.WithContract(tt.served),
					fakeserver.WithOperation("listBackups", answering(`{"backup_count":0}`)), fakeserver.WithOperation("showQuotas", answering(`{}`)))
			}
			fake := fakeserver.Start(t, options...)
			cfg := config.Default()
			embedded.Describe(&cfg, fake.URL, fake.Fixtures())
			found, err := run.Run(t.Context(), run.Options{Options: session.Options{Contract: judged, Config: cfg}, Out: io.Discard})
			if found.SchemaVersion == 0 {
				t.Fatal(err)
			}
			cases := 0
			for _, k := range found.Cases {
				if k.Operation == "listBackups" {
					cases++
				}
			}
			if cases < 10 {
				t.Errorf("expected cases of the new operation, got %d", cases)
			}
			for _, r := range found.Requirements {
				if r.ID == "backups.graph-known" && r.Verdict != tt.rule {
					t.Errorf("expected %s, got %s: %s", tt.rule, r.Verdict, r.Reason)
				}
			}
			if found.Verdict != tt.want {
				t.Errorf("expected the run to be %s, got %s", tt.want, found.Headline)
			}
		})
	}
}

// answering is a handler that gives the same JSON to all.
func answering(body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, body)
	})
}
