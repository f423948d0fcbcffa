package client

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
)

// A Session judges a client that somebody else runs: it is asked for an endpoint for a scenario, and
// told the outcome. It may be used by several goroutines.
type Session struct {
	*judging
	ctx   context.Context
	quiet time.Duration
	timer *time.Timer
	done  chan struct{}
	once  sync.Once

	attempts map[string]*attempt // by scenario
	ended    atomic.Bool
}

// An attempt is at a scenario, and may be made twice.
type attempt struct {
	mu      sync.Mutex
	trial   *trial       // nil if none is under way
	tries   int          // how many there have been
	claimed bool         // whether the outcome of the last one has been asked for
	seen    *observation // of the last one, if what it has shown may be due to the machine alone
	result  judge.Result // of the last one
}

// ErrEnded is what Session.Start and Session.Take return once the session has ended.
var ErrEnded = errors.New("the session has ended")

// A NotNow is an error that says why something cannot be done, or not yet.
type NotNow struct {
	Reason string
	Result *judge.Result // of the scenario, if it has one
}

// Error returns the reason.
func (e *NotNow) Error() string { return e.Reason }

// NewSession returns a session for the scenarios of the options, whose Driver and Concurrency it does
// not need. When each of them has a result and quiet has passed since anything was asked, Done is
// closed. The session must be ended.
func NewSession(ctx context.Context, o Options, quiet time.Duration) (*Session, error) {
	j, err := newJudging(o)
	if err != nil {
		return nil, err
	}
	s := &Session{judging: j, ctx: ctx, quiet: quiet, done: make(chan struct{}), attempts: map[string]*attempt{}}
	for _, one := range s.Scenarios() {
		s.attempts[one.Name] = &attempt{}
	}
	s.timer = time.AfterFunc(quiet, s.finish)
	return s, nil
}

// Scenarios returns those of the session. The first is the plain success, whether it was selected or
// not: no other can start before it has a result.
func (s *Session) Scenarios() []*Scenario {
	all := []*Scenario{s.plain}
	for _, one := range s.judging.Scenarios {
		if one.Name != s.plain.Name {
			all = append(all, one)
		}
	}
	return all
}

// Done is closed when there is nothing left to ask for.
func (s *Session) Done() <-chan struct{} { return s.done }

// finish closes done if everything has a result.
func (s *Session) finish() {
	for _, one := range s.Scenarios() {
		a := s.attempts[one.Name]
		a.mu.Lock()
		left := s.result(one) == nil && (a.trial != nil || a.tries == 0)
		a.mu.Unlock()
		if left {
			return
		}
	}
	s.once.Do(func() { close(s.done) })
}

// asked notes that something was asked for.
func (s *Session) asked() { s.timer.Reset(s.quiet) }

// Start serves a scenario, and returns the endpoint for the client. The error is a *NotNow if it has
// been started before, or cannot be yet. A scenario whose outcome may be due to the machine alone can
// be started once more.
func (s *Session) Start(one *Scenario) (Endpoint, error) {
	s.asked()
	a := s.attempts[one.Name]
	a.mu.Lock()
	defer a.mu.Unlock()
	switch result := s.result(one); {
	case s.ended.Load() || s.ctx.Err() != nil:
		return Endpoint{}, ErrEnded
	case a.trial != nil:
		return Endpoint{}, &NotNow{Reason: one.Name + " is under way; post its outcome"}
	case result != nil && result.Verdict == judge.Masked, result != nil && a.tries == 0:
		return Endpoint{}, &NotNow{result.Reason, result}
	case result != nil:
		return Endpoint{}, &NotNow{one.Name + " has its verdict", result}
	case one.Name != s.plain.Name && !s.isDecided():
		return Endpoint{}, &NotNow{Reason: s.plain.Name + " comes first: it shows whether the client can be judged, and whether it waits for the job; start that, and post its outcome"}
	}
	t, err := s.begin(s.ctx, one, func() {})
	if err != nil {
		return Endpoint{}, err
	}
	a.trial, a.claimed = t, false
	a.tries++
	go s.watch(a, t)
	return t.endpoint, nil
}

// watch ends a trial whose client takes too long.
func (s *Session) watch(a *attempt, t *trial) {
	select {
	case <-t.ended:
		return
	case <-t.ctx.Done():
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.trial != t {
		return
	}
	nothing := judge.ClientOutcome{Said: judge.SaidNothing}
	switch cause := context.Cause(t.ctx); {
	case errors.Is(cause, errNotAsked):
		nothing.Reason = "no outcome came, and " + cause.Error()
	case !errors.Is(cause, errTimedOut):
		return // the session ends
	}
	s.take(a, nothing)
	s.asked()
}

// An Outcome is how a client has taken a scenario, as whoever runs it says.
type Outcome struct {
	Said       judge.Said
	Stdout     string // what it has printed
	Stderr     string
	Error      string // its error, which counts as printed
	ExitStatus *int   // nil if it is no process
}

// Take takes the outcome of a scenario that has been started, and returns its result. again is whether
// that may be due to the machine alone: if the scenario is started again, the second outcome counts,
// and otherwise this one. The error is a *NotNow if there is nothing that the outcome could be of. A
// client that was ended, because it took too long, has the result of that, whatever the outcome is.
func (s *Session) Take(one *Scenario, o Outcome) (result judge.Result, again bool, err error) {
	s.asked()
	a := s.attempts[one.Name]
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case s.ended.Load() || s.ctx.Err() != nil:
		return judge.Result{}, false, ErrEnded
	case a.tries == 0:
		return judge.Result{}, false, &NotNow{one.Name + " was not started", s.result(one)}
	case a.trial == nil && a.claimed:
		return judge.Result{}, false, &NotNow{one.Name + " has had its outcome", &a.result}
	case a.trial != nil:
		_, _ = io.WriteString(a.trial.stdout, o.Stdout) // they do not fail
		_, _ = io.WriteString(a.trial.stderr, o.Stderr)
		if o.Error != "" {
			_, _ = io.WriteString(a.trial.stderr, "\n"+o.Error+"\n")
		}
		s.take(a, judge.ClientOutcome{Said: o.Said, Reason: o.Error, ExitStatus: o.ExitStatus})
	}
	a.claimed = true
	return a.result, a.seen != nil, nil
}

// take ends the trial that is under way, in which the client had an outcome.
func (s *Session) take(a *attempt, outcome judge.ClientOutcome) {
	seen := a.trial.end(outcome)
	a.trial, a.seen = nil, nil
	if a.tries == 1 && seen.byTime() {
		a.seen, a.result = seen, s.unsettled(seen)
		return
	}
	a.result = s.settle(seen)
}

// unsettled judges what may be seen again.
func (s *Session) unsettled(seen *observation) judge.Result {
	if seen.scenario.Name == s.plain.Name {
		seen.waits = seen.waited()
		result, _, _ := seen.judgeGate()
		return result
	}
	return seen.judge()
}

// Results returns the results so far, in the order of the scenarios.
func (s *Session) Results() []judge.Result {
	s.asked()
	var all []judge.Result
	for _, one := range s.Scenarios() {
		a := s.attempts[one.Name]
		a.mu.Lock()
		switch result := s.result(one); {
		case result != nil:
			all = append(all, *result)
		case a.seen != nil && a.trial == nil:
			all = append(all, a.result)
		}
		a.mu.Unlock()
	}
	return all
}

// End ends the session, and returns the report. A scenario that is under way has no outcome then, which
// is an error; those that nobody has asked for have no result. If the context of the session has ended,
// all of these were interrupted.
func (s *Session) End() Report {
	s.ended.Store(true)
	s.timer.Stop()
	interrupted := s.ctx.Err() != nil
	for _, one := range s.Scenarios() {
		a := s.attempts[one.Name]
		a.mu.Lock()
		switch {
		case a.trial != nil && interrupted:
			a.trial.end(judge.ClientOutcome{Said: judge.SaidNothing})
			a.trial = nil
		case a.trial != nil:
			a.tries++ // it is not started again
			s.take(a, judge.ClientOutcome{Said: judge.SaidNothing, Reason: "the session ended before its outcome was posted"})
		case a.seen != nil:
			a.result, a.seen = s.settle(a.seen), nil
		}
		a.mu.Unlock()
	}
	if report := s.conclude(interrupted); interrupted || s.isDecided() {
		return report
	}
	return Report{Failure: "nobody asked for " + s.plain.Name + ", without which no other scenario can start"}
}
