package engine

import (
	"context"
	"errors"
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
	var mu sync.Mutex
	suspects := map[*cases.Case]*suspect{}
	for range e.config.Concurrency {
		workers.Go(func() {
			for k := range work {
				if s := e.inert(ctx, k, absent); s != nil {
					mu.Lock()
					suspects[k] = s
					mu.Unlock()
				}
			}
		})
	}
	var valid []*cases.Case
	for _, k := range some {
		switch inert := len(k.Aims) > 0 && k.Aims[0].Risk == cases.Inert && k.Observes == ""; {
		case e.decided(k): // the canary
		case k.Request.NeedsJob():
			e.jobCases = append(e.jobCases, k)
		case inert && k.Shares(k.Aims[0]):
			valid = append(valid, k)
		case inert:
			work <- k
		default:
			e.enqueue(step{k: k})
		}
	}
	close(work)
	workers.Wait()
	e.replayGround(ctx)
	for _, k := range e.all { // in this order, which decides which of many are confirmed
		if s := suspects[k]; s != nil {
			e.blame(k)
			e.conclude(ctx, k, e.confirm(ctx, s.x, s.filled))
		}
	}
	e.inertValid(ctx, valid, absent)
}

// A suspect is an answer, or the lack of one, that may show what the run has lost.
type suspect struct {
	x      exchange.Exchange
	filled cases.Template
}

// inertCanary sends the plain upgrade of the made-up graph before all others, if it was
// selected: a server that accepts that would accept any of them.
func (e *Engine) inertCanary(ctx context.Context, some []*cases.Case) {
	k := e.plainInert(some)
	if k == nil {
		return
	}
	if e.partial.plain != nil { // Preflight has sent it
		e.conclude(ctx, k, []exchange.Exchange{*e.partial.plain})
		return
	}
	if s := e.inert(ctx, k, nil); s != nil {
		e.conclude(ctx, k, e.confirm(ctx, s.x, s.filled))
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

// inert sends a case at its first aim, and decides it unless the answer is suspect.
func (e *Engine) inert(ctx context.Context, k *cases.Case, absent error) *suspect {
	aim := k.Aims[0]
	if why := e.lacking(k); why != "" {
		e.skip(k, judge.NotApplicable, "%s", why)
		return nil
	}
	if missing := e.config.Missing(aim.Needs); missing != "" {
		e.skip(k, judge.NotApplicable, "needs --%s", missing)
		return nil
	}
	if why := e.withoutList(); k.Operation == ges.ListJobs && why != "" {
		e.skip(k, judge.NotApplicable, "%s", why)
		return nil
	}
	if e.aimsAtAbsent(k) && absent != nil { // known without sending anything
		e.notInert(k, aim, absent)
		return nil
	}
	if e.tooLate(ctx, k.ID, e.config.RequestTimeout) {
		e.skip(k, judge.NotApplicable, reasonTooLate)
		return nil
	}
	if e.stopped(ctx, k.ID) {
		return nil // abandon says why
	}
	if why := e.upgradesEnded(); why != "" && !e.c.Operation(k.Operation).Safe() && !(e.record != nil && e.record.has(k.ID)) {
		e.skip(k, judge.NotApplicable, "%s", why)
		return nil
	}
	if err := e.absence(ctx, k, aim); err != nil {
		e.notInert(k, aim, err)
		return nil
	}
	version, _ := e.versionFor(aim)
	filled := k.Request.Fill(e.values(aim, version))
	x := e.deliver(ctx, k.ID, aim.Name, filled, false, 0)
	if e.symptomOf(&x) != "" && e.accuses(k, aim, &x) {
		e.watchGround(ctx)
		return &suspect{x, filled}
	}
	e.noteStart(&x)
	e.conclude(ctx, k, []exchange.Exchange{x})
	return nil
}

// conclude decides an inert case by its exchanges.
func (e *Engine) conclude(ctx context.Context, k *cases.Case, exchanges []exchange.Exchange) {
	aim := k.Aims[0]
	version, _ := e.versionFor(aim)
	cause, plain := e.restsOn(ctx, k, aim, version, &exchanges[len(exchanges)-1])
	e.decide(step{k: k, cause: cause}, aim, slices.Concat(plain, exchanges))
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
	case aim.Graph == cases.LiteralGraph && errors.Is(err, errNotAbsent): // a gateway may lawfully not know such an id
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

// decide judges the last exchange of a step. If it is masked, the case gets its next aim.
func (e *Engine) decide(s step, aim cases.Aim, exchanges []exchange.Exchange) {
	exchanges = e.withShared(s.k, exchanges)
	last := len(exchanges) - 1
	f := e.judge.Decide(s.k, aim, &exchanges[last])
	f.Exchange = last
	why, instead := e.accusesNobody(exchanges[last])
	if another := e.showsAnother(s.k, aim, &exchanges[last]); another != "" && why == "" {
		e.finish(s.k, judge.Result{Verdict: judge.NotApplicable, Reason: another, Aim: aim.Name, Exchanges: exchanges})
		return
	}
	if why != "" {
		f.Verdict, f.Got, f.Hint, exchanges[last].SetAside = instead, why, "", lostGround
	}
	if s.cause != "" && broken(f.Verdict) {
		f.Mask(s.cause)
	}
	r := judge.Result{Verdict: f.Verdict, Aim: aim.Name, Exchanges: exchanges}
	switch f.Verdict {
	case judge.Masked:
		r.Reason = f.Got
		if s.aim+1 < len(s.k.Aims) && why == "" {
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
			if broken(f.Verdict) { // the request was refused, but what for is not known
				r.Findings[0].Mask(code.Requirement)
				r.Verdict = judge.Masked
			}
			r.Conclude(code)
		}
		e.addHarm(&r, s.harm)
		if d := e.doubtOf(&exchanges[last]); d.kind == passed {
			r.Conclude(e.atFirst(s.k, d.reason, last)...)
		}
	}
	e.finish(s.k, r)
}
