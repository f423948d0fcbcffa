package contract_test

import (
	"encoding/json"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/contract"
)

// variedDocument is a document without extensions, with much of what there is.
const variedDocument = `openapi: 3.1.0
info: {title: t, version: v}
servers: [{url: /}]
security: [{s: []}, {q: [], c: []}]
paths:
  /a/{b}:
    servers: [{url: /}]
    parameters: [{$ref: '#/components/parameters/B'}]
    post:
      operationId: o
      security: [{}, {s: []}]
      parameters: [{name: h, in: header, schema: {type: [integer, 'null'], exclusiveMinimum: 1}}, {name: d, in: query, style: deepObject, explode: true, content: {application/json: {schema: {}}}, examples: {e: {value: 1}}}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/S'}, example: {a: 1}}, multipart/form-data: {schema: {}, encoding: {a: {contentType: text/plain, style: form, explode: true, headers: {X: {schema: {}}}}}}}}
      responses:
        '200': {description: d, headers: {X: {required: true, schema: {}}}, content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}, links: {l: {operationId: o, parameters: {b: $response.body#/a}}, m: {operationRef: '#/paths/~1a~1{b}/post'}}}
        4XX: {$ref: '#/components/responses/R'}
        default: {description: d}
  /f{g}.csv: {get: {}}
components:
  securitySchemes: {s: {type: http, scheme: basic}, q: {type: apiKey, in: query, name: k}, c: {type: apiKey, in: cookie, name: k}}
  parameters: {B: {name: b, in: path, required: true, schema: {type: string, pattern: '^[a-z]$'}}}
  responses: {R: {description: d}}
  schemas:
    S: {type: object, required: [a], discriminator: {propertyName: a, mapping: {x: S, y: '#/components/schemas/T'}}, additionalProperties: false, properties: {a: {oneOf: [{type: number, maximum: 3}, {not: {enum: [1, x]}}], const: 1}, k: {type: array, uniqueItems: true, maxItems: 3, items: {$ref: '#/components/schemas/S'}}}}
    T: {maxLength: 3, $ref: '#/components/schemas/S', if: {}, then: {allOf: [{format: date}]}, dependentRequired: {a: [b]}, dependentSchemas: {a: {}}, patternProperties: {'^x': {}}, propertyNames: {}, prefixItems: [{}], contains: {}, minContains: 0, anyOf: [true], default: 1, examples: [1], readOnly: true, multipleOf: 2}
`

// odd are what somebody may write where something else is expected.
var odd = []*yaml.Node{
	{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"},
	{Kind: yaml.ScalarNode, Tag: "!!str", Value: "x"},
	{Kind: yaml.ScalarNode, Tag: "!!str", Value: ""},
	{Kind: yaml.ScalarNode, Tag: "!!int", Value: "-1"},
	{Kind: yaml.ScalarNode, Tag: "!!float", Value: "1e400"},
	{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"},
	{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "false"},
	{Kind: yaml.MappingNode},
	{Kind: yaml.SequenceNode},
	{Kind: yaml.SequenceNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}}},
	{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "x"}, {Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}}},
	{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "$ref"}, {Kind: yaml.ScalarNode, Value: "#/components/schemas/S"}}},
	{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "$ref"}, {Kind: yaml.ScalarNode, Value: "#"}}},
	{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "$ref"}, {Kind: yaml.ScalarNode, Value: "#/nothing"}}},
}

// Whatever is written in place of a value of a plain document, or if it is left out, the document is loaded, as
// long as it says its version and has paths. What is loaded can be used.
func TestOddDocuments(t *testing.T) {
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(variedDocument), &root); err != nil {
		t.Fatal(err)
	}
	every := 5
	switch {
	case os.Getenv("GESCONFORM_TEST_ALL") != "":
		every = 1
	case testing.Short():
		every = 17
	}
	turn := 0
	try := func(path string) {
		if turn++; turn%every != 0 {
			return
		}
		document, err := yaml.Marshal(&root)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if r := recover(); r != nil {
				t.Errorf("%s: panic: %v\n%s\n%s", path, r, document, debug.Stack())
			}
		}()
		c, err := contract.Parse("m.yaml", document)
		if vital := path == "" || path == "/openapi" || path == "/paths"; err != nil && !vital {
			t.Errorf("%s: %v\n%s", path, err, document)
		}
		if err == nil {
			use(c)
		}
	}
	var walk func(node *yaml.Node, path string)
	walk = func(node *yaml.Node, path string) {
		whole := node.Content
		for i, child := range whole {
			step := 1
			at := path
			if node.Kind == yaml.MappingNode {
				if i%2 == 0 {
					continue
				}
				step, at = 2, path+"/"+whole[i-1].Value
			}
			for _, other := range odd {
				node.Content[i] = other
				try(at)
			}
			node.Content[i] = child
			if node.Kind != yaml.DocumentNode {
				node.Content = slices.Delete(slices.Clone(whole), i+1-step, i+1)
				try(at)
				node.Content = whole
			}
			walk(child, at)
		}
	}
	walk(&root, "")
	if turn < 2500 {
		t.Errorf("tried %d documents, want at least 2500", turn)
	}
}

// A document in JSON is the same as in YAML, but for its lines.
func TestPlainDocument(t *testing.T) {
	var v any
	if err := yaml.Unmarshal([]byte(variedDocument), &v); err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	var outlines []string
	for _, document := range []string{variedDocument, string(text), `{"openapi":"3.0.3","info":{"title":"t","version":"1","description":"\ud83d\udc4d"},"paths":{}}`} {
		c, err := contract.Parse("p", []byte(document))
		if err != nil {
			t.Fatal(err)
		}
		all := ""
		for _, op := range c.Operations() {
			all += outlineOf(op) + "\n"
			if got := c.Line(op.Clause); got != op.Line || got < 2 {
				t.Errorf("%s: got lines %d and %d", op.Clause, got, op.Line)
			}
		}
		outlines = append(outlines, all)
	}
	if outlines[0] != outlines[1] || strings.Contains(outlines[0], "unsupported") || outlines[2] != "" {
		t.Errorf("got\n%s", strings.Join(outlines, "\n"))
	}
}
