package ges

import (
	"regexp"
	"strings"
)

var graphIDForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// IsGraphID reports whether a text has the form of a graph's id.
func IsGraphID(text string) bool { return graphIDForm.MatchString(text) }

// AlikeIDs reports whether a careless server could take two ids for the same one: without
// regard to letter case and hyphens, one is the beginning of the other.
func AlikeIDs(a, b string) bool {
	plain := func(id string) string { return strings.ToLower(strings.ReplaceAll(id, "-", "")) }
	a, b = plain(a), plain(b)
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
}
