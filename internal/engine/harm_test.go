package engine_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/judge"
)

// A server that accepts a member twice breaks a SHOULD, and goes on. If it checks one of them and
// installs the other, it breaks a MUST, and the phase ends.
func TestWhatAnAcceptanceHasDoneIsJudged(t *testing.T) {
	versions := regexp.MustCompile(`"upgrade_version":"([^"]*)"`)
	for _, tt := range []struct {
		name     string
		checks   int // which of them; the last if it is 1
		installs int
		keep     bool
		want     judge.Verdict
		harmed   bool
		goesOn   bool
	}{
		{"the last counts", 1, 1, false, judge.Advisory, false, true},
		{"the first counts", 0, 0, false, judge.Advisory, false, true},
		{"the first is checked, the last installed", 0, 1, false, judge.Deviates, true, false},
		{"the last is checked, the first installed", 1, 0, false, judge.Deviates, true, false},
		{"the same, and the run goes on", 1, 0, true, judge.Deviates, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newNaive()
			s.version = "2.2.8"
			after := 0 // acceptances after the graph went back
			back := false
			s.answer = func(w http.ResponseWriter, a *arrival) bool {
				found := versions.FindAllStringSubmatch(a.body, -1)
				if a.graph != named {
					return refuse(w, http.StatusNotFound, "GES.0047")
				}
				if len(found) != 2 || strings.Contains(a.body, `"force_upgrade"`) {
					return refuse(w, http.StatusBadRequest, "GES.7036")
				}
				if checked := found[tt.checks][1]; !later(checked, s.version) {
					return refuse(w, http.StatusBadRequest, "GES.7036")
				}
				if back {
					after++
				}
				back = back || !later(found[tt.installs][1], s.version)
				s.version = found[tt.installs][1]
				return false
			}
			e := s.run(t, configure(s, func(c *config.Config) {
				c.Risk, c.KeepGoing, c.MaxUpgrades = cases.Destructive, tt.keep, 10
			}), engine.Hooks{})
			worst := judge.NotApplicable
			harmed := false
			for _, id := range []string{"duplicate-older-first", "duplicate-older-last"} {
				r := result(t, e, "upgradeGraph/body/upgrade_version/"+id)
				worst = judge.Worse(worst, r.Verdict)
				for _, f := range r.Findings {
					if f.Requirement == "upgrade.target-later" && f.Verdict == judge.Deviates {
						harmed = true
						sent, read := r.Exchanges[f.Exchange], r.Exchanges[f.Exchange+1]
						if sent.Request.Method != http.MethodPost || read.Request.Method != http.MethodGet || !strings.Contains(f.Got, "2.2.") {
							t.Errorf("expected both exchanges and both versions, got %s, %s and %q", sent.Request.Method, read.Request.Method, f.Got)
						}
					}
				}
			}
			if worst != tt.want || harmed != tt.harmed {
				t.Errorf("expected %s, and that the graph went back: %t, got %s and %t", tt.want, tt.harmed, worst, harmed)
			}
			if tt.harmed && !tt.keep && after > 0 {
				t.Errorf("expected nothing more to be accepted after it, got %d", after)
			}
		})
	}
}

// later compares versions of three parts.
func later(a, b string) bool {
	var x, y [3]int
	for i, v := range []*[3]int{&x, &y} {
		text := []string{a, b}[i]
		if json.Unmarshal([]byte("["+strings.ReplaceAll(text, ".", ",")+"]"), v) != nil {
			return false
		}
	}
	return slices.Compare(x[:], y[:]) > 0
}
