package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/fakeadmin"
	"github.com/gesconform/gesconform/internal/serving"
)

type fakeFlags struct {
	addr, envFile, defect, scenario string
	upgradeTime                     time.Duration
	seed, varySeed                  int64
	vary, without                   []string
	admin, strict, quiet            bool
	adminHosts                      []string
	journal                         int
	tls                             tlsFlags
	document                        documentFlags
}

func newFake(stdout, stderr io.Writer) *cobra.Command {
	var flags fakeFlags
	var lists listFlags
	cmd := &cobra.Command{
		Use:   "fake",
		Short: "Serve a fake Graph Engine Service, or any OpenAPI document, for tests of clients",
		Long: `Serve a fake Graph Engine Service in memory, with graphs, jobs, tokens and access
keys. It refuses what the contract says is to be refused. The first line of output is
its URL; its settings follow. It runs until it is interrupted. On standard error it says
what requests break the contract.

A scenario, which is a YAML file, says which users, graphs and versions it has, how
upgrades go and which faults occur; --print-scenario prints one to start from.

With --spec FILE it serves that OpenAPI document instead: its answers are valid by the
document, it refuses what the document does not allow, and it keeps what it is given.
It says which credentials it takes. Only --addr, --seed and the certificate are for
that, too.

Exit status: 0 interrupted; 2 could not serve.`,
		Example: `  gesconform fake --env-file fake.env &
  set -a; . ./fake.env; set +a
  gesconform run --risk destructive`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if lists.any() {
				return lists.print(stdout)
			}
			if err := flags.tls.check(); err != nil {
				return err
			}
			if path, err := flags.document.path(flagsSet(cmd.Flags())); err != nil || path != "" {
				return errors.Join(err, flags.serveDocument(cmd.Context(), stdout, cmd.Flags(), path))
			}
			if !cmd.Flags().Changed("admin") {
				flags.admin = onLoopback(flags.addr)
			}
			return serveFake(cmd.Context(), stdout, stderr, flags)
		},
	}
	set := cmd.Flags()
	set.StringVar(&flags.addr, "addr", "127.0.0.1:0", "HOST:PORT to listen on; port 0 picks a free port")
	set.StringVar(&flags.envFile, "env-file", "", "once listening, write the variables that 'gesconform run' and other clients need to this file; removed when the fake exits, if nobody has changed it")
	set.StringVar(&flags.scenario, "scenario", "", "a scenario file, or the name of a built-in scenario (see --list-scenarios)")
	set.DurationVar(&flags.upgradeTime, "upgrade-time", 20*time.Millisecond, "how long an upgrade takes, such as 2s, if the scenario does not say")
	set.Int64Var(&flags.seed, "seed", 1, "the seed of the ids and credentials that the scenario leaves out")
	set.StringVar(&flags.defect, "defect", "", "show this defect, which breaks the contract (see --list-defects)")
	set.BoolVar(&flags.strict, "strict", false, "refuse whatever the contract lets a service refuse, and not only what it must, but for members that the contract does not name")
	set.StringSliceVar(&flags.vary, "vary", nil, "vary answers as the contract allows: comma-separated names, or all (see --list-variations)")
	set.StringSliceVar(&flags.without, "without", nil, "withhold these operations, as a gateway does that has not published them: comma-separated operationIds, such as showGraph,showJob")
	set.Int64Var(&flags.varySeed, "vary-seed", 1, "the seed that decides which answers vary and how")
	set.BoolVar(&flags.admin, "admin", false, "serve the administration, with a live page, at /_fake/ (default: only if --addr is a loopback address)")
	set.BoolVarP(&flags.quiet, "quiet", "q", false, "do not say what requests break the contract")
	set.StringSliceVar(&flags.adminHosts, "admin-hosts", nil, "comma-separated host names by which the administration can be reached, in addition to localhost and IP addresses")
	set.IntVar(&flags.journal, "journal-bytes", 4<<20, "maximum size, in bytes, of the journal of exchanges that the administration shows; 0 keeps none")
	flags.tls.add(set)
	flags.document.flags(set, "to serve")
	lists.add(set)
	set.SortFlags = false
	return cmd
}

// options returns the options of the fake server.
func (flags *fakeFlags) options() ([]fakeserver.Option, error) {
	switch {
	case flags.upgradeTime < 0:
		return nil, fmt.Errorf("upgrade-time: expected a duration of 0 or more, got %s", flags.upgradeTime)
	case flags.journal < 0:
		return nil, fmt.Errorf("journal-bytes: expected 0 or more, got %d", flags.journal)
	}
	options := []fakeserver.Option{
		fakeserver.WithUpgradeTimes(flags.upgradeTime), fakeserver.WithSeed(flags.seed), fakeserver.WithVariationSeed(flags.varySeed),
		fakeserver.WithJournal(flags.journal),
	}
	if flags.scenario != "" {
		s, err := findScenario(flags.scenario)
		if err != nil {
			return nil, err
		}
		options = append(options, fakeserver.WithScenario(s))
	}
	if flags.defect != "" {
		defect, err := fakeserver.LookupDefect(flags.defect)
		if err != nil {
			return nil, err
		}
		options = append(options, fakeserver.WithDefect(defect))
	}
	options = append(options, fakeserver.WithoutOperations(flags.without...))
	if flags.strict {
		options = append(options, fakeserver.WithStrict())
	}
	if len(flags.vary) > 0 {
		options = append(options, fakeserver.WithVariations(flags.varySeed, flags.vary...))
	}
	return options, nil
}

// findScenario reads a scenario file, or returns a built-in scenario.
func findScenario(name string) (*scenario.Scenario, error) {
	if slices.Contains(scenario.Names(), name) {
		return scenario.Named(name)
	}
	s, err := scenario.Load(name)
	if errors.Is(err, fs.ErrNotExist) && filepath.Base(name) == name && filepath.Ext(name) == "" {
		_, err = scenario.Named(name) // its error lists the names
	}
	return s, err
}

// onLoopback reports whether addr is a loopback address.
func onLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false // listening on it fails, too
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// announce writes the fake's address on the first line, and its settings below.
func (flags *fakeFlags) announce(w io.Writer, url string, s *scenario.Scenario) error {
	lines := []string{url}
	if flags.admin {
		lines = append(lines, "administration: "+url+"/_fake/")
	}
	if flags.scenario != "" {
		lines = append(lines, "scenario: "+flags.scenario)
	}
	lines = append(lines, fmt.Sprintf("seed: %d", flags.seed))
	if flags.defect != "" {
		lines = append(lines, "defect: "+flags.defect)
	}
	if len(flags.without) > 0 {
		lines = append(lines, "without: "+strings.Join(flags.without, ", "))
	}
	if vary := slices.Concat(flags.vary, s.Vary); len(vary) > 0 {
		lines = append(lines, fmt.Sprintf("variations: %s, seed %d", strings.Join(vary, ", "), flags.varySeed))
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

// absentGraphID is of no graph, unless a scenario has chosen it.
const absentGraphID = "ab5e0000-0000-4000-8000-000000000000"

func serveFake(ctx context.Context, stdout, stderr io.Writer, flags fakeFlags) error {
	options, err := flags.options()
	if err != nil {
		return err
	}
	fake, err := fakeserver.Build(options...)
	if err != nil {
		return err
	}
	var handler http.Handler = fake
	if flags.admin {
		handler = fakeadmin.Mount(fake, fakeadmin.WithHosts(flags.adminHosts...))
	}
	listener, setup, err := flags.tls.listen(ctx, flags.addr)
	if err != nil {
		return err
	}
	defer setup.remove()
	defer listener.Close() // already closed if it has served
	server := serving.New(listener, handler, setup.options...)
	if flags.envFile != "" {
		variables := setup.variables
		if len(flags.without) > 0 {
			variables = append(variables, config.Variable("absent-graph-id")+"="+absentGraphID)
		}
		write := func(w io.Writer) error { return fake.Fixtures().WriteEnv(w, server.URL(), variables...) }
		if err := writeOwn(flags.envFile, 0o600, isEnvFile, write); err != nil { // only for its owner, because it has tokens
			return fmt.Errorf("write env file: %w", err)
		}
		defer leave(flags.envFile).remove() // it would lead to a server that is gone
	}
	if err := flags.announce(stdout, server.URL(), fake.Scenario()); err != nil {
		return err
	}
	if !flags.quiet && flags.journal > 0 {
		stop, err := sayViolations(ctx, stderr, fake)
		if err != nil {
			return err
		}
		defer stop()
	}
	return server.Serve(ctx)
}

// sayViolations says what requests break the contract until it is stopped.
func sayViolations(ctx context.Context, stderr io.Writer, fake *fakeserver.Server) (stop func(), err error) {
	document, err := contract.Default()
	if err != nil {
		return nil, err
	}
	watching, cancel := context.WithCancel(context.WithoutCancel(ctx)) // the last requests end after ctx
	changes, unwatch := fake.Watch()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		newViolationPrinter(stderr, document, time.Now).watch(watching, fake, changes)
	}()
	return func() {
		cancel()
		<-ended
		unwatch()
	}, nil
}
