package values_test

import (
	"reflect"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/selftest/bigdoc"
	"github.com/gesconform/gesconform/internal/values"
)

// What is made later is what was derived.
func TestLater(t *testing.T) {
	deep := 0
	for _, schema := range bodies(t, 10) {
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

// bodies returns the schemas of the JSON bodies of a document with a number of operations.
func bodies(t *testing.T, operations int) []*contract.Schema {
	t.Helper()
	c, err := contract.Parse("big.json", bigdoc.Document(operations))
	if err != nil {
		t.Fatal(err)
	}
	var all []*contract.Schema
	for _, op := range c.Operations() {
		if op.Body != nil && op.Body.Schema() != nil {
			all = append(all, op.Body.Schema())
		}
	}
	return all
}
