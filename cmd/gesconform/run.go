package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/embedded"
	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/run"
)

// A runner is `gesconform run` with what the user has said.
type runner struct {
	config                  config.Config
	document                string // the contract; "" for the one that is built in
	files                   inputs
	targets                 targetsFlags
	verbose, dryRun, github bool

	environ        []string
	stdout, stderr io.Writer
}

func newRun(environ []string, stdout, stderr io.Writer) *cobra.Command {
	r := &runner{config: config.Default(), environ: environ, stdout: stdout, stderr: stderr}
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
		RunE: func(cmd *cobra.Command, _ []string) error { return r.run(cmd.Context(), cmd.Flags()) },
	}
	r.flags(cmd.Flags())
	return cmd
}

func (r *runner) flags(flags *pflag.FlagSet) {
	for _, o := range config.Options {
		f := flags.VarPF(&optionFlag{o, &r.config}, o.Name, "", o.Usage)
		if o.Switch {
			f.NoOptDefVal = "true"
		}
	}
	flags.StringVar(&r.document, "contract", "", "the OpenAPI document to judge by; the one that is built in by default")
	flags.BoolVar(&r.dryRun, "dry-run", false, "print the plan and the requests, and send nothing")
	r.files.flags(flags)
	r.targets.flags(flags)
	flags.BoolVarP(&r.verbose, "verbose", "v", false, "say what became of each case")
	flags.BoolVar(&r.github, "github", false, "annotate the job of GitHub Actions, and append to its summary")
	flags.SortFlags = false
}

// run judges one target or, beside --targets, many.
func (r *runner) run(ctx context.Context, flags *pflag.FlagSet) error {
	given := map[string]bool{}
	flags.Visit(func(f *pflag.Flag) { given[f.Name] = true })
	if err := commandsOwn(flags, r.environ, given); err != nil {
		return err
	}
	shard, err := r.targets.check(given, &r.files)
	if err != nil {
		return err
	}
	single := r.targets.file == ""
	if single {
		warnings, err := config.FromEnvironment(&r.config, r.environ, given)
		if err != nil {
			return err
		}
		r.warn(warnings)
	}
	c, err := loadContract(r.document)
	if err != nil {
		return err
	}
	options, err := r.files.read(c, &r.config, given)
	if err != nil {
		return err
	}
	options.Shard = shard
	if !single {
		return r.judgeTargets(ctx, given, &options)
	}
	if r.config.Endpoint == "" && !given["endpoint"] {
		if err := nothingToName(flags, given, r.stderr); err != nil {
			return err
		}
		stop, err := embedded.Start(&r.config, c, given)
		if err != nil {
			return err
		}
		defer stop()
	}
	return r.judge(ctx, &options)
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

func (r *runner) warn(warnings []string) {
	for _, w := range warnings {
		fmt.Fprintf(r.stderr, "gesconform: warning: %s\n", w)
	}
}

// judge judges the one target that the configuration describes.
func (r *runner) judge(ctx context.Context, options *run.Options) error {
	options.Terminal, options.Text = describeTerminal(r.stdout, r.environ)
	options.Config, options.Out, options.Text.Verbose = r.config, r.stdout, r.verbose
	switch {
	case r.dryRun:
		return run.Preview(*options)
	case r.github:
		return onGitHub(r.environ, r.stdout, func() (result.Run, error) { return run.Run(ctx, *options) })
	}
	_, err := run.Run(ctx, *options)
	return err
}

// commandsOwn reads from the environment the flags that are the command's alone,
// and not the target's.
func commandsOwn(flags *pflag.FlagSet, environ []string, given map[string]bool) error {
	for _, name := range config.CommandFlags {
		variable := config.Variable(name)
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

// guards names the flags that lower one, a plan being the word on all of them.
func guards() string {
	var names []string
	for _, o := range config.Options {
		if o.LowersGuard {
			names = append(names, "--"+o.Name)
		}
	}
	return strings.Join(append(names, "--plan"), " ")
}

func loadContract(path string) (*contract.Contract, error) {
	if path == "" {
		return contract.Default()
	}
	return contract.Load(path)
}

// optionFlag makes a flag of an option.
type optionFlag struct {
	*config.Option
	config *config.Config
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

// describeTerminal says whether w is a terminal, and what it can show.
func describeTerminal(w io.Writer, environ []string) (terminal bool, text report.TextOptions) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return false, text
	}
	text.Color = true
	text.Width, _, _ = term.GetSize(int(f.Fd())) // 0 where it cannot be told
	locale := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if name == "NO_COLOR" && value != "" || pair == "TERM=dumb" {
			text.Color = false
		}
		locale[name] = value
	}
	text.ASCII = !showsUTF8(cmp.Or(locale["LC_ALL"], locale["LC_CTYPE"], locale["LANG"]))
	return true, text
}

// showsUTF8 reports whether a terminal in a locale shows more than ASCII. One that
// says nothing is taken to.
func showsUTF8(locale string) bool {
	return locale == "" || strings.Contains(strings.ToUpper(strings.ReplaceAll(locale, "-", "")), "UTF8")
}
