package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/selftest/bigdoc"
)

// What a limit leaves out is said, and may be had.
func TestCasesOfALargeDocument(t *testing.T) {
	t.Parallel()
	spec := filepath.Join(t.TempDir(), "large.json")
	if err := os.WriteFile(spec, bigdoc.Expandable(30_000), 0o600); err != nil {
		t.Fatal(err)
	}
	usual, all, some := call(t, nil, "cases", "--spec", spec), call(t, nil, "cases", "--spec", spec, "--max-places", "0"), call(t, nil, "cases", "--spec", spec, "--max-places", "20")
	if usual.status != exitConforms || usual.stdout != all.stdout || strings.Contains(all.stdout, "--max-places") {
		t.Errorf("expected all places of a document of 30 kB, got status %d, %s%.2000s", usual.status, usual.stderr, usual.stdout)
	}
	if some.status != exitConforms || !strings.Contains(some.stdout, "  places deep in its values are left out: bodies and parameters have ") {
		t.Errorf("--max-places: got status %d, %s%.2000s", some.status, some.stderr, some.stdout)
	}
	if got := call(t, nil, "cases", "--spec", spec, "--max-places", "-1"); got.status != exitNotJudged || !strings.Contains(got.stderr, "max-places: expected 0 or more, got -1") {
		t.Errorf("--max-places -1: got status %d, %s", got.status, got.stderr)
	}
}

func TestCasesOfADocument(t *testing.T) {
	t.Parallel()
	spec := petsFile(t, "\npaths:\n", "\npaths:\n  /toys: {post: {operationId: makeToy, responses: {'201': {description: made}}}}\n")
	all := call(t, nil, "cases", "--spec", spec)
	for _, want := range []string{"listPets, GET /pets\n  ", " value.accepted", "\n  needs --", " cases of 4 operations"} {
		if all.status != exitConforms || !strings.Contains(all.stdout, want) {
			t.Errorf("status %d, expected %q in\n%s%s", all.status, want, all.stdout, all.stderr)
		}
	}
	some := call(t, nil, "cases", "--contract", spec, "--operation", "list*")
	if !strings.Contains(some.stdout, "\n  inert        GET /pets: plain\n") || strings.Contains(some.stdout, "toys") {
		t.Errorf("--operation: got %s", some.stdout)
	}
	var listed listing
	if err := json.Unmarshal([]byte(call(t, nil, "cases", "--spec", spec, "--json").stdout), &listed); err != nil || len(listed.Operations) != 4 {
		t.Fatalf("--json: %v, %+v", err, listed)
	}
	for _, o := range listed.Operations {
		for _, k := range o.Cases {
			c := call(t, nil, "cases", "--spec", spec, "--explain", k.ID)
			for _, want := range []string{k.ID + "\n\ntests:    " + k.Requirement + " (", "\nclause:   ", "pets.yaml:" + strconv.Itoa(k.Line) + " " + k.Clause, "\nrequest:  " + o.Method + " /", "\nlawful:   ", "\nwhy:      "} {
				if c.status != exitConforms || !strings.Contains(c.stdout, want) {
					t.Fatalf("--explain %q: status %d, expected %q in\n%s%s", k.ID, c.status, want, c.stdout, c.stderr)
				}
			}
		}
	}
}

// What is not derived is a line a reason, whatever it holds for; the ids are there for who asks.
func TestCasesGroupsWhatIsNotDerived(t *testing.T) {
	t.Parallel()
	spec := petsFile(t, "\npaths:\n", `
paths:
  /forms: {get: {operationId: listForms, parameters: [{name: a, in: query, schema: {type: string}}, {name: b, in: query, schema: {type: string}}], responses: {'200': {description: forms}}}}
`)
	const part, reason = "not derived: query a: type-object: ", "it is empty, so that a request would not show it"
	all := call(t, nil, "cases", "--spec", spec)
	if n := strings.Count(all.stdout, reason); n != 1 || strings.Contains(all.stdout, part) || !strings.Contains(all.stdout, reason+": listForms") {
		t.Errorf("expected the reason once with its operation, got it %d times in\n%s", n, all.stdout)
	}
	for _, flags := range [][]string{{"--verbose"}, {"--operation", "listForms"}} {
		if c := call(t, nil, append([]string{"cases", "--spec", spec}, flags...)...); !strings.Contains(c.stdout, part+reason) || strings.Count(c.stdout, reason) < 2 {
			t.Errorf("%s: expected each part, got\n%s", flags, c.stdout)
		}
	}
}
