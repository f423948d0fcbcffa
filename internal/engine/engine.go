// Package engine sends the cases of a run to a target in a safe order and judges the
// answers: first the independent ones from a bounded pool, then those that could change
// something, one at a time.
package engine

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"

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
	// Exchange gets every exchange, as it ends, for the evidence. After an error, nothing is
	// sent any more that could start an upgrade.
	Exchange func(exchange.Exchange) error
	Result   func(*judge.Result) // every result, as it is decided
	Waiting  func(string)        // what is being waited for
}

// An Engine runs the cases once.
type Engine struct {
	c      *contract.Contract
	config *config.Config
	wire   sender
	record *record // wire, if this is a replay, which sends nothing
	judge  *judge.Judge
	target *contract.Resource // what the run changes; without a name if the contract does not say
	job    *contract.Resource // what a change of it starts
	all    []*cases.Case
	cases  []*cases.Case // the selected ones
	plain  []*cases.Case // the ones that others rest on
	hooks  Hooks

	order        sync.Mutex // of the exchanges
	mu           sync.Mutex
	pending      map[string]*pending
	decidedNext  chan struct{} // closed when a case has its result, if anybody waits for one
	absent       string        // a made-up graph id, or the one that the user vouches for
	absentJob    string        // a made-up job id
	partial      partial
	graph        graphState
	stoppedGraph graphState
	snapshotted  sync.Once
	before       *ges.Snapshot
	listMissing  string // why the deployment is taken to have no list of jobs
	after        *ges.Snapshot
	upgrades     upgradeState
	observed     map[string]*judge.Result // by step of the lifecycle
	throttled    int                      // throttled exchanges in a row
	aborted      string                   // why nothing else is sent
	refusals     map[plainRequest]exchange.Exchange
	apart        map[string][]exchange.Exchange // by case, those of the shared request that was refused
	unsent       map[string]bool                // the cases of which a request was barred
	alike        map[symptom]int                // the guarded requests that have failed
	untold       []step                         // the shared requests of which it must be told why they were refused
	slots        chan struct{}                  // one for each request under way
	controls     chan struct{}                  // held while a suspect is confirmed
	ground       ground
	budget       budget
	realJob      realJob
	jobCases     []*cases.Case        // they need it, so they come last
	cutsReads    bool                 // the first read of the graph already ended too early
	doubts       map[int]doubt        // by sequence number
	failing      map[string]*failing  // by case
	confirmed    map[string]int       // failures, by symptom, alone and with a condition
	breakers     map[string][]breaker // by the case whose controls have found them
	byID         map[string]*cases.Case
	versions     atomic.Pointer[versionsOf]
	requestIDs   map[string]int           // the sequence number of the first exchange whose answer had the id
	reports      map[string]*jobReport    // by the id of a job
	shown        []shownVersion           // the successful reads of the graph that showed something else than the one before
	underWay     func(*exchange.Exchange) // is called for each read of a job that is under way; nil for nothing
	exchanged    int                      // exchanges so far
	cutShort     bool                     // the run was interrupted before all cases were decided
	once         sync.Once
	ended        chan struct{} // closed when Run has ended
	preflighted  sync.Once
	preflight    error
}

// step is a case with the index of its next aim.
type step struct {
	k     *cases.Case
	aim   int
	below *judge.Result // the result at the aim before, if it was masked
	late  bool          // its version could only be derived after an upgrade
	cause string        // what accounts for the answer, if it deviates
	harm  *harm         // what the acceptance has led to, if a MUST forbids that

	shares  []step              // the steps of the valid requests that share this one
	refused []exchange.Exchange // the exchanges of a shared one that was refused
}

// graphState is what a run knows about a graph.
type graphState struct {
	id, name, version, status string
	read                      *exchange.Exchange // the last read of it
}

// New prepares a run of the selected cases.
func New(c *contract.Contract, cfg *config.Config, all, selected []*cases.Case, hooks Hooks) *Engine {
	w := wire.New(cfg)
	e := newEngine(c, cfg, w, all, selected, hooks)
	w.OnSuperseded(e.keepSuperseded)
	return e
}

func newEngine(c *contract.Contract, cfg *config.Config, w sender, all, selected []*cases.Case, hooks Hooks) *Engine {
	e := &Engine{
		requestIDs: map[string]int{}, reports: map[string]*jobReport{},
		c: c, config: cfg, wire: w, judge: judge.New(c), target: &contract.Resource{}, job: &contract.Resource{}, all: all, cases: selected, hooks: hooks,
		observed: map[string]*judge.Result{}, controls: make(chan struct{}, 1), slots: make(chan struct{}, max(cfg.Concurrency, 1)),
		partial: partial{lacks: map[string]string{}},
		doubts:  map[int]doubt{}, failing: map[string]*failing{}, confirmed: map[string]int{}, breakers: map[string][]breaker{}, refusals: map[plainRequest]exchange.Exchange{}, apart: map[string][]exchange.Exchange{}, unsent: map[string]bool{}, alike: map[symptom]int{},
		byID: make(map[string]*cases.Case, len(all)), ended: make(chan struct{}),
		pending: make(map[string]*pending, len(selected)),
		graph:   graphState{id: cfg.GraphID}, stoppedGraph: graphState{id: cfg.StoppedGraphID},
	}
	e.resources()
	for _, k := range all {
		e.byID[k.ID] = k
		if slices.ContainsFunc(all, func(other *cases.Case) bool { return other.RestsOn == k.ID && other.RestsOn != "" }) {
			e.plain = append(e.plain, k)
		}
	}
	for _, k := range selected {
		e.pending[k.ID] = &pending{}
	}
	r := rand.New(rand.NewPCG(uint64(cfg.Seed), 0x6e5)) // for an unused id, not a secret
	e.absent = fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", r.Uint32(), r.Uint32()&0xffff, r.Uint32()&0xfff, r.Uint32()&0xfff, r.Uint64()&0xffffffffffff)
	e.absentJob = "gesconform-no-such-job-" + e.absent[:8]
	e.absent = cmp.Or(cfg.AbsentGraphID, e.absent)
	e.upgrades.budget, e.upgrades.ends, e.upgrades.asked = cfg.Upgrades(), map[string]string{}, map[string]*cases.Case{}
	return e
}

// Check returns an error if a case observes a lifecycle step that the engine does not have.
func Check(all []*cases.Case) error {
	for _, k := range all {
		if _, known := ges.LifecycleSteps[k.Observes]; k.Observes != "" && !known {
			return fmt.Errorf("requirement %s observes %q, which is not a step of the lifecycle", k.Requirement, k.Observes)
		}
	}
	return nil
}

// Serial reports whether a case may send more than inert requests at the allowed risk.
// Such cases are sent one at a time; so are those that need a job of this run.
func Serial(k *cases.Case, allowed cases.Risk) bool {
	return k.Observes != "" || k.Request.NeedsJob() || slices.ContainsFunc(k.Aims, func(a cases.Aim) bool { return a.Risk > cases.Inert && a.Risk <= allowed })
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
			e.ofRealJob(ctx)
			e.snapshotAfter(ctx)
		}
		e.abandon(ctx, some)
	})
}

// One sends a single case that only needs inert requests.
func (e *Engine) One(ctx context.Context, k *cases.Case) {
	if e.Preflight(ctx) == nil {
		if k.Operation == ges.ListJobs {
			e.snapshotBefore(ctx)
		}
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

// CutShort reports whether Run was interrupted before all cases were decided. It may be
// called when Run has ended.
func (e *Engine) CutShort() bool { return e.cutShort }
