// Package fakeserver is a Graph Engine Service in memory. It serves the
// operations of the contract, and what else a client needs around an upgrade: the
// lists of graphs and jobs, and tokens as IAM issues them. What it refuses, in
// which order and with which code is read from the contract and not written in
// this package.
//
// A scenario (package scenario) says what it holds. On request it shows one of
// the defects that a deployment might have (see [Defects]), faults, and the lawful
// variations that a client has to cope with (see [Variations]).
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
)

// A Server is the service. It is an http.Handler for any number of concurrent
// requests.
type Server struct {
	config   config
	effects  effects
	clock    clock
	journal  journal
	requests atomic.Uint64           // so far
	current  atomic.Pointer[service] // replaced by Load and Reset
	loading  sync.Mutex              // held by Load and Reset
}

// An Option configures a server.
type Option func(*config)

type config struct {
	scenario     *scenario.Scenario
	upgrades     []scenario.Upgrade
	clock        func() time.Time
	seed         int64
	contract     *contract.Contract
	handlers     map[string]http.Handler // by operationId
	defects      []Defect
	faults       []scenario.Fault
	vary         []string
	varySeed     int64
	journalBytes int
}

// WithScenario sets what the server holds. The scenario must not be changed from
// then on.
func WithScenario(s *scenario.Scenario) Option { return func(c *config) { c.scenario = s } }

// WithUpgradeTimes says how long upgrades take where the scenario does not: the
// nth takes the nth time, and the last time holds for all that follow. An
// upgrade that takes no time has ended when its job is first asked for. Without
// this option each takes 20 ms.
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

// WithFault adds a fault to those of the scenario, whichever is loaded. Several
// may be given; of the answers and breaks of those that strike the first counts.
func WithFault(fault scenario.Fault) Option {
	return func(c *config) { c.faults = append(c.faults, fault) }
}

// WithVariations makes answers vary as the contract allows, by a seed: in the
// named ways, or in all if none is named. [Variations] lists them.
func WithVariations(seed int64, names ...string) Option {
	return func(c *config) {
		c.varySeed, c.vary = seed, slices.Clone(names)
		if len(names) == 0 {
			c.vary = []string{allVariations}
		}
	}
}

// WithVariationSeed sets the seed from which the variations of the scenario are
// drawn; 1 without this option.
func WithVariationSeed(seed int64) Option { return func(c *config) { c.varySeed = seed } }

// WithClock replaces the clock. The progress of a job is computed from the clock
// when it is asked for; nothing runs in the background.
func WithClock(now func() time.Time) Option { return func(c *config) { c.clock = now } }

// WithSeed sets the seed from which ids, tokens and access keys are made that the
// scenario leaves out. The same seed makes the same ones; 1 without this option.
func WithSeed(seed int64) Option { return func(c *config) { c.seed = seed } }

// WithContract serves another contract than the one that this module ships. Its
// operations are known by their ids; those that the shipped one does not have
// are answered 501, unless [WithOperation] serves them.
func WithContract(document *contract.Contract) Option {
	return func(c *config) { c.contract = document }
}

// WithOperation serves an operation of the contract, by its operationId, with a
// handler in place of what this package does. The server still refuses by the
// contract, and only what it does not refuse comes to the handler, which finds
// the parameters of the path with [http.Request.PathValue].
func WithOperation(id string, handler http.Handler) Option {
	return func(c *config) {
		if c.handlers == nil {
			c.handlers = map[string]http.Handler{}
		}
		c.handlers[id] = handler
	}
}

// WithDefect makes the server show a defect. It may be given several times.
func WithDefect(defect Defect) Option {
	return func(c *config) { c.defects = append(c.defects, defect) }
}

// WithJournal sets how many bytes of exchanges the journal keeps; the oldest are
// dropped first, and 0 keeps none. Without this option it is 4 MiB.
func WithJournal(bytes int) Option { return func(c *config) { c.journalBytes = bytes } }

// New returns a server, whose [Server.Fixtures] say how to use it. It
// panics where [Build] fails.
func New(options ...Option) *Server {
	s, err := Build(options...)
	if err != nil {
		panic(fmt.Sprintf("fakeserver: %v", err))
	}
	return s
}

// Build returns what New does, or what is wrong with the options: a scenario that
// contradicts itself, a fault that can never strike, an unknown variation.
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
	s.effects.policy = lawful()
	for _, defect := range s.config.defects {
		for _, add := range defect.effects {
			add(&s.effects)
		}
	}
	s.clock.base = s.config.clock
	s.journal = newJournal(s.config.journalBytes)
	if err := s.Load(s.config.scenario); err != nil {
		return nil, err
	}
	if err := s.current.Load().check(s.config.faults); err != nil {
		return nil, fmt.Errorf("with the faults of the options: %w", err)
	}
	return s, nil
}

// Load replaces all that the server holds by a scenario, which must not be changed
// from then on. Requests under way are answered as before. The journal and the
// clock stay as they are; if Load fails, so does all else.
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

// Reset restores the state in which the scenario was loaded, with the same ids and
// credentials, empties the journal and undoes [Server.Advance].
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

// Seed returns the seed of the ids and credentials.
func (s *Server) Seed() int64 { return s.config.seed }

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	service := s.current.Load()
	answer := &recordingWriter{ResponseWriter: w, keeps: s.journal.limit > 0}
	c := &call{w: answer, request: r, requestID: s.requestID(), came: s.clock.now(), fixtures: &service.fixtures}
	w.Header()["X-Request-Id"] = []string{c.requestID}
	defer func() { s.journal.add(c, r, answer, s.clock.now()) }()
	service.locate(c)
	if service.layers.empty() {
		service.serve(c)
		return
	}
	service.serveThroughLayers(c)
}
