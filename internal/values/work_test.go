package values

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/selftest/bigdoc"
)

func loadedFrom(tb testing.TB, document []byte) *contract.Contract {
	tb.Helper()
	c, err := contract.Parse("test.json", document)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// deriveAll derives what a run by a document would, and returns how many values that are, and how many checks
// that took.
func deriveAll(c *contract.Contract) (n, checks int) {
	src := New(contract.Client)
	for _, op := range c.Operations() {
		var all []Derived
		for _, p := range op.Parameters {
			all = append(all, src.DeriveParameter(p, Options{}))
		}
		if op.Body != nil {
			for _, m := range op.Body.Content {
				all = append(all, src.DeriveBody(m, Options{}))
			}
		}
		for _, d := range all {
			n += len(d.Valid) + len(d.Breaking)
		}
	}
	return n, src.checked
}

// Ten times the operations cost ten times the checks, and for each value only a few are needed.
func TestWorkIsLinear(t *testing.T) {
	fewValues, few := deriveAll(loadedFrom(t, bigdoc.Document(10)))
	manyValues, many := deriveAll(loadedFrom(t, bigdoc.Document(100)))
	if many > 13*few || manyValues > 13*fewValues {
		t.Errorf("10 operations: %d values by %d checks, 100: %d by %d", fewValues, few, manyValues, many)
	}
	if many > 8*manyValues {
		t.Errorf("%d values took %d checks", manyValues, many)
	}
}

// nested returns a schema of objects in one another, each of which has an anyOf with so many branches.
func nested(depth, branches int) string {
	if depth == 0 {
		return `{"type":"string","maxLength":3}`
	}
	inner := nested(depth-1, branches)
	var all []string
	for i := range branches {
		all = append(all, fmt.Sprintf(`{"type":"object","required":["m%d"],"properties":{"m%d":%s}}`, i, i, inner))
	}
	return `{"anyOf":[` + strings.Join(all, ",") + `]}`
}

// Schemas that are meant to cost much end soon, with what could be derived.
func TestWorkIsBounded(t *testing.T) {
	wide := make([]string, 400)
	for i := range wide {
		wide[i] = fmt.Sprintf(`"m%d":{"type":"integer","maximum":%d}`, i, i)
	}
	for _, test := range []struct{ what, schema string }{
		{"branches in branches", nested(4, 4)},
		{"many members", `{"type":"object","properties":{` + strings.Join(wide, ",") + `}}`},
		{"a pattern of many repeats", `{"type":"string","pattern":"^((a{1,30}){1,30}){1,30}$","minLength":500}`},
		{"a pattern that hardly anything has", `{"type":"string","pattern":"^(?:a?){50}b{50}$","maxLength":60,"format":"email"}`},
		{"a long text", `{"type":"string","minLength":2000000000}`},
		{"many items", `{"type":"array","items":{"type":"boolean"},"uniqueItems":true,"minItems":2000000000}`},
		{"many members that nobody names", `{"type":"object","minProperties":2000000000}`},
		{"recursion by each member", `{"$ref":"#/components/schemas/R"}`},
		{"numbers far apart", `{"type":"number","minimum":1e300,"maximum":1.1e300,"multipleOf":1e-300}`},
		{"all of all", `{"allOf":[` + strings.Repeat(nested(2, 3)+",", 5) + `{}]}`},
	} {
		document := fmt.Sprintf(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{"/a":{"post":{"operationId":"a",
			"requestBody":{"content":{"application/json":{"schema":%s}}},"responses":{"200":{"description":"d"}}}}},
			"components":{"schemas":{"R":{"type":"object","properties":{"a":{"$ref":"#/components/schemas/R"},"b":{"$ref":"#/components/schemas/R"},"c":{"type":"array","items":{"$ref":"#/components/schemas/R"}}}}}}}`, test.schema)
		src := New(contract.Client)
		d := src.Derive(loadedFrom(t, []byte(document)).Operation("a").Body.Schema(), Options{Places: 1})
		if src.checked > 20_000 {
			t.Errorf("%s: %d checks", test.what, src.checked)
		}
		if len(d.Valid)+len(d.Breaking)+len(d.Gaps) == 0 {
			t.Errorf("%s: neither values nor a reason", test.what)
		}
		t.Logf("%s: %d checks, %d valid, %d breaking, %d gaps", test.what, src.checked, len(d.Valid), len(d.Breaking), len(d.Gaps))
	}
}

func BenchmarkDerive(b *testing.B) {
	for _, operations := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(operations), func(b *testing.B) {
			c := loadedFrom(b, bigdoc.Document(operations))
			for b.Loop() {
				n, _ := deriveAll(c)
				b.ReportMetric(float64(n), "values")
			}
		})
	}
}
