package yamlfile

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

func TestReadNamesTheLine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"nothing":          {"", "line 1: expected a list, got nothing"},
		"too much":         {strings.Repeat("#", maxFile+1), "line 1: expected at most 1048576 bytes, got more"},
		"no UTF-8":         {"a: 1\nb: \xff\n", "line 2: expected text in UTF-8, got the byte 0xff"},
		"control":          {"a: 1\n\nb: \x1b\n", "line 3: expected text, got the control character U+001B"},
		"DEL":              {"a: 1\nb: \x7f\n", "line 2: expected text, got the control character U+007F"},
		"two documents":    {"a: 1\n---\nb: 2\n", "line 2: expected one document, got another after it"},
		"scanner's error":  {"a: 1\nb: 'c\n", "line 2: found unexpected end of stream"},
		"parser's error":   {"a: [1\nb: 2\n", "line 2: did not find expected ',' or ']'"},
		"password as name": {"a: 1\nb: *MARKED\n", "line 2: " + noAliases},
	} {
		if _, err := Strict.Read([]byte(tt.text), "a list"); err == nil || err.Error() != tt.want {
			t.Errorf("%s: expected %q, got %v", name, tt.want, err)
		}
	}
	root, err := Strict.Read([]byte("# first\na: [1]\n"), "a list")
	if err != nil || root.Content[0].Value != "a" || root.Content[0].Line != 2 {
		t.Errorf("expected the key a of line 2, got %+v, %v", root, err)
	}
}

// What JSON does not have is refused, with its path. Limits.Aliases allows aliases, as long as
// they do not expand to too many values.
func TestLimits(t *testing.T) {
	t.Parallel()
	wide := Limits{Bytes: 1 << 10, Depth: 5, Aliases: true, Values: 20}
	for name, tt := range map[string]struct {
		limits     Limits
		text, want string
		path       []string
	}{
		"anchor":                  {Strict, "a:\n  b: &x 1\n", "line 2: " + noAliases, []string{"a", "b"}},
		"alias":                   {Strict, "a: &x 1\nb: *x\n", "line 1: " + noAliases, []string{"a"}},
		"tag":                     {Strict, "a: [1, !!str 2]\n", "line 1: expected no tag", []string{"a", "1"}},
		"tag of a key":            {Strict, "!!str a: 1\n", "line 1: expected no tag", nil},
		"merge":                   {Strict, "a: 1\n<<: {b: 2}\n", "line 2: expected a plain key", nil},
		"merge of aliases":        {wide, "a: &x {b: 1}\n<<: [*x, {c: 2}]\n", "", nil},
		"merge of no mapping":     {wide, "a: 1\n<<: 2\n", "line 2: expected a mapping, or several, to merge, got a number", nil},
		"merge of a list":         {wide, "a: 1\n<<: [2]\n", "line 2: expected a mapping, or several, to merge, got a list", nil},
		"merge of itself":         {wide, "a: &x {b: 1, <<: *x}\n", "line 1: expected at most 5 levels, got more", nil},
		"merge of many values":    {wide, "a: &x {b: [1, 1, 1, 1]}\nc: {<<: *x}\nd: {<<: *x}\ne: {<<: *x}\n", "line 1: expected at most 20 values, aliases written out, got more", nil},
		"list as a key":           {Strict, "[a]: 1\n", "line 1: expected a plain key", nil},
		"twice":                   {Strict, "a:\n- b: 1\n  b: 2\n", `line 3: the key "b" appears twice`, []string{"a", "0"}},
		"a secret twice":          {Strict, "{x: 1, MARKED: 2, MARKED}\n", "line 1: a key without a value appears twice", nil},
		"depth":                   {Strict, strings.Repeat("[", 40) + strings.Repeat("]", 40), "line 1: expected at most 32 levels, got more", nil},
		"a tab in front":          {Strict, "a:\n\tb: 1\n", "line 2: expected blanks in front, got a tab", nil},
		"text without quotes":     {Strict, "a: 1\nb: @c\n", "line 2: expected a value, got a character that begins none; put the text in quotes", nil},
		"a colon in a text":       {Strict, "a: 1\nb: c: d\n", "line 2: expected no second colon; put a text that has a colon and a blank in quotes", nil},
		"aliases":                 {wide, "a: &x [1, 2]\nb: *x\n", "", nil},
		"alias of itself":         {wide, "a: &x [*x]\n", "line 1: expected at most 5 levels, got more", nil},
		"aliases of many values":  {wide, "a: &x [1, 1, 1, 1, 1]\nb: &y [*x, *x]\nc: [*y, *y]\n", "line 1: expected at most 20 values, aliases written out, got more", nil},
		"alias of nothing":        {wide, "a: 1\nb: *x\n", "line 2: expected the anchor of an alias before it", nil},
		"twice beside an alias":   {wide, "a: &x 1\nb: *x\na: 2\n", `line 3: the key "a" appears twice`, nil},
		"more bytes than allowed": {wide, strings.Repeat("#", 2<<10), "line 1: expected at most 1024 bytes, got more", nil},
	} {
		_, err := tt.limits.Read([]byte(tt.text), "a mapping")
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		var f *Fault
		if !errors.As(err, &f) || f.Error() != tt.want || !slices.Equal(f.Path, tt.path) {
			t.Errorf("%s: expected %q at %q, got %v at %q", name, tt.want, tt.path, err, f.Path)
		}
	}
}

type level string

type shape struct {
	ID     string            `yaml:"id"`
	Level  level             `yaml:"level"`
	On     bool              `yaml:"on"`
	Count  int               `yaml:"count"`
	Rate   float64           `yaml:"rate,omitempty"`
	Takes  time.Duration     `yaml:"takes"`
	Codes  []int             `yaml:"codes"`
	Inner  *inner            `yaml:"inner"`
	All    []inner           `yaml:"all"`
	Labels map[string]string `yaml:"labels"`
	Raw    yaml.Node         `yaml:"raw"`
	Line   int               `yaml:"-"`
	Kept   string            `yaml:"kept"`
}

type inner struct {
	Pointer *string `yaml:"pointer"`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	root, err := Strict.Read([]byte(`id: 0815
level: MUST
on: true
count: 7.0e0
rate: 2
takes: 1m30s
codes: [400, 404]
inner: {pointer: ''}
all: [{pointer: /a}, {}]
labels: {a: b}
raw: [x]
`), "a shape")
	if err != nil {
		t.Fatal(err)
	}
	empty, a := "", "/a"
	got := shape{Kept: "as it was"}
	if err := Decode(root, &got); err != nil {
		t.Fatal(err)
	}
	if got.Raw.Kind != yaml.SequenceNode || got.Raw.Content[0].Value != "x" {
		t.Errorf("raw: got %+v", got.Raw)
	}
	got.Raw = yaml.Node{}
	want := shape{
		ID: "0815", Level: "MUST", On: true, Count: 7, Rate: 2, Takes: 90 * time.Second, Codes: []int{400, 404}, Inner: &inner{&empty},
		All: []inner{{&a}, {}}, Labels: map[string]string{"a": "b"}, Kept: "as it was",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("expected %+v, got %+v", want, got)
	}
}

// A fault has the line and the key, but not the value.
func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[MARKED]":                  "line 1: expected a mapping with id, level, on, count, rate, takes, codes, inner …, got a list",
		"id: 1\nlevl: MARKED":       `line 2: unknown key "levl", did you mean "level"?`,
		"zzz: MARKED":               `line 1: unknown key "zzz"; expected one of id, level, on, count, rate, takes, codes, inner …`,
		"{id: a, MARKED}":           "line 1: unknown key without a value; expected one of id, level, on, count, rate, takes, codes, inner …",
		"id:\n  MARKED: 1":          "line 2: id: expected text, got a mapping",
		"id:":                       "line 1: id: expected text, got nothing",
		"on: MARKED":                "line 1: on: expected true or false, got text",
		"on: 1":                     "line 1: on: expected true or false, got a number",
		"count: MARKED":             "line 1: count: expected a whole number, got text",
		"count: '7'":                "line 1: count: expected a whole number, got text",
		"count: 7.5":                "line 1: count: expected a whole number, got a number",
		"count: 1e300":              "line 1: count: expected a whole number, got a number",
		"rate: MARKED":              "line 1: rate: expected a number, got text",
		"takes: MARKED":             "line 1: takes: expected a duration such as 1m30s, got text",
		"codes: MARKED":             "line 1: codes: expected a list, got text",
		"codes:\n- 1\n- MARKED":     "line 3: codes: expected a whole number, got text",
		"inner: {pointer: [a]}":     "line 1: inner: pointer: expected text, got a list",
		"all:\n- {}\n- {pinter: 1}": `line 3: unknown key "pinter", did you mean "pointer"?`,
		"labels: [MARKED]":          "line 1: labels: expected a mapping, got a list",
		"labels: {a: {b: MARKED}}":  "line 1: labels: expected text, got a mapping",
	} {
		root, err := Strict.Read([]byte(text), "a shape")
		if err != nil {
			t.Fatal(err)
		}
		if err := Decode(root, &shape{}); err == nil || err.Error() != want {
			t.Errorf("%s: expected %q, got %v", text, want, err)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	root, err := Strict.Read([]byte("a:\n- b: 1\n- c:\n    d\n"), "a mapping")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path  string
		line  int
		kind  string
		found bool
	}{
		{"", 1, "a mapping", true},
		{"a", 1, "a list", true},
		{"a 0", 2, "a mapping", true},
		{"a 1 c", 3, "text", true},
		{"a 2", 1, "a list", false}, // the nearest parent
		{"a x", 1, "a list", false},
		{"a 0 b c", 2, "a number", false},
		{"b", 1, "a mapping", false},
	} {
		key, value, found := Find(root, strings.Fields(tt.path)...)
		if key.Line != tt.line || KindOf(value) != tt.kind || found != tt.found {
			t.Errorf("%q: expected line %d, %s, %t, got line %d, %s, %t", tt.path, tt.line, tt.kind, tt.found, key.Line, KindOf(value), found)
		}
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	value := func(text string) (any, error) {
		root, err := Strict.Read([]byte(text), "a value")
		if err != nil {
			t.Fatal(err)
		}
		return JSON(root)
	}
	got, err := value("a: [1, 2.5, 'x', true, null]\nb: {c: 2026-11-26}\n")
	want := map[string]any{"a": []any{1.0, 2.5, "x", true, nil}, "b": map[string]any{"c": "2026-11-26"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("expected %v, got %v, %v", want, got, err)
	}
	_, err = value("a:\n- 1\n- 0x1F\n")
	var f *Fault
	if !errors.As(err, &f) || f.Error() != "line 3: expected a number as JSON writes it, or text in quotes" || !slices.Equal(f.Path, []string{"a", "1"}) {
		t.Errorf("got %v", err)
	}
}

func TestInFile(t *testing.T) {
	t.Parallel()
	if got := InFile("a.yaml", At(3, "expected text")).Error(); got != "a.yaml:3: expected text" {
		t.Errorf("got %q", got)
	}
	other := errors.New("no disk")
	if got := InFile("a.yaml", other); got.Error() != "a.yaml: no disk" || !errors.Is(got, other) {
		t.Errorf("got %q", got)
	}
}

// A merge key adds what the mapping does not have itself; of several, the first counts.
func TestMergeKeys(t *testing.T) {
	t.Parallel()
	root, err := Limits{Bytes: 1 << 10, Depth: 9, Aliases: true, Values: 99}.Read([]byte(`
base: &base {a: 1, b: 1}
more: &more {<<: *base, b: 2, c: 2}
one: {<<: *base, a: 3}
all: {<<: [*more, *base], d: 4}
`), "a document")
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]map[string]int
	if err := root.Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := map[string]map[string]int{
		"base": {"a": 1, "b": 1}, "more": {"a": 1, "b": 2, "c": 2}, "one": {"a": 3, "b": 1}, "all": {"a": 1, "b": 2, "c": 2, "d": 4},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("expected %v, got %v", want, got)
	}
	if _, value, found := Find(root, "one", "b"); !found || value.Value != "1" {
		t.Error("expected the merged entry to be found by its path")
	}
}
