package printable

import "strings"

// Line escapes a text like Escape, and joins its words with single spaces on one line.
func Line(s string) string { return strings.Join(strings.Fields(Escape(s)), " ") }

// AnyOf joins alternatives: a, b or c.
func AnyOf(all []string) string { return joined(all, " or ") }

// AllOf joins what belongs together: a, b and c.
func AllOf(all []string) string { return joined(all, " and ") }

func joined(all []string, word string) string {
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + word + all[last]
}

// Plural returns the word for n things: one or many.
func Plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Prefixed returns a text with a prefix, or "" for an empty text.
func Prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}
