package contract_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

// schemaTests are schemas S in YAML, beside others that they refer to, with the values that they
// take and refuse, and what of them is not supported.
var schemaTests = []struct {
	name, dialect, schema string
	good, bad             []string
	unsupported           []string
}{
	{"no type", "3.0.3", "{}", []string{`1`, `"a"`, `{}`, `null`}, nil, nil},
	{"nullable", "3.0.3", "{type: string, nullable: true}", []string{`null`, `"a"`}, []string{`1`}, nil},
	{"nullable beside a reference", "3.0.3", "{nullable: true, $ref: '#/components/schemas/Name'}", []string{`null`, `"ab"`}, []string{`"abcd"`, `1`}, nil},
	{"other keywords beside a reference, in 3.0", "3.0.3", "{maxLength: 1, description: d, $ref: '#/components/schemas/Name'}", []string{`"ab"`}, []string{`"abcd"`}, nil},
	{"other keywords beside a reference, in 3.1", "3.1.0", "{maxLength: 1, description: d, $ref: '#/components/schemas/Name'}", []string{`"a"`}, []string{`"ab"`, `1`}, nil},
	{"null among the values", "3.0.3", "{type: string, enum: [a, null]}", []string{`null`, `"a"`}, []string{`"b"`}, nil},
	{"several types", "3.1.0", "{type: [string, integer, 'null']}", []string{`null`, `"a"`, `1`}, []string{`1.5`, `true`}, nil},
	{"several types, one of them null without quotes", "3.1.0", "{type: [string, null]}", []string{`null`, `"a"`}, []string{`1`}, nil},
	{"type null", "3.1.0", "{type: 'null'}", []string{`null`}, []string{`1`, `""`}, nil},
	{"const", "3.1.0", "{const: {a: 1}}", []string{`{"a":1.0}`}, []string{`{"a":2}`, `1`}, nil},
	{"exclusive bounds of 3.0", "3.0.3", "{minimum: 1, exclusiveMinimum: true, maximum: 3, exclusiveMaximum: true}", []string{`2`}, []string{`1`, `3`}, nil},
	{"exclusive bounds of 3.1", "3.1.0", "{exclusiveMinimum: 1, minimum: 0, maximum: 9, exclusiveMaximum: 3}", []string{`2`}, []string{`1`, `3`}, nil},
	{"exclusive bound that is looser", "3.1.0", "{exclusiveMinimum: 1, minimum: 2}", []string{`2`}, []string{`1.5`}, nil},
	{"exclusive bound of nothing", "3.0.3", "{exclusiveMinimum: true}", []string{`-1`}, nil, nil},
	{"sizes", "3.0.3", "{type: string, minLength: 1.0, maxLength: 2e0}", []string{`"ab"`}, []string{`""`, `"abc"`}, nil},
	{"size beyond all bounds", "3.0.3", "{type: string, maxLength: 99999999999999999999}", []string{`"ab"`}, nil, nil},
	{"numbers in YAML", "3.0.3", "{maximum: 0x10, multipleOf: 0.1}", []string{`16`, `0.3`}, []string{`17`, `0.25`}, nil},
	{"prefixItems", "3.1.0", "{prefixItems: [{type: string}], items: {type: integer}}", []string{`["a",1]`}, []string{`[1]`, `["a","b"]`}, nil},
	{"false", "3.1.0", "{properties: {a: false, b: true}}", []string{`{"b":1}`}, []string{`{"a":1}`}, nil},
	{"additional members", "3.0.3", "{additionalProperties: {type: integer}, properties: {a: {}}}", []string{`{"a":"x","b":1}`}, []string{`{"b":"x"}`}, nil},
	{"patternProperties", "3.1.0", "{patternProperties: {'^x-': {type: string}}, additionalProperties: false}", []string{`{"x-a":"b"}`}, []string{`{"x-a":1}`, `{"y":1}`}, nil},
	{"a discriminator by names", "3.0.3", "{oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: kind, mapping: {hound: Dog, puss: '#/components/schemas/Cat'}}}",
		[]string{`{"kind":"Cat","lives":1}`, `{"kind":"hound"}`, `{"kind":"puss","lives":1}`}, []string{`{"kind":"puss"}`, `{"kind":"fish"}`}, nil},
	{"a pattern of ECMAScript", "3.0.3", `{type: string, pattern: '^\u00e9+\/$'}`, []string{`"é/"`}, []string{`"e/"`}, nil},
	{"in rings", "3.0.3", "{properties: {a: {$ref: '#/components/schemas/S'}, l: {type: array, items: {$ref: '#/components/schemas/S'}}}, required: [x]}", []string{`{"x":1,"a":{"x":1},"l":[{"x":2}]}`}, []string{`{"x":1,"a":{}}`, `{"x":1,"l":[{}]}`}, nil},

	{"a pattern that Go cannot read", "3.0.3", "{type: string, pattern: '^(?!x)', maxLength: 2}", []string{`"x"`}, []string{`"abc"`}, []string{"pattern: invalid or unsupported Perl syntax"}},
	{"a pattern that repeats too often", "3.0.3", "{type: string, pattern: '^a{1,5000}$'}", []string{`"x"`}, nil, []string{"pattern: invalid repeat count"}},
	{"a type that there is not", "3.0.3", "{type: file}", []string{`1`}, nil, []string{`type: expected string, number, integer, boolean, array, object or null, got "file"`}},
	{"a type that is no name", "3.0.3", "{type: {}}", []string{`1`}, nil, []string{"type: expected the name of a type, or several, got a mapping"}},
	{"required as it is in parameters", "3.0.3", "{required: true}", []string{`{}`}, nil, []string{"required: expected a list of names, got true or false"}},
	{"no values", "3.0.3", "{enum: []}", []string{`1`}, nil, []string{"enum: expected a list of values, got an empty list"}},
	{"a negative size", "3.0.3", "{maxLength: -1}", []string{`"a"`}, nil, []string{"maxLength: expected a whole number of at least 0, got -1"}},
	{"a size in words", "3.0.3", "{minLength: few}", []string{`"a"`}, nil, []string{"minLength: expected a number, got text"}},
	{"a bound in words", "3.0.3", "{minimum: few, maximum: 3}", []string{`-1`}, []string{`4`}, []string{"minimum: expected a number, got text"}},
	{"a multiple of nothing", "3.0.3", "{multipleOf: 0}", []string{`1`}, nil, []string{"multipleOf: expected a number above 0, got 0"}},
	{"items of JSON Schema before 3.1", "3.0.3", "{items: [{type: string}]}", []string{`[1]`}, nil, []string{"items: expected a schema, got a list"}},
	{"members no mapping", "3.0.3", "{properties: [a]}", []string{`{"a":1}`}, nil, []string{"properties: expected a mapping, got a list"}},
	{"a discriminator as in 2.0", "3.0.3", "{discriminator: kind}", []string{`{"kind":1}`}, nil, []string{"discriminator: expected a mapping with propertyName"}},
	{"a discriminator of nothing", "3.0.3", "{discriminator: {propertyName: kind, mapping: {a: Nothing}}}", []string{`{"kind":"a"}`}, nil, []string{"discriminator: mapping: a: "}},
	{"unevaluatedItems", "3.1.0", "{unevaluatedItems: false}", []string{`[1]`}, nil, []string{"unevaluatedItems: is not checked"}},
	{"a text in base64", "3.1.0", "{type: string, contentEncoding: base64, contentMediaType: image/png}", []string{`"?"`}, []string{`1`}, []string{"contentEncoding: is not checked", "contentMediaType: is not checked"}},
	{"bytes", "3.1.0", "{type: string, contentMediaType: application/octet-stream}", []string{`"?"`}, []string{`1`}, nil},
	{"a dynamic reference", "3.1.0", "{$dynamicRef: '#x'}", []string{`[1]`}, nil, []string{"$dynamicRef: is not checked"}},
	{"a schema that is text", "3.0.3", "{properties: {a: text}}", []string{`{"a":1}`}, nil, nil},
	{"not something unsupported", "3.0.3", "{not: {pattern: '(?!x)'}}", []string{`"a"`, `1`}, nil, []string{"not: is not checked"}},
	{"one of, with something unsupported", "3.0.3", "{oneOf: [{type: string}, {properties: {a: {pattern: '(?!x)'}}, type: [string]}]}", []string{`"a"`}, []string{`1`}, []string{"oneOf: is checked as anyOf"}},
	{"combined from itself", "3.0.3", "{type: object, anyOf: [{$ref: '#/components/schemas/S'}], required: [a]}", []string{`{"a":1}`}, []string{`{}`}, []string{"is combined from itself by anyOf"}},
	{"not itself", "3.0.3", "{not: {$ref: '#/components/schemas/S'}}", []string{`1`}, nil, []string{"is combined from itself by not"}},
}

func schemaDocument(dialect, schema string) string {
	return "openapi: " + dialect + `
info: {title: t, version: v}
paths: {/s: {put: {operationId: put, requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}}, responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}}}}}}
components:
  schemas:
    Name: {type: string, maxLength: 3}
    Cat: {type: object, required: [kind, lives], properties: {kind: {type: string}}}
    Dog: {type: object, required: [kind], properties: {kind: {type: string}}}
    S: ` + schema + "\n"
}

func TestSchemasOfAnyDocument(t *testing.T) {
	for _, test := range schemaTests {
		t.Run(test.name, func(t *testing.T) {
			c, err := contract.Parse("s.yaml", []byte(schemaDocument(test.dialect, test.schema)))
			if err != nil {
				t.Fatal(err)
			}
			s := c.Operation("put").Success().Schema()
			for i, text := range slices.Concat(test.good, test.bad) {
				v, _ := contract.ReadJSON([]byte(text))
				problems := s.Check(v, contract.Server)
				if bad := i >= len(test.good); bad != (len(problems) > 0) {
					t.Errorf("%s: expected bad to be %v, got %v", text, bad, problems)
				}
			}
			var reasons []string
			for _, u := range s.Unsupported {
				reasons = append(reasons, u.Reason)
				if u.Line != 9 || !strings.HasPrefix(u.Clause, "/components/schemas/S") {
					t.Errorf("expected the clause and its line, got %+v", u)
				}
			}
			if len(reasons) != len(test.unsupported) {
				t.Fatalf("unsupported: got %q, want %q", reasons, test.unsupported)
			}
			for i, want := range test.unsupported {
				if !strings.Contains(reasons[i], want) {
					t.Errorf("unsupported: got %q, want %q", reasons[i], want)
				}
			}
			use(c)
		})
	}
}

// What a schema says that is no check is loaded, too.
func TestAnnotations(t *testing.T) {
	c, err := contract.Parse("s.yaml", []byte(schemaDocument("3.1.0", "{type: object, properties: {a: {type: string, format: date, default: x, readOnly: true, examples: [y, z]}, b: {example: 7, writeOnly: true}, c: {readOnly: true, $ref: '#/components/schemas/Name'}}}")))
	if err != nil {
		t.Fatal(err)
	}
	s := c.Operation("put").Success().Schema()
	a, b, third := s.Property("a"), s.Property("b"), s.Property("c")
	if got := fmt.Sprint(a.Format, a.Default, a.Example, a.ReadOnly, a.WriteOnly, b.Example, b.WriteOnly, third.ReadOnly, third.AllOf[0].MaxLength); got != "datexytrue false 7 true true 3" {
		t.Errorf("got %s", got)
	}
}

// A chain of references, of any length, and schemas that are combined as deeply as can be written, are
// loaded without a deep stack.
func TestDeepSchemas(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"openapi":"3.0.3","info":{"title":"t","version":"v"},"paths":{"/a":{"post":{"operationId":"a","requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/S0"}}}}}}},"components":{"schemas":{`)
	const n = 5_000
	for i := range n {
		fmt.Fprintf(&b, `"S%d":{"properties":{"p":{"$ref":"#/components/schemas/S%d"}},"allOf":[{"$ref":"#/components/schemas/S%d"}]},`, i, i+1, i+1)
	}
	fmt.Fprintf(&b, `"S%d":{"type":"object"}}}}`, n)
	c, err := contract.Parse("deep.json", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if u := c.Operation("a").Unsupported; len(u) != 1 || !strings.Contains(u[0].Reason, "too deeply") {
		t.Errorf("got %v", u)
	}
	use(c)
}

// A discriminator of a schema from which others are made names these.
func TestFamilies(t *testing.T) {
	const document = `openapi: 3.0.3
info: {title: t, version: v}
paths: {/a: {post: {operationId: a, requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}}}
components:
  schemas:
    Pet: {type: object, discriminator: {propertyName: kind}, properties: {kind: {type: string}}}
    Cat: {allOf: [{$ref: '#/components/schemas/Pet'}, {type: object}]}
    Dog: {x-ms-discriminator-value: Microsoft.Dog, allOf: [{$ref: '#/components/schemas/Pet'}]}
    Puppy: {allOf: [{$ref: '#/components/schemas/Dog'}]}
`
	c, err := contract.Parse("f.yaml", []byte(document))
	if err != nil {
		t.Fatal(err)
	}
	mapping := c.Operation("a").Body.Schema().Discriminator.Mapping
	if len(mapping) != 2 || mapping["Cat"] == nil || mapping["Microsoft.Dog"] == nil {
		t.Errorf("got %v", mapping)
	}
	use(c)
}
