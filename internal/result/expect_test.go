package result_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

const laterCases = "case: upgradeGraph/body/upgrade_version/not-later-older-*"

func TestExpect(t *testing.T) {
	later, json := resulttest.Entry("requirement: upgrade.target-later", resulttest.Because), resulttest.Entry("requirement: answer.json", resulttest.Because)
	older := resulttest.Entry("case: "+resulttest.OlderVersion, resulttest.Because)
	past := strings.Replace(later, "2025-06-01", "2025-05-31", 1)
	for name, tc := range map[string]struct {
		change   func([]judge.Result)
		entries  []string
		headline string
		states   []result.ExpectationState
	}{
		"one of two": {nil, []string{later}, "deviates: 1 of ALL requirements is broken in addition to 1 known deviation", []result.ExpectationState{result.Met}},
		"both": {nil, []string{later, json}, "partial: conforms as far as exercised except for 2 known deviations: 3 of ALL requirements",
			[]result.ExpectationState{result.Met, result.Met}},
		"by the case": {nil, []string{older, json}, "partial: conforms as far as exercised except for 2 known deviations: 3 of ALL requirements",
			[]result.ExpectationState{result.Met, result.Met}},
		"the requirement in another case": {nil, []string{resulttest.Entry("requirement: upgrade.target-later", "case: "+resulttest.EqualVersion, resulttest.Because), json},
			"deviates: 1 of ALL requirements is broken in addition to 1 known deviation; 1 known deviation is gone", []result.ExpectationState{result.Gone, result.Met}},
		"the case for another requirement": {nil, []string{resulttest.Entry("requirement: upgrade.method", "case: "+resulttest.OlderVersion, resulttest.Because), json},
			"deviates: 1 of ALL requirements is broken in addition to 1 known deviation; 1 known deviation is gone", []result.ExpectationState{result.Gone, result.Met}},
		"on the day after the last": {nil, []string{past, json}, "deviates: 1 of ALL requirements is broken in addition to 1 known deviation; 1 expectation has expired",
			[]result.ExpectationState{result.Expired, result.Met}},
		"gone": {resulttest.Mend, []string{older, json}, "partial: conforms as far as exercised except for 1 known deviation: 3 of ALL requirements; 1 known deviation is gone",
			[]result.ExpectationState{result.Gone, result.Met}},
		"gone, and too late": {resulttest.Mend, []string{strings.Replace(older, "2025", "2024", 1), json},
			"partial: conforms as far as exercised except for 1 known deviation: 3 of ALL requirements; 1 known deviation is gone", []result.ExpectationState{result.Gone, result.Met}},
		"a case of it was not exercised": {resulttest.Mend, []string{resulttest.Entry(laterCases, resulttest.Because), json},
			"partial: conforms as far as exercised except for 1 known deviation: 3 of ALL requirements", []result.ExpectationState{result.NotExercised, result.Met}},
		"the requirement was not exercised by all its cases": {resulttest.Mend, []string{later, json},
			"partial: conforms as far as exercised except for 1 known deviation: 3 of ALL requirements", []result.ExpectationState{result.NotExercised, result.Met}},
		"what shows in the answers of any case": {func(rs []judge.Result) { rs[3].Findings[1].Verdict, rs[3].Verdict = judge.Conforms, judge.Conforms }, []string{json, older},
			"partial: conforms as far as exercised except for 1 known deviation: 3 of ALL requirements; 1 known deviation is gone", []result.ExpectationState{result.Gone, result.Met}},
	} {
		t.Run(name, func(t *testing.T) {
			run := resulttest.Known(t, tc.change, tc.entries...)
			if want := ofAll(&run, tc.headline); run.Headline != want {
				t.Errorf("headline: expected %q, got %q", want, run.Headline)
			}
			verdict := judge.Conforms
			if strings.HasPrefix(tc.headline, "deviates") {
				verdict = judge.Deviates
			}
			if run.Verdict != verdict || !run.Partial {
				t.Errorf("expected a partial run that %s, got %s, %v", verdict, run.Verdict, run.Partial)
			}
			var states []result.ExpectationState
			for _, e := range run.Expectations {
				states = append(states, e.State)
			}
			if !reflect.DeepEqual(states, tc.states) {
				t.Errorf("states: expected %v, got %v", tc.states, states)
			}
		})
	}
}

// ofAll writes the number of requirements for the word ALL.
func ofAll(run *result.Run, headline string) string {
	return strings.ReplaceAll(headline, "ALL", strconv.Itoa(len(run.Requirements)))
}

// An entry with only a case covers the requirement that the case is about. If the same
// answer also leaks a credential, that still counts.
func TestExpectationOfACaseHidesNothingElse(t *testing.T) {
	run := resulttest.Known(t, func(rs []judge.Result) {
		rs[1].Findings = append(rs[1].Findings, resulttest.Finding("answer.no-credentials", contract.Must, judge.Deviates, "the token"))
	}, resulttest.Entry("case: "+resulttest.OlderVersion, resulttest.Because), resulttest.Entry("requirement: answer.json", resulttest.Because))
	if want := ofAll(&run, "deviates: 1 of ALL requirements is broken in addition to 2 known deviations"); run.Headline != want {
		t.Errorf("expected %q, got %q", want, run.Headline)
	}
	if broken := run.Broken(); len(broken) != 1 || broken[0].ID != "answer.no-credentials" {
		t.Errorf("expected the leak, got %+v", broken)
	}
}

func TestExpectOfAWholeRun(t *testing.T) {
	c := resulttest.Contract(t)
	results := resulttest.Each(judge.Conforms)
	results[0].Findings[0].Verdict, results[0].Verdict = judge.Deviates, judge.Deviates
	run := result.Summarise(c, result.Run{}, results)
	run.Expect(result.Named(result.Expectation{Requirement: "upgrade.later", Expires: "2025-06-01"}))
	if run.Headline != "conforms except for 1 known deviation" || run.Partial {
		t.Errorf("got %q, partial %v", run.Headline, run.Partial)
	}
	if run.Requirements[0].Verdict != judge.Deviates {
		t.Errorf("expected the requirement to keep its verdict, got %s", run.Requirements[0].Verdict)
	}
}

// In a strict run a broken SHOULD deviates, and so can be expected.
func TestExpectAdviceInAStrictRun(t *testing.T) {
	results := resulttest.Each(judge.Conforms)
	results[1].Findings[0].Verdict, results[1].Verdict = judge.Advisory, judge.Advisory
	run := result.Summarise(resulttest.Contract(t), result.Run{Target: result.Target{Strict: true}}, results)
	run.Expect(result.Named(result.Expectation{Requirement: "upgrade.advice", Expires: "2025-06-01"}))
	if run.Verdict != judge.Conforms {
		t.Errorf("expected that it conforms, got %q", run.Headline)
	}
}

// A run that was read from results.json has the same expectations, and can be judged again.
func TestExpectationsOf(t *testing.T) {
	run := resulttest.Known(t, nil, resulttest.Entry("requirement: upgrade.target-later", resulttest.Because), resulttest.Entry("case: "+resulttest.ZeroVersion, resulttest.Because))
	read, err := result.ReadJSON(strings.NewReader(string(resulttest.JSON(t, run))))
	if err != nil {
		t.Fatal(err)
	}
	c, _ := resulttest.Shipped(t)
	known := result.ExpectationsOf(read, resulttest.Names(t, c))
	again := resulttest.Known(t, nil, "[]")
	again.Expect(known)
	if got, want := string(resulttest.JSON(t, again)), string(resulttest.JSON(t, run)); got != want {
		t.Errorf("expected %s\ngot      %s", want, got)
	}
	if err := resulttest.Validate(t, "", resulttest.JSON(t, run)); err != nil {
		t.Error(err)
	}
}
