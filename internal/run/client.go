package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/result"
)

// ClientOptions configure a run that judges a client.
type ClientOptions struct {
	Contract *contract.Contract
	Client   result.Client
	Names    result.Names // of all scenarios, selected or not
	Selected int          // how many of them were selected
	Filter   string       // by what
	Strict   bool
	// Judge judges the client. It calls judged with each result as it comes, and returns all of them,
	// whether the client waits for the job, and why the client as a whole could not be judged, if it could
	// not.
	Judge func(ctx context.Context, judged func(judge.Result)) (results []judge.Result, waits bool, failure string, err error)

	Expectations result.Expectations
	Baseline     *result.Run
	FailOnChange bool
	Output       evidence.Output // its folder is "" if nothing is to be written
	Out          io.Writer       // receives the result
	Progress     io.Writer       // receives the progress
	Terminal     bool            // whether Progress is a terminal
	Text         report.TextOptions
}

// Client judges a client and writes the result to Out and, if there is one, to the output
// folder. The error is as that of Run.
func Client(ctx context.Context, o ClientOptions) (result.Run, error) {
	run := result.Run{
		SchemaVersion: result.SchemaVersion, ID: config.NewRunID(), Tool: result.Tool{Name: "gesconform", Version: config.ToolVersion},
		Started: time.Now().UTC().Round(0), Client: &o.Client, Plan: result.Plan{Cases: o.Selected},
		Target: result.Target{Strict: o.Strict, Filter: o.Filter},
	}
	w := &watcher{progress: report.NewProgress(o.Progress, o.Terminal, time.Now), total: o.Selected}
	w.progress.Of("scenarios")
	if err := w.open(o.Output); err != nil {
		return result.Run{}, err
	}
	defer w.close()
	if len(o.Client.Command) > 0 {
		fmt.Fprintln(o.Progress, clientLine(&run))
	}
	results, waits, failure, err := o.Judge(ctx, func(r judge.Result) {
		for _, x := range r.Exchanges {
			_ = w.exchange(x) // the first error is kept
		}
		w.result(&r)
	})
	w.progress.Clear()
	if err != nil {
		return result.Run{}, err
	}
	run.Ended = time.Now().UTC().Round(0)
	run.Duration = run.Ended.Sub(run.Started)
	run.Client.Waits, run.Failure, run.Interrupted = waits, failure, ctx.Err() != nil
	run.Notes = result.NotesOnAbridged(results)
	run = result.SummariseClient(o.Contract, run, results, o.Names, o.Expectations)
	err = w.failed
	var more []evidence.File
	if o.Baseline != nil {
		changes := result.Compare(*o.Baseline, run)
		run.Comparison = &changes
		more = append(more, evidence.File{Name: result.ChangesFile, Write: result.WriteComparison})
	}
	if o.Output.Folder != "" { // before Out, whose reader may have gone
		err = errors.Join(err, evidence.WriteDir(o.Output.Folder, run, more...))
	}
	err = errors.Join(err, report.Write(o.Out, run, o.Text))
	verdict := run.Ending(ctx.Err())
	if verdict == nil && o.FailOnChange && run.Comparison != nil && run.Comparison.Any() {
		verdict = ErrChanged
	}
	if err != nil {
		return run, &WriteError{Err: err, Verdict: verdict}
	}
	return run, verdict
}

// clientLine says what a run will do.
func clientLine(run *result.Run) string {
	return fmt.Sprintf("plan: %d %s, in each of which this is run once: %s", run.Plan.Cases, printable.Plural(run.Plan.Cases, "scenario", "scenarios"), printable.Line(run.Client.CommandLine()))
}
