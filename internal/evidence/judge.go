package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/plan"
	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/session"
)

// JudgeOptions configure judging a run again.
type JudgeOptions struct {
	Contract *contract.Contract // by which it was judged
	Output   string             // the folder for the reports; "" for none
	Out      io.Writer          // receives the result
	Text     report.TextOptions // how to write there
}

// Judge decides a run again, from plan.json and exchanges.jsonl in its output folder. It
// sends nothing. For a run that was killed it reports what was found so far.
//
// The error is result.ErrDeviates if the target deviates. Otherwise it says why there is no
// verdict: a file was changed, or results.json is not what the exchanges give.
func Judge(o JudgeOptions, folder string) (result.Run, error) {
	e, err := readEarlierRun(folder)
	if err != nil {
		return result.Run{}, fmt.Errorf("judge: %w", err)
	}
	run, printable, err := e.judge(o.Contract)
	if err != nil {
		return result.Run{}, fmt.Errorf("judge: %w", err)
	}
	if o.Output != "" {
		err = WriteDir(o.Output, run)
	}
	if differs := e.compare(run); differs != nil {
		err = errors.Join(err, fmt.Errorf("judge: %w", differs))
	}
	if said := unsummed(folder, !e.killed()); said != "" {
		run.Notes = append(run.Notes, said)
	}
	if printable || run.Interrupted || !o.Text.Format.IsText() {
		err = errors.Join(err, report.Write(o.Out, run, o.Text))
	}
	if err == nil {
		err = run.Ending(nil)
	}
	return run, err
}

// An earlierRun is the content of a run's output folder.
type earlierRun struct {
	folder    string
	plan      *plan.Plan
	digest    string // of plan.json
	results   []byte // results.json
	run       result.Run
	exchanges []exchange.Exchange
}

// readEarlierRun reads a run's output folder. It returns what could be read, and the first
// error.
func readEarlierRun(folder string) (*earlierRun, error) {
	e := &earlierRun{folder: folder}
	var failed error
	for _, read := range []func() error{
		func() error { return CheckSums(folder) }, e.readPlan, e.readResults, e.readExchanges,
	} {
		if err := read(); failed == nil {
			failed = err
		}
	}
	return e, failed
}

func (e *earlierRun) readPlan() (err error) {
	path := filepath.Join(e.folder, result.PlanFile)
	text, err := readFile(path)
	if _, many := os.Stat(filepath.Join(e.folder, result.MatrixFile)); err != nil && many == nil {
		return fmt.Errorf("expected the folder of one run, got %s, which has a folder for each of several targets", e.folder)
	}
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	e.digest = hex.EncodeToString(sum[:])
	e.plan, err = plan.Parse(path, text)
	return err
}

func (e *earlierRun) readResults() (err error) {
	path := filepath.Join(e.folder, result.ResultsFile)
	if e.results, err = readFile(path); err != nil {
		return fmt.Errorf("expected the folder of a run: %w", err)
	}
	if e.run, err = result.ReadJSON(bytes.NewReader(e.results)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (e *earlierRun) readExchanges() error {
	path := filepath.Join(e.folder, result.ExchangesFile)
	f, err := openFile(path)
	if err != nil {
		return err
	}
	defer f.Close() // it was only read
	e.exchanges, err = ReadExchanges(f)
	if err != nil && !(e.killed() && errors.Is(err, io.ErrUnexpectedEOF)) { // the last line may be incomplete
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (e *earlierRun) killed() bool { return e.run.Ended.IsZero() }

// cutShort reports whether the run ended before all cases were decided.
func (e *earlierRun) cutShort() bool { return e.killed() || e.run.Interrupted }

// judge decides the run from its exchanges. It reports whether there is a result to print,
// and not only a reason why there is none.
func (e *earlierRun) judge(c *contract.Contract) (run result.Run, printable bool, err error) {
	known, err := result.ExpectationsOf(e.run, c)
	if err != nil {
		return run, false, err
	}
	s, err := session.Replay(session.Options{Contract: c, Plan: e.plan, Expectations: known}, e.exchanges, !e.cutShort())
	switch {
	case s == nil:
		return run, false, err
	case err != nil:
		return run, false, fmt.Errorf("%s: %w", filepath.Join(e.folder, result.ExchangesFile), err)
	}
	run, printable = s.Conclude(e.head(s), e.cutShort())
	return run, printable, nil
}

// head returns what a report says about the run that does not follow from its exchanges.
func (e *earlierRun) head(s *session.Session) result.Run {
	run := s.Describe(e.run.Started)
	run.ID, run.Tool, run.Ended, run.Duration = e.run.ID, e.run.Tool, e.run.Ended, e.run.Duration
	run.Plan.SHA256 = e.digest
	if e.killed() {
		for _, x := range e.exchanges {
			run.Duration = max(run.Duration, x.Started.Add(x.Duration).Sub(run.Started))
		}
		run.Notes = append(run.Notes, "the run was killed; this is what it found before that")
	}
	return run
}

// compare returns an error if the run's results.json is not this run. A killed run has
// none.
func (e *earlierRun) compare(run result.Run) error {
	if e.killed() {
		return nil
	}
	again := &difference{text: e.results}
	if err := result.WriteJSON(again, run); err != nil {
		return err
	}
	if line, want, got, differs := again.found(); differs {
		return fmt.Errorf("%s:%d: expected %.120q, which the exchanges give, got %.120q", filepath.Join(e.folder, result.ResultsFile), line, want, got)
	}
	return nil
}
