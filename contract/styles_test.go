package contract

import (
	"strings"
	"testing"
)

const (
	anInteger    = `{"type":"integer"}`
	aList        = `{"type":"array","items":{"type":"string"}}`
	numbers      = `{"type":"array","items":{"type":"integer"}}`
	eitherNumber = `{"anyOf":[{"type":"integer"},{"enum":["all"]}]}`
	deepNumbers  = `{"type":"object","properties":{"b":` + numbers + `}}`
	deepColour   = `{"type":"object","properties":{"a":` + aColour + `,"b":` + numbers + `}}`
	aColour      = `{"type":"object","properties":{"R":{"type":"integer"},"G":{"type":"integer"},"name":{"type":"string"}}}`
)

// styleChecks has each style as OpenAPI 3.0.4 shows it (section 4.8.12.4), and what is written otherwise.
var styleChecks = []struct {
	in      In
	style   Style
	explode bool
	schema  string
	wire    string
	want    string // the value; "" for none, and a keyword after ! for a problem
}{
	{InPath, StyleSimple, false, anInteger, "7", `7`},
	{InPath, StyleSimple, false, anInteger, "x", `"x"`},
	{InPath, StyleSimple, false, `{"type":"string"}`, "a%2Cb%20c", `"a,b c"`},
	{InPath, StyleSimple, false, `{"type":"string"}`, "a+b", `"a+b"`},
	{InPath, StyleSimple, false, `{"type":"string"}`, "%zz", `"%zz" !syntax`},
	{InPath, StyleSimple, false, aList, "a,b%2Cc", `["a","b,c"]`},
	{InPath, StyleSimple, true, aList, "a,b", `["a","b"]`},
	{InPath, StyleSimple, false, aColour, "R,100,G,200", `{"R":100,"G":200}`},
	{InPath, StyleSimple, true, aColour, "R=100,G=200", `{"R":100,"G":200}`},
	{InPath, StyleSimple, true, aColour, "R", `"R" !syntax`},
	{InPath, StyleSimple, false, aColour, "R,100,G", `"R,100,G" !syntax`},
	{InPath, StyleLabel, false, anInteger, ".7", `7`},
	{InPath, StyleLabel, false, anInteger, "7", `"7" !syntax`},
	{InPath, StyleLabel, false, `{"type":"string"}`, "a", `"a" !syntax`},
	{InPath, StyleLabel, false, aList, "a,b", `"a,b" !syntax`},
	{InPath, StyleLabel, false, aList, ".a,b", `["a","b"]`},
	{InPath, StyleLabel, true, aList, ".a.b", `["a","b"]`},
	{InPath, StyleLabel, false, aColour, ".R,100,G,200", `{"R":100,"G":200}`},
	{InPath, StyleLabel, true, aColour, ".R=100.G=200", `{"R":100,"G":200}`},
	{InPath, StyleMatrix, false, anInteger, ";p=7", `7`},
	{InPath, StyleMatrix, false, `{"type":"string"}`, ";p", `""`},
	{InPath, StyleMatrix, false, anInteger, ";q=7", `";q=7" !syntax`},
	{InPath, StyleMatrix, false, aList, ";p=a,b", `["a","b"]`},
	{InPath, StyleMatrix, true, aList, ";p=a;p=b", `["a","b"]`},
	{InPath, StyleMatrix, true, aList, ";p=a;q=b", `";p=a;q=b" !syntax`},
	{InPath, StyleMatrix, false, aColour, ";p=R,100,G,200", `{"R":100,"G":200}`},
	{InPath, StyleMatrix, true, aColour, ";R=100;G=200", `{"R":100,"G":200}`},

	{InQuery, StyleForm, true, anInteger, "p=7", `7`},
	{InQuery, StyleForm, true, anInteger, "q=1&p=7&r", `7`},
	{InQuery, StyleForm, true, anInteger, "", ``},
	{InQuery, StyleForm, true, anInteger, "q=7", ``},
	{InQuery, StyleForm, true, anInteger, "p", `""`},
	{InQuery, StyleForm, true, anInteger, "p=07", `"07"`},
	{InQuery, StyleForm, true, anInteger, "p=7&p=8", `7 !repeated`},
	{InQuery, StyleForm, true, anInteger, "%70=7", `7`},
	{InQuery, StyleForm, true, `{"type":"string"}`, "p=true", `"true"`},
	{InQuery, StyleForm, true, `{"type":"string"}`, "p=a+b%2B", `"a b+"`},
	{InQuery, StyleForm, true, `{"type":"string"}`, "p=a=b", `"a=b"`},
	{InQuery, StyleForm, true, `{"type":"boolean"}`, "p=true", `true`},
	{InQuery, StyleForm, true, `{"type":"boolean"}`, "p=True", `"True"`},
	{InQuery, StyleForm, true, `{}`, "p=7", `"7"`},
	{InQuery, StyleForm, true, `{"enum":[7,8]}`, "p=7", `7`},
	{InQuery, StyleForm, true, eitherNumber, "p=7", `7`},
	{InQuery, StyleForm, true, eitherNumber, "p=all", `"all"`},
	{InQuery, StyleForm, true, `{"anyOf":[{"type":"integer"},{"type":"string","maxLength":1}]}`, "p=7", `"7"`},
	{InQuery, StyleForm, true, `{"allOf":[{"type":"integer"},{"minimum":9}]}`, "p=7", `7`},
	{InQuery, StyleForm, true, `{"type":"integer","nullable":true}`, "p=null", `null`},
	{InQuery, StyleForm, true, aList, "p=a&p=b%2Cc&p=d,e", `["a","b,c","d,e"]`},
	{InQuery, StyleForm, true, numbers, "p=1&q=x&p=2", `[1,2]`},
	{InQuery, StyleForm, true, aList, "p=", `[""]`},
	{InQuery, StyleForm, true, numbers, "p=", `[]`},
	{InQuery, StyleForm, true, aList, "q=", ``},
	{InQuery, StyleForm, true, `{"anyOf":[{"type":"integer"},` + numbers + `]}`, "p=1&p=2", `[1,2]`},
	{InQuery, StyleForm, true, `{"anyOf":[{"type":"integer"},` + numbers + `]}`, "p=1", `[1]`},
	{InQuery, StyleForm, true, `{"anyOf":[{"type":"integer"},{"type":"array","items":{"type":"integer"},"minItems":2}]}`, "p=1", `1`},
	{InQuery, StyleForm, false, aList, "p=a,b%2Cc", `["a","b,c"]`},
	{InQuery, StyleForm, false, aList, "p=a%2Cb", `["a","b"]`},
	{InQuery, StyleForm, false, numbers, "p=1,2", `[1,2]`},
	{InQuery, StyleForm, false, numbers, "p=1&p=2", `[1] !repeated`},
	{InQuery, StyleForm, true, aColour, "R=100&x=1&G=200", `{"R":100,"G":200}`},
	{InQuery, StyleForm, true, aColour, "x=1", ``},
	{InQuery, StyleForm, false, aColour, "p=R,100,G,200", `{"R":100,"G":200}`},
	{InQuery, StyleSpaceDelimited, false, numbers, "p=1%202+3", `[1,2,3]`},
	{InQuery, StyleSpaceDelimited, true, numbers, "p=1&p=2", `[1,2]`},
	{InQuery, StyleSpaceDelimited, false, aColour, "p=R%20100%20G%20200", `{"R":100,"G":200}`},
	{InQuery, StylePipeDelimited, false, numbers, "p=1|2%7C3", `[1,2,3]`},
	{InQuery, StylePipeDelimited, false, aColour, "p=R|100|G|200", `{"R":100,"G":200}`},
	{InQuery, StyleDeepObject, true, aColour, "p[R]=100&p%5BG%5D=200&q[R]=1", `{"R":100,"G":200}`},
	{InQuery, StyleDeepObject, true, aColour, "p=R", ``},
	{InQuery, StyleDeepObject, true, aColour, "p[R]=1&p[R]=2", `{"R":2} !repeated`},
	{InQuery, StyleDeepObject, true, deepColour, "p[a][R]=1&p[b]=2&p[b]=3", `{"a":{"R":1},"b":[2,3]}`},
	{InQuery, StyleDeepObject, true, deepNumbers, "p[b][]=2&p[b][]=3", `{"b":[2,3]}`},
	{InQuery, StyleDeepObject, true, deepNumbers, "p[b][0]=2&p[b][1]=3", `{"b":[2,3]}`},
	{InQuery, StyleDeepObject, true, `{"type":"object","additionalProperties":{"type":"integer"}}`, "p[x]=1", `{"x":1}`},

	{InHeader, StyleSimple, false, anInteger, " 7 ", `7`},
	{InHeader, StyleSimple, false, `{"type":"string"}`, "a%20b, c", `"a%20b, c"`},
	{InHeader, StyleSimple, false, numbers, "1, 2,3", `[1,2,3]`},
	{InHeader, StyleSimple, false, aColour, "R,100,G,200", `{"R":100,"G":200}`},
	{InHeader, StyleSimple, true, aColour, "R=100, G=200", `{"R":100,"G":200}`},
	{InHeader, StyleSimple, false, aList, "", `[""]`},

	{InCookie, StyleForm, true, anInteger, "q=1; p=7", `7`},
	{InCookie, StyleForm, true, anInteger, "q=1", ``},
	{InCookie, StyleForm, true, `{"type":"string"}`, "p=a%20b", `"a b"`},
	{InCookie, StyleForm, true, `{"type":"string"}`, "p=100%", `"100%"`},
	{InCookie, StyleForm, false, numbers, "p=1,2", `[1,2]`},
	{InCookie, StyleForm, true, numbers, "p=1; p=2", `[1,2]`},
	{InCookie, StyleForm, true, aColour, "R=100; G=200", `{"R":100,"G":200}`},
}

func TestStyles(t *testing.T) {
	for _, test := range styleChecks {
		s, _ := compileText(t, test.schema)
		p := &Parameter{Name: "p", In: test.in, Style: test.style, Explode: test.explode, Schema: s}
		v, problems := p.Decode(test.wire)
		if got := decoded(v, problems); got != test.want {
			t.Errorf("%s %s, explode %v, %s: %q: got %s, want %s", test.in, test.style, test.explode, test.schema, test.wire, got, test.want)
		}
	}
}

// decoded writes a value and the keywords of problems as the tables have them.
func decoded(v *Value, problems []Problem) string {
	text := ""
	if v != nil {
		text = jsonOf(v)
	}
	for _, p := range problems {
		text += " !" + p.Keyword
	}
	return strings.TrimSpace(text)
}

// jsonOf writes a value as JSON, its members in their order.
func jsonOf(v *Value) string {
	var parts []string
	switch v.Kind {
	case KindArray:
		for _, item := range v.Items {
			parts = append(parts, jsonOf(item))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case KindObject:
		for _, m := range v.Members {
			parts = append(parts, `"`+m.Name+`":`+jsonOf(m.Value))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case KindNull:
		return "null"
	case KindNumber:
		return v.Text
	default:
		return v.canonical()
	}
}

// A value that is written as a body is stands for itself, whatever the style.
func TestContentParameters(t *testing.T) {
	s, _ := compileText(t, aColour)
	p := &Parameter{Name: "p", In: InQuery, Schema: s, MediaType: "application/json"}
	for wire, want := range map[string]string{
		"p=%7B%22R%22%3A100%7D": `{"R":100}`, "p=%7B": "!syntax", "q=1": "", "p=%5B%5D": "[]",
	} {
		if got := decoded(p.Decode(wire)); got != want {
			t.Errorf("%q: got %s, want %s", wire, got, want)
		}
	}
	p.MediaType = "text/plain"
	if got := decoded(p.Decode("p=%7B")); got != `"{"` {
		t.Errorf("got %s", got)
	}
}

func FuzzStyles(f *testing.F) {
	var all []*Parameter
	for _, test := range styleChecks {
		f.Add(test.wire)
		s, _ := compileText(f, test.schema)
		all = append(all, &Parameter{Name: "p", In: test.in, Style: test.style, Explode: test.explode, Schema: s})
	}
	f.Fuzz(func(t *testing.T, wire string) {
		for _, p := range all {
			v, problems := p.Decode(wire)
			for _, problem := range problems {
				if problem.In != p.In || problem.Name != "p" || problem.Message == "" {
					t.Errorf("%q: got %+v", wire, problem)
				}
			}
			if v != nil {
				p.Schema.check(v)
			}
		}
	})
}
