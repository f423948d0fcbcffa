package engine

import (
	"context"
	"net/url"
	"slices"
	"sync"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// independent sends the inert requests from a bounded pool. Before any request to the
// made-up graph, a read must show that it is absent.
func (e *Engine) independent(ctx context.Context, some []*cases.Case) {
	var absent error
	if !e.wire.IsAbsent(e.absent) {
		absent = e.proveAbsent(ctx, "prove-absent", e.absent, e.absent)
	}
	if absent == nil {
		e.inertCanary(ctx, some)
	}
	work := make(chan *cases.Case)
	var workers sync.WaitGroup
	for range e.config.Concurrency {
		workers.Go(func() {
			for k := range work {
				e.inert(ctx, k, absent)
			}
		})
	}
	for _, k := range some {
		switch {
		case e.decided(k): // the canary
		case len(k.Aims) > 0 && k.Aims[0].Risk == cases.Inert && k.Observes == "":
			work <- k
		default:
			e.enqueue(step{k: k})
		}
	}
	close(work)
	workers.Wait()
}

// inertCanary sends the plain upgrade of the made-up graph before all others, if it was
// selected: a server that accepts that would accept any of them.
func (e *Engine) inertCanary(ctx context.Context, some []*cases.Case) {
	if k := e.plainInert(some); k != nil {
		e.inert(ctx, k, nil)
	}
}

// plainInert returns the case of the plain upgrade of a graph that does not exist, or nil.
func (e *Engine) plainInert(some []*cases.Case) *cases.Case {
	for _, k := range some {
		if len(k.Aims) == 0 || !e.aimsAtAbsent(k) {
			continue
		}
		if aim := k.Aims[0]; aim.Graph == cases.AbsentGraph && slices.Equal(aim.Conditions, []string{k.Condition}) {
			return k
		}
	}
	return nil
}

// invented reports whether an exchange shows that the server has accepted an upgrade of a
// graph that does not exist.
func (e *Engine) invented(x *exchange.Exchange) bool {
	if x.Risk != cases.Inert.String() || !accepted(x) {
		return false
	}
	for _, k := range e.all {
		if k.ID == x.Case && !e.c.Operation(k.Operation).Safe() {
			return slices.ContainsFunc(k.Aims, func(aim cases.Aim) bool { return aim.Name == x.Aim && e.forbidden(aim) })
		}
	}
	return false
}

// inert sends a case at its first aim.
func (e *Engine) inert(ctx context.Context, k *cases.Case, absent error) {
	aim := k.Aims[0]
	if missing := e.config.Missing(aim.Needs); missing != "" {
		e.skip(k, judge.NotApplicable, "needs --%s", missing)
		return
	}
	if e.aimsAtAbsent(k) && absent != nil { // known without sending anything
		e.notInert(k, aim, absent)
		return
	}
	if e.tooLate(ctx, k.ID, e.config.RequestTimeout) {
		e.skip(k, judge.NotApplicable, reasonTooLate)
		return
	}
	if e.stopped(ctx, k.ID) {
		return // abandon says why
	}
	if why := e.upgradesEnded(); why != "" && !e.c.Operation(k.Operation).Safe() && !(e.record != nil && e.record.has(k.ID)) {
		e.skip(k, judge.NotApplicable, "%s", why)
		return
	}
	if err := e.absence(ctx, k, aim); err != nil {
		e.notInert(k, aim, err)
		return
	}
	version, _ := e.versionFor(aim)
	x := e.send(ctx, k, aim, version)
	exchanges := []exchange.Exchange{x}
	if maybeNetwork(&x) && !e.stopped(ctx, k.ID) { // a request that cannot change anything may be repeated
		exchanges[0].SetAside = askedAgain
		x = e.send(ctx, k, aim, version)
		exchanges = append(exchanges, x)
	}
	e.decide(step{k: k}, aim, exchanges)
}

// askedAgain sets an exchange aside.
const askedAgain = "the request was sent again"

// aimsAtAbsent reports whether the first request of a case relies on the absence of the
// made-up graph. A read does not.
func (e *Engine) aimsAtAbsent(k *cases.Case) bool {
	return k.Aims[0].Graph != cases.LiteralGraph && !e.c.Operation(k.Operation).Safe()
}

// notInert handles a case whose graph was not shown to be absent: it gets its next aim, or
// a result.
func (e *Engine) notInert(k *cases.Case, aim cases.Aim, err error) {
	switch {
	case len(k.Aims) > 1:
		e.enqueue(step{k: k, aim: 1})
	case aim.Graph == cases.LiteralGraph: // a gateway may lawfully not know such an id
		e.skip(k, judge.NotApplicable, "%s, so the request would not be inert", err)
	default:
		e.skip(k, judge.Error, "%s, so the request would not be inert", err)
	}
}

// absence checks that the graph in a case's path is absent.
func (e *Engine) absence(ctx context.Context, k *cases.Case, aim cases.Aim) error {
	if e.c.Operation(k.Operation).Safe() || aim.Graph != cases.LiteralGraph {
		return nil
	}
	escaped := ges.GraphSegment(k.Request.Path)
	graph, err := url.PathUnescape(escaped)
	if err != nil {
		return err
	}
	return e.proveAbsent(ctx, k.ID, graph, escaped)
}

// maybeNetwork reports whether a failure may be the network's fault.
func maybeNetwork(x *exchange.Exchange) bool {
	return x.Failure != nil && x.Failure.Kind != exchange.Interrupted && x.Failure.Kind != exchange.NotSent && x.Failure.Kind != exchange.TooLong
}

// decide judges the last exchange of a step. If it is masked, the case gets its next aim.
func (e *Engine) decide(s step, aim cases.Aim, exchanges []exchange.Exchange) {
	last := len(exchanges) - 1
	f := e.judge.Decide(s.k, aim, &exchanges[last])
	f.Exchange = last
	if why := e.groundlessOf(exchanges[last]); why != "" {
		f.Verdict, f.Got, f.Hint, exchanges[last].SetAside = judge.Error, why, "", lostGround
	}
	r := judge.Result{Verdict: f.Verdict, Aim: aim.Name, Exchanges: exchanges}
	switch f.Verdict {
	case judge.Masked:
		r.Reason = f.Got
		if s.aim+1 < len(s.k.Aims) {
			e.enqueue(step{k: s.k, aim: s.aim + 1, below: &r})
			return
		}
	case judge.Error:
		r.Reason = f.Got
		f.Verdict = judge.Error
		r.Findings = []judge.Finding{f}
	default:
		r.Findings = []judge.Finding{f}
		if code, wrong := e.judge.Code(s.k, f, &exchanges[last]); wrong {
			code.Exchange = last
			r.Conclude(code)
		}
	}
	e.finish(s.k, r)
}
