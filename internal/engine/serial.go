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
	budget       int                    // how many more upgrades may start
	moved        bool                   // an upgrade has been accepted in this run
	guardedCosts bool                   // the server accepts even the current version, so guarded requests cost upgrades, too
	movedAlone   bool                   // the graph was once on the move without an upgrade of this run
	permitted    bool                   // an upgrade was not refused for lack of permission
	ended        string                 // why no more upgrades may be requested
	previous     string                 // the version before the last upgrade
	expected     string                 // the version that the graph should have
	past         []string               // versions that it had before that one
	requested    []string               // versions that upgrades asked for which were accepted, or not answered
	declined     []string               // versions that refused requests have asked for since expected changed
	owed         string                 // the latest version that an upgrade should have brought, or may have
	queue        []step                 // cases waiting for their next aim
	late         []step                 // cases whose version can only be derived after an upgrade
	jobs         []string               // the ids from accepted upgrades
	ends         map[string]string      // their final statuses, by id
	given        []string               // the ids of jobs from any answer
	accepted     int                    // upgrades of any graph
	invented     int                    // requests that were accepted for a graph that does not exist
	asked        map[string]*cases.Case // the valid requests that were not accepted, by the version that they asked for
	stoppedMoved string                 // the case that the upgrade of the stopped graph was accepted for
	refusedSince []refusedRequest       // requests to the graph that were refused since it was last compared
	outcomes     []string               // of all of them since one was last accepted
	compared     map[string]bool        // the conditions around whose refusals the graph was compared
	appeared     []string               // jobs that nobody knows and that were found in the list
	stoppedTo    string                 // and the version to which it was
	lasted       time.Duration          // how long the job of the last one was seen under way
	unnamed      int                    // requests that may have started a job whose id is unknown
}

// enqueue defers a step to the serial part of the run.
func (e *Engine) enqueue(s step) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.upgrades.queue = append(e.upgrades.queue, s)
}

// serial sends what could change something, one at a time: first a well-formed canary
// with the graph's current version, then the lifecycle, then the guarded and then the
// destructive requests, the strictest rules first. If only one upgrade can start, what
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
	e.readAfterRefusal(ctx)
	if e.config.Risk > cases.Inert && e.partial.noGraph == "" {
		e.prepare(ctx)
	}
	e.upgrades.expected = e.graph.version
	if len(queue) > 0 || e.lifecycleWanted() {
		e.canary(ctx)
	}
	if min(e.upgrades.budget, len(e.stillLater())) == 1 { // the lifecycle will use it up, and these may not be sent without one
		e.refusalsFirst(ctx, queue)
		e.checkVersionKept(ctx) // before an acceptance would hide what these did
	}
	e.refuseAtGraph(ctx, cases.Guarded)
	e.lifecycle(ctx)
	e.together(ctx)
	e.climbAll(ctx, queue)
	e.climbLate(ctx)
	for _, s := range e.upgrades.late {
		e.climbOne(ctx, s)
	}
	e.askAgain(ctx)
	e.refuseAtGraph(ctx, cases.Destructive)
	e.noteUntold()
	e.checkVersionKept(ctx)
	e.checkStoppedKept(ctx)
	e.finishObservers(ctx)
}

// rank orders the destructive cases: what MUST be refused costs no version on a correct
// server, an acceptance costs one, and what may be either comes last.
func rank(k *cases.Case) int {
	switch {
	case k.Accepts != "" && k.Level != contract.May:
		return 1
	case k.Level == contract.Must, len(k.Lenient) > 0: // refused in any case
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
	} else if !e.target.Changeable(e.graph.status) {
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
	e := &Engine{c: c, config: cfg, all: all, cases: selected}
	var some []*cases.Case
	if k := e.plainInert(all); cfg.AbsentGraphID != "" && k != nil { // where there are no reads, it stands for them
		some = append(some, k)
	}
	if cfg.Risk == cases.Inert {
		return some
	}
	return append(some, e.supporting()...)
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
	e.climbAll(ctx, slices.DeleteFunc(slices.Clone(queue), func(s step) bool { return rank(s.k) > 0 }))
}

// climbAll sends the steps in the queue and, for those that were masked, the next aims. What a
// correct server may accept comes last, since it uses up the upgrades.
func (e *Engine) climbAll(ctx context.Context, queue []step) {
	for len(queue) > 0 {
		queue = e.share(queue)
		e.mu.Lock()
		e.upgrades.queue = nil
		e.mu.Unlock()
		var last []step
		refusals := slices.ContainsFunc(queue, func(s step) bool { return !s.costs() })
		for _, s := range queue {
			e.climbLate(ctx)
			switch {
			case s.k.Observes != "" || e.decided(s.k):
			case refusals && s.costs() && s.shares != nil: // by then others may share it
				last = append(last, s.shares...)
			case refusals && s.costs():
				last = append(last, s)
			case e.tooEarly(s):
				s.late = true
				e.upgrades.late = append(e.upgrades.late, s)
			default:
				e.checkBefore(ctx, s)
				e.climbOne(ctx, s)
			}
		}
		queue = slices.Concat(last, e.upgrades.queue)
		slices.SortStableFunc(queue, func(a, b step) int { return rank(a.k) - rank(b.k) })
	}
}

// checkBefore checks whether the graph still has its version, before a step that could hide that
// it has not, or that asks for what would be later by then.
func (e *Engine) checkBefore(ctx context.Context, s step) {
	if s.costs() || s.k.Aims[s.aim].Risk == cases.Destructive && e.refusalRelation(s.k) == contract.NotLater {
		e.checkVersionKept(ctx)
	}
}

// costs reports whether a correct server may accept the step, so that it costs an upgrade.
func (s step) costs() bool { return s.k.Aims[s.aim].Risk == cases.Destructive && rank(s.k) > 0 }

// tooEarly reports whether the step's version can only be derived once the graph has another
// one.
func (e *Engine) tooEarly(s step) bool {
	aim := s.k.Aims[s.aim]
	_, why := e.versionFor(aim)
	return why != "" && (aim.Version == cases.PreviousVersion || ges.IsDerived(string(aim.Version)))
}

// climbLate sends the steps that were too early and no longer are.
func (e *Engine) climbLate(ctx context.Context) {
	some := e.upgrades.late
	e.upgrades.late = slices.DeleteFunc(slices.Clone(some), func(s step) bool { return !e.tooEarly(s) })
	for _, s := range some {
		if !e.decided(s.k) && !e.tooEarly(s) {
			e.checkBefore(ctx, s)
			e.climbOne(ctx, s)
		}
	}
}

// climbOne sends a step that could change something, if it is allowed.
func (e *Engine) climbOne(ctx context.Context, s step) {
	aim := s.k.Aims[s.aim]
	version, why := e.versionFor(aim)
	if b := e.barred(ctx, s, aim, why); b.reason != "" {
		e.stay(s, b)
		return
	}
	if e.stopped(ctx, s.k.ID) {
		return
	}
	if why := e.absenceNear(ctx, s.k, aim); why != "" {
		e.stay(s, bar{reason: why})
		return
	}
	exchanges, version := e.attempt(ctx, s, aim, version)
	x := &exchanges[len(exchanges)-1]
	switch {
	case accepted(x):
		s.harm = e.accepted(ctx, s.k, aim, x, version)
	case s.shares == nil:
		var plain []exchange.Exchange
		s.cause, plain = e.restsOn(ctx, s.k, aim, version, x)
		exchanges = slices.Concat(plain, exchanges)
	}
	switch {
	case s.shares == nil:
		e.failsAlike(aim, x)
		e.decide(s, aim, exchanges)
	case e.decideShared(ctx, s, aim, exchanges):
		for _, part := range partsOf(s, aim) {
			e.enqueue(part)
		}
	}
}

// upgradeTakes returns how long a request and the upgrade that it starts may take.
func (e *Engine) upgradeTakes() time.Duration { return e.config.RequestTimeout + e.config.JobTimeout }

func accepted(x *exchange.Exchange) bool {
	return x.Answer != nil && x.Status() >= 200 && x.Status() < 300
}

// accepted counts an accepted upgrade and waits until it has ended. If it should have been
// refused, or has done what a MUST forbids, no more upgrades are requested.
func (e *Engine) accepted(ctx context.Context, k *cases.Case, aim cases.Aim, x *exchange.Exchange, version string) (h *harm) {
	m := &e.upgrades
	m.budget--
	m.moved = true
	m.guardedCosts = m.guardedCosts || aim.Risk == cases.Guarded
	if aim.Graph == cases.StoppedGraph {
		m.stoppedMoved, m.stoppedTo = k.ID, version
	}
	before := e.graph.version
	switch {
	case k.Condition == "" && aim.Graph == cases.NamedGraph && len(aim.Conditions) == 0:
		e.follow(ctx, x, before, version)
	default:
		forbidden := e.forbidden(aim)
		if forbidden && !e.config.KeepGoing {
			e.endUpgrades(fmt.Sprintf("%s was accepted and should have been refused; set --keep-going to continue after it", k.ID))
		}
		reads := e.settle(ctx, k.ID, jobID(x), version)
		if aim.Graph == cases.NamedGraph && !forbidden {
			h = e.harmOf(ctx, k, before, reads)
		}
		if h != nil && !e.config.KeepGoing {
			e.endUpgrades(fmt.Sprintf("%s was accepted, and the graph went back from version %s to %s; set --keep-going to continue after it", k.ID, before, e.graph.version))
		}
	}
	m.expect(e.graph.version) // if it is wrong, that is a separate finding
	return h
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
		got, lawful := "version "+e.stoppedGraph.version+" of the stopped graph", []string{"version " + before}
		if by := e.upgrades.stoppedMoved; by != "" {
			e.noteMasked("version-kept", by, got, lawful, x)
			return
		}
		e.note("version-kept", judge.Deviates, got, lawful, x)
	}
}
