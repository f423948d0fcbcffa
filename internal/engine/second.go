package engine

import (
	"cmp"
	"context"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// A second upgrade is asked for while one is under way: at once, forced, and later.

// second requests another upgrade while one is under way, at once. If that had ended, and the
// second upgrade was accepted, it returns the version that it led to.
func (e *Engine) second(ctx context.Context, job, before string) (moved string) {
	return e.askSecond(ctx, "second-refused", nil, job, before)
}

// secondForced does the same with an upgrade that would interrupt running work.
func (e *Engine) secondForced(ctx context.Context, job, before string) (moved string) {
	const step = "second-refused-forced"
	forced := e.acceptance("force_upgrade-true")
	switch {
	case forced == nil || e.pending[forced.ID] == nil || e.upgradesEnded() != "" || e.observer(step) == nil || e.pending[e.observer(step).ID] == nil:
		return ""
	case e.upgrades.budget < 1:
		apart := judge.RuledOutByLimits
		e.observed[step] = &judge.Result{Verdict: judge.NotApplicable, Reason: apart.Because("no second upgrade may start"), Apart: apart}
		return ""
	}
	return e.askSecond(ctx, step, forced, job, before)
}

// askSecond requests another upgrade while one is under way, as with does unless it is nil, first
// to the version that the graph had. The answer only counts if the job is still under way
// afterwards. If it is not, and the second upgrade was accepted, askSecond returns the version that
// it led to.
func (e *Engine) askSecond(ctx context.Context, step string, with *cases.Case, job, before string) (moved string) {
	k := e.observer(step)
	if k == nil || e.pending[k.ID] == nil { // only if selected, since it sends requests
		return ""
	}
	aim := cases.Aim{
		Name: "second-upgrade", Graph: cases.NamedGraph, Version: cases.CurrentVersion, Risk: cases.Guarded,
		Conditions: []string{k.Condition, e.conditionOf(contract.NotLater)},
	}
	if with != nil {
		other := *k
		other.Request, k = with.Request, &other
		aim.Risk = cases.Destructive
	}
	for _, version := range []string{before, e.laterThan(e.laterThan(before))} {
		if version != before && e.upgradesEnded() == "" && (version == "" || e.upgrades.budget < 1) {
			apart := judge.RuledOutByLimits
			e.observed[step] = &judge.Result{Verdict: judge.NotApplicable, Reason: apart.Because("no second upgrade may start"), Apart: apart}
			return ""
		}
		if version == "" || e.upgradesEnded() != "" || version != before && e.tooLate(ctx, k.ID, e.upgradeTakes()) {
			return ""
		}
		x := e.final(e.send(ctx, k, aim, version))
		after, under := e.stillUnderWay(ctx, k.ID, job) // at once
		e.account(ctx, aim, &x)
		f := e.judge.Decide(k, aim, &x)
		if accepted(&x) {
			e.upgrades.budget--
			e.noteVersion(aim, version, &x)
			want := ""
			if !under {
				want = version
			}
			if seen := e.settle(ctx, k.ID, jobID(&x), want); succeeded(seen) {
				moved = want
			}
		}
		switch {
		case f.Verdict == judge.Conforms, under && f.Verdict == judge.Deviates:
			e.note(step, f.Verdict, f.Got, f.Lawful, x, after)
			e.noteCode(step, k, f, &x)
			if accepted(&x) && !e.config.KeepGoing {
				e.endUpgrades("a second upgrade was accepted while one was under way; set --keep-going to continue after it")
			}
			return moved
		case !under || f.Verdict != judge.Masked:
			return moved // the job ended too soon, or the answer decides nothing
		}
		aim.Version, aim.Risk, aim.Conditions = cases.LaterVersion, cases.Destructive, []string{k.Condition}
	}
	return moved
}

// stillUnderWay reads the job, or where it cannot be read the graph, and reports whether that shows
// an upgrade under way.
func (e *Engine) stillUnderWay(ctx context.Context, caseID, job string) (exchange.Exchange, bool) {
	if e.partial.lacks[e.job.ShownBy] != "" {
		x := e.readGraph(ctx, caseID, &e.graph)
		state := e.c.GraphState(e.graph.status)
		return x, accepted(&x) && state != nil && state.Relation == contract.Upgrading
	}
	x := e.readJob(ctx, caseID, e.config.GraphID, job)
	under := ges.Job{Status: jobStatus(&x)}.UnderWay()
	return x, under
}

// succeeded reports whether the last status of a job is success.
func succeeded(seen []exchange.Exchange) bool {
	status := ""
	for i := range seen {
		status = cmp.Or(jobStatus(&seen[i]), status)
	}
	return status == ges.JobSuccess
}
