package engine

import (
	"context"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// observer returns the case of a step of the lifecycle, or nil.
func (e *Engine) observer(name string) *cases.Case {
	for _, k := range e.all {
		if k.Observes == name {
			return k
		}
	}
	return nil
}

func (e *Engine) observerID(name string) string {
	if k := e.observer(name); k != nil {
		return k.ID
	}
	return name
}

func (e *Engine) exercised(name string) bool {
	r := e.observed[name]
	return r != nil && r.Verdict.Exercised()
}

// note adds a finding about a step of the lifecycle.
func (e *Engine) note(name string, v judge.Verdict, got string, lawful []string, exchanges ...exchange.Exchange) {
	k := e.observer(name)
	if k == nil {
		return
	}
	r := e.observed[name]
	if why, instead := e.accusesNobody(exchanges...); why != "" && v == judge.Deviates {
		v, got = instead, why
	}
	if r == nil {
		r = &judge.Result{Verdict: v}
		e.observed[name] = r
	}
	f := e.judge.Finding(k.Requirement, v, got, lawful)
	f.Exchange = len(r.Exchanges)
	r.Exchanges = append(r.Exchanges, exchanges...)
	r.Verdict = judge.Worse(r.Verdict, f.Verdict)
	r.Aim, r.Apart = "lifecycle", ""
	switch {
	case r.Verdict != judge.Error && r.Verdict != judge.Masked:
		r.Reason = ""
	case f.Verdict == r.Verdict:
		r.Reason = got
	}
	r.Conclude(f)
}

// finishObservers sets the results of the steps of the lifecycle.
func (e *Engine) finishObservers(ctx context.Context) {
	if e.stopped(ctx, e.observerID("job-ends")) {
		return
	}
	for _, job := range e.upgrades.jobs { // long after its end
		if e.upgrades.ends[job] != "" && !e.deviates("job-ids-differ") { // else it may be another job's end
			e.stillEnded(ctx, job, 1)
		}
	}
	e.judgeReports()
	e.judgeValidators()
	if len(e.upgrades.jobs) > 1 {
		e.judgeListed(ctx, e.upgrades.jobs...)
	}
	for _, k := range e.all {
		if k.Observes == "" {
			continue
		}
		if r := e.observed[k.Observes]; r != nil {
			e.finish(k, *r)
		} else {
			step, apart := ges.LifecycleSteps[k.Observes], e.apartUnobserved(k.Observes)
			reason := apart.Because(step.Unobserved)
			if why := e.partial.lacks[e.job.ShownBy]; step.ByJob && apart == "" && why != "" {
				reason = why
			}
			e.finish(k, judge.Result{Verdict: judge.NotApplicable, Reason: reason, Apart: apart})
		}
	}
}
