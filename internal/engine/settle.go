package engine

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
)

// settle waits until the job has ended and the graph is running, within --job-timeout, and
// reads the graph's version. If the job has succeeded, the graph may take a little longer
// to show the wanted version. It returns the reads.
func (e *Engine) settle(ctx context.Context, caseID, job, want string) []exchange.Exchange {
	seen := e.followJob(ctx, caseID, job)
	patience, first := e.config.JobTimeout, len(seen)
	if job != "" {
		patience = e.grace()
	}
	if n := len(seen); n > 0 && jobStatus(&seen[n-1]) != ges.JobSuccess {
		want = ""
	}
	pause := time.Millisecond
	for {
		x := e.readGraph(ctx, caseID, &e.graph)
		seen = append(seen, x)
		if !accepted(&x) || e.graph.status == ges.GraphRunning && (want == "" || e.graph.version == want) {
			return seen
		}
		if e.pause(ctx, &pause, &x, seen[first].Started.Add(patience), "graph %s: version %s, status %s", e.graph.name, e.graph.version, e.graph.status) {
			continue
		}
		if e.graph.status != ges.GraphRunning {
			e.endUpgrades(fmt.Sprintf("the graph did not return to running (status %q)", e.graph.status))
		}
		return seen
	}
}

// followJob reads a job until it has ended, within --job-timeout. It may take a little
// until the job is known.
func (e *Engine) followJob(ctx context.Context, caseID, job string) []exchange.Exchange {
	var seen []exchange.Exchange
	pause := time.Millisecond
	for job != "" {
		x := e.readJob(ctx, caseID, e.config.GraphID, job)
		seen = append(seen, x)
		status, patience := jobStatus(&x), e.config.JobTimeout
		if status == "" {
			patience = e.grace()
		}
		if (ges.Job{Status: status}).Ended() || !e.pause(ctx, &pause, &x, seen[0].Started.Add(patience), "job %s: %s", job, cmp.Or(status, "not known yet")) {
			break
		}
	}
	return seen
}

// grace returns how long the graph may lag behind its job.
func (e *Engine) grace() time.Duration {
	return min(max(e.config.JobTimeout/20, 200*time.Millisecond), 30*time.Second)
}

// pause waits after an exchange, longer each time, and reports whether there is time left.
// It uses the time at which the exchange ended, so that a replay gives the same result.
func (e *Engine) pause(ctx context.Context, d *time.Duration, x *exchange.Exchange, deadline time.Time, format string, args ...any) bool {
	e.waiting(format, args...)
	if x.Started.Add(x.Duration).Round(0).After(deadline.Round(0)) || !e.sleep(ctx, x, *d) {
		return false
	}
	*d = min(*d*3/2, 5*time.Second, max(e.config.JobTimeout/20, time.Millisecond))
	return true
}

// readJobAim is the aim of the reads that follow a job.
const readJobAim = "read-job"

func (e *Engine) readJob(ctx context.Context, caseID, graph, job string) exchange.Exchange {
	return e.sendFilled(ctx, caseID, readJobAim, e.readTemplate(ges.ShowJob, pathEscape(graph), pathEscape(job)))
}

// jobStatus returns the job's status in an answer of showJob, or "".
func jobStatus(x *exchange.Exchange) string {
	if !accepted(x) { // another status than 200 is a deviation of its own
		return ""
	}
	return ges.JobOf(x.JSON()).Status
}
