package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/gesconform/gesconform/conformance"
	"github.com/gesconform/gesconform/conformance/cases"
	"github.com/gesconform/gesconform/conformance/report"
	"github.com/gesconform/gesconform/conformance/target"
	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/fakeserver/serving"
)

func newRun(environ []string, stdout, stderr io.Writer) *cobra.Command {
	config := target.Default()
	var document string
	var files inputs
	var verbose, dryRun, github bool
	many := wide{}
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Judge a deployment, or the fake server in the same process",
		Long: `Derives the cases from the contract, sends them and prints a verdict for each
requirement. Without --endpoint it judges the fake server, which it starts in the
same process, and starts upgrades there. With --endpoint it starts none until
--risk destructive says so.

Every flag has an environment variable: --graph-id is GESCONFORM_GRAPH_ID. A flag
beats its variable. What lowers a guard counts from the environment only while the
endpoint is a loopback address:
  ` + guards() + `

With --targets it judges many deployments at once. What describes one of them, its
endpoint, graph and credentials for example, stands in the file only, and what a
target says beats what the file says for all. Every other flag, and its variable,
beats the file; but --risk is a bound, below which the file may stay.

--shard I/N does one of N parts, the same ones on every machine. Targets are split
by their names. Of the cases of a single target those are split that send nothing
but inert requests; all others are part 0's, since two runs that upgrade one graph
at the same time would ruin each other.

Exit status: 0 conforms; 1 deviates; 2 could not judge; 130 interrupted.`,
		Example: `  gesconform run
  GESCONFORM_TOKEN=… gesconform run --endpoint https://ges.cn-north-4.myhuaweicloud.com \
      --project-id 0123456789abcdef0123456789abcdef --graph-id 53205529-026b-455a-9e07-228fae4b12b9
  gesconform run --targets targets.yaml --output report`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			given := map[string]bool{}
			cmd.Flags().Visit(func(f *pflag.Flag) { given[f.Name] = true })
			if err := commandsOwn(cmd.Flags(), environ, given); err != nil {
				return err
			}
			shard, err := many.check(given, &files)
			if err != nil {
				return err
			}
			if many.targets != "" {
				c, err := loadContract(document)
				if err != nil {
					return err
				}
				options, err := files.read(c, &config, given)
				if err != nil {
					return err
				}
				r := fleetRun{wide: &many, options: &options, flags: &config, given: given, environ: environ, stdout: stdout, stderr: stderr, dryRun: dryRun, github: github}
				return r.judge(cmd.Context(), shard)
			}
			warnings, err := target.FromEnvironment(&config, environ, given)
			if err != nil {
				return err
			}
			for _, w := range warnings {
				fmt.Fprintf(stderr, "gesconform: warning: %s\n", w)
			}
			c, err := loadContract(document)
			if err != nil {
				return err
			}
			options, err := files.read(c, &config, given)
			if err != nil {
				return err
			}
			if config.Endpoint == "" && !given["endpoint"] {
				if err := nothingToName(cmd.Flags(), given, stderr); err != nil {
					return err
				}
				stop, err := embed(&config, c, given)
				if err != nil {
					return err
				}
				defer stop()
			}
			out := describeTerminal(stdout, environ)
			options.Config, options.Shard, options.Verbose = config, shard, verbose
			options.Out, options.Terminal, options.Color, options.Width = stdout, out.terminal, out.color, out.width
			if dryRun {
				return conformance.Preview(options)
			}
			if github {
				return onGitHub(environ, stdout, func() (report.Run, error) { return conformance.Run(cmd.Context(), options) })
			}
			_, err = conformance.Run(cmd.Context(), options)
			return err
		},
	}
	for _, o := range target.Options {
		f := cmd.Flags().VarPF(&optionFlag{o, &config}, o.Name, "", o.Usage)
		if o.Switch {
			f.NoOptDefVal = "true"
		}
	}
	cmd.Flags().StringVar(&document, "contract", "", "the OpenAPI document to judge by; the one that is built in by default")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "print the plan and the requests, and send nothing")
	files.flags(cmd.Flags())
	cmd.Flags().StringVar(&many.targets, "targets", "", "judge all deployments of this file, and write a folder for each and the matrix of requirements by target")
	cmd.Flags().IntVar(&many.parallel, "parallel", usualParallel, "how many of the targets may be judged at once")
	cmd.Flags().StringVar(&many.shard, "shard", "", "do only part I of N, as in 0/4: of the targets, or of the cases where there is one; 'gesconform merge' joins the results")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "say what became of each case")
	cmd.Flags().BoolVar(&github, "github", false, "annotate the job of GitHub Actions, and append to its summary")
	cmd.Flags().SortFlags = false
	return cmd
}

// commandsOwn reads from the environment the flags that are the command's alone,
// and not the target's.
func commandsOwn(flags *pflag.FlagSet, environ []string, given map[string]bool) error {
	for _, name := range target.CommandFlags {
		variable := target.Variable(name)
		for _, pair := range environ {
			value, ok := strings.CutPrefix(pair, variable+"=")
			if !ok || value == "" || given[name] {
				continue
			}
			if err := flags.Set(name, value); err != nil {
				return fmt.Errorf("%s: expected what --%s takes, got %q", variable, name, value)
			}
		}
	}
	return nil
}

// guards names the flags that lower one.
func guards() string {
	var names []string
	for _, o := range target.Options {
		if o.LowersGuard {
			names = append(names, "--"+o.Name)
		}
	}
	return strings.Join(names, " ")
}

func loadContract(path string) (*contract.Contract, error) {
	if path == "" {
		return contract.Default()
	}
	return contract.Load(path)
}

// optionFlag makes a flag of an option.
type optionFlag struct {
	*target.Option
	config *target.Config
}

func (f *optionFlag) String() string {
	if f.Option == nil {
		return ""
	}
	return f.Get(f.config)
}

func (f *optionFlag) Set(value string) error {
	if f.Name == "endpoint" && value == "" {
		return fmt.Errorf("is empty; name the deployment, or leave the flag out to judge the fake server")
	}
	return f.Option.Set(f.config, value)
}

func (f *optionFlag) Type() string {
	if f.Switch {
		return "bool"
	}
	return "string"
}

// nothingToName keeps a run that forgot its endpoint from judging the fake
// server as if it were the deployment: what only a deployment has is an error
// as a flag, and a warning as a variable.
func nothingToName(flags *pflag.FlagSet, given map[string]bool, stderr io.Writer) error {
	for _, name := range []string{
		"project-id", "graph-id", "token", "readonly-token", "expired-token", "stopped-graph-id", "foreign-graph-id", "confirm-graph", "ca-file",
		"client-cert", "client-key", "insecure", "token-file", "token-command", "access-key", "secret-key", "security-token",
	} {
		switch {
		case flags.Changed(name):
			return fmt.Errorf("%s: is given and --endpoint is not; give --endpoint https://HOST, or leave --%s out to judge the fake server", name, name)
		case given[name]:
			fmt.Fprintf(stderr, "gesconform: warning: the variable for --%s counts for nothing without an endpoint; the fake server is judged\n", name)
		}
	}
	return nil
}

// embeddedScenario is what the fake server in the same process holds. It upgrades
// at once, but for the first time, when a running upgrade is needed to ask for a
// second one, and one upgrade fails, so that what holds then is exercised, too.
func embeddedScenario() *scenario.Scenario {
	s := scenario.Default()
	s.Upgrades = []scenario.Upgrade{{Takes: 20 * time.Millisecond}, {}, {Fails: "The new version did not start."}, {}}
	return s
}

// embed starts a fake server and makes config describe it, but for what the
// user has given.
func embed(config *target.Config, c *contract.Contract, given map[string]bool) (stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the fake server: %w", err)
	}
	fake, err := fakeserver.Build(
		fakeserver.WithContract(c), fakeserver.WithScenario(embeddedScenario()),
		fakeserver.WithJournal(0), // the run keeps its own
	)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the fake server: %w", err), listener.Close())
	}
	server := serving.New(listener, fake, serving.WithGrace(0))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(ctx) // how well it served the run has seen
	}()
	versions := config.UpgradeVersions
	describeFake(config, server.URL(), fake.Fixtures())
	config.Embedded, config.ConfirmGraph = true, ""
	if given["upgrade-version"] {
		config.UpgradeVersions = versions
	}
	for name, set := range map[string]func(){
		"risk":                  func() { config.Risk = cases.Destructive },
		"keep-going":            func() { config.KeepGoing = true },
		"confirm-foreign-graph": func() { config.ConfirmForeignGraph = true },
		"request-timeout":       func() { config.RequestTimeout = 2 * time.Second },
		"job-timeout":           func() { config.JobTimeout = 5 * time.Second },
		"concurrency":           func() { config.Concurrency = 16 },
	} {
		if !given[name] {
			set()
		}
	}
	return func() {
		cancel()
		<-ended
	}, nil
}

// describeFake makes config describe a fake server: where it is, and what it has.
func describeFake(config *target.Config, url string, f fakeserver.Fixtures) {
	config.Endpoint, config.ProjectID, config.GraphID, config.Token = url, f.ProjectID, f.GraphID, f.Token
	config.ReadonlyToken, config.ExpiredToken = f.ReadonlyToken, f.ExpiredToken
	config.StoppedGraphID, config.ForeignGraphID = f.StoppedGraphID, f.ForeignGraphID
	config.UpgradeVersions = f.Versions
}

// terminal is what the standard output can show.
type terminal struct {
	terminal, color bool
	width           int
}

func describeTerminal(w io.Writer, environ []string) terminal {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return terminal{}
	}
	t := terminal{terminal: true, color: true}
	t.width, _, _ = term.GetSize(int(f.Fd())) // 0 where it cannot be told
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if name == "NO_COLOR" && value != "" || pair == "TERM=dumb" {
			t.color = false
		}
	}
	return t
}
