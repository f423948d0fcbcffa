package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is required and was not exercised is status 2, with the report of all
// that was; a deviation is more important.
func TestRequire(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	inert := file("inert", "# what reads show\ngraph.known\n\n  auth.required # and this\n")
	effect := file("effect", "auth.required\nupgrade.effect\n")
	deviating := []string{"run", "--risk", "destructive", "--require", "all-must", "--label-filter", "body"}
	for _, tt := range []struct {
		name    string
		environ []string
		args    []string
		status  int
		want    string
	}{
		{"all", nil, []string{"run", "--require", "all-must"}, exitConforms, "\nconforms\n"},
		{"all, and not allowed to", nil, []string{"run", "--require", "all-must", "--risk", "inert"}, exitNotJudged, "\ncould not judge: "},
		{"what is exercised", nil, []string{"run", "--require", inert, "--risk", "inert"}, exitConforms, "\npartial: conforms as far as exercised"},
		{"one that is not", nil, []string{"run", "--require", effect, "--risk", "inert"}, exitNotJudged, "could not judge: 1 of the 2 required requirements were not exercised: upgrade.effect\n"},
		{"a deviation first", defective(t, "older-version-accepted"), deviating, exitDeviates, "\ndeviates: "},
	} {
		c := call(t, tt.environ, tt.args...)
		if c.status != tt.status || !strings.Contains(c.stdout, tt.want) || !strings.Contains(c.stdout, " auth.required ") {
			t.Errorf("%s: status %d: %.600s %s", tt.name, c.status, c.stdout, c.stderr)
		}
	}
	for _, tt := range []struct{ require, want string }{
		{filepath.Join(dir, "none"), "require: expected all-must or a file"},
		{dir, "require: "},
		{file("empty", "# nothing\n"), "expected the ids of requirements"},
		{file("unknown", "auth.required\nupgrade.efect\n"), `unknown:2: unknown requirement "upgrade.efect", did you mean upgrade.effect?`},
		{file("long", strings.Repeat("x", 100_000)), "require: read "},
	} {
		c := call(t, nil, "run", "--require", tt.require)
		if c.status != exitNotJudged || c.stdout != "" {
			t.Errorf("%s: status %d: %.200s", tt.require, c.status, c.stdout)
		}
		oneSentence(t, c, tt.want)
	}
}
