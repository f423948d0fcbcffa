package engine

import (
	"context"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// togetherStep is the step in which two upgrades arrive at the same moment.
const togetherStep = "together-refused"

// together requests an upgrade twice at the same moment, on a quiet graph: a server that looks
// whether one is under way before it notes its own accepts both. If both are refused, they go once
// more.
func (e *Engine) together(ctx context.Context) {
	k := e.observer(togetherStep)
	if k == nil || e.pending[k.ID] == nil || !e.exercised(ges.StepAccepted) || e.deviates(ges.StepAccepted) || e.deviates("second-refused") || e.deviates("version-shown") {
		return
	}
	aim := cases.Aim{
		Name: "together", Graph: cases.NamedGraph, Version: cases.LaterVersion, Risk: cases.Destructive,
		Conditions: []string{k.Condition, e.conditionOf(contract.NotLater)},
	}
	var both [2]exchange.Exchange
	for range 2 {
		version, why := e.versionFor(aim)
		switch {
		case e.upgradesEnded() != "" || !e.target.Changeable(e.graph.status) || e.stopped(ctx, k.ID):
			return
		case why != "" || e.upgrades.budget < len(both) || len(e.stillLater()) < len(both): // the last version is for what must be refused
			apart := judge.RuledOutByLimits
			e.observed[togetherStep] = &judge.Result{Verdict: judge.NotApplicable, Reason: apart.Because("two upgrades may not start"), Apart: apart}
			return
		case e.tooLate(ctx, k.ID, e.upgradeTakes()):
			return
		}
		before := e.graph.version
		both = e.sendTogether(ctx, k, aim, version)
		if e.judgeTogether(ctx, k, aim, before, version, both) {
			return
		}
	}
	e.note(togetherStep, judge.Masked, "both were refused: "+e.judge.Outcome(&both[0])+"; "+e.judge.Outcome(&both[1]), nil, both[:]...)
}

// sendTogether sends a request twice at the same moment.
func (e *Engine) sendTogether(ctx context.Context, k *cases.Case, aim cases.Aim, version string) [2]exchange.Exchange {
	filled := k.Request.Fill(e.values(aim, version))
	both := e.wire.SendTogether(ctx, k.ID, aim.Name, filled)
	for i := range both {
		x := &both[i]
		x.Operation = k.Operation
		e.keep(x, &filled)
		e.noteStart(x)
		e.noteVersion(aim, version, x)
		if accepted(x) || maybeNetwork(x) && x.Failure.Kind != exchange.Unreachable {
			e.upgrades.budget--
		}
		if x.Failure != nil || x.Status() >= 500 || refused(x) {
			e.setDoubt(x, doubt{kind: unfounded, reason: e.judge.Outcome(x) + ", in answer to one of two requests at the same moment; not sent again, because it could have started an upgrade"})
		}
	}
	return both
}

// areUnderWay reports whether all of some jobs are under way.
func (e *Engine) areUnderWay(ctx context.Context, caseID string, jobs ...string) bool {
	all := true
	for _, job := range jobs {
		x := e.readJob(ctx, caseID, e.config.GraphID, job)
		all = all && (ges.Job{Status: jobStatus(&x)}).UnderWay()
	}
	return all
}

// judgeTogether judges the answers to two upgrades at the same moment, and follows those that were
// accepted. It reports whether one was, or may have been.
func (e *Engine) judgeTogether(ctx context.Context, k *cases.Case, aim cases.Aim, before, version string, both [2]exchange.Exchange) bool {
	first, other := &both[0], &both[1]
	if !accepted(first) {
		first, other = other, first
	}
	switch {
	case accepted(first) && accepted(other):
		e.upgrades.moved = true
		switch {
		case jobID(first) == jobID(other): // then there is one upgrade
			e.note(togetherStep, judge.Masked, "both were accepted and given the same job", nil, both[:]...)
		case !e.areUnderWay(ctx, k.ID, jobID(first), jobID(other)): // one may have ended when the other was accepted
			e.note(togetherStep, judge.Masked, "both were accepted, and one had ended before it could be seen", nil, both[:]...)
		default:
			e.note(togetherStep, judge.Deviates, "both were accepted, which came at the same moment", e.c.Refusal(k.Condition).Lawful(), both[:]...)
		}
		if !e.config.KeepGoing {
			e.endUpgrades("two upgrades that came at the same moment were both accepted; set --keep-going to continue after it")
		}
		for i := range both {
			e.settle(ctx, k.ID, jobID(&both[i]), "")
		}
		e.upgrades.expect(e.graph.version)
	case accepted(first):
		e.upgrades.moved = true
		e.follow(ctx, first, before, version)
		e.upgrades.expect(e.graph.version)
		f := e.judge.Decide(k, aim, other)
		if judge.Throttled(other) {
			e.note(togetherStep, judge.Masked, "one was accepted and the other throttled, so that they did not arrive together", nil, *other, *first)
			break
		}
		if f.Verdict == judge.Masked { // as good: the first had been installed before the other was looked at
			e.note(togetherStep, judge.Conforms, "", nil, *other, *first)
			break
		}
		e.note(togetherStep, f.Verdict, f.Got, f.Lawful, *other, *first)
		e.noteCode(togetherStep, k, f, other)
	case e.doubtOf(first).kind != 0 || e.doubtOf(other).kind != 0: // one may have started
		e.settle(ctx, k.ID, "", "")
		if e.graph.version != before {
			e.upgrades.moved = true
			e.upgrades.expect(e.graph.version)
		}
		e.note(togetherStep, judge.Error, e.judge.Outcome(first)+"; "+e.judge.Outcome(other), nil, both[:]...)
	default:
		return false
	}
	return true
}
