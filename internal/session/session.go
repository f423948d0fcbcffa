// Package session is one run against one target: the cases that are selected of the
// contract, the engine that sends them or decides by the record of an earlier run, and
// what it comes to.
package session

import (
	"context"
	"errors"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/labelfilter"
	"github.com/gesconform/gesconform/internal/plan"
	"github.com/gesconform/gesconform/internal/result"
)

// Options say what a session is about.
type Options struct {
	Contract *contract.Contract // to judge by
	Config   config.Config      // what the user says of the target
	// Plan is one that was reviewed: nothing that it does not have is sent. nil
	// lets the configuration decide.
	Plan *plan.Plan
	// Shard is the part of the cases that is sent.
	Shard Shard
	// Expectations are the deviations that the target is known for.
	Expectations result.Expectations
}

// A Session is one run against one target. New makes one that can be sent, Replay one
// that was.
type Session struct {
	contract *contract.Contract
	config   config.Config
	derived  []*cases.Case // all that follow from the contract
	all      []*cases.Case // those of them that may be sent
	selected []*cases.Case
	known    result.Expectations
	shard    Shard    // of the selected ones
	required []string // ids of requirements that have to be exercised
	engine   *engine.Engine
}

// New selects the cases of a session. Its error says what cannot be done.
func New(o Options, hooks engine.Hooks) (*Session, error) {
	s, err := selected(&o)
	if err != nil {
		return nil, err
	}
	if err := s.config.Complete(); err != nil {
		return nil, err
	}
	if s.required, err = Required(s.contract, s.config.Require); err != nil {
		return nil, err
	}
	if s.shard.Of > 0 && s.config.Require != "" {
		return nil, errors.New("require: no shard of the cases can exercise all by itself; give --require to `gesconform merge`")
	}
	s.split()
	if o.Plan != nil {
		if err := s.restrict(o.Plan); err != nil {
			return nil, err
		}
	}
	s.engine = engine.New(s.contract, &s.config, s.all, s.selected, hooks)
	return s, nil
}

// Replay is the session that had a plan and these exchanges. ended says that it was not
// cut short. Of the options the configuration and the shard are the plan's. The error
// says where the exchanges are not those of the plan.
func Replay(o Options, exchanges []exchange.Exchange, ended bool) (*Session, error) {
	o.Config = config.Default()
	if err := o.Plan.Configure(&o.Config, nil); err != nil {
		return nil, err
	}
	o.Config.SubstituteCredentials(o.Plan.Credentials)
	s, err := selected(&o)
	if err != nil {
		return nil, err
	}
	if err := s.restrict(o.Plan); err != nil {
		return nil, err
	}
	s.engine, err = engine.Replay(s.contract, &s.config, s.all, s.selected, exchanges, ended)
	return s, err
}

// selected derives the cases and selects those that the configuration's filter names.
func selected(o *Options) (*Session, error) {
	all, err := cases.Of(o.Contract)
	if err != nil {
		return nil, err
	}
	if err := engine.Check(all); err != nil {
		return nil, err
	}
	selected, err := labelfilter.Select(all, o.Config.LabelFilter)
	if err != nil {
		return nil, err
	}
	return &Session{
		contract: o.Contract, config: o.Config, derived: all, all: all, selected: selected, known: o.Expectations, shard: o.Shard,
	}, nil
}

// Config is the configuration, with what was made up for the run.
func (s *Session) Config() *config.Config { return &s.config }

// Selected is how many cases are selected.
func (s *Session) Selected() int { return len(s.selected) }

// Preflight decides with one request whether judging makes sense. Its error is a
// sentence that says what to do.
func (s *Session) Preflight(ctx context.Context) error { return s.engine.Preflight(ctx) }

// Send sends the selected cases, once, and returns when all is done.
func (s *Session) Send(ctx context.Context) { s.engine.Run(ctx, s.selected) }

// Close ends the connections.
func (s *Session) Close() { s.engine.Close() }

// serial reports whether a case may send more than inert requests.
func (s *Session) serial(k *cases.Case) bool { return engine.Serial(k, s.config.Risk) }

// Conclude completes a run by what the engine has found. It reports whether there
// is a result to print, and not only a reason why there is none.
func (s *Session) Conclude(run result.Run, interrupted bool) (concluded result.Run, printable bool) {
	if err := s.engine.Preflight(context.Background()); err != nil { // what it was
		run.Failure = err.Error()
		run.Interrupted = interrupted
	} else {
		run.Interrupted = s.engine.CutShort()
	}
	if before, after := s.engine.Snapshots(); before != nil {
		run.Graph = &result.Graph{Before: before, After: after, UnknownJobs: s.engine.UnknownJobs()}
	}
	concluded = s.Summarise(run, s.engine.Results())
	missing := Unmet(s.required, concluded)
	if missing != "" && concluded.Failure == "" {
		run.Failure = missing
		concluded = s.Summarise(run, s.engine.Results())
	}
	return concluded, concluded.Failure == "" || concluded.Failure == missing
}

// Summarise completes a run by results.
func (s *Session) Summarise(run result.Run, results []judge.Result) result.Run {
	run = result.Summarise(s.contract, run, results)
	run.Expect(s.known)
	run.Cover(s.contract, s.derived)
	return run
}

// Describe is what a report says of the run before it begins.
func (s *Session) Describe(began time.Time) result.Run {
	return result.Run{
		SchemaVersion: result.SchemaVersion, ID: s.config.RunID, Tool: tool(), Contract: s.contractVersion(),
		Target: result.Target{
			Endpoint: s.config.Endpoint, Embedded: s.config.Embedded, ProjectID: s.config.ProjectID, GraphID: s.config.GraphID,
			Risk: s.config.Risk.String(), Strict: s.config.Strict, Seed: s.config.Seed, Filter: s.config.LabelFilter,
		},
		Ticket: s.config.Ticket, Shard: s.shard.String(), Started: began.UTC().Round(0), Plan: s.counts(),
		Notes: append(s.config.Cautions(), s.shard.Notes()...),
	}
}

// Unjudged is the result of a target to which nothing was sent, and why.
func Unjudged(c *contract.Contract, cfg config.Config, began time.Time, why error) result.Run {
	s := &Session{contract: c, config: cfg}
	run := s.Describe(began)
	run.Ended, run.Failure = run.Started, why.Error()
	return result.Summarise(c, run, nil)
}

// counts says how many requests the cases may need.
func (s *Session) counts() result.Plan {
	plan := result.Plan{Cases: len(s.selected)}
	for _, k := range s.selected {
		for _, aim := range k.Aims {
			if aim.Risk > s.config.Risk || s.config.Missing(aim.Needs) != "" {
				continue
			}
			switch aim.Risk {
			case cases.Inert:
				plan.Inert++
			case cases.Guarded:
				plan.Guarded++
			case cases.Destructive:
				plan.Destructive++
			}
		}
	}
	return plan
}
