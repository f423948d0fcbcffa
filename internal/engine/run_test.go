package engine_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// throttling refuses the first n attempts at each request that a function selects.
func throttling(n, status int, code, retryAfter string, picks func(*arrival) bool) func(http.ResponseWriter, *arrival) bool {
	var mu sync.Mutex
	seen := map[string]int{}
	return func(w http.ResponseWriter, a *arrival) bool {
		mu.Lock()
		defer mu.Unlock()
		if key := a.method + a.path + a.body + a.header.Get("Content-Type"); picks(a) && seen[key] < n {
			seen[key]++
			w.Header().Set("Retry-After", retryAfter)
			return refuse(w, status, code)
		}
		if a.graph != named {
			return refuse(w, http.StatusNotFound, "GES.0047")
		}
		return refuse(w, http.StatusBadRequest, "GES.7036")
	}
}

func TestThrottledRequestsAreSentAgain(t *testing.T) {
	inert := func(a *arrival) bool { return a.graph != named }
	guarded := func(a *arrival) bool { return a.graph == named }
	for _, tt := range []struct {
		name     string
		picks    func(*arrival) bool
		caseID   string
		n        int
		status   int
		code     string
		after    string
		attempts int // how often the server should receive the request
		want     judge.Verdict
	}{
		{"once", inert, "upgradeGraph/path/graph_id/unknown", 1, 429, "APIGW.0308", "0", 2, judge.Conforms},
		{"gateway away", inert, "upgradeGraph/path/graph_id/unknown", 2, 503, "APIGW.0613", "", 3, judge.Conforms},
		{"asked to wait for a day", inert, "upgradeGraph/path/graph_id/unknown", 1, 429, "APIGW.0308", "86400", 2, judge.Conforms},
		{"asked to wait until long ago", inert, "upgradeGraph/path/graph_id/unknown", 1, 429, "APIGW.0308", "Thu, 01 Jan 1970 00:00:00 GMT", 2, judge.Conforms},
		{"asked to wait for nonsense", inert, "upgradeGraph/path/graph_id/unknown", 1, 429, "APIGW.0308", "soon", 2, judge.Conforms},
		{"always", inert, "upgradeGraph/path/graph_id/unknown", 1000, 429, "APIGW.0308", "0", 5, judge.Error},
		{"service away", inert, "upgradeGraph/path/graph_id/unknown", 1000, 503, "GES.0009", "0", 3, judge.Deviates},
		{"guarded, by the gateway", guarded, "upgradeGraph/body/upgrade_version/not-later-equal", 1, 429, "APIGW.0308", "0", 2, judge.Conforms},
		{"guarded, by the service", guarded, "upgradeGraph/body/upgrade_version/not-later-equal", 1, 429, "GES.7001", "0", 1, judge.Error},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newNaive()
			s.answer = throttling(tt.n, tt.status, tt.code, tt.after, tt.picks)
			cfg := configure(s, risk(cases.Guarded))
			e := s.run(t, cfg, engine.Hooks{}, find(t, tt.caseID))
			if r := result(t, e, tt.caseID); r.Verdict != tt.want {
				t.Errorf("expected %s, got %s: %s", tt.want, r.Verdict, r.Reason)
			} else if tt.want == judge.Conforms && r.Exchanges[len(r.Exchanges)-1].Attempt != tt.attempts {
				t.Errorf("expected the answer to attempt %d to be judged, got %d", tt.attempts, r.Exchanges[len(r.Exchanges)-1].Attempt)
			}
			came := 0
			for _, a := range s.came() {
				if a.method == http.MethodPost && tt.picks(&a) {
					came++
				}
			}
			if came != tt.attempts {
				t.Errorf("expected %d attempts, got %d", tt.attempts, came)
			}
		})
	}
}

// A run ends if the endpoint throttles every request.
func TestAStormEndsTheRun(t *testing.T) {
	s := newNaive()
	s.answer = func(w http.ResponseWriter, _ *arrival) bool {
		return refuse(w, http.StatusTooManyRequests, "APIGW.0308")
	}
	l := &log{}
	cfg := configure(s, risk(cases.Destructive), func(c *config.Config) { c.Concurrency = 4 })
	e := s.run(t, cfg, l.hooks())
	refused := 0
	for _, a := range s.came() {
		if a.status == http.StatusOK && a.method == http.MethodPost {
			refused++
		}
	}
	if most := 5 * (24 + cfg.Concurrency); refused > most || refused < 24*5 {
		t.Errorf("expected 120 to %d requests, got %d", most, refused)
	}
	r := result(t, e, "upgradeGraph/valid/whitespace")
	if want := "the endpoint throttles every request; lower --rate or --concurrency, or try again later: 24 exchanges in a row failed, the last one: 429"; r.Verdict != judge.Error || !strings.Contains(r.Reason, want) {
		t.Errorf("expected %q, got %s %q", want, r.Verdict, r.Reason)
	}
	again, err := replay(t, cfg, l.exchanges, true)
	if err != nil {
		t.Error(err)
	}
	sameResults(t, e.Results(), again.Results())
}

func TestConfirmGraph(t *testing.T) {
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, host string // host replaces 127.0.0.1
		risk       cases.Risk
		confirm    string
		err        string
	}{
		{"inert", "", cases.Inert, "", ""},
		{"guarded, wrong name", "", cases.Guarded, "another", ""},
		{"loopback, not confirmed", "", cases.Destructive, "", ""},
		{"loopback, wrong name", "", cases.Destructive, "another", `confirm-graph: expected the graph's name "g", got "another"`},
		{"loopback, right name", "", cases.Destructive, "g", ""},
		{"elsewhere, inert", "elsewhere.example.com", cases.Inert, "", ""},
		{"elsewhere, not confirmed", "elsewhere.example.com", cases.Destructive, "", `--confirm-graph "g"`},
		{"elsewhere, wrong name", "elsewhere.example.com", cases.Destructive, "G", `expected the graph's name "g", got "G"`},
		{"elsewhere, right name", "elsewhere.example.com", cases.Destructive, "g", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newNaive()
			s.start(t)
			cfg := configure(s, risk(tt.risk), func(c *config.Config) { c.ConfirmGraph = tt.confirm })
			all := derived(t)
			e := engine.New(c, cfg, all, all, engine.Hooks{})
			defer e.Close()
			if tt.host != "" { // the target keeps the address that it was made with
				cfg.Endpoint = "http://" + tt.host
			}
			err := e.Preflight(t.Context())
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("expected %q, got %v", tt.err, err)
			}
			if came := s.came(); len(came) != 1 || came[0].method != http.MethodGet {
				t.Errorf("expected one read, got %+v", came)
			}
		})
	}
}

// The graph's name is checked even if the answer is cut.
func TestConfirmGraphHoldsForACutAnswer(t *testing.T) {
	s := newNaive()
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "999")
		_, _ = w.Write([]byte(`{"graph":{"id":"` + named + `","name":"g","status":"200","data_store_version":"2.2.8"}}`))
	})
	s.start(t)
	cfg := configure(s, risk(cases.Destructive), func(c *config.Config) { c.ConfirmGraph = "another" })
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	all := derived(t)
	e := engine.New(c, cfg, all, all, engine.Hooks{})
	defer e.Close()
	if err := e.Preflight(t.Context()); err == nil || !strings.Contains(err.Error(), "confirm-graph") {
		t.Errorf("expected the graph's name to be asked for, got %v", err)
	}
}

// An invalid version is neither sent nor taken for the graph's own.
func TestAVersionThatIsNoneEndsTheMutations(t *testing.T) {
	for _, version := range []string{"latest", "", `2.2.8","force_upgrade":true,"x":"`, "2.2.8\n"} {
		s := newNaive()
		s.version = version
		s.run(t, configure(s, risk(cases.Destructive), keepGoing), engine.Hooks{})
		for _, a := range s.came() {
			if a.graph == named && (!a.safe() || strings.HasSuffix(a.path, "/upgrade")) {
				t.Errorf("version %q: %s %s %s", version, a.method, a.path, a.body)
			}
		}
	}
}

// If the endpoint stops answering, the run ends, and every case has a verdict.
func TestAnEndpointThatStopsAnswering(t *testing.T) {
	s := newNaive()
	e := s.run(t, configure(s, risk(cases.Destructive), func(c *config.Config) { c.Concurrency = 2 }),
		engine.Hooks{Exchange: func(x exchange.Exchange) error {
			if x.Sequence == 40 {
				s.network.Close()
				s.server.CloseClientConnections()
			}
			return nil
		}})
	stopped := 0
	for _, r := range e.Results() {
		if r.Verdict == judge.Error && strings.Contains(r.Reason, "the endpoint can no longer be reached: since ") {
			stopped++
		}
	}
	if stopped < 50 {
		t.Errorf("expected most cases to say that the endpoint can no longer be reached, got %d", stopped)
	}
}

func TestACanceledRunGivesEachCaseAVerdict(t *testing.T) {
	s := newNaive()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	s.start(t)
	all := derived(t)
	cfg := configure(s, risk(cases.Destructive))
	e := engine.New(c, cfg, all, all, engine.Hooks{Exchange: func(x exchange.Exchange) error {
		if x.Sequence == 50 {
			cancel()
		}
		return nil
	}})
	defer e.Close()
	e.Run(ctx, all)
	if got := len(e.Results()); got != len(all) {
		t.Errorf("expected %d results, got %d", len(all), got)
	}
	for _, a := range s.came() {
		if a.accepted && a.graph == named {
			t.Errorf("%s %s: expected no request after the run was aborted", a.method, a.path)
		}
	}
}
