package engine_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
)

func TestGuardedStopsAtTheFirstAcceptance(t *testing.T) {
	s := newNaive()
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		return a.graph != named && refuse(w, http.StatusNotFound, "GES.0047")
	}
	s.run(t, configure(s, risk(cases.Guarded), keepGoing), engine.Hooks{}) // which only concerns upgrades that may start
	if n := s.acceptances()[named]; n != 1 {
		t.Errorf("expected 1 acceptance on the named graph, the canary's, got %d", n)
	}
	for _, a := range s.came() {
		if a.accepted && a.graph == named {
			harmlessToNamed(t, a)
		}
	}
}

// If a server only refuses the canary's body and accepts all others, the first acceptance
// also ends the phase, whatever the level of the rule under test.
func TestGuardedStopsAtTheFirstAcceptanceAfterTheCanary(t *testing.T) {
	var ids []string
	for _, k := range derived(t) {
		if len(k.Aims) > 1 && k.Aims[1].Risk == cases.Guarded {
			ids = append(ids, k.ID)
		}
	}
	if len(ids) < 30 {
		t.Fatalf("only %d guarded cases", len(ids))
	}
	for _, id := range []string{"upgradeGraph/body/unknown-member", "upgradeGraph/valid/charset", "upgradeGraph/body/duplicate", "upgradeGraph/media-type/missing", ""} {
		s := newNaive()
		s.answer = func(w http.ResponseWriter, a *arrival) bool {
			if a.graph != named {
				return refuse(w, http.StatusNotFound, "GES.0047")
			}
			plain := a.body == `{"upgrade_version":"`+ownVersion+`"}` && a.header.Get("Content-Type") == "application/json"
			return plain && refuse(w, http.StatusBadRequest, "GES.7036")
		}
		var selected []*cases.Case
		for _, k := range derived(t) {
			if id == "" || strings.HasPrefix(k.ID, id) {
				selected = append(selected, k)
			}
		}
		if len(selected) == 0 {
			continue
		}
		s.run(t, configure(s, risk(cases.Guarded)), engine.Hooks{}, selected...)
		if n := s.acceptances()[named]; n > 1 {
			t.Errorf("%q: expected at most 1 acceptance on the named graph, got %d", id, n)
		}
	}
}

// The requests that arrive at the named graph in a guarded run are checked here without the
// code under test.
func TestGuardedCarriesOnlyTheOwnVersion(t *testing.T) {
	s := newNaive()
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		if a.graph != named {
			return refuse(w, http.StatusNotFound, "GES.0047")
		}
		return refuse(w, http.StatusBadRequest, "GES.7036")
	}
	s.run(t, configure(s, risk(cases.Guarded), func(c *config.Config) { c.StoppedGraphID = stopped; c.ForeignGraphID = foreign }), engine.Hooks{})
	n := 0
	for _, a := range s.came() {
		if !a.safe() && a.graph == named {
			harmlessToNamed(t, a)
			n++
		}
		if !a.safe() && a.graph == foreign {
			t.Errorf("%s %s: went to another project's graph", a.method, a.path)
		}
	}
	if n < 20 {
		t.Errorf("expected more requests to the named graph, got %d, which proves little", n)
	}
}

var (
	dotted = regexp.MustCompile(`[\p{N}.]*\p{N}[\p{N}.]*`)
	forced = regexp.MustCompile(`(?i)force_?upgrade["']?\s*[:=]\s*["'\[{]*(\w+)`)
	named1 = regexp.MustCompile(`(?i)upgrade_?version["']?\s*[:=]?\s*(.?)`)
)

func harmlessToNamed(t *testing.T, a arrival) {
	t.Helper()
	if a.method != http.MethodPost || !strings.HasSuffix(a.path, "/graphs/"+named+"/upgrade") {
		t.Errorf("%s %s: only POST …/upgrade is guarded", a.method, a.path)
	}
	body := a.body
	if unescaped, err := url.QueryUnescape(body); err == nil {
		body = unescaped
	}
	var whole map[string]any
	if json.Unmarshal([]byte(body), &whole) == nil {
		again, _ := json.Marshal(whole) // without escapes
		body = string(again)
	}
	versions := 0
	for _, number := range dotted.FindAllString(body, -1) {
		switch {
		case number == ownVersion:
			versions++
		case strings.Trim(number, "0.") != "":
			t.Errorf("%s: body %q: expected no version but the graph's own, got %q", a.path, a.body, number)
		}
	}
	if versions == 0 {
		t.Errorf("%s: body %q: expected a version, got none; a server could choose one", a.path, a.body)
	}
	for _, m := range forced.FindAllStringSubmatch(body, -1) {
		if m[1] != "false" && m[1] != "null" && m[1] != "0" {
			t.Errorf("%s: body %q could force the upgrade", a.path, a.body)
		}
	}
	for _, m := range named1.FindAllStringSubmatch(body, -1) {
		if !slices.Contains([]string{`"`, "'", "[", "{", " ", "2", ""}, m[1]) {
			t.Errorf("%s: body %q: expected no version but the graph's own", a.path, a.body)
		}
	}
}

func TestMaxUpgradesIsNeverExceeded(t *testing.T) {
	for _, tt := range []struct {
		name    string
		max     int
		changes []func(*config.Config)
		refuses func(*arrival) bool // which requests to the named graph the server refuses
		most    int                 // maximum number of acceptances
	}{
		{name: "accepts all, stops", max: 1, most: 1},
		{name: "accepts all, three allowed, stops", max: 3, most: 1},
		{name: "accepts all, none allowed", max: 0, most: 1},
		{name: "accepts all, three allowed, goes on", max: 3, changes: []func(*config.Config){keepGoing}, most: 3},
		{name: "accepts all, none allowed, goes on", max: 0, changes: []func(*config.Config){keepGoing}, most: 1}, // the canary
		{name: "refuses the own version, stops", max: 1, refuses: carriesOwn, most: 1},
		{name: "refuses the own version, goes on", max: 3, changes: []func(*config.Config){keepGoing}, refuses: carriesOwn, most: 3},
		{name: "refuses the own version, one allowed, goes on", max: 1, changes: []func(*config.Config){keepGoing}, refuses: carriesOwn, most: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newNaive()
			s.answer = func(w http.ResponseWriter, a *arrival) bool {
				return a.graph == named && tt.refuses != nil && tt.refuses(a) && refuse(w, http.StatusBadRequest, "GES.7036")
			}
			s.run(t, configure(s, append(tt.changes, risk(cases.Destructive), maxUpgrades(tt.max))...), engine.Hooks{})
			all, exact := 0, 0
			for _, a := range s.came() {
				if !a.accepted || a.graph != named {
					continue
				}
				all++
				if !carriesOwn(&a) {
					exact++
				}
			}
			if exact > tt.max {
				t.Errorf("expected at most %d acceptances of what is not the own version, got %d", tt.max, exact)
			}
			if all > tt.most {
				t.Errorf("expected at most %d acceptances, got %d", tt.most, all)
			}
		})
	}
}

func carriesOwn(a *arrival) bool { return strings.Contains(a.body, ownVersion) }

// A request without an answer may have started an upgrade.
func TestUnansweredRequestsUseUpTheirUpgrade(t *testing.T) {
	s := newNaive()
	var posts atomic.Int64
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		if a.graph != named {
			return refuse(w, http.StatusNotFound, "GES.0047")
		}
		if carriesOwn(a) {
			return refuse(w, http.StatusBadRequest, "GES.7036")
		}
		posts.Add(1)
		panic(http.ErrAbortHandler) // started, and the connection dropped
	}
	e := s.run(t, configure(s, risk(cases.Destructive), maxUpgrades(2)), engine.Hooks{})
	if n := posts.Load(); n != 2 {
		t.Errorf("expected 2 requests that could start an upgrade, got %d", n)
	}
	if r := result(t, e, "upgradeGraph/lifecycle/accepted"); r.Verdict != "deviates" {
		t.Errorf("expected the lifecycle to deviate, got %q: %s", r.Verdict, r.Reason)
	}
}

func TestForeignGraphNeedsConsent(t *testing.T) {
	for _, confirm := range []bool{false, true} {
		s := newNaive()
		s.answer = func(w http.ResponseWriter, a *arrival) bool { return refuse(w, http.StatusNotFound, "GES.0047") }
		s.run(t, configure(s, risk(cases.Destructive), keepGoing, func(c *config.Config) {
			c.ForeignGraphID, c.ConfirmForeignGraph = foreign, confirm
		}), engine.Hooks{})
		posts, gets := 0, 0
		for _, a := range s.came() {
			switch {
			case a.graph == foreign && a.safe():
				gets++
			case a.graph == foreign:
				posts++
			}
		}
		if gets == 0 {
			t.Error("expected a read of another project's graph, got none, which proves little")
		}
		if confirm != (posts > 0) {
			t.Errorf("confirmed %t: got %d requests to another project's graph that are not reads", confirm, posts)
		}
	}
}

func TestOtherMethodsGoOnlyToTheUpgrade(t *testing.T) {
	for _, r := range []cases.Risk{cases.Inert, cases.Guarded, cases.Destructive} {
		s := newNaive()
		s.answer = func(w http.ResponseWriter, a *arrival) bool { // nothing is decided where the graph is unknown
			return a.graph != named && refuse(w, http.StatusNotFound, "GES.0047") || refuse(w, http.StatusBadRequest, "GES.7036")
		}
		s.run(t, configure(s, risk(r), keepGoing, func(c *config.Config) { c.StoppedGraphID = stopped }), engine.Hooks{})
		seen := map[string]int{}
		for _, a := range s.came() {
			if a.safe() || a.method == http.MethodPost {
				continue
			}
			seen[a.method]++
			if !regexp.MustCompile(`/graphs/[0-9a-f-]+/upgrade$`).MatchString(a.path) {
				t.Errorf("risk %s: %s %s", r, a.method, a.path)
			}
			if a.graph == named && r != cases.Destructive {
				t.Errorf("risk %s: %s %s: went to the named graph", r, a.method, a.path)
			}
		}
		if seen[http.MethodDelete] == 0 || seen[http.MethodPut] == 0 {
			t.Errorf("risk %s: other methods seen: %v", r, seen)
		}
	}
}
