// Package run judges one deployment or many: it runs sessions, shows progress, and writes
// results and reports.
package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/session"
)

// Options configure a run.
type Options struct {
	session.Options
	// Out receives the result.
	Out io.Writer
	// Progress receives the plan and the progress; nil stands for Out. Terminal is whether it
	// is a terminal, where progress is drawn.
	Progress io.Writer
	Terminal bool
	// Text says how to write the result.
	Text report.TextOptions
	// Baseline is an earlier run to compare with, or nil. With FailOnChange, any
	// difference makes the run fail.
	Baseline     *result.Run
	FailOnChange bool
	// Force replaces an earlier run in the output folder.
	Force bool

	slots writeSlots
}

// writeSlots limits how many of many runs write their files at the same time, which takes
// much memory. nil does not limit.
type writeSlots chan struct{}

func (t writeSlots) acquire() (release func()) {
	if t == nil {
		return func() {}
	}
	t <- struct{}{}
	return func() { <-t }
}

// ErrChanged is the error of a run that differs from its baseline, with FailOnChange. The
// report has the differences.
var ErrChanged = errors.New("the target differs from the baseline")

// A WriteError is the error of a run whose results could not all be written.
type WriteError struct {
	Err     error // what could not be written, and why
	Verdict error // the run's error otherwise; nil if the target conforms
}

// Error implements error.
func (e *WriteError) Error() string {
	return strings.ReplaceAll(errors.Join(e.Err, e.Verdict).Error(), "\n", "; ")
}

// Unwrap returns both errors.
func (e *WriteError) Unwrap() error { return errors.Join(e.Err, e.Verdict) }

// output returns how a folder is to be written to.
func (o *Options) output(folder string) evidence.Output {
	return evidence.Output{Folder: folder, Force: o.Force, Reviewed: o.Plan}
}

// Run judges the target and writes the result to Out and, if there is one, to the output
// folder. The error is result.ErrDeviates if the target deviates, ctx's if the run was
// interrupted, and otherwise says why the target could not be judged.
func Run(ctx context.Context, o Options) (result.Run, error) {
	run, err := run(ctx, o)
	if run.SchemaVersion == 0 { // there is no result
		return run, err
	}
	verdict := run.Ending(ctx.Err())
	if verdict == nil && o.FailOnChange && run.Comparison != nil && run.Comparison.Any() {
		verdict = ErrChanged
	}
	if err != nil {
		return run, &WriteError{Err: err, Verdict: verdict}
	}
	return run, verdict
}

// judgeQuietly judges a target like Run but prints nothing. The error says why there is no
// result, or what could not be written.
func judgeQuietly(ctx context.Context, o Options) (result.Run, error) {
	o.Out, o.Progress, o.Terminal, o.Text = io.Discard, nil, false, report.TextOptions{}
	return run(ctx, o)
}

func run(ctx context.Context, o Options) (result.Run, error) {
	began := time.Now()
	if o.Progress == nil {
		o.Progress = o.Out
	}
	w := &watcher{progress: report.NewProgress(o.Progress, o.Terminal, time.Now)}
	s, err := session.New(o.Options, w.hooks())
	if err != nil {
		return result.Run{}, err
	}
	defer s.Close()
	run, output := s.Describe(began), s.Config().Output
	if err := w.open(o.output(output)); err != nil {
		return result.Run{}, err
	}
	defer w.close()
	if s.Selected() == 0 {
		return result.Run{}, writeEmptyShard(&o, output, run.Shard)
	}
	recorded := record(s, &run, o.slots)
	if !run.Target.Embedded { // do not send requests to a deployment that cannot be recorded
		if err := recorded(); err != nil {
			return result.Run{}, err
		}
	}
	w.total = s.Selected()
	for _, caution := range s.Config().Cautions() { // before the first request
		fmt.Fprintln(o.Progress, "WARNING: "+caution)
	}
	fmt.Fprintln(o.Progress, planLine(run))
	if s.Preflight(ctx) == nil {
		w.progress.Clear()
		announce(o.Progress, s)
		s.Send(ctx)
	}
	s.Close() // not only at the end: of many runs, most wait for their turn to write
	w.progress.Clear()
	run.Ended = time.Now().UTC().Round(0)
	run.Duration = run.Ended.Sub(run.Started)
	err = recorded()
	defer o.slots.acquire()()
	run, printable := s.Conclude(run, ctx.Err() != nil)
	var more []evidence.File
	if o.Baseline != nil {
		changes := result.Compare(*o.Baseline, run)
		run.Comparison = &changes
		more = append(more, evidence.File{Name: result.ChangesFile, Write: result.WriteComparison})
	}
	if output != "" { // before Out, whose reader may have gone
		err = errors.Join(err, evidence.WriteDir(output, run, more...), w.failed)
	}
	if printable || run.Interrupted || !o.Text.Format.IsText() {
		err = errors.Join(err, report.Write(o.Out, run, o.Text))
	}
	return run, err
}

// planLine says what a run may send.
func planLine(run result.Run) string {
	where := run.Target.Endpoint
	switch {
	case run.Target.Embedded:
		where = "the fake server in this process, " + where
	case run.Target.GraphID != "":
		where += ", graph " + printable.Line(run.Target.GraphID)
	}
	part := ""
	if run.Shard != "" {
		part = ", shard " + run.Shard
	}
	return fmt.Sprintf("plan: %d %s against %s, at most %d inert, %d guarded and %d destructive requests, not counting reads, and %d %s of a server without a fault; seed %d%s",
		run.Plan.Cases, printable.Plural(run.Plan.Cases, "case", "cases"), where, run.Plan.Inert, run.Plan.Guarded, run.Plan.Destructive, run.Plan.Upgrades, printable.Plural(run.Plan.Upgrades, "upgrade", "upgrades"), run.Target.Seed, part)
}

// announce says, before anything but reads is sent, which graph the run is about, and what will not
// be possible.
func announce(out io.Writer, s *session.Session) {
	graph := s.Graph()
	if !s.Config().Embedded { // which the plan says
		fmt.Fprintln(out, "graph: "+printable.Line(graph.Shown))
	}
	if graph.Tunnel != "" && s.Config().Risk > cases.Inert {
		fmt.Fprintln(out, "WARNING: "+graph.Tunnel)
	}
	for _, i := range s.Foreseen() {
		fmt.Fprintf(out, "WARNING: %s: %s%s\n", i.Subject, printable.Line(i.Found), printable.Prefixed("; ", i.Advice))
	}
}

// writeEmptyShard reports that a shard has no case, and writes a result, so that merging
// does not miss the shard.
func writeEmptyShard(o *Options, output, shard string) error {
	nothing := &result.Targets{Shard: shard}
	nothing.Conclude()
	if output != "" {
		if err := evidence.WriteTargets(output, nothing); err != nil {
			return err
		}
	}
	switch {
	case o.Text.Format == report.JUnit:
		return report.WriteJUnit(o.Out, result.Run{})
	case !o.Text.Format.IsText():
		return report.WriteTargets(o.Out, nothing, o.Text)
	}
	_, err := fmt.Fprintf(o.Out, "shard %s has no cases: nothing to do\n", shard)
	return err
}
