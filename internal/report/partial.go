package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// partial is what reports show in the place of judge.Conforms for what conforms, but was only
// decided in part. Results have no such verdict: programs read how much was decided.
const partial judge.Verdict = "partial"

// shown returns what to show for a verdict.
func shown(v judge.Verdict, part bool) judge.Verdict {
	if v == judge.Conforms && part {
		return partial
	}
	return v
}

func shownRequirement(r *result.Requirement) judge.Verdict { return shown(r.Verdict, r.Partial()) }

func shownTarget(t *result.TargetSummary) judge.Verdict { return shown(t.Verdict, t.Partial) }

func shownCell(c *result.Cell) judge.Verdict { return shown(c.Verdict, c.Partial()) }

// decided returns how many cases were decided, as in "1 of 8 cases, 2 apart".
func decided(e result.Extent) string {
	return fmt.Sprintf("%d of %s%s", e.Decided, plural(e.Cases, "case", "cases"), apart(e))
}

// decided returns how many cases or scenarios were decided.
func (d *digest) decided(e result.Extent) string {
	return fmt.Sprintf("%d of %d %s%s", e.Decided, e.Cases, d.CaseWord(e.Cases), apart(e))
}

// decidedInShort does the same without a noun.
func decidedInShort(e result.Extent) string {
	return fmt.Sprintf("%d of %d%s", e.Decided, e.Cases, apart(e))
}

// apart returns how many cases are counted apart, to be appended, or "" if there are none.
func apart(e result.Extent) string {
	if n := result.CountNames(e.Apart); n > 0 {
		return fmt.Sprintf(", %d apart", n)
	}
	return ""
}

// decidedBecause returns how many cases were decided, and why others are counted apart.
func decidedBecause(e result.Extent) string {
	reasons := each(plainReasons(slices.Clone(e.Apart)), func(r result.Reason) string { return r.Reason })
	return decided(e) + printable.Prefixed(": ", strings.Join(reasons, "; "))
}
