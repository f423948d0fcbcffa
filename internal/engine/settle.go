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
// reads the graph's version. If the job has succeeded, the graph may take as long as the
// contract says to show the wanted version, and must then show it several times in a row, since
// one replica may be behind another. If it has failed, the same goes for the version from
// before. Where jobs cannot be read, the graph shows that the upgrade has ended. settle returns
// the reads.
func (e *Engine) settle(ctx context.Context, caseID, job, want string) []exchange.Exchange {
	seen := e.followJob(ctx, caseID, job)
	patience, first := e.config.JobTimeout, len(seen)
	status := ""
	if first > 0 {
		patience, status = e.within("version-shown"), jobStatus(&seen[first-1])
	}
	switch status {
	case ges.JobSuccess:
		e.upgrades.owe(want)
	case ges.JobFailed:
		patience, want = e.within("failure-rolled-back"), e.graph.version
	default:
		if e.partial.lacks[e.job.ShownBy] == "" {
			want = "" // nobody says that it should be shown
		}
	}
	pause, shown, away, need := time.Millisecond, 0, false, 2
	if !e.exercised("version-shown") {
		need = steady
	}
	for {
		x := e.readGraph(ctx, caseID, &e.graph)
		seen = append(seen, x)
		if !accepted(&x) {
			return seen
		}
		if e.target.Changeable(e.graph.status) && (want == "" || e.graph.version == want) {
			if shown++; want == "" || shown >= need {
				return seen
			}
			continue
		}
		if shown > 0 {
			need = steady
		}
		shown = 0
		if running := e.target.Changeable(e.graph.status); away && running && status == "" { // the upgrade has ended, which no job says
			first, patience, away = len(seen)-1, e.within("version-shown"), false
		} else {
			away = away || !running
		}
		if e.pause(ctx, &pause, &x, seen[first].Started.Add(patience), "graph %s: version %s, status %s", e.graph.name, e.graph.version, e.graph.status) {
			continue
		}
		if !e.target.Changeable(e.graph.status) {
			e.endUpgrades(fmt.Sprintf("the graph did not return to running (status %q)", e.graph.status))
		}
		return seen
	}
}

// followJob reads a job until it has ended, within --job-timeout. It may take as long as the
// contract says until the job is known, and until it is known again if it has become unknown.
func (e *Engine) followJob(ctx context.Context, caseID, job string) []exchange.Exchange {
	var seen []exchange.Exchange
	pause, known, need := time.Millisecond, e.knows(job), 1
	for row := 0; job != "" && e.partial.lacks[e.job.ShownBy] == ""; {
		reads := e.readJobs(ctx, caseID, job)
		seen = append(seen, reads...)
		x := &reads[len(reads)-1]
		status, since, patience := jobStatus(x), seen[0].Started, e.config.JobTimeout
		if status == "" {
			patience = e.within("job-queryable")
		}
		if (ges.Job{Status: status}).UnderWay() && e.underWay != nil {
			e.underWay(x)
		}
		lapses := e.lapses(seen, known)
		if len(lapses) > 0 {
			need = steady
		}
		if len(lapses) > 0 && status == "" {
			row, since = 0, lapses[0].Started
		}
		if (ges.Job{Status: status}).Ended() {
			if row++; row >= need {
				break
			}
			continue
		}
		if !e.pause(ctx, &pause, x, since.Add(patience), "job %s: %s", job, cmp.Or(status, "not known yet")) {
			break
		}
	}
	return seen
}

// within returns how long a step of the lifecycle may take to show: what its requirement
// says, but --job-timeout at most.
func (e *Engine) within(step string) time.Duration {
	k := e.observer(step)
	if k == nil {
		return 0
	}
	return min(e.c.Requirement(k.Requirement).Within, e.config.JobTimeout)
}

// waitedFor says how long reads were repeated, at least; "" if they were not.
func waitedFor(reads []exchange.Exchange, within time.Duration) string {
	if last := len(reads) - 1; last > 0 && !ended(&reads[last]).Before(reads[0].Started.Add(within).Round(0)) {
		return " for " + within.String()
	}
	return ""
}

// ended returns when an exchange ended, by the clock on the wall, as a log has it.
func ended(x *exchange.Exchange) time.Time { return x.Started.Add(x.Duration).Round(0) }

// pause waits after an exchange, longer each time, and reports whether there is time left.
// It uses the time at which the exchange ended, so that a replay gives the same result.
func (e *Engine) pause(ctx context.Context, d *time.Duration, x *exchange.Exchange, deadline time.Time, format string, args ...any) bool {
	e.waiting(format, args...)
	if ended(x).After(deadline.Round(0)) || !e.sleep(ctx, x, *d) {
		return false
	}
	*d = min(*d*3/2, 5*time.Second, max(e.config.JobTimeout/20, time.Millisecond))
	return true
}

// readJobAim is the aim of the reads that follow a job.
const readJobAim = "read-job"

func (e *Engine) readJob(ctx context.Context, caseID, graph, job string) exchange.Exchange {
	x := e.sendFilled(ctx, caseID, readJobAim, e.readTemplate(e.job.ShownBy, pathEscape(graph), pathEscape(job)))
	if graph == e.config.GraphID {
		e.noteJob(job, &x)
	}
	return x
}

// readJobs reads a job of the graph under test, and returns the reads that were refused before the
// last one, too.
func (e *Engine) readJobs(ctx context.Context, caseID, job string) []exchange.Exchange {
	reads := e.sendOnGround(ctx, caseID, readJobAim, e.readTemplate(e.job.ShownBy, pathEscape(e.config.GraphID), pathEscape(job)), func(*exchange.Exchange) bool { return true })
	for i := range reads {
		e.noteJob(job, &reads[i])
	}
	return reads
}

// jobStatus returns the job's status in an answer of showJob, or "".
func jobStatus(x *exchange.Exchange) string {
	if !accepted(x) { // another status than 200 is a deviation of its own
		return ""
	}
	return ges.JobOf(x.JSON()).Status
}
