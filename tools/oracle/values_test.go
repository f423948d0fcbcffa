package oracle

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// bodySchemas are those of which values are derived and sent as JSON, one operation each.
var bodySchemas = []string{
	`{"type":"string","minLength":2,"maxLength":5}`,
	`{"type":"string","pattern":"^[a-z]{2,4}-\\d+$"}`,
	`{"type":"string","enum":["cat","dog"]}`,
	`{"type":"integer","minimum":3,"maximum":9}`,
	`{"type":"number","minimum":0,"exclusiveMinimum":true,"multipleOf":0.5}`,
	`{"type":"boolean","nullable":true}`,
	`{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":3,"uniqueItems":true}`,
	`{"type":"object","required":["a"],"additionalProperties":false,"properties":{"a":{"type":"string","format":"uuid"},"b":{"type":"string","format":"date-time"},"c":{"type":"string","format":"date"},"d":{"type":"string","format":"ipv4"},"e":{"type":"string","format":"email"}}}`,
	`{"type":"object","minProperties":1,"maxProperties":2,"properties":{"a":{"type":"integer"},"b":{"type":"integer"},"c":{"type":"integer"}}}`,
	`{"type":"object","additionalProperties":{"type":"integer","maximum":5}}`,
	`{"allOf":[{"type":"object","required":["a"],"properties":{"a":{"type":"string"}}},{"type":"object","required":["b"],"properties":{"b":{"type":"integer","minimum":1}}}]}`,
	`{"oneOf":[{"type":"object","required":["a"],"properties":{"a":{"type":"string","maxLength":3}},"additionalProperties":false},{"type":"object","required":["b"],"properties":{"b":{"type":"integer"}},"additionalProperties":false}]}`,
	`{"anyOf":[{"type":"string","maxLength":2},{"type":"integer","minimum":7}]}`,
	`{"type":"object","required":["n"],"properties":{"n":{"type":"string","not":{"enum":["root"]}}}}`,
	`{"type":"object","required":["kids"],"properties":{"kids":{"type":"array","items":{"$ref":"#/components/schemas/Tree"}}}}`,
}

// parameters are those of which values are derived and sent, one operation each.
var parameters = []string{
	`{"name":"p","in":"query","schema":{"type":"integer","minimum":1,"maximum":50}}`,
	`{"name":"p","in":"query","schema":{"type":"string","minLength":2,"maxLength":6,"pattern":"^[a-z]+$"}}`,
	`{"name":"p","in":"query","schema":{"type":"array","items":{"type":"integer"},"maxItems":2}}`,
	`{"name":"p","in":"query","explode":false,"schema":{"type":"array","items":{"type":"string","enum":["a","b"]}}}`,
	`{"name":"p","in":"query","schema":{"type":"string","format":"date"}}`,
	`{"name":"X-P","in":"header","schema":{"type":"integer","maximum":5}}`,
	`{"name":"p","in":"path","required":true,"schema":{"type":"string","format":"uuid"}}`,
	`{"name":"p","in":"path","required":true,"schema":{"type":"integer","minimum":1}}`,
}

func valuesDocument() []byte {
	var b strings.Builder
	b.WriteString(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"components":{"schemas":{"Tree":{"type":"object","required":["v"],"properties":{"v":{"type":"integer"},"kids":{"type":"array","items":{"$ref":"#/components/schemas/Tree"}}}}}},"paths":{`)
	for i, schema := range bodySchemas {
		fmt.Fprintf(&b, `"/b%d":{"post":{"operationId":"b%d","requestBody":{"required":true,"content":{"application/json":{"schema":%s}}},"responses":{"200":{"description":"d"}}}},`, i, i, schema)
	}
	for i, p := range parameters {
		path := fmt.Sprintf("/p%d", i)
		if strings.Contains(p, `"in":"path"`) {
			path += "/{p}"
		}
		fmt.Fprintf(&b, `%q:{"get":{"operationId":"p%d","parameters":[%s],"responses":{"200":{"description":"d"}}}},`, path, i, p)
	}
	return []byte(strings.TrimSuffix(b.String(), ",") + "}}")
}

// valueDifferences are values on which the third validator differs from the other two, and why they are right: by
// operation, place and name.
var valueDifferences = map[string]string{
	"b7 /e format-no-local": "an address has something before the @ (RFC 5321, section 4.1.2)",
	"p2  maxItems+1":        "maxItems holds in a query, too; the other one does not look at it there",
}

// What two opinions have made of derived values, a third one makes of the requests that carry them.
func TestDerivedValues(t *testing.T) {
	text := valuesDocument()
	c, err := contract.Parse("values.json", text)
	if err != nil {
		t.Fatal(err)
	}
	document, err := libopenapi.NewDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(document, config.WithFormatAssertions())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	src := values.New(contract.Client)
	n := 0
	for _, op := range c.Operations() {
		var d values.Derived
		if op.Body != nil {
			d = src.Derive(op.Body.Schema(), values.Options{})
		} else {
			d = src.DeriveParameter(op.Parameters[0], values.Options{})
		}
		for i, value := range append(d.Valid, d.Breaking...) {
			want := i < len(d.Valid)
			got, reasons := askAboutRequest(t, v, carrying(t, op, value.JSON))
			name := op.ID + " " + value.Pointer + " " + value.Name
			why, known := valueDifferences[name]
			switch {
			case got != want && !known:
				t.Errorf("%s: %v: want %v, they say %v: %v", name, value.JSON, want, got, reasons)
			case got == want && known:
				t.Errorf("%s: no difference by now (%s)", name, why)
			}
			n++
		}
	}
	if n < 400 {
		t.Errorf("only %d values were compared", n)
	}
}

// carrying returns the request that carries a value.
func carrying(tb testing.TB, op *contract.Operation, v any) request {
	tb.Helper()
	if op.Body != nil {
		b, err := json.Marshal(v)
		if err != nil {
			tb.Fatal(err)
		}
		return request{http.MethodPost, op.Path, js, string(b), nil}
	}
	p := op.Parameters[0]
	pairs, err := values.Parameter(p, v)
	if err != nil {
		tb.Fatal(err)
	}
	r := request{method: http.MethodGet, path: op.Path}
	switch p.In {
	case contract.InQuery:
		if query := values.Joined(pairs); query != "" {
			r.path += "?" + query
		}
	case contract.InPath:
		r.path = strings.Replace(r.path, "{p}", pairs[0].Value, 1)
	default:
		r.credentials = []string{p.Name, pairs[0].Value}
	}
	return r
}
