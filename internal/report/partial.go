package report

import (
	"fmt"

	"github.com/gesconform/gesconform/internal/judge"
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

// decided returns how many cases were decided, as in "1 of 8 cases".
func decided(n, of int) string { return fmt.Sprintf("%d of %s", n, plural(of, "case", "cases")) }

// inPart returns the requirements of which some cases were decided, but not all, whatever the
// verdict on them.
func inPart(run *result.Run) []result.Requirement {
	var all []result.Requirement
	for _, r := range run.Exercised() {
		if r.Decided < r.Cases {
			all = append(all, r)
		}
	}
	return all
}
