package engine

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// mutations is what the serial part of a run keeps count of.
type mutations struct {
	budget       int               // how many more upgrades may start
	moved        bool              // an upgrade has been accepted in this run
	guardedCosts bool              // even one to the version that the graph has: guarded requests cost upgrades, too
	movedAlone   bool              // the graph was on the move when no upgrade had been
	ended        string            // why no more may be asked for
	previous     string            // the version before the last upgrade
	expected     string            // the version that the graph should have by now
	failures     int               // requests that no answer came to
	queue        []step            // cases for their next aim
	jobs         []string          // the ids that accepted upgrades were given
	ends         map[string]string // the statuses in which they ended
	given        []string          // the ids of all jobs that any answer gave
	unnamed      int               // requests that may have started a job without giving its id
}

// enqueue puts off a case to its turn among those that are not inert.
func (e *Engine) enqueue(s step) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.mutations.queue = append(e.mutations.queue, s)
}

// serial sends what could change something, one at a time: a well-formed canary
// with the graph's own version first, then the lifecycle, then what is guarded,
// then what is destructive, the strictest rules first. With a single upgrade to
// spend, what must be refused goes before the lifecycle.
func (e *Engine) serial(ctx context.Context) {
	queue := e.mutations.queue
	slices.SortStableFunc(queue, func(a, b step) int {
		if d := int(a.k.Aims[a.aim].Risk) - int(b.k.Aims[b.aim].Risk); d != 0 {
			return d
		}
		if d := rank(a.k) - rank(b.k); d != 0 {
			return d
		}
		if a.k.ID < b.k.ID {
			return -1
		}
		return 1
	})
	if e.config.Risk > cases.Inert {
		e.prepare(ctx)
	}
	e.mutations.expected = e.graph.version
	if len(queue) > 0 || e.lifecycleWanted() {
		e.canary(ctx)
	}
	if e.mutations.budget == 1 { // the lifecycle will use it up, and what must be refused may not be sent without
		e.refusalsFirst(ctx, queue)
	}
	e.lifecycle(ctx)
	e.climbAll(ctx, queue)
	e.checkVersionKept(ctx)
	e.checkStoppedKept(ctx)
	e.finishObservers(ctx)
}

// rank orders the destructive cases: what must be refused costs no version on a
// server that keeps the rules, an acceptance costs one, and what may be either
// comes last.
func rank(k *cases.Case) int {
	switch {
	case k.Accepts != "":
		return 1
	case k.Level == contract.Must:
		return 0
	default:
		return 2
	}
}

// prepare reads what the guarded requests rest on.
func (e *Engine) prepare(ctx context.Context) {
	if e.stoppedGraph.id != "" {
		e.readGraph(ctx, "prepare", &e.stoppedGraph)
	}
	if e.mutations.ended != "" {
		return
	}
	if e.graph.version == "" {
		e.mutations.ended = "the graph's version could not be read"
	} else if _, err := contract.ParseVersion(e.graph.version); err != nil {
		e.mutations.ended = fmt.Sprintf("the graph's version %q is no dotted version", e.graph.version)
	} else if e.graph.status != ges.GraphRunning {
		e.mutations.ended = fmt.Sprintf("the graph is not running (status %q)", e.graph.status)
	}
}

// canary sends the case of the equal version before all others, selected or
// not: a server that takes even that would take anything.
func (e *Engine) canary(ctx context.Context) {
	if k := e.equalVersion(); k != nil {
		e.climbOne(ctx, step{k: k})
	}
}

// equalVersion is the case that asks for the version which the graph has, or nil.
func (e *Engine) equalVersion() *cases.Case {
	for _, k := range e.all {
		if aim := k.Aims[0]; aim.Risk == cases.Guarded && aim.Version == cases.CurrentVersion && k.Condition == e.conditionOf(contract.NotLater) {
			return k
		}
	}
	return nil
}

// Supporting are those of all cases that a run of the selected ones may send for
// their sake, be they selected or not.
func Supporting(c *contract.Contract, cfg *config.Config, all, selected []*cases.Case) []*cases.Case {
	if cfg.Risk == cases.Inert {
		return nil
	}
	e := &Engine{c: c, config: cfg, all: all, cases: selected}
	return e.supporting()
}

func (e *Engine) supporting() []*cases.Case {
	all := []*cases.Case{e.equalVersion()}
	if e.lifecycleWanted() {
		for _, name := range lifecycleCases {
			all = append(all, e.acceptance(name))
		}
	}
	return slices.DeleteFunc(all, func(k *cases.Case) bool { return k == nil })
}

// refusalsFirst sends the cases that must be refused: on a server that keeps the
// rules they cost no upgrade, and on any other the first acceptance is the last.
func (e *Engine) refusalsFirst(ctx context.Context, queue []step) {
	e.climbAll(ctx, slices.DeleteFunc(slices.Clone(queue), func(s step) bool {
		return rank(s.k) > 0 || s.k.Aims[s.aim].Version == cases.PreviousVersion
	}))
}

// climbAll sends the cases of the queue, and those that were masked again.
func (e *Engine) climbAll(ctx context.Context, queue []step) {
	for len(queue) > 0 {
		e.mu.Lock()
		e.mutations.queue = nil
		e.mu.Unlock()
		for _, s := range queue {
			if s.k.Observes != "" || e.decided(s.k) {
				continue
			}
			if s.k.Aims[s.aim].Risk == cases.Destructive && rank(s.k) > 0 {
				e.checkVersionKept(ctx) // before the next acceptance would hide it
			}
			e.climbOne(ctx, s)
		}
		queue = e.mutations.queue
		slices.SortStableFunc(queue, func(a, b step) int { return rank(a.k) - rank(b.k) })
	}
}

// climbOne sends a case at an aim that could change something, if it may.
func (e *Engine) climbOne(ctx context.Context, s step) {
	aim := s.k.Aims[s.aim]
	version, why := e.versionFor(aim)
	if reason := e.barred(ctx, s.k, aim, why); reason != "" {
		e.stay(s, reason)
		return
	}
	if e.halts(ctx, s.k.ID) {
		return
	}
	exchanges, version := e.attempt(ctx, s, aim, version)
	if x := &exchanges[len(exchanges)-1]; accepted(x) {
		e.accepted(ctx, s.k, aim, x, version)
	}
	e.decide(s, aim, exchanges)
}

// attempt sends a request, and once more where it came to a graph on the move. It
// returns the version that it asked for last.
func (e *Engine) attempt(ctx context.Context, s step, aim cases.Aim, version string) ([]exchange.Exchange, string) {
	exchanges := []exchange.Exchange{e.mutate(ctx, s.k, aim, version)}
	if !e.worthAnother(ctx, s, aim, &exchanges[0]) {
		return exchanges, version
	}
	if e.graph.version != e.mutations.expected {
		e.checkVersionKept(ctx) // before an acceptance would hide it
	}
	again, why := e.versionFor(aim)
	if e.barred(ctx, s.k, aim, why) != "" {
		return exchanges, version
	}
	exchanges[0].SetAside = askedAgain
	return append(exchanges, e.mutate(ctx, s.k, aim, again)), again
}

// mutate sends a request that could change something. One that no answer came
// to may have been acted on: it counts as an upgrade and is not sent again. The
// first such failure of a run may be the network's and is held against nobody.
func (e *Engine) mutate(ctx context.Context, k *cases.Case, aim cases.Aim, version string) exchange.Exchange {
	x := e.send(ctx, k, aim, version)
	if x.Failure == nil || accepted(&x) || x.Failure.Kind == exchange.NotSent || x.Failure.Kind == exchange.Interrupted {
		return x
	}
	m := &e.mutations
	if m.failures++; m.failures == 1 {
		x.SetAside = "the network may be at fault, and it could have started an upgrade, so that it was not asked for again"
	}
	if aim.Risk == cases.Destructive {
		m.budget--
	}
	before := e.graph.version
	e.settle(ctx, k.ID, "", "")
	if e.graph.version != before {
		m.moved, m.previous, m.expected = true, before, e.graph.version
	}
	return x
}

// barred says why a request may not be sent.
func (e *Engine) barred(ctx context.Context, k *cases.Case, aim cases.Aim, noVersion string) string {
	switch missing := e.config.Missing(aim.Needs); {
	case aim.Risk > e.config.Risk:
		return fmt.Sprintf("needs --risk %s", aim.Risk)
	case e.mutations.ended != "":
		return e.mutations.ended
	case missing != "":
		return "needs --" + missing
	case noVersion != "":
		return noVersion
	case (aim.Risk == cases.Destructive || e.mutations.guardedCosts) && e.mutations.budget < 1:
		return fmt.Sprintf("no more upgrades may start: --max-upgrades is %d", e.config.Upgrades())
	case aim.Risk > cases.Inert && e.late(ctx, k.ID, e.upgradeTakes()):
		return tooLate
	}
	return ""
}

// upgradeTakes is how long a request that starts an upgrade may take, with all
// that comes of it.
func (e *Engine) upgradeTakes() time.Duration { return e.config.RequestTimeout + e.config.JobTimeout }

// stay gives a case that may not climb what the lower aim gave, or nothing.
func (e *Engine) stay(s step, reason string) {
	if s.below == nil {
		e.skip(s.k, judge.NotApplicable, "%s", reason)
		return
	}
	r := *s.below
	r.Reason += "; to decide, " + reason
	e.finish(s.k, r)
}

// worthAnother reports whether a deviating 4xx should be asked for once more,
// alone: the graph may have been on the move, by this run's doing or, where it is
// seen to be, by somebody else's. That counts once a run, for a graph that moves
// again and again does so because of what was refused.
func (e *Engine) worthAnother(ctx context.Context, s step, aim cases.Aim, x *exchange.Exchange) bool {
	if x.Failure != nil || x.Status() < 400 || x.Status() >= 500 || e.halts(ctx, s.k.ID) {
		return false
	}
	if f := e.judge.Decide(s.k, aim, x); f.Verdict != judge.Deviates {
		return false
	}
	m, before := &e.mutations, e.graph.version
	reads := e.settle(ctx, s.k.ID, "", "")
	moves := m.moved
	if !moves && (len(reads) > 1 || e.graph.version != before) {
		moves, m.movedAlone = !m.movedAlone, true
	}
	return moves && e.graph.status == ges.GraphRunning
}

func accepted(x *exchange.Exchange) bool {
	return x.Answer != nil && x.Status() >= 200 && x.Status() < 300
}

// accepted counts an upgrade that was taken on and waits for its end. Where it
// should have been refused, the run's mutations end.
func (e *Engine) accepted(ctx context.Context, k *cases.Case, aim cases.Aim, x *exchange.Exchange, version string) {
	m := &e.mutations
	m.budget--
	m.moved = true
	m.guardedCosts = m.guardedCosts || aim.Risk == cases.Guarded
	before := e.graph.version
	switch {
	case k.Condition == "" && aim.Graph == cases.NamedGraph && len(aim.Conditions) == 0:
		e.follow(ctx, x, before, version)
	default:
		if e.forbidden(aim) && !e.config.KeepGoing {
			m.ended = fmt.Sprintf("%s was accepted and should have been refused; --keep-going goes on", k.ID)
		}
		want := version
		if k.Level == contract.Must {
			want = "" // whatever comes of it
		}
		e.settle(ctx, k.ID, jobID(x), want)
	}
	if e.graph.version != before {
		m.previous = before
	}
	m.expected = e.graph.version // where it is not what it should be, that is a finding of its own
}

// forbidden reports whether a request breaks a rule at an aim that must be kept.
func (e *Engine) forbidden(aim cases.Aim) bool {
	return slices.ContainsFunc(aim.Conditions, func(c string) bool { return e.c.Refusal(c).Level == contract.Must })
}

func jobID(x *exchange.Exchange) string { return ges.JobOf(x.JSON()).ID }

// checkVersionKept makes sure that the graph is where the accepted upgrades have left
// it: no refused request has moved it.
func (e *Engine) checkVersionKept(ctx context.Context) {
	observer := e.observerID("version-kept")
	if e.config.Risk == cases.Inert || e.graph.version == "" || e.halts(ctx, observer) {
		return
	}
	x := e.readGraph(ctx, observer, &e.graph)
	if x.Status() != http.StatusOK {
		return
	}
	if e.graph.version == e.mutations.expected {
		e.note("version-kept", judge.Conforms, "", nil, x)
		return
	}
	verdict, got := judge.Deviates, fmt.Sprintf("version %s, though no accepted upgrade asked for it", e.graph.version)
	if e.config.Risk == cases.Guarded { // no request of this run has asked for another version
		if others := e.unknownJobsIn(e.snapshot(ctx)); len(others) > 0 {
			verdict, got = judge.Error, fmt.Sprintf("version %s; somebody else may have upgraded the graph, for the job %s is not of this run", e.graph.version, others[0].ID)
		}
	}
	e.note("version-kept", verdict, got, []string{"version " + e.mutations.expected}, x)
	e.mutations.expected = e.graph.version
}

// checkStoppedKept makes sure of the same for the stopped graph, whose upgrades are
// all refused.
func (e *Engine) checkStoppedKept(ctx context.Context) {
	before, observer := e.stoppedGraph.version, e.observerID("version-kept")
	if before == "" || e.halts(ctx, observer) {
		return
	}
	if x := e.readGraph(ctx, observer, &e.stoppedGraph); e.stoppedGraph.version != before {
		e.note("version-kept", judge.Deviates, "version "+e.stoppedGraph.version+" of the stopped graph", []string{"version " + before}, x)
	}
}
