package values_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

func derive(t *testing.T, schema, components string, o values.Options) (*contract.Schema, values.Derived) {
	t.Helper()
	s := schemaOf(t, schema, components)
	d := values.New(contract.Client).Derive(s, o)
	verify(t, s, d, contract.Client, schema)
	return s, d
}

func find(all []values.Value, pointer, name string) *values.Value {
	i := slices.IndexFunc(all, func(v values.Value) bool { return v.Pointer == pointer && v.Name == name })
	if i < 0 {
		return nil
	}
	return &all[i]
}

func TestPlainAndFull(t *testing.T) {
	const tree = `{"$ref":"#/components/schemas/Tree"}`
	for _, test := range []struct{ what, schema, plain, full string }{
		{"required members only", `{"type":"object","required":["b"],"properties":{"a":{"type":"integer"},"b":{"type":"boolean"}}}`, `{"b":true}`, `{"a":1,"b":true}`},
		{"examples", `{"type":"object","required":["a","b"],"properties":{"a":{"type":"string","example":"Ada"},"b":{"type":"integer","default":7}}}`, `{"a":"Ada","b":7}`, `{"a":"Ada","b":7}`},
		{"an example of the whole fills its members", `{"type":"object","required":["a"],"example":{"a":"Ada","b":2},"properties":{"a":{"type":"string"},"b":{"type":"integer"}}}`, `{"a":"Ada"}`, `{"a":"Ada","b":2}`},
		{"an example that is not valid is not taken", `{"type":"integer","minimum":5,"example":3}`, `5`, `5`},
		{"the first option", `{"type":"string","enum":["x","y"]}`, `"x"`, `"x"`},
		{"an item, though none is needed", `{"type":"array","items":{"type":"integer","minimum":2}}`, `[2]`, `[2]`},
		{"a schema that contains itself", tree, `{"value":1}`, `{"kids":[],"value":1}`},
		{"all parts of allOf", `{"allOf":[{"type":"object","required":["a"],"properties":{"a":{"type":"integer","minimum":2}}},{"properties":{"a":{"maximum":3,"multipleOf":3}}}]}`, `{"a":3}`, `{"a":3}`},
		{"the second branch, if the first has none", `{"oneOf":[{"type":"string","minLength":3,"maxLength":2},{"type":"integer"}]}`, `1`, `1`},
		{"a branch by its name", `{"$ref":"#/components/schemas/Pet"}`, `{"kind":"Cat","lives":1}`, `{"kind":"Cat","lives":1}`},
		{"no read-only member", `{"type":"object","required":["id","n"],"properties":{"id":{"type":"string","readOnly":true},"n":{"type":"integer"}}}`, `{"n":1}`, `{"n":1}`},
		{"made-up members", `{"type":"object","minProperties":2}`, `{"gesconformSurplus1":"abcd","gesconformSurplus2":"abcd"}`, `{"gesconformSurplus1":"abcd","gesconformSurplus2":"abcd"}`},
		{"what not forbids is avoided", `{"type":"integer","not":{"enum":[1]},"minimum":0}`, `0`, `0`},
	} {
		s := schemaOf(t, test.schema, components)
		src := values.New(contract.Client)
		plain, err := src.Plain(s)
		if got := text(plain); err != nil || got != test.plain {
			t.Errorf("%s: want %s, got %s, %v", test.what, test.plain, got, err)
		}
		full, err := src.Full(s)
		if got := text(full); err != nil || got != test.full {
			t.Errorf("%s: full: want %s, got %s, %v", test.what, test.full, got, err)
		}
	}
}

func TestHints(t *testing.T) {
	s := schemaOf(t, `{"type":"object","required":["a","b"],"properties":{"a":{"type":"string"},"b":{"type":"integer"}}}`, "")
	got, err := values.New(contract.Client).Plain(s, nil, map[string]any{"a": "hint", "b": "not a number", "c": 1})
	if err != nil || text(got) != `{"a":"hint","b":1}` {
		t.Errorf("got %s, %v", text(got), err)
	}
}

// What has no value says why, and where.
func TestNoPlain(t *testing.T) {
	for _, test := range []struct{ schema, want string }{
		{`{"type":"string","minLength":3,"maxLength":2}`, "schema"},
		{`{"type":"object","required":["a"],"properties":{"a":{"$ref":"#/components/schemas/Endless"}}}`, "without end"},
		{`{"type":"integer","allOf":[{"type":"string"}]}`, "no type"},
		{`{"type":"string","enum":["abc"],"maxLength":2}`, "maxLength"},
		{`{"type":"object","required":["a"],"additionalProperties":false}`, "additionalProperties"},
	} {
		s := schemaOf(t, test.schema, `{"Endless":{"type":"object","required":["next"],"properties":{"next":{"$ref":"#/components/schemas/Endless"}}}}`)
		v, err := values.New(contract.Client).Plain(s)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), s.Clause) {
			t.Errorf("%s: want an error with %q, got %s, %v", test.schema, test.want, text(v), err)
		}
		d := values.New(contract.Client).Derive(s, values.Options{})
		if len(d.Valid)+len(d.Breaking) > 0 || len(d.Gaps) == 0 {
			t.Errorf("%s: got %d values, %d gaps", test.schema, len(d.Valid)+len(d.Breaking), len(d.Gaps))
		}
	}
}

// A clause is broken at its shallowest place first, and at further ones only if that is asked for.
func TestPlaces(t *testing.T) {
	const schema = `{"type":"object","properties":{"a":{"type":"object","properties":{"name":{"$ref":"#/components/schemas/Name"}}},"name":{"$ref":"#/components/schemas/Name"}}}`
	const name = `{"Name":{"type":"string","maxLength":3}}`
	_, once := derive(t, schema, name, values.Options{})
	if find(once.Breaking, "/name", "maxLength+1") == nil || find(once.Breaking, "/a/name", "maxLength+1") != nil {
		t.Errorf("want the shallowest place only, got\n%v", once.Breaking)
	}
	_, twice := derive(t, schema, name, values.Options{Places: 1})
	further := find(twice.Breaking, "/a/name", "maxLength+1")
	if further == nil || !further.Again || text(further.JSON) != `{"a":{"name":"abcd"}}` {
		t.Errorf("want the further place, too, got %v", further)
	}
	if first := find(twice.Breaking, "/name", "maxLength+1"); first == nil || first.Again {
		t.Errorf("want the first place, got %v", first)
	}
	_, skipped := derive(t, schema, name, values.Options{Skip: func(clause string) bool { return strings.HasSuffix(clause, "/maxLength") }})
	if find(skipped.Breaking, "/name", "maxLength+1") != nil {
		t.Error("what is to be skipped is derived")
	}
}

// With a limit, places of the same make get different values.
func TestValuesLimit(t *testing.T) {
	_, d := derive(t, `{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"},"c":{"type":"integer"}}}`, "", values.Options{Values: 1})
	var names []string
	for _, v := range d.Breaking {
		if v.Keyword == "type" && v.Pointer != "" {
			names = append(names, v.Name)
		}
	}
	if len(names) != 3 || names[0] == names[1] || names[1] == names[2] {
		t.Errorf("want one value at each of three places, all different, got %v", names)
	}
}

func TestDeepPlaces(t *testing.T) {
	const deep = `{"$ref":"#/components/schemas/A"}`
	const chain = `{"A":{"type":"object","properties":{"b":{"type":"object","properties":{"c":{"type":"array","items":{"type":"object","properties":{"d":{"type":"integer","maximum":5}}}}}}}}}`
	_, d := derive(t, deep, chain, values.Options{})
	v := find(d.Breaking, "/b/c/0/d", "maximum+1")
	if v == nil || text(v.JSON) != `{"b":{"c":[{"d":6}]}}` || v.Clause != "/components/schemas/A/properties/b/properties/c/items/properties/d/maximum" {
		t.Errorf("got %+v", v)
	}
	_, shallow := derive(t, deep, chain, values.Options{Depth: 2})
	if find(shallow.Breaking, "/b/c/0/d", "maximum+1") != nil || !strings.Contains(reasons(shallow.Gaps), "levels deep") {
		t.Errorf("want a gap below two levels, got %s", reasons(shallow.Gaps))
	}
}

// A value that breaks a schema under anyOf or oneOf names that clause, and the one that refuses it.
func TestThroughForks(t *testing.T) {
	s, d := derive(t, `{"type":"object","properties":{"x":{"anyOf":[{"type":"object","required":["a"],"properties":{"a":{"type":"integer","maximum":5}}},{"type":"string","maxLength":2}]}}}`, "", values.Options{})
	v := find(d.Breaking, "/x/a", "maximum+1")
	if v == nil || clauseIn(s, v.Clause) != "properties/x/anyOf/0/properties/a/maximum" || clauseIn(s, v.Through) != "properties/x/anyOf" {
		t.Errorf("got %+v", v)
	}
	v = find(d.Breaking, "/x", "maxLength+1")
	if v == nil || text(v.JSON) != `{"x":"abc"}` || clauseIn(s, v.Clause) != "properties/x/anyOf/1/maxLength" {
		t.Errorf("got %+v", v)
	}
	// What another branch takes breaks nothing.
	_, d = derive(t, `{"anyOf":[{"type":"string","maxLength":2},{"type":"string","maxLength":5}]}`, "", values.Options{})
	if v := find(d.Breaking, "", "maxLength+1"); v == nil || text(v.JSON) != `"abcdef"` {
		t.Errorf("got %+v", v)
	}
	if !strings.Contains(reasons(d.Gaps), "anyOf/0/maxLength") {
		t.Errorf("maxLength of the first branch cannot be broken, and that is no gap: %s", reasons(d.Gaps))
	}
}

func TestDiscriminator(t *testing.T) {
	_, d := derive(t, `{"$ref":"#/components/schemas/Pet"}`, components, values.Options{})
	for _, test := range []struct{ pointer, name, want string }{
		{"/kind", "discriminator-unknown", `{"kind":"Catx","lives":1}`},
		{"/kind", "discriminator-missing", `{"lives":1}`},
		{"/kind", "discriminator-of-another", `{"kind":"dog","lives":1}`},
		{"/lives", "maximum+1", `{"kind":"Cat","lives":10}`},
		{"/bark", "missing", `{"kind":"dog"}`},
	} {
		v := find(d.Breaking, test.pointer, test.name)
		if v == nil || text(v.JSON) != test.want {
			t.Errorf("%s %s: want %s, got %+v\n%s", test.pointer, test.name, test.want, v, reasons(d.Gaps))
		}
	}
}

// Read-only members are broken by being sent in a request, write-only ones in an answer.
func TestReadAndWriteOnly(t *testing.T) {
	const schema = `{"type":"object","required":["id","secret"],"properties":{"id":{"type":"integer","readOnly":true},"secret":{"type":"string","writeOnly":true}}}`
	for _, test := range []struct {
		from               contract.Side
		plain, name, crack string
	}{
		{contract.Client, `{"secret":"abcd"}`, "readOnly", `{"id":1,"secret":"abcd"}`},
		{contract.Server, `{"id":1}`, "writeOnly", `{"id":1,"secret":"abcd"}`},
	} {
		s := schemaOf(t, schema, "")
		d := values.New(test.from).Derive(s, values.Options{})
		verify(t, s, d, test.from, schema)
		if len(d.Valid) == 0 || text(d.Valid[0].JSON) != test.plain {
			t.Errorf("%s: want %s first, got %v", test.from, test.plain, d.Valid)
		}
		i := slices.IndexFunc(d.Breaking, func(v values.Value) bool { return v.Name == test.name })
		if i < 0 || text(d.Breaking[i].JSON) != test.crack {
			t.Errorf("%s: want %s as %s, got %v %s", test.from, test.crack, test.name, d.Breaking, reasons(d.Gaps))
		}
	}
}

// What common readers take unasked is marked.
func TestScalar(t *testing.T) {
	_, d := derive(t, `{"type":"object","required":["s"],"properties":{"n":{"type":"integer","minimum":0},"s":{"type":"string","pattern":"^[a-z]+$"},"b":{"type":"boolean"},"t":{"type":"string","format":"date-time"},"u":{"type":"string","format":"uuid"}}}`, "", values.Options{})
	for _, test := range []struct {
		pointer, name string
		scalar        bool
	}{
		{"/n", "type-text-of-it", true}, {"/n", "type-fraction", true}, {"/n", "type-boolean", true}, {"/n", "type-array", false}, {"/n", "type-null", true}, {"/s", "type-null", false},
		{"/n", "minimum-1", false}, {"/s", "type-number", true}, {"/s", "pattern-line-break-behind", true}, {"/s", "pattern-behind", false}, {"/b", "type-text-of-it", true},
		{"/t", "format-no-offset", true}, {"/t", "format-month-13", false}, {"/u", "format-other-hyphens", true}, {"/u", "format-text", false},
	} {
		v := find(d.Breaking, test.pointer, test.name)
		if v == nil || v.Scalar != test.scalar {
			t.Errorf("%s %s: want scalar=%v, got %+v", test.pointer, test.name, test.scalar, v)
		}
	}
}

// As many further places as asked for, and no more.
func TestFurtherPlaces(t *testing.T) {
	_, d := derive(t, `{"type":"object","properties":{"a":{"$ref":"#/components/schemas/N"},"b":{"$ref":"#/components/schemas/N"},"c":{"$ref":"#/components/schemas/N"}}}`,
		`{"N":{"type":"integer","maximum":3}}`, values.Options{Places: 1})
	if find(d.Breaking, "/a", "maximum+1") == nil || find(d.Breaking, "/b", "maximum+1") == nil || find(d.Breaking, "/c", "maximum+1") != nil {
		t.Errorf("want two places of three, got %v", d.Breaking)
	}
}

// A value on which the opinions differ is not derived, and listed: kin-openapi knows no names of branches but those that
// the document maps.
func TestOpinionsDiffer(t *testing.T) {
	_, d := derive(t, `{"oneOf":[{"$ref":"#/components/schemas/A"},{"$ref":"#/components/schemas/B"}],"discriminator":{"propertyName":"k"}}`,
		`{"A":{"type":"object","required":["k","a"],"properties":{"k":{"type":"string"},"a":{"type":"integer"}}},"B":{"type":"object","required":["k","b"],"properties":{"k":{"type":"string"},"b":{"type":"integer"}}}}`, values.Options{})
	if find(d.Breaking, "/k", "discriminator-unknown") != nil {
		t.Error("a value is derived that kin-openapi finds valid")
	}
	if all := reasons(d.Gaps); !strings.Contains(all, "discriminator-unknown: opinions differ: kin-openapi finds") {
		t.Errorf("want the value among the gaps, with both opinions, got %s", all)
	}
}
