package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// upgradeState is the state of the serial part of a run.
type upgradeState struct {
	budget       int               // how many more upgrades may start
	moved        bool              // an upgrade has been accepted in this run
	guardedCosts bool              // the server accepts even the current version, so guarded requests cost upgrades, too
	movedAlone   bool              // the graph was once on the move without an upgrade of this run
	permitted    bool              // an upgrade was not refused for lack of permission
	ended        string            // why no more upgrades may be requested
	previous     string            // the version before the last upgrade
	expected     string            // the version that the graph should have
	past         []string          // versions that it had before that one
	asked        []string          // versions that upgrades asked for which were accepted, or not answered
	declined     []string          // versions that refused requests have asked for since expected changed
	owed         string            // the latest version that an upgrade should have brought, or may have
	failures     int               // requests without an answer
	queue        []step            // cases waiting for their next aim
	jobs         []string          // the ids from accepted upgrades
	ends         map[string]string // their final statuses, by id
	given        []string          // the ids of jobs from any answer
	unnamed      int               // requests that may have started a job whose id is unknown
}

// enqueue defers a step to the serial part of the run.
func (e *Engine) enqueue(s step) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.upgrades.queue = append(e.upgrades.queue, s)
}

// serial sends what could change something, one at a time: first a well-formed canary
// with the graph's current version, then the lifecycle, then the guarded and then the
// destructive requests, the strictest rules first. If only one upgrade may start, what
// MUST be refused goes before the lifecycle.
func (e *Engine) serial(ctx context.Context) {
	queue := e.upgrades.queue
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
	e.upgrades.expected = e.graph.version
	if len(queue) > 0 || e.lifecycleWanted() {
		e.canary(ctx)
	}
	if e.upgrades.budget == 1 { // the lifecycle will use it up, and these may not be sent without one
		e.refusalsFirst(ctx, queue)
	}
	e.lifecycle(ctx)
	e.climbAll(ctx, queue)
	e.checkVersionKept(ctx)
	e.checkStoppedKept(ctx)
	e.finishObservers(ctx)
}

// rank orders the destructive cases: what MUST be refused costs no version on a correct
// server, an acceptance costs one, and what may be either comes last.
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

// prepare reads what the guarded requests depend on.
func (e *Engine) prepare(ctx context.Context) {
	if e.stoppedGraph.id != "" {
		e.readGraph(ctx, "prepare", &e.stoppedGraph)
	}
	if e.upgradesEnded() != "" {
		return
	}
	if e.graph.version == "" {
		e.endUpgrades("the graph's version could not be read")
	} else if _, err := contract.ParseVersion(e.graph.version); err != nil {
		e.endUpgrades(fmt.Sprintf("the graph's version %q is not a dotted version", e.graph.version))
	} else if e.graph.status != ges.GraphRunning {
		e.endUpgrades(fmt.Sprintf("the graph is not running (status %q)", e.graph.status))
	}
}

// canary sends the case of the equal version before all others, selected or not: a server
// that accepts that would accept anything.
func (e *Engine) canary(ctx context.Context) {
	if k := e.equalVersion(); k != nil {
		e.climbOne(ctx, step{k: k})
	}
}

// equalVersion returns the case that requests the graph's current version, or nil.
func (e *Engine) equalVersion() *cases.Case {
	for _, k := range e.all {
		if aim := k.Aims[0]; aim.Risk == cases.Guarded && aim.Version == cases.CurrentVersion && k.Condition == e.conditionOf(contract.NotLater) {
			return k
		}
	}
	return nil
}

// Supporting returns the cases that a run of the selected ones may also send, because
// they depend on them.
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
		for _, name := range ges.LifecycleCases {
			all = append(all, e.acceptance(name))
		}
	}
	return slices.DeleteFunc(all, func(k *cases.Case) bool { return k == nil })
}

// refusalsFirst sends the cases that MUST be refused: on a correct server they cost no
// upgrade, and on any other the first acceptance ends the run.
func (e *Engine) refusalsFirst(ctx context.Context, queue []step) {
	e.climbAll(ctx, slices.DeleteFunc(slices.Clone(queue), func(s step) bool {
		return rank(s.k) > 0 || s.k.Aims[s.aim].Version == cases.PreviousVersion
	}))
}

// climbAll sends the steps in the queue and, for those that were masked, the next aims.
func (e *Engine) climbAll(ctx context.Context, queue []step) {
	for len(queue) > 0 {
		e.mu.Lock()
		e.upgrades.queue = nil
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
		queue = e.upgrades.queue
		slices.SortStableFunc(queue, func(a, b step) int { return rank(a.k) - rank(b.k) })
	}
}

// climbOne sends a step that could change something, if it is allowed.
func (e *Engine) climbOne(ctx context.Context, s step) {
	aim := s.k.Aims[s.aim]
	version, why := e.versionFor(aim)
	if reason := e.barred(ctx, s.k, aim, why); reason != "" {
		e.stay(s, reason)
		return
	}
	if e.stopped(ctx, s.k.ID) {
		return
	}
	exchanges, version := e.attempt(ctx, s, aim, version)
	if x := &exchanges[len(exchanges)-1]; accepted(x) {
		e.accepted(ctx, s.k, aim, x, version)
	}
	e.decide(s, aim, exchanges)
}

// attempt sends a request, and again if the graph was on the move. It returns the version
// that it requested last.
func (e *Engine) attempt(ctx context.Context, s step, aim cases.Aim, version string) ([]exchange.Exchange, string) {
	exchanges := []exchange.Exchange{e.mutate(ctx, s.k, aim, version)}
	e.noteVersion(aim, version, &exchanges[0])
	if !e.worthRepeating(ctx, s, aim, &exchanges[0]) {
		return exchanges, version
	}
	if e.graph.version != e.upgrades.expected {
		e.checkVersionKept(ctx) // before an acceptance would hide it
	}
	again, why := e.versionFor(aim)
	if e.barred(ctx, s.k, aim, why) != "" {
		return exchanges, version
	}
	exchanges[0].SetAside = askedAgain
	x := e.mutate(ctx, s.k, aim, again)
	e.noteVersion(aim, again, &x)
	return append(exchanges, x), again
}

// mutate sends a request that could change something. If there is no answer, the server
// may have acted on it: it counts as an upgrade and is not sent again. The first such
// failure of a run may be the network's fault, and is not judged.
func (e *Engine) mutate(ctx context.Context, k *cases.Case, aim cases.Aim, version string) exchange.Exchange {
	x := e.send(ctx, k, aim, version)
	if x.Failure == nil || accepted(&x) || x.Failure.Kind == exchange.NotSent || x.Failure.Kind == exchange.Interrupted {
		return x
	}
	m := &e.upgrades
	if m.failures++; m.failures == 1 {
		x.SetAside = "the network may be at fault; not sent again, because the request could have started an upgrade"
	}
	if aim.Risk == cases.Destructive {
		m.budget--
	}
	before := e.graph.version
	e.settle(ctx, k.ID, "", "")
	if e.graph.version != before {
		m.moved = true
		m.expect(e.graph.version)
	}
	return x
}

// barred returns why a request may not be sent, or "".
func (e *Engine) barred(ctx context.Context, k *cases.Case, aim cases.Aim, noVersion string) string {
	switch missing := e.config.Missing(aim.Needs); {
	case aim.Risk > e.config.Risk:
		return fmt.Sprintf("needs --risk %s", aim.Risk)
	case e.upgradesEnded() != "":
		return e.upgradesEnded()
	case missing != "":
		return "needs --" + missing
	case noVersion != "":
		return noVersion
	case (aim.Risk == cases.Destructive || e.upgrades.guardedCosts) && e.upgrades.budget < 1:
		return fmt.Sprintf("no more upgrades may start: --max-upgrades is %d", e.config.Upgrades())
	case aim.Risk > cases.Inert && e.tooLate(ctx, k.ID, e.upgradeTakes()):
		return reasonTooLate
	}
	return ""
}

// upgradeTakes returns how long a request and the upgrade that it starts may take.
func (e *Engine) upgradeTakes() time.Duration { return e.config.RequestTimeout + e.config.JobTimeout }

// stay sets the result of a case whose next aim is barred: that of the aim before, if any.
func (e *Engine) stay(s step, reason string) {
	if s.below == nil {
		e.skip(s.k, judge.NotApplicable, "%s", reason)
		return
	}
	r := *s.below
	r.Reason += "; not decided: " + reason
	e.finish(s.k, r)
}

// worthRepeating reports whether a request with a deviating 4xx should be sent again,
// alone, because the graph may have been on the move. If this run has not moved it, that
// counts only once, since a graph that keeps moving does so because of refused requests.
func (e *Engine) worthRepeating(ctx context.Context, s step, aim cases.Aim, x *exchange.Exchange) bool {
	if x.Failure != nil || x.Status() < 400 || x.Status() >= 500 || e.stopped(ctx, s.k.ID) {
		return false
	}
	if f := e.judge.Decide(s.k, aim, x); f.Verdict != judge.Deviates {
		return false
	}
	m, before := &e.upgrades, e.graph.version
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

// accepted counts an accepted upgrade and waits until it has ended. If it should have been
// refused, no more upgrades are requested.
func (e *Engine) accepted(ctx context.Context, k *cases.Case, aim cases.Aim, x *exchange.Exchange, version string) {
	m := &e.upgrades
	m.budget--
	m.moved = true
	m.guardedCosts = m.guardedCosts || aim.Risk == cases.Guarded
	before := e.graph.version
	switch {
	case k.Condition == "" && aim.Graph == cases.NamedGraph && len(aim.Conditions) == 0:
		e.follow(ctx, x, before, version)
	default:
		if e.forbidden(aim) && !e.config.KeepGoing {
			e.endUpgrades(fmt.Sprintf("%s was accepted and should have been refused; set --keep-going to continue after it", k.ID))
		}
		e.settle(ctx, k.ID, jobID(x), version)
	}
	m.expect(e.graph.version) // if it is wrong, that is a separate finding
}

// forbidden reports whether a request MUST be refused at an aim.
func (e *Engine) forbidden(aim cases.Aim) bool {
	return slices.ContainsFunc(aim.Conditions, func(c string) bool { return e.c.Refusal(c).Level == contract.Must })
}

func jobID(x *exchange.Exchange) string { return ges.JobOf(x.JSON()).ID }

// checkStoppedKept does the same for the stopped graph, whose upgrades are all refused.
func (e *Engine) checkStoppedKept(ctx context.Context) {
	before, observer := e.stoppedGraph.version, e.observerID("version-kept")
	if before == "" || e.stopped(ctx, observer) {
		return
	}
	if x := e.readGraph(ctx, observer, &e.stoppedGraph); e.stoppedGraph.version != before {
		e.note("version-kept", judge.Deviates, "version "+e.stoppedGraph.version+" of the stopped graph", []string{"version " + before}, x)
	}
}
