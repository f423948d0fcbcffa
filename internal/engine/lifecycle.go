package engine

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

func pathEscape(s string) string { return url.PathEscape(s) }

// lifecycle upgrades the graph to the first later version and judges what follows.
func (e *Engine) lifecycle(ctx context.Context) {
	if !e.lifecycleWanted() {
		return
	}
	var refused []refusedStep
	var last exchange.Exchange
	for _, s := range e.lifecycleSteps() {
		k := s.k
		if e.stopped(ctx, k.ID) {
			continue
		}
		aim := k.Aims[s.aim]
		version, why := e.versionFor(aim)
		if b := e.barred(ctx, s, aim, why); b.reason != "" {
			e.lifecycleBarred(b.reason)
			break
		}
		exchanges, version := e.attempt(ctx, s, aim, version)
		x := exchanges[len(exchanges)-1]
		switch {
		case s.shares != nil && !accepted(&x):
			if !e.decideShared(ctx, s, aim, exchanges) {
				return
			}
			last = x
			continue
		case !accepted(&x):
			e.rememberRefusal(k, aim, version, &x)
			nameCause(refused, k, &x)
			refused, last = append(refused, refusedStep{s, exchanges}), x
			continue
		}
		e.accepted(ctx, k, aim, &x, version)
		if s.shares != nil {
			e.decideShared(ctx, s, aim, exchanges)
		} else {
			e.decide(s, aim, exchanges)
		}
		for _, r := range refused { // what was accepted says the same in another way
			e.decide(r.step, r.k.Aims[r.aim], r.exchanges)
		}
		return
	}
	e.noneAccepted(last, refused)
}

// nameCause says of what rests on a case, and was refused in the same way, that the case is the cause.
func nameCause(refused []refusedStep, k *cases.Case, x *exchange.Exchange) {
	for i := range refused {
		if r := &refused[i]; r.k.RestsOn == k.ID && sameOutcome(x, &r.exchanges[len(r.exchanges)-1]) {
			r.cause = k.ID
		}
	}
}

// noneAccepted judges that no request started the lifecycle, of which last is the last that was answered.
func (e *Engine) noneAccepted(last exchange.Exchange, refused []refusedStep) {
	switch {
	case last.Sequence == 0:
	case last.SetAside != "":
		e.note(ges.StepAccepted, judge.Error, e.judge.Outcome(&last)+": "+last.SetAside, nil, last)
	default:
		answers := []exchange.Exchange{last}
		for _, r := range refused {
			if x := r.exchanges[len(r.exchanges)-1]; x.Sequence != last.Sequence {
				answers = append(answers, x)
			}
		}
		e.note(ges.StepAccepted, judge.Deviates, e.judge.Outcome(&last), []string{e.upgrade().Success().Status}, answers...)
	}
}

// lifecycleSteps returns the valid requests of which the first to be accepted starts the
// lifecycle: what has most variations, and the plainest.
func (e *Engine) lifecycleSteps() []step {
	var all []step
	if shared := e.firstShared(); shared != nil {
		all = append(all, *shared)
	}
	for _, name := range ges.LifecycleCases {
		if k := e.acceptance(name); k != nil {
			all = append(all, step{k: k, aim: len(k.Aims) - 1})
		}
	}
	return all
}

// lifecycleBarred sets the reason of all steps that were not observed.
func (e *Engine) lifecycleBarred(reason string) {
	for name, step := range ges.LifecycleSteps {
		if e.observed[name] == nil && !step.Failing {
			e.observed[name] = &judge.Result{Verdict: judge.NotApplicable, Reason: reason}
		}
	}
}

// refusedStep is a valid request that was refused.
type refusedStep struct {
	step
	exchanges []exchange.Exchange
}

func (e *Engine) lifecycleWanted() bool {
	return slices.ContainsFunc(e.cases, func(k *cases.Case) bool { return k.Observes != "" })
}

// acceptance returns the case of a valid variation of the upgrade, or nil.
func (e *Engine) acceptance(name string) *cases.Case {
	for _, k := range e.all {
		if k.Accepts == name && !e.c.Operation(k.Operation).Safe() {
			return k
		}
	}
	return nil
}

// follow judges what follows an upgrade that was rightly accepted: a second one is refused
// while it runs; the job can be queried, ends, and belongs to the graph; the version
// changes.
func (e *Engine) follow(ctx context.Context, x *exchange.Exchange, before, version string) {
	e.note(ges.StepAccepted, judge.Conforms, "", nil, *x)
	if strings.Compare(version, before) < 0 { // as strings the target is the earlier one
		e.note("version-order", judge.Conforms, "", nil, *x)
	}
	job := jobID(x)
	if job == "" { // that breaks the answer's schema, which is judged elsewhere
		e.settle(ctx, x.Case, "", "")
		return
	}
	if slices.Contains(e.upgrades.jobs, job) {
		e.note("job-ids-differ", judge.Deviates, fmt.Sprintf("job id %s, which an earlier upgrade was given", job), []string{"a job id of its own"}, *x)
	} else if len(e.upgrades.jobs) > 0 {
		e.note("job-ids-differ", judge.Conforms, "", nil, *x)
	}
	e.upgrades.jobs = append(e.upgrades.jobs, job)
	e.reports[job] = &jobReport{accepted: *x}
	if !e.exercised("second-refused") {
		version = cmp.Or(e.second(ctx, job, before), version)
	}
	refuses := e.exercised("second-refused") && !e.deviates("second-refused")
	if refuses && !e.exercised("second-refused-forced") {
		version = cmp.Or(e.secondForced(ctx, job, before), version)
	}
	late := e.asksLate(x, refuses)
	e.underWay = func(read *exchange.Exchange) {
		if late.due(read) && refuses && !e.deviates("second-refused-late") {
			asking := e.underWay
			e.underWay = nil // the second has a job of its own
			version = cmp.Or(e.askSecond(ctx, "second-refused-late", nil, job, before), version)
			e.underWay = asking
		}
	}
	seen := e.settle(ctx, e.observerID("job-ends"), job, version)
	e.underWay, e.upgrades.lasted = nil, late.lasted
	e.judgeJob(ctx, job, seen)
	if e.graph.version == version || !e.deviates("second-refused-late") && !e.deviates("second-refused-forced") {
		e.judgeGraph(ctx, seen, before, version) // else the second has changed what the first was to
	}
	if len(e.upgrades.jobs) == 1 { // all of them at the end
		e.judgeListed(ctx, job)
	}
}

func (e *Engine) conditionOf(relation contract.Relation) string {
	op := e.upgrade()
	if _, part, ok := op.Place(relation); ok {
		return e.c.RefusalForRelation(op, relation, part).Condition
	}
	return ""
}

// upgrade returns the operation under test: the one that is not safe.
func (e *Engine) upgrade() *contract.Operation {
	for _, op := range e.c.Operations() {
		if !op.Safe() {
			return op
		}
	}
	return nil
}

// judgeJob judges the reads of a job.
func (e *Engine) judgeJob(ctx context.Context, job string, seen []exchange.Exchange) {
	if e.partial.lacks[e.job.ShownBy] != "" {
		return
	}
	var first, last *exchange.Exchange // reads that show the job
	for i := range seen {
		if seen[i].Aim != readJobAim || !accepted(&seen[i]) {
			continue
		}
		if first == nil {
			first = &seen[i]
		}
		last = &seen[i]
	}
	if first == nil {
		asked := seen[max(slices.IndexFunc(seen, func(x exchange.Exchange) bool { return x.SetAside == "" }), 0)]
		got := e.judge.Outcome(&asked)
		if waited := waitedFor(seen, e.within("job-queryable")); waited != "" {
			got += waited + " after the upgrade was accepted"
		}
		e.note("job-queryable", judge.Deviates, got, []string{"200 with the job"}, asked)
		return
	}
	if got := ges.JobOf(first.JSON()).ID; got != job {
		e.note("job-queryable", judge.Deviates, fmt.Sprintf("job_id %q for the job %q", got, job), []string{"the job that was asked for"}, *first)
	} else {
		e.note("job-queryable", judge.Conforms, "", nil, *first)
	}
	if !e.judgeKnown(seen, false) {
		return
	}
	if !ges.JobOf(last.JSON()).Ended() {
		e.note("job-ends", judge.Deviates, fmt.Sprintf("status %q after %s", jobStatus(last), e.config.JobTimeout), []string{"success or failed"}, *last)
		e.endUpgrades("a job did not end within --job-timeout, " + e.config.JobTimeout.String())
		return
	}
	e.upgrades.ends[job] = jobStatus(last)
	again := 1
	if len(e.upgrades.jobs) == 1 {
		again = steady / 2
	}
	e.judgeJobGraph(ctx, job, e.stillEnded(ctx, job, again))
}

// stillEnded reads a job again that has ended, so many times.
func (e *Engine) stillEnded(ctx context.Context, job string, times int) *exchange.Exchange {
	end := e.upgrades.ends[job]
	reads := e.readKnown(ctx, e.observerID("job-ends"), job, times)
	x := reads[len(reads)-1]
	if !e.judgeKnown(reads, true) {
		return &x
	}
	for i := range reads { // the first that is not as it was
		if accepted(&reads[i]) && jobStatus(&reads[i]) != end {
			x = reads[i]
			break
		}
	}
	if accepted(&x) && e.observed["job-stays-known"] == nil {
		e.note("job-stays-known", judge.Conforms, "", nil, x)
	}
	if status := jobStatus(&x); status != end {
		e.note("job-ends", judge.Deviates, fmt.Sprintf("%s, status %q after %q", e.judge.Outcome(&x), status, end), []string{end}, x)
	} else {
		e.note("job-ends", judge.Conforms, "", nil, x)
	}
	return &x
}

// judgeJobGraph judges whether the job belongs to the graph: it names it, and is not shown
// under another one.
func (e *Engine) judgeJobGraph(ctx context.Context, job string, x *exchange.Exchange) {
	name := ges.JobOf(x.JSON()).Graph
	if name != "" && e.graph.name != "" && name != e.graph.name {
		e.note("job-of-graph", judge.Deviates, fmt.Sprintf("related_graph %q of a job of the graph %q", name, e.graph.name), []string{e.graph.name}, *x)
		return
	}
	others := []string{e.absent}
	if e.config.StoppedGraphID != "" {
		others = append(others, e.config.StoppedGraphID)
	}
	for _, other := range others {
		y := e.readJob(ctx, e.observerID("job-of-graph"), other, job)
		if by := e.showsAnyJob(other); by != "" && accepted(&y) {
			e.noteMasked("job-of-graph", by, e.judge.Outcome(&y), []string{"refused: no such job"}, y)
			continue
		}
		if accepted(&y) {
			e.note("job-of-graph", judge.Deviates, e.judge.Outcome(&y)+": the job is shown under another graph", []string{"refused: no such job"}, y)
			return
		}
		if y.Failure == nil && y.Status() < 500 {
			e.note("job-of-graph", judge.Conforms, "", nil, y)
		}
	}
}
