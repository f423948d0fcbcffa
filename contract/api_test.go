package contract_test

import (
	"bytes"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gesconform/gesconform"

func goList(t *testing.T, args ...string) []string {
	t.Helper()
	command := exec.Command("go", append([]string{"list"}, args...)...)
	var fault bytes.Buffer
	command.Stderr = &fault
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list %v: %v\n%s", args, err, fault.String())
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// The modules that importing a package brings into a user's build. To add one
// is a decision: rewrite the list with GESCONFORM_UPDATE=1.
func TestModules(t *testing.T) {
	for _, test := range []struct{ pkg, golden string }{
		{module + "/contract", "testdata/modules-contract.txt"},
		{module + "/fakeserver", "testdata/modules-fakeserver.txt"},
	} {
		modules := goList(t, "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", test.pkg)
		slices.Sort(modules)
		modules = slices.DeleteFunc(slices.Compact(modules), func(m string) bool { return m == "" || m == module })
		got := strings.Join(modules, "\n") + "\n"
		if os.Getenv("GESCONFORM_UPDATE") == "1" {
			if err := os.WriteFile(test.golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(test.golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s pulls in\n%s\nand %s has\n%s", test.pkg, got, test.golden, want)
		}
	}
}

// Types of these modules break their users in minor versions.
var notOurs = []string{"github.com/getkin/", "github.com/onsi/", "github.com/gophercloud/", "go.yaml.in/", "github.com/go-json-experiment/"}

// No exported identifier may use a type of theirs.
func TestExportedTypesAreOurs(t *testing.T) {
	exports := map[string]string{}
	for _, line := range goList(t, "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", module+"/contract") {
		path, file, _ := strings.Cut(line, " ")
		exports[path] = file
	}
	open := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	pkg, err := importer.ForCompiler(token.NewFileSet(), "gc", open).Import(module + "/contract")
	if err != nil {
		t.Fatal(err)
	}
	x := &exported{t: t, seen: map[types.Type]bool{}}
	for _, name := range pkg.Scope().Names() {
		if object := pkg.Scope().Lookup(name); object.Exported() {
			x.look(name, object.Type())
		}
	}
	if x.count < 50 {
		t.Errorf("only %d types were looked at", x.count)
	}
	// The test itself must see a foreign type.
	foreign := types.NewNamed(types.NewTypeName(0, types.NewPackage("github.com/getkin/kin-openapi/openapi3", "openapi3"), "T", nil), types.Typ[types.Int], nil)
	blind := &exported{t: nil, seen: map[types.Type]bool{}}
	blind.look("x", types.NewSignatureType(nil, nil, nil, types.NewTuple(types.NewVar(0, nil, "", types.NewPointer(foreign))), nil, false))
	if !blind.failed {
		t.Error("the test is blind")
	}
}

type exported struct {
	t      *testing.T
	seen   map[types.Type]bool
	count  int
	failed bool
}

// look follows a type as far as a user of the package can.
func (x *exported) look(where string, typ types.Type) {
	if x.seen[typ] {
		return
	}
	x.seen[typ] = true
	x.count++
	switch typ := typ.(type) {
	case *types.Alias:
		x.look(where, types.Unalias(typ))
	case *types.Named:
		x.named(where, typ)
	case *types.Struct:
		for field := range typ.Fields() {
			if field.Exported() {
				x.look(where+"."+field.Name(), field.Type())
			}
		}
	case *types.Signature:
		for _, tuple := range []*types.Tuple{typ.Params(), typ.Results()} {
			for v := range tuple.Variables() {
				x.look(where+"()", v.Type())
			}
		}
	case *types.Interface:
		for method := range typ.Methods() {
			x.look(where+"."+method.Name(), method.Type())
		}
	case *types.Map:
		x.look(where, typ.Key())
		x.look(where, typ.Elem())
	case interface{ Elem() types.Type }: // pointers, slices, arrays, channels
		x.look(where, typ.Elem())
	}
}

func (x *exported) named(where string, typ *types.Named) {
	pkg := typ.Obj().Pkg()
	if pkg == nil {
		return
	}
	if slices.ContainsFunc(notOurs, func(prefix string) bool { return strings.HasPrefix(pkg.Path(), prefix) }) {
		x.failed = true
		if x.t != nil {
			x.t.Errorf("%s uses %s", where, typ)
		}
	}
	if pkg.Path() != module+"/contract" {
		return
	}
	for method := range typ.Methods() {
		if method.Exported() {
			x.look(where+"."+method.Name(), method.Type())
		}
	}
	x.look(where, typ.Underlying())
}
