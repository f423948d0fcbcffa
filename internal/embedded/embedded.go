// Package embedded starts the fake server in the process of a run that has no endpoint, and
// configures the run for it. The fake and the suite meet here, so neither may import it;
// the command and the tests do.
package embedded

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/serving"
)

// Scenario is the scenario of the embedded fake server. Upgrades are immediate, except for the
// first three: during the first, others are requested at once and later, and two arrive together
// after it. One upgrade fails, so that the requirements about failures are exercised, too.
func Scenario() *scenario.Scenario {
	s := scenario.Default()
	s.Upgrades = []scenario.Upgrade{{Takes: 16 * perRead}, {Takes: 4 * perRead}, {Takes: 4 * perRead}, {Fails: "The new version did not start."}, {}}
	return s
}

// Build builds the embedded fake server, and what serves it. Its clock stands still and
// advances with each read, so that an upgrade is under way for as many reads on a busy
// machine as on an idle one.
func Build(options ...fakeserver.Option) (*fakeserver.Server, http.Handler, error) {
	began := time.Now()
	fake, err := fakeserver.Build(append([]fakeserver.Option{
		fakeserver.WithScenario(Scenario()),
		fakeserver.WithClock(func() time.Time { return began }),
		fakeserver.WithJournal(0), // the run has its own
	}, options...)...)
	if err != nil {
		return nil, nil, err
	}
	return fake, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fake.ServeHTTP(w, r)
		if r.Method == http.MethodGet {
			fake.Advance(perRead)
		}
	}), nil
}

// perRead is how far the clock goes with each read. The first upgrade is still under way when its
// job is read after each request for another one.
const perRead = 5 * time.Millisecond

// Start starts a fake server and configures cfg for it, except for the options in given,
// which the user has set.
func Start(cfg *config.Config, c *contract.Contract, given map[string]bool) (stop func(), err error) {
	fake, handler, err := Build(fakeserver.WithContract(c))
	if err != nil {
		return nil, fmt.Errorf("start the fake server: %w", err)
	}
	url, stop, err := serving.Start(handler)
	if err != nil {
		return nil, fmt.Errorf("start the fake server: %w", err)
	}
	versions := cfg.UpgradeVersions
	Describe(cfg, url, fake.Fixtures())
	cfg.Embedded, cfg.ConfirmGraph = true, ""
	if given["upgrade-version"] {
		cfg.UpgradeVersions = versions
	}
	SetLimits(cfg, given)
	return stop, nil
}

// SetLimits lets a run do everything to the embedded fake server, except for the options in
// given. No limit is one that a correct fake on a busy machine would reach.
func SetLimits(cfg *config.Config, given map[string]bool) {
	for name, set := range map[string]func(){
		"risk":                  func() { cfg.Risk = cases.Destructive },
		"keep-going":            func() { cfg.KeepGoing = true },
		"confirm-foreign-graph": func() { cfg.ConfirmForeignGraph = true },
		"job-timeout":           func() { cfg.JobTimeout = time.Minute },
		"concurrency":           func() { cfg.Concurrency = 16 },
	} {
		if !given[name] {
			set()
		}
	}
}

// Describe configures cfg for a fake server with these fixtures.
func Describe(cfg *config.Config, url string, f fakeserver.Fixtures) {
	cfg.Endpoint, cfg.ProjectID, cfg.GraphID, cfg.Token = url, f.ProjectID, f.GraphID, f.Token
	cfg.ReadonlyToken, cfg.ExpiredToken = f.ReadonlyToken, f.ExpiredToken
	cfg.StoppedGraphID, cfg.ForeignGraphID = f.StoppedGraphID, f.ForeignGraphID
	cfg.UpgradeVersions = f.Versions
}
