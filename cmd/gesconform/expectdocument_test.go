package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The known deviations that a run by a document writes are read again, once a person has completed them, and excuse what
// they name. The ids of its cases have a colon and a blank, which YAML takes for something else.
func TestKnownDeviationsOfADocument(t *testing.T) {
	t.Parallel()
	known := filepath.Join(t.TempDir(), "known.yaml")
	endpoint := petsServer(t, "name")
	if c := call(t, nil, petsArgs(t, endpoint, "--write-expect", known, "-q")...); c.status != exitDeviates {
		t.Fatalf("expected status 1, got %d: %s%s", c.status, c.stdout, c.stderr)
	}
	text, err := os.ReadFile(known)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "GET /pets: plain") {
		t.Fatalf("expected the case by its id, got\n%s", text)
	}
	complete := strings.NewReplacer("reason:\n", "reason: old\n", "ticket:\n", "ticket: PETS-1\n", "expires:\n", "expires: 2099-01-01\n").Replace(string(text))
	if err := os.WriteFile(known, []byte(complete), 0o600); err != nil {
		t.Fatal(err)
	}
	if c := call(t, nil, petsArgs(t, endpoint, "--expect", known, "-q")...); c.status != exitConforms {
		t.Errorf("expected status 0, got %d: %s%s", c.status, c.stdout, c.stderr)
	}
}
