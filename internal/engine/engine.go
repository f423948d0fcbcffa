// Package engine sends the cases of a run to a target in an order that is safe,
// and judges what comes back: the independent ones from a bounded pool, those
// that could change something one at a time.
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

// Hooks are called as a run goes on; each may be nil.
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
	record *record // the wire, if it is one: nothing is sent
	judge  *judge.Judge
	all    []*cases.Case // derived
	cases  []*cases.Case // selected of them
	hooks  Hooks

	order        sync.Mutex // of the exchanges
	mu           sync.Mutex
	pending      map[string]*pending
	absent       string // a graph id that is made up
	graph        graphState
	stoppedGraph graphState // the stopped one
	before       *ges.Snapshot
	after        *ges.Snapshot
	mutations    mutations
	observed     map[string]*judge.Result // by step of the lifecycle
	unanswered   int                      // how many exchanges in a row came to nothing
	aborted      string                   // why nothing more is sent
	cutShort     bool                     // the run was interrupted before all was sent that the cases need
	once         sync.Once
	ended        chan struct{} // closed when Run has ended
	preflighted  sync.Once
	preflight    error
}

// pending is a result that specs may be waiting for.
type pending struct {
	done   chan struct{}
	result judge.Result
}

// step is a case with the index of its next aim.
type step struct {
	k     *cases.Case
	aim   int
	below *judge.Result // what the aim below gave, if it was masked there
}

// graphState is what a run knows of a graph.
type graphState struct {
	id, name, version, status string
	read                      *exchange.Exchange // the last read of it
}

// New prepares a run of the selected ones of all cases.
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
	r := rand.New(rand.NewPCG(uint64(cfg.Seed), 0x6e5)) // an id that nobody has, not a secret
	e.absent = fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", r.Uint32(), r.Uint32()&0xffff, r.Uint32()&0xfff, r.Uint32()&0xfff, r.Uint64()&0xffffffffffff)
	e.mutations.budget, e.mutations.ends = cfg.Upgrades(), map[string]string{}
	return e
}

// Check makes sure that the engine knows every step of the lifecycle that cases observe.
func Check(all []*cases.Case) error {
	for _, k := range all {
		if k.Observes != "" && notReached[k.Observes] == "" {
			return fmt.Errorf("requirement %s observes %q, a step that the lifecycle does not have", k.Requirement, k.Observes)
		}
	}
	return nil
}

// Serial reports whether a case may send more than inert requests at a risk: such
// cases are sent one after the other.
func Serial(k *cases.Case, allowed cases.Risk) bool {
	return k.Observes != "" || slices.ContainsFunc(k.Aims, func(a cases.Aim) bool { return a.Risk > cases.Inert && a.Risk <= allowed })
}

// Close ends the connections.
func (e *Engine) Close() { e.wire.Close() }

// Run sends what the given cases need, of those that were selected: first the
// requests that cannot disturb one another, then those that could change
// something. It does so once. Where ctx ends early, the cases that were not
// reached have the verdict error.
func (e *Engine) Run(ctx context.Context, some []*cases.Case) {
	e.once.Do(func() {
		defer close(e.ended)
		if e.Preflight(ctx) == nil {
			e.lookBefore(ctx)
			e.independent(ctx, some)
			e.serial(ctx)
			e.lookAfter(ctx)
		}
		e.abandon(ctx, some)
	})
}

// One sends a single case that needs no more than inert requests.
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

// Await returns the result of a case, when there is one.
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

// finish gives a case its result: the findings on its rule, and those on what
// holds for every exchange.
func (e *Engine) finish(k *cases.Case, r judge.Result) {
	p := e.pending[k.ID]
	if p == nil {
		return // not selected; it was sent for the sake of another
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

// operationOf is the operation that an exchange is judged by: the one that it asked for,
// which in the lifecycle and the proofs of absence is not the case's own; else the case's.
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

// skip gives a case a verdict without an exchange.
func (e *Engine) skip(k *cases.Case, v judge.Verdict, format string, args ...any) {
	e.finish(k, judge.Result{Verdict: v, Reason: fmt.Sprintf(format, args...)})
}

// abandon ends the cases that have no result.
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

// CutShort reports whether Run was interrupted before all was sent that the cases
// need. It may be asked when Run has ended.
func (e *Engine) CutShort() bool { return e.cutShort }

// send fills a request's placeholders and sends it; where the endpoint asks to
// come back later, it does so within a bound.
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
		e.came(&x)
		if !mayRetry(&x) || attempt == maxAttempts || !e.sleep(ctx, &x, e.backOff(&x, attempt)) {
			break
		}
	}
	e.noteStart(&x)
	return x
}

// came keeps an exchange and counts it. Both have one order, for a replay counts
// what was kept.
func (e *Engine) came(x *exchange.Exchange) {
	if e.record != nil { // it was kept, and all have been counted
		return
	}
	e.order.Lock()
	defer e.order.Unlock()
	if e.hooks.Exchange != nil {
		e.hooks.Exchange(*x)
	}
	e.count(x)
}

// mayRetry reports whether a throttled request may be sent again: one that could
// change something only if it has not reached the service.
func mayRetry(x *exchange.Exchange) bool {
	return judge.Throttled(x) && (x.Risk == cases.Inert.String() || !ges.FromService(x.Code()))
}

// What is bounded, so that no endpoint can hold a run up for ever.
const (
	maxAttempts   = 5                // at a request that is throttled
	maxBackOff    = 10 * time.Second // between two of them
	maxUnanswered = 24               // exchanges in a row that came to nothing
)

// count ends the run where the endpoint has stopped answering, or will not be
// asked for now. What only looks on when all has been decided ends nothing.
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
			return // it is asked for again
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

// over reports whether the run has been ended before its time.
func (e *Engine) over(ctx context.Context) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.aborted != "" || ctx.Err() != nil
}

// halts reports whether a case gets no further exchange, since the run has been
// ended. Of an earlier run the record tells.
func (e *Engine) halts(ctx context.Context, caseID string) bool {
	if !e.over(ctx) || e.record != nil && e.record.has(caseID) {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cutShort = e.cutShort || e.aborted == ""
	return true
}

// sleep waits before an exchange is repeated, and reports whether it is to be.
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

// late reports whether a request that may take so long is kept back since it
// might not end before --until. Of an earlier run the record tells; where that was
// ended, and a case may have been stopped instead, by the time of its last exchange.
func (e *Engine) late(ctx context.Context, caseID string, takes time.Duration) bool {
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

const tooLate = "it might not have ended before --until"

func (e *Engine) waiting(format string, args ...any) {
	if e.hooks.Waiting != nil {
		e.hooks.Waiting(fmt.Sprintf(format, args...))
	}
}
