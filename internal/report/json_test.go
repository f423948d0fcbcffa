package report

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

const schemaFile = "../../docs/results.schema.json"

func compileSchema(t *testing.T, pointer string) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(schemaFile + "#" + pointer)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(t *testing.T, pointer string, document []byte) error {
	t.Helper()
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	return compileSchema(t, pointer).Validate(instance)
}

func jsonOf(t *testing.T, run Run) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteJSON(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestResultsFitTheirSchema(t *testing.T) {
	for name, run := range map[string]Run{
		"sample": sampleRun(t),
		"full":   *filled[Run](t),
		"empty":  Summarise(contractOf(t), Run{}, nil),
	} {
		if name == "full" { // with values that a schema limits
			run.SchemaVersion, run.Verdict = SchemaVersion, judge.Error
			run.Target.Certificates = []string{digest}
			run.Expectations[0].State = Expired
			r, c := &run.Requirements[0], &run.Cases[0]
			r.Level, r.Verdict, c.Verdict = contract.Must, judge.Masked, judge.NotApplicable
			c.Findings[0].Level, c.Findings[0].Verdict = contract.May, judge.Observed
		}
		if err := validate(t, "", jsonOf(t, run)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := validate(t, "", []byte(strings.Replace(string(jsonOf(t, sampleRun(t))), `"plan"`, `"plot"`, 1))); err == nil {
		t.Error("the schema takes a property that it does not name")
	}
}

// digest is what the schema takes for one.
var digest = strings.Repeat("0", 64)

// filled returns a value of which every field that leaves as JSON is set, so
// that nothing is left out.
func filled[T any](t *testing.T) *T {
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
				v.Field(i).SetString(digest)
			case field.IsExported():
				fill(t, v.Field(i))
			}
		}
	default:
		t.Fatalf("no value for %s", v.Type())
	}
}

func TestSchemaAgreesWithTheTypes(t *testing.T) {
	data, err := os.ReadFile(schemaFile)
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
	defs := document.Defs
	for name, tc := range map[string]struct {
		schema object
		typ    reflect.Type
	}{
		"run":               {document.object, reflect.TypeFor[Run]()},
		"tool":              {defs["tool"], reflect.TypeFor[Tool]()},
		"contract":          {defs["contract"], reflect.TypeFor[ContractVersion]()},
		"target":            {defs["target"], reflect.TypeFor[Target]()},
		"plan":              {defs["plan"], reflect.TypeFor[Plan]()},
		"graph":             {defs["graph"], reflect.TypeFor[Graph]()},
		"snapshot":          {defs["snapshot"], reflect.TypeFor[judge.Snapshot]()},
		"job":               {defs["job"], reflect.TypeFor[judge.Job]()},
		"coverage":          {defs["coverage"], reflect.TypeFor[Coverage]()},
		"operation":         {defs["operation_coverage"], reflect.TypeFor[OperationCoverage]()},
		"share":             {defs["share"], reflect.TypeFor[Share]()},
		"counted":           {defs["counted"], reflect.TypeFor[Counted]()},
		"missing":           {defs["missing"], reflect.TypeFor[Missing]()},
		"expectation":       {defs["expectation"], reflect.TypeFor[Expectation]()},
		"comparison":        {defs["comparison"], reflect.TypeFor[Comparison]()},
		"compared":          {defs["compared"], reflect.TypeFor[Compared]()},
		"change":            {defs["change"], reflect.TypeFor[Change]()},
		"side":              {defs["side"], reflect.TypeFor[Side]()},
		"outcome":           {defs["outcome"], reflect.TypeFor[Outcome]()},
		"requirement":       {defs["requirement"], reflect.TypeFor[Requirement]()},
		"case":              {defs["case"], reflect.TypeFor[Case]()},
		"finding":           {defs["finding"], reflect.TypeFor[judge.Finding]()},
		"exchange":          {defs["exchange"], reflect.TypeFor[exchangeRecord]()},
		"request":           {defs["request"], reflect.TypeFor[requestRecord]()},
		"answer":            {defs["answer"], reflect.TypeFor[answerRecord]()},
		"transport_failure": {defs["transport_failure"], reflect.TypeFor[exchange.Failure]()},
	} {
		all, required := jsonFields(tc.typ)
		var named []string
		for property := range tc.schema.Properties {
			named = append(named, property)
		}
		slices.Sort(named)
		slices.Sort(tc.schema.Required)
		if !slices.Equal(named, all) {
			t.Errorf("%s: properties: the schema has %v, %s has %v", name, named, tc.typ, all)
		}
		if !slices.Equal(tc.schema.Required, required) {
			t.Errorf("%s: required: the schema has %v, %s always writes %v", name, tc.schema.Required, tc.typ, required)
		}
		if tc.schema.AdditionalProperties != false {
			t.Errorf("%s: additionalProperties is not false", name)
		}
	}
}

// jsonFields lists the members that a struct leaves in JSON, and those that it
// never leaves out; both sorted.
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

func TestReadJSONReadsWhatWriteJSONWrote(t *testing.T) {
	want := sampleRun(t)
	got, err := ReadJSON(bytes.NewReader(jsonOf(t, want)))
	if err != nil {
		t.Fatal(err)
	}
	var exchanges []exchange.Exchange
	for _, c := range want.Cases {
		exchanges = append(exchanges, c.Exchanges...)
	}
	if err := got.Attach(exchanges[1:]); err == nil || err.Error() != "case upgradeGraph/version/equal: exchange 7 is missing" {
		t.Errorf("expected that exchange 7 is missing, got %v", err)
	}
	if err := got.Attach(exchanges); err != nil {
		t.Fatal(err)
	}
	for i := range got.Cases {
		if len(got.Cases[i].Exchanges) == 0 {
			got.Cases[i].Exchanges = nil
		}
		want.Cases[i].asked = nil // only whoever has the contract knows them
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("expected %+v\ngot      %+v", want, got)
	}
}

func TestReadJSONRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "read results: EOF",
		`{"schema_version": 999}`: "read results: schema_version: expected 2, got 999",
		`{"schema_version": 2, "cases": [{"id": "x"}]}`: "read results: expected the results.json of a run, got something else", // plan.json
	} {
		if _, err := ReadJSON(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%q: expected %q, got %v", text, want, err)
		}
	}
}
