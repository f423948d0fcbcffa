package resulttest

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// SchemaFile is the path of the schema, relative to a package in internal/.
const SchemaFile = "../../docs/results.schema.json"

func compileSchema(t *testing.T, pointer string) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(SchemaFile + "#" + pointer)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// Validate validates a document against the schema at a JSON pointer in
// docs/results.schema.json; "" is that of results.json.
func Validate(t *testing.T, pointer string, document []byte) error {
	t.Helper()
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	return compileSchema(t, pointer).Validate(instance)
}

// Digest is a valid SHA-256 digest.
var Digest = strings.Repeat("0", 64)

// Filled returns a value with every exported field set, so that its JSON has every member.
func Filled[T any](t *testing.T) *T {
	t.Helper()
	v := new(T)
	fill(t, reflect.ValueOf(v).Elem())
	return v
}

func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Int, reflect.Int64:
		v.SetInt(3)
	case reflect.Uint8:
		v.SetUint('b')
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key)
		fill(t, value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2025, 1, 2, 3, 4, 5, 6, time.UTC)))
			return
		}
		for i := range v.NumField() {
			switch field := v.Type().Field(i); {
			case field.Name == "SHA256" || field.Name == "Certificate":
				v.Field(i).SetString(Digest)
			case field.IsExported():
				fill(t, v.Field(i))
			}
		}
	default:
		t.Fatalf("no value for %s", v.Type())
	}
}

// jsonFields returns the members of a struct's JSON, and those that are never omitted, both
// sorted.
func jsonFields(typ reflect.Type) (all, required []string) {
	optional := map[string]bool{}
	depth := map[string]int{}
	for _, f := range reflect.VisibleFields(typ) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "-" || !f.IsExported() {
			continue
		}
		if at, known := depth[name]; known && at <= len(f.Index) {
			continue // the shallower one is written
		}
		depth[name] = len(f.Index)
		optional[name] = strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
	}
	for name, left := range optional {
		all = append(all, name)
		if !left {
			required = append(required, name)
		}
	}
	slices.Sort(all)
	slices.Sort(required)
	return all, required
}

// CheckTypes fails unless the objects of docs/results.schema.json have the members of the
// Go types that are written there. types is by name in $defs; "" is results.json itself.
func CheckTypes(t *testing.T, types map[string]reflect.Type) {
	t.Helper()
	data, err := os.ReadFile(SchemaFile)
	if err != nil {
		t.Fatal(err)
	}
	type object struct {
		Properties           map[string]any
		Required             []string
		AdditionalProperties any
	}
	var document struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	for name, typ := range types {
		schema := document.Defs[name]
		if name == "" {
			schema = document.object
		}
		all, required := jsonFields(typ)
		named := slices.Sorted(maps.Keys(schema.Properties))
		slices.Sort(schema.Required)
		if !slices.Equal(named, all) {
			t.Errorf("%s: properties: the schema has %v, %s has %v", name, named, typ, all)
		}
		if !slices.Equal(schema.Required, required) {
			t.Errorf("%s: required: the schema has %v, %s always writes %v", name, schema.Required, typ, required)
		}
		if schema.AdditionalProperties != false {
			t.Errorf("%s: additionalProperties is not false", name)
		}
	}
}
