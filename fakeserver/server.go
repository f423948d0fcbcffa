// Package fakeserver is a Graph Engine Service in memory. It serves the
// operations of the contract as documented: one project with a running and a
// stopped graph, another project with a graph of its own, tokens, and upgrades
// whose jobs end when their time is over. What it refuses, in which order and
// with which code is read from the contract and stands nowhere in this package.
//
// On request it shows one of the defects that a deployment might have; see
// [Defects].
package fakeserver

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/gesconform/gesconform/contract"
)

// maxBody is how much of a body the gateway takes; it refuses more with 413.
const maxBody = 12 << 20

// A Server is the service. It is an http.Handler for any number of concurrent
// requests.
type Server struct {
	service *service
	routes  []route
	rules   []rule
}

// An Option changes how a server behaves.
type Option func(*config)

type config struct {
	times    []time.Duration
	clock    func() time.Time
	seed     int64
	contract *contract.Contract
	defects  []Defect
}

// WithUpgradeTimes says how long upgrades take: the nth takes the nth time, and
// the last time holds for all that follow. An upgrade that takes no time has
// succeeded when its job is first asked for. Without this option each takes
// 20 ms.
func WithUpgradeTimes(times ...time.Duration) Option {
	return func(c *config) {
		if len(times) > 0 {
			c.times = times
		}
	}
}

// WithClock replaces the clock. How far a job is follows from what the clock
// says when it is asked for; nothing runs in the background.
func WithClock(now func() time.Time) Option { return func(c *config) { c.clock = now } }

// WithSeed chooses the ids and tokens. The same seed gives the same ones.
func WithSeed(seed int64) Option { return func(c *config) { c.seed = seed } }

// WithContract serves another contract than the one that this module ships. It
// must have operations with the same ids; others are answered 501.
func WithContract(document *contract.Contract) Option {
	return func(c *config) { c.contract = document }
}

// WithDefect makes the server show a defect. Several may be given.
func WithDefect(defect Defect) Option {
	return func(c *config) { c.defects = append(c.defects, defect) }
}

// New returns a server with the state that [Server.Fixtures] tells of. It
// panics if the contract that this module ships cannot be read, which no input
// can bring about.
func New(options ...Option) *Server {
	c := config{times: []time.Duration{20 * time.Millisecond}, clock: time.Now, seed: 1}
	for _, option := range options {
		option(&c)
	}
	if c.contract == nil {
		document, err := contract.Default()
		if err != nil {
			panic(fmt.Sprintf("fakeserver: %v", err))
		}
		c.contract = document
	}
	var conduct conduct
	for _, defect := range c.defects {
		for _, behave := range defect.behaviours {
			behave(&conduct)
		}
	}
	return &Server{
		service: newService(&c, &conduct.policy),
		routes:  routesOf(c.contract),
		rules:   conduct.rules,
	}
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if len(s.rules) == 0 {
		s.serve(w, r)
		return
	}
	s.serveByRules(w, r)
}

// serve answers as the contract says, but for the policy, and tells how it came
// to the answer.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) *call {
	c := &call{w: w, fixtures: &s.service.fixtures, method: r.Method, header: r.Header}
	path := r.URL.EscapedPath()
	if unimplemented(r.Method, path) {
		s.service.answerUnimplemented(c)
		return c
	}
	for i := range s.routes {
		values, ok := s.routes[i].Match(path)
		if !ok {
			continue
		}
		c.route, c.values = &s.routes[i], values
		if c.route.Method == r.Method {
			break
		}
	}
	switch {
	case c.route == nil:
		s.service.answerNoSuchAPI(c)
	case c.route.Method != r.Method:
		s.service.judgeStatic(c, path)
		s.service.answerWrongMethod(c)
	case c.readBody(r) != nil:
		s.service.judgeStatic(c, path)
		s.service.answerUnreadable(c)
	default:
		s.service.judgeStatic(c, path)
		s.service.answer(r.Context(), c)
	}
	return c
}

// readBody reads the body if the operation takes one, and drains a larger one
// for a bit, so that its sender is there to read the answer.
func (c *call) readBody(r *http.Request) error {
	if c.route.Body == nil || r.Body == nil {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		c.unreadable = http.StatusBadRequest
		return err
	}
	if len(body) > maxBody {
		c.unreadable = http.StatusRequestEntityTooLarge
		_, _ = io.CopyN(io.Discard, r.Body, maxBody) // whether there is so much does not matter
		return errTooLarge
	}
	c.body = body
	return nil
}
