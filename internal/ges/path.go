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

// PlainUpgradePath returns the plain spelling of an upgrade's path that is written otherwise in
// one of the ways that cannot lead to another graph. Any other path is returned as it is.
func PlainUpgradePath(escapedPath string) string {
	if m := spelledUpgrade().FindStringSubmatch(escapedPath); m != nil {
		return m[1] + "/upgrade"
	}
	return escapedPath
}

// spelledUpgrade matches the path of the upgrade of a graph whose id is written plainly.
var spelledUpgrade = lazily(`^(/[^?#%;\\.]+/graphs/[A-Za-z0-9_-]+)(?:/|//|/\./)(?:[Uu]|%75)(?i:pgrade)(?:/|;v=1)?$`)

// GraphSegment returns the escaped id of the graph in a path, or "".
func GraphSegment(escapedPath string) string {
	segment, _ := BelowGraphs(escapedPath)
	return segment
}

// BelowGraphs returns the escaped id of the graph in a path, and what follows it without the slash.
func BelowGraphs(escapedPath string) (segment, rest string) {
	_, below, _ := strings.Cut(escapedPath, "/graphs/")
	segment, rest, _ = strings.Cut(below, "/")
	return segment, rest
}

// WithoutGraph returns an escaped path with an ellipsis in place of what leads to the graph, project
// and all, for texts that are to be the same whatever the graph.
func WithoutGraph(escapedPath string) string {
	return leadsToGraph().ReplaceAllString(escapedPath, "…")
}

var leadsToGraph = lazily(`^/v2/[0-9a-f]{32}/graphs/[0-9a-f-]{36}`)

// APIVersion begins the paths of the API. It is not part of an endpoint.
const APIVersion = "v2"
