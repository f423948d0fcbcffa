package selftest

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestDependenciesAreArgued fails if docs/dependencies.md lacks a module that go.mod requires,
// or has one that it does not require.
func TestDependenciesAreArgued(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json", repository("go.mod")).Output()
	if err != nil {
		t.Fatalf("go mod edit: %v", err)
	}
	var module struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(out, &module); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(repository("docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	page, _, _ = bytes.Cut(page, []byte("\n## Tools"))
	var argued []string
	for line := range strings.Lines(string(page)) {
		if cells := strings.Fields(line); len(cells) > 1 && cells[0] == "|" && strings.Contains(cells[1], "/") {
			argued = append(argued, cells[1])
		}
	}
	for _, r := range module.Require {
		if !r.Indirect && !slices.Contains(argued, r.Path) {
			t.Errorf("docs/dependencies.md does not say what %s is for", r.Path)
		}
		argued = slices.DeleteFunc(argued, func(path string) bool { return !r.Indirect && path == r.Path })
	}
	for _, path := range argued {
		t.Errorf("docs/dependencies.md argues for %s, which go.mod does not require", path)
	}
}
