package judge

import (
	"slices"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
)

// subject is what the rule of a case is about.
type subject int

const (
	refusal    subject = 1 << iota // a bad request is refused
	acceptance                     // a valid request is accepted
	effect                         // what follows an upgrade, as reads show it
)

func subjectOf(k *cases.Case) subject {
	switch {
	case k.Observes != "":
		return effect
	case k.Accepts != "":
		return acceptance
	default:
		return refusal
	}
}

// causes says which faults of an answer decide, alone, that a case deviates: the fault is one
// deviation, and whether the rule of the case is kept is not known. Any other fault stands
// beside the rule's own deviation.
var causes = []struct {
	aspect contract.Aspect
	of     subject
	when   func(*cases.Case, *exchange.Exchange) bool
}{
	{contract.AspectAnswered, refusal | acceptance | effect, noStatusAskedFor},
	{contract.AspectStatus, acceptance, always},                           // accepted, if with another status than 200
	{contract.AspectSchemaOfSuccess, refusal | acceptance, saysItRefuses}, // a 200 with error_code is no acceptance
	{contract.AspectMediaType, effect, always},                            // what a broken read shows is no effect
	{contract.AspectJSON, effect, always},
	{contract.AspectSchemaOfSuccess, effect, always},
	{contract.AspectIDEcho, effect, always},
}

func always(*cases.Case, *exchange.Exchange) bool { return true }

// noStatusAskedFor is false for a 5xx in answer to what must be answered 200: that breaks both
// rules.
func noStatusAskedFor(k *cases.Case, x *exchange.Exchange) bool {
	return x.Failure != nil || k.Observes != ges.StepAccepted
}

func saysItRefuses(_ *cases.Case, x *exchange.Exchange) bool { return x.Code() != "" }

// Yield masks the deviations from a case's rule that an exchange of its result shows, if a
// fault of the same answer is their cause. faults are the findings about the exchange, which
// were not added to the result yet.
func (j *Judge) Yield(k *cases.Case, op *contract.Operation, r *Result, i int, faults []Finding) {
	cause := j.cause(k, op, &r.Exchanges[i], faults)
	if cause == "" {
		return
	}
	masked, lawful := false, []string(nil)
	for n := range r.Findings {
		if f := &r.Findings[n]; f.Exchange == i && (f.Verdict == Deviates || f.Verdict == Advisory) {
			f.Mask(cause)
			masked, lawful = true, f.Lawful
		}
	}
	if !masked {
		return
	}
	r.weigh()
	for n := range faults {
		if f := &faults[n]; f.Requirement == cause && len(f.Lawful) == 0 {
			f.Lawful = lawful
		}
	}
}

// cause returns the requirement that accounts for a deviation of the case, or "".
func (j *Judge) cause(k *cases.Case, op *contract.Operation, x *exchange.Exchange, faults []Finding) string {
	for _, c := range causes {
		if c.of&subjectOf(k) == 0 || !c.when(k, x) {
			continue
		}
		requirement := j.c.RequirementJudging(op, c.aspect)
		if requirement != nil && slices.ContainsFunc(faults, func(f Finding) bool {
			return f.Requirement == requirement.ID && f.Verdict == Deviates
		}) {
			return requirement.ID
		}
	}
	return ""
}

// Mask turns a finding into one that is not decided, since the requirement or case that it
// rests on fails.
func (f *Finding) Mask(cause string) {
	f.Verdict, f.Hint = Masked, ""
	f.Got += ": rests on " + cause + ", which fails"
}

// weigh sets a result's verdict to the worst of its findings.
func (r *Result) weigh() {
	r.Verdict = NotApplicable
	for _, f := range r.Findings {
		r.Verdict = Worse(r.Verdict, f.Verdict)
	}
}
