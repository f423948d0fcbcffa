package ges

import (
	"regexp"
	"strings"
)

// upgradePath matches the only path on which a request can be guarded, and on which a
// DELETE destroys nothing.
var upgradePath = regexp.MustCompile(`/graphs/[^/]+/upgrade$`)

// IsUpgradePath reports whether an escaped path is that of a graph's upgrade.
func IsUpgradePath(escapedPath string) bool { return upgradePath.MatchString(escapedPath) }

// GraphSegment returns the escaped id of the graph in a path, or "".
func GraphSegment(escapedPath string) string {
	_, rest, _ := strings.Cut(escapedPath, "/graphs/")
	segment, _, _ := strings.Cut(rest, "/")
	return segment
}
