package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/labelfilter"
	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/session"
)

// TargetsOptions are what a run of many targets needs.
type TargetsOptions struct {
	Contract *contract.Contract
	File     *config.Targets
	Shard    session.Shard // of the targets
	Parallel int           // targets that are judged at once
	// Out receives a line for each target as it ends, and what they come to.
	Out  io.Writer
	Text report.TextOptions // how to write there
	// Expectations are the deviations that each target is known for.
	Expectations result.Expectations
}

// Targets judges the targets of a file, each as Run would judge it alone, and
// writes their results and the matrix into the output folder, if it has
// one. What befalls one target keeps no other back. The error is result.ErrDeviates where
// a target deviates; else it says why not all could be judged; it is ctx's where
// the run was interrupted.
func Targets(ctx context.Context, o TargetsOptions) (*result.Targets, error) {
	if o.Parallel < 1 || o.Parallel > 1000 {
		return nil, fmt.Errorf("parallel: expected 1 to 1000, got %d", o.Parallel)
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	targets := targetsOf(o.Shard, o.File.Targets)
	f := newTargetsRun(&o, targets)
	if err := f.begin(targets); err != nil {
		return nil, err
	}
	f.judgeAll(ctx, targets)
	f.found.Interrupted = f.found.Interrupted || ctx.Err() != nil
	f.found.Duration = time.Since(f.found.Started)
	f.found.Conclude()
	if o.File.Output != "" { // first, for whoever reads Out may stop reading
		f.fail(evidence.WriteTargets(o.File.Output, &f.found))
	}
	f.fail(f.text.Total(&f.found))
	return &f.found, errors.Join(f.failed, f.found.Ending(ctx.Err()))
}

// PreviewTargets writes for each target what Preview does, and sends nothing.
func PreviewTargets(o TargetsOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	for _, t := range targetsOf(o.Shard, o.File.Targets) {
		if _, err := fmt.Fprintf(o.Out, "%s\n", t.Name); err != nil {
			return err
		}
		cfg := t.Config
		if o.File.Output != "" {
			cfg.Output = filepath.Join(o.File.Output, t.Name)
		}
		err := t.Unusable
		if err == nil {
			err = Preview(Options{Options: session.Options{Contract: o.Contract, Config: cfg}, Out: o.Out})
		}
		if err != nil {
			fmt.Fprintf(o.Out, "could not be judged: %v\n", err)
		}
		fmt.Fprintln(o.Out)
	}
	return nil
}

// check makes sure of what the targets file says and only the contract knows.
func (o *TargetsOptions) check() error {
	all, err := cases.Of(o.Contract)
	if err != nil {
		return err
	}
	known := map[[2]string]bool{}
	for i := range o.File.Targets {
		t := &o.File.Targets[i]
		said := [2]string{t.Config.LabelFilter, t.Config.Require}
		if known[said] {
			continue
		}
		known[said] = true
		if _, err := labelfilter.Select(all, t.Config.LabelFilter); err != nil {
			return fmt.Errorf("%s: %w", t.Place, err)
		}
		if _, err := session.Required(o.Contract, t.Config.Require); err != nil {
			return fmt.Errorf("%s: %w", t.Place, err)
		}
	}
	return nil
}

// targetsOf picks those of the shard by their names.
func targetsOf(s session.Shard, all []config.Target) []config.Target {
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	held := s.Holds(names)
	return slices.DeleteFunc(slices.Clone(all), func(t config.Target) bool { return !held[t.Name] })
}

// A targetsRun is a run of many targets while it goes on.
type targetsRun struct {
	*TargetsOptions
	text  *report.TargetsText
	turns turns

	mu     sync.Mutex
	found  result.Targets
	failed error // what could not be written
}

func newTargetsRun(o *TargetsOptions, targets []config.Target) *targetsRun {
	names := make([]string, len(targets))
	for i := range targets {
		names[i] = targets[i].Name
	}
	return &targetsRun{
		TargetsOptions: o, text: report.NewTargetsText(o.Out, o.Text, names),
		turns: make(turns, 1),
		found: result.Targets{Started: time.Now().UTC(), Shard: o.Shard.String()},
	}
}

func (f *targetsRun) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failed = errors.Join(f.failed, err)
}

// notReached is the failure in the results of targets that a killed run has not
// come to.
const notReached = "the run ended before it came to this target"

// begin puts results that say so where there may be those of an earlier run:
// should this one be killed, they would pass for its own.
func (f *targetsRun) begin(targets []config.Target) error {
	if f.File.Output == "" {
		return nil
	}
	if err := evidence.RemoveTargets(f.File.Output); err != nil {
		return err
	}
	for i := range targets {
		_, log, err := evidence.CreateExchangeLog(f.folder(&targets[i]))
		if err != nil {
			return err
		}
		run := f.unjudged(&targets[i], errors.New(notReached))
		run.Ended = time.Time{} // as of any that was killed
		if err := errors.Join(log.Close(), evidence.WriteResults(f.folder(&targets[i]), run)); err != nil {
			return err
		}
	}
	return nil
}

// folder is where the reports of a target are; "" if there are to be none.
func (f *targetsRun) folder(t *config.Target) string {
	if f.File.Output == "" {
		return ""
	}
	return filepath.Join(f.File.Output, t.Name)
}

// judgeAll judges the targets in their order, as many at once as is allowed.
func (f *targetsRun) judgeAll(ctx context.Context, targets []config.Target) {
	next := make(chan *config.Target)
	var workers sync.WaitGroup
	for range min(f.Parallel, len(targets)) {
		workers.Go(func() {
			for t := range next {
				f.judge(ctx, t)
			}
		})
	}
	for i := range targets {
		next <- &targets[i]
	}
	close(next)
	workers.Wait()
}

// judge judges one target, and keeps of its result what the matrix shows.
func (f *targetsRun) judge(ctx context.Context, t *config.Target) {
	cfg := t.Config
	cfg.Output = f.folder(t)
	var run result.Run
	var err error
	switch {
	case ctx.Err() != nil:
		run, err = f.leave(t, errors.New(notReached), true)
	case t.Unusable != nil:
		run, err = f.leave(t, t.Unusable, false)
	default:
		run, err = judgeQuietly(ctx, Options{
			Options: session.Options{Contract: f.Contract, Config: cfg, Expectations: f.Expectations}, turns: f.turns,
		})
		if run.SchemaVersion == 0 { // it did not come to one
			run, err = f.leave(t, err, false)
		}
	}
	if err != nil && run.Verdict == judge.Conforms { // as it stands in no report
		run.Verdict, run.Headline = judge.Error, "could not judge: "+err.Error()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	folder := ""
	if cfg.Output != "" {
		folder = t.Name
	}
	added := f.found.Add(t.Name, folder, run)
	if err != nil {
		f.failed = errors.Join(f.failed, fmt.Errorf("%s: %w", t.Name, err))
	}
	f.failed = errors.Join(f.failed, f.text.Target(added, cfg.Output))
}

// leave reports a target that was not judged.
func (f *targetsRun) leave(t *config.Target, why error, interrupted bool) (result.Run, error) {
	run := f.unjudged(t, why)
	if interrupted {
		run.Interrupted = true
		run = result.Summarise(f.Contract, run, nil)
	}
	if folder := f.folder(t); folder != "" {
		return run, evidence.WriteDir(folder, run)
	}
	return run, nil
}

// unjudged is the result of a target to which nothing was sent.
func (f *targetsRun) unjudged(t *config.Target, why error) result.Run {
	return session.Unjudged(f.Contract, t.Config, f.found.Started, why)
}
