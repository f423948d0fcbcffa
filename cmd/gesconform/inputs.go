package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/plan"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/run"
)

// inputs are the files that a run reads, apart from the contract.
type inputs struct {
	plan, expect, baseline string
	failOnChange           bool
}

func (in *inputs) flags(flags *pflag.FlagSet) {
	flags.StringVar(&in.plan, "plan", "", "send exactly what this reviewed plan.json says; --dry-run --output writes one")
	flags.StringVar(&in.expect, "expect", "", "a YAML file with known deviations, which do not count until they expire")
	flags.StringVar(&in.baseline, "baseline", "", "the folder of another run to compare with, or its results.json")
	flags.BoolVar(&in.failOnChange, "fail-on-change", false, "exit with 1 if anything differs from the baseline")
}

// read reads the files into options. The settings of a plan go into cfg, unless they
// are in given.
func (in *inputs) read(c *contract.Contract, cfg *config.Config, given map[string]bool) (o run.Options, err error) {
	o.Contract, o.FailOnChange = c, in.failOnChange
	if o.Plan, err = takePlan(in.plan, cfg, given); err != nil {
		return o, err
	}
	if in.expect != "" {
		known, err := result.NamesOf(c)
		if err == nil {
			o.Expectations, err = readExpectations(in.expect, known)
		}
		if err != nil {
			return o, err
		}
	}
	switch {
	case in.baseline != "":
		if o.Baseline, err = readBaseline(in.baseline, false); err != nil {
			return o, err
		}
	case in.failOnChange:
		return o, fmt.Errorf("fail-on-change: expected --baseline DIR with it, got none")
	}
	return o, nil
}

// readExpectations reads a file with known deviations.
func readExpectations(path string, known result.Names) (result.Expectations, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return result.Expectations{}, fmt.Errorf("expect: expected a YAML file with known deviations, got: %w", withoutOp(err))
	}
	return result.ReadExpectations(path, text, known)
}

// readBaseline reads the results of another run: results.json, or the folder that has it.
func readBaseline(path string, ofClient bool) (*result.Run, error) {
	path = fileIn(path, result.ResultsFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("baseline: expected the folder of a run, or its %s, got: %w", result.ResultsFile, withoutOp(err))
	}
	run, err := result.ReadJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("baseline: %s: %w", path, err)
	}
	switch {
	case ofClient && run.Client == nil:
		return nil, fmt.Errorf("baseline: %s: expected a run that judged a client, got one against a deployment", path)
	case !ofClient && run.Client != nil:
		return nil, fmt.Errorf("baseline: %s: expected a run against a deployment, got one that judged a client", path)
	}
	return &run, nil
}

// fileIn returns the path of a file, for which its folder may be given.
func fileIn(path, name string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return filepath.Join(path, name)
	}
	return path
}

// withoutOp returns an error of a file without the name of the system call.
func withoutOp(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}

// takePlan reads a reviewed plan, whose settings become the run's; nil if there is
// none. A plan allows risks, so for a deployment it must be given on the command line.
func takePlan(path string, cfg *config.Config, given map[string]bool) (*plan.Plan, error) {
	if path == "" {
		return nil, nil
	}
	plan, err := plan.Read(fileIn(path, result.PlanFile))
	if err != nil {
		return nil, err
	}
	if err := plan.Configure(cfg, given); err != nil {
		return nil, err
	}
	switch {
	case cfg.Embedded:
		return nil, fmt.Errorf("plan: expected one for a deployment, got one for the fake server in the process of `gesconform run`")
	case !given["plan"] && !cfg.Loopback():
		return nil, fmt.Errorf("%s is only read for an endpoint on a loopback address; set gesconform run --plan instead", config.Variable("plan"))
	}
	return plan, nil
}
