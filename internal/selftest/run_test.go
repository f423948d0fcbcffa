package selftest

import (
	"bytes"
	"context"
	"hash/crc32"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/embedded"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
	"github.com/gesconform/gesconform/internal/serving"
)

// modes are the limits that an operator may set, the columns of the kill matrix.
var modes = []struct {
	name      string
	configure func(*config.Config)
}{
	{"inert", func(c *config.Config) { c.Risk = cases.Inert }},
	{"guarded", func(c *config.Config) { c.Risk = cases.Guarded }},
	{"one upgrade", func(c *config.Config) {
		c.Risk, c.MaxUpgrades, c.UpgradeVersions = cases.Destructive, 1, c.UpgradeVersions[:1]
	}},
	{"destructive", func(c *config.Config) {
		c.Risk, c.KeepGoing, c.ConfirmForeignGraph = cases.Destructive, true, true
	}},
}

// build returns a fake whose upgrades take longer than an answer of a slow server.
func build(t *testing.T, options ...fakeserver.Option) *fakeserver.Server {
	t.Helper()
	held := embedded.Scenario()
	held.Upgrades[0].Takes = time.Second
	fake, err := fakeserver.Build(append([]fakeserver.Option{
		fakeserver.WithScenario(held),
		fakeserver.WithJournal(0), // no test reads it
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return fake
}

// fake returns a fake server for a run in process.
func fake(options ...fakeserver.Option) inprocess.Server {
	return func(t *testing.T, network *inprocess.Listener) config.Config {
		fake := build(t, options...)
		return serve(t, network, fake, fake.Fixtures())
	}
}

// serve serves a fake with the fixtures, perhaps behind something else, and returns how to
// judge it.
func serve(t *testing.T, network *inprocess.Listener, h http.Handler, f fakeserver.Fixtures) config.Config {
	t.Helper()
	server := serving.New(network, h, serving.WithGrace(0))
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	c := config.Default()
	embedded.Describe(&c, server.URL(), f)
	c.RequestTimeout, c.JobTimeout, c.Concurrency, c.Seed = 2*time.Second, 2*time.Second, 16, 1
	return c
}

// A judging is one of the ways in which a suite judges a server in several modes.
type judging func(inprocess.Suite, *testing.T, inprocess.Server, []func(*config.Config)) []inprocess.Outcome

// judgeFake judges a fake server in every mode. It checks that the results of the last one can
// be recomputed from its exchanges.
func judgeFake(t *testing.T, how judging, options ...fakeserver.Option) [][]judge.Result {
	t.Helper()
	suite := inprocess.Load(t)
	var adjust []func(*config.Config)
	for _, m := range modes {
		adjust = append(adjust, m.configure)
	}
	outcomes := how(suite, t, fake(options...), adjust)
	var results [][]judge.Result
	for i, o := range outcomes {
		if o.Failure != nil {
			t.Errorf("%s: preflight: %v", modes[i].name, o.Failure)
		}
		results = append(results, o.Results)
		checkWords(t, o.Results)
	}
	judgeAgain(t, suite, &outcomes[len(outcomes)-1])
	return results
}

// checkWords checks that the verdicts mean what the table in docs/operators.md says: a MUST, a
// SHOULD or a MAY.
func checkWords(t *testing.T, results []judge.Result) {
	t.Helper()
	levels := map[judge.Verdict]contract.Level{judge.Deviates: contract.Must, judge.Advisory: contract.Should, judge.Observed: contract.May}
	for _, r := range results {
		for _, f := range r.Findings {
			if level, bound := levels[f.Verdict]; bound && f.Level != level {
				t.Errorf("%s: %s is a %s, but the verdict is %s: %s", r.Case, f.Requirement, f.Level, f.Verdict, f.Got)
			}
		}
	}
}

// compareVerdicts checks that sending everything in each mode gives the same verdicts. What a
// run did not reach does not count: an answer that ends a run only ends the run that gets it.
func compareVerdicts(t *testing.T, all, want []inprocess.Outcome) {
	t.Helper()
	for mode := range all {
		got, want := all[mode].Results, want[mode].Results
		if len(got) != len(want) {
			t.Fatalf("%s: expected %d results, got %d", modes[mode].name, len(want), len(got))
		}
		c := config.Config{UpgradeVersions: []string{"1.0.6"}}
		modes[mode].configure(&c)
		upgrades := c.Risk == cases.Destructive
		for i, w := range want {
			enough := "as in other cases before" // depends on what else is sent
			masked := slices.ContainsFunc(slices.Concat(w.Findings, got[i].Findings), func(f judge.Finding) bool { return f.Verdict == judge.Masked })
			onAnother := masked && w.Case == "upgradeGraph/lifecycle/job-of-graph" || // which rests on an inert case
				w.Verdict == judge.Masked && got[i].Verdict == judge.Conforms && upgrades // at a higher aim, if an upgrade is left
			unreached := onAnother || w.Verdict == judge.Error || strings.Contains(w.Reason+got[i].Reason, enough) || w.Verdict == judge.NotApplicable && strings.Contains(w.Reason, "set --keep-going")
			if got[i].Case != w.Case || got[i].Verdict != w.Verdict && !unreached {
				t.Errorf("%s: expected %s to be %s if everything is sent, got %s: %s", modes[mode].name, w.Case, w.Verdict, got[i].Case, got[i].Verdict)
			}
		}
	}
}

// judgeAgain checks that the exchanges of a run give the same results; with TestAll, that a log
// of them does, for one run in four.
func judgeAgain(t *testing.T, suite inprocess.Suite, o *inprocess.Outcome) {
	t.Helper()
	exchanges := o.Exchanges
	if os.Getenv(inprocess.TestAll) != "" && crc32.ChecksumIEEE([]byte(t.Name()))%4 == 0 { // some of each test
		exchanges = logged(t, exchanges)
	}
	e, err := engine.Replay(t.Context(), suite.Contract, &o.Config, suite.Cases, suite.Cases, exchanges, true)
	if err != nil {
		t.Errorf("the log does not fit: %v", err)
	}
	again := e.Results()
	if len(again) != len(o.Results) {
		t.Fatalf("expected %d results once more, got %d", len(o.Results), len(again))
	}
	for i := range again {
		if was, is := withoutExchanges(o.Results[i]), withoutExchanges(again[i]); !reflect.DeepEqual(was, is) {
			t.Errorf("expected once more\n%+v\ngot\n%+v", was, is)
		}
	}
}

// logged writes exchanges to a log and reads them back.
func logged(t *testing.T, exchanges []exchange.Exchange) []exchange.Exchange {
	t.Helper()
	var file bytes.Buffer
	log := evidence.NewExchangeLog(&file)
	for _, x := range exchanges {
		if err := log.Append(x); err != nil {
			t.Fatal(err)
		}
	}
	again, err := evidence.ReadExchanges(&file)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func withoutExchanges(r judge.Result) judge.Result {
	r.Exchanges = nil
	return r
}
