package main

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
)

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
