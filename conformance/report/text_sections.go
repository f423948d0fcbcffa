package report

import (
	"fmt"
	"strings"

	"github.com/gesconform/gesconform/conformance/judge"
)

// A failure is a finding with all the cases that show the same.
type failure struct {
	finding judge.Finding
	first   *Case
	others  []string // ids of the further cases
}

// A picker picks findings of cases.
type picker func(*Case, judge.Finding) bool

// failuresOf gathers the findings that which picks: those on one requirement
// with the same outcome are one failure.
func (run *Run) failuresOf(which picker) []*failure {
	type key struct {
		requirement, got string
		known            *Expectation // what is known for other reasons stays apart
	}
	byKey := map[key]*failure{}
	var all []*failure
	for i := range run.Cases {
		c := &run.Cases[i]
		for _, f := range c.Findings {
			if !which(c, f) {
				continue
			}
			k := key{f.Requirement, f.Got, run.expectation(c, f)}
			switch known := byKey[k]; {
			case known == nil:
				byKey[k] = &failure{finding: f, first: c}
				all = append(all, byKey[k])
			case known.first != c && (len(known.others) == 0 || known.others[len(known.others)-1] != c.Case):
				known.others = append(known.others, c.Case)
			}
		}
	}
	return all
}

// breaks reports whether a finding makes the run deviate: a MUST is broken, or a
// SHOULD in a strict run, and it was not known to be.
func (run *Run) breaks(c *Case, f judge.Finding) bool {
	return run.deviating(f.Verdict) && run.expectation(c, f) == nil
}

// known reports whether a finding would make the run deviate if it had not been
// known.
func (run *Run) known(c *Case, f judge.Finding) bool {
	return run.deviating(f.Verdict) && run.expectation(c, f) != nil
}

// advises reports whether a SHOULD is broken that does not count.
func (run *Run) advises(_ *Case, f judge.Finding) bool {
	return f.Verdict == judge.Advisory && !run.Target.Strict
}

func observes(_ *Case, f judge.Finding) bool { return f.Verdict == judge.Observed }

// deviating reports whether a verdict counts as a deviation in this run.
func (run *Run) deviating(v judge.Verdict) bool {
	return v == judge.Deviates || run.Target.Strict && v == judge.Advisory
}

func (run *Run) requirement(f judge.Finding) Requirement {
	for _, r := range run.Requirements {
		if r.ID == f.Requirement {
			return r
		}
	}
	return Requirement{ID: f.Requirement, Level: f.Level}
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
