package printable

import "strings"

// Line makes a text fit for a line of its own, as Escape does, and without line
// feeds and blanks in a row.
func Line(s string) string { return strings.Join(strings.Fields(Escape(s)), " ") }

// AnyOf lists alternatives: a, b or c.
func AnyOf(all []string) string {
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " or " + all[last]
}

// Plural is the word for n things: one, or many.
func Plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Prefixed writes a text behind a prefix; an empty one without.
func Prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}
