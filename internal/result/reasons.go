package result

import (
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

// CountNames returns the total number of names.
func CountNames(reasons []Reason) int {
	n := 0
	for _, r := range reasons {
		n += len(r.Names)
	}
	return n
}
