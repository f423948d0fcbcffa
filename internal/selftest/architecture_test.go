package selftest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gesconform/gesconform"

// withoutRow matches packages without a row in docs/architecture.md: tests, their helpers,
// and examples.
var withoutRow = regexp.MustCompile(`^(selftest|examples)(/|$)|test$`)

// shortPath returns a package's import path as written in docs/architecture.md.
func shortPath(importPath string) string {
	if importPath == module {
		return "gesconform"
	}
	return strings.TrimPrefix(strings.TrimPrefix(importPath, module+"/"), "internal/")
}

// A goPackage is a package in the output of `go list -json`.
type goPackage struct {
	ImportPath string
	Imports    []string // of its non-test files
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...")
	command.Dir = filepath.Join("..", "..")
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// documented reads the tables of docs/architecture.md: the names in backticks in the last
// column, by the name in the first column. Rows for modules are in the second map.
func documented(t *testing.T) (pkgs, modules map[string][]string) {
	t.Helper()
	pkgs, modules = map[string][]string{}, map[string][]string{}
	names := regexp.MustCompile("`([^`]+)`")
	for line := range strings.Lines(fileText(t, filepath.Join("..", "..", "docs", "architecture.md"))) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		first := names.FindStringSubmatch(cells[0])
		if !strings.HasPrefix(line, "| `") || first == nil {
			continue
		}
		var last []string
		for _, m := range names.FindAllStringSubmatch(cells[len(cells)-1], -1) {
			last = append(last, m[1])
		}
		of := pkgs
		if strings.Contains(strings.Split(first[1], "/")[0], ".") {
			of = modules
		}
		if _, twice := of[first[1]]; twice {
			t.Errorf("docs/architecture.md: %s has two rows", first[1])
		}
		of[first[1]] = last
	}
	return pkgs, modules
}

// TestArchitecture fails if a package imports what docs/architecture.md does not list for it,
// if the page lists what is not imported, or if it lacks a package or module.
func TestArchitecture(t *testing.T) {
	t.Parallel()
	pkgs, modules := documented(t)
	used := map[string][]string{}
	for _, p := range packages(t) {
		pkg := shortPath(p.ImportPath)
		if withoutRow.MatchString(pkg) && pkg != "conformancetest" && pkg != "clienttest" {
			continue
		}
		allowed, known := pkgs[pkg]
		delete(pkgs, pkg)
		if !known {
			t.Errorf("docs/architecture.md has no row for %s", pkg)
		}
		var imports []string
		for _, path := range p.Imports {
			switch {
			case path == module || strings.HasPrefix(path, module+"/"):
				imports = append(imports, shortPath(path))
			case strings.Contains(strings.Split(path, "/")[0], "."):
				name := moduleOf(path, modules)
				used[name] = append(used[name], pkg)
			}
		}
		compareNames(t, "what "+pkg+" imports", imports, allowed)
	}
	for pkg := range pkgs {
		t.Errorf("docs/architecture.md has a row for %s, which is no package", pkg)
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		compareNames(t, "the packages that import "+name, used[name], modules[name])
		delete(modules, name)
	}
	for name := range modules {
		t.Errorf("docs/architecture.md has a row for the module %s, which no package imports", name)
	}
}

// moduleOf returns the known module of a package, or the package's path.
func moduleOf(path string, modules map[string][]string) string {
	for name := range modules {
		if path == name || strings.HasPrefix(path, name+"/") {
			return name
		}
	}
	return path
}

// compareNames compares sets of names with those of docs/architecture.md.
func compareNames(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	got = slices.Compact(got)
	if !slices.IsSorted(want) {
		t.Errorf("docs/architecture.md: %s: expected them sorted, got %s", what, want)
	}
	if !slices.Equal(got, want) {
		t.Errorf("docs/architecture.md: %s: expected %s, got %s", what, inBackticks(got), inBackticks(want))
	}
}

func inBackticks(names []string) string {
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "`%s` ", name)
	}
	return strings.TrimSpace(b.String())
}

func fileText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
