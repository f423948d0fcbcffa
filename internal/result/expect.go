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

// An Expectation is a known deviation of a target: an entry of the file that --expect
// names. With Requirement alone, it covers every deviation from that requirement; with
// Case as well, only those in the named cases. With Case alone, it covers deviations
// from the requirement that each of these cases is about, but not from others that the
// same answer breaks.
type Expectation struct {
	Requirement string           `json:"requirement,omitempty"`
	Case        string           `json:"case,omitempty"` // an id, or a prefix of ids and *
	Reason      string           `json:"reason"`
	Ticket      string           `json:"ticket"`
	Expires     string           `json:"expires"` // the last day on which it holds, in UTC
	State       ExpectationState `json:"state"`
	// Cases has the ids of the cases that deviate as expected.
	Cases []string `json:"cases,omitempty"`
}

// An ExpectationState says whether the known deviation occurred in a run.
type ExpectationState string

// The states.
const (
	Met          ExpectationState = "met"           // it occurred, and does not count
	Expired      ExpectationState = "expired"       // it occurred after the expiry date, so it counts
	Gone         ExpectationState = "gone"          // everything that the entry names was exercised, and nothing deviates
	NotExercised ExpectationState = "not-exercised" // nothing deviates, but not everything was exercised
)

// covers reports whether the expectation is about a deviation of this case from this
// requirement.
func (e *Expectation) covers(c *Case, requirement string) bool {
	return requirement == cmp.Or(e.Requirement, c.Requirement) && (e.Case == "" || matches(e.Case, c.Case))
}

// matches reports whether an id matches a pattern, which may end in *.
func matches(pattern, id string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(id, prefix)
	}
	return pattern == id
}

// Name returns the requirement and cases that the expectation names.
func (e *Expectation) Name() string {
	if e.Requirement != "" && e.Case != "" {
		return e.Requirement + " in " + e.Case
	}
	return e.Requirement + e.Case
}

// Because returns the reason, the ticket and the expiry date.
func (e *Expectation) Because() string {
	return fmt.Sprintf("%s (%s, until %s)", e.Reason, e.Ticket, e.Expires)
}

// Expect sets run.Expectations, and computes the verdict of the run again: a deviation
// that is expected does not make the run deviate, though its own verdict remains. An
// expectation that had expired when the run started excuses nothing. Call it after
// Summarise.
func (run *Run) Expect(known Expectations) {
	run.Expectations = nil
	for _, k := range known.all {
		e := k.Expectation
		run.settle(&e, k.named)
		run.Expectations = append(run.Expectations, e)
	}
	run.decide()
}

// settle sets the state of an expectation. named has the ids of the cases that it names.
func (run *Run) settle(e *Expectation, named []string) {
	decided := map[string]bool{}
	exercised := len(named) > 0
	for i := range run.Cases {
		c := &run.Cases[i]
		decided[c.Case] = c.decidedFor(e)
		for _, f := range c.Findings {
			if !e.covers(c, f.Requirement) {
				continue
			}
			if run.Deviating(f.Verdict) && !slices.Contains(e.Cases, c.Case) {
				e.Cases = append(e.Cases, c.Case)
			}
			// A requirement that no case is about is judged in the answers to all cases.
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

// decidedFor reports whether the case was decided, of a client's scenario as to what the expectation
// is about: a scenario can decide one requirement and not another.
func (c *Case) decidedFor(e *Expectation) bool {
	if c.Client == nil {
		return c.Verdict.Exercised()
	}
	return slices.ContainsFunc(c.Findings, func(f judge.Finding) bool {
		return f.Requirement == cmp.Or(e.Requirement, c.Requirement) && f.Verdict.Exercised()
	})
}

// over reports whether the expectation has expired at a time.
func (e *Expectation) over(at time.Time) bool {
	last, err := time.Parse(time.DateOnly, e.Expires)
	return err != nil || !at.Before(last.AddDate(0, 0, 1))
}

// Expectation returns the expectation that excuses a finding of a case, or nil.
func (run *Run) Expectation(c *Case, f judge.Finding) *Expectation {
	for i := range run.Expectations {
		if e := &run.Expectations[i]; e.State == Met && e.covers(c, f.Requirement) {
			return e
		}
	}
	return nil
}

// ExpiredExpectation returns the expectation that would excuse a finding of a case if it
// had not expired, or nil.
func (run *Run) ExpiredExpectation(c *Case, f judge.Finding) *Expectation {
	for _, e := range run.ExpectationsIn(Expired) {
		if e.covers(c, f.Requirement) {
			return &e
		}
	}
	return nil
}

// ExpectationsIn returns the expectations in a state.
func (run *Run) ExpectationsIn(state ExpectationState) []Expectation {
	var all []Expectation
	for _, e := range run.Expectations {
		if e.State == state {
			all = append(all, e)
		}
	}
	return all
}

// KnownInShort returns the number of known deviations that occurred, as in "2 known
// deviations", or "" if there are none.
func (run *Run) KnownInShort() string {
	n := len(run.ExpectationsIn(Met))
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d known %s", n, printable.Plural(n, "deviation", "deviations"))
}

// outdated returns the end of a headline that counts the expectations to remove from
// the file: those that have expired, and those whose deviation is gone.
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

// Tickets returns the tickets of the known deviations that occurred, by requirement id.
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
