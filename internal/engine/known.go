package engine

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// A job that has been shown is known. If a later read says that it is not, one of several servers
// may be behind: that is told from a job that was forgotten by asking again.

// steady is how many reads in a row must show the same, at the first upgrade and wherever reads
// have disagreed: of six servers that answer in turn, any one that is behind is found so, and of
// three that answer at random, in nine of ten runs.
const steady = 6

// lapses returns the reads that say that a job is unknown after it was known.
func (e *Engine) lapses(reads []exchange.Exchange, known bool) []exchange.Exchange {
	var all []exchange.Exchange
	for i := range reads {
		switch x := &reads[i]; {
		case x.Aim != readJobAim:
		case accepted(x):
			known = true
		case known && e.lapsed(x):
			all = append(all, *x)
		}
	}
	return all
}

// lapsed reports whether a read is refused in a way that no other requirement is about.
func (e *Engine) lapsed(x *exchange.Exchange) bool {
	status := x.Status()
	return x.Failure == nil && status >= http.StatusBadRequest && status < http.StatusInternalServerError && !judge.Throttled(x) && !e.doubtOf(x).excuses()
}

// knows reports whether a job has been shown.
func (e *Engine) knows(job string) bool { return e.upgrades.ends[job] != "" }

// readKnown reads a job that is known, so many times in a row. If it is unknown, it may take as long
// as the contract says until it is known again, and must then be so for longer.
func (e *Engine) readKnown(ctx context.Context, caseID, job string, need int) []exchange.Exchange {
	var seen []exchange.Exchange
	pause := time.Millisecond
	for row := 0; ; {
		reads := e.readJobs(ctx, caseID, job)
		seen = append(seen, reads...)
		x := &reads[len(reads)-1]
		lapses := e.lapses(seen, true)
		if len(e.lapses(reads, true)) > 0 {
			row, need = 0, steady
		}
		switch {
		case accepted(x):
			if row++; row >= need {
				return seen
			}
		case len(lapses) == 0, !e.pause(ctx, &pause, x, lapses[0].Started.Add(e.within("job-queryable")), "job %s: unknown", job):
			return seen
		}
	}
}

// judgeKnown judges the reads of a job that was known. It reports whether it is still known.
func (e *Engine) judgeKnown(reads []exchange.Exchange, known bool) bool {
	lapses := e.lapses(reads, known)
	if len(lapses) == 0 {
		return true
	}
	first, last := &lapses[0], &lapses[len(lapses)-1]
	end := &reads[0]
	for i := range reads {
		if reads[i].Aim == readJobAim {
			end = &reads[i]
		}
	}
	lawful := []string{"200 with the job"}
	if accepted(end) {
		took := ended(end).Sub(ended(first)).Round(time.Millisecond)
		got := fmt.Sprintf("%s after the job had been shown; shown again for good after %s", e.judge.Outcome(first), took)
		e.note("job-stays-known", judge.Advisory, got, lawful, *first, *end)
		return true
	}
	waited := waitedFor([]exchange.Exchange{*first, *last}, e.within("job-queryable"))
	how := "again"
	if waited != "" {
		how += " and again" + waited
	}
	e.note("job-queryable", judge.Deviates, fmt.Sprintf("%s, %s, after the job had been shown", e.judge.Outcome(last), how), lawful, *last)
	return false
}
