package engine_test

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

func TestInertGoesOnlyToGraphsShownToBeAbsent(t *testing.T) {
	s := newNaive()
	s.run(t, configure(s, risk(cases.Inert), keepGoing), engine.Hooks{}) // it accepts what it must refuse
	absent := map[string]bool{}
	posts := 0
	for _, a := range s.came() {
		switch {
		case a.safe() && a.status == http.StatusNotFound:
			absent[a.graph] = true
		case a.safe() && !strings.HasSuffix(a.path, "/upgrade"):
		case a.graph == named:
			t.Errorf("%s %s: went to the named graph", a.method, a.path)
		case !absent[a.graph]:
			t.Errorf("%s %s: expected no request to a graph that was not shown to be absent", a.method, a.path)
		default:
			posts++
		}
	}
	if posts < 100 {
		t.Errorf("expected more requests to absent graphs, got %d, which proves little", posts)
	}
}

// A server that accepts an upgrade of a graph that does not exist gets no more of them, apart
// from those that are already on their way.
func TestAnInventedUpgradeEndsTheInertOnes(t *testing.T) {
	const concurrency = 4
	forced := func(a *arrival) bool { return strings.Contains(a.body, `"force_upgrade":true`) }
	for _, tt := range []struct {
		name    string
		changes []func(*config.Config)
		refuses func(*arrival) bool
		least   int
		most    int
	}{
		{"accepts all", nil, nil, 1, 1},
		{"accepts all, goes on", []func(*config.Config){keepGoing}, nil, 50, 1000},
		{"accepts what is not plain", nil, func(a *arrival) bool { return !strings.Contains(a.body, "x") }, 1, concurrency},
		{"accepts what is forced", nil, func(a *arrival) bool { return !forced(a) }, 1, concurrency},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newNaive()
			s.answer = func(w http.ResponseWriter, a *arrival) bool {
				return tt.refuses != nil && tt.refuses(a) && refuse(w, http.StatusNotFound, "GES.0047")
			}
			e := s.run(t, configure(s, append(tt.changes, risk(cases.Inert), func(c *config.Config) { c.Concurrency = concurrency })...), engine.Hooks{})
			accepted := 0
			for _, a := range s.came() {
				if a.accepted {
					accepted++
				}
			}
			if accepted < tt.least || accepted > tt.most {
				t.Errorf("expected %d to %d acceptances, got %d", tt.least, tt.most, accepted)
			}
			if upgrades, invented := e.Accepted(); invented != accepted || upgrades > accepted {
				t.Errorf("expected the run to count the %d acceptances of made-up graphs, got %d, and %d upgrades", accepted, invented, upgrades)
			}
			deviating := 0
			for _, r := range e.Results() {
				if r.Verdict == judge.Deviates {
					deviating++
				}
			}
			if deviating < tt.least {
				t.Errorf("expected each of the %d acceptances to be held against the server, got %d", accepted, deviating)
			}
		})
	}
}

// Once the evidence cannot be written, nothing is sent that could start an upgrade. Inert
// requests go on.
func TestNoUpgradeWithoutEvidence(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fails func(x *exchange.Exchange) bool // the first exchange that cannot be written
	}{
		{"from the start", func(x *exchange.Exchange) bool { return true }},
		{"among the inert ones", func(x *exchange.Exchange) bool { return x.Sequence > 100 }},
		{"at the first guarded one", func(x *exchange.Exchange) bool { return x.Risk == cases.Guarded.String() }},
		{"at the first upgrade", func(x *exchange.Exchange) bool {
			return x.Request.Method == http.MethodPost && x.Status() == http.StatusOK
		}},
		{"at the end of its job", func(x *exchange.Exchange) bool { return x.Operation == ges.ShowJob && x.Status() == http.StatusOK }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newNaive()
			var full atomic.Bool
			var late atomic.Int64
			s.answer = func(w http.ResponseWriter, a *arrival) bool {
				if a.graph == named && full.Load() {
					late.Add(1)
				}
				return (a.graph != named || carriesOwn(a)) && refuse(w, http.StatusBadRequest, "GES.7036")
			}
			s.run(t, configure(s, risk(cases.Destructive), keepGoing, maxUpgrades(5)), engine.Hooks{Exchange: func(x exchange.Exchange) error {
				if full.Load() || tt.fails(&x) {
					full.Store(true)
					return errors.New("no space left on device")
				}
				return nil
			}})
			if n := late.Load(); n > 0 {
				t.Errorf("expected nothing more that could start an upgrade, got %d requests", n)
			}
			if !full.Load() {
				t.Error("expected an exchange that cannot be written: the test shows nothing")
			}
		})
	}
}

func TestInertSendsNothingWhereEveryGraphIsShown(t *testing.T) {
	s := newNaive()
	s.knows = func(string) bool { return true }
	s.run(t, configure(s, risk(cases.Inert)), engine.Hooks{})
	for _, a := range s.came() {
		if !a.safe() || strings.HasSuffix(a.path, "/upgrade") {
			t.Errorf("%s %s: sent, though no graph was shown to be absent", a.method, a.path)
		}
	}
}

// An answer to a read that says nothing about the graph does not show that it is absent.
func TestOnlyAnAnswerThatMeansAbsentProvesIt(t *testing.T) {
	for name, answer := range map[string]struct {
		status int
		body   string
	}{
		"401":                {http.StatusUnauthorized, `{"error_code":"APIGW.0301","error_msg":"no"}`},
		"403":                {http.StatusForbidden, `{"error_code":"APIGW.0302","error_msg":"no"}`},
		"409":                {http.StatusConflict, `{}`},
		"500":                {http.StatusInternalServerError, `{}`},
		"400 of no code":     {http.StatusBadRequest, `{}`},
		"400 of the gateway": {http.StatusBadRequest, `{"error_code":"APIGW.0201","error_msg":"no"}`},
		"302":                {http.StatusFound, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newNaive()
			plain := s.handler
			s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet && !strings.Contains(r.URL.Path, named) {
					w.Header().Set("Content-Type", "application/json")
					w.WriteHeader(answer.status)
					_, _ = w.Write([]byte(answer.body))
					return
				}
				plain.ServeHTTP(w, r)
			})
			plainCase := find(t, "upgradeGraph/path/graph_id/unknown")
			s.run(t, configure(s, risk(cases.Inert)), engine.Hooks{}, plainCase, find(t, "upgradeGraph/security/token/missing"),
				find(t, "upgradeGraph/path/graph_id/unknown-short"))
			for _, a := range s.came() {
				if !a.safe() {
					t.Errorf("%s %s: sent after a read that was answered %d", a.method, a.path, answer.status)
				}
			}
		})
	}
}

// A server that accepts upgrades of graphs that do not exist gets no upgrade request for a
// graph that exists.
func TestAcceptanceOfAnAbsentGraphEndsWhatIsNotInert(t *testing.T) {
	for _, r := range []cases.Risk{cases.Guarded, cases.Destructive} {
		s := newNaive()
		s.run(t, configure(s, risk(r)), engine.Hooks{})
		if n := s.acceptances()[named]; n != 0 {
			t.Errorf("%s: expected no acceptance on the named graph, got %d", r, n)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		s := newNaive()
		s.answer = func(w http.ResponseWriter, a *arrival) bool {
			w.Header().Set("Location", "http://127.0.0.2"+a.path)
			w.WriteHeader(status)
			return true
		}
		e := s.run(t, configure(s, risk(cases.Destructive)), engine.Hooks{})
		if upgrades, _ := e.Accepted(); upgrades > 0 {
			t.Errorf("%d: expected no upgrade to count as accepted, got %d", status, upgrades)
		}
		if len(s.came()) < 100 {
			t.Errorf("%d: expected more requests, got %d, which proves little", status, len(s.came()))
		}
		if n := s.strays.Load(); n != 0 {
			t.Errorf("%d: %d requests followed a redirect", status, n)
		}
	}
}
