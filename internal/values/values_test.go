package values_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// schemaOf loads a schema as that of a request's body; components are further schemas by name.
func schemaOf(tb testing.TB, schema, components string) *contract.Schema {
	tb.Helper()
	if components == "" {
		components = "{}"
	}
	document := fmt.Sprintf(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{"/a":{"post":{"operationId":"a",
		"requestBody":{"content":{"application/json":{"schema":%s}}},"responses":{"200":{"description":"d"}}}}},
		"components":{"schemas":%s}}`, schema, components)
	c, err := contract.Parse("test.json", []byte(document))
	if err != nil {
		tb.Fatalf("%s: %v", schema, err)
	}
	return c.Operation("a").Body.Schema()
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func TestShow(t *testing.T) {
	if flag.Arg(0) == "" {
		t.Skip()
	}
	b, err := os.ReadFile(flag.Arg(0))
	if err != nil {
		t.Fatal(err)
	}
	show(t, schemaOf(t, string(b), ""))
}

func show(t *testing.T, s *contract.Schema) {
	d := values.New(contract.Client).Derive(s, values.Options{})
	for _, v := range slices.Concat(d.Valid, d.Breaking) {
		t.Logf("%-22s %-24s %-40s %s through=%s scalar=%v", v.Pointer, v.Name, v.Clause[strings.LastIndex(v.Clause, "schema"):], text(v.JSON), v.Through, v.Scalar)
	}
	for _, g := range d.Gaps {
		t.Logf("GAP %s %s %s", g.Pointer, g.Clause, g.Text)
	}
}

func TestShowSome(t *testing.T) {
	show(t, schemaOf(t, `{"type":"object","required":["name","kind"],"additionalProperties":false,"properties":{
		"name":{"type":"string","minLength":2,"maxLength":5},"kind":{"type":"string","enum":["cat","dog"]},
		"age":{"type":"integer","minimum":0,"maximum":30},"tags":{"type":"array","uniqueItems":true,"minItems":1,"maxItems":3,"items":{"type":"string","pattern":"^[a-z]{2,8}$"}},
		"weight":{"type":"number","multipleOf":0.25,"minimum":0,"exclusiveMinimum":true}}}`, ""))
	show(t, schemaOf(t, `{"oneOf":[{"type":"object","required":["a"],"properties":{"a":{"type":"string","maxLength":3}},"additionalProperties":false},{"type":"object","required":["b"],"properties":{"b":{"type":"integer"}}},{"type":"string","minLength":2}]}`, ""))
	show(t, schemaOf(t, `{"allOf":[{"type":"object","required":["a"],"properties":{"a":{"type":"string","maxLength":3}}},{"type":"object","required":["b"],"properties":{"b":{"type":"integer"}}}],"not":{"required":["c"]}}`, ""))
	show(t, schemaOf(t, `{"$ref":"#/components/schemas/T"}`, `{"T":{"type":"object","required":["v"],"properties":{"v":{"type":"integer"},"kids":{"type":"array","items":{"$ref":"#/components/schemas/T"}},"next":{"$ref":"#/components/schemas/T"}}}}`))
}
