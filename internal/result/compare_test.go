package result_test

import (
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestCompare(t *testing.T) {
	fine := func(t *testing.T) result.Run {
		return resulttest.OneCase(t, judge.Conforms, 400, "GES.7036", "graph g1 is at 2.2.9")
	}
	bad := func(t *testing.T) result.Run { return resulttest.OneCase(t, judge.Deviates, 200, "", "") }
	nothing := func(t *testing.T) result.Run { return result.Summarise(resulttest.Contract(t), result.Run{}, nil) }
	masked := func(t *testing.T) result.Run {
		return result.Summarise(resulttest.Contract(t), result.Run{}, []judge.Result{resulttest.Case("upgradeGraph/x", "upgrade.later", judge.Masked, "m")})
	}
	as := func(v judge.Verdict, status int, code, message string) func(*testing.T) result.Run {
		return func(t *testing.T) result.Run { return resulttest.OneCase(t, v, status, code, message) }
	}
	for name, tc := range map[string]struct {
		before, after func(*testing.T) result.Run
		requirement   result.Class // "" for no change
		byCase        result.Class
	}{
		"the same":              {fine, fine, "", ""},
		"both deviate":          {bad, bad, "", ""},
		"a new deviation":       {fine, bad, result.NewDeviation, result.NewDeviation},
		"one not tried before":  {nothing, bad, result.NewDeviation, result.NewDeviation},
		"mended":                {bad, fine, result.Mended, result.Mended},
		"no longer tried":       {bad, masked, result.OnlyThere, result.OnlyThere},
		"no longer there":       {fine, nothing, result.OnlyThere, result.OnlyThere},
		"tried for once":        {masked, fine, result.OnlyHere, result.OnlyHere},
		"never tried":           {masked, nothing, "", ""},
		"another verdict":       {fine, as(judge.Observed, 400, "GES.7036", "graph g1 is at 2.2.9"), result.VerdictChanged, result.VerdictChanged},
		"another status":        {fine, as(judge.Conforms, 409, "GES.7036", "graph g1 is at 2.2.9"), "", result.ObservationChanged},
		"another code":          {fine, as(judge.Conforms, 400, "GES.0001", "graph g1 is at 2.2.9"), "", result.ObservationChanged},
		"another message":       {fine, as(judge.Conforms, 400, "GES.7036", "no"), "", result.ObservationChanged},
		"another graph and day": {fine, as(judge.Conforms, 400, "GES.7036", "graph 5afe0000-0000 is at  10.0"), "", ""},
		"an outcome is not known": {func(t *testing.T) result.Run {
			run := fine(t)
			run.Cases[0].Outcome = nil
			return run
		}, fine, "", ""},
		"the deviation differs": {bad, as(judge.Deviates, 500, "", ""), "", result.ObservationChanged},
	} {
		t.Run(name, func(t *testing.T) {
			c := result.Compare(tc.before(t), tc.after(t))
			got := map[bool]result.Class{}
			for _, change := range c.Changes {
				got[change.Case != ""] = change.Class
			}
			if got[false] != tc.requirement || got[true] != tc.byCase {
				t.Errorf("expected %q of the requirement and %q of the case, got %+v", tc.requirement, tc.byCase, c.Changes)
			}
			isNew := tc.byCase == result.NewDeviation
			if c.New() != isNew || c.Any() != (tc.byCase != "") {
				t.Errorf("New() is %v, Any() is %v", c.New(), c.Any())
			}
		})
	}
}

// A deviation from a second requirement is new even if the case deviated before, and so
// is a second deviating case of a requirement that was broken before.
func TestCompareTellsDeviationsApart(t *testing.T) {
	before := resulttest.OneCase(t, judge.Deviates, 200, "", "")
	worse := resulttest.Decided(1, "upgradeGraph/x", "upgrade.later", judge.Deviates, 200, "", "")
	worse.Findings = append(worse.Findings, resulttest.Finding("answer.json", contract.Must, judge.Deviates, "no JSON"))
	again := resulttest.Decided(1, "upgradeGraph/x", "upgrade.later", judge.Deviates, 200, "", "")
	other := resulttest.Decided(2, "upgradeGraph/y", "upgrade.later", judge.Deviates, 200, "", "")
	for name, results := range map[string][]judge.Result{"another requirement": {worse}, "another case": {again, other}} {
		if c := result.Compare(before, result.Summarise(resulttest.Contract(t), result.Run{}, results)); !c.New() {
			t.Errorf("%s: expected a new deviation, got %+v", name, c.Changes)
		}
	}
}

func TestCompareKnowsWhatIsExpected(t *testing.T) {
	fine := resulttest.Known(t, resulttest.Mend, resulttest.Entry("requirement: answer.json", resulttest.Because))
	known := resulttest.Known(t, nil, resulttest.Entry("requirement: answer.json", resulttest.Because), resulttest.Entry("requirement: upgrade.target-later", resulttest.Because))
	if c := result.Compare(fine, known); c.New() || !c.Any() {
		t.Errorf("expected a known deviation to be a change but not new, got %+v", c.Changes)
	}
	unexpected := resulttest.Known(t, nil, "[]")
	if c := result.Compare(known, unexpected); c.New() {
		t.Errorf("expected a deviation of the baseline not to be new, although it is no longer expected, got %+v", c.Changes)
	}
}

func TestMessagesAreCompared(t *testing.T) {
	run := result.Run{Target: result.Target{GraphID: "g-one", ProjectID: "projekt"}, Graph: &result.Graph{Before: &ges.Snapshot{Name: "demo"}}}
	n := result.NewNormaliser(&run)
	for message, want := range map[string]string{
		"graph [demo] is not found":                              "graph [#] is not found",
		"g-one of projekt at 2025-06-01T12:00:00Z, job f99f60f1": "# of # at #, job #",
		"version 2.2.9.":                                         "version #",
		"no numbers, here":                                       "no numbers, here",
	} {
		if got := result.MessageAsWritten(n, message); got != want {
			t.Errorf("%q: expected %q, got %q", message, want, got)
		}
	}
}

// The graph of one of the runs may be named like a word that all messages have.
func TestNamesOfEitherGraphAreNoDifference(t *testing.T) {
	named := func(name, message string) result.Run {
		run := resulttest.OneCase(t, judge.Conforms, 404, "GES.0047", message)
		run.Graph = &result.Graph{Before: &ges.Snapshot{Name: name}}
		return run
	}
	for _, messages := range [][2]string{
		{"the graph is not found", "the graph is not found"},
		{"graph graph is stopped", "graph graph-a is stopped"},
	} {
		if c := result.Compare(named("graph", messages[0]), named("graph-a", messages[1])); c.Any() {
			t.Errorf("%q: expected no difference, got %+v", messages, c.Changes)
		}
	}
}

// Running with --strict does not change the target, so it makes no difference.
func TestStrictnessIsNoDifference(t *testing.T) {
	results := func() []judge.Result {
		r := resulttest.Decided(1, "upgradeGraph/x", "upgrade.advice", judge.Advisory, 200, "", "")
		r.Findings[0].Level = contract.Should
		return []judge.Result{r}
	}
	strict, lax := result.Summarise(resulttest.Contract(t), result.Run{Target: result.Target{Strict: true}}, results()), result.Summarise(resulttest.Contract(t), result.Run{}, results())
	for name, c := range map[string]result.Comparison{"strict now": result.Compare(lax, strict), "strict before": result.Compare(strict, lax)} {
		if c.Any() {
			t.Errorf("%s: expected no difference, got %+v", name, c.Changes)
		}
	}
}

func TestFailuresAreCompared(t *testing.T) {
	n := result.NewNormaliser(&result.Run{})
	if cut, dropped := n.Outcome(&result.Outcome{Failure: exchange.Cut}), n.Outcome(&result.Outcome{Failure: exchange.Dropped}); cut == dropped {
		t.Errorf("expected two failures to differ, got %q", cut)
	}
}
