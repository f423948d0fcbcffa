package report

import (
	"fmt"
	"strings"

	"github.com/gesconform/gesconform/internal/result"
)

// shownChanges is how many changes of a class a report names that has no room
// for all.
const shownChanges = 20

// differenceInShort counts the changes in a line.
func differenceInShort(c *result.Comparison, changes []result.ChangeGroup) string {
	parts := each(changes, func(g result.ChangeGroup) string { return fmt.Sprintf("%s %d", g.Title, len(g.Changes)) })
	if len(parts) == 0 {
		parts = []string{"no difference"}
	}
	by := ""
	if other := c.Baseline.Contract; other.SHA256 != c.Run.Contract.SHA256 {
		by = fmt.Sprintf(", judged by another contract, %s %s (sha256 %.12s)", other.Name, other.Version, other.SHA256)
	}
	return "compared with " + baselineOf(c) + by + ": " + strings.Join(parts, ", ")
}

// baselineOf names the earlier run.
func baselineOf(c *result.Comparison) string {
	baseline := &c.Baseline
	name := baseline.Endpoint
	if baseline.Embedded {
		name = "the fake server"
	}
	if !baseline.Started.IsZero() {
		name += " of " + utc(baseline.Started)
	}
	return name
}
