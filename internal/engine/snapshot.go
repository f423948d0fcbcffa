package engine

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
)

// snapshotCase is the case of the exchanges that read the snapshots. They are not judged: a
// deployment need not have the list of jobs.
const snapshotCase = "snapshot"

const (
	jobsAtOnce = 100
	maxPages   = 10
)

// Snapshots returns the state of the graph before and after the run, or nil if it was not
// read. It may be called when Run has ended.
func (e *Engine) Snapshots() (before, after *ges.Snapshot) { return e.before, e.after }

// Accepted returns how many upgrades were accepted, and how many requests for a graph that does
// not exist. It may be called when Run has ended.
func (e *Engine) Accepted() (upgrades, invented int) {
	return e.upgrades.accepted, e.upgrades.invented
}

// UnknownJobs returns the jobs of the graph that began between the two snapshots and that
// this run did not start: no answer had their ids, and they are more than the upgrades that
// it may have started without getting an id.
func (e *Engine) UnknownJobs() []ges.Job { return e.unknownJobsIn(e.after) }

func (e *Engine) unknownJobsIn(after *ges.Snapshot) []ges.Job {
	if e.before == nil || after == nil || e.before.Gap != "" {
		return nil // unknown which jobs are new
	}
	known := map[string]bool{}
	for _, id := range e.upgrades.given {
		known[ges.JobKey(id)] = true
	}
	for _, j := range e.before.Jobs {
		known[ges.JobKey(j.ID)] = true
	}
	unknown := slices.DeleteFunc(slices.Clone(after.Jobs), func(j ges.Job) bool { return known[ges.JobKey(j.ID)] })
	if len(unknown) <= e.upgrades.unnamed {
		return nil
	}
	return unknown
}

// noteStart records the job of a request that was accepted or, if there is no answer, may
// have been.
func (e *Engine) noteStart(x *exchange.Exchange) {
	reads := x.Request.Method == http.MethodGet || x.Request.Method == http.MethodHead && x.Risk == cases.Inert.String()
	if reads || !accepted(x) && (x.Failure == nil || x.Failure.Kind == exchange.NotSent || x.Failure.Kind == exchange.Unreachable) {
		return
	}
	job := ""
	if accepted(x) {
		job = jobID(x)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if job != "" {
		e.upgrades.given = append(e.upgrades.given, job)
	} else {
		e.upgrades.unnamed++
	}
}

func (e *Engine) snapshotBefore(ctx context.Context) {
	e.snapshotted.Do(func() {
		if e.graph.read != nil && accepted(e.graph.read) { // Preflight has just read it
			e.before = e.snapshot(ctx)
		}
	})
}

func (e *Engine) snapshotAfter(ctx context.Context) {
	if e.before == nil || e.record == nil && e.over(ctx) || e.record != nil && !e.record.has(snapshotCase) {
		return // this does not count as cut short, since no case lacks a result
	}
	if x := e.readGraph(ctx, snapshotCase, &e.graph); accepted(&x) {
		e.after = e.snapshot(ctx)
	}
}

// snapshot returns the graph as it was just read, with its jobs.
func (e *Engine) snapshot(ctx context.Context) *ges.Snapshot {
	s := &ges.Snapshot{Name: e.graph.name, Version: e.graph.version, Status: e.graph.status}
	pages, jobs, gap := e.listJobs(ctx, snapshotCase)
	s.Jobs, s.Gap = jobs, gap
	if first := &pages[0]; e.listMissing == "" && !listed(first) {
		e.listMissing = "this deployment has no list of jobs: " + e.judge.Outcome(first)
	}
	return s
}

// listed reports whether an answer may be meant as a list of jobs. Where there is none, jobs may
// be taken for the id of a graph.
func listed(x *exchange.Exchange) bool {
	_, _, ok := ges.JobsOf(x.JSON())
	return accepted(x) && (ok || x.JSON().Member("graph") == nil)
}

// withoutList returns why nothing is judged by the list of jobs, or "".
func (e *Engine) withoutList() string {
	switch {
	case e.c.Operation(ges.ListJobs) == nil:
		return "the contract has no list of jobs"
	case e.before == nil:
		return "the list of jobs was not read"
	default:
		return e.listMissing
	}
}

// listJobs reads the list of the graph's jobs. A server may return fewer jobs per page than
// requested, or the same ones again. gap says what is missing from the list, or "".
func (e *Engine) listJobs(ctx context.Context, caseID string) (pages []exchange.Exchange, jobs []ges.Job, gap string) {
	seen, rest := map[string]bool{}, 0
	for range maxPages {
		before := len(seen)
		x := e.sendFilled(ctx, caseID, listAim, e.listTemplate(before))
		pages = append(pages, x)
		var more []ges.Job
		var ok bool
		if more, rest, ok = e.jobsOf(&x, seen); !ok {
			return pages, jobs, "the list of jobs could not be read: " + e.judge.Outcome(&x)
		}
		if jobs = append(jobs, more...); rest <= 0 {
			return pages, jobs, ""
		}
		if len(seen) == before {
			break
		}
	}
	return pages, jobs, fmt.Sprintf("only %d of the %d jobs in the list could be read", len(seen), len(seen)+rest)
}

// listAim is the aim of the reads of the list of jobs.
const listAim = "list-jobs"

// listTemplate returns the request for a page of the list of jobs.
func (e *Engine) listTemplate(offset int) cases.Template {
	t := e.readTemplate(e.target.ShownBy, "jobs", "")
	if e.c.Operation(ges.ListJobs) != nil {
		t = e.readTemplate(ges.ListJobs, "", "")
	}
	t.Path += "?" + ges.JobsQuery(e.graph.name, offset, jobsAtOnce).Encode()
	return t
}

// jobsOf reads a page of the list: the graph's jobs that are new, and how many jobs of any
// graph remain. A server may ignore the requested graph name.
func (e *Engine) jobsOf(x *exchange.Exchange, seen map[string]bool) (jobs []ges.Job, rest int, ok bool) {
	page, total, ok := ges.JobsOf(x.JSON())
	if !accepted(x) || !ok {
		return nil, 0, false
	}
	for _, job := range page {
		if job.ID == "" || seen[ges.JobKey(job.ID)] {
			continue
		}
		seen[ges.JobKey(job.ID)] = true
		if job.Graph == "" || e.graph.name == "" || job.Graph == e.graph.name {
			jobs = append(jobs, ges.Job{ID: job.ID, Name: job.Name, Status: job.Status, Begin: job.Begin})
		}
	}
	if len(page) > 0 && total > 0 { // otherwise this page is the last
		rest = total - len(seen)
	}
	if whole := x.Answer.Abridged; whole != nil { // an answer so long is not kept whole
		rest = max(rest, whole.ItemsLeftOut)
	}
	return jobs, rest, true
}
