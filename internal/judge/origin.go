package judge

import (
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
)

// ours is the origin of all findings that conform to a rule of ours.
var ours = &Origin{Ours: true}

// Trace says of each finding of a case's result whose rule it is about: whether only a
// decision of ours makes it a MUST and, if the finding is reported, on which sources it rests.
func (j *Judge) Trace(k *cases.Case, r *Result) {
	for i := range r.Findings {
		f := &r.Findings[i]
		requirement := j.c.Requirement(f.Requirement)
		if requirement == nil {
			continue
		}
		aspects, ids := []string{""}, requirement.Source
		if f.Origin != nil {
			aspects[0] = f.keyword
		}
		if f.Requirement == k.Requirement {
			aspects = append(aspects, k.ID[strings.LastIndex(k.ID, "/")+1:])
			if refusal := j.c.Refusal(k.Condition); refusal != nil {
				ids = slices.Concat(ids, refusal.Source)
			}
		}
		isOurs := requirement.Level == contract.Must && !j.c.Documented(requirement, aspects...)
		f.Origin = nil
		switch {
		case f.Verdict.Exercised() && f.Verdict != Conforms:
			f.Origin = &Origin{Ours: isOurs}
			for _, s := range j.c.Sources(slices.Concat(ids, j.c.SourcesAt(f.Clause))...) {
				f.Source = append(f.Source, s.ID)
			}
		case isOurs:
			f.Origin = ours
		}
	}
}

// OnlyDocumented lowers each MUST that only a decision of ours makes one to a SHOULD, so
// that a finding that breaks it is an advisory.
func (r *Result) OnlyDocumented() {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Origin != nil && f.Ours {
			f.Level = contract.Should
			if f.Verdict == Deviates {
				f.Verdict = Advisory
			}
		}
	}
	if r.Verdict == Deviates && !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Verdict == Deviates }) {
		r.Verdict = Advisory
	}
}
