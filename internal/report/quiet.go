package report

import (
	"fmt"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// onlyBroken writes a line for each requirement that is broken. What differs from the baseline
// follows, if anything does, since a run may fail for that.
func (t *textReport) onlyBroken() {
	width := 0
	for i := range t.Broken {
		width = max(width, len(t.Broken[i].ID))
	}
	for i := range t.Broken {
		r := &t.Broken[i]
		more := -1 // the first one is named
		for _, f := range r.Failures {
			more += 1 + len(f.Others)
		}
		first := r.Failures[0]
		t.line("  ", t.mark(shownRequirement(&r.Requirement)), fmt.Sprintf("%-6s  %-*s  ", r.Level, width, r.ID), printable.Line(first.Got), " (", first.Case, andMore(more), ")")
	}
	if t.Comparison != nil && t.Comparison.Any() {
		t.line("  ", printable.Line(t.Difference))
	}
}

// onlyUnjudged writes a line for each target that could not be judged.
func (t *TargetsText) onlyUnjudged(b *textWriter, targets *result.Targets) {
	for i := range targets.Targets {
		if target := &targets.Targets[i]; target.Verdict == judge.Error {
			b.line("  ", b.mark(judge.Error), fmt.Sprintf("%-*s  ", t.names, printable.Line(target.Name)), printable.Line(target.Headline))
		}
	}
}
