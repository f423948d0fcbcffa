package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// judged is a command in place of gesconform, which keeps its arguments, runs the client, and writes
// a report.
const judged = `#!/bin/sh
echo "$@" >>"$COMMANDS"
env | grep ^HOME= >>"$COMMANDS"
mkdir report
echo '{"headline": "deviates: 1 of 2 requirements are broken", "requirements": [
  {"id": "client.sends", "level": "MUST", "text": "It sends.", "verdict": "conforms", "decided": 1},
  {"id": "client.ends", "level": "SHOULD", "text": "It ends.", "verdict": "advisory", "decided": 1}],
  "expectations": ['"$EXPECTATIONS"'], "cases": []}' >report/results.json
echo '{"log": {"entries": []}}' >report/exchanges.har
exit $STATUS
`

// newMatrix returns a matrix with a repository of its own, and what it prints.
func newMatrix(t *testing.T, recipes ...recipe) (m *matrix, printed *bytes.Buffer) {
	t.Helper()
	printed = &bytes.Buffer{}
	m = &matrix{repository: t.TempDir(), installed: t.TempDir(), recipes: recipes, stdout: printed, stderr: printed}
	m.command = filepath.Join(m.installed, "judge")
	t.Setenv("COMMANDS", filepath.Join(m.installed, "commands"))
	t.Setenv("STATUS", "0")
	t.Setenv("EXPECTATIONS", "")
	files := map[string]string{
		m.command: judged,
		filepath.Join(m.repository, "openapi.yaml"):       "openapi: 3.0.3\n",
		filepath.Join(m.repository, "docs", "clients.md"): "# Clients\n" + from + to + "the end\n",
	}
	for _, r := range recipes {
		files[filepath.Join(m.repository, r.path(), r.source)] = "the wrapper of " + r.name + "\n"
	}
	for path, text := range files {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil { //nolint:gosec // one is run
			t.Fatal(err)
		}
	}
	return m, printed
}

func client(name string) recipe {
	return recipe{
		name: name, library: "a library", source: "upgrade.sh", language: "sh", needs: []string{"sh"},
		install: [][]string{{"sh", "-c", "cat openapi.yaml $SOURCE/upgrade.sh >$COPY/installed"}}, command: []string{"sh", "upgrade.sh"},
	}
}

// TestClientsAreJudged checks that each client is installed in a copy of its folder, judged there, and
// shown in the guide.
func TestClientsAreJudged(t *testing.T) {
	m, printed := newMatrix(t, client("first"), client("second"))
	expect := filepath.Join(m.repository, "examples/clients/second/expect.yaml")
	if err := os.WriteFile(expect, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if status := m.run(t.Context(), nil); status != 0 {
		t.Errorf("expected status 0, got %d: %s", status, printed)
	}
	want(t, filepath.Join(m.installed, "first", "installed"), "openapi: 3.0.3\nthe wrapper of first\n")
	want(t, filepath.Join(m.installed, "commands"),
		"client --strict --output report -- sh upgrade.sh", "client --strict --output report --expect expect.yaml -- sh upgrade.sh",
		"HOME="+filepath.Join(m.installed, "home"))
	want(t, filepath.Join(m.repository, "docs", "clients.md"), "# Clients\n", "\nthe end\n",
		"| | [first](#first) | [second](#second) |\n", "| MUST client.sends | ✓ | ✓ |\n", "the wrapper of second\n")
	if _, err := os.Stat(filepath.Join(m.repository, "examples/clients/first/installed")); err == nil {
		t.Error("expected nothing new in the client's folder")
	}
}

// TestWhatIsWrong checks the exit status, and what is said.
func TestWhatIsWrong(t *testing.T) {
	noRuntime, noInstall := client("x"), client("x")
	noRuntime.needs = []string{"sh", "no-such-program"}
	noInstall.install = [][]string{{"sh", "-c", "echo no such version; exit 3"}}
	for _, test := range []struct {
		name, judged string // the exit status of gesconform
		recipe       recipe
		args         []string
		without      bool
		status       int
		said         string
	}{
		{"deviates", "1", client("x"), nil, false, 1, "deviates: 1 of 2"},
		{"could not be judged", "2", client("x"), nil, false, 2, "see "},
		{"interrupted", "130", client("x"), nil, false, 2, "see "},
		{"no runtime", "0", noRuntime, nil, false, 2, "not judged: no-such-program is not installed"},
		{"no runtime, which is allowed", "0", noRuntime, nil, true, 0, "not judged: no-such-program is not installed"},
		{"a version that cannot be had", "0", noInstall, nil, false, 2, "no such version"},
		{"a name that is none", "0", client("x"), []string{"y"}, false, 2, `expected the name of a client, got "y"; there are x`},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, printed := newMatrix(t, test.recipe)
			m.without = test.without
			t.Setenv("STATUS", test.judged)
			if status := m.run(t.Context(), test.args); status != test.status || !strings.Contains(printed.String(), test.said) {
				t.Errorf("expected status %d and %q, got %d and %q", test.status, test.said, status, printed)
			}
			_, err := os.Stat(kept(m.repository, "x"))
			if kept := err == nil; kept != (test.judged == "1") {
				t.Errorf("expected a summary only of what was judged, got one: %t", kept)
			}
		})
	}
}

// TestWhatIsGone checks that a deviation that is expected and not found is a difference, too.
func TestWhatIsGone(t *testing.T) {
	m, printed := newMatrix(t, client("x"))
	t.Setenv("EXPECTATIONS", `{"requirement": "client.ends", "case": "hang/*", "state": "gone"}`)
	if status := m.run(t.Context(), nil); status != 1 || !strings.Contains(printed.String(), "not found: client.ends in hang/*: gone") {
		t.Errorf("expected status 1 and the entry, got %d and %q", status, printed)
	}
}

// want checks that a file contains texts.
func want(t *testing.T, path string, texts ...string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if !strings.Contains(string(got), text) {
			t.Errorf("%s: expected %q, got\n%s", filepath.Base(path), text, got)
		}
	}
}
