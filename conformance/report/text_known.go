package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/conformance/judge"
)

// shownChanges is how many changes of a class a report names that has no room
// for all.
const shownChanges = 20

// strangerText warns of a job that may have spoilt the run.
func strangerText(j judge.Job) string {
	begin := ""
	if j.Begin != "" {
		begin = ", began " + j.Begin
	}
	return oneLine(fmt.Sprintf("a job that this run did not start began meanwhile: %s (id %s, %s%s); what was judged may be its doing",
		j.Name, j.ID, j.Status, begin))
}

// strangersTexts warns of each such job.
func (run *Run) strangerTexts() []string {
	var texts []string
	if run.Graph != nil {
		for _, j := range run.Graph.Strangers {
			texts = append(texts, strangerText(j))
		}
	}
	return texts
}

// strangers comes before all findings, for it puts them in question.
func (t *textWriter) strangers() {
	for _, text := range t.run.strangerTexts() {
		t.line(t.paint("33", text))
	}
}

// tickets lists what is known, by requirement.
func (run *Run) tickets() map[string][]string {
	if len(run.Expectations) == 0 {
		return nil
	}
	tickets := map[string][]string{}
	for i := range run.Cases {
		c := &run.Cases[i]
		for _, f := range c.Findings {
			if run.known(c, f) {
				ticket := run.expectation(c, f).Ticket
				if !slices.Contains(tickets[f.Requirement], ticket) {
					tickets[f.Requirement] = append(tickets[f.Requirement], ticket)
				}
			}
		}
	}
	return tickets
}

// outOfDate is what a report says of expectations that are not met, or too late.
var outOfDate = []struct {
	State ExpectationState
	Title string
}{
	{Expired, "expired, and counts as a deviation again"},
	{Gone, "gone, and can be taken out of the file"},
	{NotExercised, "not exercised in full, so that it may still be there"},
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

// A changeGroup is the changes of one class.
type changeGroup struct {
	Class   Class
	Title   string
	Changes []Change
}

// groups lists the changes by class.
func (c *Comparison) groups() []changeGroup {
	var all []changeGroup
	for _, class := range classes {
		g := changeGroup{Class: class.Class, Title: class.Title}
		for _, change := range c.Changes {
			if change.Class == class.Class {
				g.Changes = append(g.Changes, change)
			}
		}
		if len(g.Changes) > 0 {
			all = append(all, g)
		}
	}
	return all
}

// inShort counts the changes in a line.
func (c *Comparison) inShort() string {
	var parts []string
	for _, g := range c.groups() {
		parts = append(parts, fmt.Sprintf("%s %d", g.Title, len(g.Changes)))
	}
	if len(parts) == 0 {
		parts = []string{"no difference"}
	}
	return "compared with " + c.Baseline.String() + ": " + strings.Join(parts, ", ")
}

// String names the run.
func (c *Compared) String() string {
	name := c.Endpoint
	if c.Embedded {
		name = "the fake server"
	}
	if !c.Started.IsZero() {
		name += " of " + utc(c.Started)
	}
	return name
}

// Name is what the change is one of.
func (c *Change) Name() string {
	if c.Case != "" {
		return c.Case
	}
	return c.Requirement
}

// String says in a line what has changed.
func (c *Change) String() string {
	return c.Name() + ": " + c.Before.String() + " -> " + c.After.String()
}

// String says in a line what came.
func (s *Side) String() string {
	if s == nil {
		return "not there"
	}
	text := string(s.Verdict)
	if what := s.Outcome.String(); what != "" {
		text += " (" + what + ")"
	} else if s.Reason != "" {
		text += " (" + s.Reason + ")"
	}
	return text
}
