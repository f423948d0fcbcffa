package run

import (
	"cmp"
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

// TargetsOptions configure a run against many targets.
type TargetsOptions struct {
	Contract *contract.Contract
	File     *config.Targets
	Shard    session.Shard // of the targets
	Parallel int           // how many targets are judged at once
	// Out receives the result, and Progress a line for each target as it ends; nil stands for
	// Out.
	Out, Progress io.Writer
	Text          report.TextOptions // how to write there
	// Expectations are the known deviations of each target.
	Expectations result.Expectations
	// Force replaces earlier runs in the output folder.
	Force bool
}

// Targets judges the targets of a file, each as Run would alone, and writes their results
// and the matrix to the output folder, if there is one. If a target cannot be judged, the
// others still are. The error is result.ErrDeviates if a target deviates, ctx's if the run
// was interrupted, and otherwise says why not all could be judged.
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
	if o.File.Output != "" { // before Out, whose reader may have gone
		f.fail(evidence.WriteTargets(o.File.Output, &f.found))
	}
	f.fail(report.WriteTargets(o.Out, &f.found, o.Text))
	return &f.found, errors.Join(f.failed, f.found.Ending(ctx.Err()))
}

// PreviewTargets does what Preview does, for each target.
func PreviewTargets(o TargetsOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	targets := targetsOf(o.Shard, o.File.Targets)
	if _, err := o.claim(targets); err != nil {
		return err
	}
	for _, t := range targets {
		if _, err := fmt.Fprintf(o.Out, "%s\n", t.Name); err != nil {
			return err
		}
		cfg := t.Config
		cfg.Output = o.folder(&t)
		err := t.Unusable
		if err == nil {
			err = Preview(Options{Options: session.Options{Contract: o.Contract, Config: cfg}, Out: o.Out, Force: o.Force})
		}
		if err != nil {
			fmt.Fprintf(o.Out, "could not be judged: %v\n", err)
		}
		fmt.Fprintln(o.Out)
	}
	return nil
}

// claim claims the output folder and those of the targets in it, if there is one.
func (o *TargetsOptions) claim(targets []config.Target) (evidence.Claims, error) {
	if o.File.Output == "" {
		return nil, nil
	}
	names := make([]string, len(targets))
	for i := range targets {
		names[i] = targets[i].Name
	}
	return evidence.ClaimAll(o.Force, o.File.Output, names...)
}

// check checks the values in the targets file that depend on the contract.
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

// targetsOf returns the targets of a shard, by their names.
func targetsOf(s session.Shard, all []config.Target) []config.Target {
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	held := s.Holds(names)
	return slices.DeleteFunc(slices.Clone(all), func(t config.Target) bool { return !held[t.Name] })
}

// A targetsRun is a running run against many targets.
type targetsRun struct {
	*TargetsOptions
	text  *report.TargetsText
	slots writeSlots

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
		TargetsOptions: o, text: report.NewTargetsText(cmp.Or(o.Progress, o.Out), o.Text, names),
		slots: make(writeSlots, 1),
		found: result.Targets{Started: time.Now().UTC(), Shard: o.Shard.String()},
	}
}

func (f *targetsRun) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failed = errors.Join(f.failed, err)
}

// notReached is the failure of targets that a run did not reach before it ended.
const notReached = "the run ended before it reached this target"

// begin replaces the results of an earlier run with results that say notReached. If this
// run were killed, they would be taken for its own.
func (f *targetsRun) begin(targets []config.Target) error {
	if f.File.Output == "" {
		return nil
	}
	claims, err := f.claim(targets)
	if err == nil {
		err = claims.Clear()
	}
	if err != nil {
		return err
	}
	for i := range targets {
		_, log, err := evidence.CreateExchangeLog(f.folder(&targets[i]))
		if err != nil {
			return err
		}
		run := f.unjudged(&targets[i], errors.New(notReached))
		run.Ended = time.Time{} // as in any killed run
		if err := errors.Join(log.Close(), evidence.WriteResults(f.folder(&targets[i]), run)); err != nil {
			return err
		}
	}
	return nil
}

// folder returns the folder for the reports of a target, or "" for none.
func (o *TargetsOptions) folder(t *config.Target) string {
	if o.File.Output == "" {
		return ""
	}
	return filepath.Join(o.File.Output, t.Name)
}

// judgeAll judges the targets in order, several at once.
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

// judge judges one target, and keeps what the matrix shows.
func (f *targetsRun) judge(ctx context.Context, t *config.Target) {
	cfg := t.Config
	cfg.Output = f.folder(t)
	var run result.Run
	var err error
	switch {
	case ctx.Err() != nil:
		run, err = f.recordUnjudged(t, errors.New(notReached), true)
	case t.Unusable != nil:
		run, err = f.recordUnjudged(t, t.Unusable, false)
	default:
		run, err = judgeQuietly(ctx, Options{
			Options: session.Options{Contract: f.Contract, Config: cfg, Expectations: f.Expectations}, slots: f.slots, Force: true, // begin has claimed the folder
		})
		if run.SchemaVersion == 0 { // there is no result
			run, err = f.recordUnjudged(t, err, false)
		}
	}
	if err != nil && run.Verdict == judge.Conforms { // no report shows the failure
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

// recordUnjudged writes the result of a target that was not judged.
func (f *targetsRun) recordUnjudged(t *config.Target, why error, interrupted bool) (result.Run, error) {
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

// unjudged returns the result of a target to which nothing was sent.
func (f *targetsRun) unjudged(t *config.Target, why error) result.Run {
	return session.Unjudged(f.Contract, t.Config, f.found.Started, why)
}
