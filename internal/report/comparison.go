package report

import (
	"fmt"
	"strings"

	"github.com/gesconform/gesconform/internal/result"
)

// shownChanges is how many changes of a class a report lists if it does not list all.
const shownChanges = 20

// differenceInShort returns a line with the number of changes of each class.
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

// baselineOf returns the name of the baseline: its endpoint and time.
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
