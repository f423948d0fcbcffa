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

// snapshotCase is the case of the exchanges that read the snapshots. They are not judged:
// the list of jobs is not part of the contract.
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
	if x.Request.Method == http.MethodGet || !accepted(x) && (x.Failure == nil || x.Failure.Kind == exchange.NotSent || x.Failure.Kind == exchange.Unreachable) {
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
	if e.graph.read != nil && accepted(e.graph.read) { // Preflight has just read it
		e.before = e.snapshot(ctx)
	}
}

func (e *Engine) snapshotAfter(ctx context.Context) {
	if e.before == nil || e.record == nil && e.over(ctx) || e.record != nil && !e.record.has(snapshotCase) {
		return // this does not count as cut short, since no case lacks a result
	}
	if x := e.readGraph(ctx, snapshotCase, &e.graph); accepted(&x) {
		e.after = e.snapshot(ctx)
	}
}

// snapshot returns the graph as it was just read, with its jobs. A server may return fewer
// jobs per page than requested, or the same ones again.
func (e *Engine) snapshot(ctx context.Context) *ges.Snapshot {
	s := &ges.Snapshot{Name: e.graph.name, Version: e.graph.version, Status: e.graph.status}
	seen, rest := map[string]bool{}, 0
	for range maxPages {
		before := len(seen)
		x := e.sendFilled(ctx, snapshotCase, "list-jobs", e.listTemplate(before))
		var jobs []ges.Job
		var ok bool
		if jobs, rest, ok = e.jobsOf(&x, seen); !ok {
			s.Gap = "the list of jobs could not be read: " + e.judge.Outcome(&x)
			return s
		}
		if s.Jobs = append(s.Jobs, jobs...); rest <= 0 {
			return s
		}
		if len(seen) == before {
			break
		}
	}
	s.Gap = fmt.Sprintf("only %d of the %d jobs in the list could be read", len(seen), len(seen)+rest)
	return s
}

// listTemplate returns the request for a page of the list of jobs.
func (e *Engine) listTemplate(offset int) cases.Template {
	t := e.readTemplate(ges.ShowGraph, "jobs", "")
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
		if job.Graph == "" || job.Graph == e.graph.name {
			jobs = append(jobs, ges.Job{ID: job.ID, Name: job.Name, Status: job.Status, Begin: job.Begin})
		}
	}
	if len(page) > 0 && total > 0 { // otherwise this page is the last
		rest = total - len(seen)
	}
	return jobs, rest, true
}
