package selftest

import (
	"bytes"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// public are the packages that users import.
var public = []string{"contract", "gen", "fakeserver", "fakeserver/scenario", "conformance", "conformancetest", "clienttest"}

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

// TestModules compares the modules that importing a package brings into a user's build with
// a list: to add one is a decision, which GESCONFORM_UPDATE=1 writes down.
func TestModules(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"contract", "fakeserver", "conformancetest", "clienttest"} {
		modules := goList(t, "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", module+"/"+name)
		slices.Sort(modules)
		modules = slices.DeleteFunc(slices.Compact(modules), func(m string) bool { return m == "" || m == module })
		compareFile(t, filepath.Join("testdata", "modules-"+name+".txt"), []byte(strings.Join(modules, "\n")+"\n"))
	}
}

// Types of these modules break their users in minor versions.
var notOurs = []string{"github.com/getkin/", "github.com/onsi/", "github.com/gophercloud/", "go.yaml.in/", "github.com/go-json-experiment/"}

// TestExportedTypesAreOurs makes sure that no exported identifier of a public package uses
// a type of theirs, nor one of internal/, which a user could not name.
func TestExportedTypesAreOurs(t *testing.T) {
	t.Parallel()
	exports := map[string]string{}
	for _, line := range goList(t, "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", module+"/...") {
		path, file, _ := strings.Cut(line, " ")
		exports[path] = file
	}
	open := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	gc := importer.ForCompiler(token.NewFileSet(), "gc", open)
	for _, name := range public {
		pkg, err := gc.Import(module + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		x := &exported{t: t, of: pkg.Path(), seen: map[types.Type]bool{}}
		for _, name := range pkg.Scope().Names() {
			if object := pkg.Scope().Lookup(name); object.Exported() {
				x.look(name, object.Type())
			}
		}
		if x.count < 4 {
			t.Errorf("%s: only %d types were looked at", name, x.count)
		}
	}
	// The test itself must see a foreign type.
	for _, path := range []string{"github.com/getkin/kin-openapi/openapi3", module + "/internal/cases"} {
		foreign := types.NewNamed(types.NewTypeName(0, types.NewPackage(path, "x"), "T", nil), types.Typ[types.Int], nil)
		blind := &exported{t: nil, seen: map[types.Type]bool{}}
		blind.look("x", types.NewSignatureType(nil, nil, nil, types.NewTuple(types.NewVar(0, nil, "", types.NewPointer(foreign))), nil, false))
		if !blind.failed {
			t.Errorf("the test does not see a type of %s", path)
		}
	}
}

// exported looks at the types that a user of a package can reach.
type exported struct {
	t      *testing.T
	of     string // the path of the package
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
	if slices.ContainsFunc(notOurs, func(prefix string) bool { return strings.HasPrefix(pkg.Path(), prefix) }) || strings.HasPrefix(pkg.Path(), module+"/internal/") {
		x.failed = true
		if x.t != nil {
			x.t.Errorf("%s: %s uses %s", x.of, where, typ)
		}
	}
	if pkg.Path() != x.of {
		return
	}
	for method := range typ.Methods() {
		if method.Exported() {
			x.look(where+"."+method.Name(), method.Type())
		}
	}
	x.look(where, typ.Underlying())
}
