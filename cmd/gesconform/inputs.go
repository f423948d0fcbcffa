package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/plan"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/run"
)

// inputs are the files that a run goes by, besides the contract.
type inputs struct {
	plan, expect, baseline string
	failOnChange           bool
}

func (in *inputs) flags(flags *pflag.FlagSet) {
	flags.StringVar(&in.plan, "plan", "", "run just what this plan.json says, which --dry-run --output wrote and somebody has reviewed")
	flags.StringVar(&in.expect, "expect", "", "a file with known deviations, which do not count until they expire")
	flags.StringVar(&in.baseline, "baseline", "", "the results.json of another run, which this one is compared with")
	flags.BoolVar(&in.failOnChange, "fail-on-change", false, "end with 1 if anything differs from the baseline")
}

// read makes options of the files. The settings of a plan go into config, unless
// given names them.
func (in *inputs) read(c *contract.Contract, cfg *config.Config, given map[string]bool) (o run.Options, err error) {
	o.Contract, o.FailOnChange = c, in.failOnChange
	if o.Plan, err = takePlan(in.plan, cfg, given); err != nil {
		return o, err
	}
	if in.expect != "" {
		text, err := os.ReadFile(in.expect)
		if err != nil {
			return o, fmt.Errorf("expect: %w", err)
		}
		if o.Expectations, err = result.ReadExpectations(in.expect, text, c); err != nil {
			return o, err
		}
	}
	switch {
	case in.baseline != "":
		text, err := os.ReadFile(in.baseline)
		if err != nil {
			return o, fmt.Errorf("baseline: %w", err)
		}
		run, err := result.ReadJSON(bytes.NewReader(text))
		if err != nil {
			return o, fmt.Errorf("baseline: %s: %w", in.baseline, err)
		}
		o.Baseline = &run
	case in.failOnChange:
		return o, fmt.Errorf("fail-on-change: expected --baseline with it, the results.json of another run")
	}
	return o, nil
}

// takePlan reads a reviewed plan, whose settings become the run's; nil if there is
// none. It is the user's word on every risk, so for a deployment it must have been
// said on the command line.
func takePlan(path string, cfg *config.Config, given map[string]bool) (*plan.Plan, error) {
	if path == "" {
		return nil, nil
	}
	plan, err := plan.Read(path)
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
		return nil, fmt.Errorf("%s counts only for an endpoint on a loopback address; elsewhere say it with gesconform run --plan", config.Variable("plan"))
	}
	return plan, nil
}
