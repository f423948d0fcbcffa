package result

import (
	"slices"

	"github.com/gesconform/gesconform/internal/judge"
)

// A Reason is why something was not judged or exercised, and what it was.
type Reason struct {
	Reason string   `json:"reason"`
	Names  []string `json:"names"`
}

// ByReason gathers names by the reasons that stand at the same places: the most
// frequent reason first, then in order of appearance.
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

// NotJudged returns why the case, or a finding of it, could not be judged.
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

// NotJudged says why cases could not be judged.
func (run *Run) NotJudged() []Reason {
	var reasons, ids []string
	for i := range run.Cases {
		if reason, ok := run.Cases[i].NotJudged(); ok {
			reasons, ids = append(reasons, reason), append(ids, run.Cases[i].Case)
		}
	}
	return ByReason(reasons, ids)
}

// NotExercised says why no answer decided of requirements.
func (run *Run) NotExercised() []Reason {
	var reasons, ids []string
	for i := range run.Requirements {
		if r := &run.Requirements[i]; !r.Verdict.Exercised() {
			reasons, ids = append(reasons, r.Reason), append(ids, r.ID)
		}
	}
	return ByReason(reasons, ids)
}

// CountNames is how many names the reasons have together.
func CountNames(reasons []Reason) int {
	n := 0
	for _, r := range reasons {
		n += len(r.Names)
	}
	return n
}
