package values_test

import (
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// Keywords of OpenAPI 3.1.
func TestLaterKeywords(t *testing.T) {
	for _, test := range []struct{ clause, schema, keep, crack string }{
		{"const", `{"const":"a"}`, ``, `"A" "ax" ""`},
		{"const", `{"type":"integer","const":7}`, ``, `8`},
		{"properties/a/const", `{"type":"object","required":["a"],"properties":{"a":{"const":"b"}}}`, ``, `{"a":"B"} {"a":"bx"} {"a":""}`},
		{"exclusiveMinimum", `{"type":"integer","exclusiveMinimum":3}`, `4`, `3`},
		{"exclusiveMaximum", `{"type":"number","exclusiveMaximum":3}`, `2.99`, `3`},
		{"nullable", `{"type":["boolean","null"]}`, `null`, ``},
		{"type", `{"type":["string","integer"],"maxLength":4}`, `"😀" "text" 1`, `{} [] true null 1.5`},
		{"patternProperties/^x-/maximum", `{"type":"object","patternProperties":{"^x-":{"type":"integer","maximum":3}}}`, `{"x-":3}`, `{"x-":4}`},
		{"prefixItems/1/maximum", `{"type":"array","prefixItems":[{"type":"string"},{"type":"integer","maximum":3}]}`, `["abcd",3]`, `["abcd",4]`},
	} {
		t.Run(test.schema, func(t *testing.T) {
			s := loaded(t, "3.1.0", test.schema, "")
			d := values.New(contract.Client).Derive(s, values.Options{})
			if !strings.Contains(test.schema, "patternP") && !strings.Contains(test.schema, "prefixI") { // kin-openapi looks at the parts only
				verify(t, s, d, contract.Client, test.schema)
			}
			expectDerived(t, s, d, test.clause, test.keep, test.crack)
		})
	}
}

// Keywords from which nothing is derived are gaps.
func TestKeywordsWithoutValues(t *testing.T) {
	for _, keyword := range []string{
		`"contains":{"type":"integer"}`, `"propertyNames":{"maxLength":3}`, `"dependentRequired":{"a":["b"]}`, `"dependentSchemas":{"a":{"required":["b"]}}`,
		`"if":{"type":"string"},"then":{"maxLength":3}`, `"unevaluatedProperties":false`,
	} {
		s := loaded(t, "3.1.0", "{"+keyword+"}", "")
		d := values.New(contract.Client).Derive(s, values.Options{})
		verify(t, s, d, contract.Client, keyword)
		name, _, _ := strings.Cut(strings.TrimPrefix(keyword, `"`), `"`)
		if !strings.Contains(reasons(d.Gaps), s.Clause+"/"+name) {
			t.Errorf("%s: want a gap, got %s", keyword, reasons(d.Gaps))
		}
	}
}
