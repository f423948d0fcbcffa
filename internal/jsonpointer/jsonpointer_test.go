package jsonpointer_test

import (
	"slices"
	"testing"

	"github.com/gesconform/gesconform/internal/jsonpointer"
)

// The pointers are those of RFC 6901, section 5.
func TestTokens(t *testing.T) {
	for pointer, want := range map[string][]string{
		"": {}, "/foo": {"foo"}, "/foo/0": {"foo", "0"}, "/": {""}, "/a~1b": {"a/b"}, "/m~0n": {"m~n"}, "/~01": {"~1"}, "#/a~1b/c": {"a/b", "c"},
	} {
		if got := jsonpointer.Tokens(pointer); !slices.Equal(got, want) {
			t.Errorf("%q: want %q, got %q", pointer, want, got)
		}
	}
}

func TestEscapedNamesAreReadBack(t *testing.T) {
	for _, name := range []string{"", "a/b", "m~n", "~1", "~01", "/"} {
		if got := jsonpointer.Tokens("/" + jsonpointer.Escape(name)); !slices.Equal(got, []string{name}) {
			t.Errorf("%q: got %q", name, got)
		}
	}
}
