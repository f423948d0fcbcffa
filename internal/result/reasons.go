package result

import (
	"cmp"
	"slices"

	"github.com/gesconform/gesconform/internal/judge"
)

// A Reason says why things were not judged or exercised, and names them.
type Reason struct {
	Reason string   `json:"reason"`
	Names  []string `json:"names"`
}

// ByReason groups names by reason, where reasons[i] is the reason for names[i]. The most
// frequent reason is first; equally frequent ones are in order of appearance.
func ByReason(reasons, names []string) []Reason {
	var groups []Reason
	for i, reason := range reasons {
		at := slices.IndexFunc(groups, func(g Reason) bool { return g.Reason == reason })
		if at < 0 {
			at = len(groups)
			groups = append(groups, Reason{Reason: reason})
		}
		groups[at].Names = append(groups[at].Names, names[i])
	}
	slices.SortStableFunc(groups, func(a, b Reason) int { return len(b.Names) - len(a.Names) })
	return groups
}

// NotJudged reports whether the case, or one of its findings, could not be judged, and why.
func (c *Case) NotJudged() (reason string, ok bool) {
	if c.Verdict == judge.Error {
		return c.Reason, true
	}
	for _, f := range c.Findings {
		if f.Verdict == judge.Error {
			return f.Got, true
		}
	}
	return "", false
}

// NotJudged returns the cases that could not be judged, by reason.
func (run *Run) NotJudged() []Reason {
	var reasons, ids []string
	for i := range run.Cases {
		if reason, ok := run.Cases[i].NotJudged(); ok {
			reasons, ids = append(reasons, reason), append(ids, run.Cases[i].Case)
		}
	}
	return ByReason(reasons, ids)
}

// NotExercised returns the requirements that no answer decided, by reason.
func (run *Run) NotExercised() []Reason {
	var reasons, ids []string
	for i := range run.Requirements {
		if r := &run.Requirements[i]; !r.Verdict.Exercised() {
			reasons, ids = append(reasons, r.Reason), append(ids, r.ID)
		}
	}
	return ByReason(reasons, ids)
}

// CountedApart returns the cases that are counted apart, by reason.
func (run *Run) CountedApart() []Reason {
	var reasons, ids []string
	for i := range run.Cases {
		if c := &run.Cases[i]; c.Apart != "" {
			reasons, ids = append(reasons, inShort(c.Reason)), append(ids, c.Case)
		}
	}
	return ByReason(reasons, ids)
}

// FirstUndecided returns the first case that is undecided for a requirement, and why. One that
// is counted apart only comes if there is no other. The case is "" if there is none.
func (run *Run) FirstUndecided(requirement string) (id, reason string) {
	for i := range run.Cases {
		c := &run.Cases[i]
		why, undecided := c.undecidedFor(requirement)
		switch {
		case undecided && c.Apart == "":
			return c.Case, why
		case undecided && id == "":
			id, reason = c.Case, why
		}
	}
	return id, reason
}

// undecidedFor reports whether the case is about a requirement that no answer to it decided,
// and why.
func (c *Case) undecidedFor(requirement string) (why string, undecided bool) {
	for _, f := range c.Findings {
		switch {
		case f.Requirement != requirement:
		case f.Verdict.Exercised():
			return "", false
		default:
			why, undecided = f.Got, true
		}
	}
	if !undecided && c.Requirement == requirement {
		return cmp.Or(inShort(c.Reason), noAnswerDecided), true
	}
	return why, undecided
}

// CountNames returns the total number of names.
func CountNames(reasons []Reason) int {
	n := 0
	for _, r := range reasons {
		n += len(r.Names)
	}
	return n
}
