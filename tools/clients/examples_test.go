package clients

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	examples = "../../examples/clients"
	// lines is how long the function of an example may be, or its script.
	lines = 15
)

// An example is a folder of examples/clients with a program that upgrades a graph, and expect.yaml,
// which has the deviations that are known of it.
type example struct{ name, source string }

// those returns the examples that need nothing but Go and a shell.
func those(t *testing.T) []example {
	t.Helper()
	var all []example
	for _, pattern := range []string{"*/main.go", "*/upgrade.sh"} {
		sources, err := filepath.Glob(filepath.Join(examples, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, source := range sources {
			all = append(all, example{filepath.Base(filepath.Dir(source)), source})
		}
	}
	if len(all) < 5 {
		t.Fatalf("expected five examples in %s, got %v", examples, all)
	}
	return all
}

// build builds packages of a module into a folder.
func build(t *testing.T, module, packages, folder string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "build", "-C", module, "-o", folder+string(filepath.Separator), packages)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("build %s of %s: %v\n%s", packages, module, err, out)
	}
}

// scenarios returns those in which an example is judged unless GESCONFORM_TEST_ALL is set: those that
// are left out are much like the others, or like those of the same example without --retry.
func (e *example) scenarios() string {
	some := "success/plain,refused/400-GES.70*,throttled,unclear,hang/upgrade,job"
	if e.name != "curl-retry" {
		some += ",success,variation/all,refused/other-message,answer,redirect,connection"
	}
	return some
}

// impatience is a deviation of the SDK that the tests make: its own time limit is two minutes.
const (
	patience   = "6s"
	impatience = "- {requirement: client.ends, case: hang/*, reason: not judged here, ticket: none, expires: 2099-12-31}\n"
)

// TestExamples judges each example. It fails if one deviates in a way that its expect.yaml does not
// have, and if expect.yaml has something that no longer occurs.
func TestExamples(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	build(t, "../..", "./cmd/gesconform", bin)
	build(t, examples, "./...", bin)
	for _, e := range those(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			args := []string{
				"client", "--strict", "--scenario-timeout", patience, "--expect", e.known(t, folder),
				"--output", filepath.Join(folder, "report"), "--quiet",
			}
			if os.Getenv("GESCONFORM_TEST_ALL") == "" {
				args = append(args, "--scenario", e.scenarios())
			}
			command := exec.CommandContext(t.Context(), filepath.Join(bin, "gesconform"), append(args, "--", e.program(bin))...)
			command.Env = append(os.Environ(), "HOME="+folder) // where the SDK writes an id
			if out, err := command.CombinedOutput(); err != nil {
				t.Fatalf("%v: %v\n%s", command, err, out)
			}
			for _, state := range unmet(t, filepath.Join(folder, "report", "results.json")) {
				t.Error(state)
			}
		})
	}
}

// program returns what to run.
func (e *example) program(bin string) string {
	if strings.HasSuffix(e.source, ".sh") {
		return e.source
	}
	return filepath.Join(bin, e.name)
}

// known returns a file with the deviations that are known of it.
func (e *example) known(t *testing.T, folder string) string {
	t.Helper()
	path := filepath.Join(examples, e.name, "expect.yaml")
	if e.name != "go-sdk" {
		return path
	}
	text, err := os.ReadFile(path)
	if err == nil {
		path = filepath.Join(folder, "expect.yaml")
		err = os.WriteFile(path, append(text, impatience...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// unmet returns the known deviations that did not occur.
func unmet(t *testing.T, results string) []string {
	t.Helper()
	var result struct {
		Expectations []struct{ Requirement, Case, State string }
	}
	text, err := os.ReadFile(results)
	if err == nil {
		err = json.Unmarshal(text, &result)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Expectations) == 0 {
		t.Errorf("%s: expected the known deviations, got none", results)
	}
	var all []string
	for _, e := range result.Expectations {
		if e.State != "met" {
			all = append(all, fmt.Sprintf("%s in %s: expected a deviation, got %s; remove it from expect.yaml", e.Requirement, e.Case, e.State))
		}
	}
	return all
}

// TestExamplesAreShort counts the lines of each example's function upgrade, or of its script without
// comments.
func TestExamplesAreShort(t *testing.T) {
	t.Parallel()
	for _, e := range those(t) {
		source, err := os.ReadFile(e.source)
		if err != nil {
			t.Fatal(err)
		}
		count := scriptLines
		if strings.HasSuffix(e.source, ".go") {
			count = functionLines
		}
		if got, err := count(source); err != nil || got > lines {
			t.Errorf("%s: expected %d lines at most, got %d (%v)", e.source, lines, got, err)
		}
	}
}

// scriptLines counts the lines of a script that are neither blank nor comments.
func scriptLines(source []byte) (n int, err error) {
	for line := range bytes.Lines(source) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			n++
		}
	}
	return n, nil
}

// functionLines counts the lines between the braces of the function upgrade.
func functionLines(source []byte) (int, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", source, parser.SkipObjectResolution)
	if err != nil {
		return 0, err
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "upgrade" {
			return files.Position(f.Body.Rbrace).Line - files.Position(f.Body.Lbrace).Line - 1, nil
		}
	}
	return 0, errors.New("expected a function upgrade, got none")
}
