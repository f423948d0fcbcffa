// Package fakeserver is a fake Graph Engine Service (GES), in memory, for tests. It
// serves the operations of the contract, and what else a client needs around an upgrade:
// lists of graphs and jobs, and tokens like those of IAM. What it refuses, in which order
// and with which error code follows from the contract.
//
// A scenario (package scenario) says which users, graphs and versions it has. On request,
// it shows defects that a deployment might have (see [Defects]), faults such as outages,
// and lawful variations that a client must cope with (see [Variations]).
//
// In a test, [Start] is the shortest way to a fake that listens; [New] returns one as an
// http.Handler.
package fakeserver

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/ges"
)

// A Server is a fake service. It is an http.Handler, and safe for concurrent use.
type Server struct {
	config   config
	clock    clock
	journal  journal
	requests atomic.Uint64           // so far
	current  atomic.Pointer[service] // replaced by Load and Reset
	loading  sync.Mutex              // held by Load and Reset
}

// An Option configures a Server.
type Option func(*config)

type config struct {
	scenario     *scenario.Scenario
	upgrades     []scenario.Upgrade
	clock        func() time.Time
	seed         int64
	contract     *contract.Contract
	handlers     map[string]http.Handler // by operationId
	withheld     []string                // operationIds
	defects      []Defect
	faults       []scenario.Fault
	vary         []string
	varySeed     int64
	journalBytes int
	strict       bool
}

// WithScenario sets the scenario, in place of [scenario.Default]. It must not be changed
// any more.
func WithScenario(s *scenario.Scenario) Option { return func(c *config) { c.scenario = s } }

// WithUpgradeTimes sets how long upgrades take if the scenario does not say: the nth
// upgrade takes the nth time, and the last time is for all that follow. The job of an
// upgrade that takes no time has ended when it is first queried. The default is 20 ms for
// each.
func WithUpgradeTimes(times ...time.Duration) Option {
	return func(c *config) {
		if len(times) == 0 {
			return
		}
		c.upgrades = make([]scenario.Upgrade, len(times))
		for i, t := range times {
			c.upgrades[i].Takes = t
		}
	}
}

// WithFault adds a fault to those of the scenario, and of each scenario loaded later. It
// may be given several times. If several faults strike a request, the first answer or
// break counts, and those of the options come before those of the scenario.
func WithFault(fault scenario.Fault) Option {
	return func(c *config) { c.faults = append(c.faults, fault) }
}

// WithVariations makes answers vary as the contract allows, in the named ways or, without
// names, in all of them ([Variations] returns them). The seed determines how.
func WithVariations(seed int64, names ...string) Option {
	return func(c *config) {
		c.varySeed, c.vary = seed, slices.Clone(names)
		if len(names) == 0 {
			c.vary = []string{allVariations}
		}
	}
}

// WithVariationSeed sets the seed for the variations that the scenario asks for. The
// default is 1.
func WithVariationSeed(seed int64) Option { return func(c *config) { c.varySeed = seed } }

// WithClock replaces time.Now. The progress of a job is computed from the clock when it is
// queried; nothing runs in the background.
func WithClock(now func() time.Time) Option { return func(c *config) { c.clock = now } }

// WithSeed sets the seed for the ids, tokens and access keys that the scenario leaves out.
// The same seed gives the same ones. The default is 1.
func WithSeed(seed int64) Option { return func(c *config) { c.seed = seed } }

// WithContract serves another contract than the one that this module ships. Operations
// whose operationId the shipped contract does not have are answered 501, unless
// [WithOperation] serves them.
func WithContract(document *contract.Contract) Option {
	return func(c *config) { c.contract = document }
}

// WithOperation serves the operation with the given operationId with a handler. The server
// still refuses requests by the contract; the handler gets those that are not refused. It
// finds the path parameters with [http.Request.PathValue].
func WithOperation(id string, handler http.Handler) Option {
	return func(c *config) {
		if c.handlers == nil {
			c.handlers = map[string]http.Handler{}
		}
		c.handlers[id] = handler
	}
}

// WithoutOperations withholds the operations with the given operationIds, as a gateway does that
// has not published them: there is no such API. It may be given several times.
func WithoutOperations(ids ...string) Option {
	return func(c *config) { c.withheld = append(c.withheld, ids...) }
}

// WithDefect makes the server show a defect (see [LookupDefect]). It may be given several
// times.
func WithDefect(defect Defect) Option {
	return func(c *config) { c.defects = append(c.defects, defect) }
}

// WithStrict has the server refuse whatever the contract lets a service refuse (its level is
// MAY), as the strictest lawful service would, but for members that the contract does not name.
func WithStrict() Option { return func(c *config) { c.strict = true } }

// WithJournal sets how many bytes of exchanges the journal keeps; the oldest are dropped
// first, and 0 keeps none. The default is 4 MiB.
func WithJournal(bytes int) Option { return func(c *config) { c.journalBytes = bytes } }

// New is like [Build] but panics if that fails.
func New(options ...Option) *Server {
	s, err := Build(options...)
	if err != nil {
		panic(fmt.Sprintf("fakeserver: %v", err))
	}
	return s
}

// Build returns a server; its [Server.Fixtures] are the ids and credentials to use with
// it. It fails if the options are wrong: for example, because the scenario contradicts
// itself, a fault can never strike, or a variation is unknown.
func Build(options ...Option) (*Server, error) {
	s := &Server{config: config{
		upgrades: []scenario.Upgrade{{Takes: 20 * time.Millisecond}}, clock: time.Now, seed: 1, varySeed: 1, journalBytes: 4 << 20,
	}}
	for _, option := range options {
		option(&s.config)
	}
	if s.config.contract == nil {
		document, err := contract.Default()
		if err != nil {
			return nil, err
		}
		s.config.contract = document
	}
	if s.config.scenario == nil {
		s.config.scenario = scenario.Default()
	}
	s.clock.base = s.config.clock
	s.journal = newJournal(s.config.journalBytes)
	if err := s.Load(s.config.scenario); err != nil {
		return nil, err
	}
	if err := s.current.Load().check(s.config.faults); err != nil {
		return nil, fmt.Errorf("check the faults of the options: %w", err)
	}
	return s, nil
}

// Load replaces the server's state with that of a scenario, which must not be changed any
// more. Requests under way are answered by the old state. The journal and the clock are
// kept. If Load fails, nothing is changed.
func (s *Server) Load(sc *scenario.Scenario) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	return s.load(sc)
}

func (s *Server) load(sc *scenario.Scenario) error {
	if err := sc.Check(); err != nil {
		return err
	}
	next, err := newService(s, sc)
	if err != nil {
		return err
	}
	s.current.Store(next)
	s.journal.wake()
	return nil
}

// Reset restores the state that the server had when the scenario was loaded, with the same
// ids and credentials. It also empties the journal and undoes [Server.Advance].
func (s *Server) Reset() {
	s.loading.Lock()
	defer s.loading.Unlock()
	s.clock.ahead.Store(0)
	s.journal.clear()
	if err := s.load(s.current.Load().scenario); err != nil {
		panic(fmt.Sprintf("fakeserver: reset: %v", err)) // it has been loaded before
	}
}

// Scenario returns the scenario that was loaded last. It must not be changed.
func (s *Server) Scenario() *scenario.Scenario { return s.current.Load().scenario }

// Seed returns the seed of the ids and credentials (see [WithSeed]).
func (s *Server) Seed() int64 { return s.config.seed }

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	service := s.current.Load()
	answer := &recordingWriter{ResponseWriter: w, keeps: s.journal.limit > 0}
	c := &call{w: answer, request: r, requestID: s.requestID(), came: s.clock.now(), fixtures: &service.fixtures}
	w.Header()["X-Request-Id"] = []string{c.requestID}
	w.Header()["Server"] = []string{ges.FakeServer} // no defect or variation changes it
	if s.clock.ahead.Load() > 0 {                   // the times of jobs are by this clock, too
		w.Header()["Date"] = []string{c.came.UTC().Format(http.TimeFormat)}
	}
	defer func() { s.journal.add(c, service, r, answer, s.clock.now()) }()
	service.locate(c)
	if service.layers.empty() {
		service.serve(c)
		return
	}
	service.serveThroughLayers(c)
}
