package report

import (
	"fmt"
	"strings"

	"github.com/gesconform/gesconform/internal/judge"
)

// unknownJobs comes before all findings, for it puts them in question.
func (t *textWriter) unknownJobs() {
	for _, text := range t.run.unknownJobTexts() {
		t.line(t.paint("33", text))
	}
}

// failures writes what breaks the contract, in full.
func (t *textWriter) failures() {
	failures := t.run.failuresOf(t.run.breaks)
	if len(failures) == 0 {
		return
	}
	t.title("%d %s", len(failures), plural(len(failures), "deviation", "deviations"))
	t.inFull(failures)
}

func (t *textWriter) inFull(failures []*failure) {
	for i, f := range failures {
		if i > 0 {
			t.line()
		}
		t.line(indent(t.run.failureText(f.first, f.finding), "  "))
		if len(f.others) > 0 {
			t.line(fmt.Sprintf("  likewise in %d more %s:", len(f.others), plural(len(f.others), "case", "cases")))
			for _, id := range f.others {
				t.line("    ", id)
			}
		}
	}
}

// known writes the deviations that were expected, and what else has become of
// the expectations.
func (t *textWriter) known() {
	failures := t.run.failuresOf(t.run.known)
	if len(failures) > 0 {
		t.title("%s, which %s not count", t.run.knownInShort(), plural(len(t.run.expected(Met)), "does", "do"))
		t.inFull(failures)
	}
	for _, state := range outOfDate {
		all := t.run.expected(state.State)
		if len(all) == 0 {
			continue
		}
		t.title("%d known %s: %s", len(all), plural(len(all), "deviation", "deviations"), state.Title)
		for _, e := range all {
			t.line("  ", oneLine(e.Name()+": "+e.Because()))
		}
	}
}

// comparison writes what is not as it was in the baseline.
func (t *textWriter) comparison() {
	c := t.run.Comparison
	if c == nil {
		return
	}
	t.title("%s", oneLine(c.inShort()))
	for _, g := range c.groups() {
		t.line("  ", g.Title, ":")
		for i, change := range g.Changes {
			if i == shownChanges && !t.Verbose {
				t.line(fmt.Sprintf("    and %d more (--verbose names all)", len(g.Changes)-i))
				break
			}
			t.line("    ", oneLine(change.String()))
		}
	}
}

// advice writes which SHOULD is broken, where that does not count.
func (t *textWriter) advice() {
	failures := t.run.failuresOf(t.run.advises)
	if len(failures) == 0 {
		return
	}
	t.title("%d advisory %s (with --strict a deviation)", len(failures), plural(len(failures), "finding", "findings"))
	if t.Verbose {
		t.inFull(failures)
		return
	}
	for _, f := range failures {
		more := ""
		if len(f.others) > 0 {
			more = fmt.Sprintf(" and %d more", len(f.others))
		}
		t.line("  ", f.finding.Requirement, ": ", oneLine(f.finding.Got), " (", f.first.Case, more, ")")
	}
}

// unjudged writes which cases could not be judged, by reason.
func (t *textWriter) unjudged() {
	var reasons, ids []string
	for i := range t.run.Cases {
		if reason, ok := t.run.Cases[i].failedToJudge(); ok {
			reasons = append(reasons, reason)
			ids = append(ids, t.run.Cases[i].Case)
		}
	}
	if len(reasons) == 0 && (t.run.Failure == "" || t.run.Verdict != judge.Deviates) {
		return
	}
	t.title("could not be judged: %d of %d %s", len(reasons), len(t.run.Cases), plural(len(t.run.Cases), "case", "cases"))
	if t.run.Failure != "" && t.run.Verdict == judge.Deviates { // else the headline says it
		t.line("  ", oneLine(t.run.Failure))
	}
	t.groups(reasons, ids)
}

// notExercised writes which requirements nothing decided, by reason.
func (t *textWriter) notExercised() {
	var reasons, ids []string
	for _, r := range t.run.NotExercised() {
		reasons = append(reasons, r.Reason)
		ids = append(ids, r.ID)
	}
	if len(reasons) == 0 {
		return
	}
	t.title("not exercised: %d of %d requirements", len(reasons), len(t.run.Requirements))
	t.groups(reasons, ids)
}

// groups writes each reason with how often it was given, and for what.
func (t *textWriter) groups(reasons, ids []string) {
	for _, g := range grouped(reasons) {
		reason := oneLine(g.reason)
		if reason == "" {
			reason = "no reason was given"
		}
		t.line(fmt.Sprintf("  %4d  %s", len(g.members), reason))
		names := make([]string, len(g.members))
		for i, at := range g.members {
			names[i] = ids[at]
		}
		const margin = 8
		width := 100
		if t.Width > 0 {
			width = t.Width
		}
		for _, line := range wrap(strings.Join(names, ", "), width-margin) {
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
		for i, line := range wrap(visible(note), max(0, t.Width-4)) {
			bullet := "  - "
			if i > 0 {
				bullet = "    "
			}
			t.line(bullet, line)
		}
	}
}
