package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// unknownJobs comes before all findings, for it puts them in question.
func (t *textWriter) unknownJobs() {
	for _, text := range unknownJobTexts(t.run) {
		t.line(t.paint("33", text))
	}
}

// failures writes what breaks the contract, in full.
func (t *textWriter) failures() {
	failures := failuresOf(t.run, t.run.Breaks)
	if len(failures) == 0 {
		return
	}
	t.title("%d %s", len(failures), printable.Plural(len(failures), "deviation", "deviations"))
	t.inFull(failures)
}

func (t *textWriter) inFull(failures []*failure) {
	for i, f := range failures {
		if i > 0 {
			t.line()
		}
		t.line(indent(knownFailureText(t.run, f.first, f.finding), "  "))
		if len(f.others) > 0 {
			t.line(fmt.Sprintf("  likewise in %d more %s:", len(f.others), printable.Plural(len(f.others), "case", "cases")))
			for _, id := range f.others {
				t.line("    ", id)
			}
		}
	}
}

// known writes the deviations that were expected, and what else has become of
// the expectations.
func (t *textWriter) known() {
	failures := failuresOf(t.run, t.run.Known)
	if len(failures) > 0 {
		t.title("%s, which %s not count", t.run.KnownInShort(), printable.Plural(len(t.run.ExpectationsIn(result.Met)), "does", "do"))
		t.inFull(failures)
	}
	for _, state := range outOfDate {
		all := t.run.ExpectationsIn(state.State)
		if len(all) == 0 {
			continue
		}
		t.title("%d known %s: %s", len(all), printable.Plural(len(all), "deviation", "deviations"), state.Title)
		for _, e := range all {
			t.line("  ", printable.Line(e.Name()+": "+e.Because()))
		}
	}
}

// comparison writes what is not as it was in the baseline.
func (t *textWriter) comparison() {
	c := t.run.Comparison
	if c == nil {
		return
	}
	t.title("%s", printable.Line(changesInShort(c)))
	for _, g := range c.Groups() {
		t.line("  ", g.Title, ":")
		for i, change := range g.Changes {
			if i == shownChanges && !t.Verbose {
				t.line(fmt.Sprintf("    and %d more (--verbose names all)", len(g.Changes)-i))
				break
			}
			t.line("    ", printable.Line(change.String()))
		}
	}
}

// advice writes which SHOULD is broken, where that does not count.
func (t *textWriter) advice() {
	failures := failuresOf(t.run, t.run.Advises)
	if len(failures) == 0 {
		return
	}
	t.title("%d advisory %s (with --strict a deviation)", len(failures), printable.Plural(len(failures), "finding", "findings"))
	if t.Verbose {
		t.inFull(failures)
		return
	}
	for _, f := range failures {
		more := ""
		if len(f.others) > 0 {
			more = fmt.Sprintf(" and %d more", len(f.others))
		}
		t.line("  ", f.finding.Requirement, ": ", printable.Line(f.finding.Got), " (", f.first.Case, more, ")")
	}
}

// notJudged writes which cases could not be judged, by reason.
func (t *textWriter) notJudged() {
	reasons := t.run.NotJudged()
	if len(reasons) == 0 && (t.run.Failure == "" || t.run.Verdict != judge.Deviates) {
		return
	}
	t.title("could not be judged: %d of %d %s", result.CountNames(reasons), len(t.run.Cases), printable.Plural(len(t.run.Cases), "case", "cases"))
	if t.run.Failure != "" && t.run.Verdict == judge.Deviates { // else the headline says it
		t.line("  ", printable.Line(t.run.Failure))
	}
	t.reasons(reasons)
}

// notExercised writes which requirements nothing decided, by reason.
func (t *textWriter) notExercised() {
	reasons := t.run.NotExercised()
	if len(reasons) == 0 {
		return
	}
	t.title("not exercised: %d of %d requirements", result.CountNames(reasons), len(t.run.Requirements))
	t.reasons(reasons)
}

// reasons writes each reason with how often it was given, and for what.
func (t *textWriter) reasons(reasons []result.Reason) {
	for _, r := range reasons {
		t.line(fmt.Sprintf("  %4d  %s", len(r.Names), cmp.Or(printable.Line(r.Reason), "no reason was given")))
		const margin = 8
		width := 100
		if t.Width > 0 {
			width = t.Width
		}
		for _, line := range wrap(strings.Join(r.Names, ", "), width-margin) {
			t.line(strings.Repeat(" ", margin), line)
		}
	}
}

func (t *textWriter) notes() {
	if len(t.run.Notes) == 0 {
		return
	}
	t.title("notes")
	for _, note := range t.run.Notes {
		for i, line := range wrap(printable.Escape(note), max(0, t.Width-4)) {
			bullet := "  - "
			if i > 0 {
				bullet = "    "
			}
			t.line(bullet, line)
		}
	}
}
