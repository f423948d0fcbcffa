package result

import "github.com/gesconform/gesconform/internal/judge"

// Breaks reports whether a finding makes the run deviate: a MUST is broken, or in a
// strict run a SHOULD, and the deviation is not a known one.
func (run *Run) Breaks(c *Case, f judge.Finding) bool {
	return run.Deviating(f.Verdict) && run.Expectation(c, f) == nil
}

// Deviating reports whether a verdict is a deviation in this run, known or not.
func (run *Run) Deviating(v judge.Verdict) bool {
	return v == judge.Deviates || run.Target.Strict && v == judge.Advisory
}

// RequirementOf returns the requirement that a finding is about.
func (run *Run) RequirementOf(f judge.Finding) Requirement {
	for _, r := range run.Requirements {
		if r.ID == f.Requirement {
			return r
		}
	}
	return Requirement{ID: f.Requirement, Level: f.Level}
}
