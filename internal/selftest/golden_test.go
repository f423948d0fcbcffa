package selftest

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// compareFile fails if a generated file differs from the one in the repository;
// GESCONFORM_UPDATE=1 rewrites it.
func compareFile(t *testing.T, path string, want []byte) {
	t.Helper()
	if os.Getenv("GESCONFORM_UPDATE") == "1" {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is out of date; GESCONFORM_UPDATE=1 rewrites it. %s", path, firstDifference(got, want))
	}
}

func firstDifference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return fmt.Sprintf("line %d:\n  file: %s\n  now:  %s", i+1, a, b)
		}
	}
	return ""
}
