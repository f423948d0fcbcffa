package report

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// constants reads the string constants of a named type from a package's files.
func constants(t *testing.T, dir, typ string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			of, named := spec.Type.(*ast.Ident)
			value, literal := spec.Values[0].(*ast.BasicLit)
			if named && of.Name == typ && literal {
				s, err := strconv.Unquote(value.Value)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, s)
			}
			return true
		})
	}
	slices.Sort(all)
	return all
}

func TestSchemaListsAllValues(t *testing.T) {
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	type enum struct{ Enum []string }
	var schema struct {
		Defs struct {
			Verdict enum
			Level   enum
			Failure struct {
				Properties struct{ Kind enum }
			} `json:"transport_failure"`
			Expectation struct {
				Properties struct{ State enum }
			}
			Change struct {
				Properties struct{ Class enum }
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		dir, typ string
		listed   []string
	}{
		{"../judge", "Verdict", schema.Defs.Verdict.Enum},
		{"../exchange", "FailureKind", schema.Defs.Failure.Properties.Kind.Enum},
		{"../../contract", "Level", schema.Defs.Level.Enum},
		{".", "ExpectationState", schema.Defs.Expectation.Properties.State.Enum},
		{".", "Class", schema.Defs.Change.Properties.Class.Enum},
	} {
		slices.Sort(tc.listed)
		want := constants(t, tc.dir, tc.typ)
		if len(want) == 0 || !slices.Equal(tc.listed, want) {
			t.Errorf("%s: expected %v, the schema lists %v", tc.typ, want, tc.listed)
		}
	}
}

func TestEveryVerdictHasAStyle(t *testing.T) {
	for _, v := range constants(t, "../judge", "Verdict") {
		found := false
		for known, s := range styles {
			found = found || string(known) == v && s.mark != "" && s.ascii != ""
		}
		if !found {
			t.Errorf("verdict %s has no mark", v)
		}
	}
}
