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
