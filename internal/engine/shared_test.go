package engine_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/judge"
)

// plainly refuses what must be, so that only valid requests to a later version are accepted. A
// server refuses those for which no is true.
func plainly(no func(*arrival) bool) func(http.ResponseWriter, *arrival) bool {
	return func(w http.ResponseWriter, a *arrival) bool {
		switch {
		case a.graph != named:
			return refuse(w, http.StatusNotFound, "GES.0047")
		case carriesOwn(a):
			return refuse(w, http.StatusBadRequest, "GES.7036")
		case no(a):
			return refuse(w, http.StatusBadRequest, "GES.7016")
		}
		return false
	}
}

// Valid variations share one upgrade. If it is refused, one upgrade tells which of them is.
func TestValidVariationsShareAnAcceptance(t *testing.T) {
	ids := []string{"charset", "accept-browser", "language-zh-cn", "media-type-upper-case", "force_upgrade-absent"}
	for _, tt := range []struct {
		name    string
		refuses func(*arrival) bool
		want    map[string]judge.Verdict // if it is not conforms
		most    int                      // requests to a later version
	}{
		{"nothing", func(*arrival) bool { return false }, nil, 1},
		{"a language", func(a *arrival) bool { return a.header.Get("X-Language") != "" }, map[string]judge.Verdict{"language-zh-cn": judge.Deviates}, 8},
		{"a browser", func(a *arrival) bool { return strings.Contains(a.header.Get("Accept"), "html") }, map[string]judge.Verdict{"accept-browser": judge.Deviates}, 8},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newNaive()
			s.answer = plainly(tt.refuses)
			selected := []*cases.Case{find(t, "upgradeGraph/lifecycle/accepted")}
			for _, id := range ids {
				selected = append(selected, find(t, "upgradeGraph/valid/"+id))
			}
			e := s.run(t, configure(s, risk(cases.Destructive), maxUpgrades(1)), engine.Hooks{}, selected...)
			for _, id := range ids {
				want := tt.want[id]
				if want == "" {
					want = judge.Conforms
				}
				if r := result(t, e, "upgradeGraph/valid/"+id); r.Verdict != want {
					t.Errorf("%s: expected %s, got %s %q", id, want, r.Verdict, r.Reason)
				}
			}
			if r := result(t, e, "upgradeGraph/lifecycle/accepted"); r.Verdict != judge.Conforms {
				t.Errorf("expected the plain upgrade to conform, got %s %+v", r.Verdict, r.Findings)
			}
			sent := s.came()
			later := len(slices.DeleteFunc(sent, func(a arrival) bool { return a.method != http.MethodPost || a.graph != named || carriesOwn(&a) }))
			if later > tt.most {
				t.Errorf("expected at most %d requests to a later version, got %d", tt.most, later)
			}
		})
	}
}

// If two variations are refused and no upgrade is left to tell which, that a valid request was
// refused is told, and none of them has a tick.
func TestARefusalThatCannotBeToldApart(t *testing.T) {
	s := newNaive()
	s.answer = plainly(func(a *arrival) bool {
		return a.header.Get("X-Language") != "" || strings.Contains(a.header.Get("Accept"), "html")
	})
	ids := []string{"charset", "accept-browser", "language-zh-cn", "force_upgrade-absent"}
	selected := []*cases.Case{find(t, "upgradeGraph/lifecycle/accepted")}
	for _, id := range ids {
		selected = append(selected, find(t, "upgradeGraph/valid/"+id))
	}
	e := s.run(t, configure(s, risk(cases.Destructive), maxUpgrades(1)), engine.Hooks{}, selected...)
	for _, id := range []string{"charset", "accept-browser", "language-zh-cn"} {
		if r := result(t, e, "upgradeGraph/valid/"+id); r.Verdict.Exercised() {
			t.Errorf("%s: expected it not to be decided, got %s", id, r.Verdict)
		}
	}
	r := result(t, e, "upgradeGraph/lifecycle/accepted")
	if r.Verdict != judge.Deviates || !slices.ContainsFunc(r.Findings, func(f judge.Finding) bool { return strings.Contains(f.Got, "no upgrade was left to tell") }) {
		t.Errorf("expected the refusal of a valid request to deviate, got %s %+v", r.Verdict, r.Findings)
	}
}

// What MAY be passed over shares one upgrade. If it is refused, one more upgrade tells for which
// condition, and only what that condition is about is tried on its own.
func TestWhatMayBeRefusedSharesAnAcceptance(t *testing.T) {
	ids := []string{
		"body/byte-order-mark", "body/deep-nesting", "body/force_upgrade/null", "body/unknown-member", "body/unknown-member-empty-name",
		"body/unknown-member-long", "media-type/missing", "security/token/repeated", "valid/chunked", "valid/expect-continue",
	}
	for _, tt := range []struct {
		name     string
		refuses  func(*arrival) bool
		refused  []string
		accepted int // upgrades
		most     int // requests to a later version
	}{
		{"nothing", func(*arrival) bool { return false }, nil, 1, 1},
		{"a byte order mark", func(a *arrival) bool { return strings.HasPrefix(a.body, "\xef") }, []string{"body/byte-order-mark"}, 1, 2},
		{"a long member", func(a *arrival) bool { return len(a.body) > 4096 }, []string{"body/unknown-member-long"}, 3, 10},
		{
			"unknown members",
			func(a *arrival) bool { return strings.Contains(a.body, "text") || strings.Contains(a.body, "xx") },
			[]string{"body/unknown-member", "body/unknown-member-empty-name", "body/unknown-member-long"}, 1, 10,
		},
		{
			"a token twice and no media type",
			func(a *arrival) bool { return a.header.Get("Content-Type") == "" || len(a.header["X-Auth-Token"]) > 1 },
			[]string{"security/token/repeated", "media-type/missing"}, 2, 25,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newNaive()
			s.answer = plainly(tt.refuses)
			var selected []*cases.Case
			for _, id := range ids {
				selected = append(selected, find(t, "upgradeGraph/"+id))
			}
			e := s.run(t, configure(s, risk(cases.Destructive)), engine.Hooks{}, selected...)
			for _, id := range ids {
				r := result(t, e, "upgradeGraph/"+id)
				took := slices.ContainsFunc(r.Findings, func(f judge.Finding) bool { return strings.HasSuffix(f.Got, "the request was accepted") })
				if want := !slices.Contains(tt.refused, id); !r.Verdict.Exercised() || took != want {
					t.Errorf("%s: expected it to be decided and accepted %v, got %s %q %+v", id, want, r.Verdict, r.Reason, r.Findings)
				}
			}
			if accepted, _ := e.Accepted(); accepted != tt.accepted {
				t.Errorf("expected %d upgrades, got %d", tt.accepted, accepted)
			}
			sent := s.came()
			later := len(slices.DeleteFunc(sent, func(a arrival) bool { return a.method != http.MethodPost || a.graph != named || carriesOwn(&a) }))
			if later > tt.most {
				t.Errorf("expected at most %d requests to a later version, got %d", tt.most, later)
			}
		})
	}
}
