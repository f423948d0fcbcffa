package selftest

import (
	"fmt"
	"io"
	"net/http"
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

// newOperation is one that the shipped contract does not have, written as CONTRIBUTING
// says: the first %s are the conditions that it refuses because of the graph, the second
// its requirements.
const newOperation = `
  /v2/{project_id}/graphs/{graph_id}/backups:
    parameters:
      - $ref: '#/components/parameters/ProjectId'
      - $ref: '#/components/parameters/GraphId'
    get:
      operationId: listBackups
      summary: List the backups of a graph
      responses:
        '200':
          description: The backups.
          content: {application/json: {schema: {type: object, required: [backup_count], properties: {backup_count: {type: integer}}}}}
        '401': {$ref: '#/components/responses/Unauthorized'}
        '404': {$ref: '#/components/responses/NotFound'}
        default: {$ref: '#/components/responses/Other'}
      x-refusals: [missing-credentials, invalid-credentials%s]
%s
`

const itsRequirements = `
      x-requirements:
        - id: backups.graph-known
          level: MUST
          text: Backups of a graph that does not exist, or of another project's, are not shown.
          source: [error-codes-2021, ours-d1]
          refuses: [unknown-graph, foreign-graph]
`

// withOperation is the shipped contract with one more operation.
func withOperation(t *testing.T, operation string) *contract.Contract {
	t.Helper()
	before, after, found := strings.Cut(string(gesconform.OpenAPI), "\n# What holds for every operation.")
	if !found {
		t.Fatal("expected the place in the contract after the operations")
	}
	c, err := contract.Parse("more.yaml", []byte(before+operation+after))
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
	judged := withOperation(t, fmt.Sprintf(newOperation, ", unknown-graph, foreign-graph", itsRequirements))
	for name, tt := range map[string]struct {
		served *contract.Contract
		want   judge.Verdict
	}{
		"as documented":              {judged, judge.Conforms},
		"for graphs that nobody has": {withOperation(t, fmt.Sprintf(newOperation, "", "")), judge.Deviates},
		"by nobody":                  {nil, judge.Deviates},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var options []fakeserver.Option
			if tt.served != nil {
				options = append(options, fakeserver.WithContract(tt.served), fakeserver.WithOperation("listBackups",
					http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						w.Header().Set("Content-Type", "application/json")
						fmt.Fprint(w, `{"backup_count":0}`)
					})))
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
				if r.ID == "backups.graph-known" && r.Verdict != tt.want {
					t.Errorf("expected %s, got %s: %s", tt.want, r.Verdict, r.Reason)
				}
			}
			if found.Verdict != tt.want {
				t.Errorf("expected the run to be %s, got %s", tt.want, found.Headline)
			}
		})
	}
}
