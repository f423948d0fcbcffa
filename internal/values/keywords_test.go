package values_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// keywordTests say for a keyword of a schema which values are derived for it. Values are
// separated by blanks.
var keywordTests = []struct {
	clause, schema string
	keep, crack    string
}{
	{"type", `{"type":"string"}`, `"😀" "a'\"\\\u003c\u0026%é/;=+b"`, `{} [] 1 true null`},
	{"type", `{"type":"integer"}`, `0 -1`, `{} [] "text" true null 1.5 "1"`},
	{"type", `{"type":"number"}`, `0 -1 2.5`, `{} [] "text" true null "1"`},
	{"type", `{"type":"boolean"}`, `true false`, `{} [] "text" 1 null "true"`},
	{"type", `{"type":"array","items":{"type":"number"}}`, `[]`, `{} "text" 1 true null`},
	{"type", `{"type":"object"}`, ``, `[] "text" 1 true null`},
	{"nullable", `{"type":"boolean","nullable":true}`, `null`, ``},
	{"enum", `{"type":"string","enum":["cat","dog"]}`, `"cat" "dog"`, `"CAT" "catx" ""`},
	{"enum", `{"type":"integer","enum":[1,2]}`, `1 2`, `0`},
	{"enum", `{"type":"string","enum":["CAT"],"minLength":3,"maxLength":3}`, `"CAT"`, `"cat" "abc"`},
	{"minimum", `{"type":"integer","minimum":3}`, `3`, `2`},
	{"minimum", `{"type":"number","minimum":0.5}`, `0.5`, `-0.5 0.49`},
	{"minimum", `{"type":"integer","minimum":3,"multipleOf":5}`, `5`, `0`},
	{"exclusiveMinimum", `{"type":"integer","minimum":3,"exclusiveMinimum":true}`, `4`, `3`},
	{"exclusiveMinimum", `{"type":"number","minimum":0,"exclusiveMinimum":true,"maximum":0.5}`, `0.01`, `0`},
	{"maximum", `{"type":"integer","maximum":3}`, `3`, `4`},
	{"exclusiveMaximum", `{"type":"number","maximum":10,"exclusiveMaximum":true}`, `9.99`, `10`},
	{"multipleOf", `{"type":"number","multipleOf":0.1}`, `1.1`, `1.05`},
	{"multipleOf", `{"type":"integer","multipleOf":4}`, `8`, `5`},
	{"minLength", `{"type":"string","minLength":2}`, `"ab" "😀𝒜"`, `"a" "😀" ""`},
	{"maxLength", `{"type":"string","maxLength":2}`, `"ab" "😀"`, `"abc" "😀𝒜🜁"`},
	{"maxLength", `{"type":"string","maxLength":3,"pattern":"^[a-z]*$"}`, `"abc"`, `"abcd"`},
	{"minLength", `{"type":"string","minLength":9,"pattern":"^v(\\d+)\\.(\\d+)$"}`, `"v2.456789"`, `"v2.45678"`},
	{"pattern", `{"type":"string","pattern":"^[a-z]{2,4}$"}`, `"ab"`, `"abcd\n" "\nabcd" "abcd!" "!abcd" "ab!d" "" "~~~~"`},
	{"pattern", `{"type":"string","pattern":"^(cat|dog)$","maxLength":3}`, ``, `"ca!" "!at" "c!t" "" "a"`},
	{"minItems", `{"type":"array","items":{"type":"integer"},"minItems":2}`, `[1,1]`, `[1] []`},
	{"maxItems", `{"type":"array","items":{"type":"integer"},"maxItems":2}`, `[1,1]`, `[1,1,1]`},
	{"uniqueItems", `{"type":"array","items":{"type":"integer"},"uniqueItems":true}`, `[1,2]`, `[1,1] [1,2,0,1]`},
	{"required", `{"type":"object","required":["a","b/c"],"properties":{"a":{"type":"boolean"},"b/c":{"type":"boolean"}}}`, ``, `{"b/c":true} {"a":true}`},
	{"additionalProperties", `{"type":"object","properties":{"a":{"type":"boolean"}},"additionalProperties":false}`, ``, `{"gesconformSurplus":"text"}`},
	{"additionalProperties/type", `{"type":"object","additionalProperties":{"type":"boolean"}}`, `{"gesconformSurplus":true} {"gesconformSurplus":false}`,
		`{"gesconformSurplus":{}} {"gesconformSurplus":[]} {"gesconformSurplus":"text"} {"gesconformSurplus":1} {"gesconformSurplus":null} {"gesconformSurplus":"true"}`},
	{"properties/a", `{"type":"object","properties":{"a":{"type":"boolean"}}}`, `{"a":true}`, ``},
	{"minProperties", `{"type":"object","properties":{"a":{"type":"boolean"},"b":{"type":"boolean"}},"minProperties":1}`, `{"a":true}`, `{}`},
	{"maxProperties", `{"type":"object","properties":{"a":{"type":"boolean"},"b":{"type":"boolean"}},"maxProperties":1}`, `{"a":true}`, `{"a":true,"b":true}`},
	{"allOf/0/required", `{"allOf":[{"type":"object","required":["a"]},{"type":"object","required":["b"],"properties":{"a":{"type":"integer"}}}]}`, ``, `{"b":"abcd"}`},
	{"anyOf", `{"anyOf":[{"type":"string"},{"type":"integer"}]}`, ``, `0.5`},
	{"oneOf", `{"oneOf":[{"type":"number","minimum":2},{"type":"integer"}]}`, ``, `0.5 2`},
	{"not", `{"type":"string","not":{"enum":["root"]}}`, ``, `"root"`},
	{"not", `{"type":"object","not":{"required":["a"]}}`, ``, `{"a":"abcd"}`},
	{"default", `{"type":"integer","default":7}`, `7`, ``},
}

func TestKeywords(t *testing.T) {
	for _, test := range keywordTests {
		t.Run(test.clause+" "+test.schema, func(t *testing.T) {
			s := schemaOf(t, test.schema, "")
			d := values.New(contract.Client).Derive(s, values.Options{})
			verify(t, s, d, contract.Client, test.schema)
			expectDerived(t, s, d, test.clause, test.keep, test.crack)
		})
	}
}

// expectDerived compares what was derived for a clause with the values that are to keep and to crack it, as JSON
// with blanks between them.
func expectDerived(t *testing.T, s *contract.Schema, d values.Derived, clause, keep, crack string) {
	t.Helper()
	for _, side := range []struct {
		name, want string
		got        []values.Value
	}{{"valid", keep, d.Valid}, {"breaking", crack, d.Breaking}} {
		var got []string
		for _, v := range side.got {
			if clauseIn(s, v.Clause) == clause {
				got = append(got, text(v.JSON))
			}
		}
		if want := strings.Fields(side.want); !slices.Equal(got, want) {
			t.Errorf("%s: want %s, got %s\n%s", side.name, want, got, reasons(d.Gaps))
		}
	}
}
