package engine

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
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

// notReached says of each step of the lifecycle why nothing was seen of it.
var notReached = map[string]string{
	"accepted":            "no upgrade was asked for",
	"version-order":       "no accepted upgrade went from a version such as 1.1.9 to 1.1.10",
	"second-refused":      "no upgrade was under way when a second one could be asked for",
	"version-shown":       "no upgrade has succeeded",
	"version-kept":        "no request was sent that could have moved the version",
	"job-ids-differ":      "no two upgrades were accepted",
	"job-queryable":       "no upgrade was accepted",
	"job-ends":            "no upgrade was accepted",
	"job-of-graph":        "no upgrade was accepted",
	"failure-rolled-back": "no upgrade has failed",
	"failure-explained":   "no upgrade has failed",
}

// lifecycleCases are the valid variations whose acceptance starts the lifecycle: the
// first shows most at once; the second is asked for where it is refused.
var lifecycleCases = []string{"charset", "force_upgrade-false"}

// shownAlongside are variations that the acceptance of another one shows, too.
var shownAlongside = map[string]string{"force_upgrade-absent": "charset"}

// lifecycle brings the graph to the first later version and looks at all that
// should come of it.
func (e *Engine) lifecycle(ctx context.Context) {
	if !e.lifecycleWanted() {
		return
	}
	var refused *step // the first of them, if it was
	var last exchange.Exchange
	for _, name := range lifecycleCases {
		k := e.acceptance(name)
		if k == nil || e.halts(ctx, k.ID) {
			continue
		}
		s := step{k: k, aim: len(k.Aims) - 1}
		aim := k.Aims[s.aim]
		version, why := e.versionFor(aim)
		if reason := e.barred(ctx, k, aim, why); reason != "" {
			e.lifecycleBarred(reason)
			break
		}
		exchanges, version := e.attempt(ctx, s, aim, version)
		x := exchanges[len(exchanges)-1]
		if !accepted(&x) {
			refused, last = &s, x
			continue
		}
		e.accepted(ctx, k, aim, &x, version)
		e.decide(s, aim, exchanges)
		for other, by := range shownAlongside {
			if same := e.acceptance(other); same != nil && by == name {
				e.decide(step{k: same, aim: len(same.Aims) - 1}, aim, []exchange.Exchange{x})
			}
		}
		if refused != nil && (e.mutations.budget < 1 || e.laterThan(e.graph.version) == "") {
			e.decide(*refused, refused.k.Aims[refused.aim], []exchange.Exchange{last}) // there is no second try
		}
		return
	}
	switch {
	case last.Sequence == 0:
	case last.SetAside != "":
		e.note("accepted", judge.Error, e.judge.Outcome(&last)+": "+last.SetAside, nil, last)
	default:
		e.note("accepted", judge.Deviates, e.judge.Outcome(&last), []string{e.upgrade().Success().Status}, last)
	}
}

// lifecycleBarred says of each step of the lifecycle why it was not seen.
func (e *Engine) lifecycleBarred(reason string) {
	for name := range notReached {
		if e.observed[name] == nil {
			e.observed[name] = &judge.Result{Verdict: judge.NotApplicable, Reason: reason}
		}
	}
}

func (e *Engine) lifecycleWanted() bool {
	return slices.ContainsFunc(e.cases, func(k *cases.Case) bool { return k.Observes != "" })
}

// acceptance is the case of a valid variation of the upgrade, or nil.
func (e *Engine) acceptance(name string) *cases.Case {
	for _, k := range e.all {
		if k.Accepts == name && !e.c.Operation(k.Operation).Safe() {
			return k
		}
	}
	return nil
}

// follow looks at all that should come of an upgrade that was lawfully taken
// on: a second one is refused while it runs, the job can be asked for, ends, and
// belongs to the graph, and the version moves.
func (e *Engine) follow(ctx context.Context, x *exchange.Exchange, before, version string) {
	e.note("accepted", judge.Conforms, "", nil, *x)
	if strings.Compare(version, before) < 0 { // as strings the target is the earlier one
		e.note("version-order", judge.Conforms, "", nil, *x)
	}
	job := jobID(x)
	if job == "" { // the answer's schema has been found wanting already
		e.settle(ctx, x.Case, "", "")
		return
	}
	if slices.Contains(e.mutations.jobs, job) {
		e.note("job-ids-differ", judge.Deviates, fmt.Sprintf("job id %s, which an earlier upgrade was given", job), []string{"a job id of its own"}, *x)
	} else if len(e.mutations.jobs) > 0 {
		e.note("job-ids-differ", judge.Conforms, "", nil, *x)
	}
	e.mutations.jobs = append(e.mutations.jobs, job)
	if !e.exercised("second-refused") {
		version = cmp.Or(e.second(ctx, job, before), version)
	}
	seen := e.settle(ctx, e.observerID("job-ends"), job, version)
	e.seenJob(ctx, job, seen)
	e.seenGraph(seen, before, version)
}

// second asks for another upgrade while one is under way, first with the version
// that the graph had. What it shows counts only if the job is still under way
// afterwards. Where it was not, and the other upgrade was taken on, second returns
// the version that this has brought the graph to.
func (e *Engine) second(ctx context.Context, job, before string) (moved string) {
	k := e.observer("second-refused")
	if k == nil || e.pending[k.ID] == nil { // it sends requests of its own
		return ""
	}
	aim := cases.Aim{
		Name: "second-upgrade", Graph: cases.NamedGraph, Version: cases.CurrentVersion, Risk: cases.Guarded,
		Conditions: []string{k.Condition, e.conditionOf(contract.NotLater)},
	}
	for _, version := range []string{before, e.laterThan(e.laterThan(before))} {
		if version == "" || version != before && (e.mutations.budget < 1 || e.late(ctx, k.ID, e.upgradeTakes())) {
			return ""
		}
		x := e.mutate(ctx, k, aim, version)
		after := e.readJob(ctx, k.ID, e.config.GraphID, job)
		under := ges.Job{Status: jobStatus(&after)}.UnderWay()
		f := e.judge.Decide(k, aim, &x)
		if accepted(&x) {
			e.mutations.budget--
			want := ""
			if !under {
				want = version
			}
			if seen := e.settle(ctx, k.ID, jobID(&x), want); succeeded(seen) {
				moved = want
			}
		}
		switch {
		case f.Verdict == judge.Conforms || f.Verdict == judge.Advisory || f.Verdict == judge.Observed,
			under && f.Verdict == judge.Deviates:
			e.note("second-refused", f.Verdict, f.Got, f.Lawful, x, after)
			if accepted(&x) && !e.config.KeepGoing {
				e.mutations.ended = "a second upgrade was accepted while one was under way; --keep-going goes on"
			}
			return moved
		case !under || f.Verdict != judge.Masked:
			return moved // it ended too soon to tell, or no answer came that says anything
		}
		aim.Version, aim.Risk, aim.Conditions = cases.LaterVersion, cases.Destructive, []string{k.Condition}
	}
	return moved
}

// succeeded reports whether the last that was seen of a job is its success.
func succeeded(seen []exchange.Exchange) bool {
	status := ""
	for i := range seen {
		status = cmp.Or(jobStatus(&seen[i]), status)
	}
	return status == ges.JobSuccess
}

func (e *Engine) conditionOf(relation contract.Relation) string {
	op := e.upgrade()
	if _, part, ok := op.Place(relation); ok {
		return e.c.RefusalForRelation(op, relation, part).Condition
	}
	return ""
}

// upgrade is the operation that the contract is about: the one that is not safe.
func (e *Engine) upgrade() *contract.Operation {
	for _, op := range e.c.Operations() {
		if !op.Safe() {
			return op
		}
	}
	return nil
}

// seenJob judges what was seen of the job on its way.
func (e *Engine) seenJob(ctx context.Context, job string, seen []exchange.Exchange) {
	var first, last *exchange.Exchange // that show it
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
		e.note("job-queryable", judge.Deviates, e.judge.Outcome(&seen[0]), []string{"200 with the job"}, seen[0])
		return
	}
	if got := ges.JobOf(first.JSON()).ID; got != job {
		e.note("job-queryable", judge.Deviates, fmt.Sprintf("job_id %q for the job %q", got, job), []string{"the job that was asked for"}, *first)
	} else {
		e.note("job-queryable", judge.Conforms, "", nil, *first)
	}
	if !ges.JobOf(last.JSON()).Ended() {
		e.note("job-ends", judge.Deviates, fmt.Sprintf("status %q after %s", jobStatus(last), e.config.JobTimeout), []string{"success or failed"}, *last)
		e.mutations.ended = "a job did not end within --job-timeout, " + e.config.JobTimeout.String()
		return
	}
	e.mutations.ends[job] = jobStatus(last)
	e.ownJob(ctx, job, e.stillEnded(ctx, job))
}

// stillEnded reads a job that has ended once more.
func (e *Engine) stillEnded(ctx context.Context, job string) *exchange.Exchange {
	end := e.mutations.ends[job]
	x := e.readJob(ctx, e.observerID("job-ends"), e.config.GraphID, job)
	if status := jobStatus(&x); status != end {
		e.note("job-ends", judge.Deviates, fmt.Sprintf("%s, status %q after %q", e.judge.Outcome(&x), status, end), []string{end}, x)
	} else {
		e.note("job-ends", judge.Conforms, "", nil, x)
	}
	return &x
}

// ownJob judges whether the job belongs to the graph: it is named after it, and
// no other graph has it.
func (e *Engine) ownJob(ctx context.Context, job string, x *exchange.Exchange) {
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
		if accepted(&y) {
			e.note("job-of-graph", judge.Deviates, e.judge.Outcome(&y)+": the job is shown under another graph", []string{"refused: no such job"}, y)
			return
		}
		if y.Failure == nil && y.Status() < 500 {
			e.note("job-of-graph", judge.Conforms, "", nil, y)
		}
	}
}

// seenGraph judges what became of the graph.
func (e *Engine) seenGraph(seen []exchange.Exchange, before, version string) {
	status := ""
	var job *exchange.Exchange
	for i := range seen {
		if s := jobStatus(&seen[i]); s != "" {
			status, job = s, &seen[i]
		}
	}
	last := seen[len(seen)-1]
	shown := fmt.Sprintf("version %s, status %s", e.graph.version, e.graph.status)
	switch status {
	case ges.JobSuccess:
		if last.Status() == http.StatusOK && e.graph.version == version && e.graph.status == ges.GraphRunning {
			e.note("version-shown", judge.Conforms, "", nil, last)
		} else {
			e.note("version-shown", judge.Deviates, shown, []string{fmt.Sprintf("version %s, status %s", version, ges.GraphRunning)}, last)
		}
	case ges.JobFailed:
		e.seenFailure(job, &last, before)
	}
}

// seenFailure judges a job that has failed: it says why, and the graph is as it
// was.
func (e *Engine) seenFailure(job, graph *exchange.Exchange, before string) {
	if reason := ges.JobOf(job.JSON()).Reason; reason == "" {
		e.note("failure-explained", judge.Deviates, "no fail_reason", []string{"a fail_reason"}, *job)
	} else {
		e.note("failure-explained", judge.Conforms, "", nil, *job)
	}
	if e.graph.version != before {
		e.note("failure-rolled-back", judge.Deviates, "version "+e.graph.version, []string{"version " + before}, *job, *graph)
	} else {
		e.note("failure-rolled-back", judge.Conforms, "", nil, *job, *graph)
	}
}

// observer is the case of a step of the lifecycle, or nil.
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

// note adds what exchanges show of a step of the lifecycle.
func (e *Engine) note(name string, v judge.Verdict, got string, lawful []string, exchanges ...exchange.Exchange) {
	k := e.observer(name)
	if k == nil {
		return
	}
	r := e.observed[name]
	if r == nil {
		r = &judge.Result{Verdict: v}
		e.observed[name] = r
	}
	f := e.judge.Finding(k.Requirement, v, got, lawful)
	f.Exchange = len(r.Exchanges)
	r.Exchanges = append(r.Exchanges, exchanges...)
	r.Verdict = judge.Worse(r.Verdict, f.Verdict)
	r.Aim, r.Reason = "lifecycle", ""
	if r.Verdict == judge.Error {
		r.Reason = got
	}
	r.Conclude(f)
}

// finishObservers gives the steps of the lifecycle their results.
func (e *Engine) finishObservers(ctx context.Context) {
	if e.halts(ctx, e.observerID("job-ends")) {
		return
	}
	for _, job := range e.mutations.jobs { // long after its end
		if e.mutations.ends[job] != "" {
			e.stillEnded(ctx, job)
		}
	}
	for _, k := range e.all {
		if k.Observes == "" {
			continue
		}
		if r := e.observed[k.Observes]; r != nil {
			e.finish(k, *r)
		} else {
			e.skip(k, judge.NotApplicable, "%s", notReached[k.Observes])
		}
	}
}
