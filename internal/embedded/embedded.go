// Package embedded starts the fake server in the process of a run that has no endpoint, and
// configures the run for it. The fake and the suite meet here, so neither may import it;
// the command and the tests do.
package embedded

import (
	"fmt"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/serving"
)

// Scenario is the scenario of the embedded fake server. Upgrades are immediate, except for
// the first, during which a second one is requested. One upgrade fails, so that the
// requirements about failures are exercised, too.
func Scenario() *scenario.Scenario {
	s := scenario.Default()
	s.Upgrades = []scenario.Upgrade{{Takes: 20 * time.Millisecond}, {Takes: 5 * time.Millisecond}, {Takes: 5 * time.Millisecond}, {Fails: "The new version did not start."}, {}}
	return s
}

// Start starts a fake server and configures cfg for it, except for the options in given,
// which the user has set.
func Start(cfg *config.Config, c *contract.Contract, given map[string]bool) (stop func(), err error) {
	fake, err := fakeserver.Build(
		fakeserver.WithContract(c), fakeserver.WithScenario(Scenario()),
		fakeserver.WithJournal(0), // the run has its own
	)
	if err != nil {
		return nil, fmt.Errorf("start the fake server: %w", err)
	}
	url, stop, err := serving.Start(fake)
	if err != nil {
		return nil, fmt.Errorf("start the fake server: %w", err)
	}
	versions := cfg.UpgradeVersions
	Describe(cfg, url, fake.Fixtures())
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
	return stop, nil
}

// Describe configures cfg for a fake server with these fixtures.
func Describe(cfg *config.Config, url string, f fakeserver.Fixtures) {
	cfg.Endpoint, cfg.ProjectID, cfg.GraphID, cfg.Token = url, f.ProjectID, f.GraphID, f.Token
	cfg.ReadonlyToken, cfg.ExpiredToken = f.ReadonlyToken, f.ExpiredToken
	cfg.StoppedGraphID, cfg.ForeignGraphID = f.StoppedGraphID, f.ForeignGraphID
	cfg.UpgradeVersions = f.Versions
}
