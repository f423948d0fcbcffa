package ges

import (
	"regexp"
	"strings"
)

// upgradePath is the one path on which a request can be guarded, and on which a
// DELETE destroys nothing.
var upgradePath = regexp.MustCompile(`/graphs/[^/]+/upgrade$`)

// IsUpgradePath reports whether an escaped path is that of a graph's upgrade.
func IsUpgradePath(escapedPath string) bool { return upgradePath.MatchString(escapedPath) }

// GraphSegment is the graph's id as it stands in an escaped path; "" where the
// path names none.
func GraphSegment(escapedPath string) string {
	_, rest, _ := strings.Cut(escapedPath, "/graphs/")
	segment, _, _ := strings.Cut(rest, "/")
	return segment
}
