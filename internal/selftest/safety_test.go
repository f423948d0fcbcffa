package selftest

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// A counter counts the upgrades that the handler behind it has accepted.
type counter struct {
	http.Handler

	accepted atomic.Int64
}

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.Handler.ServeHTTP(&statusReader{w, func(status int) {
		if r.Method != http.MethodGet && strings.HasSuffix(r.URL.Path, "/upgrade") && status < http.StatusMultipleChoices {
			c.accepted.Add(1)
		}
	}}, r)
}

// A statusReader passes on the status of an answer.
type statusReader struct {
	http.ResponseWriter

	saw func(status int)
}

func (s *statusReader) WriteHeader(status int) {
	s.saw(status)
	s.ResponseWriter.WriteHeader(status)
}

// A run ends the upgrades at the first that should have been refused, even if it may start many.
// How many were accepted is counted at the server.
func TestARunStopsAtTheFirstForbiddenUpgrade(t *testing.T) {
	for defect, most := range map[string]int64{
		"equal-version-accepted":      1, // the canary
		"any-version-accepted":        1,
		"older-version-accepted":      3, // two that are lawful go before: the plain one, and one of two that arrive together
		"second-upgrade-accepted":     2,
		"stopped-graph-accepted":      3,
		"unknown-graph-accepted":      1,
		"malformed-graph-id-accepted": 1,
		"readonly-token-upgrades":     3,
		"missing-version-accepted":    3,
		"null-version-accepted":       3,
		"empty-version-accepted":      3,
	} {
		t.Run(defect, func(t *testing.T) {
			t.Parallel()
			d, err := fakeserver.LookupDefect(defect)
			if err != nil {
				t.Fatal(err)
			}
			var c *counter
			server := func(t *testing.T, network *inprocess.Listener) config.Config {
				fake := build(t, fakeserver.WithDefect(d))
				c = &counter{Handler: fake}
				return serve(t, network, c, fake.Fixtures())
			}
			suite := inprocess.Load(t)
			suite.Judge(t, server, func(c *config.Config) {
				c.Risk, c.MaxUpgrades, c.KeepGoing, c.Concurrency = cases.Destructive, 20, false, 1
			}, suite.Cases)
			if n := c.accepted.Load(); n == 0 || n > most {
				t.Errorf("expected 1 to %d accepted upgrades, got %d", most, n)
			}
		})
	}
}

// The least dangerous request that can decide a case is the one that does: a case only climbs to
// its next aim if its rule could not be told from another one.
func TestACaseOnlyClimbsIfItWasMasked(t *testing.T) {
	t.Parallel()
	suite := inprocess.Load(t)
	o := suite.Judge(t, fake(), func(c *config.Config) { c.Risk = cases.Destructive }, suite.Cases)
	j := judge.New(suite.Contract)
	byID := map[string]*cases.Case{}
	for _, k := range suite.Cases {
		byID[k.ID] = k
	}
	climbed := 0
	for _, r := range o.Results {
		k := byID[r.Case]
		last := slices.IndexFunc(k.Aims, func(a cases.Aim) bool { return a.Name == r.Aim })
		for _, x := range o.Exchanges {
			at := slices.IndexFunc(k.Aims, func(a cases.Aim) bool { return a.Name == x.Aim })
			if x.Case != k.ID || at < 0 || at >= last {
				continue
			}
			climbed++
			if v := j.Decide(k, k.Aims[at], &x).Verdict; v != judge.Masked {
				t.Errorf("%s: decided at %s, though the answer at %s was %s", k.ID, r.Aim, x.Aim, v)
			}
		}
	}
	if climbed < 20 {
		t.Errorf("expected more cases that climb, got %d, which proves little", climbed)
	}
}

// What only SHOULD be refused counts as an upgrade if it is accepted, and ends nothing.
func TestAnAcceptanceThatBreaksAShouldEndsNothing(t *testing.T) {
	t.Parallel()
	d, err := fakeserver.LookupDefect("duplicate-member-accepted")
	if err != nil {
		t.Fatal(err)
	}
	suite := inprocess.Load(t)
	o := suite.Judge(t, fake(fakeserver.WithDefect(d)), func(c *config.Config) { c.Risk, c.KeepGoing = cases.Destructive, false }, suite.Cases)
	advisories := 0
	for _, r := range o.Results {
		if r.Verdict == judge.Advisory {
			advisories++
		}
		if strings.Contains(r.Reason, "--keep-going") {
			t.Errorf("%s: expected the run to go on, got %q", r.Case, r.Reason)
		}
	}
	if advisories == 0 {
		t.Error("expected advisories, got none: the defect shows nothing")
	}
}

// When the versions to which the graph can be upgraded are used up, that is no deviation: what
// needs another one is not judged, and says so.
func TestNoLaterVersionLeftIsNoDeviation(t *testing.T) {
	t.Parallel()
	suite := inprocess.Load(t)
	o := suite.Judge(t, fake(), func(c *config.Config) {
		c.Risk, c.UpgradeVersions = cases.Destructive, c.UpgradeVersions[:2]
	}, suite.Cases)
	left := 0
	for _, r := range o.Results {
		if r.Verdict == judge.Deviates || r.Verdict == judge.Advisory {
			t.Errorf("%s: expected nothing to be held against the server, got %s: %s", r.Case, r.Verdict, r.Reason)
		}
		if strings.Contains(r.Reason, "no later version is left") {
			left++
		}
	}
	if left == 0 {
		t.Error("expected cases for which no later version is left, got none")
	}
}
