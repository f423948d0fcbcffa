// Package jsonpointer splits and escapes JSON pointers (RFC 6901).
package jsonpointer

import "strings"

var (
	escaped   = strings.NewReplacer("~", "~0", "/", "~1")
	unescaped = strings.NewReplacer("~1", "/", "~0", "~")
)

// Escape returns a name as a token of a pointer.
func Escape(name string) string { return escaped.Replace(name) }

// Tokens splits a pointer, with or without a leading #, into its unescaped tokens. The pointer to the
// whole, "", has none.
func Tokens(pointer string) []string {
	tokens := strings.Split(pointer, "/")[1:]
	for i, t := range tokens {
		if strings.Contains(t, "~") {
			tokens[i] = unescaped.Replace(t)
		}
	}
	return tokens
}
