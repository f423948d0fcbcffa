package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// A log has the exchanges of a run, in the order in which they ended.
type log struct {
	mu        sync.Mutex
	exchanges []exchange.Exchange
}

func (l *log) hooks() engine.Hooks {
	return engine.Hooks{Exchange: func(x exchange.Exchange) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.exchanges = append(l.exchanges, x)
		return nil
	}}
}

func replay(t *testing.T, cfg *config.Config, exchanges []exchange.Exchange, ended bool) (*engine.Engine, error) {
	t.Helper()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	all := derived(t)
	return engine.Replay(context.Background(), c, cfg, all, all, exchanges, ended)
}

func sameResults(t *testing.T, was, is []judge.Result) {
	t.Helper()
	if len(was) != len(is) {
		t.Fatalf("expected %d results, got %d", len(was), len(is))
	}
	for i := range was {
		want, errWas := json.Marshal(was[i])
		got, errIs := json.Marshal(is[i])
		if errWas != nil || errIs != nil || !bytes.Equal(want, got) {
			t.Errorf("%s: expected\n%s\ngot\n%s", was[i].Case, want, got)
		}
	}
}

// However a run ends, replaying its exchanges gives the same results.
func TestReplayDecidesAsTheRunDid(t *testing.T) {
	gone := func(w http.ResponseWriter, a *arrival) bool {
		return a.graph != named && refuse(w, http.StatusNotFound, "GES.0047")
	}
	for _, tt := range []struct {
		name   string
		risk   cases.Risk
		change func(*naive, *config.Config)
	}{
		{"everything is accepted", cases.Destructive, func(*naive, *config.Config) {}},
		{"everything is accepted, and it goes on", cases.Destructive, func(s *naive, c *config.Config) { s.answer, c.KeepGoing = gone, true }},
		{"the canary is accepted", cases.Guarded, func(s *naive, _ *config.Config) { s.answer = gone }},
		{"one upgrade, no fixtures", cases.Destructive, func(s *naive, c *config.Config) {
			s.answer, c.MaxUpgrades, c.ReadonlyToken, c.ExpiredToken = gone, 1, "", ""
		}},
		{"few requests are allowed", cases.Guarded, func(s *naive, c *config.Config) { s.answer, c.MaxRequests = gone, 40 }},
		{"it is throttled", cases.Inert, func(s *naive, _ *config.Config) {
			s.answer = throttling(2, http.StatusTooManyRequests, "APIGW.0308", "0", func(a *arrival) bool { return strings.Contains(a.body, "force") })
		}},
		{"nobody answers any more", cases.Guarded, func(s *naive, c *config.Config) {
			c.Concurrency = 3
			s.answer = func(_ http.ResponseWriter, a *arrival) bool {
				time.Sleep(c.RequestTimeout + time.Second)
				return a.graph != ""
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newNaive()
			cfg := configure(s, risk(tt.risk))
			tt.change(s, cfg)
			l := &log{}
			e := s.run(t, cfg, l.hooks())
			again, err := replay(t, cfg, l.exchanges, true)
			if err != nil {
				t.Errorf("the exchanges do not fit: %v", err)
			}
			sameResults(t, e.Results(), again.Results())
		})
	}
}

// Replaying a run that was cut short gives the results that it had, and says that the other
// cases were not reached.
func TestReplayOfARunCutShort(t *testing.T) {
	s := newNaive()
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		return a.graph != named && refuse(w, http.StatusNotFound, "GES.0047")
	}
	cfg := configure(s, risk(cases.Destructive), func(c *config.Config) { c.Concurrency = 1 })
	l := &log{}
	whole := s.run(t, cfg, l.hooks()).Results()
	for _, cut := range []int{0, 1, 2, 40, 150, len(l.exchanges) - 1} {
		e, err := replay(t, cfg, l.exchanges[:cut], false)
		if err != nil {
			t.Errorf("%d exchanges: %v", cut, err)
		}
		decided := 0
		for i, r := range e.Results() {
			switch {
			case r.Verdict == judge.Error && strings.Contains(r.Reason, exchange.Interruption):
			case r.Verdict != whole[i].Verdict && r.Verdict.Exercised():
				t.Errorf("%d exchanges: %s: expected %s, got %s: %s", cut, r.Case, whole[i].Verdict, r.Verdict, r.Reason)
			default:
				decided++
			}
		}
		if cut >= 40 && decided < cut/4 {
			t.Errorf("of %d exchanges only %d cases were decided", cut, decided)
		}
	}
}

// Exchanges that do not match the cases are an error.
func TestReplayOfWhatDoesNotFit(t *testing.T) {
	s := newNaive()
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		return a.graph != named && refuse(w, http.StatusNotFound, "GES.0047")
	}
	cfg := configure(s, risk(cases.Guarded))
	l := &log{}
	s.run(t, cfg, l.hooks())
	at := slices.IndexFunc(l.exchanges, func(x exchange.Exchange) bool { return x.Case == "upgradeGraph/path/graph_id/unknown" })
	for name, tt := range map[string]struct {
		change func([]exchange.Exchange) []exchange.Exchange
		want   string
	}{
		"another path": {func(x []exchange.Exchange) []exchange.Exchange { x[at].Request.Path += "/more"; return x }, "upgradeGraph/path/graph_id/unknown: expected POST "},
		"another body": {func(x []exchange.Exchange) []exchange.Exchange { x[at].Request.Body = []byte("{}"); return x }, `got POST`},
		"another aim":  {func(x []exchange.Exchange) []exchange.Exchange { x[at].Aim = "current-version"; return x }, `got POST`},
		"one less":     {func(x []exchange.Exchange) []exchange.Exchange { return slices.Delete(x, at, at+1) }, "got no more"},
		"one more":     {func(x []exchange.Exchange) []exchange.Exchange { return append(x, x[at]) }, "and 0 more that were not asked for"},
		"another case": {func(x []exchange.Exchange) []exchange.Exchange { x[at].Case = "no/such/case"; return x }, "upgradeGraph/path/graph_id/unknown: expected an exchange"},
	} {
		if _, err := replay(t, cfg, tt.change(slices.Clone(l.exchanges)), true); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: expected %q, got %v", name, tt.want, err)
		}
	}
}

// Whatever of a record was changed by others, a replay of it ends.
func TestReplayOfAnyRecordEnds(t *testing.T) {
	t.Parallel()
	s := newNaive()
	var came atomic.Int32
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		if n := came.Add(1); n > 60 && n < 90 { // so that the run looks for its ground, and for what has broken the server
			return refuse(w, http.StatusInternalServerError, "GES.0001")
		}
		return a.graph != named && refuse(w, http.StatusNotFound, "GES.0047")
	}
	cfg := configure(s, risk(cases.Guarded), func(c *config.Config) { c.Concurrency = 3 })
	l := &log{}
	s.run(t, cfg, l.hooks())
	ground := 0
	for i := range l.exchanges {
		every := 149
		if l.exchanges[i].Case == "ground" {
			ground++
			every = 5
		}
		if i%every != 0 {
			continue
		}
		for name, change := range map[string]func([]exchange.Exchange) []exchange.Exchange{
			"another aim":  func(x []exchange.Exchange) []exchange.Exchange { x[i].Aim = "plain"; return x },
			"left out":     func(x []exchange.Exchange) []exchange.Exchange { return slices.Delete(x, i, i+1) },
			"twice":        func(x []exchange.Exchange) []exchange.Exchange { return slices.Insert(x, i, x[i]) },
			"cut":          func(x []exchange.Exchange) []exchange.Exchange { return x[:i+1] },
			"the ground's": func(x []exchange.Exchange) []exchange.Exchange { x[i].Case = "ground"; return x },
		} {
			ended := make(chan struct{})
			go func() {
				_, _ = replay(t, cfg, change(slices.Clone(l.exchanges)), name != "cut") // what it says is tested above
				close(ended)
			}()
			select {
			case <-ended:
			case <-time.After(time.Minute):
				t.Fatalf("exchange %d of case %s, %s: expected the replay to end", i, l.exchanges[i].Case, name)
			}
		}
	}
	if ground == 0 {
		t.Error("expected the run to look for its ground, got no such exchange")
	}
}

func TestNothingIsStartedThatWouldNotEndInTime(t *testing.T) {
	for _, tt := range []struct {
		name        string
		left        time.Duration
		named, gone bool // whether to expect requests other than reads, by graph
	}{
		{"time enough", 24 * time.Hour, true, true},
		{"no time for an upgrade", 30 * time.Minute, false, true},
		{"no time for a request", 10 * time.Second, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newNaive()
			s.answer = func(w http.ResponseWriter, a *arrival) bool {
				return a.graph != named && refuse(w, http.StatusNotFound, "GES.0047")
			}
			l := &log{}
			cfg := configure(s, risk(cases.Destructive), func(c *config.Config) { c.JobTimeout = time.Hour })
			var e *finished
			synctest.Test(t, func(t *testing.T) { // whose clock --until is of
				cfg.Until = time.Now().Add(tt.left)
				e = s.runHere(t, cfg, l.hooks())
			})
			came := map[bool]bool{}
			for _, a := range s.came() {
				if a.method == http.MethodPost {
					came[a.graph == named] = true
				}
			}
			if came[true] != tt.named || came[false] != tt.gone {
				t.Errorf("expected requests to the named graph %t, to others %t; got %v", tt.named, tt.gone, came)
			}
			for _, r := range e.Results() {
				if r.Verdict == judge.Error {
					t.Errorf("%s: %s", r.Case, r.Reason)
				}
			}
			again, err := replay(t, cfg, l.exchanges, true)
			if err != nil {
				t.Error(err)
			}
			sameResults(t, e.Results(), again.Results())
		})
	}
}

func TestCutShort(t *testing.T) {
	s := newNaive()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	s.start(t)
	all := derived(t)
	for _, cancelled := range []bool{false, true} {
		e := engine.New(c, configure(s), all, all, engine.Hooks{})
		ctx, cancel := context.WithCancel(t.Context())
		if err := e.Preflight(ctx); err != nil {
			t.Fatal(err)
		}
		if cancelled {
			cancel()
		}
		e.Run(ctx, all)
		cancel()
		e.Close()
		if e.CutShort() != cancelled {
			t.Errorf("cancelled %t: cut short %t", cancelled, e.CutShort())
		}
	}
}

// Wherever a run is interrupted, replaying its exchanges gives the same results, for decided
// cases and for the others.
func TestReplayOfARunThatWasInterrupted(t *testing.T) {
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	all := derived(t)
	accept := find(t, "upgradeGraph/valid/charset")
	const short = 20 * time.Millisecond // because the run waits for the graph in vain
	for _, tt := range []struct {
		name     string
		selected []*cases.Case
		left     time.Duration // until --until; 0 for no limit
		upgrade  time.Duration // the job timeout
		step     int           // interrupt after each multiple of this number of exchanges
	}{
		{"all", all, 0, short, 67},
		{"all, with an end to come", all, 24 * time.Hour, short, 67},
		{"all, and no time for an upgrade", all, 30 * time.Minute, time.Hour, 67},
		{"one", []*cases.Case{accept}, 0, short, 1},
		{"one, with an end to come", []*cases.Case{accept}, 24 * time.Hour, short, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			step := tt.step
			if testing.Short() {
				step *= 5
			}
			for after, whole := 1, false; !whole; after += step {
				s := newNaive()
				s.answer = func(w http.ResponseWriter, a *arrival) bool {
					return a.graph != named && refuse(w, http.StatusNotFound, "GES.0047")
				}
				cfg := configure(s, risk(cases.Destructive), func(c *config.Config) { c.Concurrency, c.KeepGoing, c.JobTimeout = 2, true, tt.upgrade })
				l := &log{}
				var was []judge.Result
				ended := false
				synctest.Test(t, func(t *testing.T) {
					if tt.left > 0 {
						cfg.Until = time.Now().Add(tt.left)
					}
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					keep, came := l.hooks().Exchange, atomic.Int32{}
					hooks := engine.Hooks{Exchange: func(x exchange.Exchange) error {
						if int(came.Add(1)) >= after {
							defer cancel()
						}
						return keep(x)
					}}
					s.start(t)
					e := engine.New(c, cfg, all, tt.selected, hooks)
					t.Cleanup(e.Close) // before the server's
					e.Run(ctx, tt.selected)
					was, ended, whole = e.Results(), !e.CutShort(), ctx.Err() == nil
				})
				again, err := engine.Replay(context.Background(), c, cfg, all, tt.selected, l.exchanges, ended)
				if err != nil {
					t.Errorf("interrupted after %d exchanges: %v", after, err)
				}
				sameResults(t, was, again.Results())
				if t.Failed() {
					t.Fatalf("interrupted after %d exchanges, of which %d came; cut short %t", after, len(l.exchanges), !ended)
				}
			}
		})
	}
}
