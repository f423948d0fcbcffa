package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// What a read shows may be behind what the service knows. That is told from a wrong version
// by reading again, for as long as the contract says, before anything rests on it.

// noteVersion records the version that a request for the graph under test asked for.
func (e *Engine) noteVersion(aim cases.Aim, version string, x *exchange.Exchange) {
	m := &e.upgrades
	switch {
	case aim.Graph != cases.NamedGraph || version == "":
	case accepted(x):
		m.requested = append(m.requested, version)
	case maybeNetwork(x) && x.Failure.Kind != exchange.Unreachable: // the server may have acted on it
		m.requested = append(m.requested, version)
		m.owe(version)
	case version != m.expected && aim.Version != cases.CurrentVersion: // which the graph has already shown
		m.declined = append(m.declined, version)
	}
}

// expect sets the version that the graph should have.
func (m *upgradeState) expect(version string) {
	if version == m.expected {
		return
	}
	if contract.Later(version, m.expected) {
		m.previous = m.expected
	}
	m.past = append(slices.DeleteFunc(m.past, func(v string) bool { return v == version }), m.expected)
	m.expected, m.declined = version, nil
}

// left reports whether the graph had a version, or may have had it, and should have another
// by now, as reads show that are behind.
func (m *upgradeState) left(version string) bool {
	switch {
	case version == m.expected:
		return false
	case slices.Contains(m.past, version):
		return true
	default:
		return slices.Contains(m.requested, version) && !contract.Later(version, m.expected)
	}
}

// owe notes that an upgrade should have brought a version, or may have.
func (m *upgradeState) owe(version string) {
	if m.owed == "" || contract.Later(version, m.owed) {
		m.owed = version
	}
}

// reached returns the version that the graph has if reads of it are behind: that which is
// shown, or a later one that an upgrade should have brought, or may have.
func (e *Engine) reached(shown string) string {
	if contract.Later(e.upgrades.owed, shown) {
		return e.upgrades.owed
	}
	return shown
}

// judgeGraph judges the graph after an upgrade.
func (e *Engine) judgeGraph(ctx context.Context, seen []exchange.Exchange, before, version string) {
	if why := e.partial.lacks[e.job.ShownBy]; why != "" {
		e.judgeGraphAlone(seen, version, why)
		return
	}
	first := slices.IndexFunc(seen, func(x exchange.Exchange) bool { return x.Aim != readJobAim })
	if first <= 0 {
		return
	}
	reads := seen[first:]
	last := &reads[len(reads)-1]
	if accepted(last) && e.taken() {
		e.setDoubt(last, doubt{kind: unfounded, reason: e.graphLost(&seen[first-1], last)}) // no upgrade does that
	}
	switch job := &seen[first-1]; jobStatus(job) {
	case ges.JobSuccess:
		e.judgeEffect(ctx, job, reads, version)
	case ges.JobFailed:
		e.judgeFailedJob(ctx, job, reads, before, version)
	}
}

// judgeGraphAlone judges the graph after an upgrade whose job cannot be read. If the version is not
// shown, the upgrade may have failed.
func (e *Engine) judgeGraphAlone(reads []exchange.Exchange, version, noJob string) {
	last := &reads[len(reads)-1]
	switch {
	case accepted(last) && e.taken():
		e.graphLost(last, last) // no upgrade does that
	case accepted(last) && e.shownIn(last) == stateOf(version, e.running()):
		e.note("version-shown", judge.Conforms, "", nil, *last)
	case e.observed["version-shown"] == nil:
		reason := fmt.Sprintf("%s; whether the upgrade has failed cannot be told: %s", e.judge.Outcome(last), noJob)
		if accepted(last) {
			reason = fmt.Sprintf("%s; whether the upgrade has failed cannot be told: %s", e.shownIn(last), noJob)
		}
		e.observed["version-shown"] = &judge.Result{Verdict: judge.NotApplicable, Reason: reason}
	}
}

// taken reports whether the graph was last shown to be stopped or deleted, which no upgrade does.
func (e *Engine) taken() bool {
	state := e.c.GraphState(e.graph.status)
	return state != nil && (state.Relation == contract.Stopped || state.Relation == contract.Unknown)
}

// judgeEffect judges what the graph shows after its job has succeeded: the target
// version and a running graph, at once and for good, or at least in time.
func (e *Engine) judgeEffect(ctx context.Context, job *exchange.Exchange, reads []exchange.Exchange, version string) {
	want := stateOf(version, e.running())
	var good, bad *exchange.Exchange // the first read of the last good ones, and the last bad one
	was := false                     // the target was shown before the bad one
	for i := range reads {
		switch x := &reads[i]; {
		case !accepted(x):
		case e.shownIn(x) != want:
			good, bad, was = nil, x, was || good != nil
		case good == nil:
			good = x
		}
	}
	since := " after the job had succeeded"
	if was {
		since = " after " + want + " had been shown"
	}
	switch waited := waitedFor(reads, e.within("version-shown")); {
	case good == nil && e.deviates("job-ends"): // there was no success
		last := &reads[len(reads)-1]
		e.noteMasked("version-shown", e.observerID("job-ends"), e.judge.Outcome(last)+waited+since, []string{want}, *last)
	case good != nil && bad == nil:
		e.note("version-shown", judge.Conforms, "", nil, *good)
		e.note("version-at-once", judge.Conforms, "", nil, *good)
	case good != nil:
		e.note("version-shown", judge.Conforms, "", nil, *good)
		took := ended(good).Sub(ended(job)).Round(time.Millisecond)
		e.note("version-at-once", judge.Advisory, fmt.Sprintf("%s%s; %s after %s", e.shownIn(bad), since, want, took), []string{want}, *bad, *good)
	case bad != nil:
		verdict, got := judge.Deviates, e.shownIn(bad)+waited+since
		if contract.Later(e.graph.version, version) {
			verdict, got = e.unlessOthersDid(ctx, got)
		}
		e.note("version-shown", verdict, got, []string{want}, *bad)
	default:
		last := &reads[len(reads)-1]
		e.note("version-shown", judge.Deviates, e.judge.Outcome(last)+waited+since, []string{want}, *last)
	}
}

func stateOf(version, status string) string {
	return fmt.Sprintf("version %s, status %s", version, status)
}

// shownIn returns what an answer shows of a graph.
func (e *Engine) shownIn(x *exchange.Exchange) string {
	graph := e.target.Shown(x.JSON())
	return stateOf(graph.Version, graph.State)
}

// judgeFailedJob judges a failed upgrade: the job says why, and the graph has its old
// version, or one that an earlier job has brought late.
func (e *Engine) judgeFailedJob(ctx context.Context, job *exchange.Exchange, reads []exchange.Exchange, before, version string) {
	if reason := ges.JobOf(job.JSON()).Reason; reason == "" {
		e.note("failure-explained", judge.Deviates, "no fail_reason", []string{"a fail_reason"}, *job)
	} else {
		e.note("failure-explained", judge.Conforms, "", nil, *job)
	}
	graph := &reads[len(reads)-1]
	if shown := e.graph.version; shown != before && shown != e.upgrades.owed && (shown == version || !slices.Contains(e.upgrades.requested, shown)) {
		got := "version " + shown
		if waited := waitedFor(reads, e.within("failure-rolled-back")); waited != "" {
			got += waited + " after the job had failed"
		}
		verdict, got := e.unlessOthersDid(ctx, got)
		if e.deviates("version-kept") { // it may have been left behind by a refusal
			e.noteMasked("failure-rolled-back", e.observerID("version-kept"), got, []string{"version " + before}, *job, *graph)
			return
		}
		e.note("failure-rolled-back", verdict, got, []string{"version " + before}, *job, *graph)
	} else {
		e.note("failure-rolled-back", judge.Conforms, "", nil, *job, *graph)
	}
}

// checkVersionKept judges whether the graph still has the version of the last accepted
// upgrade, and no refused request has changed it. One that shows an earlier version again is
// asked again.
func (e *Engine) checkVersionKept(ctx context.Context) {
	observer, m := e.observerID("version-kept"), &e.upgrades
	if e.config.Risk == cases.Inert || e.graph.version == "" || e.stopped(ctx, observer) {
		return
	}
	var reads []exchange.Exchange
	within, pause := e.within("version-shown"), time.Millisecond
	for {
		x := e.stillGraph(ctx, observer)
		if !accepted(&x) {
			return
		}
		if e.taken() {
			e.graphLost(&x, &x)
			return
		}
		reads = append(reads, x)
		if !m.left(e.graph.version) || !e.pause(ctx, &pause, &x, reads[0].Started.Add(within), "graph %s: version %s", e.graph.name, e.graph.version) {
			break
		}
	}
	first, last := &reads[0], &reads[len(reads)-1]
	switch is := e.graph.version; {
	case is == m.expected:
		if len(reads) > 1 {
			took := ended(last).Sub(ended(first)).Round(time.Millisecond)
			e.note("version-at-once", judge.Advisory, fmt.Sprintf("%s after version %s had been shown; again version %s after %s", e.shownIn(first), is, is, took), []string{"version " + is}, *first, *last)
		}
		e.note("version-kept", judge.Conforms, "", nil, *last)
	case slices.Contains(m.requested, is) && contract.Later(is, m.expected): // late, which judgeEffect has judged
	case m.left(is) && !slices.Contains(m.declined, is): // nobody has asked for it again
		got := fmt.Sprintf("version %s%s after version %s had been shown", is, waitedFor(reads, within), m.expected)
		e.note("version-shown", judge.Deviates, got, []string{"version " + m.expected}, *last)
	default:
		e.judgeMoved(ctx, last)
	}
	m.expect(e.graph.version)
}

// unlessOthersDid returns the verdict on the version that the graph shows: a deviation, unless no
// request of this run has asked for that version, and the list of jobs has one that it did not start.
func (e *Engine) unlessOthersDid(ctx context.Context, got string) (judge.Verdict, string) {
	m, version := &e.upgrades, e.graph.version
	if m.asked[version] != nil || slices.Contains(m.requested, version) || slices.Contains(m.declined, version) {
		return judge.Deviates, got // nobody can tell who did it
	}
	others := e.unknownJobsIn(e.snapshot(ctx))
	if len(others) == 0 {
		return judge.Deviates, got
	}
	return judge.Error, fmt.Sprintf("version %s; someone else may have upgraded the graph: this run did not start the job %s", version, others[0].ID)
}

// judgeMoved judges a read of a version that no accepted upgrade asked for.
func (e *Engine) judgeMoved(ctx context.Context, x *exchange.Exchange) {
	verdict, got := e.unlessOthersDid(ctx, fmt.Sprintf("version %s, though no accepted upgrade asked for it%s", e.graph.version, e.refusedSince()))
	lawful := []string{"version " + e.upgrades.expected}
	if by := e.movedBy(); by != "" && verdict == judge.Deviates {
		e.noteMasked("version-kept", by, "version "+e.graph.version, lawful, *x)
		return
	}
	e.note("version-kept", verdict, got, lawful, *x)
}
