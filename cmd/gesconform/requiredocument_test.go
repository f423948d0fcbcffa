package main

import (
	"strings"
	"testing"
)

// What --require names must be decided by a run by a document, too.
func TestRequireOfADocument(t *testing.T) {
	t.Parallel()
	endpoint := petsServer(t, "")
	for name, tt := range map[string]struct {
		ids    string   // "" for all-must
		args   []string // of the run, besides
		status int
		says   string
	}{
		"met":                        {"answer.schema\nvalue.refused\n", nil, exitConforms, "conforms"},
		"all":                        {"", nil, exitConforms, "conforms"},
		"not all":                    {"", []string{"--max-requests", "3"}, exitNotJudged, "could not judge: --require: "},
		"not selected":               {"value.refused\n", []string{"--label-filter", "value.accepted"}, exitNotJudged, "value.refused (0 of "},
		"one is enough":              {"value.refused:any\n", nil, exitConforms, "conforms"},
		"of which the document none": {"resource.deleted\n", nil, exitNotJudged, "resource.deleted (nothing in the document is about it)"},
		"of no requirement":          {"value.refusd\n", nil, exitNotJudged, `unknown requirement "value.refusd", did you mean "value.refused"?`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require := "all-must"
			if tt.ids != "" {
				require = written(t, "ids", tt.ids)
			}
			c := call(t, nil, petsArgs(t, endpoint, append(tt.args, "--require", require)...)...)
			if c.status != tt.status || !strings.Contains(c.stdout+c.stderr, tt.says) {
				t.Errorf("expected status %d and %q, got %d\n%s%s", tt.status, tt.says, c.status, c.stdout, c.stderr)
			}
		})
	}
}

// The cases of a document are picked by their labels, as a run picks them.
func TestCasesOfADocumentByLabel(t *testing.T) {
	t.Parallel()
	spec := petsFile(t)
	c := call(t, nil, "cases", "--spec", spec, "--label-filter", "query && value.refused")
	if c.status != exitConforms || !strings.Contains(c.stdout, "  inert        GET /pets: query limit: maximum+1\n") || strings.Contains(c.stdout, "plain") || strings.Contains(c.stdout, "toys") {
		t.Errorf("status %d, got\n%s%s", c.status, c.stdout, c.stderr)
	}
	if none := call(t, nil, "cases", "--spec", spec, "--label-filter", "graph"); none.status != exitNotJudged || !strings.Contains(none.stderr, `label-filter "graph": selects none of `) {
		t.Errorf("status %d, got %s", none.status, none.stderr)
	}
}
