package engine_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/judge"
)

// A server that refuses the canary and accepts everything else gets the lawful upgrade and one
// that it should have refused, however many may start.
func TestDestructiveStopsAtTheFirstForbiddenAcceptance(t *testing.T) {
	s := newNaive()
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		switch {
		case a.graph != named:
			return refuse(w, http.StatusNotFound, "GES.0047")
		case carriesOwn(a):
			return refuse(w, http.StatusBadRequest, "GES.7036")
		}
		return false
	}
	s.run(t, configure(s, risk(cases.Destructive), maxUpgrades(20)), engine.Hooks{})
	if n := s.acceptances()[named]; n < 1 || n > 2 {
		t.Errorf("expected 1 or 2 acceptances on the named graph, got %d", n)
	}
}

// A server that accepts a second upgrade while one is under way gets no third, and none at all
// if only one may start.
func TestASecondUpgradeIsTheLast(t *testing.T) {
	for _, tt := range []struct {
		name       string
		max        int
		refusesOwn bool // while the first is under way
		refusesBad bool // what is not a plain upgrade
		want       int64
	}{
		{"accepts all", 20, false, false, 2},
		{"refuses the own version", 20, true, false, 2},
		{"refuses the own version, one may start", 1, true, false, 1},
		{"refuses all but plain upgrades", 20, true, true, 2},
		{"refuses all but plain upgrades, one may start", 1, true, true, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newNaive()
			var accepted, reads atomic.Int64
			s.answer = func(w http.ResponseWriter, a *arrival) bool {
				switch {
				case a.graph != named:
					return refuse(w, http.StatusNotFound, "GES.0047")
				case carriesOwn(a) && (tt.refusesOwn || accepted.Load() == 0):
					return refuse(w, http.StatusBadRequest, "GES.7036")
				case tt.refusesBad && !isPlainUpgrade(a):
					return refuse(w, http.StatusBadRequest, "GES.7000")
				}
				accepted.Add(1)
				return false
			}
			plain := s.handler
			s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Path, "/"+named+"/jobs/") && accepted.Load() > 0 && reads.Add(1) < 5 {
					w.Header().Set("Content-Type", "application/json")
					_, _ = w.Write([]byte(`{"job_id":"j","status":"running"}`))
					return
				}
				plain.ServeHTTP(w, r)
			})
			e := s.run(t, configure(s, risk(cases.Destructive), maxUpgrades(tt.max)), engine.Hooks{})
			if n := accepted.Load(); n != tt.want {
				t.Errorf("expected %d acceptances on the named graph, got %d", tt.want, n)
			}
			if r := result(t, e, "upgradeGraph/lifecycle/second-refused"); tt.want == 2 && r.Verdict != "deviates" {
				t.Errorf("expected the second upgrade to deviate, got %q: %s", r.Verdict, r.Reason)
			}
		})
	}
}

// isPlainUpgrade reports whether a request only asks for a version on offer, with the right token.
func isPlainUpgrade(a *arrival) bool {
	return a.method == http.MethodPost && a.path == "/v2/"+project+"/graphs/"+named+"/upgrade" &&
		regexp.MustCompile(`^\{"upgrade_version":"(2\.2\.(9|1[01])|2\.3\.0|3\.0\.[01])"\}$`).MatchString(a.body) &&
		slices.Equal(a.header["X-Auth-Token"], []string{"a-token-of-some-length"}) && slices.Equal(a.header["Content-Type"], []string{"application/json"})
}

// After an upgrade that should have been refused, the graph is read until it is running again,
// and nothing else goes to it.
func TestTheGraphSettlesAfterAnAcceptance(t *testing.T) {
	s := newNaive()
	var accepted, reads atomic.Int64
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		if a.graph != named {
			return refuse(w, http.StatusNotFound, "GES.0047")
		}
		accepted.Add(1)
		return false
	}
	s.shows(func() string {
		if accepted.Load() > 0 && reads.Add(1) < 5 {
			return "201"
		}
		return "200"
	})
	s.run(t, configure(s, risk(cases.Guarded), func(c *config.Config) { c.JobTimeout = time.Minute }), engine.Hooks{}, find(t, "upgradeGraph/body/unknown-member"))
	if accepted.Load() != 1 {
		t.Errorf("expected 1 acceptance, got %d", accepted.Load())
	}
	if n := reads.Load(); n < 5 {
		t.Errorf("expected the graph to be read until it is running, at the fifth read, got %d reads", n)
	}
}

// What could change something begins when every other request has ended, and goes alone.
func TestMutationsGoLastAndAlone(t *testing.T) {
	s := newNaive()
	plain := s.handler
	var mutations, underWay atomic.Int64
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		others := underWay.Add(1) - 1
		defer underWay.Add(-1)
		mutates := r.Method == http.MethodPost && strings.Contains(r.URL.Path, "/"+named+"/")
		if mutates {
			mutations.Add(1)
		}
		if mutates && others > 0 {
			t.Errorf("%s %s: arrived while %d other requests were under way", r.Method, r.URL.Path, others)
		}
		takes := 100 * time.Millisecond // of the bubble's time
		if r.Header.Get("X-Auth-Token") == "" {
			takes = 5 * time.Second // longer than what goes one by one before the mutations
		}
		time.Sleep(takes)
		plain.ServeHTTP(w, r)
	})
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		if a.graph != named {
			return refuse(w, http.StatusNotFound, "GES.0047")
		}
		return refuse(w, http.StatusBadRequest, "GES.7036")
	}
	s.run(t, configure(s, risk(cases.Destructive), func(c *config.Config) { c.Concurrency, c.RequestTimeout = 8, time.Minute }), engine.Hooks{})
	if n := mutations.Load(); n < 20 {
		t.Errorf("expected more requests to the named graph, got %d, which proves little", n)
	}
}

// shows has the server show the named graph in a state.
func (s *naive) shows(status func() string) {
	plain := s.handler
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/graphs/"+named) {
			plain.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"graph":{"id":%q,"name":"g","status":%q,"data_store_version":%q}}`, named, status(), ownVersion)
	})
}

func TestNoUpgradeOfAGraphThatIsNotRunning(t *testing.T) {
	s := newNaive()
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		return a.graph != named && refuse(w, http.StatusNotFound, "GES.0047")
	}
	s.shows(func() string { return "900" })
	s.run(t, configure(s, risk(cases.Destructive), keepGoing), engine.Hooks{})
	for _, a := range s.came() {
		if a.graph == named && (!a.safe() || strings.HasSuffix(a.path, "/upgrade")) {
			t.Errorf("%s %s: sent, though the graph is not running", a.method, a.path)
		}
	}
}

// A graph that does not run again after an upgrade gets nothing more that could start one, whatever
// the user allows, but for the one that shows that a second one is refused.
func TestNoUpgradeOfAGraphThatStaysAway(t *testing.T) {
	s := newNaive()
	var accepted, later atomic.Int64
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		if a.graph == named && accepted.Load() > 0 {
			later.Add(1)
		}
		switch {
		case a.graph != named:
			return refuse(w, http.StatusNotFound, "GES.0047")
		case carriesOwn(a):
			return refuse(w, http.StatusBadRequest, "GES.7036")
		}
		accepted.Add(1)
		return false
	}
	s.shows(func() string {
		if accepted.Load() > 0 {
			return "201"
		}
		return "200"
	})
	s.run(t, configure(s, risk(cases.Destructive), keepGoing, maxUpgrades(20)), engine.Hooks{})
	if n := accepted.Load(); n != 1 {
		t.Errorf("expected 1 acceptance, after which the graph stays upgrading, got %d", n)
	}
	if n := later.Load(); n > 1 {
		t.Errorf("expected 1 request for an upgrade after that at most, got %d", n)
	}
}

// The plain request for the own version goes before all others, whether it was selected or not.
func TestTheCanaryGoesFirst(t *testing.T) {
	s := newNaive()
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		if a.graph != named {
			return refuse(w, http.StatusNotFound, "GES.0047")
		}
		return refuse(w, http.StatusBadRequest, "GES.7036")
	}
	s.run(t, configure(s, risk(cases.Guarded)), engine.Hooks{}, find(t, "upgradeGraph/body/unknown-member"))
	for _, a := range s.came() {
		if a.method == http.MethodPost && a.graph == named {
			if want := `{"upgrade_version":"` + ownVersion + `"}`; a.body != want {
				t.Errorf("expected %s first, got %s", want, a.body)
			}
			return
		}
	}
	t.Error("expected a request to the named graph, got none")
}

// What was not allowed is not sent, and the result says what it needs.
func TestWhatIsNotAllowedSaysWhatItNeeds(t *testing.T) {
	for _, r := range []cases.Risk{cases.Inert, cases.Guarded} {
		s := newNaive()
		s.answer = func(w http.ResponseWriter, a *arrival) bool { return refuse(w, http.StatusNotFound, "GES.0047") }
		needs := 0
		for _, r := range s.run(t, configure(s, risk(r)), engine.Hooks{}).Results() {
			if strings.Contains(r.Reason, "needs --risk ") {
				needs++
			}
			if strings.Contains(r.Reason, "not sent:") {
				t.Errorf("%s: expected what it needs, got %q", r.Case, r.Reason)
			}
		}
		if needs == 0 {
			t.Errorf("risk %s: expected cases that need more, got none", r)
		}
	}
}

// Whatever the user allows, nothing that could start an upgrade goes to a graph that the user has
// not named and that exists.
func TestNothingGoesToAGraphThatTurnsOutToExist(t *testing.T) {
	s := newNaive()
	s.knows = func(string) bool { return true }
	s.answer = func(w http.ResponseWriter, _ *arrival) bool { return refuse(w, http.StatusBadRequest, "GES.7036") }
	s.run(t, configure(s, risk(cases.Destructive), keepGoing), engine.Hooks{})
	exists := regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	for _, a := range s.came() {
		if !a.safe() && a.graph != named && exists.MatchString(a.graph) {
			t.Errorf("%s %s: sent, though there is such a graph", a.method, a.path)
		}
	}
}

// A request that was accepted is not sent again to find out what has broken the server.
func TestWhatWasAcceptedIsNotSentAgain(t *testing.T) {
	s := newNaive()
	var accepted atomic.Int64
	var broken atomic.Pointer[time.Time] // since when
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		if a.graph != named {
			return refuse(w, http.StatusNotFound, "GES.0047")
		}
		now := time.Now()
		broken.Store(&now)
		accepted.Add(1)
		return false
	}
	plain := s.handler
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if since := broken.Load(); since != nil && time.Since(*since) < 2*time.Second {
			refuse(w, http.StatusServiceUnavailable, "GES.7005")
			return
		}
		plain.ServeHTTP(w, r)
	})
	s.run(t, configure(s, risk(cases.Guarded)), engine.Hooks{})
	if n := accepted.Load(); n != 1 {
		t.Errorf("expected 1 acceptance, the canary's, got %d", n)
	}
}

// The stopped graph has its version to the end, too, since its upgrades are all refused.
func TestAStoppedGraphThatMovesWhenItRefuses(t *testing.T) {
	s := newNaive()
	var moved atomic.Bool
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		switch a.graph {
		case stopped:
			moved.Store(true)
			return refuse(w, http.StatusBadRequest, "GES.7003")
		case named:
			return refuse(w, http.StatusBadRequest, "GES.7036")
		}
		return refuse(w, http.StatusNotFound, "GES.0047")
	}
	plain := s.handler
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/graphs/"+stopped) {
			plain.ServeHTTP(w, r)
			return
		}
		version := ownVersion
		if moved.Load() {
			version = "2.2.9"
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"graph":{"id":%q,"name":"s","status":"900","data_store_version":%q}}`, stopped, version)
	})
	e := s.run(t, configure(s, risk(cases.Destructive), func(c *config.Config) { c.StoppedGraphID = stopped }), engine.Hooks{})
	if !moved.Load() {
		t.Fatal("expected a request to the stopped graph, got none")
	}
	if r := result(t, e, "upgradeGraph/lifecycle/version-kept"); r.Verdict != judge.Deviates {
		t.Errorf("expected it to deviate, got %q: %s", r.Verdict, r.Reason)
	}
}

// A request that first found no connection, and then no answer, is not sent a third time: the
// second one may have started an upgrade.
func TestWhatMayHaveArrivedIsNotSentAgain(t *testing.T) {
	fails := int64(0) // the connection that is refused; 0 for none
	run := func() (posts, first int64) {
		s := newNaive()
		var dials, upgrades, before atomic.Int64
		s.answer = func(w http.ResponseWriter, a *arrival) bool {
			switch {
			case a.graph != named:
				return refuse(w, http.StatusNotFound, "GES.0047")
			case carriesOwn(a):
				return refuse(w, http.StatusBadRequest, "GES.7036")
			}
			upgrades.Add(1)
			before.CompareAndSwap(0, dials.Load())
			panic(http.ErrAbortHandler)
		}
		s.run(t, configure(s, risk(cases.Destructive), maxUpgrades(1), func(c *config.Config) {
			c.Concurrency = 1
			dial := c.Dial
			c.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				if dials.Add(1) == fails {
					return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
				}
				return dial(ctx, network, address)
			}
		}), engine.Hooks{})
		return upgrades.Load(), before.Load()
	}
	if _, fails = run(); fails == 0 {
		t.Fatal("expected a request that could start an upgrade")
	}
	if posts, _ := run(); posts != 1 {
		t.Errorf("expected 1 request that could start an upgrade, as --max-upgrades allows, got %d", posts)
	}
}
