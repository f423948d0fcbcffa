package scenario_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

func schemaDocument(t *testing.T) map[string]any {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal(scenario.Schema(), &document); err != nil {
		t.Fatal(err)
	}
	return document
}

// resolve follows the $ref of a schema, if it has one.
func resolve(document, schema map[string]any) map[string]any {
	ref, ok := schema["$ref"].(string)
	if !ok {
		return schema
	}
	return document["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
}

// A place is a path in a file, and the schema for it.
type place struct {
	path   []any
	schema map[string]any
}

func (p place) String() string {
	steps := make([]string, len(p.path))
	for i, step := range p.path {
		steps[i] = fmt.Sprint(step)
	}
	return strings.Join(steps, ".")
}

// places returns every place that a file can have, with one entry for each list.
func places(document, schema map[string]any, path []any) []place {
	schema = resolve(document, schema)
	all := []place{{slices.Clone(path), schema}}
	if items, ok := schema["items"].(map[string]any); ok {
		all = append(all, places(document, items, append(path, 0))...)
	}
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		all = append(all, places(document, properties[name].(map[string]any), append(path, name))...)
	}
	return all
}

// with returns a copy of a file in which change has replaced the value at a path.
func with(t *testing.T, value any, path []any, change func(any) any) any {
	t.Helper()
	if len(path) == 0 {
		return change(value)
	}
	switch step := path[0].(type) {
	case string:
		object, ok := value.(map[string]any)
		if _, found := object[step]; !ok || !found {
			t.Fatalf("the full scenario has nothing at %v", path)
		}
		object = maps.Clone(object)
		object[step] = with(t, object[step], path[1:], change)
		return object
	default:
		list := slices.Clone(value.([]any))
		list[step.(int)] = with(t, list[step.(int)], path[1:], change)
		return list
	}
}

const mark = "no such value"

// breakers return a value that breaks a keyword, given the keyword's value and the valid
// value, and what the error must contain.
var breakers = map[string]func(says, old any) (value any, want string){
	"type": func(says, _ any) (any, string) {
		if says == "array" || says == "object" {
			return mark, "got text"
		}
		return []any{mark}, "got a list"
	},
	"enum":             func(any, any) (any, string) { return mark, "got \"" + mark },
	"pattern":          func(any, any) (any, string) { return mark, "expected " },
	"format":           func(any, any) (any, string) { return "99999999h", "below 292 years, got \"99999999h\"" },
	"minimum":          func(says, _ any) (any, string) { return says.(float64) - 1, fmt.Sprintf(" from %.f to ", says) },
	"maximum":          func(says, _ any) (any, string) { return says.(float64) + 1, fmt.Sprintf("%.f, got", says) },
	"exclusiveMinimum": func(says, _ any) (any, string) { return says, fmt.Sprintf("more than %.f and", says) },
	"minLength":        func(any, any) (any, string) { return "", " characters" },
	"maxLength":        func(says, _ any) (any, string) { return strings.Repeat("x", int(says.(float64))+1), " characters" },
	"minItems":         func(any, any) (any, string) { return []any{}, "entries, got 0" },
	"maxItems": func(says, old any) (any, string) {
		item := old.([]any)[0]
		if _, ok := item.(map[string]any); ok {
			item = map[string]any{} // so many whole graphs would not fit in a file
		}
		return slices.Repeat([]any{item}, int(says.(float64))+1), fmt.Sprintf("at most %.f entries, got %.f", says, says.(float64)+1)
	},
	"uniqueItems": func(_, old any) (any, string) { return append(slices.Clone(old.([]any)), old.([]any)[0]), "twice" },
	"additionalProperties": func(_, old any) (any, string) {
		object := maps.Clone(old.(map[string]any))
		object["zzz"] = mark
		return object, `unknown key "zzz", expected `
	},
	"required": func(says, old any) (any, string) {
		object := maps.Clone(old.(map[string]any))
		delete(object, says.(string))
		return object, fmt.Sprintf("expected the key %q, got none", says)
	},
}

// silent are the keywords that restrict nothing.
var silent = []string{"$schema", "$id", "$defs", "$ref", "title", "description", "properties", "items", "patternErrorMessage"}

// For every keyword at every place of the schema, there is an error that gives the place.
func TestEveryKeyword(t *testing.T) {
	t.Parallel()
	document := schemaDocument(t)
	valid := asJSON(t, full)
	for _, p := range places(document, document, nil) {
		for keyword, says := range p.schema {
			if slices.Contains(silent, keyword) {
				continue
			}
			breaker := breakers[keyword]
			if breaker == nil {
				t.Errorf("%s: the test does not know the keyword %q, so (*violation).sentence may not either", p, keyword)
				continue
			}
			cases := []any{says}
			if keyword == "required" {
				cases = says.([]any)
			}
			for _, says := range cases {
				var want string
				file := valid
				if strings.HasPrefix(p.String(), "faults.0.answer.body") { // excludes what the answer has
					file = with(t, valid, []any{"faults", 0, "answer"}, func(any) any { return map[string]any{"status": 200, "body": "{}"} })
				}
				data, err := json.Marshal(with(t, file, p.path, func(old any) any {
					var value any
					value, want = breaker(says, old)
					return value
				}))
				if err != nil {
					t.Fatal(err)
				}
				mustFail(t, p, keyword, data, want)
			}
		}
	}
}

func mustFail(t *testing.T, p place, keyword string, data []byte, want string) {
	t.Helper()
	path := p.String()
	_, err := scenario.Parse("file.json", data)
	if err == nil {
		t.Errorf("%s: %s broken: expected an error, got none", path, keyword)
		return
	}
	got, secret := err.Error(), isSecret(p.path)
	if secret {
		want, _, _ = strings.Cut(want, ", got")
		want, _, _ = strings.Cut(want, "got \"")
	}
	if keyword == "maxItems" {
		_, want, _ = strings.Cut(want, "at most ") // it may also be "1 to 1000 entries"
	}
	start := "load scenario: file.json:1: "
	if path != "" {
		start += path
	}
	if !strings.HasPrefix(got, start) || !strings.Contains(got, want) || strings.Contains(got, "nil") {
		t.Errorf("%s: %s broken: expected %q with %q, got %q", path, keyword, start, want, got)
	}
	if secret && keyword != "type" && strings.Contains(got, ", got ") {
		t.Errorf("%s: %s broken: expected nothing about the secret, got %q", path, keyword, got)
	}
	if strings.Contains(got, mark) && (secret || keyword == "type" || keyword == "additionalProperties") {
		t.Errorf("%s: %s broken: expected no value, got %q", path, keyword, got)
	}
}

func isSecret(path []any) bool {
	return len(path) > 0 && slices.Contains([]any{"password", "value", "secret", "security-token"}, path[len(path)-1])
}

// The schema and the Go types must have the same keys everywhere.
func TestSchemaAndTypesAgree(t *testing.T) {
	t.Parallel()
	document := schemaDocument(t)
	var walk func(path string, typ reflect.Type, schema map[string]any)
	walk = func(path string, typ reflect.Type, schema map[string]any) {
		schema = resolve(document, schema)
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		switch want := schemaType(typ); {
		case schema["enum"] != nil && typ.Kind() == reflect.String:
			return
		case schema["type"] != want:
			t.Errorf("%s: expected the type %s in the schema, got %v", path, want, schema["type"])
		case (schema["format"] == "duration-go") != (typ == reflect.TypeFor[time.Duration]()):
			t.Errorf("%s: expected the format duration-go for durations only", path)
		}
		if typ.Kind() == reflect.Slice {
			walk(path+".0", typ.Elem(), schema["items"].(map[string]any))
		}
		if typ.Kind() != reflect.Struct {
			return
		}
		properties := maps.Clone(schema["properties"].(map[string]any))
		required, _ := schema["required"].([]any)
		for i := range typ.NumField() {
			field := typ.Field(i)
			key, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			property, ok := properties[key].(map[string]any)
			if !ok {
				t.Errorf("%s: the schema lacks %q of %s.%s", path, key, typ, field.Name)
				continue
			}
			delete(properties, key)
			if slices.Contains(required, any(key)) != (options == "") {
				t.Errorf("%s.%s: expected omitempty for what the schema does not require, got %q", path, key, options)
			}
			walk(path+"."+key, field.Type, property)
		}
		for key := range properties {
			t.Errorf("%s: %s lacks the key %q of the schema", path, typ, key)
		}
	}
	walk("", reflect.TypeFor[scenario.Scenario](), document)
}

func schemaType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct:
		return "object"
	case reflect.Slice:
		return "array"
	case reflect.Bool:
		return "boolean"
	case reflect.Int:
		return "integer"
	case reflect.Float64:
		return "number"
	default: // a duration is a string, too
		return "string"
	}
}

// The schema must allow the graph states and operations of the contract.
func TestSchemaAndContractAgree(t *testing.T) {
	t.Parallel()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	enums := map[string][]any{}
	document := schemaDocument(t)
	for _, p := range places(document, document, nil) {
		if values, ok := p.schema["enum"].([]any); ok {
			enums[p.String()] = values
		}
	}
	var states []any
	for _, s := range c.GraphStates() {
		states = append(states, s.Name)
	}
	if got := enums["graphs.0.status"]; !reflect.DeepEqual(got, states) {
		t.Errorf("graphs.0.status: expected the states of the contract %v, got %v", states, got)
	}
	for _, op := range c.Operations() {
		if got := enums["faults.0.match.operation"]; !slices.Contains(got, any(op.ID)) {
			t.Errorf("faults.0.match.operation: expected %s among %v", op.ID, got)
		}
	}
}

// Every duration must accept what time.ParseDuration accepts, and nothing else. Only that
// of a token may be negative.
func TestDurations(t *testing.T) {
	t.Parallel()
	texts := []string{"", " ", "0", "+0", "-0", "5", "1.", ".", "s", "+", "1s", "+1s", "++1s", "-1s", "1.5s", ".5s", "1.s", ".s", "1..5s", "1s1s", "1h30m", "1h -30m", "1h-30m",
		"1ns", "1us", "1µs", "1μs", "1ms", "1m", "1h", "1d", "1S", "1 s", " 1s", "1s ", "1s\n", "1e3s", "0x1s", "01s", "00", "0.0", "1_0s", "٣s", "PT1S", "1:30", "0s0", "1h1", "2562047h", "2562048h",
		"9223372036854775807ns", "9223372036854775808ns", "-9223372036854775808ns", "-2562047h", "0.0000000000000000000000000000000000001s", "inf", "1hh", "h1", "+.5h", "-.5h1m", "--1s", "+-1s"}
	document, valid := schemaDocument(t), asJSON(t, full)
	found := 0
	for _, p := range places(document, document, nil) {
		if p.schema["format"] != "duration-go" {
			continue
		}
		found++
		for _, text := range texts {
			_, err := time.ParseDuration(text)
			want := err == nil && (!strings.HasPrefix(text, "-") || p.path[len(p.path)-1] == "expires-in")
			file := with(t, valid, p.path, func(any) any { return text })
			if p.String() == "faults.0.delay.from" { // must not exceed the end of the delay
				file = with(t, file, []any{"faults", 0, "delay", "to"}, func(any) any { return "9223372036854775807ns" })
			}
			if p.String() == "faults.0.delay.to" {
				file = with(t, file, []any{"faults", 0, "delay", "from"}, func(any) any { return "0s" })
			}
			data, err := json.Marshal(file)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := scenario.Parse("file.json", data); (err == nil) != want {
				t.Errorf("%s: %s: expected accepted %v, got %v", p, strconv.Quote(text), want, err)
			}
		}
	}
	if found != 6 {
		t.Errorf("expected 6 durations in the schema, got %d", found)
	}
}

// asJSON reads YAML as decoded JSON.
func asJSON(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		t.Fatal(err)
	}
	return plain
}
