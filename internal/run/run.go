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

	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/session"
)

// Options are what a run needs.
type Options struct {
	session.Options
	// Out receives the plan, the progress and the result.
	Out io.Writer
	// Terminal says that Out is one, so that progress may be drawn, and Text how
	// to write there.
	Terminal bool
	Text     report.TextOptions
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

// Run judges the target that the options describe, and writes the result to
// Out and, if an output folder is given, there. The error says why the target
// could not be judged; it is result.ErrDeviates where the target deviates, and ctx's
// where the run was interrupted.
func Run(ctx context.Context, o Options) (result.Run, error) {
	run, err := run(ctx, o)
	if run.SchemaVersion == 0 { // it did not come to one, or there was nothing to do
		return run, err
	}
	verdict := run.Ending(ctx.Err())
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
	s, err := session.New(o.Options, w.hooks())
	if err != nil {
		return result.Run{}, err
	}
	defer s.Close()
	run, output := s.Describe(began), s.Config().Output
	if err := w.open(output); err != nil {
		return result.Run{}, err
	}
	defer w.close()
	if s.Selected() == 0 {
		return result.Run{}, leaveNothing(o.Out, output, run.Shard)
	}
	recorded := record(s, &run, o.turns)
	if !run.Target.Embedded { // a deployment gets no request that nothing will be left of
		if err := recorded(); err != nil {
			return result.Run{}, err
		}
	}
	w.total = s.Selected()
	for _, caution := range s.Config().Cautions() { // before the first request leaves
		fmt.Fprintln(o.Out, "WARNING: "+caution)
	}
	if s.Preflight(ctx) == nil {
		fmt.Fprintln(o.Out, planLine(run))
		s.Send(ctx)
	}
	w.progress.Clear()
	run.Ended = time.Now().UTC().Round(0)
	run.Duration = run.Ended.Sub(run.Started)
	err = recorded()
	defer o.turns.take()()
	run, printable := s.Conclude(run, ctx.Err() != nil)
	var more []evidence.File
	if o.Baseline != nil {
		changes := result.Compare(*o.Baseline, run)
		run.Comparison = &changes
		more = append(more, evidence.File{Name: result.ChangesFile, Write: result.WriteComparison})
	}
	if output != "" { // first, for whoever reads Out may stop reading
		err = errors.Join(err, evidence.WriteDir(output, run, more...), w.failed)
	}
	if printable || run.Interrupted {
		err = errors.Join(err, report.Text(o.Out, run, o.Text))
	}
	return run, err
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

// leaveNothing says that a shard has no case, and leaves what tells the ones who
// join the results that none is missing.
func leaveNothing(out io.Writer, output, shard string) error {
	if output != "" {
		nothing := &result.Targets{Shard: shard}
		nothing.Conclude()
		if err := evidence.WriteTargets(output, nothing); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(out, "shard %s has none of the cases: nothing to do\n", shard)
	return err
}
