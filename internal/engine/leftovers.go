package engine

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// What a refusal leaves behind: the graph's version and status and its list of jobs are compared
// around refused requests to it, at least once for each condition. A change accuses nobody until it
// has come again with the same request, and not without it: someone else may use the graph, too.

const (
	// atOnce is how many refused requests may go between two comparisons.
	atOnce = 8
	// watched is how long a change may take to come when a request is sent again.
	watched = time.Second
	// leftAim is the aim of a refusal that only goes to the graph to see what it leaves behind.
	leftAim = "refused-at-the-graph"
)

// A refusedRequest is a request to the graph under test that was refused.
type refusedRequest struct {
	k       *cases.Case
	aim     cases.Aim
	version string
}

// noteRefused keeps a refused request to the graph under test.
func (e *Engine) noteRefused(k *cases.Case, aim cases.Aim, version string, x *exchange.Exchange) {
	m := &e.upgrades
	switch {
	case aim.Graph != cases.NamedGraph:
	case accepted(x):
		m.outcomes = nil
	case x.Failure == nil && x.Status() < 500:
		if e.forbidden(aim) { // what may be accepted is judged where it was refused
			m.refusedSince = append(m.refusedSince, refusedRequest{k, aim, version})
		}
		m.outcomes = append(m.outcomes, e.judge.Outcome(x))
	}
}

// refusedSince names the requests that were refused since the last comparison that was good.
func (e *Engine) refusedSince() string {
	var names []string
	for _, r := range e.upgrades.refusedSince {
		if name := e.nameOf(r); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	const most = 4
	switch n := len(names); {
	case n == 0:
		return ""
	case n > most:
		return fmt.Sprintf("; refused since the graph was last as it should be: %s and %d more", strings.Join(names[n-most:], ", "), n-most)
	default:
		return "; refused since the graph was last as it should be: " + strings.Join(names, ", ")
	}
}

// refuseAtGraph sends one request for each condition that no refused request to the graph has had
// yet, up to a risk.
func (e *Engine) refuseAtGraph(ctx context.Context, risk cases.Risk) {
	observer := e.observer("version-kept")
	if observer == nil || e.pending[observer.ID] == nil || e.config.Risk < cases.Guarded || !e.target.Changeable(e.graph.status) {
		return
	}
	sent := 0
	for _, refusal := range e.upgrade().Refusals() {
		r, found := e.refusedAtGraph(refusal, observer.ID)
		if !found || r.aim.Risk > risk || e.comparedOrSent(refusal.Condition) {
			continue
		}
		version, why := e.versionFor(r.aim)
		if e.barred(ctx, step{k: r.k}, r.aim, why).reason != "" || e.stopped(ctx, observer.ID) || e.record != nil && !e.record.hasAim(observer.ID, leftAim) {
			continue // in a replay, the record decides whether it was too late
		}
		x := e.final(e.mutate(ctx, r.k, r.aim, version))
		e.noteVersion(r.aim, version, &x)
		if accepted(&x) {
			e.acceptedAtGraph(ctx, r, &x, version)
		}
		if sent++; sent%atOnce == 0 {
			e.compareAround(ctx)
		}
	}
	e.compareAround(ctx)
}

// comparedOrSent reports whether a condition needs no further request.
func (e *Engine) comparedOrSent(condition string) bool {
	return e.upgrades.compared[condition] || slices.ContainsFunc(e.upgrades.refusedSince, func(r refusedRequest) bool { return r.k.Condition == condition })
}

// refusedAtGraph returns a request with a condition that goes to the graph under test, the least
// risky one. What MAY be passed over has none, nor has what another graph or another path shows.
func (e *Engine) refusedAtGraph(refusal *contract.Refusal, caseID string) (found refusedRequest, ok bool) {
	op := e.upgrade()
	for _, k := range e.cases { // the others are not known when the run is judged again
		if k.Condition != refusal.Condition || refusal.Level == contract.May || !e.goesToGraph(k) || e.config.Missing(k.Aims[0].Needs) != "" {
			continue
		}
		aim := cases.Aim{Name: leftAim, Graph: cases.NamedGraph, Version: cases.LaterVersion, Risk: cases.Destructive, Conditions: []string{k.Condition}}
		if k.Request.Method == op.Method && ges.IsUpgradePath(k.Request.Path) && ges.Guardable(string(k.Request.Body)) {
			aim.Version, aim.Risk = cases.CurrentVersion, cases.Guarded
			if notLater := e.conditionOf(contract.NotLater); !refusal.First && notLater != k.Condition {
				aim.Conditions = append(aim.Conditions, notLater)
			}
		}
		if ok && aim.Risk >= found.aim.Risk || aim.Risk == cases.Destructive && refusal.Level != contract.Must {
			continue
		}
		other := *k
		other.ID = caseID
		found, ok = refusedRequest{k: &other, aim: aim}, true
		if aim.Risk == cases.Guarded {
			break
		}
	}
	return found, ok
}

// goesToGraph reports whether a case's request would still break its rule if it named the graph under
// test, and may be sent to it.
func (e *Engine) goesToGraph(k *cases.Case) bool {
	if k.Operation != e.upgrade().ID || k.Observes != "" || k.Request.Method == http.MethodDelete {
		return false
	}
	fixture := k.Aims[0].Graph == cases.StoppedGraph || k.Aims[0].Graph == cases.ForeignGraph
	return !fixture && !aboutGraph[e.refusalRelation(k)] && strings.Contains(k.Request.Path, cases.GraphPlaceholder)
}

// aboutGraph are the relations that another graph, or another state of it, has.
var aboutGraph = map[contract.Relation]bool{contract.Unknown: true, contract.Foreign: true, contract.Stopped: true, contract.NotRunning: true}

// acceptedAtGraph judges a request that was accepted, though it must be refused.
func (e *Engine) acceptedAtGraph(ctx context.Context, r refusedRequest, x *exchange.Exchange, version string) {
	e.accepted(ctx, r.k, r.aim, x, version)
	f := e.judge.Decide(r.k, r.aim, x)
	x.SetAside = "sent to see what it leaves behind"
	e.note("version-kept", judge.Conforms, "", nil, *x)
	if result := e.observed["version-kept"]; result != nil && f.Verdict == judge.Deviates && jobID(x) != "" { // without a job, another rule is broken
		f.Exchange = len(result.Exchanges) - 1
		result.Conclude(f)
	}
}

// compareAround compares the graph and its jobs with what they should be after refused requests.
func (e *Engine) compareAround(ctx context.Context) {
	m, observer := &e.upgrades, e.observer("version-kept")
	if observer == nil || e.pending[observer.ID] == nil || len(m.refusedSince) == 0 || e.upgradesEnded() != "" || e.stopped(ctx, observer.ID) {
		return
	}
	change, read := e.changed(ctx, observer.ID)
	if change != "" {
		if !e.target.Changeable(e.graph.status) && accepted(read) {
			e.settle(ctx, observer.ID, "", "")
		}
		if e.taken() {
			e.graphLost(read, e.graph.read)
			return
		}
		e.blameRefused(ctx, observer.ID, change)
	} else if accepted(read) {
		e.note("version-kept", judge.Conforms, "", nil, *read)
		for _, r := range m.refusedSince {
			if m.compared == nil {
				m.compared = map[string]bool{}
			}
			m.compared[r.k.Condition] = true
		}
	}
	m.refusedSince = nil
}

// changed reads the graph and its jobs, and returns what is not as it should be, or "". A job that
// was found is known from then on. Whether another version was asked for is judged elsewhere.
func (e *Engine) changed(ctx context.Context, caseID string) (change string, read *exchange.Exchange) {
	x := e.readGraph(ctx, caseID, &e.graph)
	if !accepted(&x) {
		return "", &x
	}
	var found []string
	if !e.target.Changeable(e.graph.status) {
		found = append(found, "status "+e.graph.status)
	}
	if e.withoutList() == "" && e.before.Gap == "" {
		_, jobs, gap := e.listJobs(ctx, caseID)
		if gap == "" {
			found = append(found, e.newJobs(jobs)...)
		}
	}
	return strings.Join(found, ", "), &x
}

// newJobs returns the jobs in a list that nobody knows, unless there may be so many that this run
// has started, and knows them from then on.
func (e *Engine) newJobs(jobs []ges.Job) (found []string) {
	unknown := e.unknownJobsIn(&ges.Snapshot{Jobs: jobs})
	for _, j := range unknown {
		if !slices.Contains(e.upgrades.appeared, ges.JobKey(j.ID)) {
			e.upgrades.appeared = append(e.upgrades.appeared, ges.JobKey(j.ID))
			found = append(found, strings.TrimSpace("a new job "+j.Name))
		}
	}
	return found
}

// blameRefused finds the request after which a change comes, by sending the last ones again, one at
// a time: with it each time, and not without it.
func (e *Engine) blameRefused(ctx context.Context, observer, change string) {
	m := &e.upgrades
	for _, r := range m.suspects() {
		again := *r.k
		again.ID = observer
		r.k = &again
		first, x, _ := e.trial(ctx, observer, &r)
		if first == "" {
			continue
		}
		if without, _, _ := e.trial(ctx, observer, nil); without != "" {
			return // it comes by itself
		}
		if second, _, read := e.trial(ctx, observer, &r); second != "" {
			got := fmt.Sprintf("after the refused request of %s (%s), each time it was sent: %s", e.nameOf(r), r.aim.Name, second)
			e.note("version-kept", judge.Deviates, got, []string{"version " + m.expected + ", status " + e.running() + ", no job"}, *x, *read)
			return
		}
	}
	e.waiting("nothing: %s did not come again", change)
}

// suspects returns the last of the refused requests with each condition and risk.
func (m *upgradeState) suspects() (last []refusedRequest) {
	for _, r := range slices.Backward(m.refusedSince) {
		if !slices.ContainsFunc(last, func(s refusedRequest) bool {
			return s.k.Condition == r.k.Condition && s.aim.Risk == r.aim.Risk
		}) {
			last = append(last, r)
		}
	}
	return last
}

// nameOf returns the case that a request tests.
func (e *Engine) nameOf(r refusedRequest) string {
	for _, k := range e.cases { // the others are not known when the run is judged again
		if k.Condition == r.k.Condition && k.Observes == "" && k.Request.Body == r.k.Request.Body && k.Request.Path == r.k.Request.Path && k.Request.Method == r.k.Request.Method &&
			slices.Equal(k.Request.Headers, r.k.Request.Headers) {
			return k.ID
		}
	}
	return r.k.ID
}

// trial sends a refused request again, or none if it is nil, and watches what changes.
func (e *Engine) trial(ctx context.Context, observer string, r *refusedRequest) (change string, x, read *exchange.Exchange) {
	if r != nil {
		version, why := e.versionFor(r.aim)
		if e.barred(ctx, step{k: r.k}, r.aim, why).reason != "" || e.record != nil && !e.record.hasAim(observer, r.aim.Name) {
			return "", nil, nil
		}
		sent := e.final(e.mutate(ctx, r.k, r.aim, version))
		e.noteVersion(r.aim, version, &sent)
		if x = &sent; accepted(x) {
			e.acceptedAtGraph(ctx, *r, x, version)
			return "", nil, nil
		}
	}
	var start time.Time
	for pause := 10 * time.Millisecond; ; {
		change, read = e.changed(ctx, observer)
		if start.IsZero() {
			start = read.Started
		}
		if change != "" || !accepted(read) || !e.pause(ctx, &pause, read, start.Add(min(watched, e.config.JobTimeout)), "what a refused request has left behind") {
			break
		}
	}
	if !e.target.Changeable(e.graph.status) {
		e.settle(ctx, observer, "", "")
	}
	return change, x, read
}

// answeredAsBefore reports whether a valid request was refused as another request was before, since
// one was last accepted.
func (e *Engine) answeredAsBefore(k *cases.Case, aim cases.Aim, x *exchange.Exchange) bool {
	outcomes := e.upgrades.outcomes
	return k.Accepts != "" && aim.Graph == cases.NamedGraph && len(aim.Conditions) == 0 && x.Failure == nil && !accepted(x) && x.Status() < 500 &&
		len(outcomes) > 1 && slices.Contains(outcomes[:len(outcomes)-1], e.judge.Outcome(x))
}

// onceMore sends a valid request again that was refused as another was before. If it is accepted
// now, it had been given the answer to the other.
func (e *Engine) onceMore(ctx context.Context, s step, aim cases.Aim, version string, first *exchange.Exchange) []exchange.Exchange {
	if !e.answeredAsBefore(s.k, aim, first) || e.graph.version != e.upgrades.expected || e.barred(ctx, s, aim, "").reason != "" || e.stopped(ctx, s.k.ID) ||
		e.record != nil && !e.record.repeats(first) {
		return nil
	}
	again := e.mutate(ctx, s.k, aim, version)
	x := &again[len(again)-1]
	e.asked(s.k, aim, version, x)
	e.noteVersion(aim, version, x)
	if accepted(x) {
		got := e.judge.Outcome(first) + ", as to the refused request before, and accepted when the same was sent again"
		e.note("version-kept", judge.Deviates, got, []string{"an answer of its own"}, *first)
	}
	first.SetAside = askedAgain
	return again
}

// The aims of a read without credentials, and of the plain read after it.
const (
	badReadAim   = "read-without-credentials"
	plainReadAim = "plain-read-after-it"
)

// readAfterRefusal reads the graph right after the same read was refused for lack of credentials:
// neither a gateway nor a cache may give that refusal to the next.
func (e *Engine) readAfterRefusal(ctx context.Context) {
	observer, bad := e.observer("version-kept"), e.readWithoutCredentials()
	if observer == nil || e.pending[observer.ID] == nil || bad == nil || e.stopped(ctx, observer.ID) || e.record != nil && !e.record.hasAim(observer.ID, badReadAim) {
		return
	}
	for again := range 2 {
		x := e.deliver(ctx, observer.ID, badReadAim, bad.Request.Fill(e.values(cases.Aim{Graph: cases.NamedGraph}, "")), false, 0)
		y := e.deliver(ctx, observer.ID, plainReadAim, e.readTemplate(e.target.ShownBy, pathEscape(e.config.GraphID), ""), false, 0)
		switch {
		case !refused(&x) || !sameOutcome(&x, &y):
			return
		case again > 0:
			got := e.judge.Outcome(&y) + " to the plain read of the graph, each time after the same without credentials"
			e.note("version-kept", judge.Deviates, got, []string{"200 with the graph"}, x, y)
			return
		}
		if _, ok := e.regain(ctx, &y); !ok { // then it is the credentials that are no longer accepted
			return
		}
	}
}

// readWithoutCredentials returns the case of a read of the graph without credentials, or nil.
func (e *Engine) readWithoutCredentials() *cases.Case {
	plain := e.readTemplate(e.target.ShownBy, pathEscape(e.config.GraphID), "")
	for _, k := range e.cases { // the others are not known when the run is judged again
		filled := k.Request.Fill(e.values(cases.Aim{Graph: cases.NamedGraph}, ""))
		same := k.Operation == e.target.ShownBy && filled.Method == plain.Method && filled.Path == plain.Path
		if refusal := e.c.Refusal(k.Condition); same && refusal != nil && refusal.First && k.Aims[0].Graph == cases.NamedGraph && len(k.Request.Headers) == 0 {
			return k
		}
	}
	return nil
}
