package report

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
)

const laterCases = "case: upgradeGraph/body/upgrade_version/not-later-older-*"

// expected is a run of the shipped contract in which an older version was taken,
// an equal one refused, and a wrong method answered with a page, with what was
// known of it at noon of 1 June 2025.
func expected(t *testing.T, change func([]judge.Result), entries ...string) Run {
	t.Helper()
	c, _ := shipped(t)
	page := found("answer.json", contract.Must, judge.Deviates, "no JSON")
	results := []judge.Result{
		refused(1, equalVersion, "upgrade.target-later", judge.Conforms, 400, "GES.7036", "not later"),
		refused(2, olderVersion, "upgrade.target-later", judge.Deviates, 200, "", ""),
		refused(3, zeroVersion, "upgrade.target-later", judge.Conforms, 400, "GES.7036", "not later"),
		refused(4, "upgradeGraph/method/put", "upgrade.method", judge.Conforms, 405, "", ""),
	}
	results[3].Findings = append(results[3].Findings, page)
	results[3].Verdict = judge.Deviates
	if change != nil {
		change(results)
	}
	known, err := ReadExpectations("known.yaml", []byte(strings.Join(entries, "")), c)
	if err != nil {
		t.Fatal(err)
	}
	run := Summarise(c, Run{Target: Target{Endpoint: "https://ges.example.com"}, Started: time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)}, results)
	run.Expect(known)
	return run
}

func mend(results []judge.Result) {
	results[1] = refused(2, olderVersion, "upgrade.target-later", judge.Conforms, 400, "GES.7036", "not later")
}

func TestExpect(t *testing.T) {
	later, json := entry("requirement: upgrade.target-later", because), entry("requirement: answer.json", because)
	older := entry("case: "+olderVersion, because)
	past := strings.Replace(later, "2025-06-01", "2025-05-31", 1)
	for name, tc := range map[string]struct {
		change   func([]judge.Result)
		entries  []string
		headline string
		states   []ExpectationState
	}{
		"one of two": {nil, []string{later}, "deviates: 1 of 64 requirements is broken besides 1 known deviation", []ExpectationState{Met}},
		"both": {nil, []string{later, json}, "partial: conforms as far as exercised but for 2 known deviations: 3 of 64 requirements",
			[]ExpectationState{Met, Met}},
		"by the case": {nil, []string{older, json}, "partial: conforms as far as exercised but for 2 known deviations: 3 of 64 requirements",
			[]ExpectationState{Met, Met}},
		"the requirement in another case": {nil, []string{entry("requirement: upgrade.target-later", "case: "+equalVersion, because), json},
			"deviates: 1 of 64 requirements is broken besides 1 known deviation; 1 known deviation is gone", []ExpectationState{Gone, Met}},
		"the case for another requirement": {nil, []string{entry("requirement: upgrade.method", "case: "+olderVersion, because), json},
			"deviates: 1 of 64 requirements is broken besides 1 known deviation; 1 known deviation is gone", []ExpectationState{Gone, Met}},
		"on the day after the last": {nil, []string{past, json}, "deviates: 1 of 64 requirements is broken besides 1 known deviation; 1 expectation has expired",
			[]ExpectationState{Expired, Met}},
		"gone": {mend, []string{older, json}, "partial: conforms as far as exercised but for 1 known deviation: 3 of 64 requirements; 1 known deviation is gone",
			[]ExpectationState{Gone, Met}},
		"gone, and too late": {mend, []string{strings.Replace(older, "2025", "2024", 1), json},
			"partial: conforms as far as exercised but for 1 known deviation: 3 of 64 requirements; 1 known deviation is gone", []ExpectationState{Gone, Met}},
		"a case of it was not exercised": {mend, []string{entry(laterCases, because), json},
			"partial: conforms as far as exercised but for 1 known deviation: 3 of 64 requirements", []ExpectationState{NotExercised, Met}},
		"the requirement was not exercised by all its cases": {mend, []string{later, json},
			"partial: conforms as far as exercised but for 1 known deviation: 3 of 64 requirements", []ExpectationState{NotExercised, Met}},
		"what shows in the answers of any case": {func(rs []judge.Result) { rs[3].Findings[1].Verdict, rs[3].Verdict = judge.Conforms, judge.Conforms }, []string{json, older},
			"partial: conforms as far as exercised but for 1 known deviation: 3 of 64 requirements; 1 known deviation is gone", []ExpectationState{Gone, Met}},
	} {
		t.Run(name, func(t *testing.T) {
			run := expected(t, tc.change, tc.entries...)
			if run.Headline != tc.headline {
				t.Errorf("headline: expected %q, got %q", tc.headline, run.Headline)
			}
			verdict := judge.Conforms
			if strings.HasPrefix(tc.headline, "deviates") {
				verdict = judge.Deviates
			}
			if run.Verdict != verdict || !run.Partial {
				t.Errorf("expected a partial run that %s, got %s, %v", verdict, run.Verdict, run.Partial)
			}
			var states []ExpectationState
			for _, e := range run.Expectations {
				states = append(states, e.State)
			}
			if !reflect.DeepEqual(states, tc.states) {
				t.Errorf("states: expected %v, got %v", tc.states, states)
			}
		})
	}
}

// A case by itself is expected to deviate from what it is about. That its answer
// leaks a credential besides is another thing.
func TestExpectationOfACaseHidesNothingElse(t *testing.T) {
	run := expected(t, func(rs []judge.Result) {
		rs[1].Findings = append(rs[1].Findings, found("answer.no-credentials", contract.Must, judge.Deviates, "the token"))
	}, entry("case: "+olderVersion, because), entry("requirement: answer.json", because))
	if want := "deviates: 1 of 64 requirements is broken besides 2 known deviations"; run.Headline != want {
		t.Errorf("expected %q, got %q", want, run.Headline)
	}
	if broken := run.Broken(); len(broken) != 1 || broken[0].ID != "answer.no-credentials" {
		t.Errorf("expected the leak, got %+v", broken)
	}
}

func TestExpectOfAWholeRun(t *testing.T) {
	c := contractOf(t)
	results := one(judge.Conforms)
	results[0].Findings[0].Verdict, results[0].Verdict = judge.Deviates, judge.Deviates
	run := Summarise(c, Run{}, results)
	run.Expect(Expectations{[]expectation{{Expectation: Expectation{Requirement: "upgrade.later", Expires: "2025-06-01"}}}})
	if run.Headline != "conforms but for 1 known deviation" || run.Partial {
		t.Errorf("got %q, partial %v", run.Headline, run.Partial)
	}
	if run.Requirements[0].Verdict != judge.Deviates {
		t.Errorf("expected the requirement to keep its verdict, got %s", run.Requirements[0].Verdict)
	}
}

// In a strict run a broken SHOULD deviates, and so can be expected.
func TestExpectAdviceInAStrictRun(t *testing.T) {
	results := one(judge.Conforms)
	results[1].Findings[0].Verdict, results[1].Verdict = judge.Advisory, judge.Advisory
	run := Summarise(contractOf(t), Run{Target: Target{Strict: true}}, results)
	run.Expect(Expectations{[]expectation{{Expectation: Expectation{Requirement: "upgrade.advice", Expires: "2025-06-01"}}}})
	if run.Verdict != judge.Conforms {
		t.Errorf("expected that it conforms, got %q", run.Headline)
	}
}

func TestKnownDeviationsAreReported(t *testing.T) {
	run := expected(t, nil, entry("case: "+olderVersion, because), entry("requirement: answer.json", strings.Replace(because, "2025-06", "2025-05", 1)),
		entry("case: "+zeroVersion, strings.Replace(because, "OPS-1", "OPS-2", 1)))
	const known, late = "it has always been so (OPS-1, until 2025-06-01)", "it has always been so (OPS-1, until 2025-05-01)"
	text := textOfRun(t, run)
	inOrder(t, text, "deviates        MUST    upgrade.target-later", "(known: OPS-1)",
		"\n1 deviation\n", "answer.json", "no JSON", "expired:  "+late,
		"\n1 known deviation, which does not count\n", olderVersion, "known:    "+known,
		"\n1 known deviation: expired, and counts as a deviation again\n  answer.json: "+late,
		"\n1 known deviation: gone, and can be taken out of the file\n  "+zeroVersion+": it has always been so (OPS-2")
	summary := summaryOf(t, run)
	inOrder(t, summary, "### Broken requirements", "answer.json", "### Known deviations", "upgrade.target-later", known, olderVersion, "expired", "gone")
	github := githubOfRun(t, run)
	inOrder(t, github, "::error title=answer.json (MUST)::", "expired: "+late, "::notice title=upgrade.target-later (MUST)::", "known: "+known,
		"::warning title=known deviation is gone::"+zeroVersion)
	if strings.Count(github, "::error") != 1 {
		t.Errorf("expected one error, got\n%s", github)
	}
	page := pageOf(t, run)
	inOrder(t, between(t, page, `<section id="requirements"`, "</section>"), "upgrade.target-later", "known: OPS-1", "A target version")
	inOrder(t, between(t, page, `<section id="known"`, "</section>"), "upgrade.target-later", "Known", known, "1 expired", "answer.json", "1 gone", zeroVersion)
	if deviations := between(t, page, `<section id="deviations"`, "</section>"); strings.Contains(deviations, "upgrade.target-later") {
		t.Error("expected what is known to stand apart from the deviations")
	}
	doc, xml := readJUnit(t, run)
	if doc.Failures != 1 || doc.Skipped != 1 || !strings.Contains(xml, `<skipped message="known deviation: `+known+`">`) || !strings.Contains(xml, `<property name="known" value="upgrade.target-later">`) {
		t.Errorf("expected one failure and one that is skipped, got %+v\n%s", doc, xml)
	}
}

// What could not be judged is not skipped because something else was known.
func TestKnownDeviationHidesNoErrorInJUnit(t *testing.T) {
	run := expected(t, func(rs []judge.Result) {
		rs[3].Verdict, rs[3].Reason = judge.Error, "the graph could not be read again"
	}, entry("requirement: upgrade.target-later", because), entry("requirement: answer.json", because))
	if run.Verdict != judge.Error {
		t.Fatalf("expected no verdict, got %q", run.Headline)
	}
	if doc, xml := readJUnit(t, run); doc.Errors != 1 || doc.Skipped != 1 {
		t.Errorf("expected an error and a case that is skipped, got\n%s", xml)
	}
}

// A run that was read back says the same, and can be judged again.
func TestExpectationsOf(t *testing.T) {
	run := expected(t, nil, entry("requirement: upgrade.target-later", because), entry("case: "+zeroVersion, because))
	read, err := ReadJSON(strings.NewReader(string(jsonOf(t, run))))
	if err != nil {
		t.Fatal(err)
	}
	c, _ := shipped(t)
	known, err := ExpectationsOf(read, c)
	if err != nil {
		t.Fatal(err)
	}
	again := expected(t, nil, "[]")
	again.Expect(known)
	if got, want := string(jsonOf(t, again)), string(jsonOf(t, run)); got != want {
		t.Errorf("expected %s\ngot      %s", want, got)
	}
	if err := validate(t, "", jsonOf(t, run)); err != nil {
		t.Error(err)
	}
}
