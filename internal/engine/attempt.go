package engine

import (
	"context"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
)

// attempt sends a request, and again if the graph was on the move, or if it must be shown that
// the server is at fault. It returns the version that it requested last.
func (e *Engine) attempt(ctx context.Context, s step, aim cases.Aim, version string) ([]exchange.Exchange, string) {
	exchanges := e.mutate(ctx, s.k, aim, version)
	last := &exchanges[len(exchanges)-1]
	e.asked(s.k, aim, version, last)
	e.noteVersion(aim, version, last)
	if again := e.onceMore(ctx, s, aim, version, last); again != nil {
		exchanges = append(exchanges, again...)
		if last = &exchanges[len(exchanges)-1]; accepted(last) {
			return exchanges, version
		}
	}
	doubt := e.doubtOf(last)
	switch {
	case doubt.kind == unrepeated:
	case doubt.kind != 0 || !e.worthRepeating(ctx, s, aim, last):
		return exchanges, version
	}
	moved := e.graph.version != e.upgrades.expected
	if moved {
		e.checkVersionKept(ctx) // before an acceptance would hide it
	}
	again, why := e.versionFor(aim)
	if e.barred(ctx, s, aim, why).reason != "" || e.stopped(ctx, s.k.ID) {
		switch {
		case doubt.kind == unrepeated:
			e.final(exchanges)
		case moved && e.movedBy() == "":
			last.SetAside = graphMoved
		}
		return exchanges, version
	}
	second := e.mutate(ctx, s.k, aim, again)
	e.asked(s.k, aim, again, &second[len(second)-1])
	e.noteVersion(aim, again, &second[len(second)-1])
	if doubt.kind == unrepeated {
		e.compare(last, &second[len(second)-1])
	}
	last.SetAside = askedAgain
	return append(exchanges, second...), again
}

// compare decides whether a second request, to which controls were answered before and after it,
// shows that the server was at fault at the first.
func (e *Engine) compare(first, second *exchange.Exchange) {
	before, after := e.doubtOf(first).controls, e.doubtOf(second)
	switch same := e.symptomOf(first) == e.symptomOf(second); {
	case same && after.kind == unrepeated && before.and(after.controls) != unsteady:
		e.setDoubt(second, doubt{}) // the same twice
	case !same && before == holds && second.Failure == nil:
		e.setDoubt(second, doubt{kind: passed, reason: e.judge.Outcome(first) + " at first, and not when another was sent"})
	}
}

// final returns the last exchange of a request that is not sent again. An answer stands if the
// controls were answered at once.
func (e *Engine) final(exchanges []exchange.Exchange) exchange.Exchange {
	last := exchanges[len(exchanges)-1]
	if d := e.doubtOf(&last); d.kind == unrepeated && d.controls == holds && last.Failure == nil {
		e.setDoubt(&last, doubt{})
	}
	return last
}

// mutate sends a request that could change something. If it is not known what became of it,
// the graph is left to settle.
func (e *Engine) mutate(ctx context.Context, k *cases.Case, aim cases.Aim, version string) []exchange.Exchange {
	exchanges := e.send(ctx, k, aim, version)
	e.account(ctx, aim, &exchanges[len(exchanges)-1])
	e.noteRefused(k, aim, version, &exchanges[len(exchanges)-1])
	return exchanges
}

// account takes account of a request of which it is not known what became: without an answer, it
// counts as an upgrade.
func (e *Engine) account(ctx context.Context, aim cases.Aim, x *exchange.Exchange) {
	unanswered := maybeNetwork(x) && x.Failure.Kind != exchange.Unreachable && !accepted(x)
	if !unanswered && (e.symptomOf(x) == "" || e.doubtOf(x).kind != unrepeated) {
		return
	}
	m := &e.upgrades
	if unanswered && aim.Risk == cases.Destructive {
		m.budget--
	}
	before := e.graph.version
	e.settle(ctx, x.Case, "", "")
	if e.graph.version != before {
		m.moved = true
		m.expect(e.graph.version)
	}
}

// worthRepeating reports whether a request with a deviating 4xx should be sent again,
// alone, because the graph may have been on the move. If this run has not moved it, that
// counts only once, since a graph that keeps moving does so because of refused requests.
func (e *Engine) worthRepeating(ctx context.Context, s step, aim cases.Aim, x *exchange.Exchange) bool {
	if x.Failure != nil || x.Status() < 400 || x.Status() >= 500 || e.stopped(ctx, s.k.ID) {
		return false
	}
	if f := e.judge.Decide(s.k, aim, x); !broken(f.Verdict) {
		return false
	}
	m, before := &e.upgrades, e.graph.version
	reads := e.settle(ctx, s.k.ID, "", "")
	if last := &reads[len(reads)-1]; !accepted(last) || !e.target.Changeable(e.graph.status) {
		e.setDoubt(x, doubt{kind: unfounded, reason: e.graphLost(x, last)})
		return false
	}
	moves := m.moved
	if !moves && (len(reads) > 1 || e.graph.version != before) {
		moves, m.movedAlone = !m.movedAlone, true
	}
	return moves
}
