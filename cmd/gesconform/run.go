package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
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

// dial replaces the network in tests, as http.Transport's DialContext; nil for the system's.
var dial func(ctx context.Context, network, address string) (net.Conn, error)

// A runner is a call of `gesconform run`, with its flags.
type runner struct {
	config   config.Config
	document documentFlags
	files    inputs
	targets  targetsFlags
	viewFlags
	configFile     configFlags
	writeExpect    string
	dryRun, github bool
	force          bool
	checks, asJSON bool // `gesconform check`: nothing but reads, and no verdicts

	environ        []string
	stdout, stderr io.Writer
}

func newRun(environ []string, stdout, stderr io.Writer) *cobra.Command {
	r := &runner{config: config.Default(), environ: environ, stdout: stdout, stderr: stderr}
	r.config.Dial = dial
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Judge a server by any OpenAPI document, a deployment, or the fake server in the same process",
		Long: `Judge a deployment by the contract, and print a verdict for each requirement.

Without --endpoint, it starts the fake server in its own process and judges that,
upgrades included. With --endpoint, it starts no upgrades unless you set
--risk destructive.

With --spec, it judges the server at --endpoint by another OpenAPI document, which
needs nothing of ours: its reads, and what it refuses. --credential, --header, --query
and --cookie say how to log in, --fixture names ids that exist. With --risk destructive
it also creates things, and deletes them again; what was there before is never changed.
The options about graphs, tokens and upgrades are for the built-in contract.

Every flag has an environment variable: --graph-id is GESCONFORM_GRAPH_ID. A flag
overrides its variable. The variables of flags that lower a guard are only read if
the endpoint is a loopback address:
  ` + guards() + `

With --targets, it judges many deployments at once. What describes a deployment,
such as its endpoint, graph and credentials, can only be set in the file, where the
options of a target override the defaults. All other flags, and their variables,
override the file, but --risk is an upper limit: the file may set a lower one.

What neither a flag nor a variable says is read from gesconform.yaml in this folder,
if there is one, or from the file that --config names; ` + "`gesconform init`" + ` writes one.

--shard I/N runs one of N parts; the parts are the same on every machine. Targets
are split by name. Without --targets, the cases that only send inert requests are
split; all others belong to shard 0, because two runs that upgrade one graph at the
same time would disturb each other.

Exit status: 0 conforms; 1 deviates; 2 could not judge; 130 interrupted.`,
		Example: `  gesconform run
  GESCONFORM_TOKEN=… gesconform run --endpoint https://ges.cn-north-4.myhuaweicloud.com \
      --project-id 0123456789abcdef0123456789abcdef --graph-id 53205529-026b-455a-9e07-228fae4b12b9
  gesconform run --spec openapi.yaml --endpoint http://127.0.0.1:8080 --credential key='$API_KEY' --output report
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
	r.document.flags(flags, "to judge by")
	flags.BoolVar(&r.dryRun, "dry-run", false, "print the plan and the requests without sending anything")
	r.files.flags(flags)
	r.targets.flags(flags)
	flags.BoolVar(&r.force, "force", false, "replace the files of an earlier run in the folder of --output; other people's files never are")
	r.viewFlags.flags(flags, false)
	flags.StringVar(&r.writeExpect, "write-expect", "", "write the deviations of this run to this new file, for --expect, once somebody has added reasons, tickets and dates")
	r.configFile.flags(flags)
	flags.BoolVar(&r.github, "github", false, "annotate the GitHub Actions job, and append to its summary")
	flags.SortFlags = false
}

// run judges one target or, with --targets, many.
func (r *runner) run(ctx context.Context, flags *pflag.FlagSet) error {
	given := map[string]bool{}
	flags.Visit(func(f *pflag.Flag) { given[f.Name] = true })
	named := maps.Clone(given)
	file, err := r.settings(flags, given)
	if err != nil {
		return err
	}
	if r.checks && r.dryRun {
		return errDryCheck
	}
	shard, err := r.targets.check(given, &r.files)
	if err != nil {
		return err
	}
	single := r.targets.file == ""
	if err := r.checkViews(given, !single); err != nil {
		return err
	}
	r.sayFile(file)
	if single {
		warnings, err := config.Settle(&r.config, r.environ, file, given)
		if err != nil {
			return err
		}
		r.warn(warnings)
	}
	c, err := r.contract(ctx, flags, given, named)
	if err != nil {
		return err
	}
	if c.Implied() {
		return r.judgeDocument(ctx, c)
	}
	options, err := r.files.read(c, &r.config, given)
	if err != nil {
		return err
	}
	options.Shard, options.Force = shard, r.force
	if !single {
		return r.judgeTargets(ctx, given, file, &options)
	}
	if r.config.Endpoint == "" && !given["endpoint"] {
		if err := r.checkNoEndpoint(flags, given, file); err != nil {
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

// contract loads the contract that the flags name, and makes sure that they are for it. named are those that
// were not set by a variable.
func (r *runner) contract(ctx context.Context, flags *pflag.FlagSet, given, named map[string]bool) (*contract.Contract, error) {
	path, err := r.document.path(named)
	if err != nil {
		return nil, err
	}
	c, err := loadContract(ctx, path)
	if err != nil {
		return nil, err
	}
	return c, r.fits(flags, given, c)
}

// checkNoEndpoint keeps a run with a forgotten endpoint from judging the fake server
// by mistake: without an endpoint, a flag or a file that describes a deployment is an error,
// and its variable a warning.
func (r *runner) checkNoEndpoint(flags *pflag.FlagSet, given map[string]bool, file *config.File) error {
	var flagged, ignored []string
	for _, name := range []string{
		"project-id", "graph-id", "absent-graph-id", "token", "readonly-token", "expired-token", "stopped-graph-id", "foreign-graph-id", "confirm-graph", "ca-file",
		"client-cert", "client-key", "insecure", "allow-http", "token-file", "token-command", "access-key", "secret-key", "security-token",
	} {
		_, place := file.Get(name)
		switch {
		case place != "":
			return fmt.Errorf("%s: %s: expected an endpoint with it, got none; set %s or --endpoint, or --no-config to judge the fake server", place, name, config.Variable("endpoint"))
		case flags.Changed(name):
			flagged = append(flagged, "--"+name)
		case given[name]:
			ignored = append(ignored, config.Variable(name))
		}
	}
	if len(flagged) > 0 {
		return fmt.Errorf("%w; or omit %s to judge the fake server", r.config.Check(), strings.Join(flagged, " "))
	}
	if len(ignored) > 0 {
		fmt.Fprintf(r.stderr, "gesconform: warning: without an endpoint, the fake server is judged and these variables are ignored: %s\n", strings.Join(ignored, " "))
	}
	return nil
}

func (r *runner) warn(warnings []string) {
	if r.quiet {
		return
	}
	for _, w := range warnings {
		fmt.Fprintf(r.stderr, "gesconform: warning: %s\n", w)
	}
}

// judge judges the one target that the configuration describes.
func (r *runner) judge(ctx context.Context, options *run.Options) error {
	options.Config, options.Out, options.Text = r.config, r.stdout, r.text(r.stdout, r.environ)
	options.Progress, options.Terminal = r.progress(r.stdout, r.stderr)
	judge := func() (result.Run, error) { return run.Run(ctx, *options) }
	if r.writeExpect != "" {
		judge = thenWriteExpect(r.writeExpect, namesIn(options.Contract), judge)
	}
	switch {
	case r.checks:
		return run.Check(ctx, *options, r.asJSON)
	case r.dryRun:
		return run.Preview(*options)
	case r.github:
		return onGitHub(r.environ, r.stdout, judge)
	}
	_, err := judge()
	return err
}

// commandsOwn sets those flags from the environment that are no options of a target.
func commandsOwn(flags *pflag.FlagSet, environ []string, given map[string]bool) error {
	for _, name := range config.CommandFlags {
		variable := config.Variable(name)
		value := variableOf(environ, variable)
		if value == "" || given[name] {
			continue
		}
		if err := flags.Set(name, value); err != nil {
			return fmt.Errorf("%s: expected a value for --%s, got %q", variable, name, value)
		}
	}
	return nil
}

// guards lists the flags that lower a guard. --plan is one, because a plan can set all the
// others.
func guards() string {
	var names []string
	for _, o := range config.Options {
		if o.LowersGuard {
			names = append(names, "--"+o.Name)
		}
	}
	return strings.Join(append(names, "--plan"), " ")
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
	switch {
	case value != "" || f.MayBeEmpty:
		return f.Option.Set(f.config, value)
	case f.Name == "endpoint":
		return fmt.Errorf("expected the URL of a deployment, got an empty one; omit the flag to judge the fake server")
	}
	return errEmpty
}

func (f *optionFlag) Type() string {
	if f.Switch {
		return "bool"
	}
	return "string"
}

// isTerminal reports whether w is a terminal, and which.
func isTerminal(w io.Writer) (descriptor int, ok bool) {
	f, ok := w.(interface{ Fd() uintptr })
	if !ok {
		return 0, false
	}
	return int(f.Fd()), term.IsTerminal(int(f.Fd()))
}

// describeTerminal returns what w can show.
func describeTerminal(w io.Writer, environ []string) (text report.TextOptions) {
	descriptor, ok := isTerminal(w)
	if !ok {
		return text
	}
	text.Color = variableOf(environ, "NO_COLOR") == "" && variableOf(environ, "TERM") != "dumb"
	text.Width, _, _ = term.GetSize(descriptor) // 0 if unknown
	text.ASCII = !showsUTF8(cmp.Or(variableOf(environ, "LC_ALL"), variableOf(environ, "LC_CTYPE"), variableOf(environ, "LANG")))
	return text
}

// showsUTF8 reports whether a terminal with this locale shows more than ASCII. An empty
// locale is assumed to.
func showsUTF8(locale string) bool {
	return locale == "" || strings.Contains(strings.ToUpper(strings.ReplaceAll(locale, "-", "")), "UTF8")
}
