package linejson_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/linejson"
)

func TestEncode(t *testing.T) {
	type object = map[string]any
	for _, tt := range []struct {
		value any
		want  string
	}{
		{struct{}{}, "{}\n"},
		{object{"a": 1, "b": object{"c": []int{1, 2}}}, `{
  "a": 1,
  "b": {
    "c": [1,2]
  }
}
`},
		{object{"a": []any{object{"b": 1, "c": []int{2, 3}}, object{}}, "d": []int{}, "e": nil}, `{
  "a": [
    {"b":1,"c":[2,3]},
    {}
  ],
  "d": [],
  "e": null
}
`},
		{object{"a\"]": "[,<\\", "b": []string{`\"`, "}:"}}, `{
  "a\"]": "[,<\\",
  "b": [
    "\\\"",
    "}:"
  ]
}
`},
	} {
		var b bytes.Buffer
		if err := linejson.Encode(&b, tt.value); err != nil {
			t.Fatal(err)
		}
		if b.String() != tt.want {
			t.Errorf("expected\n%s\ngot\n%s", tt.want, &b)
		}
	}
}

// TestEncodeErrors checks that nothing is written of a value that has no JSON.
func TestEncodeErrors(t *testing.T) {
	var b bytes.Buffer
	if err := linejson.Encode(&b, func() {}); err == nil || b.Len() > 0 {
		t.Errorf("expected an error and nothing written, got %v and %q", err, &b)
	}
}

// FuzzEncode checks that only white space is added.
func FuzzEncode(f *testing.F) {
	f.Add(`{"a":[{"b":["\\\"",1.5]},[]],"c":{"d":null},"":""}`)
	f.Add(`{"a":{},"b":[[],[[1,2],{}]]}`)
	f.Fuzz(func(t *testing.T, text string) {
		if !strings.HasPrefix(text, "{") || !json.Valid([]byte(text)) {
			t.Skip("not an object")
		}
		var want, written, got bytes.Buffer
		if err := json.Compact(&want, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := linejson.Encode(&written, json.RawMessage(text)); err != nil {
			t.Fatal(err)
		}
		if err := json.Compact(&got, written.Bytes()); err != nil {
			t.Fatalf("%v in %q", err, &written)
		}
		if got.String() != want.String() {
			t.Errorf("expected %q, got %q", &want, &got)
		}
	})
}
