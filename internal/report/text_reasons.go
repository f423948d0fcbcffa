package report

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// notJudged writes the cases that could not be judged, by reason.
func (t *textReport) notJudged() {
	if len(t.NotJudged) == 0 && t.BrokenOff == "" {
		return
	}
	t.title("could not be judged: %d of %s", result.CountNames(t.NotJudged), t.cases())
	if t.BrokenOff != "" {
		t.line("  ", printable.Line(t.BrokenOff))
	}
	t.reasons(t.NotJudged)
	if t.Client != nil {
		t.unjudged()
	}
}

// unjudged writes how the client took the first scenarios that could not be judged.
func (t *textReport) unjudged() {
	room := shownUnjudged
	if t.Verbose {
		room = math.MaxInt
	}
	for i := range t.Cases {
		c := &t.Cases[i]
		reason, ok := c.NotJudged()
		if !ok || c.Client == nil {
			continue
		}
		if room--; room < 0 {
			return
		}
		t.line()
		t.line(indent(unjudgedText(c, reason), "  "))
	}
}

// apart writes the cases that are counted apart, by reason.
func (t *textReport) apart() {
	if len(t.Apart) > 0 {
		t.title("counted apart: %d of %s", result.CountNames(t.Apart), t.cases())
		t.reasons(t.Apart)
	}
}

// notExercised writes the requirements that were not exercised, by reason.
func (t *textReport) notExercised() {
	if len(t.NotExercised) > 0 {
		t.title("not exercised: %d of %d requirements", result.CountNames(t.NotExercised), len(t.Requirements))
		t.reasons(t.NotExercised)
	}
}

// reasons writes each reason with the number of names and the names.
func (t *textReport) reasons(reasons []result.Reason) {
	const margin = 8
	width := cmp.Or(max(0, t.Width), 100)
	for _, r := range reasons {
		t.line(fmt.Sprintf("  %4d  %s", len(r.Names), r.Reason))
		for _, line := range wrap(strings.Join(r.Names, ", "), width-margin) {
			t.line(strings.Repeat(" ", margin), line)
		}
	}
}
