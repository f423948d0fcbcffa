package report

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// answered is a run of the sample contract with one case that an answer decided.
func answered(t *testing.T, verdict judge.Verdict, status int, code, message string) Run {
	t.Helper()
	return Summarise(contractOf(t), Run{}, []judge.Result{refused(1, "upgradeGraph/x", "upgrade.later", verdict, status, code, message)})
}

func TestCompare(t *testing.T) {
	fine := func(t *testing.T) Run { return answered(t, judge.Conforms, 400, "GES.7036", "graph g1 is at 2.2.9") }
	bad := func(t *testing.T) Run { return answered(t, judge.Deviates, 200, "", "") }
	nothing := func(t *testing.T) Run { return Summarise(contractOf(t), Run{}, nil) }
	masked := func(t *testing.T) Run {
		return Summarise(contractOf(t), Run{}, []judge.Result{caseResult("upgradeGraph/x", "upgrade.later", judge.Masked, "m")})
	}
	as := func(v judge.Verdict, status int, code, message string) func(*testing.T) Run {
		return func(t *testing.T) Run { return answered(t, v, status, code, message) }
	}
	for name, tc := range map[string]struct {
		before, after func(*testing.T) Run
		requirement   Class // "" for no change
		byCase        Class
	}{
		"the same":              {fine, fine, "", ""},
		"both deviate":          {bad, bad, "", ""},
		"a new deviation":       {fine, bad, NewDeviation, NewDeviation},
		"one not tried before":  {nothing, bad, NewDeviation, NewDeviation},
		"mended":                {bad, fine, Mended, Mended},
		"no longer tried":       {bad, masked, OnlyThere, OnlyThere},
		"no longer there":       {fine, nothing, OnlyThere, OnlyThere},
		"tried for once":        {masked, fine, OnlyHere, OnlyHere},
		"never tried":           {masked, nothing, "", ""},
		"another verdict":       {fine, as(judge.Observed, 400, "GES.7036", "graph g1 is at 2.2.9"), VerdictChanged, VerdictChanged},
		"another status":        {fine, as(judge.Conforms, 409, "GES.7036", "graph g1 is at 2.2.9"), "", ObservationChanged},
		"another code":          {fine, as(judge.Conforms, 400, "GES.0001", "graph g1 is at 2.2.9"), "", ObservationChanged},
		"another message":       {fine, as(judge.Conforms, 400, "GES.7036", "no"), "", ObservationChanged},
		"another graph and day": {fine, as(judge.Conforms, 400, "GES.7036", "graph 5afe0000-0000 is at  10.0"), "", ""},
		"an outcome is not known": {func(t *testing.T) Run {
			run := fine(t)
			run.Cases[0].Outcome = nil
			return run
		}, fine, "", ""},
		"the deviation differs": {bad, as(judge.Deviates, 500, "", ""), "", ObservationChanged},
	} {
		t.Run(name, func(t *testing.T) {
			c := Compare(tc.before(t), tc.after(t))
			got := map[bool]Class{}
			for _, change := range c.Changes {
				got[change.Case != ""] = change.Class
			}
			if got[false] != tc.requirement || got[true] != tc.byCase {
				t.Errorf("expected %q of the requirement and %q of the case, got %+v", tc.requirement, tc.byCase, c.Changes)
			}
			isNew := tc.byCase == NewDeviation
			if c.New() != isNew || c.Any() != (tc.byCase != "") {
				t.Errorf("new %v, any %v", c.New(), c.Any())
			}
		})
	}
}

// A deviation from another requirement is new even if the case deviated before,
// and so is another case of a requirement that was broken before.
func TestCompareTellsDeviationsApart(t *testing.T) {
	before := answered(t, judge.Deviates, 200, "", "")
	worse := refused(1, "upgradeGraph/x", "upgrade.later", judge.Deviates, 200, "", "")
	worse.Findings = append(worse.Findings, found("answer.json", contract.Must, judge.Deviates, "no JSON"))
	again := refused(1, "upgradeGraph/x", "upgrade.later", judge.Deviates, 200, "", "")
	other := refused(2, "upgradeGraph/y", "upgrade.later", judge.Deviates, 200, "", "")
	for name, results := range map[string][]judge.Result{"another requirement": {worse}, "another case": {again, other}} {
		if c := Compare(before, Summarise(contractOf(t), Run{}, results)); !c.New() {
			t.Errorf("%s: expected a new deviation, got %+v", name, c.Changes)
		}
	}
}

func TestCompareKnowsWhatIsExpected(t *testing.T) {
	fine := expected(t, mend, entry("requirement: answer.json", because))
	known := expected(t, nil, entry("requirement: answer.json", because), entry("requirement: upgrade.target-later", because))
	if c := Compare(fine, known); c.New() || !c.Any() {
		t.Errorf("what is known is not new, but a change: got %+v", c.Changes)
	}
	unexpected := expected(t, nil, "[]")
	if c := Compare(known, unexpected); c.New() {
		t.Errorf("what deviated before is not new, though nobody expects it any more: got %+v", c.Changes)
	}
}

func TestMessagesAreCompared(t *testing.T) {
	run := Run{Target: Target{GraphID: "g-one", ProjectID: "projekt"}, Graph: &Graph{Before: &judge.Snapshot{Name: "demo"}}}
	n := newNormaliser(&run)
	for message, want := range map[string]string{
		"graph [demo] is not found":                              "graph [#] is not found",
		"g-one of projekt at 2025-06-01T12:00:00Z, job f99f60f1": "# of # at #, job #",
		"version 2.2.9.":                                         "version #",
		"no numbers, here":                                       "no numbers, here",
	} {
		if got := n.message(message); got != want {
			t.Errorf("%q: expected %q, got %q", message, want, got)
		}
	}
}

// A graph may be called like a word of the message, in one of the runs alone.
func TestNamesOfEitherGraphAreNoDifference(t *testing.T) {
	named := func(name, message string) Run {
		run := answered(t, judge.Conforms, 404, "GES.0047", message)
		run.Graph = &Graph{Before: &judge.Snapshot{Name: name}}
		return run
	}
	for _, messages := range [][2]string{
		{"the graph is not found", "the graph is not found"},
		{"graph graph is stopped", "graph graph-a is stopped"},
	} {
		if c := Compare(named("graph", messages[0]), named("graph-a", messages[1])); c.Any() {
			t.Errorf("%q: expected no difference, got %+v", messages, c.Changes)
		}
	}
}

// Whether a broken SHOULD counts is up to the one who runs; the target has not
// changed.
func TestStrictnessIsNoDifference(t *testing.T) {
	results := func() []judge.Result {
		r := refused(1, "upgradeGraph/x", "upgrade.advice", judge.Advisory, 200, "", "")
		r.Findings[0].Level = contract.Should
		return []judge.Result{r}
	}
	strict, lax := Summarise(contractOf(t), Run{Target: Target{Strict: true}}, results()), Summarise(contractOf(t), Run{}, results())
	for name, c := range map[string]Comparison{"strict now": Compare(lax, strict), "strict before": Compare(strict, lax)} {
		if c.Any() {
			t.Errorf("%s: expected no difference, got %+v", name, c.Changes)
		}
	}
}

func TestFailuresAreCompared(t *testing.T) {
	n := newNormaliser(&Run{})
	if cut, dropped := n.outcome(&Outcome{Failure: exchange.Cut}), n.outcome(&Outcome{Failure: exchange.Dropped}); cut == dropped {
		t.Errorf("expected two failures to differ, got %q", cut)
	}
}

func TestComparisonIsReported(t *testing.T) {
	before, run := answered(t, judge.Conforms, 400, "GES.7036", "not later"), answered(t, judge.Deviates, 200, "", "")
	before.Target.Endpoint, before.Started = "https://ges.example.com", time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC)
	c := Compare(before, run)
	run.Comparison = &c
	const line = "compared with https://ges.example.com of 2025-05-01 00:00:00 UTC: new deviations 2"
	const change = "upgradeGraph/x: conforms (400 Bad Request, GES.7036, not later) -> deviates (200 OK)"
	text := textOfRun(t, run)
	inOrder(t, text, "\n"+line+"\n", "  new deviations:\n", "    upgrade.later: conforms -> deviates\n", "    "+change+"\n")
	summary := summaryOf(t, run)
	inOrder(t, summary, "### C"+prose(line)[1:], "new deviations: `upgradeGraph/x`: `conforms (400")
	inOrder(t, githubOfRun(t, run), "::error title=upgrade.later", "::warning title=changes::", change)
	inOrder(t, between(t, pageOf(t, run), `<section id="changes"`, "</section>"), "C"+line[1:], "2 new deviations", "upgradeGraph/x", "conforms (400", "deviates (200")

	var b bytes.Buffer
	if err := WriteComparison(&b, run); err != nil {
		t.Fatal(err)
	}
	if err := validate(t, "/$defs/comparison", b.Bytes()); err != nil {
		t.Error(err)
	}
	var read Comparison
	if err := json.Unmarshal(b.Bytes(), &read); err != nil || !reflect.DeepEqual(read, c) {
		t.Errorf("expected %+v, got %+v, %v", c, read, err)
	}
	if strings.Contains(string(jsonOf(t, run)), "https://ges.example.com") {
		t.Error("expected results.json to say nothing of the other run")
	}
}

func TestComparisonOfLikeRuns(t *testing.T) {
	run := answered(t, judge.Conforms, 400, "GES.7036", "not later")
	c := Compare(run, run)
	run.Comparison = &c
	inOrder(t, textOfRun(t, run), "no difference")
	inOrder(t, between(t, pageOf(t, run), `<section id="changes"`, "</section>"), "no difference")
}

func TestABaselineOfAnotherContractIsCalledSo(t *testing.T) {
	run := answered(t, judge.Conforms, 400, "GES.7036", "not later")
	before := run
	before.Contract.Version, before.Contract.SHA256 = "1.9.0", strings.Repeat("0123456789", 7)[:64]
	c := Compare(before, run)
	run.Comparison = &c
	inOrder(t, textOfRun(t, run), "compared with ", ", judged by another contract, ", " 1.9.0 (sha256 012345678901): no difference")
}
