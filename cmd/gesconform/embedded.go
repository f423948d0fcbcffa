package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/serving"
)

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
func embed(cfg *config.Config, c *contract.Contract, given map[string]bool) (stop func(), err error) {
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
	versions := cfg.UpgradeVersions
	describeFake(cfg, server.URL(), fake.Fixtures())
	cfg.Embedded, cfg.ConfirmGraph = true, ""
	if given["upgrade-version"] {
		cfg.UpgradeVersions = versions
	}
	for name, set := range map[string]func(){
		"risk":                  func() { cfg.Risk = cases.Destructive },
		"keep-going":            func() { cfg.KeepGoing = true },
		"confirm-foreign-graph": func() { cfg.ConfirmForeignGraph = true },
		"request-timeout":       func() { cfg.RequestTimeout = 2 * time.Second },
		"job-timeout":           func() { cfg.JobTimeout = 5 * time.Second },
		"concurrency":           func() { cfg.Concurrency = 16 },
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
func describeFake(cfg *config.Config, url string, f fakeserver.Fixtures) {
	cfg.Endpoint, cfg.ProjectID, cfg.GraphID, cfg.Token = url, f.ProjectID, f.GraphID, f.Token
	cfg.ReadonlyToken, cfg.ExpiredToken = f.ReadonlyToken, f.ExpiredToken
	cfg.StoppedGraphID, cfg.ForeignGraphID = f.StoppedGraphID, f.ForeignGraphID
	cfg.UpgradeVersions = f.Versions
}
