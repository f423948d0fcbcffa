package values_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

func decoded(t *testing.T, j string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(j))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// The table of OpenAPI 3.0.4, section 4.8.12.5, and what it leaves open.
func TestParameterStyles(t *testing.T) {
	const text, array, object = `"blue"`, `["blue","black"]`, `{"R":100,"G":200}`
	for _, test := range []struct {
		in      contract.In
		style   contract.Style
		explode bool
		value   string
		want    string
	}{
		{contract.InPath, "", false, text, "blue"},
		{contract.InPath, "", false, array, "blue,black"},
		{contract.InPath, "", false, object, "G,200,R,100"},
		{contract.InPath, "", true, array, "blue,black"},
		{contract.InPath, "", true, object, "G=200,R=100"},
		{contract.InPath, "label", false, text, ".blue"},
		{contract.InPath, "label", false, array, ".blue,black"},
		{contract.InPath, "label", true, array, ".blue.black"},
		{contract.InPath, "label", false, object, ".G,200,R,100"},
		{contract.InPath, "label", true, object, ".G=200.R=100"},
		{contract.InPath, "matrix", false, text, ";color=blue"},
		{contract.InPath, "matrix", true, text, ";color=blue"},
		{contract.InPath, "matrix", false, array, ";color=blue,black"},
		{contract.InPath, "matrix", true, array, ";color=blue;color=black"},
		{contract.InPath, "matrix", false, object, ";color=G,200,R,100"},
		{contract.InPath, "matrix", true, object, ";G=200;R=100"},
		{contract.InQuery, "", true, text, "color=blue"},
		{contract.InQuery, "form", false, array, "color=blue,black"},
		{contract.InQuery, "form", true, array, "color=blue&color=black"},
		{contract.InQuery, "form", false, object, "color=G,200,R,100"},
		{contract.InQuery, "form", true, object, "G=200&R=100"},
		{contract.InQuery, "spaceDelimited", false, array, "color=blue%20black"},
		{contract.InQuery, "spaceDelimited", true, array, "color=blue&color=black"},
		{contract.InQuery, "spaceDelimited", false, object, "color=G%20200%20R%20100"},
		{contract.InQuery, "pipeDelimited", false, array, "color=blue%7Cblack"},
		{contract.InQuery, "deepObject", true, object, "color%5BG%5D=200&color%5BR%5D=100"},
		{contract.InQuery, "deepObject", true, `{"a":{"b":[true]}}`, "color%5Ba%5D%5Bb%5D%5B0%5D=true"},
		{contract.InHeader, "", false, array, "blue,black"},
		{contract.InHeader, "", true, object, "G=200,R=100"},
		{contract.InCookie, "", false, object, "color=G,200,R,100"},
		{contract.InPath, "", false, `"a b/é%"`, "a%20b%2F%C3%A9%25"},
		{contract.InQuery, "form", false, `["a,b","c&d"]`, "color=a%2Cb,c%26d"},
		{contract.InQuery, "", true, `""`, "color="},
		{contract.InQuery, "", true, `[]`, ""},
		{contract.InHeader, "", false, `"a b"`, "a b"},
		{contract.InQuery, "", true, `null`, "error"},
		{contract.InQuery, "", true, `[[1]]`, "error"},
		{contract.InPath, "", false, `[null]`, "error"},
		{contract.InQuery, "spiral", true, `1`, "error"},
	} {
		p := &contract.Parameter{Name: "color", In: test.in, Style: test.style, Explode: test.explode}
		pairs, err := values.Parameter(p, decoded(t, test.value))
		got := values.Joined(pairs)
		switch {
		case err != nil:
			got = "error"
		case test.in == contract.InPath || test.in == contract.InHeader:
			got = pairs[0].Value
		}
		if got != test.want {
			t.Errorf("%s %s explode=%v %s: want %s, got %s (%v)", test.in, test.style, test.explode, test.value, test.want, got, err)
		}
	}
}

func TestParameterEscapes(t *testing.T) {
	for _, test := range []struct {
		p    contract.Parameter
		want string
	}{
		{contract.Parameter{Name: "a[]", In: contract.InQuery, Explode: true}, "a%5B%5D=x%3Ay%2F%3D%26"},
		{contract.Parameter{Name: "a", In: contract.InQuery, Explode: true, AllowReserved: true}, "a=x:y/%3D%26"},
		{contract.Parameter{Name: "a", In: contract.InQuery, MediaType: "application/json", Style: "form"}, "a=%22x%3Ay%2F%3D%26%22"},
	} {
		pairs, err := values.Parameter(&test.p, "x:y/=&")
		if got := values.Joined(pairs); err != nil || got != test.want {
			t.Errorf("%+v: want %s, got %s, %v", test.p, test.want, got, err)
		}
	}
}

// What servers, proxies or decoders would take for something else is never derived.
func TestWhatIsNotSentInText(t *testing.T) {
	string1 := schemaOf(t, `{"type":"string","minLength":1}`, "")
	for _, test := range []struct {
		in     contract.In
		schema string
		never  string // values that the schema yields elsewhere, and that are not sent here
	}{
		{contract.InQuery, `{"type":"string","maxLength":5}`, `1 true null {} []`},
		{contract.InQuery, `{"type":"integer"}`, `"1" null {} []`},
		{contract.InQuery, `{"type":"boolean"}`, `"true" null`},
		{contract.InQuery, `{"type":"string","pattern":"^[a-z]+$"}`, `{} []`},
		{contract.InPath, `{"type":"string","minLength":1}`, `""`},
		{contract.InPath, `{"type":"string"}`, `"a'\"\\\u003c\u0026%é/;=+b"`},
		{contract.InHeader, `{"type":"string","pattern":"^[a-z]{4}$"}`, `"abcd\n" "" "é"`},
		{contract.InHeader, `{"type":"string","minLength":2}`, `"" "😀" "😀𝒜"`},
		{contract.InCookie, `{"type":"string"}`, `"😀"`},
		{contract.InQuery, `{"type":"array","items":{"type":"string"}}`, `"text" [] 1 null`},
		{contract.InQuery, `{"type":"array","items":{"type":"integer"},"minItems":1}`, `[] ["1"]`},
		{contract.InQuery, `{"type":"object","properties":{"a":{"type":"string"}}}`, `{} []`},
	} {
		s := schemaOf(t, test.schema, "")
		p := &contract.Parameter{Name: "p", In: test.in, Schema: s, Style: contract.StyleForm, Explode: true}
		if test.in == contract.InHeader || test.in == contract.InPath {
			p.Style = contract.StyleSimple
		}
		src := values.New(contract.Client)
		d := src.DeriveParameter(p, values.Options{})
		for _, list := range [][]values.Value{d.Valid, d.Breaking} {
			for _, v := range list {
				for _, never := range strings.Fields(test.never) {
					if text(v.JSON) == never {
						t.Errorf("%s, %s: %s is derived as %s", test.in, test.schema, never, v.Name)
					}
				}
				if _, err := values.Parameter(p, v.JSON); err != nil {
					t.Errorf("%s, %s: %s cannot be written: %v", test.in, test.schema, text(v.JSON), err)
				}
			}
		}
		if len(d.Valid) == 0 {
			t.Errorf("%s, %s: nothing valid is derived", test.in, test.schema)
		}
	}
	d := values.New(contract.Client).DeriveParameter(&contract.Parameter{Name: "p", In: contract.InPath, Schema: string1, Style: contract.StyleSimple}, values.Options{})
	if !strings.Contains(reasons(d.Gaps), "minLength") {
		t.Errorf("minLength: cannot be broken in a path, and that is no gap: %s", reasons(d.Gaps))
	}
}
