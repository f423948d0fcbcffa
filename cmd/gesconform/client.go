package main

import (
	"cmp"
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
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/run"
)

// A clientRun is a call of `gesconform client`, with its flags.
type clientRun struct {
	document                      string // path of the contract; "" for the built-in one
	scenario                      string // those to run
	list, strict, force, github   bool
	serve                         bool
	addr                          string // to serve on
	explain, output, writeExpect  string
	expect, baseline              string
	failOnChange                  bool
	scenarioTimeout, startTimeout time.Duration
	concurrency                   int
	viewFlags

	environ        []string
	stdout, stderr io.Writer
}

func newClient(environ []string, stdout, stderr io.Writer) *cobra.Command {
	r := &clientRun{environ: environ, stdout: stdout, stderr: stderr}
	cmd := &cobra.Command{
		Use:   "client [flags] -- COMMAND [ARGS…] | --serve",
		Short: "Judge a client: run it once a scenario against the fake",
		Long: `Judge a client by the contract: run COMMAND once for each scenario, each time against
a fake server of its own, and decide by what arrives there and by what the client says.

COMMAND upgrades a graph. Its environment says how: GESCONFORM_ENDPOINT, _TOKEN (and
_ACCESS_KEY with _SECRET_KEY), _PROJECT_ID, _GRAPH_ID, _UPGRADE_VERSION, and
_FORCE_UPGRADE (true or false; unset: leave it out). It exits with 0 if the upgrade has
succeeded, with 77 if it cannot do what the scenario asks for, and otherwise with any
other status.

With --serve, a test of any framework runs the client: it asks over HTTP for an endpoint
for each scenario, and posts the outcome. The first line of output is the URL.

Exit status: 0 conforms; 1 deviates; 2 could not judge; 130 interrupted.`,
		Example: `  gesconform client -- ./upgrade.sh
  gesconform client --scenario job/ -- python3 upgrade.py
  gesconform client --serve --output client-report
  gesconform client --explain unclear/reset`,
		RunE: func(cmd *cobra.Command, args []string) error { return r.run(cmd.Context(), cmd.Flags(), args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&r.scenario, "scenario", "", "run only these scenarios: comma-separated names, groups, or patterns such as job/*")
	flags.BoolVar(&r.list, "list", false, "list the scenarios and what they decide, and exit")
	flags.BoolVar(&r.serve, "serve", false, "serve the scenarios as JSON over HTTP, for a test that runs the client itself")
	flags.StringVar(&r.addr, "addr", "127.0.0.1:0", "HOST:PORT to serve on, of the loopback interface; port 0 picks a free port")
	flags.StringVar(&r.explain, "explain", "", "say what this scenario answers and how a client takes it well, and exit")
	flags.BoolVar(&r.strict, "strict", false, "count a broken SHOULD as a deviation, and run the scenarios that take as long as --scenario-timeout")
	flags.DurationVar(&r.scenarioTimeout, "scenario-timeout", 130*time.Second, "how long a scenario may take from the client's first request on")
	flags.DurationVar(&r.startTimeout, "start-timeout", time.Minute, "how long the client may take until its first request")
	flags.IntVar(&r.concurrency, "concurrency", 0, "how many clients may start at once (default: the number of processors)")
	flags.StringVar(&r.output, "output", "", "write the results to this folder")
	flags.BoolVar(&r.force, "force", false, "replace the files of an earlier run in the folder of --output; other people's files never are")
	flags.StringVar(&r.expect, "expect", "", "a YAML file with known deviations, which do not count until they expire")
	flags.StringVar(&r.writeExpect, "write-expect", "", "write the deviations of this run to this new file, for --expect, once somebody has added reasons, tickets and dates")
	flags.StringVar(&r.baseline, "baseline", "", "the folder of another run to compare with, or its results.json")
	flags.BoolVar(&r.failOnChange, "fail-on-change", false, "exit with 1 if anything differs from the baseline")
	flags.StringVar(&r.document, "contract", "", "the OpenAPI document to judge by (default: the built-in one)")
	flags.BoolVar(&r.github, "github", false, "annotate the GitHub Actions job, and append to its summary")
	r.viewFlags.flags(flags, false)
	flags.SortFlags = false
	return cmd
}

func (r *clientRun) run(ctx context.Context, flags *pflag.FlagSet, args []string) error {
	given := flagsSet(flags)
	if err := cmp.Or(r.check(given), r.checkServe(given, args)); err != nil {
		return err
	}
	c, err := loadContract(ctx, r.document)
	if err != nil {
		return err
	}
	all, err := client.Scenarios(c)
	if err != nil {
		return err
	}
	if (r.list || r.explain != "") && len(args) > 0 {
		return fmt.Errorf("client: expected no command with --list and --explain, which run nothing, got %q", args[0])
	}
	if r.explain != "" {
		return r.printScenario(c, all)
	}
	some, err := client.Select(all, r.scenario, r.strict)
	switch {
	case err != nil:
		return fmt.Errorf("scenario: %w", err)
	case r.list:
		return r.printScenarios(c, some)
	case len(args) == 0 && !r.serve:
		return errors.New("client: expected a command after --, such as `gesconform client -- ./upgrade.sh`, or --serve; got neither")
	}
	options, err := r.options(c, all)
	if err != nil {
		return err
	}
	options.Client.Command, options.Selected = args, len(some)
	judging := client.Options{Contract: c, Scenarios: some, ScenarioTimeout: r.scenarioTimeout, StartTimeout: r.startTimeout, Concurrency: r.concurrency}
	if r.serve {
		r.serveScenarios(&options, judging)
	} else if err := runCommand(&options, judging, args); err != nil {
		return err
	}
	judge := func() (result.Run, error) { return run.Client(ctx, options) }
	if r.writeExpect != "" {
		judge = thenWriteExpect(r.writeExpect, namesIn(options.Contract), judge)
	}
	if r.github {
		return onGitHub(r.environ, r.stdout, judge)
	}
	_, err = judge()
	return err
}

// runCommand has a run judge a command.
func runCommand(o *run.ClientOptions, options client.Options, args []string) (err error) {
	options.Driver, err = command.New(args)
	o.Judge = func(ctx context.Context, judged func(judge.Result)) ([]judge.Result, bool, string, error) {
		options.Judged = judged
		report, err := client.Run(ctx, options)
		return report.Results, report.Waits, report.Failure, err
	}
	return err
}

// check checks the flags that need nothing else.
func (r *clientRun) check(given map[string]bool) error {
	switch {
	case r.scenarioTimeout <= 0:
		return fmt.Errorf("scenario-timeout: expected a duration above 0, such as 130s, got %s", r.scenarioTimeout)
	case r.startTimeout <= 0:
		return fmt.Errorf("start-timeout: expected a duration above 0, such as 60s, got %s", r.startTimeout)
	case r.concurrency < 0 || given["concurrency"] && r.concurrency == 0:
		return fmt.Errorf("concurrency: expected a number above 0, got %d", r.concurrency)
	case given["explain"] && r.explain == "", given["scenario"] && r.scenario == "", given["output"] && r.output == "":
		return errEmpty
	case r.failOnChange && r.baseline == "":
		return errors.New("fail-on-change: expected --baseline DIR with it, got none")
	}
	if err := r.viewFlags.check(given, false); err != nil {
		return err
	}
	return r.checkGitHub(r.github)
}

// options returns the options of a run that follow from the flags and files.
func (r *clientRun) options(c *contract.Contract, all []*client.Scenario) (o run.ClientOptions, err error) {
	o = run.ClientOptions{
		Contract: c, Names: namesOf(c, all), Filter: r.scenario, Strict: r.strict, FailOnChange: r.failOnChange,
		Client: result.Client{ScenarioTimeout: r.scenarioTimeout, StartTimeout: r.startTimeout},
		Output: evidence.Output{Folder: r.output, Force: r.force}, Out: r.stdout, Text: r.text(r.stdout, r.environ),
	}
	o.Progress, o.Terminal = r.progress(r.stdout, r.stderr)
	if r.expect != "" {
		if o.Expectations, err = readExpectations(r.expect, o.Names); err != nil {
			return o, err
		}
	}
	if r.baseline != "" {
		o.Baseline, err = readBaseline(r.baseline, true)
	}
	return o, err
}

// namesOf returns what an expectation may name.
func namesOf(c *contract.Contract, all []*client.Scenario) result.Names {
	var known []result.Scenario
	for _, s := range all {
		known = append(known, result.Scenario{ID: s.Name, Requirement: s.Requirement(c), Decides: s.Requirements(c), Strict: s.Strict})
	}
	return result.ClientNames(c, known)
}

// printScenarios lists scenarios with what they are about.
func (r *clientRun) printScenarios(c *contract.Contract, some []*client.Scenario) error {
	var b strings.Builder
	width := 0
	for _, s := range some {
		width = max(width, len(s.Name))
	}
	for _, s := range some {
		fmt.Fprintf(&b, "%-*s  %s\n", width, s.Name, strings.Join(s.OwnRequirements(c), ", "))
	}
	_, err := io.WriteString(r.stdout, b.String())
	return err
}

// printScenario explains one scenario.
func (r *clientRun) printScenario(c *contract.Contract, all []*client.Scenario) error {
	s, err := client.Named(all, r.explain)
	if err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nanswered: %s\nexpected: %s\n", s.Name, s.Answered, s.Expected)
	if s.Strict {
		fmt.Fprintf(&b, "when:     with --strict, or if it is named, since it may take as long as --scenario-timeout\n")
	}
	if s.IfWaiting {
		fmt.Fprintf(&b, "when:     the client waits for the job\n")
	}
	fmt.Fprintf(&b, "\ndecides:\n")
	for _, id := range s.Requirements(c) {
		of := c.Requirement(id)
		fmt.Fprintf(&b, "  %-6s  %s: %s\n", of.Level, of.ID, of.Text)
	}
	_, err = io.WriteString(r.stdout, b.String())
	return err
}

// clientJudge judges clients again.
func clientJudge() *evidence.ClientJudge {
	return &evidence.ClientJudge{
		Names: func(c *contract.Contract) (result.Names, error) {
			all, err := client.Scenarios(c)
			return namesOf(c, all), err
		},
		Judge: func(c *contract.Contract, run result.Run) ([]judge.Result, error) {
			recorded := make([]judge.Result, len(run.Cases))
			for i := range run.Cases {
				recorded[i] = run.Cases[i].Result
			}
			return client.Replay(c, run.Client.Waits, recorded)
		},
	}
}
