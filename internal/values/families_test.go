package values_test

import (
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// What heads a family is sent as one of its members, with the name and with what the member requires, since readers by the
// discriminator know no other; and nobody is accused of what only readers by the discriminator see.
func TestFamilies(t *testing.T) {
	const kinds = `"Cat":{"allOf":[{"$ref":"#/components/schemas/Pet"},{"type":"object","required":["lives"],"properties":{"lives":{"type":"integer"}}}]}`
	pet := func(more string) string {
		return `"Pet":{"type":"object","required":["kind"],"properties":{"kind":{"type":"string"}},"discriminator":{"propertyName":"kind"` + more + `}}`
	}
	for name, test := range map[string]struct{ schema, components, want string }{
		"mapped":        {`{"$ref":"#/components/schemas/Pet"}`, pet(`,"mapping":{"kitten":"Cat"}`) + "," + kinds, `{"kind":"kitten","lives":1}`},
		"by its name":   {`{"$ref":"#/components/schemas/Pet"}`, pet("") + "," + kinds, `{"kind":"Cat","lives":1}`},
		"a member":      {`{"$ref":"#/components/schemas/Cat"}`, pet(`,"mapping":{"kitten":"Cat"}`) + "," + kinds, `{"kind":"kitten","lives":1}`},
		"not mapped":    {`{"$ref":"#/components/schemas/Cat"}`, pet(`,"mapping":{"me":"Pet"}`) + "," + kinds, `{"kind":"Cat","lives":1}`},
		"the head":      {`{"$ref":"#/components/schemas/Pet"}`, pet(`,"mapping":{"me":"Pet","kitten":"Cat"}`) + "," + kinds, `{"kind":"me"}`},
		"within":        {`{"type":"object","required":["pet"],"properties":{"pet":{"$ref":"#/components/schemas/Pet"}}}`, pet("") + "," + kinds, `{"pet":{"kind":"Cat","lives":1}}`},
		"none":          {`{"$ref":"#/components/schemas/Pet"}`, pet(""), ""},
		"an example":    {`{"$ref":"#/components/schemas/Pet"}`, strings.Replace(pet(""), `"string"`, `"string","example":"fish"`, 1), `{"kind":"fish"}`},
		"under a oneOf": {`{"oneOf":[{"$ref":"#/components/schemas/Cat"}],"discriminator":{"propertyName":"kind","mapping":{"tom":"Cat"}}}`, pet("") + "," + kinds, `{"kind":"tom","lives":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := schemaOf(t, test.schema, "{"+test.components+"}")
			source := values.New(contract.Client)
			v, err := source.Plain(s)
			if got := text(v); test.want == "" && err == nil || test.want != "" && (err != nil || got != test.want) {
				t.Errorf("got %s, error %v, want %s", got, err, test.want)
			}
			if test.schema != `{"$ref":"#/components/schemas/Pet"}` {
				return
			}
			d := source.Derive(s, values.Options{Places: 9})
			for _, v := range d.Breaking {
				if strings.Contains(v.Pointer, "lives") || strings.Contains(v.Clause, "Cat") {
					t.Errorf("breaks what the head does not say: %s %s", v.Pointer, text(v.JSON))
				}
			}
			for _, v := range d.Valid {
				if object, ok := v.JSON.(map[string]any); !ok || object["kind"] == "abcd" {
					t.Errorf("has a name that nobody knows: %s", text(v.JSON))
				}
			}
		})
	}
}
