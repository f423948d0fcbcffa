package cases

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

// derivers returns a deriver for each operation of the documents that the tests use.
func derivers(t *testing.T) []*deriver {
	t.Helper()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join("testdata", "second.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := contract.Parse("second.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	var all []*deriver
	for _, document := range []*contract.Contract{c, second} {
		for _, op := range document.Operations() {
			all = append(all, newDeriver(document, op))
		}
	}
	return all
}

// Each row of the table breaks at least one operation: otherwise it would test nothing.
func TestEveryMutationIsACase(t *testing.T) {
	all := derivers(t)
	breaks := func(at place, m *mutation) bool {
		for _, d := range all {
			for _, p := range d.parts(at) {
				if d.mutate(at, p, m) != nil {
					return true
				}
			}
		}
		return false
	}
	for at, rows := range mutations {
		for i := range rows {
			if !breaks(place(at), &rows[i]) {
				t.Errorf("place %d: no operation has a case of the mutation %q", at, rows[i].name)
			}
		}
	}
}

func TestMutationsAreNamedOnce(t *testing.T) {
	for at, rows := range mutations {
		seen := map[string]bool{}
		for _, m := range rows {
			if seen[m.name] {
				t.Errorf("place %d: two mutations are named %q", at, m.name)
			}
			seen[m.name] = true
		}
	}
}

// Each variation is valid for at least one operation, whether or not a requirement names it.
func TestEveryVariationIsValid(t *testing.T) {
	all := derivers(t)
	valid := func(v variation) bool {
		for _, d := range all {
			for _, p := range d.variable(v.at) {
				if _, _, ok := d.varied(&v, p); ok {
					return true
				}
			}
		}
		return false
	}
	for _, v := range variations {
		if !valid(v) {
			t.Errorf("no operation has the valid variation %q", v.name)
		}
	}
}
