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

// snapshotCase is the case of the exchanges that show what the run leaves behind. They
// are judged by nothing: the list of jobs is no part of the contract.
const snapshotCase = "snapshot"

const (
	jobsAtOnce = 100
	maxPages   = 10
)

// Snapshots are what the deployment showed of the graph before and after the run,
// nil where it was not asked. They are whole when Run has ended.
func (e *Engine) Snapshots() (before, after *ges.Snapshot) { return e.before, e.after }

// UnknownJobs are the jobs of the graph that began between the two snapshots and that
// this run did not start: no answer gave it their ids, and they are more than the
// upgrades that it may have started without being given one.
func (e *Engine) UnknownJobs() []ges.Job { return e.unknownJobsIn(e.after) }

func (e *Engine) unknownJobsIn(after *ges.Snapshot) []ges.Job {
	if e.before == nil || after == nil || e.before.Gap != "" {
		return nil // then nobody knows which are new
	}
	known := map[string]bool{}
	for _, id := range e.mutations.given {
		known[ges.JobKey(id)] = true
	}
	for _, j := range e.before.Jobs {
		known[ges.JobKey(j.ID)] = true
	}
	unknown := slices.DeleteFunc(slices.Clone(after.Jobs), func(j ges.Job) bool { return known[ges.JobKey(j.ID)] })
	if len(unknown) <= e.mutations.unnamed {
		return nil
	}
	return unknown
}

// noteStart notes what job a request started: one that was accepted, or that may
// have been, since no answer came.
func (e *Engine) noteStart(x *exchange.Exchange) {
	if x.Request.Method == http.MethodGet || x.Failure == nil && !accepted(x) {
		return
	}
	job := ""
	if accepted(x) {
		job = jobID(x)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if job != "" {
		e.mutations.given = append(e.mutations.given, job)
	} else {
		e.mutations.unnamed++
	}
}

func (e *Engine) lookBefore(ctx context.Context) {
	if e.graph.read != nil && accepted(e.graph.read) { // Preflight has just read it
		e.before = e.snapshot(ctx)
	}
}

func (e *Engine) lookAfter(ctx context.Context) {
	if e.before == nil || e.record == nil && e.over(ctx) || e.record != nil && !e.record.has(snapshotCase) {
		return // where no case is kept from its result, the run counts as whole
	}
	if x := e.readGraph(ctx, snapshotCase, &e.graph); accepted(&x) {
		e.after = e.snapshot(ctx)
	}
}

// snapshot is the graph as it was just read, and its jobs. A server may give fewer
// jobs at once than it was asked for, or the same ones over and over.
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
	s.Gap = fmt.Sprintf("the list has %d jobs, of which %d could be read", len(seen)+rest, len(seen))
	return s
}

// listTemplate asks for a page of the list of jobs.
func (e *Engine) listTemplate(offset int) cases.Template {
	t := e.readTemplate(ges.ShowGraph, "jobs", "")
	t.Path += "?" + ges.JobsQuery(e.graph.name, offset, jobsAtOnce).Encode()
	return t
}

// jobsOf reads a page of the list: the graph's jobs that have not been seen yet, and
// how many of whatever graph are still to be seen. A server may pass over the name
// that was asked for.
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
			job.Graph, job.Reason = "", ""
			jobs = append(jobs, job)
		}
	}
	if len(page) > 0 && total > 0 { // else this page is all
		rest = total - len(seen)
	}
	return jobs, rest, true
}
