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
	for _, r := range reasons {
		t.reason(len(r.Names), r.Reason, r.Names)
	}
}

// reason writes for how many something holds, and the names of the first, or of all if they are few or
// --verbose is set.
func (t *textReport) reason(n int, reason string, names []string) {
	const margin = 8
	width := cmp.Or(max(0, t.Width), 100)
	room := subjectOf(t.Run).likewise
	if room == 0 || t.Verbose {
		room = len(names)
	}
	shown := firstOf(names, room)
	t.line(fmt.Sprintf("  %4d  %s", n, reason))
	for _, line := range wrap(printable.Line(strings.Join(shown.Shown, ", ")+andMore(shown.More)), width-margin) {
		t.line(strings.Repeat(" ", margin), line)
	}
}
