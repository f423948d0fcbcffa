package docfile_test

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/docfile"
)

func parse(t *testing.T, text string) *docfile.Set {
	t.Helper()
	s, err := docfile.Parse([]byte(text), "a document")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return s
}

// Both forms of a document are the same tree, with the lines of each.
func TestForms(t *testing.T) {
	const want = `{"a":[1,{"b/c":"d","e~f":null}],"g":{"h":true,"i":-1.5e3},"2024":"2024-01-02","emoji":"👍"}`
	for name, test := range map[string]struct {
		text  string
		lines map[string]int
	}{
		"JSON": {"{\"a\": [1,\n{\"b/c\":\n\"d\", \"e~f\": null}],\n\"g\": {\"h\": true,\n\"i\": -1.5e3},\n\"2024\": \"2024-01-02\", \"emoji\": \"\\ud83d\\udc4d\"}",
			map[string]int{"": 1, "/a": 1, "/a/0": 1, "/a/1": 2, "/a/1/b~1c": 2, "/a/1/e~0f": 3, "/g/h": 4, "/g/i": 5, "/g/j": 4, "/2024": 6, "#/g/i": 5, "/a/7": 1, "other.json#/a": 1}},
		"YAML": {"a:\n  - 1\n  - b/c: d\n    e~f: ~\ng:\n  h: true\n  i: -1.5e3\n2024: 2024-01-02\nemoji: 👍\n",
			map[string]int{"": 1, "/a": 1, "/a/0": 2, "/a/1": 3, "/a/1/b~1c": 3, "/a/1/e~0f": 4, "/g/i": 7, "/2024": 8, "/emoji": 9}},
		"YAML with brackets, an alias and a mark before": {"\ufeff{a: [1, {b/c: d, e~f: null}], # no JSON\n g: &g {h: True, i: -1.5e3},\n 2024: 2024-01-02, emoji: 👍}",
			map[string]int{"/g/h": 2, "/emoji": 3}},
	} {
		t.Run(name, func(t *testing.T) {
			s := parse(t, test.text)
			var got, wanted any
			if err := json.Unmarshal(s.Root.Node.AppendJSON(nil), &got); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(want), &wanted); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, wanted) || !reflect.DeepEqual(s.Root.Node.Value(), wanted) {
				t.Errorf("got %v and %v, want %v", got, s.Root.Node.Value(), wanted)
			}
			for pointer, line := range test.lines {
				if got := s.Line(pointer); got != line {
					t.Errorf("line of %q: got %d, want %d", pointer, got, line)
				}
			}
		})
	}
}

// Large mappings are looked up by an index, and small ones are not; both find the same.
func TestGet(t *testing.T) {
	for _, n := range []int{1, 12, 13, 100} {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.Repeat("k", i+1) + ": " + strings.Repeat("v", i+1) + "\n")
		}
		root := parse(t, b.String()).Root.Node
		for i := range n {
			if got := root.TextOf(strings.Repeat("k", i+1)); got != strings.Repeat("v", i+1) {
				t.Errorf("of %d: got %q", n, got)
			}
		}
		if root.Get("x") != nil || root.Get("k").Get("x") != nil || root.TextOf("") != "" {
			t.Error("got a member that is not there")
		}
	}
}

func TestNoDocuments(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"JSON cut off", "{\n\"a\":", "line 2: expected the rest of the JSON, got the end"},
		{"key twice", "{\"a\": 1,\n\"a\": 2}", `line 2: the key "a" appears twice`},
		{"more behind", "{\"a\": 1}\n{}", "line 2: expected one document, got more after it"},
		{"half a surrogate pair", `{"a": "\ud83d"}`, "line 1: "},
		{"null byte", "{\"a\": \"\x00\"}", "line 1: "},
		{"not UTF-8", "{\"a\":\n\"\xff\"}", "line 2: "},
		{"deep", strings.Repeat("[", 101) + strings.Repeat("]", 101), "line 1: expected at most 100 levels, got more"},
		{"endless", strings.Repeat("[", 1<<20), "expected at most 100 levels, got more"},
		{"deep mappings", strings.Repeat(`{"a":`, 1<<20), "expected at most 100 levels, got more"},
		{"many values", "[" + strings.Repeat("0,", 5_000_000) + "0]", "expected at most 5000000 values, got more"},
		{"JSON with a comment", "{\n\"a\": 1,\n// b\n\"c\": 2}", "line 3: expected JSON, which has no comments, got one"},
		{"JSON with a comment in front", "{ /* b */ \"c\": 2}", "line 1: expected JSON, which has no comments, got one"},
		{"nothing", "  ", "expected a document, got nothing"},
		{"an alias bomb", "a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n", "values, aliases written out, got more"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if len(test.text) > 8<<20 && os.Getenv("GESCONFORM_TEST_ALL") == "" {
				t.Skip("is large; read with GESCONFORM_TEST_ALL")
			}
			if _, err := docfile.Parse([]byte(test.text), "a document"); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// The node of the YAML library that is made of JSON is the one that it would read itself.
func TestAsYAML(t *testing.T) {
	s := parse(t, `{"a": [1, 1.5, "x", "1", true, null, {}], "b": {"c": []}}`)
	var got any
	if err := s.YAML().Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"a": []any{1, 1.5, "x", "1", true, nil, map[string]any{}}, "b": map[string]any{"c": []any{}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v, want %#v", got, want)
	}
}
