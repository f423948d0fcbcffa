package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/client/command"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/run"
)

// A clientRun is a call of `gesconform client`, with its flags.
type clientRun struct {
	document                      string // path of the contract; "" for the built-in one
	scenarios                     string // those to run, by a part of their names
	list, strict, force, github   bool
	explain, output               string
	scenarioTimeout, startTimeout time.Duration
	concurrency                   int
	viewFlags

	environ        []string
	stdout, stderr io.Writer
}

func newClient(environ []string, stdout, stderr io.Writer) *cobra.Command {
	r := &clientRun{environ: environ, stdout: stdout, stderr: stderr}
	cmd := &cobra.Command{
		Use:   "client [flags] -- COMMAND [ARGS…]",
		Short: "Judge a client: run it once a scenario against the fake",
		Long: `Judge a client by the contract: run COMMAND once for each scenario, each time against
a fake server of its own, and decide by what arrives there and by what the client says.

COMMAND upgrades a graph. Its environment says how: GESCONFORM_ENDPOINT, _TOKEN (and
_ACCESS_KEY with _SECRET_KEY), _PROJECT_ID, _GRAPH_ID, _UPGRADE_VERSION, and
_FORCE_UPGRADE (true or false; unset: leave it out). It exits with 0 if the upgrade has
succeeded, with 77 if it cannot do what the scenario asks for, and otherwise with any
other status.

Exit status: 0 conforms; 1 deviates; 2 could not judge; 130 interrupted.`,
		Example: `  gesconform client -- ./upgrade.sh
  gesconform client --scenario job/ -- python3 upgrade.py
  gesconform client --explain unclear/reset`,
		RunE: func(cmd *cobra.Command, args []string) error { return r.run(cmd.Context(), cmd.Flags(), args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&r.scenarios, "scenario", "", "run only the scenarios whose name contains this")
	flags.BoolVar(&r.list, "list", false, "list the scenarios and what they decide, and exit")
	flags.StringVar(&r.explain, "explain", "", "say what this scenario answers and how a client takes it well, and exit")
	flags.BoolVar(&r.strict, "strict", false, "count a broken SHOULD as a deviation, and run the scenarios that take as long as --scenario-timeout")
	flags.DurationVar(&r.scenarioTimeout, "scenario-timeout", 130*time.Second, "how long a scenario may take from the client's first request on")
	flags.DurationVar(&r.startTimeout, "start-timeout", time.Minute, "how long the client may take until its first request")
	flags.IntVar(&r.concurrency, "concurrency", 0, "how many clients may start at once (default: the number of processors)")
	flags.StringVar(&r.output, "output", "", "write the results to this folder")
	flags.BoolVar(&r.force, "force", false, "replace the files of an earlier run in the folder of --output; other people's files never are")
	flags.StringVar(&r.document, "contract", "", "the OpenAPI document to judge by (default: the built-in one)")
	flags.BoolVar(&r.github, "github", false, "annotate the GitHub Actions job, and append to its summary")
	r.viewFlags.flags(flags, false)
	flags.SortFlags = false
	return cmd
}

func (r *clientRun) run(ctx context.Context, flags *pflag.FlagSet, args []string) error {
	if err := r.check(flagsSet(flags), false); err != nil {
		return err
	}
	c, err := loadContract(r.document)
	if err != nil {
		return err
	}
	all, err := client.Scenarios(c)
	if err != nil {
		return err
	}
	switch {
	case r.list:
		return r.printList(all)
	case r.explain != "":
		return r.printOne(all)
	case len(args) == 0:
		return errors.New("client: expected a command after --, got none")
	}
	driver, err := command.New(args)
	if err != nil {
		return err
	}
	judge := func() (result.Run, error) { return r.judge(ctx, c, r.selected(all), driver, args) }
	if r.github {
		return onGitHub(r.environ, r.stdout, judge)
	}
	_, err = judge()
	return err
}

// selected returns the scenarios to run.
func (r *clientRun) selected(all []*client.Scenario) []*client.Scenario {
	var some []*client.Scenario
	for _, s := range all {
		if (r.strict || !s.Strict) && strings.Contains(s.Name, r.scenarios) {
			some = append(some, s)
		}
	}
	return some
}

// judge judges the client, and writes the result.
func (r *clientRun) judge(ctx context.Context, c *contract.Contract, scenarios []*client.Scenario, driver client.Driver, args []string) (result.Run, error) {
	began := time.Now().UTC().Round(0)
	if _, err := (evidence.Output{Folder: r.output, Force: r.force}).Claim(); r.output != "" && err != nil {
		return result.Run{}, err
	}
	out, terminal := r.progress(r.stdout, r.stderr)
	progress := report.NewProgress(out, terminal, time.Now)
	_ = progress
	found, err := client.Run(ctx, client.Options{
		Contract: c, Driver: driver, Scenarios: scenarios, ScenarioTimeout: r.scenarioTimeout, StartTimeout: r.startTimeout, Concurrency: r.concurrency,
		Judged: func(judge.Result) {},
	})
	if err != nil {
		return result.Run{}, err
	}
	run_ := result.Run{
		SchemaVersion: result.SchemaVersion, Tool: result.Tool{Name: "gesconform", Version: config.ToolVersion}, Started: began,
		Target:  result.Target{Strict: r.strict, Filter: r.scenarios},
		Client:  &result.Client{Command: args, Waits: found.Waits, ScenarioTimeout: r.scenarioTimeout, StartTimeout: r.startTimeout},
		Plan:    result.Plan{Cases: len(scenarios)},
		Failure: found.Failure, Interrupted: ctx.Err() != nil,
	}
	run_.Ended = time.Now().UTC().Round(0)
	run_.Duration = run_.Ended.Sub(began)
	run_ = result.Summarise(c, run_, numbered(found.Results))
	if err := report.Text(r.stdout, run_, r.text(r.stdout, r.environ)); err != nil {
		return run_, err
	}
	if r.output != "" {
		if err := evidence.WriteDir(r.output, run_); err != nil {
			return run_, &run.WriteError{Err: err, Verdict: run_.Ending(ctx.Err())}
		}
	}
	return run_, run_.Ending(ctx.Err())
}

// numbered numbers the exchanges of all scenarios.
func numbered(results []judge.Result) []judge.Result {
	n := 0
	for i := range results {
		for j := range results[i].Exchanges {
			n++
			results[i].Exchanges[j].Sequence = n
		}
	}
	return results
}

func (r *clientRun) printList(all []*client.Scenario) error {
	for _, s := range r.selected(all) {
		if _, err := fmt.Fprintf(r.stdout, "%-40s  %s\n", s.Name, joined(s.Decides)); err != nil {
			return err
		}
	}
	return nil
}

func (r *clientRun) printOne(all []*client.Scenario) error {
	for _, s := range all {
		if s.Name == r.explain {
			_, err := fmt.Fprintf(r.stdout, "%s\n\n%s\n\nexpected: %s\ndecides:  %s\n", s.Name, s.Answered, s.Expected, joined(s.All()))
			return err
		}
	}
	return fmt.Errorf("explain: unknown scenario %q; --list lists them", r.explain)
}

func joined(all []contract.Behaviour) string {
	names := make([]string, len(all))
	for i, b := range all {
		names[i] = string(b)
	}
	return strings.Join(names, ", ")
}
