package selftest

import (
	"bytes"
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/embedded"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
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

// engineForFake starts a fake server and returns an engine that judges it, with a clock that
// does not depend on how busy the machine is. It keeps the log if keep is set.
func engineForFake(t *testing.T, logged bool, configure func(*config.Config), options ...fakeserver.Option) (*engine.Engine, *loggedRun) {
	t.Helper()
	clock := newJobClock()
	fake := fakeserver.Start(t, append([]fakeserver.Option{
		fakeserver.WithScenario(embedded.Scenario()), fakeserver.WithClock(clock.now),
		fakeserver.WithJournal(0), // it would use memory until the test has ended
	}, options...)...)
	cfg := config.Default()
	embedded.Describe(&cfg, fake.URL, fake.Fixtures())
	cfg.RequestTimeout, cfg.JobTimeout, cfg.Concurrency, cfg.Seed = 2*time.Second, 2*time.Second, 16, 1
	configure(&cfg)
	all := derived(t)
	log := &loggedRun{config: cfg, all: all}
	keep := evidence.NewExchangeLog(&log.exchanges)
	e := engine.New(shipped(t), &cfg, all, all, engine.Hooks{Exchange: func(x exchange.Exchange) {
		clock.tick(x)
		if !logged {
			return
		}
		if err := keep.Append(x); err != nil {
			t.Error(err)
		}
	}})
	return e, log
}

// A loggedRun is what is needed to judge a run again.
type loggedRun struct {
	config    config.Config
	all       []*cases.Case
	exchanges bytes.Buffer // one per line, as in exchanges.jsonl
}

// judgedAgain checks that the log gives the same results as the run.
func (l *loggedRun) judgedAgain(t *testing.T, results []judge.Result) {
	t.Helper()
	exchanges, err := evidence.ReadExchanges(&l.exchanges)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Replay(shipped(t), &l.config, l.all, l.all, exchanges, true)
	if err != nil {
		t.Errorf("the log does not fit: %v", err)
	}
	again := e.Results()
	if len(again) != len(results) {
		t.Fatalf("expected %d results once more, got %d", len(results), len(again))
	}
	for i := range results {
		was, is := jsonOf(t, results[i]), jsonOf(t, again[i])
		if was != is {
			t.Errorf("%s: expected once more\n%s\ngot\n%s", results[i].Case, was, is)
		}
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// judgeFake runs the suite in a mode against a fake server, and returns the results. In the
// unlimited mode, it checks that they can be recomputed.
func judgeFake(t *testing.T, mode int, options ...fakeserver.Option) []judge.Result {
	t.Helper()
	logged := modes[mode].name == "destructive"
	e, log := engineForFake(t, logged, modes[mode].configure, options...)
	defer e.Close()
	if err := e.Preflight(context.Background()); err != nil {
		t.Errorf("%s: preflight: %v", modes[mode].name, err)
	}
	e.Run(context.Background(), log.all)
	if logged {
		log.judgedAgain(t, e.Results())
	}
	return e.Results()
}

// jobClock only advances at each read of a graph or job, so that an upgrade takes the same
// number of reads, however busy the machine is.
type jobClock struct {
	start time.Time
	ticks atomic.Int64
}

func newJobClock() *jobClock { return &jobClock{start: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)} }

func (c *jobClock) now() time.Time {
	return c.start.Add(time.Duration(c.ticks.Load()) * 15 * time.Millisecond)
}

func (c *jobClock) tick(x exchange.Exchange) {
	if x.Aim == "read-job" || x.Aim == "read" {
		c.ticks.Add(1)
	}
}
