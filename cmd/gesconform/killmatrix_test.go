package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// modes are the ways in which an operator may run the suite, the columns of the
// kill matrix.
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

// engineForFake starts a fake server and makes an engine that judges it, with a
// clock that does not depend on how busy the machine is. The log is kept if it is
// asked for.
func engineForFake(t *testing.T, logged bool, configure func(*config.Config), options ...fakeserver.Option) (*engine.Engine, *loggedRun) {
	t.Helper()
	clock := newJobClock()
	fake := fakeserver.Start(t, append([]fakeserver.Option{
		fakeserver.WithScenario(embeddedScenario()), fakeserver.WithClock(clock.now),
	}, options...)...)
	cfg := config.Default()
	describeFake(&cfg, fake.URL, fake.Fixtures())
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

// A loggedRun is what judging a run once more takes.
type loggedRun struct {
	config    config.Config
	all       []*cases.Case
	exchanges bytes.Buffer // a line each, as in exchanges.jsonl
}

// judgedAgain makes sure that the log alone gives the results of the run.
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

// judgeFake runs the suite in a mode against a fake server, and returns the
// results. Where all is sent, it makes sure that they can be recomputed.
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

// jobClock stands still but for a step at each read of a graph or job, so that an upgrade
// is under way for as many reads as it takes, however busy the machine is.
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

func shipped(t *testing.T) *contract.Contract {
	t.Helper()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func derived(t *testing.T) []*cases.Case {
	t.Helper()
	all, err := cases.Of(shipped(t))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// deviating lists the ids of the cases that deviate, those on the requirement
// that is named first. What breaks a SHOULD is found with --strict.
func deviating(results []judge.Result, requirement *contract.Requirement) []string {
	var named, others []string
	for _, r := range results {
		deviations := r.Deviations(requirement != nil && requirement.Level == contract.Should)
		if len(deviations) == 0 {
			continue
		}
		if slices.ContainsFunc(deviations, func(f judge.Finding) bool { return requirement != nil && f.Requirement == requirement.ID }) {
			named = append(named, r.Case)
		} else {
			others = append(others, r.Case)
		}
	}
	return append(named, others...)
}

func describeFindings(results []judge.Result) string {
	var b strings.Builder
	for _, r := range results {
		for _, f := range r.Deviations(false) {
			fmt.Fprintf(&b, "\n  %s: %s: got %s, lawful %q", r.Case, f.Requirement, f.Got, f.Lawful)
		}
	}
	return b.String()
}

// TestCorrectFake makes sure that nothing is held against a server that behaves.
func TestCorrectFake(t *testing.T) {
	t.Parallel()
	for mode := range modes {
		t.Run(modes[mode].name, func(t *testing.T) {
			t.Parallel()
			results := judgeFake(t, mode)
			for _, r := range results {
				if r.Verdict == judge.Error || r.Verdict == judge.Advisory {
					t.Errorf("%s: %s: %s", r.Case, r.Verdict, r.Reason)
				}
			}
			if text := describeFindings(results); text != "" {
				t.Errorf("the correct fake deviates:%s", text)
			}
		})
	}
}

// row is a defect's line of the kill matrix.
type row struct {
	defect fakeserver.Defect
	killed [4]bool
	found  []string // the cases that found it in the last mode
}

// TestKillMatrix shows the suite every defect in every mode. Each must be found
// in the last one; docs/kill-matrix.md says what the others find.
func TestKillMatrix(t *testing.T) {
	if testing.Short() {
		t.Skip("a thousand runs of the suite; the whole matrix runs without -short")
	}
	t.Parallel()
	defects := fakeserver.Defects()
	rows := make([]row, len(defects))
	work := make(chan int)
	var workers sync.WaitGroup
	for range 12 { // most of the time they wait
		workers.Go(func() {
			for i := range work {
				rows[i] = judgeDefect(t, defects[i])
			}
		})
	}
	for i := range defects {
		work <- i
	}
	close(work)
	workers.Wait()
	compareFile(t, filepath.Join("..", "..", "docs", "kill-matrix.md"), matrixPage(rows))
}

func judgeDefect(t *testing.T, d fakeserver.Defect) row {
	t.Helper()
	r := row{defect: d}
	for mode := range modes {
		results := judgeFake(t, mode, fakeserver.WithDefect(d))
		found := deviating(results, shipped(t).Requirement(d.Breaks))
		r.killed[mode] = len(found) > 0
		r.found = found
		if d.Equivalent != "" && len(found) > 0 {
			t.Errorf("%s is lawful, but deviates in mode %s:%s", d.Name, modes[mode].name, describeFindings(results))
		}
	}
	if d.Equivalent == "" && len(r.found) == 0 {
		t.Errorf("defect %s (%s) survives", d.Name, d.Summary)
	}
	return r
}

func matrixPage(rows []row) []byte {
	var b bytes.Buffer
	var counts [4]int
	wrongs := 0
	for _, r := range rows {
		if r.defect.Equivalent != "" {
			continue
		}
		wrongs++
		for mode, killed := range r.killed {
			if killed {
				counts[mode]++
			}
		}
	}
	b.WriteString("# Kill matrix\n\nWhat the suite finds of the defects that `gesconform fake --defect NAME` shows, in each mode that an operator may\nuse: no risk, guarded, destructive with one upgrade, destructive with as many as it takes. What breaks a SHOULD\nis found with --strict. Made by `make kill-matrix`;\nthe tests fail where it drifts, where a defect survives the last mode, and where the correct fake deviates in any.\n\n")
	fmt.Fprintf(&b, "%d defects: ", wrongs)
	for mode := range modes {
		if mode > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %d", modes[mode].name, counts[mode])
	}
	b.WriteString(".\n\n| defect | breaks | found by | inert | guarded | one upgrade | destructive |\n|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		if r.defect.Equivalent != "" {
			continue
		}
		first := ""
		if len(r.found) > 0 {
			first = r.found[0]
		}
		fmt.Fprintf(&b, "| %s | %s | %s |", r.defect.Name, r.defect.Breaks, first)
		for _, killed := range r.killed {
			if killed {
				b.WriteString(" x |")
			} else {
				b.WriteString(" |")
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\n## Equivalent or unobservable\n\nWhat these show is lawful, or cannot be seen from outside; no mode may hold it against the server.\n\n| name | why |\n|---|---|\n")
	for _, r := range rows {
		if r.defect.Equivalent != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", r.defect.Name, r.defect.Equivalent)
		}
	}
	return b.Bytes()
}

// compareFile fails where a generated file is not what stands in the
// repository; GESCONFORM_UPDATE=1 writes it.
func compareFile(t *testing.T, path string, want []byte) {
	t.Helper()
	if os.Getenv("GESCONFORM_UPDATE") == "1" {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s has drifted; GESCONFORM_UPDATE=1 writes it anew. %s", path, firstDifference(got, want))
	}
}

func firstDifference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return fmt.Sprintf("line %d:\n  file: %s\n  now:  %s", i+1, a, b)
		}
	}
	return ""
}
