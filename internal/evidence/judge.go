package evidence

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/plan"
	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/safefile"
	"github.com/gesconform/gesconform/internal/session"
)

// JudgeOptions configure judging a run again.
type JudgeOptions struct {
	Contract *contract.Contract // by which it was judged
	Output   string             // the folder for the reports; "" for none
	Force    bool               // replace an earlier run there
	Out      io.Writer          // receives the result
	Text     report.TextOptions // how to write there
	// Client judges a client again; nil if that is not possible.
	Client *ClientJudge
	// Document judges again a run by a document that states no requirements, which is the
	// contract; nil if that is not possible.
	Document DocumentJudge
}

// Judge decides a run again, from plan.json and exchanges.jsonl in its output folder. It
// sends nothing. For a run that was killed it reports what was found so far.
//
// The error is result.ErrDeviates if the target deviates. Otherwise it says why there is no
// verdict: a file was changed, or results.json or a report is not what the exchanges give.
func Judge(ctx context.Context, o JudgeOptions, folder string) (result.Run, error) {
	claim, err := o.claim(folder)
	if err != nil {
		return result.Run{}, fmt.Errorf("judge: %w", err)
	}
	e, err := readEarlierRun(ctx, folder)
	if err != nil {
		return result.Run{}, fmt.Errorf("judge: %w", err)
	}
	run, printable, err := e.judge(ctx, &o)
	if err != nil {
		return result.Run{}, fmt.Errorf("judge: %w", err)
	}
	differs := e.compare(ctx, run)
	if ctx.Err() != nil {
		return result.Run{}, ctx.Err()
	}
	if o.Output != "" {
		err = errors.Join(claim.Clear(), WriteDir(o.Output, run))
	}
	if differs != nil {
		err = errors.Join(err, fmt.Errorf("judge: %w", differs))
	}
	run.Notes = append(run.Notes, e.doubts()...)
	if printable || run.Interrupted || !o.Text.Format.IsText() {
		err = errors.Join(err, report.Write(o.Out, run, o.Text))
	}
	if err == nil {
		err = run.Ending(nil)
	}
	return run, err
}

// claim claims the output folder, which must not be the folder that is judged.
func (o *JudgeOptions) claim(folder string) (Claim, error) {
	if o.Output == "" {
		return Claim{}, nil
	}
	from, err := os.Stat(folder)
	if err != nil {
		return Claim{}, err
	}
	if to, err := os.Stat(o.Output); err == nil && os.SameFile(from, to) {
		return Claim{}, fmt.Errorf("output: %s is the folder to judge, and would be overwritten; set another --output", o.Output)
	}
	return Output{Folder: o.Output, Force: o.Force}.Claim()
}

// An earlierRun is the content of a run's output folder.
type earlierRun struct {
	folder    string
	plan      *plan.Plan // nil if the target could not be judged
	digest    string     // of plan.json
	run       result.Run // without what follows from the exchanges
	exchanges []exchange.Exchange
	said      result.Run // of a client, with what it said in each scenario
}

// readEarlierRun reads a run's output folder.
func readEarlierRun(ctx context.Context, folder string) (*earlierRun, error) {
	if err := isFolder(folder); err != nil {
		return nil, err
	}
	e := &earlierRun{folder: folder}
	for _, read := range []func(context.Context) error{
		func(ctx context.Context) error { return checkSums(ctx, folder) }, e.readResults, e.readPlan, e.readExchanges, e.readSaid,
	} {
		if err := errors.Join(ctx.Err(), read(ctx)); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (e *earlierRun) readResults(context.Context) (err error) {
	e.run, err = ReadHead(e.folder)
	if errors.Is(err, os.ErrNotExist) {
		if _, many := os.Stat(filepath.Join(e.folder, result.MatrixFile)); many == nil {
			return fmt.Errorf("expected the folder of one run, got %s, which has a folder for each of several targets", e.folder)
		}
		return fmt.Errorf("expected the folder of a run: %w", err)
	}
	return err
}

// readPlan reads plan.json. A target to which nothing could be sent has none, and says so.
func (e *earlierRun) readPlan(context.Context) error {
	if e.run.Client != nil || e.run.Document != nil { // a client sends what it wants to, and ids come from answers
		return nil
	}
	path := filepath.Join(e.folder, result.PlanFile)
	text, err := safefile.Read(path, mostPlan)
	if errors.Is(err, os.ErrNotExist) && e.run.Failure != "" && e.run.Plan.SHA256 == "" {
		return nil
	}
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	e.digest = hex.EncodeToString(sum[:])
	e.plan, err = plan.Parse(path, text)
	return err
}

func (e *earlierRun) readExchanges(ctx context.Context) error {
	path := filepath.Join(e.folder, result.ExchangesFile)
	f, err := safefile.Open(path)
	if errors.Is(err, os.ErrNotExist) && e.plan == nil {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close() // it was only read
	e.exchanges, err = ReadExchanges(&untilDone{ctx, safefile.Limit(f, path, mostExchanges)})
	if err != nil && !(e.killed() && errors.Is(err, io.ErrUnexpectedEOF)) { // the last line may be incomplete
		return fmt.Errorf("%s: %w", path, err)
	}
	if e.plan == nil && len(e.exchanges) > 0 && e.run.Client == nil && e.run.Document == nil {
		return fmt.Errorf("%s: expected the plan of %d exchanges, got none", filepath.Join(e.folder, result.PlanFile), len(e.exchanges))
	}
	return nil
}

// untilDone is a reader that ends with its context.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (u *untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

func (e *earlierRun) killed() bool { return e.run.Ended.IsZero() }

// cutShort reports whether the run ended before all cases were decided.
func (e *earlierRun) cutShort() bool { return e.killed() || e.run.Interrupted }

// judge decides the run from its exchanges. It reports whether there is a result to print,
// and not only a reason why there is none.
func (e *earlierRun) judge(ctx context.Context, o *JudgeOptions) (run result.Run, printable bool, err error) {
	c := o.Contract
	if e.run.Client != nil {
		run, err = e.judgeClient(o)
		return run, true, err
	}
	if e.run.Document != nil {
		run, err = e.judgeDocument(ctx, o)
		return run, true, err
	}
	if e.plan == nil {
		return result.Summarise(c, e.run, nil), false, nil
	}
	known, err := result.NamesOf(c)
	if err != nil {
		return run, false, err
	}
	s, err := session.Replay(ctx, session.Options{Contract: c, Plan: e.plan, Expectations: result.ExpectationsOf(e.run, known)}, e.exchanges, !e.cutShort())
	switch {
	case ctx.Err() != nil:
		return run, false, ctx.Err()
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
		e.endWithExchanges(&run)
	}
	return run
}

// endWithExchanges has a run that was killed end with the last of its exchanges.
func (e *earlierRun) endWithExchanges(run *result.Run) {
	for _, x := range e.exchanges {
		run.Duration = max(run.Duration, x.Started.Add(x.Duration).Sub(run.Started))
	}
	run.Notes = append(run.Notes, "the run was killed; this is what it found before that")
}

// compare returns an error if the run's results.json or one of its reports is not that of this
// run. A killed run has none, and the reports of another version may look different.
func (e *earlierRun) compare(ctx context.Context, run result.Run) error {
	if e.killed() {
		return nil
	}
	var err error
	if run.Comparison, err = e.comparison(&run); err != nil {
		return err
	}
	files := results()
	if run.Comparison != nil {
		files = append(files, File{result.ChangesFile, result.WriteComparison})
	}
	for _, f := range files {
		if f.Name != result.ResultsFile && !e.sameVersion() {
			continue
		}
		if err := e.compareFile(ctx, f, run); err != nil {
			return err
		}
	}
	return nil
}

// comparison reads changes.json, which the reports show; nil if there is none.
func (e *earlierRun) comparison(run *result.Run) (*result.Comparison, error) {
	path := filepath.Join(e.folder, result.ChangesFile)
	text, err := safefile.Read(path, mostResults)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := result.ReadComparison(text, run)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

func (e *earlierRun) sameVersion() bool { return e.run.Tool.Version == config.ToolVersion }

// doubts say what nothing shows.
func (e *earlierRun) doubts() []string {
	var all []string
	if e.killed() {
		return nil
	}
	if _, err := os.Stat(filepath.Join(e.folder, result.SumsFile)); errors.Is(err, os.ErrNotExist) {
		all = append(all, fmt.Sprintf("%s has no %s, which a run writes; the verdict is that of its exchanges", e.folder, result.SumsFile))
	}
	if !e.sameVersion() {
		all = append(all, fmt.Sprintf("the reports in %s were written by version %s of the suite and may look different, so they were not compared", e.folder, e.run.Tool.Version))
	}
	return all
}

func (e *earlierRun) compareFile(ctx context.Context, file File, run result.Run) error {
	path := filepath.Join(e.folder, file.Name)
	f, err := safefile.Open(path)
	if errors.Is(err, os.ErrNotExist) && file.Name != result.ResultsFile {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close() // it was only read
	again := &difference{text: bufio.NewReader(&untilDone{ctx, f})}
	if err := file.Write(again, run); err != nil {
		return err
	}
	if line, want, got, differs := again.found(); differs {
		return fmt.Errorf("%s:%d: expected %.120q, which the exchanges give, got %.120q", path, line, want, got)
	}
	return nil
}
