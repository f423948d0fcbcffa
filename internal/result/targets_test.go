package result_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestTargetsVerdicts(t *testing.T) {
	c := resulttest.Contract(t)
	broken, unjudged := resulttest.Run(t), result.Summarise(c, result.Run{Failure: "no connection"}, nil)
	partial := result.Summarise(c, result.Run{}, []judge.Result{resulttest.Case("a", "upgrade.later", judge.Conforms, "", resulttest.Finding("upgrade.later", contract.Must, judge.Conforms, "400"))})
	var every []judge.Result
	for _, r := range partial.Requirements {
		every = append(every, resulttest.Case(r.ID, r.ID, judge.Conforms, "", resulttest.Finding(r.ID, r.Level, judge.Conforms, "400")))
	}
	whole := result.Summarise(c, result.Run{}, every)
	stopped := result.Summarise(c, result.Run{Interrupted: true}, every)
	for name, tt := range map[string]struct {
		runs     []result.Run
		verdict  judge.Verdict
		headline string
		statuses []int
	}{
		"none":           {nil, judge.Conforms, "nothing to do: there is no target", nil},
		"all conform":    {[]result.Run{whole, whole}, judge.Conforms, "conforms: 2 targets", []int{0, 0}},
		"one in part":    {[]result.Run{whole, partial}, judge.Conforms, "partial: conforms as far as exercised: 2 targets", []int{0, 0}},
		"one not judged": {[]result.Run{whole, unjudged}, judge.Error, "could not judge: 1 of 2 targets", []int{0, 2}},
		"one deviates":   {[]result.Run{unjudged, broken, whole}, judge.Deviates, "deviates: 1 of 3 targets; 1 could not be judged", []int{2, 1, 0}},
		"interrupted":    {[]result.Run{whole, stopped}, judge.Conforms, "partial: conforms as far as exercised: 2 targets (interrupted)", []int{0, 130}},
	} {
		f := &result.Targets{}
		for i, run := range tt.runs {
			f.Add(fmt.Sprint(i), "", run)
		}
		f.Conclude()
		var statuses []int
		for _, target := range f.Targets {
			statuses = append(statuses, target.ExitStatus)
		}
		if f.Verdict != tt.verdict || f.Headline != tt.headline || !slices.Equal(statuses, tt.statuses) {
			t.Errorf("%s: expected %s, %q, %v; got %s, %q, %v", name, tt.verdict, tt.headline, tt.statuses, f.Verdict, f.Headline, statuses)
		}
	}
}

func TestTargetsWithoutAShard(t *testing.T) {
	f := &result.Targets{Failure: "missing shards: 1/4"}
	f.Conclude()
	if f.Verdict != judge.Error || f.Headline != "could not judge: missing shards: 1/4" {
		t.Errorf("expected no verdict, got %s, %q", f.Verdict, f.Headline)
	}
}

func TestTargetsOfAShardSaysSo(t *testing.T) {
	f := &result.Targets{Shard: "1/4"}
	f.Conclude()
	if want := "nothing to do: there is no target (shard 1/4)"; f.Headline != want || !f.Partial {
		t.Errorf("expected %q and no whole tick, got %q, partial %t", want, f.Headline, f.Partial)
	}
}

func TestTargetsRequirements(t *testing.T) {
	f := &result.Targets{}
	run := func(ids ...string) result.Run {
		var r result.Run
		for _, id := range ids {
			r.Requirements = append(r.Requirements, result.Requirement{ID: id, Verdict: judge.Conforms})
		}
		return r
	}
	f.Add("a", "a", run("1", "3"))
	f.Add("b", "b", run("1", "2", "3", "4"))
	var ids []string
	for _, r := range f.Requirements {
		ids = append(ids, r.ID)
	}
	if !slices.Equal(ids, []string{"1", "2", "3", "4"}) {
		t.Errorf("expected the order of the runs, got %v", ids)
	}
	if _, asked := f.Requirements[1].Targets["a"]; asked {
		t.Error("expected no verdict for a target whose run did not have the requirement")
	}
	if at := f.Requirements[2].Targets; at["a"].Number != 2 || at["b"].Number != 3 {
		t.Errorf("expected the numbers in each target's own page, got %+v", at)
	}
}

func TestShardOfCasesIsInPart(t *testing.T) {
	c := resulttest.Contract(t)
	for name, tt := range map[string]struct {
		results  []judge.Result
		headline string
	}{
		"nothing applies": {[]judge.Result{resulttest.Case("a", "upgrade.later", judge.NotApplicable, "no fixture")}, "partial: conforms as far as exercised: 0 of 5 requirements (shard 1/4)"},
		"one deviates":    {resulttest.Results()[:1], "deviates: 1 of 5 requirements is broken (shard 1/4)"},
	} {
		run := result.Summarise(c, result.Run{Shard: "1/4"}, tt.results)
		if run.Headline != tt.headline || run.Failure != "" || !run.Partial {
			t.Errorf("%s: expected %q, got %q, failure %q, partial %t", name, tt.headline, run.Headline, run.Failure, run.Partial)
		}
	}
}

// No requirement of a target that could not be judged looks as if it had been left out.
func TestTargetsThatWereNotJudged(t *testing.T) {
	ts := &result.Targets{}
	ts.Add("away", "", result.Summarise(resulttest.Contract(t), result.Run{Failure: "no connection"}, nil))
	ts.Add("there", "", result.Summarise(resulttest.Contract(t), result.Run{}, resulttest.Each(judge.Conforms)[:1]))
	ts.Conclude()
	for _, row := range ts.Requirements {
		if cell := row.Targets["away"]; cell.Verdict != judge.Error || cell.Reason != "no connection" {
			t.Errorf("%s: expected an error with the reason, got %+v", row.ID, cell)
		}
	}
	if cell := ts.Requirements[1].Targets["there"]; cell.Verdict != judge.NotApplicable {
		t.Errorf("expected not-applicable where nothing was selected, got %+v", cell)
	}
}
