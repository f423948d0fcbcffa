package values

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

// All texts that the table has are derived: both opinions are that the valid ones are valid, and the near misses
// are not.
func TestFormatTable(t *testing.T) {
	for _, name := range sortedKeys(formats) {
		kind, keep, crack := "string", formats[name].valid, formats[name].near
		if formats[name].number {
			kind = "integer"
		}
		document := fmt.Sprintf(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{"/a":{"post":{"operationId":"a",
			"requestBody":{"content":{"application/json":{"schema":{"type":%q,"format":%q}}}},"responses":{"200":{"description":"d"}}}}}}`, kind, name)
		c, err := contract.Parse("test.json", []byte(document))
		if err != nil {
			t.Fatal(err)
		}
		d := New(contract.Client).Derive(c.Operation("a").Body.Schema(), Options{})
		for _, side := range []struct {
			want []example
			got  []Value
		}{{keep, d.Valid}, {crack, d.Breaking}} {
			for _, e := range side.want {
				if !slices.ContainsFunc(side.got, func(v Value) bool { return v.Name == "format-"+e.name && v.JSON == e.text }) {
					t.Errorf("%s: %s %q is not derived: %v", name, e.name, e.text, d.Gaps)
				}
			}
		}
		if formats[name].number && len(d.Breaking) < 2 {
			t.Errorf("%s: got %v", name, d.Breaking)
		}
	}
}
