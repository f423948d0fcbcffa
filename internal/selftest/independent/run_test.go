package independent_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // a fifth of the time goes into collecting a heap of few megabytes
	m.Run()
}

// A mode is how much the suite may send.
type mode int

const (
	inert mode = iota
	guarded
	oneUpgrade  // destructive, with a single later version
	destructive // destructive, with enough later versions
	never
)

var modeNames = []string{"inert", "guarded", "one upgrade", "destructive", "never"}

func (m mode) String() string { return modeNames[m] }

var modes = []mode{inert, guarded, oneUpgrade, destructive}

// A row is a server and the expected result.
type row struct {
	name string
	turn func(*knobs)
	// foundFrom is the lowest mode that finds a defect; why says what hides it
	// below.
	foundFrom mode
	why       string
	// should is the requirement of level SHOULD that it breaks, if it breaks no MUST.
	should string
}

func newKnobs() knobs {
	return knobs{
		version: "1.0.8", name: "ges_c5de", took: 20 * time.Millisecond, ends: "success",
		order: usualOrder, patience: 3 * time.Second, answers: map[string]reply{}, skip: map[string]bool{},
		read: readPlainly, formed: threeOrFour.MatchString, later: laterByPart, token: goodToken,
		jobID:    func(n int) string { return fmt.Sprintf("f99f60f1-bba6-4cde-bd1a-ff4bdd1fd5000001%05d", n) },
		installs: func(target string) string { return target },
		describe: describeGraph, report: reportJob,
	}
}

func makeService(turn func(*knobs)) *service {
	k := newKnobs()
	if turn != nil {
		turn(&k)
	}
	if k.given == nil {
		k.given = versionsAfter(k.version)
	}
	return newService(k)
}

// versionsAfter counts the last part up, beyond its next digit.
func versionsAfter(version string) []string {
	prefix, last := version[:strings.LastIndex(version, ".")+1], 0
	_, _ = fmt.Sscan(version[len(prefix):], &last)
	var all []string
	for i := 1; i <= 40; i++ {
		all = append(all, fmt.Sprintf("%s%d", prefix, last+i))
	}
	return all
}

func configOf(s *service, endpoint string) config.Config {
	c := config.Default()
	c.Endpoint, c.ProjectID, c.GraphID, c.Token = endpoint, ownProject, ownGraph, s.token
	if !s.bare {
		c.ReadonlyToken, c.ExpiredToken, c.StoppedGraphID, c.ForeignGraphID = readToken, staleToken, stoppedGraph, foreignGraph
		c.ConfirmForeignGraph = true
	}
	c.RequestTimeout, c.JobTimeout, c.Seed = s.patience, 2*time.Second, 7
	c.UpgradeVersions = s.given
	return c
}

// limit returns what a mode changes in the configuration.
func (m mode) limit(c *config.Config) {
	switch m {
	case inert, never:
		c.UpgradeVersions = nil
	case guarded:
		c.Risk, c.UpgradeVersions = cases.Guarded, nil
	case oneUpgrade:
		c.Risk, c.UpgradeVersions = cases.Destructive, c.UpgradeVersions[:1]
	case destructive:
		c.Risk = cases.Destructive
	}
}

// judged runs the suite against a server of a row, in several modes.
func judged(t *testing.T, turn func(*knobs), modes []mode, lawful bool) []result.Run {
	t.Helper()
	suite := inprocess.Load(t)
	inModes := suite.JudgeModes
	if lawful {
		inModes = suite.JudgeLawful
	}
	var limits []func(*config.Config)
	for _, m := range modes {
		limits = append(limits, m.limit)
	}
	var runs []result.Run
	for _, o := range inModes(t, func(t *testing.T, network *inprocess.Listener) config.Config {
		s := makeService(turn)
		server := &httptest.Server{Listener: network, Config: &http.Server{Handler: s.handler(), ReadHeaderTimeout: time.Minute}}
		server.Start()
		t.Cleanup(server.Close)
		return configOf(s, server.URL)
	}, limits) {
		run := result.Run{Target: result.Target{Endpoint: o.Config.Endpoint, Risk: o.Config.Risk.String()}}
		if o.Failure != nil {
			run.Failure = o.Failure.Error()
		}
		runs = append(runs, result.Summarise(suite.Contract, run, o.Results))
	}
	return runs
}

// expected returns the verdict of a row in a mode.
func (r *row) expected(m mode, lawful bool) judge.Verdict {
	if lawful || r.should != "" || m < r.foundFrom {
		return judge.Conforms
	}
	return judge.Deviates
}

// modes returns the most telling modes in their order: for a defect, the lowest in which it is
// found and the one below, and with TestAll the highest.
func (r *row) modes(lawful bool) []mode {
	switch {
	case lawful || r.foundFrom == never:
		return modes
	case r.should != "":
		return []mode{destructive}
	}
	return slices.DeleteFunc(slices.Clone(modes), func(m mode) bool {
		highest := m == destructive && os.Getenv(inprocess.TestAll) != ""
		return m != r.foundFrom-1 && m != r.foundFrom && !highest
	})
}

func testRows(t *testing.T, rows []row, lawful bool) {
	t.Helper()
	names := map[string]bool{}
	for i, r := range rows {
		if names[r.name] {
			t.Errorf("row %q is duplicated", r.name)
		}
		names[r.name] = true
		if !inprocess.Sampled(i, 50) || os.Getenv(inprocess.TestAll) == "" && i%3 > 0 { // some of each kind
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			tried := r.modes(lawful)
			for i, run := range judged(t, r.turn, tried, lawful) {
				m := tried[i]
				want := r.expected(m, lawful)
				if r.should != "" && verdictOn(&run, r.should) != judge.Advisory {
					t.Errorf("%s: expected an advisory on %s, got %s", m, r.should, verdictOn(&run, r.should))
				}
				switch {
				case run.Verdict == want, run.Verdict == judge.Error && !lawful && m < r.foundFrom:
					t.Logf("%s: %s; broken: %s", m, run.Headline, broken(&run))
				case want == judge.Conforms && !lawful:
					t.Errorf("%s: it is found in this mode already: lower foundFrom, which is %s (broken: %s)", m, r.foundFrom, broken(&run))
				default:
					t.Errorf("%s: got %q, expected %s\n%s", m, run.Headline, want, explain(&run))
				}
			}
		})
	}
}

// verdictOn returns a run's verdict on a requirement.
func verdictOn(run *result.Run, id string) judge.Verdict {
	for _, r := range run.Requirements {
		if r.ID == id {
			return r.Verdict
		}
	}
	return ""
}

// broken returns the requirements that a run finds broken.
func broken(run *result.Run) string {
	var ids []string
	for _, r := range run.Broken() {
		ids = append(ids, r.ID)
	}
	return strings.Join(ids, " ")
}

// explain lists the deviations of a run, with their exchanges.
func explain(run *result.Run) string {
	var b strings.Builder
	seen := map[string]int{}
	for i := range run.Cases {
		k := &run.Cases[i]
		if k.Verdict == judge.Error {
			fmt.Fprintf(&b, "  %s: error: %s\n", k.Case, k.Reason)
		}
		for _, f := range k.Findings {
			if f.Verdict != judge.Deviates {
				continue
			}
			if seen[f.Requirement]++; seen[f.Requirement] > 3 {
				continue
			}
			fmt.Fprintf(&b, "  %s (%s): %s: %s; lawful: %q\n", f.Requirement, f.Verdict, k.Case, f.Got, f.Lawful)
			if f.Exchange >= 0 && f.Exchange < len(k.Exchanges) {
				x := k.Exchanges[f.Exchange]
				fmt.Fprintf(&b, "    %s %s %q", x.Request.Method, x.Request.Path, cut(x.Request.Body))
				if x.Answer != nil {
					fmt.Fprintf(&b, " -> %d %q", x.Answer.Status, cut(x.Answer.Body))
				}
				fmt.Fprintln(&b)
			}
		}
	}
	fmt.Fprintf(&b, "  findings on: %v\n", slices.Sorted(maps.Keys(seen)))
	return b.String()
}

func cut(b []byte) string {
	if len(b) > 200 {
		return string(b[:200]) + "..."
	}
	return string(b)
}
