package result

import (
	"slices"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
)

func idsOf(sources []*contract.Source) []string {
	var ids []string
	for _, s := range sources {
		ids = append(ids, s.ID)
	}
	return ids
}

// sourcesOf returns the sources that the requirements and findings of a run name.
func sourcesOf(c *contract.Contract, run *Run) []contract.Source {
	var ids []string
	for i := range run.Requirements {
		ids = append(ids, run.Requirements[i].Source...)
	}
	for i := range run.Cases {
		for _, f := range run.Cases[i].Findings {
			ids = append(ids, f.SourceIDs()...)
		}
	}
	slices.Sort(ids)
	var all []contract.Source
	for _, s := range c.Sources(slices.Compact(ids)...) {
		source := *s
		source.Line = 0 // is not written
		all = append(all, source)
	}
	return all
}

// SourcesOf returns the sources with the given ids, in that order.
func (run *Run) SourcesOf(ids []string) []contract.Source {
	var all []contract.Source
	for _, id := range ids {
		if i := slices.IndexFunc(run.Sources, func(s contract.Source) bool { return s.ID == id }); i >= 0 {
			all = append(all, run.Sources[i])
		}
	}
	return all
}

// onlyDocumented lowers in all of a run each MUST that only a decision of ours makes one to a
// SHOULD.
func (run *Run) onlyDocumented() {
	run.Cases = slices.Clone(run.Cases)
	for i := range run.Cases {
		c := &run.Cases[i]
		c.Findings = slices.Clone(c.Findings)
		c.Result.OnlyDocumented()
	}
	run.lowerOurs()
}

// lowerOurs lowers the requirements that only a decision of ours makes a MUST to a SHOULD,
// and those verdicts on requirements that no finding supports any more. If a decision of ours adds
// to what a page says, and only that is broken, the requirement is shown as the SHOULD that is.
func (run *Run) lowerOurs() {
	deviates := map[string]bool{}
	for i := range run.Cases {
		for _, f := range run.Cases[i].Findings {
			deviates[f.Requirement] = deviates[f.Requirement] || f.Verdict == judge.Deviates
		}
	}
	run.Requirements = slices.Clone(run.Requirements)
	for i := range run.Requirements {
		r := &run.Requirements[i]
		if r.Verdict == judge.Deviates && !deviates[r.ID] {
			r.Verdict = judge.Advisory
		}
		if r.Level == contract.Must && (r.Ours || r.Verdict == judge.Advisory) {
			r.Level, r.inPart = contract.Should, !r.Ours
		}
	}
}

// IsMust reports whether a requirement is a MUST, if only for a part of it.
func (r *Requirement) IsMust() bool { return r.Level == contract.Must || r.inPart }
