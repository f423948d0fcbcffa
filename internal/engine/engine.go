// Package engine sends the cases of a run to a target in a safe order and judges the
// answers: first the independent ones from a bounded pool, then those that could change
// something, one at a time.
package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/wire"
)

// Hooks are called during a run; each may be nil.
type Hooks struct {
	Exchange func(exchange.Exchange) // every exchange, as it ends
	Result   func(*judge.Result)     // every result, as it is decided
	Waiting  func(string)            // what is being waited for
}

// An Engine runs the cases once.
type Engine struct {
	c      *contract.Contract
	config *config.Config
	wire   sender
	record *record // wire, if this is a replay, which sends nothing
	judge  *judge.Judge
	all    []*cases.Case
	cases  []*cases.Case // the selected ones
	hooks  Hooks

	order        sync.Mutex // of the exchanges
	mu           sync.Mutex
	pending      map[string]*pending
	absent       string // a made-up graph id
	graph        graphState
	stoppedGraph graphState
	before       *ges.Snapshot
	after        *ges.Snapshot
	upgrades     upgradeState
	observed     map[string]*judge.Result // by step of the lifecycle
	unanswered   int                      // failed exchanges in a row
	aborted      string                   // why nothing else is sent
	cutShort     bool                     // the run was interrupted before all cases were decided
	once         sync.Once
	ended        chan struct{} // closed when Run has ended
	preflighted  sync.Once
	preflight    error
}

// pending is a result that callers of Await may be waiting for.
type pending struct {
	done   chan struct{}
	result judge.Result
}

// step is a case with the index of its next aim.
type step struct {
	k     *cases.Case
	aim   int
	below *judge.Result // the result at the aim before, if it was masked
}

// graphState is what a run knows about a graph.
type graphState struct {
	id, name, version, status string
	read                      *exchange.Exchange // the last read of it
}

// New prepares a run of the selected cases.
func New(c *contract.Contract, cfg *config.Config, all, selected []*cases.Case, hooks Hooks) *Engine {
	return newEngine(c, cfg, wire.New(cfg), all, selected, hooks)
}

func newEngine(c *contract.Contract, cfg *config.Config, w sender, all, selected []*cases.Case, hooks Hooks) *Engine {
	e := &Engine{
		c: c, config: cfg, wire: w, judge: judge.New(c), all: all, cases: selected, hooks: hooks,
		observed: map[string]*judge.Result{}, ended: make(chan struct{}),
		pending: make(map[string]*pending, len(selected)),
		graph:   graphState{id: cfg.GraphID}, stoppedGraph: graphState{id: cfg.StoppedGraphID},
	}
	for _, k := range selected {
		e.pending[k.ID] = &pending{done: make(chan struct{})}
	}
	r := rand.New(rand.NewPCG(uint64(cfg.Seed), 0x6e5)) // for an unused id, not a secret
	e.absent = fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", r.Uint32(), r.Uint32()&0xffff, r.Uint32()&0xfff, r.Uint32()&0xfff, r.Uint64()&0xffffffffffff)
	e.upgrades.budget, e.upgrades.ends = cfg.Upgrades(), map[string]string{}
	return e
}

// Check returns an error if a case observes a lifecycle step that the engine does not have.
func Check(all []*cases.Case) error {
	for _, k := range all {
		if k.Observes != "" && notReached[k.Observes] == "" {
			return fmt.Errorf("requirement %s observes %q, which is not a step of the lifecycle", k.Requirement, k.Observes)
		}
	}
	return nil
}

// Serial reports whether a case may send more than inert requests at the allowed risk.
// Such cases are sent one at a time.
func Serial(k *cases.Case, allowed cases.Risk) bool {
	return k.Observes != "" || slices.ContainsFunc(k.Aims, func(a cases.Aim) bool { return a.Risk > cases.Inert && a.Risk <= allowed })
}

// Close closes the connections.
func (e *Engine) Close() { e.wire.Close() }

// Run sends some of the selected cases: first the requests that cannot disturb each
// other, then those that could change something. Only the first call does. If ctx ends
// early, the cases that were not reached get the verdict Error.
func (e *Engine) Run(ctx context.Context, some []*cases.Case) {
	e.once.Do(func() {
		defer close(e.ended)
		if e.Preflight(ctx) == nil {
			e.snapshotBefore(ctx)
			e.independent(ctx, some)
			e.serial(ctx)
			e.snapshotAfter(ctx)
		}
		e.abandon(ctx, some)
	})
}

// One sends a single case that only needs inert requests.
func (e *Engine) One(ctx context.Context, k *cases.Case) {
	if e.Preflight(ctx) == nil {
		e.independent(ctx, []*cases.Case{k})
	}
	e.abandon(ctx, []*cases.Case{k})
}

// Wait waits until Run has ended.
func (e *Engine) Wait(ctx context.Context) {
	select {
	case <-e.ended:
	case <-ctx.Done():
	}
}

// Await waits for the result of a case.
func (e *Engine) Await(ctx context.Context, id string) judge.Result {
	p := e.pending[id]
	select {
	case <-p.done:
		return p.result
	default:
	}
	select {
	case <-p.done:
		return p.result
	case <-ctx.Done():
		return judge.Result{Case: id, Verdict: judge.Error, Reason: exchange.Interruption}
	}
}

// Results returns the results so far, in the order of the cases.
func (e *Engine) Results() []judge.Result {
	var all []judge.Result
	for _, k := range e.cases {
		select {
		case <-e.pending[k.ID].done:
			all = append(all, e.pending[k.ID].result)
		default:
		}
	}
	return all
}

// finish sets the result of a case, and adds the findings about every exchange.
func (e *Engine) finish(k *cases.Case, r judge.Result) {
	p := e.pending[k.ID]
	if p == nil {
		return // not selected, but sent in support of another case
	}
	select {
	case <-p.done:
		return // a case is decided once
	default:
	}
	r.Case, r.Operation, r.Requirement = k.ID, k.Operation, k.Requirement
	for i := range r.Exchanges {
		e.judgeAspects(k, &r, i)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	select {
	case <-p.done:
		return
	default:
	}
	p.result = r
	close(p.done)
	if e.hooks.Result != nil {
		e.hooks.Result(&p.result)
	}
}

func (e *Engine) judgeAspects(k *cases.Case, r *judge.Result, i int) {
	x := &r.Exchanges[i]
	if x.SetAside != "" {
		return
	}
	op := e.operationOf(k, x)
	findings := append(e.judge.Aspects(k, op, x), e.judge.Upheld(k, op, x)...)
	for j := range findings {
		findings[j].Exchange = i
	}
	r.Conclude(findings...)
}

// operationOf returns the operation to judge an exchange by: the one that it was for,
// which for the lifecycle and proofs of absence is not the case's, or else the case's.
func (e *Engine) operationOf(k *cases.Case, x *exchange.Exchange) *contract.Operation {
	if op := e.c.Operation(x.Operation); op != nil {
		return op
	}
	return e.c.Operation(k.Operation)
}

// decided reports whether a case has its result.
func (e *Engine) decided(k *cases.Case) bool {
	p := e.pending[k.ID]
	if p == nil {
		return true
	}
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// skip sets the verdict of a case without an exchange.
func (e *Engine) skip(k *cases.Case, v judge.Verdict, format string, args ...any) {
	e.finish(k, judge.Result{Verdict: v, Reason: fmt.Sprintf(format, args...)})
}

// abandon sets the result of cases that have none.
func (e *Engine) abandon(ctx context.Context, some []*cases.Case) {
	reason := "it was not reached"
	switch {
	case e.preflight != nil:
		reason = e.preflight.Error()
	case e.aborted != "":
		reason = e.aborted
	case ctx.Err() != nil:
		reason = exchange.Interruption
		if slices.ContainsFunc(some, func(k *cases.Case) bool { return !e.decided(k) }) {
			e.cutShort = true
		}
	}
	for _, k := range some {
		e.skip(k, judge.Error, "%s", reason)
	}
}

// CutShort reports whether Run was interrupted before all cases were decided. It may be
// called when Run has ended.
func (e *Engine) CutShort() bool { return e.cutShort }

// send fills a request's placeholders and sends it, again if it is throttled.
func (e *Engine) send(ctx context.Context, k *cases.Case, aim cases.Aim, version string) exchange.Exchange {
	filled := k.Request.Fill(e.values(aim, version))
	return e.sendFilled(ctx, k.ID, aim.Name, filled)
}

func (e *Engine) sendFilled(ctx context.Context, caseID, aim string, filled cases.Template) exchange.Exchange {
	var x exchange.Exchange
	for attempt := 1; ; attempt++ {
		x = e.wire.Send(ctx, caseID, aim, filled)
		x.Attempt = attempt
		if op, _, _ := e.c.Find(x.Request.Method, x.Request.Path); op != nil {
			x.Operation = op.ID
		}
		e.keep(&x)
		if !mayRetry(&x) || attempt == maxAttempts || !e.sleep(ctx, &x, e.backOff(&x, attempt)) {
			break
		}
	}
	e.noteStart(&x)
	return x
}

// keep passes an exchange to the hook and counts it. Both happen in the same order,
// because a replay counts what was recorded.
func (e *Engine) keep(x *exchange.Exchange) {
	if e.record != nil { // Replay has counted all
		return
	}
	e.order.Lock()
	defer e.order.Unlock()
	if e.hooks.Exchange != nil {
		e.hooks.Exchange(*x)
	}
	e.count(x)
}

// mayRetry reports whether a throttled request may be sent again. One that could change
// something may only if it has not reached the service.
func mayRetry(x *exchange.Exchange) bool {
	return judge.Throttled(x) && (x.Risk == cases.Inert.String() || !ges.FromService(x.Code()))
}

// Limits, so that no endpoint can delay a run forever.
const (
	maxAttempts   = 5                // for a throttled request
	maxBackOff    = 10 * time.Second // between two attempts
	maxUnanswered = 24               // failed exchanges in a row
)

// count aborts the run if the endpoint has stopped answering, or throttles everything.
// The snapshots, which decide no case, do not count.
func (e *Engine) count(x *exchange.Exchange) {
	if x.Case == snapshotCase {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	var why string
	switch {
	case judge.Throttled(x):
		if x.Attempt < maxAttempts && mayRetry(x) {
			return // it will be retried
		}
		why = "the endpoint refuses every request for now; lower --rate or --concurrency, or try again later"
	case x.Failure == nil:
		e.unanswered = 0
		return
	case x.Failure.Kind == exchange.TimedOut || x.Failure.Kind == exchange.Unreachable:
		why = "the endpoint stopped answering"
	default:
		return
	}
	if e.unanswered++; e.unanswered >= maxUnanswered && e.aborted == "" {
		e.aborted = fmt.Sprintf("%s: %d exchanges in a row failed, the last one: %s", why, e.unanswered, e.judge.Outcome(x))
	}
}

// over reports whether the run was aborted or interrupted.
func (e *Engine) over(ctx context.Context) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.aborted != "" || ctx.Err() != nil
}

// stopped reports whether a case gets no more exchanges because the run is over. In a
// replay, the record decides.
func (e *Engine) stopped(ctx context.Context, caseID string) bool {
	if !e.over(ctx) || e.record != nil && e.record.has(caseID) {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cutShort = e.cutShort || e.aborted == ""
	return true
}

// sleep waits before an exchange is repeated, and reports whether it should be.
func (e *Engine) sleep(ctx context.Context, x *exchange.Exchange, d time.Duration) bool {
	if e.record != nil {
		return e.record.repeats(x)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// tooLate reports whether a request that may take so long is not sent because it might
// not end before --until. In a replay, the record decides; if the recorded run was over,
// which may have stopped the case instead, the time of its last exchange does.
func (e *Engine) tooLate(ctx context.Context, caseID string, takes time.Duration) bool {
	switch until := e.config.Until; {
	case until.IsZero():
		return false
	case e.record == nil:
		return time.Now().Add(takes).After(until)
	case e.record.has(caseID):
		return false
	default:
		return !e.over(ctx) || e.record.last.Add(takes).After(until)
	}
}

const reasonTooLate = "it might not have ended before --until"

func (e *Engine) waiting(format string, args ...any) {
	if e.hooks.Waiting != nil {
		e.hooks.Waiting(fmt.Sprintf(format, args...))
	}
}
