package values_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// manyOperations returns a document with n operations, each with a body of its own.
func manyOperations(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"components":{"schemas":` + components + `},"paths":{`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"/a%d":{"post":{"operationId":"a%d","requestBody":{"content":{"application/json":{"schema":{"type":"object","required":["name","kind"],
			"properties":{"name":{"type":"string","minLength":2,"maxLength":40,"pattern":"^[a-z]{2,%d}$"},"kind":{"type":"string","enum":["cat","dog","cow"]},
			"age":{"type":"integer","minimum":0,"maximum":%d},"when":{"type":"string","format":"date-time"},
			"tags":{"type":"array","maxItems":5,"items":{"type":"string","maxLength":9}},
			"owner":{"anyOf":[{"type":"string"},{"type":"object","required":["id"],"properties":{"id":{"type":"integer"}}}]},
			"tree":{"$ref":"#/components/schemas/Tree"},"pet":{"$ref":"#/components/schemas/Pet"}}}}}},"responses":{"200":{"description":"d"}}}}`, i, i, 10+i%50, 10+i)
	}
	b.WriteString(`}}`)
	return []byte(b.String())
}

func bodies(tb testing.TB, n int) []*contract.Schema {
	tb.Helper()
	c, err := contract.Parse("many.json", manyOperations(n))
	if err != nil {
		tb.Fatal(err)
	}
	var all []*contract.Schema
	for _, op := range c.Operations() {
		all = append(all, op.Body.Schema())
	}
	return all
}

func BenchmarkDerive(b *testing.B) {
	all := bodies(b, 1000)
	for b.Loop() {
		src := values.New(contract.Client)
		n := 0
		for _, s := range all {
			d := src.Derive(s, values.Options{})
			n += len(d.Valid) + len(d.Breaking)
		}
		b.ReportMetric(float64(n), "values")
	}
}
