package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryPlatformCompiles checks that the command has no type errors on any platform of a release. With
// GESCONFORM_TEST_ALL it builds it, which with a cold build cache takes minutes.
func TestEveryPlatformCompiles(t *testing.T) {
	for _, p := range released {
		t.Run(p.String(), func(t *testing.T) {
			if os.Getenv("GESCONFORM_TEST_ALL") != "" {
				expectBinary(t, p)
			} else if err := checkTypes(t.Context(), repository, p, "./cmd/gesconform"); err != nil {
				t.Error(err)
			}
		})
	}
}

// expectBinary builds the command, and checks that it is one of the platform.
func expectBinary(t *testing.T, p platform) {
	t.Helper()
	binary, err := compile(t.Context(), fixed(), p)
	if err != nil {
		t.Fatal(err)
	}
	magic := map[string]string{"darwin": "\xcf\xfa\xed\xfe", "linux": "\x7fELF", "windows": "MZ"}[p.os]
	if !bytes.HasPrefix(binary, []byte(magic)) {
		t.Errorf("expected a file that begins with %q, got %q", magic, binary[:4])
	}
	if path := absolute(t, repository); bytes.Contains(binary, []byte(path+"/")) {
		t.Errorf("expected no path of the build machine in the binary, got %s", path)
	}
}

// A listed is a package as `go list` describes it.
type listed struct {
	ImportPath, Dir string
	GoFiles         []string
	ImportMap       map[string]string // from what a file imports to what is meant, where they differ
	Module          *struct{ Main bool }
}

// checkTypes looks for type errors in a command and in what it imports from its own module, as
// the compiler of a platform would see them. Of other modules it only reads the declarations.
func checkTypes(ctx context.Context, dir string, p platform, command string) error {
	list := exec.CommandContext(ctx, "go", "list", "-deps", "-json=ImportPath,Dir,GoFiles,ImportMap,Module", command)
	list.Dir = dir
	list.Env = append(os.Environ(), "GOOS="+p.os, "GOARCH="+p.arch, "CGO_ENABLED=0")
	var stderr strings.Builder
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("list the packages of %s for %s: %w\n%s", command, p, err, stderr.String())
	}
	files, known := token.NewFileSet(), map[string]*types.Package{"unsafe": types.Unsafe}
	var found []error
	for each := json.NewDecoder(bytes.NewReader(out)); ; { // what is imported comes first
		var l listed
		if err := each.Decode(&l); errors.Is(err, io.EOF) {
			return errors.Join(found...)
		} else if err != nil {
			return fmt.Errorf("read the packages of %s: %w", command, err)
		}
		if l.ImportPath == "unsafe" {
			continue
		}
		pkg, err := l.check(files, p, known)
		if own := l.Module != nil && l.Module.Main; own && err != nil {
			found = append(found, fmt.Errorf("check %s for %s: %w", l.ImportPath, p, err))
		}
		known[l.ImportPath] = pkg
	}
}

// check returns the package and its type errors. known has the packages that it imports.
func (l *listed) check(files *token.FileSet, p platform, known map[string]*types.Package) (*types.Package, error) {
	own := l.Module != nil && l.Module.Main
	var syntax []*ast.File
	for _, name := range l.GoFiles {
		file, err := parser.ParseFile(files, filepath.Join(l.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		syntax = append(syntax, file)
	}
	var found []error
	checker := types.Config{
		IgnoreFuncBodies: !own, FakeImportC: true, Sizes: types.SizesFor("gc", p.arch),
		Error: func(err error) { found = append(found, err) },
		Importer: importerFunc(func(path string) (*types.Package, error) {
			if meant, other := l.ImportMap[path]; other {
				path = meant
			}
			if pkg := known[path]; pkg != nil {
				return pkg, nil
			}
			return nil, fmt.Errorf("import %s: not listed", path)
		}),
	}
	pkg, _ := checker.Check(l.ImportPath, files, syntax, nil) // what is wrong is in found
	return pkg, errors.Join(found...)
}

type importerFunc func(path string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }

// A file that only one platform compiles is looked at as that platform would.
func TestTypesAreCheckedForThePlatform(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":          "module example.org/m\n\ngo 1.26\n",
		"main.go":         "package main\n\nimport \"example.org/m/away\"\n\nfunc main() { away.Go() }\n",
		"away/away.go":    "package away\n",
		"away/unix.go":    "//go:build !windows\n\npackage away\n\nimport \"syscall\"\n\nfunc Go() { _ = syscall.Kill(1, 0) }\n",
		"away/windows.go": "//go:build windows\n\npackage away\n\nimport \"syscall\"\n\nfunc Go() { _ = syscall.Kill(1, 0) }\n",
	} {
		if err := write(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := checkTypes(t.Context(), dir, platform{"linux", "arm64"}, "."); err != nil {
		t.Errorf("linux: expected no error, got %v", err)
	}
	if err := checkTypes(t.Context(), dir, platform{"windows", "amd64"}, "."); err == nil || !strings.Contains(err.Error(), "syscall.Kill") {
		t.Errorf("windows: expected an error that names syscall.Kill, got %v", err)
	}
}
