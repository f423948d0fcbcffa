package values

import (
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

func TestTextsThatAreNotSent(t *testing.T) {
	for _, test := range []struct {
		in   contract.In
		text string
		want string // of the reason; "" if it is sent
	}{
		{contract.InQuery, "a\x00", "null byte"},
		{contract.InBody, "a\x00", "null byte"},
		{contract.InPath, "", "elsewhere"},
		{contract.InPath, ".", "elsewhere"},
		{contract.InPath, "..", "elsewhere"},
		{contract.InPath, "a/b", "slash"},
		{contract.InPath, "a.b", ""},
		{contract.InHeader, "", "empty"},
		{contract.InHeader, "a\nb", "control"},
		{contract.InHeader, " a", "blanks"},
		{contract.InHeader, "é", "ASCII"},
		{contract.InHeader, "a b", ""},
		{contract.InCookie, "a;b", "cookie"},
		{contract.InQuery, "", ""},
		{contract.InQuery, " é\n", ""},
	} {
		err := textIn(test.text, test.in)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %q: want %q, got %v", test.in, test.text, test.want, err)
		}
	}
}

// What a style would take apart is not sent, nor what says nothing.
func TestSentAs(t *testing.T) {
	for _, test := range []struct {
		p     contract.Parameter
		value any
		sent  bool
	}{
		{contract.Parameter{In: contract.InQuery, Style: contract.StyleForm}, []any{"a,b"}, false},
		{contract.Parameter{In: contract.InQuery, Style: contract.StyleForm}, []any{"a", "b"}, true},
		{contract.Parameter{In: contract.InQuery, Style: contract.StylePipeDelimited}, []any{"a|b"}, false},
		{contract.Parameter{In: contract.InPath, Style: contract.StyleLabel}, "a.b", false},
		{contract.Parameter{In: contract.InQuery, Style: contract.StyleForm}, []any{}, false},
		{contract.Parameter{In: contract.InQuery, Style: contract.StyleForm, Explode: true}, []any{}, false},
		{contract.Parameter{In: contract.InQuery, Style: contract.StyleForm, Explode: true}, map[string]any{}, false},
		{contract.Parameter{In: contract.InQuery, Style: contract.StyleForm, Explode: true}, "", true},
		{contract.Parameter{In: contract.InQuery, Style: contract.StyleForm, Explode: true, AllowEmptyValue: true}, "", false},
		{contract.Parameter{In: contract.InQuery, Style: contract.StyleForm, Explode: true}, nil, false},
	} {
		test.p.Name = "p"
		if _, err := sentAs(&test.p, test.value); (err == nil) != test.sent {
			t.Errorf("%+v, %v: want sent=%v, got %v", test.p, test.value, test.sent, err)
		}
	}
}

// Keywords of several schemas together are the tighter ones.
func TestShape(t *testing.T) {
	f := func(n float64) *float64 { return &n }
	a := &contract.Schema{Minimum: f(1), Maximum: f(9), MinLength: 2, MaxLength: 8, MaxItems: -1, MaxProperties: 3, MultipleOf: f(4)}
	b := &contract.Schema{Minimum: f(3), Maximum: f(9), ExclusiveMaximum: true, MinLength: 1, MaxLength: -1, MaxItems: 5, MaxProperties: 7, MultipleOf: f(6), Closed: true}
	for _, all := range []schemas{{a, b}, {b, a}} {
		sh := shapeOf(all, nil)
		if sh.least.at.Cmp(ratio(3)) != 0 || sh.most.at.Cmp(ratio(9)) != 0 || !sh.most.exclusive || sh.step.Cmp(ratio(12)) != 0 {
			t.Errorf("got from %v to %v by %v", sh.least, sh.most, sh.step)
		}
		if sh.minLength != 2 || sh.maxLength != 8 || sh.maxItems != 5 || sh.maxMembers != 3 {
			t.Errorf("got %+v", sh)
		}
		if _, allowed := sh.member("x"); allowed {
			t.Error("a member is allowed that one of the schemas forbids")
		}
	}
}
