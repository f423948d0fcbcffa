package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// judgeListed judges whether the jobs of accepted upgrades are in the list. It may take as long as
// the contract says until they are.
func (e *Engine) judgeListed(ctx context.Context, jobs ...string) {
	const step = "job-listed"
	k := e.observer(step)
	if k == nil || len(jobs) == 0 || e.stopped(ctx, k.ID) {
		return
	}
	if e.graph.name == "" { // by which the list names it
		return
	}
	if why := e.withoutList(); why != "" {
		e.observed[step] = &judge.Result{Verdict: judge.NotApplicable, Reason: why}
		return
	}
	var reads []exchange.Exchange
	var missing string
	for pause := time.Millisecond; ; {
		pages, list, gap := e.listJobs(ctx, k.ID)
		if gap != "" { // what is not there may be in the rest
			return
		}
		reads = append(reads, pages...)
		missing = notIn(list, jobs)
		if last := &pages[len(pages)-1]; missing == "" || !e.pause(ctx, &pause, last, reads[0].Started.Add(e.within(step)), "the job %s to be listed", missing) {
			break
		}
	}
	last := reads[len(reads)-1]
	switch {
	case missing == "":
		e.note(step, judge.Conforms, "", nil, last)
	case e.deviates("job-queryable"), e.deviates("job-ids-differ"): // then so is its id
		e.noteMasked(step, e.observerID("job-queryable"), "the job "+missing+" is not listed", []string{"the job in the list"}, last)
	default:
		got := fmt.Sprintf("the job %s is not listed%s", missing, waitedFor(reads, e.within(step)))
		e.note(step, judge.Deviates, got, []string{"the job in the list"}, last)
	}
}

// notIn returns the first of the ids that is not that of a job in a list, or "".
func notIn(list []ges.Job, ids []string) string {
	for _, id := range ids {
		if !slices.ContainsFunc(list, func(j ges.Job) bool { return ges.JobKey(j.ID) == ges.JobKey(id) }) {
			return id
		}
	}
	return ""
}
