package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const repository = "../.."

// TestGuide checks that what docs/clients.md says of clients is what the kept summaries and the
// sources of the wrappers give. GESCONFORM_UPDATE=1 rewrites it.
func TestGuide(t *testing.T) {
	if os.Getenv("GESCONFORM_UPDATE") != "" {
		if err := writeGuide(repository, recipes); err != nil {
			t.Fatal(err)
		}
	}
	is, wanted, err := guide(repository, recipes)
	if err != nil {
		t.Fatal(err)
	}
	if is != wanted {
		t.Errorf("docs/clients.md is not what tools/clientmatrix/results and the wrappers give; run this test with GESCONFORM_UPDATE=1\n%s", firstDifference(is, wanted))
	}
}

func firstDifference(is, wanted string) string {
	a, b := strings.Split(is, "\n"), strings.Split(wanted, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "got      " + a[i] + "\nexpected " + b[i]
		}
	}
	return "one ends before the other"
}

// TestAllClientsAreJudged checks that each client of examples/clients has a recipe and a summary.
func TestAllClientsAreJudged(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob(filepath.Join(repository, "examples", "clients", "*", ""))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, r := range recipes {
		known[r.path()] = true
		if _, err := os.Stat(kept(repository, r.name)); err != nil {
			t.Errorf("%s has not been judged: %v; run `make clients CLIENTS=%s`", r.name, err, r.name)
		}
	}
	for _, folder := range folders {
		info, err := os.Stat(folder)
		if err != nil {
			t.Fatal(err)
		}
		if name := "examples/clients/" + filepath.Base(folder); info.IsDir() && !known[name] {
			t.Errorf("%s: expected a recipe in recipes.go, got none", name)
		}
	}
}

// TestWrappersAreShort counts the lines of those that are not in Go or shell: tools/clients counts
// the others.
func TestWrappersAreShort(t *testing.T) {
	t.Parallel()
	const most, widest = 15, 140
	for _, r := range recipes {
		if r.language == "go" || r.language == "sh" || r.language == "" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(r.path()), r.source))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line != "" {
				n++
			}
			if len(line) > widest {
				t.Errorf("%s/%s: expected at most %d characters in a line, got %d: %s", r.path(), r.source, widest, len(line), line)
			}
		}
		if n > most {
			t.Errorf("%s/%s: expected at most %d lines, got %d", r.path(), r.source, most, n)
		}
	}
}

// TestVersionsArePinned checks that the files of each client pin the version that the guide names,
// and name no registry.
func TestVersionsArePinned(t *testing.T) {
	t.Parallel()
	for _, r := range recipes {
		folder := filepath.Join(repository, filepath.FromSlash(r.path()))
		files, err := filepath.Glob(filepath.Join(folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		pins := read(t, append(files, filepath.Join(folder, "..", "go.mod"))...)
		for word := range strings.FieldsSeq(r.library) {
			version := strings.Trim(word, ",;()")
			if strings.Count(version, ".") >= 2 && !strings.Contains(pins, version) {
				t.Errorf("%s: expected a file that pins %s, got none", r.path(), version)
			}
		}
		for _, registry := range []string{"\"resolved\"", "--index-url", "--find-links", "<repository>", "registry="} {
			if strings.Contains(pins, registry) {
				t.Errorf("%s: expected no registry, got %s", r.path(), registry)
			}
		}
		manifest := read(t, filepath.Join(folder, "package.json"), filepath.Join(folder, "pom.xml"))
		for _, open := range []string{`"^`, `"~`, `"*"`, "SNAPSHOT", "LATEST", "RELEASE"} {
			if strings.Contains(manifest, open) {
				t.Errorf("%s: expected exact versions, got %s", r.path(), open)
			}
		}
	}
}

// read returns the text of those of the files that are there.
func read(t *testing.T, files ...string) string {
	t.Helper()
	var all strings.Builder
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil || info.IsDir() {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
