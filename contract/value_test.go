package contract_test

import (
	"testing"

	"github.com/gesconform/gesconform/contract"
)

func TestEqual(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{`1`, `1.0`, true}, {`100`, `1e2`, true}, {`1`, `2`, false}, {`9007199254740993`, `9007199254740992`, false}, {`1`, `"1"`, false},
		{`"a"`, `"a"`, true}, {`"a"`, `"A"`, false}, {`true`, `false`, false}, {`null`, `null`, true}, {`null`, `false`, false},
		{`[1,2]`, `[1.0,2]`, true}, {`[1,2]`, `[2,1]`, false}, {`[1]`, `[1,2]`, false}, {`[]`, `{}`, false},
		{`{"a":1,"b":[2]}`, `{"b":[2],"a":1}`, true}, {`{"a":1}`, `{"a":1,"b":1}`, false}, {`{"a":1}`, `{"b":1}`, false}, {`{"a":1}`, `{"a":2}`, false},
		{`{"a":1,"a":2}`, `{"a":2}`, true}, {`{"a":1,"a":2}`, `{"a":1}`, false},
	} {
		a, _ := contract.ReadJSON([]byte(test.a))
		b, _ := contract.ReadJSON([]byte(test.b))
		if a.Equal(b) != test.want || b.Equal(a) != test.want {
			t.Errorf("%s and %s: want equal %t, got %t and %t", test.a, test.b, test.want, a.Equal(b), b.Equal(a))
		}
	}
}

func TestAt(t *testing.T) {
	v, _ := contract.ReadJSON([]byte(`{"a":[{"b/c":"found"}],"0":"member"}`))
	for pointer, want := range map[string]string{
		"/a/0/b~1c": "found", "#/a/0/b~1c": "found", "/0": "member", "/a/1": "", "/a/-1": "", "/a/-": "", "/a/x": "", "/none": "", "/none/deeper": "", "/0/deeper": "",
	} {
		if got := v.At(pointer).String(); got != want {
			t.Errorf("%s: want %q, got %q", pointer, want, got)
		}
	}
	if v.At("") != v {
		t.Error("the empty pointer leads elsewhere than to the whole")
	}
	if (*contract.Value)(nil).At("/a") != nil {
		t.Error("there is something in nothing")
	}
}
