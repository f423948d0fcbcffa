package run

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/result"
)

// Rejudge decides a run once more by what its output folder holds, plan.json and
// exchanges.jsonl, and sends nothing. It writes the result to Out and, if the
// configuration names an output folder, there. Of a run that was killed it reports
// what was found until then.
//
// The error is ErrDeviates where the target deviates. Otherwise it says why there
// is no verdict: a file is not as the run left it, or the results that the run
// wrote are not those that its exchanges give.
func Rejudge(o Options, folder string) (result.Run, error) {
	e, err := readEarlierRun(folder)
	if err != nil {
		return result.Run{}, err
	}
	s, err := e.suite(o)
	if err != nil {
		return result.Run{}, err
	}
	s.engine, err = engine.Replay(s.contract, &s.config, s.all, s.selected, e.exchanges, !e.cutShort())
	if err != nil {
		return result.Run{}, fmt.Errorf("judge %s: %w", filepath.Join(folder, result.ExchangesFile), err)
	}
	run, printable := s.conclude(e.head(s), e.cutShort())
	if o.Config.Output != "" {
		err = evidence.WriteDir(o.Config.Output, run)
	}
	if !e.killed() {
		err = errors.Join(err, e.compare(run))
	}
	if printable || run.Interrupted {
		err = errors.Join(err, report.Text(o.Out, run, o.Text))
	}
	if err != nil {
		return run, err
	}
	return run, ending(context.Background(), run)
}

// An earlierRun is what a run left in its output folder.
type earlierRun struct {
	folder    string
	plan      *Plan
	digest    string // of plan.json
	results   []byte // results.json
	run       result.Run
	exchanges []exchange.Exchange
}

func readEarlierRun(folder string) (*earlierRun, error) {
	e := &earlierRun{folder: folder}
	for _, read := range []func() error{
		func() error { return evidence.CheckSums(folder) }, e.readPlan, e.readResults, e.readExchanges,
	} {
		if err := read(); err != nil {
			return nil, fmt.Errorf("judge: %w", err)
		}
	}
	return e, nil
}

func (e *earlierRun) readPlan() (err error) {
	path := filepath.Join(e.folder, result.PlanFile)
	text, err := os.ReadFile(path)
	if _, many := os.Stat(filepath.Join(e.folder, result.MatrixFile)); err != nil && many == nil {
		return fmt.Errorf("expected the folder of one run, got %s, which has one for each of many targets", e.folder)
	}
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	e.digest = hex.EncodeToString(sum[:])
	e.plan, err = parsePlan(path, text)
	return err
}

func (e *earlierRun) readResults() (err error) {
	path := filepath.Join(e.folder, result.ResultsFile)
	if e.results, err = os.ReadFile(path); err != nil {
		return fmt.Errorf("expected the folder of a run, which has begun at least: %w", err)
	}
	if e.run, err = result.ReadJSON(bytes.NewReader(e.results)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (e *earlierRun) readExchanges() error {
	path := filepath.Join(e.folder, result.ExchangesFile)
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() // it was only read
	e.exchanges, err = evidence.ReadExchanges(f)
	if err != nil && !(e.killed() && errors.Is(err, io.ErrUnexpectedEOF)) { // whose last line may be cut
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (e *earlierRun) killed() bool { return e.run.Ended.IsZero() }

// cutShort reports whether the run ended before all was done.
func (e *earlierRun) cutShort() bool { return e.killed() || e.run.Interrupted }

// suite makes the one that had these exchanges.
func (e *earlierRun) suite(o Options) (*session, error) {
	cfg := config.Default()
	if err := e.plan.Configure(&cfg, nil); err != nil {
		return nil, fmt.Errorf("judge: %w", err)
	}
	cfg.SubstituteCredentials(e.plan.Credentials)
	s, err := newSession(o.Contract, cfg)
	if err != nil {
		return nil, fmt.Errorf("judge: %w", err)
	}
	if err := s.restrict(e.plan); err != nil {
		return nil, fmt.Errorf("judge: %w", err)
	}
	if s.known, err = result.ExpectationsOf(e.run, o.Contract); err != nil {
		return nil, fmt.Errorf("judge: %w", err)
	}
	return s, nil
}

// head is what a report says of the run besides what its exchanges show.
func (e *earlierRun) head(s *session) result.Run {
	run := s.describe(e.run.Started)
	run.ID, run.Tool, run.Ended, run.Duration = e.run.ID, e.run.Tool, e.run.Ended, e.run.Duration
	run.Plan.SHA256 = e.digest
	if e.killed() {
		for _, x := range e.exchanges {
			run.Duration = max(run.Duration, x.Started.Add(x.Duration).Sub(run.Started))
		}
		run.Notes = append(run.Notes, "the run was killed; this is what it had found until then")
	}
	return run
}

// compare says where the results that the run wrote are not these.
func (e *earlierRun) compare(run result.Run) error {
	var again bytes.Buffer
	if err := result.WriteJSON(&again, run); err != nil {
		return err
	}
	was, is := bytes.Split(e.results, []byte("\n")), bytes.Split(again.Bytes(), []byte("\n"))
	for i := range max(len(was), len(is)) {
		if i >= len(was) || i >= len(is) || !bytes.Equal(was[i], is[i]) {
			return fmt.Errorf("judge %s: expected in line %d what the exchanges give, %.200q, got %.200q",
				filepath.Join(e.folder, result.ResultsFile), i+1, lineOf(is, i), lineOf(was, i))
		}
	}
	return nil
}

func lineOf(lines [][]byte, i int) []byte {
	if i < len(lines) {
		return bytes.TrimSpace(lines[i])
	}
	return nil
}
