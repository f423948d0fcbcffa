// Package inprocess runs the suite against servers in memory, each run in a bubble of
// testing/synctest: a time limit passes at once if everything waits for it, and never
// because the machine is busy.
package inprocess

import (
	"context"
	"os"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// TestAll is the environment variable that, if it is not empty, lets tests take minutes.
const TestAll = "GESCONFORM_TEST_ALL"

// TestSample is the environment variable that, if it is not empty, leaves a sample of the
// matrices that run in bubbles: a busy machine tells nothing new there.
const TestSample = "GESCONFORM_TEST_SAMPLE"

// Sampled reports whether the subject with the index i of a matrix is to be tried: each by
// default, every nth with -short, and with TestSample five times as many, but at most half.
func Sampled(i, n int) bool {
	switch {
	case testing.Short():
		return i%n == 0
	case os.Getenv(TestSample) != "":
		return i%max(n/5, 2) == 0
	default:
		return true
	}
}

// A Suite is what judges: a contract and its cases.
type Suite struct {
	Contract *contract.Contract
	Cases    []*cases.Case
}

// Load returns the suite of the built-in contract.
func Load(tb testing.TB) Suite {
	tb.Helper()
	c, err := contract.Default()
	if err != nil {
		tb.Fatal(err)
	}
	all, err := cases.Of(c)
	if err != nil {
		tb.Fatal(err)
	}
	return Suite{c, all}
}

// A Server starts a server with no history on the listener, which t.Cleanup ends, and
// returns how to judge it.
type Server func(t *testing.T, l *Listener) config.Config

// An Outcome is what a run found.
type Outcome struct {
	Config    config.Config
	Failure   error               // why nothing could be judged
	Results   []judge.Result      // of the selected cases
	Exchanges []exchange.Exchange // in the order in which they ended

	base config.Config // without the mode
}

// Judge sends some cases of the suite, in the given order, to the server. adjust changes the
// configuration that the server returned.
func (s Suite) Judge(t *testing.T, server Server, adjust func(*config.Config), some []*cases.Case) Outcome {
	t.Helper()
	selected := slices.DeleteFunc(slices.Clone(s.Cases), func(k *cases.Case) bool { return !slices.Contains(some, k) })
	var o Outcome
	synctest.Test(t, func(t *testing.T) {
		network := Listen()
		o.base = server(t, network)
		o.base.Dial = network.Dial
		o.Config = o.base
		adjust(&o.Config)
		if err := o.Config.Check(); err != nil {
			t.Fatal(err)
		}
		e := engine.New(s.Contract, &o.Config, s.Cases, selected, engine.Hooks{Exchange: func(x exchange.Exchange) error {
			o.Exchanges = append(o.Exchanges, x)
			return nil
		}})
		t.Cleanup(e.Close) // before the server's
		if o.Failure = e.Preflight(context.Background()); o.Failure == nil {
			e.Run(context.Background(), some)
		}
		o.Results = e.Results()
	})
	return o
}

// JudgeModes judges the server in several modes, which adjust the configuration from the
// least to the most that may be sent. Only the last run sends everything: what its inert
// requests decide, the others take from it, and send the rest; in an inert mode there is no
// rest. JudgeEach must give the same results.
func (s Suite) JudgeModes(t *testing.T, server Server, modes []func(*config.Config)) []Outcome {
	t.Helper()
	return s.JudgeModesUntil(t, server, modes, func([]judge.Result) bool { return false })
}

// JudgeModesUntil is JudgeModes, except that a mode sends no rest if what the inert requests
// decide is enough.
func (s Suite) JudgeModesUntil(t *testing.T, server Server, modes []func(*config.Config), enough func([]judge.Result) bool) []Outcome {
	t.Helper()
	last := len(modes) - 1
	outcomes := make([]Outcome, len(modes))
	outcomes[last] = s.Judge(t, server, modes[last], s.Cases)
	if last == 0 {
		return outcomes
	}
	inert := s.inertPart(&outcomes[last])
	done := inert.Failure != nil || enough(inert.Results)
	for i, adjust := range modes[:last] {
		outcomes[i] = inert
		adjust(&outcomes[i].Config)
		if outcomes[i].Config.Risk > cases.Inert && !done {
			outcomes[i] = s.judgeRest(t, server, adjust, inert.Results)
		}
	}
	return outcomes
}

// JudgeLawful is JudgeModes for a lawful server. With TestAll it is JudgeEach: nothing that a
// run sends may lead to an accusation.
func (s Suite) JudgeLawful(t *testing.T, server Server, modes []func(*config.Config)) []Outcome {
	t.Helper()
	if os.Getenv(TestAll) != "" {
		return s.JudgeEach(t, server, modes)
	}
	return s.JudgeModes(t, server, modes)
}

// JudgeEach judges the server in several modes, and sends everything in each.
func (s Suite) JudgeEach(t *testing.T, server Server, modes []func(*config.Config)) []Outcome {
	t.Helper()
	var outcomes []Outcome
	for _, adjust := range modes {
		outcomes = append(outcomes, s.Judge(t, server, adjust, s.Cases))
	}
	return outcomes
}

// inertPart decides the cases from the inert requests of a run.
func (s Suite) inertPart(full *Outcome) Outcome {
	o := Outcome{Config: full.base, base: full.base, Failure: full.Failure, Exchanges: full.Exchanges}
	o.Config.Risk = cases.Inert
	// The error says that the record has requests of a higher risk, too.
	e, _ := engine.Replay(context.Background(), s.Contract, &o.Config, s.Cases, s.Cases, full.Exchanges, true)
	o.Results = e.Results()
	return o
}

// judgeRest judges the cases that inert requests have not decided.
func (s Suite) judgeRest(t *testing.T, server Server, adjust func(*config.Config), inert []judge.Result) Outcome {
	t.Helper()
	results := map[string]judge.Result{}
	for _, r := range inert {
		// Without a finding about its own requirement, a request of a higher risk may decide a case.
		own := func(f judge.Finding) bool { return f.Requirement == r.Requirement }
		if r.Verdict != judge.Error && slices.ContainsFunc(r.Findings, own) {
			results[r.Case] = r
		}
	}
	var rest []*cases.Case
	for _, k := range s.Cases {
		if _, decided := results[k.ID]; !decided {
			rest = append(rest, k)
		}
	}
	o := s.Judge(t, server, adjust, rest)
	for _, r := range o.Results {
		results[r.Case] = r
	}
	o.Results = nil
	for _, k := range s.Cases {
		if r, found := results[k.ID]; found {
			o.Results = append(o.Results, r)
		}
	}
	return o
}
