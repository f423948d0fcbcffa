// Package run judges deployments by the contract: it selects the cases, lets the
// engine send them, and sums up what came of it.
package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/labelfilter"
	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/result"
)

// Options are what a run needs besides the target's configuration.
type Options struct {
	Contract *contract.Contract
	Config   config.Config
	// Out receives the plan, the progress and the result.
	Out io.Writer
	// Terminal says that Out is one, so that progress may be drawn, and Text how
	// to write there.
	Terminal bool
	Text     report.TextOptions
	// Plan is one that was reviewed: nothing that it does not have is sent. nil
	// lets the configuration decide.
	Plan *Plan
	// Shard is the part of the cases that is sent.
	Shard Shard
	// Expectations are the deviations that the target is known for.
	Expectations result.Expectations
	// Baseline is an earlier run to compare with, nil for none. With FailOnChange
	// any difference makes the run fail.
	Baseline     *result.Run
	FailOnChange bool

	turns turns // to write
}

// turns are taken by those of many runs that write at the same time what takes
// much memory; nil are enough for all.
type turns chan struct{}

func (t turns) take() (giveBack func()) {
	if t == nil {
		return func() {}
	}
	t <- struct{}{}
	return func() { <-t }
}

// ErrDeviates is what a run ends with that found deviations; its report says
// which.
var ErrDeviates = errors.New("the target deviates from the contract")

// ErrChanged is what a run ends with that differs from its baseline, where that
// was to fail; its report says in what.
var ErrChanged = errors.New("the target is not what it was in the baseline")

// A KeepError is what a run ends with whose result could not be written, or not all
// of it.
type KeepError struct {
	Err     error // what could not be written, and why
	Verdict error // what the run would have ended with; nil if the target conforms
}

// Error says what could not be written, and then the verdict.
func (e *KeepError) Error() string {
	return strings.ReplaceAll(errors.Join(e.Err, e.Verdict).Error(), "\n", "; ")
}

// Unwrap gives both.
func (e *KeepError) Unwrap() error { return errors.Join(e.Err, e.Verdict) }

// A session is one run against one target: the contract, the cases and the engine that
// sends them.
type session struct {
	contract *contract.Contract
	config   config.Config
	derived  []*cases.Case // all that follow from the contract
	all      []*cases.Case // those of them that may be sent
	selected []*cases.Case
	known    result.Expectations
	reviewed *Plan // what may be sent; nil for all that was selected
	shard    Shard // of the selected ones
	turns    turns
	required []string // ids of requirements that have to be exercised
	engine   *engine.Engine
}

// newSession derives the cases and selects those that the configuration's filter
// names. prepare has to follow.
func newSession(c *contract.Contract, cfg config.Config) (*session, error) {
	all, err := cases.Of(c)
	if err != nil {
		return nil, err
	}
	if err := engine.Check(all); err != nil {
		return nil, err
	}
	selected, err := labelfilter.Select(all, cfg.LabelFilter)
	if err != nil {
		return nil, err
	}
	return &session{contract: c, config: cfg, derived: all, all: all, selected: selected}, nil
}

// prepare makes the engine that sends the cases to the target that config describes.
func (s *session) prepare(cfg config.Config, hooks engine.Hooks) error {
	if err := cfg.Complete(); err != nil {
		return err
	}
	var err error
	if s.required, err = required(s.contract, cfg.Require); err != nil {
		return err
	}
	if s.shard.Of > 0 && cfg.Require != "" {
		return errors.New("require: no shard of the cases can exercise all by itself; give --require to `gesconform merge`")
	}
	s.config = cfg
	s.split()
	if s.reviewed != nil {
		if err := s.restrict(s.reviewed); err != nil {
			return err
		}
	}
	s.engine = engine.New(s.contract, &s.config, s.all, s.selected, hooks)
	return nil
}

// serial reports whether a case may send more than inert requests.
func (s *session) serial(k *cases.Case) bool { return engine.Serial(k, s.config.Risk) }

// Run judges the target that the options describe, and writes the result to
// Out and, if an output folder is given, there. The error says why the target
// could not be judged; it is ErrDeviates where the target deviates, and ctx's
// where the run was interrupted.
func Run(ctx context.Context, o Options) (result.Run, error) {
	run, err := run(ctx, o)
	if run.SchemaVersion == 0 { // it did not come to one, or there was nothing to do
		return run, err
	}
	verdict := ending(ctx, run)
	if verdict == nil && o.FailOnChange && run.Comparison != nil && run.Comparison.Any() {
		verdict = ErrChanged
	}
	if err != nil {
		return run, &KeepError{Err: err, Verdict: verdict}
	}
	return run, verdict
}

// judgeQuietly judges a target as Run does and prints nothing. Its error says why
// there is no result, or what of it could not be written.
func judgeQuietly(ctx context.Context, o Options) (result.Run, error) {
	o.Out, o.Terminal = io.Discard, false
	return run(ctx, o)
}

func run(ctx context.Context, o Options) (result.Run, error) {
	began := time.Now()
	w := &watcher{out: o.Out, progress: report.NewProgress(o.Out, o.Terminal, time.Now)}
	s, err := newSession(o.Contract, o.Config)
	if err != nil {
		return result.Run{}, err
	}
	s.reviewed, s.shard, s.known, s.turns = o.Plan, o.Shard, o.Expectations, o.turns
	if err := s.prepare(o.Config, w.hooks()); err != nil {
		return result.Run{}, err
	}
	defer s.engine.Close()
	run := s.describe(began)
	if err := w.open(s.config.Output); err != nil {
		return result.Run{}, err
	}
	defer w.close()
	if len(s.selected) == 0 {
		return result.Run{}, s.leaveNothing(o.Out)
	}
	recorded := s.record(&run)
	if !s.config.Embedded { // a deployment gets no request that nothing will be left of
		if err := recorded(); err != nil {
			return result.Run{}, err
		}
	}
	w.total = len(s.selected)
	for _, caution := range s.config.Cautions() { // before the first request leaves
		fmt.Fprintln(o.Out, "WARNING: "+caution)
	}
	if s.engine.Preflight(ctx) == nil {
		fmt.Fprintln(o.Out, planLine(run))
		s.engine.Run(ctx, s.selected)
	}
	w.progress.Clear()
	run.Ended = time.Now().UTC().Round(0)
	run.Duration = run.Ended.Sub(run.Started)
	err = recorded()
	defer s.turns.take()()
	run, promised := s.conclude(run, ctx.Err() != nil)
	var more []evidence.File
	if o.Baseline != nil {
		changes := result.Compare(*o.Baseline, run)
		run.Comparison = &changes
		more = append(more, evidence.File{Name: result.ChangesFile, Write: result.WriteComparison})
	}
	if s.config.Output != "" { // first, for whoever reads Out may stop reading
		err = errors.Join(err, evidence.WriteDir(s.config.Output, run, more...), w.failed)
	}
	if promised || run.Interrupted {
		err = errors.Join(err, report.Text(o.Out, run, o.Text))
	}
	return run, err
}

// conclude completes a run by what the engine has found. It reports whether there
// is a result to print, and not only a reason why there is none.
func (s *session) conclude(run result.Run, interrupted bool) (concluded result.Run, printable bool) {
	if err := s.engine.Preflight(context.Background()); err != nil { // what it was
		run.Failure = err.Error()
		run.Interrupted = interrupted
	} else {
		run.Interrupted = s.engine.CutShort()
	}
	if before, after := s.engine.Snapshots(); before != nil {
		run.Graph = &result.Graph{Before: before, After: after, UnknownJobs: s.engine.UnknownJobs()}
	}
	concluded = s.summarise(run, s.engine.Results())
	missing := unmet(s.required, concluded)
	if missing != "" && concluded.Failure == "" {
		run.Failure = missing
		concluded = s.summarise(run, s.engine.Results())
	}
	return concluded, concluded.Failure == "" || concluded.Failure == missing
}

func (s *session) summarise(run result.Run, results []judge.Result) result.Run {
	run = result.Summarise(s.contract, run, results)
	run.Expect(s.known)
	run.Cover(s.contract, s.derived)
	return run
}

// ending is the error that a finished run ends with.
func ending(ctx context.Context, run result.Run) error {
	switch {
	case run.Verdict == judge.Deviates:
		return errors.Join(ErrDeviates, ctx.Err())
	case ctx.Err() != nil:
		return ctx.Err()
	case run.Failure != "":
		return errors.New(run.Failure)
	case run.Verdict != judge.Conforms:
		return errors.New(run.Headline)
	}
	return nil
}

// describe is what a report says of the run before it begins.
func (s *session) describe(began time.Time) result.Run {
	return result.Run{
		SchemaVersion: result.SchemaVersion, ID: s.config.RunID, Tool: tool(), Contract: s.contractVersion(),
		Target: result.Target{
			Endpoint: s.config.Endpoint, Embedded: s.config.Embedded, ProjectID: s.config.ProjectID, GraphID: s.config.GraphID,
			Risk: s.config.Risk.String(), Strict: s.config.Strict, Seed: s.config.Seed, Filter: s.config.LabelFilter,
		},
		Ticket: s.config.Ticket, Shard: s.shard.String(), Started: began.UTC().Round(0), Plan: s.counts(),
		Notes: append(s.config.Cautions(), s.shard.notes()...),
	}
}

// counts says how many requests the cases may need.
func (s *session) counts() result.Plan {
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

// planLine says what a run may send before it does.
func planLine(run result.Run) string {
	where := run.Target.Endpoint
	if run.Target.Embedded {
		where = "the fake server in this process, " + where
	}
	part := ""
	if run.Shard != "" {
		part = ", shard " + run.Shard
	}
	return fmt.Sprintf("plan: %d cases against %s, at most %d inert, %d guarded and %d destructive requests, besides reads; seed %d%s",
		run.Plan.Cases, where, run.Plan.Inert, run.Plan.Guarded, run.Plan.Destructive, run.Target.Seed, part)
}
