// Package session is one run against one target: it selects cases, has the engine send
// them or replay an earlier run, and summarises the results.
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

// Options configure a session.
type Options struct {
	Contract *contract.Contract // to judge by
	Config   config.Config      // of the target and the run
	// Plan is a reviewed plan: nothing else is sent. If it is nil, the configuration
	// decides.
	Plan *plan.Plan
	// Shard is the part of the cases that is sent.
	Shard Shard
	// Expectations are the known deviations of the target.
	Expectations result.Expectations
}

// A Session is one run against one target: a new one from New, or an earlier one from
// Replay.
type Session struct {
	contract *contract.Contract
	config   config.Config
	derived  []*cases.Case // all cases of the contract
	all      []*cases.Case // those that may be sent
	selected []*cases.Case
	known    result.Expectations
	shard    Shard    // of the selected cases
	required []string // what must be decided, as from Required
	engine   *engine.Engine
	ways     result.Ways // of what was exchanged
}

// New selects the cases and prepares a session.
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
		return nil, errors.New("require: cannot be combined with --shard, since one shard does not exercise all cases; set --require on `gesconform merge`")
	}
	s.split()
	if o.Plan != nil {
		if err := s.restrict(o.Plan); err != nil {
			return nil, err
		}
	}
	keep := hooks.Exchange
	hooks.Exchange = func(x exchange.Exchange) error {
		s.ways.Note(&x)
		if keep == nil {
			return nil
		}
		return keep(x)
	}
	s.engine = engine.New(s.contract, &s.config, s.all, s.selected, hooks)
	return s, nil
}

// Replay returns the session that had this plan and these exchanges. ended is whether it
// was not cut short. The configuration and the shard are the plan's, not those of the
// options. The error says where the exchanges do not match the plan.
func Replay(ctx context.Context, o Options, exchanges []exchange.Exchange, ended bool) (*Session, error) {
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
	for i := range exchanges {
		s.ways.Note(&exchanges[i])
	}
	s.engine, err = engine.Replay(ctx, s.contract, &s.config, s.all, s.selected, exchanges, ended)
	return s, err
}

// selected derives the cases and selects those that match the configuration's filter.
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

// Config returns the configuration, completed for the run.
func (s *Session) Config() *config.Config { return &s.config }

// Selected returns the number of selected cases.
func (s *Session) Selected() int { return len(s.selected) }

// Preflight decides with one request whether judging makes sense. The error says what to
// do.
func (s *Session) Preflight(ctx context.Context) error { return s.engine.Preflight(ctx) }

// Send sends the selected cases, and returns when all are decided.
func (s *Session) Send(ctx context.Context) { s.engine.Run(ctx, s.selected) }

// Close closes the connections.
func (s *Session) Close() { s.engine.Close() }

// serial reports whether a case may send more than inert requests.
func (s *Session) serial(k *cases.Case) bool { return engine.Serial(k, s.config.Risk) }

// Conclude completes a run with the engine's results. It reports whether there is a result
// to print, and not only a reason why there is none.
func (s *Session) Conclude(run result.Run, interrupted bool) (concluded result.Run, printable bool) {
	if err := s.engine.Preflight(context.Background()); err != nil { // its result
		run.Failure = err.Error()
		run.Interrupted = interrupted
	} else {
		run.Interrupted = s.engine.CutShort()
	}
	if before, after := s.engine.Snapshots(); before != nil {
		run.Graph = &result.Graph{Before: before, After: after, UnknownJobs: s.engine.UnknownJobs()}
	}
	run.Ways = s.ways
	run.Upgrades.Accepted, run.Upgrades.Invented = s.engine.Accepted()
	results := s.engine.Results()
	run.Notes = append(run.Notes, result.NotesOnAbridged(results)...)
	concluded = s.Summarise(run, results)
	missing := Unmet(s.required, &concluded)
	if missing != "" && concluded.Failure == "" {
		run.Failure = missing
		concluded = s.Summarise(run, results)
	}
	return concluded, concluded.Failure == "" || concluded.Failure == missing
}

// Summarise completes a run with results.
func (s *Session) Summarise(run result.Run, results []judge.Result) result.Run {
	run = result.Summarise(s.contract, run, results)
	run.Expect(s.known)
	run.Cover(s.contract, s.derived)
	return run
}

// Describe returns what is known of the run before it begins.
func (s *Session) Describe(began time.Time) result.Run {
	return result.Run{
		SchemaVersion: result.SchemaVersion, ID: s.config.RunID, Tool: tool(), Contract: s.contractVersion(),
		Target: result.Target{
			Endpoint: s.config.Endpoint, Embedded: s.config.Embedded, ProjectID: s.config.ProjectID, GraphID: s.config.GraphID, AbsentGraphID: s.config.AbsentGraphID,
			Risk: s.config.Risk.String(), Strict: s.config.Strict, OnlyDocumented: s.config.OnlyDocumented, MaxResponseTime: s.config.MaxResponseTime, Seed: s.config.Seed, Filter: s.config.LabelFilter,
		},
		Ticket: s.config.Ticket, Shard: s.shard.String(), Started: began.UTC().Round(0), Plan: s.counts(),
		Notes: append(s.config.Cautions(), s.shard.Notes()...),
	}
}

// Unjudged returns the result of a target to which nothing was sent, with the reason.
func Unjudged(c *contract.Contract, cfg config.Config, began time.Time, why error) result.Run {
	s := &Session{contract: c, config: cfg}
	run := s.Describe(began)
	run.Ended, run.Failure = run.Started, why.Error()
	return result.Summarise(c, run, nil)
}

// counts returns how many requests the cases may send.
func (s *Session) counts() result.Plan {
	plan := result.Plan{Cases: len(s.selected)}
	for _, k := range s.selected {
		for _, aim := range k.Aims {
			if aim.Risk > s.config.Risk || s.config.Missing(aim.Needs) != "" {
				continue
			}
			plan.Count(aim.Risk)
		}
	}
	plan.Upgrades = s.upgrades()
	for _, shared := range s.planShared() {
		plan.Count(shared.Risk)
	}
	return plan
}
