package printable

import "testing"

func TestEscape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                     "",
		"plain, ü 图 😀\n\tkept": "plain, ü 图 😀\n\tkept",
		"\x1b[31m\r\x00\x7f":   `\x1b[31m\x0d\x00\x7f`,
		"plain ~\n\tkept":      "plain ~\n\tkept",
		"\x7f":                 `\x7f`,
		"\x1f":                 `\x1f`,
		"\xff\xf0\x9f":         `\xff\xf0\x9f`,
		"\u202eevil\u200b":     `\u202eevil\u200b`,
		"\U000e0041":           `\U000e0041`,
	} {
		if got := Escape(text); got != want {
			t.Errorf("%q: expected %q, got %q", text, want, got)
		}
	}
}

func TestAnyOf(t *testing.T) {
	for want, all := range map[string][]string{"": nil, "a": {"a"}, "a or b": {"a", "b"}, "a, b or c": {"a", "b", "c"}} {
		if got := AnyOf(all); got != want {
			t.Errorf("%q: expected %q, got %q", all, want, got)
		}
	}
}
