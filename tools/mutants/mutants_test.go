package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// Whether they are noticed is for `make mutants` to say, which takes minutes.
func TestMutantsAreUpToDate(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range mutants {
		if seen[m.name] {
			t.Errorf("%s: appears twice", m.name)
		}
		seen[m.name] = true
		for _, c := range m.changes() {
			if _, err := c.apply(root); err != nil {
				t.Errorf("%s: %v", m.name, err)
			}
			if c.old == c.new {
				t.Errorf("%s: changes nothing", m.name)
			}
		}
		if (m.by == "") == (m.equivalent == "") {
			t.Errorf("%s: expected the test that notices, or why there is none", m.name)
		}
		if m.by != "" && !exists(t, m.by) {
			t.Errorf("%s: there is no test %s", m.name, m.by)
		}
	}
	// Those of contract, judge and engine, without what is about safety alone.
	if n := len(runs) + len(verdicts) + len(contracts); n < 60 {
		t.Errorf("expected at least 60 mutants that change a verdict, got %d", n)
	}
}

// exists reports whether there is a test, given as package.TestName.
func exists(t *testing.T, test string) bool {
	t.Helper()
	pkg, name := (&mutant{by: test}).test()
	name, _, _ = strings.Cut(name, "/")
	files, err := filepath.Glob(filepath.Join(root, pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(t *testing.T)") {
			return true
		}
	}
	return false
}

// Each promise of docs/safety.md names tests that exist, and mutants that one of these tests
// notices.
func TestEachPromiseIsHeld(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "safety.md"))
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]mutant{}
	for _, m := range mutants {
		byName[m.name] = m
	}
	quoted := regexp.MustCompile("`([^`]+)`")
	rows := 0
	for line := range strings.SplitSeq(string(page), "\n") {
		cells := strings.Split(line, " | ")
		if len(cells) != 3 || strings.HasPrefix(line, "| Promise") {
			continue
		}
		rows++
		tests := map[string]bool{}
		for _, m := range quoted.FindAllStringSubmatch(cells[1], -1) {
			tests[m[1]] = true
			if !exists(t, m[1]) {
				t.Errorf("docs/safety.md: there is no test %s", m[1])
			}
		}
		shown := 0
		for _, name := range quoted.FindAllStringSubmatch(cells[2], -1) {
			m, known := byName[name[1]]
			if !known || !tests[m.by] {
				t.Errorf("docs/safety.md: %s: expected a mutant that a test of its row notices, got one that %q notices", name[1], m.by)
			}
			shown++
		}
		if len(tests) == 0 || shown == 0 {
			t.Errorf("docs/safety.md: expected a test and a mutant in the row %s", line)
		}
	}
	if rows < 20 {
		t.Errorf("docs/safety.md: expected a row for each promise, got %d", rows)
	}
}
