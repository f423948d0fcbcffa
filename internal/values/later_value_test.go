package values_test

import (
	"reflect"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// What is made later is what was derived.
func TestLater(t *testing.T) {
	deep := 0
	for _, schema := range bodies(t, 3) {
		d := values.New(contract.Client).Derive(schema, values.Options{})
		for _, list := range [][]values.Value{d.Valid, d.Breaking} {
			for _, v := range list {
				if v.Pointer != "" {
					deep++
				}
				if later := v.Later()(); !reflect.DeepEqual(later, v.JSON) {
					t.Errorf("%s %s: expected %v, got %v", v.Pointer, v.Name, v.JSON, later)
				}
			}
		}
	}
	if deep == 0 {
		t.Error("no value is special below the top")
	}
}
