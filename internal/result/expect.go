package result

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
)

// An Expectation is a deviation that the target is known for. It covers what
// deviates from the requirement, in the cases if they are named as well. Where
// the cases alone are named, it covers what deviates from the requirement that
// each is about, and nothing that its answer breaks besides.
type Expectation struct {
	Requirement string           `json:"requirement,omitempty"`
	Case        string           `json:"case,omitempty"` // an id, or the beginning of ids and a *
	Reason      string           `json:"reason"`
	Ticket      string           `json:"ticket"`
	Expires     string           `json:"expires"` // the last day, in UTC, on which it counts
	State       ExpectationState `json:"state"`
	// Cases are those that deviate as expected.
	Cases []string `json:"cases,omitempty"`
}

// An ExpectationState is what became of an expectation in a run.
type ExpectationState string

// The states.
const (
	Met          ExpectationState = "met"           // the deviation came, and does not count
	Expired      ExpectationState = "expired"       // the deviation came, and counts: it is too late
	Gone         ExpectationState = "gone"          // all that is named was exercised, and none of it deviates
	NotExercised ExpectationState = "not-exercised" // nothing deviates, but not all was exercised
)

// covers reports whether a deviation of a case from a requirement is one that is
// expected.
func (e *Expectation) covers(c *Case, requirement string) bool {
	return requirement == cmp.Or(e.Requirement, c.Requirement) && (e.Case == "" || matches(e.Case, c.Case))
}

// matches reports whether a pattern, which may end in *, stands for an id.
func matches(pattern, id string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(id, prefix)
	}
	return pattern == id
}

// Name is what the expectation is about.
func (e *Expectation) Name() string {
	if e.Requirement != "" && e.Case != "" {
		return e.Requirement + " in " + e.Case
	}
	return e.Requirement + e.Case
}

// Because says why a deviation is expected, and how long.
func (e *Expectation) Because() string {
	return fmt.Sprintf("%s (%s, until %s)", e.Reason, e.Ticket, e.Expires)
}

// Expect says of each known deviation what became of it, and judges the run
// again: one that is met does not make it deviate, though its verdict stays. A
// deviation whose last day was over when the run started counts again. It is
// called after Summarise.
func (run *Run) Expect(known Expectations) {
	run.Expectations = nil
	for _, k := range known.all {
		e := k.Expectation
		run.settle(&e, k.named)
		run.Expectations = append(run.Expectations, e)
	}
	run.decide()
}

// settle finds out what became of an expectation, which names these of all cases.
func (run *Run) settle(e *Expectation, named []string) {
	decided := map[string]bool{}
	exercised := len(named) > 0
	for i := range run.Cases {
		c := &run.Cases[i]
		decided[c.Case] = c.Verdict.Exercised()
		for _, f := range c.Findings {
			if !e.covers(c, f.Requirement) {
				continue
			}
			if run.Deviating(f.Verdict) && !slices.Contains(e.Cases, c.Case) {
				e.Cases = append(e.Cases, c.Case)
			}
			// What no case is about shows in the answers to others.
			exercised = exercised || f.Verdict.Exercised()
		}
	}
	for _, id := range named {
		exercised = exercised && decided[id]
	}
	switch {
	case len(e.Cases) > 0 && e.over(run.Started):
		e.State = Expired
	case len(e.Cases) > 0:
		e.State = Met
	case exercised:
		e.State = Gone
	default:
		e.State = NotExercised
	}
}

// over reports whether the last day has passed.
func (e *Expectation) over(at time.Time) bool {
	last, err := time.Parse(time.DateOnly, e.Expires)
	return err != nil || !at.Before(last.AddDate(0, 0, 1))
}

// Expectation is what a finding of a case meets, nil if it was not expected.
func (run *Run) Expectation(c *Case, f judge.Finding) *Expectation {
	for i := range run.Expectations {
		if e := &run.Expectations[i]; e.State == Met && e.covers(c, f.Requirement) {
			return e
		}
	}
	return nil
}

// ExpiredExpectation is the expectation that would cover a finding of a case if it were not
// too late for it.
func (run *Run) ExpiredExpectation(c *Case, f judge.Finding) *Expectation {
	for _, e := range run.ExpectationsIn(Expired) {
		if e.covers(c, f.Requirement) {
			return &e
		}
	}
	return nil
}

// ExpectationsIn lists the expectations in a state.
func (run *Run) ExpectationsIn(state ExpectationState) []Expectation {
	var all []Expectation
	for _, e := range run.Expectations {
		if e.State == state {
			all = append(all, e)
		}
	}
	return all
}

// KnownInShort counts the deviations that were expected and came; "" if there
// are none.
func (run *Run) KnownInShort() string {
	n := len(run.ExpectationsIn(Met))
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d known %s", n, printable.Plural(n, "deviation", "deviations"))
}

// outdated counts, for the headline, the expectations that no longer hold.
func (run *Run) outdated() string {
	s := ""
	if n := len(run.ExpectationsIn(Expired)); n > 0 {
		s += fmt.Sprintf("; %d %s expired", n, printable.Plural(n, "expectation has", "expectations have"))
	}
	if n := len(run.ExpectationsIn(Gone)); n > 0 {
		s += fmt.Sprintf("; %d known %s gone", n, printable.Plural(n, "deviation is", "deviations are"))
	}
	return s
}

// Tickets lists what is known, by requirement.
func (run *Run) Tickets() map[string][]string {
	if len(run.Expectations) == 0 {
		return nil
	}
	tickets := map[string][]string{}
	for i := range run.Cases {
		c := &run.Cases[i]
		for _, f := range c.Findings {
			e := run.Expectation(c, f)
			if e != nil && run.Deviating(f.Verdict) && !slices.Contains(tickets[f.Requirement], e.Ticket) {
				tickets[f.Requirement] = append(tickets[f.Requirement], e.Ticket)
			}
		}
	}
	return tickets
}
