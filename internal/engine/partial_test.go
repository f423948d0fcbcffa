package engine_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/judge"
)

const vouched = "e9a10000-026b-455a-9e07-228fae4b12b9"

func vouch(c *config.Config) { c.AbsentGraphID = vouched }

func noGraph(c *config.Config) { c.GraphID = "" }

// without has the server answer some requests as if it did not have their operation.
func (s *naive) without(missing func(*http.Request) bool, answer http.HandlerFunc) {
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if missing(r) {
			s.mu.Lock()
			s.arrivals = append(s.arrivals, arrival{method: r.Method, path: r.URL.EscapedPath()})
			s.mu.Unlock()
			answer(w, r)
			return
		}
		s.ServeHTTP(w, r)
	})
}

func reads(r *http.Request) bool {
	return r.Method == http.MethodGet && !strings.HasSuffix(r.URL.Path, "/upgrade")
}

func notUpgrades(r *http.Request) bool { return !strings.HasSuffix(r.URL.Path, "/upgrade") }

func jobReads(r *http.Request) bool { return reads(r) && strings.Contains(r.URL.Path, "/jobs/") }

func answers(status int, mediaType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

var noAPI = answers(http.StatusNotFound, "application/json", `{"error_code":"APIGW.0101","error_msg":"no such API"}`)

// refusesAbsent refuses what does not go to the graph under test.
func refusesAbsent(w http.ResponseWriter, a *arrival) bool {
	return a.graph != named && refuse(w, http.StatusNotFound, "GES.0047")
}

// A server without the reads that accepts everything gets one upgrade, whatever the risk and
// whatever else the user allows.
func TestOnlyOneUpgradeWhereTheUserIsWrong(t *testing.T) {
	for name, changes := range map[string][]func(*config.Config){
		"inert":       {risk(cases.Inert), vouch},
		"destructive": {risk(cases.Destructive), vouch, keepGoing, maxUpgrades(10)},
		"no graph":    {risk(cases.Destructive), vouch, keepGoing, noGraph},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newNaive()
			s.without(reads, noAPI)
			e := s.run(t, configure(s, changes...), engine.Hooks{})
			came, accepted := s.came(), s.acceptances()
			if last := came[len(came)-1]; len(accepted) != 1 || accepted[vouched] != 1 || !last.accepted {
				t.Errorf("expected one acceptance, of %s, and nothing after it, got %v, and last %s %s", vouched, accepted, last.method, last.path)
			}
			if upgrades, invented := e.Accepted(); upgrades != 1 || invented != 1 {
				t.Errorf("expected one upgrade, and that invented, got %d and %d", upgrades, invented)
			}
			found := result(t, e, "upgradeGraph/path/graph_id/unknown")
			if found.Verdict != judge.Deviates {
				t.Errorf("expected the acceptance to be held against the server, got %s: %s", found.Verdict, found.Reason)
			}
			for _, r := range e.Results() {
				if r.Case != found.Case && (r.Verdict != judge.NotApplicable || r.Reason == "") {
					t.Errorf("%s: expected not-applicable, got %s: %s", r.Case, r.Verdict, r.Reason)
				}
			}
		})
	}
}

// The first request that is accepted later ends the run, too. Others may be under way.
func TestALaterAcceptanceEndsTheRunWithoutReads(t *testing.T) {
	const concurrency = 4
	s := newNaive()
	s.without(reads, noAPI)
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		return !strings.Contains(a.body, `"force_upgrade":true`) && refuse(w, http.StatusNotFound, "GES.0047")
	}
	s.run(t, configure(s, risk(cases.Destructive), vouch, keepGoing, func(c *config.Config) { c.Concurrency = concurrency }), engine.Hooks{})
	if n := s.acceptances()[vouched]; n < 1 || n > concurrency {
		t.Errorf("expected 1 to %d acceptances, got %d", concurrency, n)
	}
}

// Without the reads, nothing goes to a graph but the absent one, whatever the risk, except for the
// reads that turn out not to be there.
func TestWithoutReadsAllGoesToTheAbsentGraph(t *testing.T) {
	for name, changes := range map[string][]func(*config.Config){
		"graph": {vouch}, "no graph": {vouch, noGraph}, "more graphs": {vouch, func(c *config.Config) {
			c.StoppedGraphID, c.ForeignGraphID, c.ConfirmForeignGraph = stopped, foreign, true
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newNaive()
			s.without(reads, noAPI)
			s.answer = func(w http.ResponseWriter, _ *arrival) bool { return refuse(w, http.StatusNotFound, "GES.0047") }
			s.run(t, configure(s, append(changes, risk(cases.Destructive), keepGoing)...), engine.Hooks{})
			posts := 0
			for _, a := range s.came() {
				switch {
				case a.graph == vouched:
					posts++
				case a.graph != "":
					t.Errorf("%s %s: went to another graph", a.method, a.path)
				}
			}
			if posts < 100 {
				t.Errorf("expected more requests to the absent graph, got %d, which proves little", posts)
			}
		})
	}
}

// An id that no read can show to be absent gets no upgrade, if the user has not vouched for it. The
// server says of all of them that they are unknown, as if there were nothing to fear.
func TestWithoutReadsNoOtherIDIsSent(t *testing.T) {
	s := newNaive()
	s.answer = func(w http.ResponseWriter, _ *arrival) bool { return refuse(w, http.StatusNotFound, "GES.0047") }
	s.without(reads, noAPI)
	e := s.run(t, configure(s, vouch), engine.Hooks{})
	literal := 0
	for _, k := range derived(t) {
		if k.Operation != "upgradeGraph" || k.Aims == nil || k.Aims[0].Graph != cases.LiteralGraph || k.Aims[0].Risk > cases.Inert {
			continue
		}
		literal++
		if r := result(t, e, k.ID); r.Verdict != judge.NotApplicable || r.Reason != "showGraph is not there: 404 APIGW.0101" || len(r.Exchanges) > 0 {
			t.Errorf("%s: expected not-applicable, got %s: %s, %d exchanges", k.ID, r.Verdict, r.Reason, len(r.Exchanges))
		}
	}
	if literal == 0 {
		t.Error("no case has an id of its own: the test shows nothing")
	}
}

// preflight returns what the preflight of a server says, and how often it was asked.
func preflight(t *testing.T, s *naive, changes ...func(*config.Config)) (requests int, fault error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cfg := configure(s, changes...)
		if err := cfg.Check(); err != nil {
			t.Fatal(err)
		}
		c, err := contract.Default()
		if err != nil {
			t.Fatal(err)
		}
		s.start(t)
		e := engine.New(c, cfg, derived(t), derived(t), engine.Hooks{})
		t.Cleanup(e.Close)
		fault = e.Preflight(context.Background())
	})
	return len(s.came()), fault
}

// The preflight says what a deployment lacks, and what is wrong with what the user says of it.
func TestPreflightWithoutReads(t *testing.T) {
	refusing := func(status int, code string) func(http.ResponseWriter, *arrival) bool {
		return func(w http.ResponseWriter, _ *arrival) bool { return refuse(w, status, code) }
	}
	const html = "<html>no such page</html>"
	for _, tt := range []struct {
		name    string
		missing func(*http.Request) bool
		read    http.HandlerFunc
		answer  func(http.ResponseWriter, *arrival) bool
		knows   func(string) bool
		changes []func(*config.Config)
		want    string // "" if the run goes on
	}{
		{name: "no flag", missing: reads, read: noAPI, want: "showGraph is not there, GET http://127.0.0.1:80/v2/" + project + "/graphs/" + named + ": 404 APIGW.0101; check --endpoint, or if the deployment lacks the reads, give an id that no graph has with --absent-graph-id"},
		{name: "no flag, no code", missing: reads, read: answers(404, "text/html", html), want: "--absent-graph-id"},
		{name: "no flag, method", missing: reads, read: answers(405, "text/plain", ""), want: "--absent-graph-id"},
		{name: "no flag, not implemented", missing: reads, read: answers(501, "text/plain", ""), want: "--absent-graph-id"},
		{name: "no flag, a page", missing: reads, read: answers(200, "text/html", html), want: "--absent-graph-id"},
		{name: "gateway", missing: reads, read: noAPI, answer: refusing(404, "GES.0047"), changes: []func(*config.Config){vouch}},
		{name: "no graph", missing: reads, read: noAPI, answer: refusing(404, "GES.0047"), changes: []func(*config.Config){vouch, noGraph}},
		{name: "page", missing: reads, read: answers(200, "text/html", html), answer: refusing(404, "GES.0047"), changes: []func(*config.Config){vouch}},
		{name: "redirect", missing: reads, read: answers(302, "text/html", html), answer: refusing(404, "GES.0047"), changes: []func(*config.Config){vouch}},
		{name: "not implemented", missing: reads, read: answers(501, "text/plain", ""), answer: refusing(404, "GES.0047"), changes: []func(*config.Config){vouch}},
		{name: "server error", missing: reads, read: answers(500, "text/plain", "panic"), answer: refusing(404, "GES.0047"), changes: []func(*config.Config){vouch}},
		{name: "dropped", missing: reads, read: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, answer: refusing(404, "GES.0047"), changes: []func(*config.Config){vouch}},
		{name: "not for this token", missing: reads, read: answers(403, "application/json", `{"error_code":"APIGW.0302","error_msg":"no"}`), answer: refusing(404, "GES.0047"), changes: []func(*config.Config){vouch}},
		{name: "unknown graph said without a code", missing: notUpgrades, read: answers(404, "application/json", `{"message":"no route"}`), answer: func(w http.ResponseWriter, _ *arrival) bool {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"message":"no such graph"}`)
			return true
		}, changes: []func(*config.Config){vouch}},
		{name: "nothing there", missing: func(*http.Request) bool { return true }, read: answers(404, "text/html", html), changes: []func(*config.Config){vouch}, want: "upgradeGraph is not there: 404, as for a path that leads nowhere; check --endpoint and --project-id"},
		{name: "no API there", missing: func(*http.Request) bool { return true }, read: noAPI, changes: []func(*config.Config){vouch}, want: "upgradeGraph is not there: 404 APIGW.0101"},
		{name: "a page for everything", missing: func(*http.Request) bool { return true }, read: answers(200, "text/html", html), changes: []func(*config.Config){vouch}, want: "the answer (200) is not from the Graph Engine Service"},
		{name: "bad credentials", missing: reads, read: noAPI, answer: refusing(401, "APIGW.0301"), changes: []func(*config.Config){vouch}, want: "upgrade the absent graph: the credentials were refused (401 APIGW.0301)"},
		{name: "server error of the upgrade", missing: reads, read: noAPI, answer: refusing(500, "GES.0001"), changes: []func(*config.Config){vouch}, want: "upgrade the absent graph: server error (500"},
		{name: "the id exists", missing: func(*http.Request) bool { return false }, knows: func(string) bool { return true }, changes: []func(*config.Config){vouch}, want: `there is a graph "` + vouched + `" (200), and --absent-graph-id vouches that there is none`},
		{name: "the id exists, no graph", missing: func(*http.Request) bool { return false }, knows: func(string) bool { return true }, changes: []func(*config.Config){vouch, noGraph}, want: "give an id that no graph has"},
		{name: "the graph does not exist", missing: func(*http.Request) bool { return false }, knows: func(string) bool { return false }, changes: []func(*config.Config){vouch}, want: `there is no graph "` + named + `"`},
		{name: "only no job", missing: jobReads, read: noAPI, changes: []func(*config.Config){vouch}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newNaive()
			s.answer, s.knows = tt.answer, tt.knows
			s.without(tt.missing, tt.read)
			n, err := preflight(t, s, append(tt.changes, risk(cases.Destructive), func(c *config.Config) { c.ConfirmGraph = "g" })...)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("expected %q, got %v", tt.want, err)
			}
			if n > 6 {
				t.Errorf("expected a few requests, got %d", n)
			}
			for graph, n := range s.acceptances() {
				t.Errorf("%d requests to %s were accepted", n, graph)
			}
		})
	}
}

// Where jobs cannot be read, the graph shows how an upgrade ends.
func TestLifecycleWithoutJobs(t *testing.T) {
	s := newNaive()
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		if refusesAbsent(w, a) {
			return true
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		later := strings.Contains(a.body, `"2.2.9"`)
		if !later || s.version != ownVersion {
			return refuse(w, http.StatusBadRequest, "GES.7036")
		}
		s.version = "2.2.9"
		return false
	}
	s.without(jobReads, noAPI)
	var some []*cases.Case
	for _, k := range derived(t) {
		if k.Observes != "" || k.ID == "showJob/path/job_id/unknown" || k.ID == "showGraph/valid/plain" {
			some = append(some, k)
		}
	}
	e := s.run(t, configure(s, risk(cases.Destructive), vouch, maxUpgrades(1)), engine.Hooks{}, some...)
	for id, want := range map[string]judge.Verdict{
		"upgradeGraph/lifecycle/accepted": judge.Conforms, "upgradeGraph/lifecycle/version-shown": judge.Conforms,
		"upgradeGraph/lifecycle/job-queryable": judge.NotApplicable, "upgradeGraph/lifecycle/job-ends": judge.NotApplicable,
		"upgradeGraph/lifecycle/job-of-graph": judge.NotApplicable, "upgradeGraph/lifecycle/version-kept": judge.Conforms,
		"showJob/path/job_id/unknown": judge.NotApplicable, "showGraph/valid/plain": judge.Conforms,
	} {
		if r := result(t, e, id); r.Verdict != want || want == judge.NotApplicable && r.Reason != "showJob is not there: 404 APIGW.0101" {
			t.Errorf("%s: expected %s, got %s: %s %+v", id, want, r.Verdict, r.Reason, r.Findings)
		}
	}
}
