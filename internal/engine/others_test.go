package engine_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/judge"
)

// A shared graph is on a correct server. Someone else upgrades it as soon as it has received
// its first request.
type shared struct {
	mu       sync.Mutex
	version  string
	upgrades int // remaining reads of the graph until the upgrade by someone else ends
	begun    bool
	theirs   string // the version that it leads to
	lasts    int    // and for how many reads
}

// upgrade answers an upgrade request, depending on the state of the graph.
func (g *shared) upgrade(w http.ResponseWriter, a *arrival) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if a.graph != named {
		return refuse(w, http.StatusNotFound, "GES.0047")
	}
	if !g.begun {
		g.begun, g.upgrades = true, g.lasts
		if g.lasts == 0 {
			defer func() { g.version = g.theirs }()
		}
	}
	var asked struct {
		Version string `json:"upgrade_version"`
	}
	switch err := json.Unmarshal([]byte(a.body), &asked); {
	case g.upgrades > 0:
		return refuse(w, http.StatusBadRequest, "GES.7001")
	case err != nil || !contract.Later(asked.Version, g.version):
		return refuse(w, http.StatusBadRequest, "GES.7036")
	}
	g.version = asked.Version
	return false
}

// read answers a read of the graph. The upgrade by someone else ends after enough reads.
func (g *shared) read(w http.ResponseWriter) {
	g.mu.Lock()
	defer g.mu.Unlock()
	status := "200"
	if g.upgrades > 0 {
		status = "201"
		if g.upgrades--; g.upgrades == 0 {
			defer func() { g.version = g.theirs }()
		}
	}
	fmt.Fprintf(w, `{"graph":{"id":%q,"name":"g","status":%q,"data_store_version":%q}}`, named, status, g.version)
}

// shownBy makes the reads of a server show the graph.
func (g *shared) shownBy(s *naive) {
	plain := s.handler
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/graphs/"+named) {
			w.Header().Set("Content-Type", "application/json")
			g.read(w)
			return
		}
		plain.ServeHTTP(w, r)
	})
}

// While someone else upgrades the graph, its answers say nothing about the rule under test,
// and a requested version may no longer be later than the graph's.
func TestSomebodyElseUpgradesTheGraph(t *testing.T) {
	ids := []string{"upgradeGraph/body/upgrade_version/not-later-equal", "upgradeGraph/valid/charset", "upgradeGraph/valid/force_upgrade-false"}
	for _, tt := range []struct {
		name  string
		risk  cases.Risk
		lasts int
		want  judge.Verdict // on a valid upgrade
	}{
		{"guarded, in the midst of it", cases.Guarded, 3, judge.Masked},
		{"destructive, in the midst of it", cases.Destructive, 3, judge.Conforms},
		{"destructive, before it is asked for", cases.Destructive, 0, judge.Conforms},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newNaive()
			g := &shared{version: ownVersion, theirs: "2.2.10", lasts: tt.lasts}
			s.answer = g.upgrade
			g.shownBy(s)
			cfg := configure(s, risk(tt.risk), func(c *config.Config) { c.JobTimeout = time.Minute })
			selected := []*cases.Case{find(t, "upgradeGraph/lifecycle/accepted")}
			for _, id := range ids {
				selected = append(selected, find(t, id))
			}
			l := &log{}
			e := s.run(t, cfg, l.hooks(), selected...)
			for _, r := range e.Results() {
				if r.Verdict == judge.Deviates || r.Verdict == judge.Error {
					t.Errorf("%s: expected nothing to be held against the server, got %s %q %+v", r.Case, r.Verdict, r.Reason, r.Findings)
				}
			}
			if got := result(t, e, "upgradeGraph/valid/charset").Verdict; got != tt.want {
				t.Errorf("expected a valid upgrade to be %s, got %s", tt.want, got)
			}
		})
	}
}

// If the graph's version changes after each refusal, the refused requests change it.
func TestAGraphThatMovesWhenItRefuses(t *testing.T) {
	s := newNaive()
	g := &shared{version: ownVersion, theirs: ownVersion, lasts: 2}
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		done := g.upgrade(w, a)
		g.mu.Lock()
		defer g.mu.Unlock()
		g.begun = g.upgrades > 0 // the next one begins with the next request
		return done
	}
	g.shownBy(s)
	cfg := configure(s, risk(cases.Guarded), func(c *config.Config) { c.JobTimeout = time.Minute })
	e := s.run(t, cfg, engine.Hooks{}, find(t, "upgradeGraph/valid/charset"), find(t, "upgradeGraph/valid/force_upgrade-false"), find(t, "upgradeGraph/valid/charset-upper-case"), find(t, "upgradeGraph/valid/force_upgrade-true"))
	deviating := 0
	for _, r := range e.Results() {
		if r.Verdict == judge.Deviates {
			deviating++
		}
	}
	if deviating == 0 {
		t.Errorf("expected the movement to be held against the server once it has been seen twice, got %+v", e.Results())
	}
}

// If the graph's version changes although no request of this run has asked for the new one, the
// server deviates, unless the list of jobs shows an upgrade by someone else.
func TestAVersionThatSomebodyElseMoved(t *testing.T) {
	for _, tt := range []struct {
		name  string
		risk  cases.Risk
		job   bool // whether the list then has a job by someone else
		asked bool // whether a request of this run has asked for it
		want  judge.Verdict
	}{
		{"guarded, with a job", cases.Guarded, true, false, judge.Error},
		{"guarded, without", cases.Guarded, false, false, judge.Deviates},
		{"destructive, with a job", cases.Destructive, true, false, judge.Error},
		{"destructive, without", cases.Destructive, false, false, judge.Deviates},
		{"destructive, where a refused request has asked for it", cases.Destructive, true, true, judge.Deviates},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newNaive()
			g := &shared{version: ownVersion, theirs: "2.2.10"}
			s.answer = func(w http.ResponseWriter, a *arrival) bool {
				g.mu.Lock()
				defer g.mu.Unlock()
				if a.graph != named {
					return refuse(w, http.StatusNotFound, "GES.0047")
				}
				if tt.asked && isPlainUpgrade(a) {
					g.version = "2.2.9"
					return false
				}
				if !tt.asked || strings.Contains(a.body, g.theirs) {
					g.begun, g.version = true, g.theirs
				}
				return refuse(w, http.StatusBadRequest, "GES.7036")
			}
			g.shownBy(s)
			plain := s.handler
			s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, "/graphs/jobs") {
					plain.ServeHTTP(w, r)
					return
				}
				g.mu.Lock()
				defer g.mu.Unlock()
				if g.begun && tt.job {
					fmt.Fprint(w, `{"job_count":1,"job_list":[{"job_id":"theirs","job_name":"UpgradeGraph","status":"success","related_graph":"g"}]}`)
				} else {
					fmt.Fprint(w, `{"job_count":0,"job_list":[]}`)
				}
			})
			l := &log{}
			cfg := configure(s, risk(tt.risk))
			e := s.run(t, cfg, l.hooks(), find(t, "upgradeGraph/body/upgrade_version/not-later-equal"), find(t, "upgradeGraph/body/missing-colon"), find(t, "upgradeGraph/lifecycle/version-kept"))
			r := result(t, e, "upgradeGraph/lifecycle/version-kept")
			if r.Verdict != tt.want || tt.want == judge.Error && !strings.Contains(r.Reason, "this run did not start the job theirs") {
				t.Errorf("expected %s, got %s %q %+v", tt.want, r.Verdict, r.Reason, r.Findings)
			}
		})
	}
}

// If the first upgrade has ended when the second one is requested, the answer says nothing
// about two at once, and the graph then has the version of the second.
func TestAnUpgradeThatEndsBeforeTheSecond(t *testing.T) {
	s := newNaive()
	g := &shared{version: ownVersion, begun: true} // by nobody else
	jobs, asked := 0, 0                            // number of reads of the first job, and of second upgrades
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		g.mu.Lock()
		if g.version != ownVersion {
			asked++
		}
		g.mu.Unlock()
		return g.upgrade(w, a)
	}
	g.shownBy(s)
	plain := s.handler
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/graphs/"+named+"/jobs/j/status") {
			g.mu.Lock()
			defer g.mu.Unlock()
			if jobs++; jobs == 1 { // it ends after the first read
				fmt.Fprint(w, `{"job_id":"j","status":"running","related_graph":"g"}`)
				return
			}
		}
		plain.ServeHTTP(w, r)
	})
	l := &log{}
	cfg := configure(s, risk(cases.Destructive), func(c *config.Config) { c.JobTimeout = time.Minute })
	e := s.run(t, cfg, l.hooks(), find(t, "upgradeGraph/lifecycle/accepted"), find(t, "upgradeGraph/lifecycle/second-refused"), find(t, "upgradeGraph/lifecycle/version-shown"))
	g.mu.Lock()
	defer g.mu.Unlock()
	if asked < 2 {
		t.Fatalf("expected more upgrade requests, got %d, which proves nothing", asked)
	}
	for _, id := range []string{"upgradeGraph/lifecycle/accepted", "upgradeGraph/lifecycle/version-shown"} {
		if r := result(t, e, id); r.Verdict != judge.Conforms {
			t.Errorf("%s: expected conforms, got %s %q %+v", id, r.Verdict, r.Reason, r.Findings)
		}
	}
}
