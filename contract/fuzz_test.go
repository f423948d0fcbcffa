package contract_test

import (
	"encoding/json"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/contract"
)

// smallDocument uses each feature of a document once.
const smallDocument = `openapi: 3.0.3
info: {title: t, version: v}
security: [{s: []}, {}]
paths:
  /a/{b}:
    parameters: [{$ref: '#/components/parameters/B'}]
    post:
      operationId: o
      parameters: [{name: h, in: header, x-source: [p], schema: {type: integer, minimum: 1, multipleOf: 2}}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/S'}, examples: {e: {value: {a: 1}}}}}}
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}, links: {l: {operationId: o, parameters: {b: $response.body#/a}}}}
        4XX: {description: d}
        default: {description: d}
      x-refusals: [c, r]
      x-requirements:
        - {id: a.b, level: MUST, text: t, source: [p], refuses: [c, r]}
        - {id: a.c, level: MAY, text: t, source: [p, ours-d1], ours: [maxLength], judges: schema, appliesTo: [server, client], formerly: a.d}
x-requirements: [{id: z.z, level: SHOULD, text: t, source: [p], accepts: [v]}, {id: z.y, level: MUST, text: t, source: [p], appliesTo: [client], expects: ends}]
x-sources: {p: {title: t, url: u, date: 2024-01-01}, ours-d1: {title: t, reason: r}}
x-error-codes: {GES.0001: {statuses: [400], meaning: m, plane: p, source: p}}
x-second-best: {s: {status: 404 4XX, codes: [GES.0001], reason: r}}
x-refusals:
  c: {when: [{in: body, keyword: syntax}], level: MUST, answers: [{status: 400, codes: [GES.0001]}], tolerated: [s], source: [p]}
  r: {when: [{in: path, name: b, relation: unknown}], first: true, level: MUST, answers: [{status: 404, codes: any}], source: [p]}
components:
  securitySchemes: {s: {type: apiKey, in: header, name: X, x-pattern: '^a+$'}}
  parameters: {B: {name: b, in: path, required: true, x-source: [p, ours-d1], schema: {type: string, pattern: '^[a-z]$'}}}
  schemas:
    S: {type: object, x-source: [p], required: [a], additionalProperties: false, properties: {a: {oneOf: [{type: number}, {not: {enum: [1, x]}}], nullable: true}, k: {type: array, uniqueItems: true, items: {$ref: '#/components/schemas/S'}}}}
`

func FuzzParse(f *testing.F) {
	for _, document := range []string{variedDocument, swaggerDocument, rootOfSeveral, `{"openapi": "3.0.3", "info": {"title": "\ud83d\udc4d", "version": "v"}, "paths": {"/a": {"get": {"parameters": [{"in": "query", "name": "q"}]}}}}`} {
		f.Add([]byte(document))
	}
	f.Add([]byte(smallDocument)) // run with -fuzzminimizetime=10x: minimising takes a minute an input
	f.Fuzz(func(t *testing.T, document []byte) {
		c, err := contract.Parse("f.yaml", document)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "load contract: f.yaml:") {
				t.Errorf("got %q", err)
			}
			return
		}
		use(c)
	})
}

// use calls the methods of a contract: one that could be loaded must not panic later.
func use(c *contract.Contract) {
	for _, op := range c.Operations() {
		path := strings.NewReplacer("{", "", "}", "").Replace(op.Path)
		for _, body := range []string{"", `{"a":[null,1.5,"x",{}],"k":[{"a":1},{"a":2}]}`, goodBody} {
			header := http.Header{"X": {"aa"}, "H": {"7"}, "Content-Type": {"application/json"}}
			for _, p := range c.JudgeRequest(op, &contract.Request{Method: op.Method, Path: path, Header: header, Body: []byte(body)}) {
				c.RefusalFor(op, p)
			}
			for _, status := range []int{0, 200, 404, 500} {
				c.JudgeAnswer(op, op.Method, jsonAnswer(status, body))
			}
		}
		op.Success()
		for _, r := range op.Refusals() {
			r.FirstLawful()
			c.Fit(r, 400, "GES.0001")
			c.RequirementFor(op, r.Condition)
		}
	}
}

// Each value of the small document in turn is replaced or removed. The replacements take
// turns, except with GESCONFORM_TEST_ALL, when each value gets all of them.
func TestMutatedDocuments(t *testing.T) {
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(smallDocument), &root); err != nil {
		t.Fatal(err)
	}
	replacements := []*yaml.Node{
		{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"},
		{Kind: yaml.ScalarNode, Tag: "!!str", Value: "x"},
		{Kind: yaml.ScalarNode, Tag: "!!str", Value: ""},
		{Kind: yaml.ScalarNode, Tag: "!!int", Value: "-1"},
		{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"},
		{Kind: yaml.MappingNode},
		{Kind: yaml.SequenceNode},
		{Kind: yaml.SequenceNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}}},
		{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "x"}, {Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}}},
	}
	every := 3
	switch {
	case os.Getenv("GESCONFORM_TEST_ALL") != "":
		every = 1
	case testing.Short():
		every = 3 * len(replacements)
	}
	taken, refused, turn := 0, 0, 0
	try := func() {
		document, err := yaml.Marshal(&root)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if r := recover(); r != nil {
				t.Errorf("panic: %v\n%s\n%s", r, document, debug.Stack())
			}
		}()
		c, err := contract.Parse("m.yaml", document)
		if err != nil {
			refused++
			if !strings.HasPrefix(err.Error(), "load contract: m.yaml:") {
				t.Errorf("got %q", err)
			}
			return
		}
		taken++
		use(c)
	}
	var walk func(node *yaml.Node)
	walk = func(node *yaml.Node) {
		whole := node.Content
		for i, child := range whole {
			for _, other := range replacements {
				if turn++; turn%every == 0 {
					node.Content[i] = other
					try()
				}
			}
			turn++ // so that the next one gets others
			node.Content[i] = child
			if step := 1 + (int(node.Kind)&int(yaml.MappingNode))/int(yaml.MappingNode); i%step == 0 && node.Kind != yaml.DocumentNode {
				node.Content = slices.Delete(slices.Clone(whole), i, i+step)
				try()
				node.Content = whole
			}
			walk(child)
		}
	}
	walk(&root)
	if taken < 50 || refused < 2000/every {
		t.Errorf("got %d documents loaded and %d rejected, want at least 50 and %d", taken, refused, 2000/every)
	}
}

func FuzzReadJSON(f *testing.F) {
	for _, s := range []string{goodBody, `null`, `[1,2.5e-7,"\ud800",{"a":{}}]`, `{"a":1,"a":2}`, "\xef\xbb\xbf{}", `{"` + "\xff" + `":1}`, `[1]x`, "{\x00}\x00", "\xff\xfe{\x00", ` `, `{"a"`, `01`, `"\x00"`, strings.Repeat("[", 200)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		v, problems := contract.ReadJSON(body)
		broken, unread := false, false
		for _, p := range problems {
			broken = broken || p.IsKeyword("syntax")
			unread = unread || p.Keyword == "syntax"
			if p.Message == "" || p.In != contract.InBody {
				t.Errorf("got %+v", p)
			}
		}
		if v == nil && !unread {
			t.Error("neither a value nor a syntax problem")
		}
		text := strings.TrimPrefix(string(body), "\xef\xbb\xbf")
		if !utf8.ValidString(text) || strings.Count(text, "[")+strings.Count(text, "{") > 9000 {
			return
		}
		if valid := json.Valid([]byte(text)); valid == broken {
			t.Errorf("encoding/json finds %[2]q valid: %[1]v; we find %[3]v", valid, body, problems)
		}
		if !broken {
			var decoded any
			if err := json.Unmarshal([]byte(text), &decoded); err == nil && kindOf(decoded) != v.Kind {
				t.Errorf("%q: got %s, want %s", body, v.Kind, kindOf(decoded))
			}
		}
	})
}

func kindOf(v any) contract.Kind {
	switch v.(type) {
	case nil:
		return contract.KindNull
	case bool:
		return contract.KindBoolean
	case float64:
		return contract.KindNumber
	case string:
		return contract.KindString
	case []any:
		return contract.KindArray
	default:
		return contract.KindObject
	}
}

func FuzzJudgeRequest(f *testing.F) {
	f.Add("POST", upgradePath, "X-Auth-Token", "t", "application/json", []byte(goodBody))
	f.Add("GET", "/v2//graphs/%2F", "Authorization", "SDK-HMAC-SHA256", "text/plain; x", []byte(`{"upgrade_version":null,"a":[]}`))
	f.Add("", "%", "", "", "", []byte{0xff})
	f.Fuzz(func(t *testing.T, method, path, name, value, contentType string, body []byte) {
		c := load(t)
		header := http.Header{}
		header.Add(name, value)
		header.Add("Content-Type", contentType)
		for _, op := range c.Operations() {
			problems := c.JudgeRequest(op, &contract.Request{Method: method, Path: path, Header: header, Body: body})
			for _, p := range append(problems, c.JudgeAnswer(op, method, &contract.Answer{Status: len(body) * 50, Header: header, Body: body})...) {
				if p.Message == "" || p.Keyword == "" || p.Clause != "" && p.Line == 0 {
					t.Errorf("got %+v", p)
				}
				if len(value) > 8 && name != "Content-Type" && strings.Contains(p.Message, value) && !strings.Contains(contentType+string(body)+string(gesconform.OpenAPI), value) {
					t.Errorf("%v contains the value of a header", p)
				}
				c.RefusalFor(op, p)
			}
		}
		op, values, known := c.Find(method, path)
		if op != nil && (!known || len(values) != strings.Count(op.Path, "{")) {
			t.Errorf("got %v, %v", values, known)
		}
	})
}
