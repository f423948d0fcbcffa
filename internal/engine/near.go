package engine

import (
	"context"
	"net/url"
	"slices"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// Ids that are close to real ones: something else may lawfully have them.

// realJobCase is the case of the read that shows the job that exists.
const realJobCase = "real-job"

// realJob is a job of the graph that a read has shown to exist.
type realJob struct{ id, began string }

// ofRealJob sends the cases that need a job that exists: the last one that this run has
// started, or else one in the list of jobs.
func (e *Engine) ofRealJob(ctx context.Context) {
	some := e.jobCases
	if len(some) == 0 || e.stopped(ctx, realJobCase) {
		return
	}
	job := ""
	if m := &e.upgrades; len(m.jobs) > 0 {
		job = m.jobs[len(m.jobs)-1]
	} else if e.before != nil && len(e.before.Jobs) > 0 {
		job = e.before.Jobs[0].ID
	}
	why := "no job of the graph is known: no upgrade was accepted in this run, and the list of jobs has none"
	if job != "" {
		if x := e.readJob(ctx, realJobCase, e.config.GraphID, job); accepted(&x) {
			e.realJob = realJob{job, x.JSON().Member("begin_time").String()}
		} else {
			why = "no job of the graph could be read: " + e.judge.Outcome(&x)
		}
	}
	for _, k := range some {
		if e.realJob.id == "" {
			apart := judge.CannotBeBroughtAbout
			e.finish(k, judge.Result{Verdict: judge.NotApplicable, Reason: apart.Because(why), Apart: apart})
		} else if s := e.inert(ctx, k, nil); s != nil {
			e.conclude(ctx, k, e.confirm(ctx, s.x, s.filled))
		}
	}
}

// showsAnother returns why an acceptance accuses nobody: the id that is close to the real one
// is that of another graph, or of another job.
func (e *Engine) showsAnother(k *cases.Case, aim cases.Aim, x *exchange.Exchange) string {
	if !accepted(x) || !e.c.Operation(k.Operation).Safe() {
		return ""
	}
	if aim.Graph == cases.NearGraph {
		if graph := e.target.Shown(x.JSON()); graph.Name != "" && graph.Name != e.graph.name && graph.ID != e.graph.id {
			return "another graph has this id"
		}
		return ""
	}
	if k.Condition == "unknown-job" && k.Request.NeedsJob() {
		shown := ges.JobOf(x.JSON()).ID
		if e.knownJob(shown) && ges.JobKey(shown) != ges.JobKey(e.realJob.id) {
			return "another job has this id"
		}
		if began := x.JSON().Member("begin_time").String(); shown != "" && ges.JobKey(shown) != ges.JobKey(e.realJob.id) && (began == "" || began != e.realJob.began) {
			return "another job has this id"
		}
	}
	return ""
}

// knownJob reports whether a job is one of those that this run has started, or that the list had.
func (e *Engine) knownJob(id string) bool {
	same := func(other string) bool { return ges.JobKey(other) == ges.JobKey(id) }
	listed := e.before != nil && slices.ContainsFunc(e.before.Jobs, func(j ges.Job) bool { return same(j.ID) })
	return listed || slices.ContainsFunc(e.upgrades.given, same)
}

// absenceNear checks, before an upgrade is asked for under an id that is close to the graph's,
// that it is no other graph's. It returns why it may not be asked for.
func (e *Engine) absenceNear(ctx context.Context, k *cases.Case, aim cases.Aim) string {
	if aim.Graph != cases.NearGraph || e.c.Operation(k.Operation).Safe() {
		return ""
	}
	t := k.Request.Fill(e.values(aim, ""))
	escaped := ges.GraphSegment(t.Path)
	graph, err := url.PathUnescape(escaped)
	if err == nil && !e.wire.IsAbsent(graph) {
		err = e.proveAbsent(ctx, k.ID, graph, escaped)
	}
	if err != nil {
		return err.Error() + ", so the request could reach another graph"
	}
	return ""
}
