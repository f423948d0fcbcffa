package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// pets is a schema with a discriminator, whose schemas are told apart by nothing else.
const pets = `{"oneOf":[{"$ref":"#/components/schemas/Cat"},{"$ref":"#/components/schemas/Dog"}],"discriminator":{"propertyName":"kind","mapping":{"hound":"#/components/schemas/Dog","puppy":"Dog"}}}`

var keywordChecks = []struct {
	name, schema, value string
	from                Side
	want                string // place and keyword of each problem
}{
	{"const", `{"const":{"a":[1,2.0]}}`, `{"a":[1.0,2]}`, "", ""},
	{"another than const", `{"const":1}`, `2`, "", " const"},
	{"const null", `{"type":["string","null"],"const":"a"}`, `"b"`, "", " const"},
	{"one of two types", `{"type":["string","integer"],"minLength":2}`, `7`, "", ""},
	{"another of two types", `{"type":["string","integer"],"minLength":2}`, `"7"`, "", " minLength"},
	{"no integer among types", `{"type":["string","integer"]}`, `1.5`, "", " scalar"},
	{"a number where an integer and a number are taken", `{"type":["integer","number"]}`, `1.5`, "", ""},
	{"none of two types", `{"type":["string","integer"]}`, `[]`, "", " type"},
	{"a scalar of no type", `{"type":["string","integer"]}`, `true`, "", " scalar"},
	{"a scalar where none is taken", `{"type":["array","object"]}`, `true`, "", " type"},
	{"null among types", `{"type":["string","integer","null"]}`, `null`, "", ""},
	{"null not among types", `{"type":["string","integer"]}`, `null`, "", " nullable"},
	{"null alone", `{"type":"null"}`, `null`, "", ""},
	{"something for null", `{"type":"null"}`, `0`, "", " type"},

	{"the most of 64 bits", `{"type":"integer","maximum":9223372036854775807}`, `9223372036854775808`, "", ""}, // as a float64 holds it
	{"one more", `{"type":"integer","maximum":9223372036854775807}`, `9223372036854775809`, "", " maximum"},
	{"one less than the least", `{"type":"integer","minimum":-9007199254740992}`, `-9007199254740993`, "", " minimum"},
	{"a little less than the least", `{"minimum":0.1}`, `0.09999999999999999999`, "", " minimum"},
	{"at an exclusive bound", `{"exclusiveMinimum":0.1,"exclusiveMaximum":1}`, `0.10000000000000000000`, "", " exclusiveMinimum"},
	{"a little more than an exclusive bound", `{"exclusiveMinimum":0.1}`, `0.10000000000000000001`, "", ""},
	{"at an exclusive bound that is less than the other", `{"minimum":2,"exclusiveMinimum":1}`, `2`, "", ""},
	{"below an exclusive bound that is more than the other", `{"minimum":1,"exclusiveMinimum":2}`, `2`, "", " exclusiveMinimum"},
	{"at an exclusive bound above", `{"maximum":3,"exclusiveMaximum":2}`, `2`, "", " exclusiveMaximum"},
	{"a multiple of a tenth", `{"multipleOf":0.1}`, `0.3`, "", ""},
	{"no multiple of a tenth", `{"multipleOf":0.1}`, `0.30000000000000004`, "", " multipleOf"},
	{"a multiple of a large number", `{"multipleOf":3}`, `9007199254740993`, "", ""},

	{"items before the others", `{"prefixItems":[{"type":"string"},{"type":"integer"}],"items":{"type":"boolean"}}`, `["a",1,true,2]`, "", "/3 scalar"},
	{"a wrong item before the others", `{"prefixItems":[{"type":"string"},{"type":"integer"}]}`, `[1,"a",{}]`, "", "/0 scalar, /1 scalar"},
	{"no other items", `{"prefixItems":[{"type":"string"}],"items":false}`, `["a",1]`, "", "/1 not"},
	{"contains", `{"contains":{"type":"string"}}`, `[1,"a"]`, "", ""},
	{"contains none", `{"contains":{"type":"string"}}`, `[1,2]`, "", " contains"},
	{"contains too few", `{"contains":{"type":"string"},"minContains":2}`, `[1,"a"]`, "", " minContains"},
	{"contains too many", `{"contains":{"type":"string"},"maxContains":1}`, `["a","b"]`, "", " maxContains"},
	{"may contain none", `{"contains":{"type":"string"},"minContains":0}`, `[1]`, "", ""},
	{"a member by pattern", `{"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":false}`, `{"x-a":"b"}`, "", ""},
	{"a wrong member by pattern", `{"patternProperties":{"^x-":{"type":"string"}}}`, `{"x-a":1,"y":1}`, "", "/x-a scalar"},
	{"a member by property and pattern", `{"properties":{"x-a":{"minLength":2}},"patternProperties":{"^x-":{"type":"string","pattern":"^b"}}}`, `{"x-a":"c"}`, "", "/x-a pattern, /x-a minLength"},
	{"a member by no pattern", `{"patternProperties":{"^x-":{}},"additionalProperties":false}`, `{"y":1}`, "", "/y additionalProperties"},
	{"a name", `{"propertyNames":{"pattern":"^[a-z]+$"}}`, `{"a":1,"B":1}`, "", "/B propertyNames"},
	{"one beside another", `{"dependentRequired":{"card":["address"]}}`, `{"card":1}`, "", "/address dependentRequired"},
	{"not beside another", `{"dependentRequired":{"card":["address"]}}`, `{"name":1}`, "", ""},
	{"a schema beside a member", `{"dependentSchemas":{"card":{"required":["address"]}}}`, `{"card":1}`, "", "/address required"},
	{"no schema without the member", `{"dependentSchemas":{"card":{"required":["address"]}}}`, `{}`, "", ""},
	{"if and then", `{"if":{"properties":{"a":{"const":1}},"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}`, `{"a":1}`, "", "/b required"},
	{"if and else", `{"if":{"properties":{"a":{"const":1}},"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}`, `{"a":2}`, "", "/c required"},
	{"no value", `{"properties":{"a":false}}`, `{"a":1}`, "", "/a not"},
	{"members of all that is combined", `{"allOf":[{"properties":{"a":{}}},{"anyOf":[{"properties":{"b":{}},"required":["b"]},{"properties":{"c":{}},"required":["c"]}]}],"unevaluatedProperties":false}`, `{"a":1,"b":1}`, "", ""},
	{"a member of what does not match", `{"allOf":[{"properties":{"a":{}}},{"anyOf":[{"properties":{"b":{}},"required":["b"]},{"properties":{"c":{"type":"string"}},"required":["c"]}]}],"unevaluatedProperties":false}`, `{"a":1,"b":1,"c":1}`, "", "/c unevaluatedProperties"},
	{"a member of then", `{"if":{"required":["a"]},"then":{"properties":{"b":{}}},"else":{"properties":{"c":{}}},"properties":{"a":{}},"unevaluatedProperties":false}`, `{"a":1,"b":1}`, "", ""},
	{"a member of else", `{"if":{"required":["a"]},"then":{"properties":{"b":{}}},"else":{"properties":{"c":{}}},"properties":{"a":{}},"unevaluatedProperties":false}`, `{"a":1,"c":1}`, "", "/c unevaluatedProperties"},
	{"what a schema that is combined takes", `{"allOf":[{"properties":{"a":{}},"unevaluatedProperties":{"type":"integer"}}],"unevaluatedProperties":false}`, `{"a":1,"b":2}`, "", ""},
	{"a schema for other members", `{"properties":{"a":{}},"unevaluatedProperties":{"type":"string"}}`, `{"a":1,"b":1}`, "", "/b scalar"},

	{"a read-only member of an answer", `{"properties":{"id":{"type":"string","readOnly":true}},"required":["id"]}`, `{"id":"1"}`, Server, ""},
	{"a read-only member that an answer lacks", `{"properties":{"id":{"type":"string","readOnly":true}},"required":["id"]}`, `{}`, Server, "/id required"},
	{"a read-only member that a request lacks", `{"properties":{"id":{"type":"string","readOnly":true}},"required":["id"]}`, `{}`, Client, ""},
	{"a read-only member of a request", `{"properties":{"id":{"type":"string","readOnly":true}}}`, `{"id":"1"}`, Client, "/id readOnly"},
	{"a write-only member of an answer", `{"properties":{"pw":{"type":"string","writeOnly":true}}}`, `{"pw":"1"}`, Server, "/pw writeOnly"},
	{"a write-only member that an answer lacks", `{"properties":{"pw":{"writeOnly":true}},"required":["pw"]}`, `{}`, Server, ""},
	{"a write-only member that a request lacks", `{"properties":{"pw":{"writeOnly":true}},"required":["pw"]}`, `{}`, Client, "/pw required"},
	{"a write-only member of a request", `{"properties":{"pw":{"type":"string","writeOnly":true}}}`, `{"pw":"1"}`, Client, ""},
	{"a read-only reference", `{"properties":{"id":{"readOnly":true,"allOf":[{"type":"string"}]}}}`, `{"id":"1"}`, Client, "/id readOnly"},
	{"a reference to what is read-only", `{"properties":{"id":{"allOf":[{"type":"string","readOnly":true}]}}}`, `{"id":"1"}`, Client, "/id readOnly"},
	{"required here, read-only there", `{"allOf":[{"required":["id"]},{"properties":{"id":{"readOnly":true}}}]}`, `{}`, Client, ""},
	{"write-only in one of several schemas", `{"oneOf":[{"type":"string"},{"type":"object","properties":{"pw":{"writeOnly":true}}}]}`, `{"pw":1}`, Server, "/pw writeOnly"},
	{"write-only in one of several schemas, below", `{"anyOf":[{"type":"object","properties":{"a":{"type":"array","items":{"properties":{"pw":{"writeOnly":true}}}}}}]}`, `{"a":[{},{"pw":1}]}`, Server, "/a/1/pw writeOnly"},
	{"write-only, whoever sends it", `{"properties":{"pw":{"writeOnly":true}}}`, `{"pw":1}`, "", ""},

	{"a schema by its name", pets, `{"kind":"Cat","lives":9}`, "", ""},
	{"a wrong value by the name", pets, `{"kind":"Cat","lives":"9"}`, "", "/lives scalar"},
	{"a schema by what is mapped", pets, `{"kind":"hound","barks":true}`, "", ""},
	{"a schema by what is mapped to its name", pets, `{"kind":"puppy","barks":1}`, "", "/barks scalar"},
	{"a mapped schema by its name", pets, `{"kind":"Dog","barks":true}`, "", ""},
	{"no schema by the name", pets, `{"kind":"Bird","barks":true}`, "", "/kind discriminator"},
	{"no name", pets, `{"barks":true}`, "", "/kind discriminator"},
	{"a name that is no string", pets, `{"kind":1}`, "", "/kind discriminator"},
	{"nothing that has a name", pets, `7`, "", " oneOf"},
	{"a schema that needs no name", `{"oneOf":[{"$ref":"#/components/schemas/Cat"},{"$ref":"#/components/schemas/Bird"}],"discriminator":{"propertyName":"kind"}}`, `{"wings":2}`, "", ""},
	{"a schema without a name", `{"anyOf":[{"$ref":"#/components/schemas/Cat"},{"type":"object","required":["wings"]}],"discriminator":{"propertyName":"kind"}}`, `{"kind":"Bird","wings":2}`, "", ""},
}

func TestKeywords(t *testing.T) {
	for _, test := range keywordChecks {
		t.Run(test.name, func(t *testing.T) {
			s, _ := compileText(t, test.schema)
			if got := places(s, test.value, test.from); got != test.want {
				t.Errorf("%s by %s: got %q, want %q", test.value, test.schema, got, test.want)
			}
		})
	}
}

// places writes the place and the keyword of each problem that is not only advice.
func places(s *Schema, value string, from Side) string {
	v, _ := ReadJSON([]byte(value))
	var all []string
	for _, p := range s.checkFrom(v, from) {
		if p.binding() {
			all = append(all, p.Pointer+" "+p.Keyword)
		}
	}
	return strings.Join(all, ", ")
}

// Of several schemas, the closest is named, and why the value does not match it.
func TestClosestSchema(t *testing.T) {
	const alternatives = `{"anyOf":[{"type":"string"},{"$ref":"#/components/schemas/Cat"},{"type":"object","required":["kind","barks"],"properties":{"kind":{"enum":["dog"]},"barks":{"type":"boolean"}}}]}`
	for _, test := range []struct{ schema, value, want string }{
		{alternatives, `{"kind":"dog","barks":1}`, "expected a match with one of 3 schemas, got none; the closest is /s/anyOf/2, but at /barks: expected a boolean, got a number"},
		{alternatives, `{"kind":"cat"}`, `expected a match with one of 3 schemas, got none; the closest is Cat, but at /lives: expected the member "lives"`},
		{alternatives, `7`, "expected a match with one of 3 schemas, got none; the closest is /s/anyOf/0, but: expected a string, got a number"},
		{`{"oneOf":[{"type":"integer"},{"type":"string"},{"minimum":1}]}`, `7`, "expected a match with exactly one of 3 schemas, got 2: /s/oneOf/0 and /s/oneOf/2"},
		{`{"properties":{"a":` + alternatives + `}}`, `{"a":{"kind":"dog"}}`, `expected a match with one of 3 schemas, got none; the closest is /s/properties/a/anyOf/2, but at /a/barks: expected the member "barks"`},
	} {
		s, _ := compileText(t, test.schema)
		if ok, problems := accepts(s, test.value); ok || problems[0].Message != test.want {
			t.Errorf("%s: got %v\nwant %s", test.value, problems, test.want)
		}
	}
}

// The values of a long enum are not all listed.
func TestLongEnum(t *testing.T) {
	values := strings.TrimSuffix(strings.Repeat(`"a",`, 100), ",")
	s, _ := compileText(t, `{"enum":[`+values+`]}`)
	if _, problems := accepts(s, `1`); len(problems) != 1 || !strings.HasSuffix(problems[0].Message, "and 80 others") {
		t.Errorf("got %v", problems)
	}
}

// Each way through schemas that are combined leads to the same value; work must not grow with their number, which
// doubles with each level.
func TestCombinedSchemasAreBounded(t *testing.T) {
	const depth = 200
	for name, text := range map[string]string{
		"allOf":             `{"allOf":[{"properties":{"a":{"$ref":"#"}}},{"properties":{"a":{"$ref":"#"}}}],"required":["b"]}`,
		"anyOf":             `{"anyOf":[{"properties":{"a":{"$ref":"#"}},"required":["x"]},{"properties":{"a":{"$ref":"#"}}}]}`,
		"oneOf":             `{"oneOf":[{"properties":{"a":{"$ref":"#"}},"required":["x"]},{"properties":{"a":{"$ref":"#"}},"required":["y"]}]}`,
		"not":               `{"allOf":[{"not":{"properties":{"a":{"$ref":"#"}}}},{"properties":{"a":{"$ref":"#"}}}]}`,
		"if":                `{"if":{"properties":{"a":{"$ref":"#"}}},"then":{"properties":{"a":{"$ref":"#"}}},"else":{"properties":{"a":{"$ref":"#"}}}}`,
		"patternProperties": `{"patternProperties":{"a":{"$ref":"#"},"^a":{"$ref":"#"}}}`,
		"contains":          `{"contains":{"$ref":"#"},"items":{"$ref":"#"}}`,
		"itself":            `{"allOf":[{"$ref":"#"},{"$ref":"#"}],"anyOf":[{"$ref":"#"}],"oneOf":[{"$ref":"#"},{"$ref":"#"}],"properties":{"a":{"$ref":"#"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := recursive(t, text)
			open, closed := `{"a":`, "}"
			if name == "contains" {
				open, closed = "[", "]"
			}
			v, _ := ReadJSON([]byte(strings.Repeat(open, depth) + "1" + strings.Repeat(closed, depth)))
			for _, from := range []Side{"", Client, Server} {
				c := checker{from: from}
				c.check(s, v, nil)
				if c.memo == nil || 2*len(c.memo.visited) > 20*depth {
					t.Errorf("expected work for each of %d levels, got %d checks", depth, len(c.memo.visited))
				}
			}
		})
	}
}

// recursive compiles a schema in which {"$ref":"#"} is the schema itself.
func recursive(t *testing.T, text string) *Schema {
	t.Helper()
	s, _ := compileText(t, strings.ReplaceAll(text, `{"$ref":"#"}`, `{"title":"itself"}`))
	var replace func(s *Schema) *Schema
	itself := s
	replace = func(s *Schema) *Schema {
		if s == nil || s != itself && !s.hasSeveral() && len(s.Properties)+len(s.Required) == 0 && s.Items == nil {
			if s == nil {
				return nil
			}
			return itself
		}
		for _, list := range [][]*Schema{s.AllOf, s.AnyOf, s.OneOf} {
			for i := range list {
				list[i] = replace(list[i])
			}
		}
		for i := range s.Properties {
			s.Properties[i].Schema = replace(s.Properties[i].Schema)
		}
		for i := range s.PatternProperties {
			s.PatternProperties[i].Schema = replace(s.PatternProperties[i].Schema)
		}
		for _, sub := range []**Schema{&s.Not, &s.If, &s.Then, &s.Else, &s.Items, &s.Contains} {
			*sub = replace(*sub)
		}
		return s
	}
	return replace(s)
}

// Every keyword that a problem may have is one that an extension may name.
func TestKeywordsHaveNames(t *testing.T) {
	for _, test := range keywordChecks {
		for _, place := range strings.Split(test.want, ", ") {
			if _, keyword, found := strings.Cut(place, " "); found && !slices.Contains(keywords, keyword) {
				t.Errorf("%s: keyword %q is not known", test.name, keyword)
			}
		}
	}
	if name := fmt.Sprint(keywords); !strings.Contains(name, "discriminator") {
		t.Errorf("got %s", name)
	}
}
