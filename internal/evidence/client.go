package evidence

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/safefile"
)

// A ClientJudge judges a client again. It is given by whoever knows the scenarios.
type ClientJudge struct {
	// Names returns what expectations may name: the scenarios, whether the run had them or not.
	Names func(*contract.Contract) (result.Names, error)
	// Judge decides the scenarios of a run from its exchanges and from what the client said in
	// each. The run has no verdicts but those of scenarios that were not run.
	Judge func(*contract.Contract, result.Run) ([]judge.Result, error)
}

// readSaid reads of a client what it said in each scenario, which is in results.json alone.
func (e *earlierRun) readSaid(ctx context.Context) error {
	if e.run.Client == nil {
		return nil
	}
	path := filepath.Join(e.folder, result.ResultsFile)
	if e.killed() {
		return fmt.Errorf("%s: expected the results of a client's run that has ended, got one that was killed; without what the client said, its requests decide nothing", path)
	}
	text, err := safefile.Read(path, mostResults)
	if err != nil {
		return err
	}
	if e.said, err = result.ReadJSON(&untilDone{ctx, bytes.NewReader(text)}); err == nil {
		err = e.said.Attach(e.exchanges)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for i := range e.said.Cases {
		if c := &e.said.Cases[i]; c.Client != nil { // what follows is what is to be checked
			c.Verdict, c.Reason, c.Findings = "", "", nil
		}
	}
	return nil
}

// byContract returns an error if the run was judged by another contract.
func (e *earlierRun) byContract(c *contract.Contract) error {
	had := e.run.Contract
	if had.SHA256 == c.SHA256() {
		return nil
	}
	return fmt.Errorf("%s: expected results by contract %s %s (sha256 %.12s), got some by %s %s (sha256 %.12s)",
		filepath.Join(e.folder, result.ResultsFile), c.Name(), c.Version(), c.SHA256(), had.Name, had.Version, had.SHA256)
}

// judgeClient decides the run of a client again.
func (e *earlierRun) judgeClient(o *JudgeOptions) (result.Run, error) {
	c := o.Contract
	if o.Client == nil {
		return result.Run{}, fmt.Errorf("expected the folder of a run against a deployment, got %s, which is of a run that judged a client", e.folder)
	}
	if err := e.byContract(c); err != nil {
		return result.Run{}, err
	}
	known, err := o.Client.Names(c)
	if err != nil {
		return result.Run{}, err
	}
	results, err := o.Client.Judge(c, e.said)
	if err != nil {
		return result.Run{}, fmt.Errorf("%s: %w", filepath.Join(e.folder, result.ResultsFile), err)
	}
	return result.SummariseClient(c, e.run, results, known, result.ExpectationsOf(e.run, known)), nil
}
