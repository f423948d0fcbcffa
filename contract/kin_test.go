package contract

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/internal/jsonpointer"
)

// kin-openapi is the oracle for the compiled check: both must accept the same values.
// Intended differences are in TestWhereKinDiffers.

// schemaTexts use every keyword that the compiler supports.
var schemaTexts = []string{
	`{}`,
	`{"type":"object","required":["a"],"properties":{"a":{"type":"string","minLength":1,"maxLength":3},"b":{"type":"integer","nullable":true}}}`,
	`{"type":"object","additionalProperties":false,"properties":{"a":{}}}`,
	`{"type":"object","additionalProperties":{"type":"number","minimum":1},"required":["A"],"properties":{"a":{"type":"boolean"}}}`,
	`{"type":"object","additionalProperties":true,"minProperties":1,"maxProperties":2}`,
	`{"type":"array","items":{"type":"string","pattern":"^[a-b]+$"},"minItems":1,"maxItems":2}`,
	`{"type":"array","items":{},"uniqueItems":true}`,
	`{"type":"number","minimum":-1,"exclusiveMinimum":true,"maximum":2.5}`,
	`{"type":"number","maximum":2,"exclusiveMaximum":true}`,
	`{"type":"number","multipleOf":0.1}`,
	`{"type":"integer","multipleOf":3}`,
	`{"type":"string","enum":["a","",null],"nullable":true}`,
	`{"enum":[1,"1",true,[1,{"a":1}],{"a":[1],"b":2}]}`,
	`{"type":"boolean","enum":[true]}`,
	`{"allOf":[{"type":"object","required":["a"]},{"type":"object","properties":{"a":{"type":"number"}},"additionalProperties":false}]}`,
	`{"anyOf":[{"type":"string","maxLength":1},{"type":"number","minimum":0},{"type":"object","required":["a"],"properties":{"a":{"type":"string"}}}]}`,
	`{"oneOf":[{"type":"integer"},{"type":"number","maximum":1},{"type":"array","items":{"type":"boolean"}}]}`,
	`{"not":{"type":"object","required":["a"]}}`,
	`{"type":"object","not":{"anyOf":[{"type":"object","required":["a"]},{"type":"object","required":["b"]}]}}`,
	`{"type":"object","nullable":true,"properties":{"a":{"type":"array","items":{"type":"object","required":["a"],"properties":{"a":{"oneOf":[{"type":"string"},{"type":"string","minLength":2}]}}}}}}`,
}

// components are what the schemas of tests may refer to.
var components = map[string]string{
	"Cat":  `{"type":"object","required":["kind","lives"],"properties":{"kind":{"type":"string"},"lives":{"type":"integer"}}}`,
	"Bird": `{"type":"object","required":["wings"]}`,
	"Dog":  `{"type":"object","required":["kind"],"properties":{"kind":{"type":"string"},"barks":{"type":"boolean"}}}`,
}

func compileText(tb fataler, text string) (*Schema, *openapi3.Schema) {
	document := `{"openapi":"3.0.3","info":{"title":"t","version":"v"},"paths":{},"components":{"schemas":{"S":` + text
	for _, name := range sortedKeys(components) {
		document += `,"` + name + `":` + components[name]
	}
	kin, err := openapi3.NewLoader().LoadFromData([]byte(document + "}}}"))
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	ref := kin.Components.Schemas["S"]
	s, err := schemaOf([]byte(document+`}},"s":`+text+"}"), "/s")
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return s, ref.Value
}

type fataler interface{ Fatalf(string, ...any) }

// accepts returns whether our check accepts a body, whatever it advises.
func accepts(s *Schema, text string) (bool, []Problem) {
	v, problems := ReadJSON([]byte(text))
	if v == nil {
		return false, problems
	}
	problems = s.check(v)
	return !slices.ContainsFunc(problems, Problem.binding), problems
}

func kinAccepts(tb fataler, s *openapi3.Schema, text string) error {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return s.VisitJSON(v, openapi3.WithStringFormatValidators(otherFormats()))
}

// jsonText draws a JSON value from the few names and values that the schemas use, so
// that some of the values match.
func jsonText(t *rapid.T, depth int, nulls bool) string {
	kinds := []string{"true", "text", "number", "number", "text"}
	if nulls {
		kinds = append(kinds, "null")
	}
	if depth > 0 {
		kinds = append(kinds, "array", "object", "object", "object")
	}
	switch kind := rapid.SampledFrom(kinds).Draw(t, "kind"); kind {
	case "true":
		return rapid.SampledFrom([]string{"true", "false"}).Draw(t, "boolean")
	case "text":
		return rapid.SampledFrom([]string{`""`, `"a"`, `"b"`, `"ab"`, `"1"`, `"é"`, `"\ud83d\ude00a"`, `"abcd"`, `"a\n"`, `"\u0061"`, `"2024-02-29"`, `"2023-02-29"`, `"192.0.2.1"`, `"::1"`}).Draw(t, "string")
	case "number":
		return rapid.SampledFrom([]string{"0", "1", "1.0", "2", "3", "-1", "-1.5", "0.1", "0.3", "0.30", "2.5", "1e2", "1E-1", "1.5e300", "2147483647", "2147483648", "-3e9"}).Draw(t, "number")
	case "array":
		text := "["
		for i := range rapid.IntRange(0, 3).Draw(t, "items") {
			if i > 0 {
				text += ","
			}
			text += jsonText(t, depth-1, nulls)
		}
		return text + "]"
	case "object":
		text := "{"
		for i, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "A"}), 0, 3, rapid.ID).Draw(t, "names") {
			if i > 0 {
				text += ","
			}
			text += fmt.Sprintf("%q:%s", name, jsonText(t, depth-1, nulls))
		}
		return text + "}"
	default:
		return kind
	}
}

// schemaText draws a schema. Only if free may it have no type or combine others: in such
// schemas, kin treats null differently.
func schemaText(t *rapid.T, depth int, free bool) map[string]any {
	s := map[string]any{}
	types := []string{"object", "object", "array", "string", "number", "integer", "boolean"}
	if free {
		types = append(types, "", "")
	}
	kind := rapid.SampledFrom(types).Draw(t, "type")
	if kind != "" {
		s["type"] = kind
		if rapid.IntRange(0, 5).Draw(t, "nullable") == 0 {
			s["nullable"] = true
		}
	} else {
		s["maxLength"] = 3 // kin ignores a schema without keywords
	}
	sub := func() map[string]any { return schemaText(t, depth-1, free) }
	drawKeywords(t, s, kind, depth, sub)
	if depth > 0 && free {
		for _, name := range []string{"allOf", "anyOf", "oneOf"} {
			if rapid.IntRange(0, 7).Draw(t, name) == 0 {
				s[name] = []any{sub(), sub()}
			}
		}
		if rapid.IntRange(0, 9).Draw(t, "not") == 0 {
			s["not"] = sub()
		}
	}
	return s
}

// drawKeywords adds keywords that apply to a type.
func drawKeywords(t *rapid.T, s map[string]any, kind string, depth int, sub func() map[string]any) {
	some := func(name string) bool { return rapid.IntRange(0, 3).Draw(t, name) == 0 }
	put := func(name string, values ...any) {
		if some(name) {
			s[name] = rapid.SampledFrom(values).Draw(t, name)
		}
	}
	switch kind {
	case "object":
		put("required", []string{"a"}, []string{"a", "b"}, []string{"A"})
		put("minProperties", 1, 2)
		put("maxProperties", 0, 1, 2)
		if depth > 0 {
			s["properties"] = map[string]any{"a": sub(), "b": sub()}
			switch rapid.IntRange(0, 4).Draw(t, "additional") {
			case 0:
				s["additionalProperties"] = false
			case 1:
				s["additionalProperties"] = sub()
			}
		}
	case "array":
		s["items"] = map[string]any{"type": "string"}
		if depth > 0 {
			s["items"] = sub()
		}
		put("minItems", 1, 2)
		put("maxItems", 0, 1)
		put("uniqueItems", true)
	case "string":
		put("minLength", 1, 2)
		put("maxLength", 0, 1, 2)
		put("pattern", "^[a-z]*$", "a", `^\u0061`)
		put("enum", []any{"a", ""}, []any{"ab"})
		put("format", "date", "ipv4", "ipv6", "hostname", "password")
	case "number", "integer":
		put("minimum", 0, 1, 0.1)
		put("maximum", 1, 2.5)
		put("exclusiveMinimum", true, false)
		put("exclusiveMaximum", true)
		put("multipleOf", 1, 0.1, 2, 0.5)
		put("enum", []any{1, 2.5}, []any{0})
		if kind == "integer" {
			put("format", "int32", "int64")
		}
	}
}

func compare(t *rapid.T, s *Schema, kin *openapi3.Schema, what, text string) bool {
	ours, problems := accepts(s, text)
	err := kinAccepts(t, kin, text)
	if ours != (err == nil) {
		t.Fatalf("schema %s\nvalue %s\nours: %v\nkin: %v", what, text, problems, err)
	}
	return ours
}

// TestMain gives rapid a fixed seed, so that the tests are reproducible; -rapid.seed
// sets another.
func TestMain(m *testing.M) {
	flag.Parse()
	if seed := flag.Lookup("rapid.seed"); seed.Value.String() == "0" {
		_ = seed.Value.Set("20261123") // cannot fail for a number
	}
	if testing.Short() {
		_ = flag.Set("rapid.checks", "20") // a number is a valid one
	}
	debug.SetGCPercent(400) // loading a document leaves a hundred times its length, and many are loaded: a third of the time
	os.Exit(m.Run())
}

func TestKinAgreesOnSchemas(t *testing.T) {
	for i, text := range schemaTexts {
		nulls := strings.HasPrefix(text, `{"type"`) && !strings.Contains(text, "{}") // elsewhere we differ
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			s, kin := compileText(t, text)
			taken, refused := 0, 0
			rapid.Check(t, func(t *rapid.T) {
				for range 30 {
					if compare(t, s, kin, text, jsonText(t, 3, nulls)) {
						taken++
					} else {
						refused++
					}
				}
			})
			if !testing.Short() && (taken == 0 || refused == 0 && text != "{}") {
				t.Errorf("%s: %d values were accepted, %d refused: nothing has been compared", text, taken, refused)
			}
		})
	}
}

func TestKinAgreesOnDrawnSchemas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		free := rapid.Bool().Draw(t, "free")
		schema, err := json.Marshal(schemaText(t, 2, free))
		if err != nil {
			t.Fatal(err)
		}
		s, kin := compileText(t, string(schema))
		for range 10 {
			compare(t, s, kin, string(schema), jsonText(t, 3, !free))
		}
	})
}

// The schemas of openapi.yaml, with valid bodies that are mutated once or twice.
func TestKinAgreesOnTheContract(t *testing.T) {
	c, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	document, err := openapi3.NewLoader().LoadFromData(gesconform.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	good := map[string]string{
		"ListJobsResponse":     `{"job_count":1,"job_list":[{"job_id":"j","status":"running"}]}`,
		"UpgradeGraphRequest":  `{"upgrade_version":"1.1.8","force_upgrade":true}`,
		"UpgradeGraphResponse": `{"job_id":"f99f60f1"}`,
		"Error":                `{"error_code":"GES.8011","error_msg":"m","request_id":"r"}`,
		"ShowGraphResponse":    `{"graph":{"id":"1","name":"n","status":"200","data_store_version":"1.0.5","az_code":"z"}}`,
		"Job":                  `{"job_id":"1","status":"success","job_progress":0,"fail_reason":null}`,
	}
	compiled := map[string]*Schema{}
	for _, op := range c.Operations() {
		if op.Body != nil {
			compiled[lastToken(op.Body.Schema().Clause)] = op.Body.Schema()
		}
		for _, r := range op.Responses {
			compiled[lastToken(r.Schema().Clause)] = r.Schema()
		}
	}
	for name, s := range compiled {
		kin := document.Components.Schemas[name].Value
		if good[name] == "" {
			t.Fatalf("no example of %s", name)
		}
		if ok, problems := accepts(s, good[name]); !ok {
			t.Errorf("%s: %v", good[name], problems)
		}
		rapid.Check(t, func(t *rapid.T) {
			var v any
			if err := json.Unmarshal([]byte(good[name]), &v); err != nil {
				t.Fatal(err)
			}
			for range rapid.IntRange(1, 2).Draw(t, "mutations") {
				v = mutate(t, v)
			}
			text, _ := json.Marshal(v)
			compare(t, s, kin, name, string(text))
		})
	}
}

func lastToken(pointer string) string {
	tokens := jsonpointer.Tokens(pointer)
	return tokens[len(tokens)-1]
}

// mutate changes one value somewhere in v.
func mutate(t *rapid.T, v any) any {
	if object, ok := v.(map[string]any); ok && len(object) > 0 && rapid.IntRange(0, 9).Draw(t, "down") > 0 {
		name := rapid.SampledFrom(sortedKeys(object)).Draw(t, "member")
		switch rapid.IntRange(0, 4).Draw(t, "how") {
		case 0:
			delete(object, name)
		case 1:
			object[name+"x"] = object[name]
		case 2:
			object[string(name[0]-'a'+'A')+name[1:]] = object[name]
			delete(object, name)
		default:
			object[name] = mutate(t, object[name])
		}
		return object
	}
	return rapid.SampledFrom([]any{nil, true, 0.0, 1.5, "", "1.1", "1.1.8", "latest", "GES.0001", "ges.1", "200", "20", "running", []any{}, []any{"1.1.8"}, map[string]any{}}).Draw(t, "other")
}

// These are the intended differences from kin. If kin comes to agree, the row must go.
func TestWhereKinDiffers(t *testing.T) {
	for _, test := range []struct {
		why, schema, value string
		ours               bool
	}{
		{"nullable only has a meaning beside a type (OpenAPI 3.0.3): without one, null is a value like any other", `{"minLength":1}`, "null", true},
		{"the same in a schema under oneOf", `{"oneOf":[{"maxLength":3}]}`, "null", true},
		{"a type that is not nullable does not accept null, whatever it is combined with", `{"type":"number","anyOf":[{"type":"string","nullable":true}]}`, "null", false},
		{"no value matches not: {}", `{"not":{}}`, "1", false},
		{"0 and -0 are one number", `{"type":"array","uniqueItems":true,"items":{}}`, "[0,-0]", false},
		{"a float64 rounds the fraction away", `{"type":"integer"}`, "1.00000000000000000001", false},
		{"a float64 cannot tell the two apart", `{"enum":[9007199254740992]}`, "9007199254740993", false},
		{"nor these, which are different", `{"type":"array","uniqueItems":true,"items":{}}`, "[9007199254740993,9007199254740992]", true},
	} {
		s, kin := compileText(t, test.schema)
		ours, problems := accepts(s, test.value)
		if ours != test.ours {
			t.Errorf("%s: %s by %s: got %v, %v", test.why, test.value, test.schema, ours, problems)
		}
		if theirs := kinAccepts(t, kin, test.value) == nil; theirs == test.ours {
			t.Errorf("%s: %s by %s: kin now agrees", test.why, test.value, test.schema)
		}
	}
	// A number beyond float64 is JSON, too; the reader that kin uses rejects it.
	if ok, problems := accepts(&Schema{Type: KindNumber, MaxLength: -1}, "1e999"); !ok {
		t.Errorf("got %v", problems)
	}
	if json.Unmarshal([]byte("1e999"), new(any)) == nil {
		t.Error("encoding/json now reads 1e999")
	}
}
