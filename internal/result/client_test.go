package result_test

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestAClientHasTheRequirementsForClients(t *testing.T) {
	run := resulttest.ClientRun(t)
	for _, r := range run.Requirements {
		if !strings.HasPrefix(r.ID, "client.") || r.Text == "" || r.Line == 0 {
			t.Errorf("expected a requirement of the contract for clients, got %+v", r)
		}
	}
	if want := "deviates: 9 of 17 requirements are broken"; run.Headline != want || run.Verdict != judge.Deviates {
		t.Errorf("expected %q, got %q, %s", want, run.Headline, run.Verdict)
	}
	if run.ResponseTimes != nil {
		t.Errorf("expected no response times, for they are the fake's, got %+v", run.ResponseTimes)
	}
	server := result.Summarise(resulttest.ClientContract(t), result.Run{}, nil)
	if len(server.Requirements) != 1 || server.Requirements[0].ID != "answer.json" {
		t.Errorf("expected one requirement for a server, got %+v", server.Requirements)
	}
}

func TestHeadlinesOfAClient(t *testing.T) {
	all := func(verdict judge.Verdict, but ...judge.Result) []judge.Result {
		for _, r := range resulttest.ClientRun(t).Requirements {
			c := resulttest.Case("success/"+r.ID, r.ID, verdict, "", resulttest.Finding(r.ID, r.Level, verdict, ""))
			c.Client = &judge.ClientOutcome{Said: judge.SaidSuccess}
			but = append(but, c)
		}
		return but
	}
	silent := resulttest.Case("success/a", "client.sends", judge.Error, "sent no request", resulttest.Finding("client.sends", contract.Must, judge.Error, "sent no request"))
	unable := resulttest.Case("success/b", "client.sends", judge.NotApplicable, "exit status 77")
	for name, tc := range map[string]struct {
		change  func(*result.Run)
		results []judge.Result
		want    string
	}{
		"conforms": {results: all(judge.Conforms), want: "conforms"},
		"nothing":  {want: "could not judge: no scenario was selected"},
		"silent":   {results: []judge.Result{silent}, want: "could not judge: 1 of 1 scenario; sent no request"},
		"gate":     {func(r *result.Run) { r.Failure = "it failed the plain success" }, []judge.Result{silent}, "could not judge: it failed the plain success"},
		"partial":  {results: all(judge.Conforms, unable), want: "partial: conforms as far as exercised: 17 of 17 requirements, 1 of them in part"},
		"one":      {results: all(judge.Conforms)[:1], want: "partial: conforms as far as exercised: 1 of 17 requirements"},
		"advice":   {results: all(judge.Advisory), want: "conforms"},
		"strict":   {func(r *result.Run) { r.Target.Strict = true }, all(judge.Advisory), "deviates: 17 of 17 requirements are broken"},
	} {
		t.Run(name, func(t *testing.T) {
			head := resulttest.ClientHead()
			if tc.change != nil {
				tc.change(&head)
			}
			if run := result.Summarise(resulttest.ClientContract(t), head, tc.results); run.Headline != tc.want {
				t.Errorf("expected %q, got %q", tc.want, run.Headline)
			}
		})
	}
}

// A filter makes a run partial, and is seen in k of n.
func TestScenariosThatWereNotSelectedCount(t *testing.T) {
	c := resulttest.ClientContract(t)
	all := append(resulttest.Scenarios(), result.Scenario{ID: "hang/job", Requirement: "client.ends", Strict: true})
	known := result.ClientNames(c, all)
	run := result.SummariseClient(c, resulttest.ClientHead(), resulttest.ClientResults(), known, result.Expectations{})
	for id, want := range map[string]string{"client.retry-after": "1 of 2", "client.request-lawful": "3 of 5", "client.ends": "1 of 1"} {
		r := run.RequirementOf(judge.Finding{Requirement: id})
		if got := strings.Join([]string{itoa(r.Decided), itoa(r.Cases)}, " of "); got != want {
			t.Errorf("%s: expected %s, got %s", id, want, got)
		}
	}
}

// Nor is a run partial because it was not strict.
func TestScenariosOfStrictRunsCountInThose(t *testing.T) {
	c := resulttest.ClientContract(t)
	known := result.ClientNames(c, []result.Scenario{{ID: "hang/job", Requirement: "client.ends", Strict: true}})
	for strict, want := range map[bool]int{false: 1, true: 2} {
		head := resulttest.ClientHead()
		head.Target.Strict = strict
		run := result.SummariseClient(c, head, resulttest.ClientResults(), known, result.Expectations{})
		if r := run.RequirementOf(judge.Finding{Requirement: "client.ends"}); r.Cases != want {
			t.Errorf("strict %t: expected %d, got %d", strict, want, r.Cases)
		}
	}
}

func itoa(n int) string { return string(rune('0' + n)) }

func TestWhatAClientHasTakenCorrectly(t *testing.T) {
	run := resulttest.ClientRun(t)
	taken := func(s result.Share) (names, missing []string) {
		for _, one := range s.Exercised {
			names = append(names, one.Name)
		}
		for _, r := range s.Missing {
			missing = append(missing, r.Reason+" "+strings.Join(r.Names, ","))
		}
		return names, missing
	}
	if len(run.Coverage.Operations) != 2 {
		t.Fatalf("expected two operations, got %+v", run.Coverage)
	}
	job, upgrade := run.Coverage.Operations[0], run.Coverage.Operations[1]
	names, missing := taken(job.Statuses)
	if job.Operation != "showJob" || !slices.Equal(names, []string{"200"}) || !slices.Equal(missing, []string{"polling/429: advisory 429"}) {
		t.Errorf("expected 200 of showJob, got %s %q, and missing %q", job.Operation, names, missing)
	}
	names, missing = taken(upgrade.Codes)
	if upgrade.Operation != "upgradeGraph" || len(names) != 0 || !slices.Contains(missing, "refused/400-GES.0001: deviates GES.0001") {
		t.Errorf("expected no code of upgradeGraph, got %s %q, and missing %q", upgrade.Operation, names, missing)
	}
	stranger := resulttest.ClientResults()[:1]
	stranger[0].Exchanges[1].Request.Path = "/elsewhere" // is for no operation
	if got := result.Summarise(resulttest.ClientContract(t), resulttest.ClientHead(), stranger).Coverage; got.Operations[0].Statuses.Exercised[0].Count != 3 {
		t.Errorf("expected three answers to showJob, got %+v", got)
	}
}

func TestSaidInShort(t *testing.T) {
	one := 1
	for want, o := range map[string]*judge.ClientOutcome{
		"":                          nil,
		"success (no error)":        {Said: judge.SaidSuccess},
		"failure (exit status 1)":   {Said: judge.SaidFailure, ExitStatus: &one},
		"failure: no job":           {Said: judge.SaidFailure, Reason: "no job"},
		"nothing (died by SIGKILL)": {Said: judge.SaidNothing, Signal: "SIGKILL"},
		"nothing (not found)":       {Said: judge.SaidNothing, Reason: "not found"},
		"nothing (ended, for it had not ended in time)": {Said: judge.SaidNothing, TimedOut: true},
	} {
		c := result.Case{Result: judge.Result{Client: o}}
		if got := c.SaidInShort(); got != want {
			t.Errorf("expected %q, got %q", want, got)
		}
	}
}

func TestCommandLine(t *testing.T) {
	c := result.Client{Command: []string{"./up", "", "a b", "it's", "--x=1", "$HOME"}}
	if got, want := c.CommandLine(), `./up '' 'a b' 'it'\''s' --x=1 '$HOME'`; got != want {
		t.Errorf("expected %s, got %s", want, got)
	}
}

func TestResultsOfAClientFitTheirSchemaAndAreReadBack(t *testing.T) {
	want := resulttest.ClientRun(t)
	text := resulttest.JSON(t, want)
	if err := resulttest.Validate(t, "", text); err != nil {
		t.Error(err)
	}
	got, err := result.ReadJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var exchanges []exchange.Exchange
	for _, c := range want.Cases {
		exchanges = append(exchanges, c.Exchanges...)
	}
	if err := got.Attach(exchanges); err != nil {
		t.Fatal(err)
	}
	if again := resulttest.JSON(t, got); !bytes.Equal(again, text) {
		t.Errorf("expected %s\ngot      %s", text, again)
	}
	if !reflect.DeepEqual(got.Cases[0].Client, want.Cases[0].Client) {
		t.Errorf("expected %+v, got %+v", want.Cases[0].Client, got.Cases[0].Client)
	}
	head, err := result.ReadHead(bytes.NewReader(text))
	if err != nil || !reflect.DeepEqual(head.Client, want.Client) {
		t.Errorf("expected %+v, got %+v, %v", want.Client, head.Client, err)
	}
}

func TestExpectationsOfAClient(t *testing.T) {
	known := result.ClientNames(resulttest.ClientContract(t), resulttest.Scenarios())
	for name, tc := range map[string]struct{ entry, want string }{
		"unknown requirement": {"requirement: client.retry-afta", `known.yaml:1: requirement: unknown requirement "client.retry-afta", did you mean "client.retry-after"?`},
		"of a server":         {"requirement: answer.json", `known.yaml:1: requirement: answer.json is about servers, and a client is judged`},
		"unknown scenario":    {"scenario: busy/503-retry-after-3", `known.yaml:1: scenario: unknown scenario "busy/503-retry-after-3", did you mean "busy/503-retry-after-2"?`},
		"unknown beginning":   {"case: nothing/*", "known.yaml:1: case: unknown scenario \"nothing/*\"; `gesconform client --list` lists them"},
		"both":                {"scenario: job/failed\n  case: job/failed", "known.yaml:2: case: expected case or scenario, which mean the same, got both"},
		"neither":             {"reason: r", "known.yaml:1: expected a requirement or a scenario, got neither"},
		"decides another":     {"requirement: client.job-id-escaped\n  scenario: job/failed", "known.yaml:1: scenario \"job/failed\" does not decide requirement client.job-id-escaped, did you mean \"client.job-failure-seen\"?"},
	} {
		t.Run(name, func(t *testing.T) {
			entry := tc.entry + "\n  " + resulttest.Because
			if tc.entry == "reason: r" {
				entry = resulttest.Because
			}
			_, err := result.ReadExpectations("known.yaml", []byte(resulttest.Entry(entry)), known)
			if err == nil || strings.TrimPrefix(err.Error(), "read expectations: ") != tc.want {
				t.Errorf("expected %s\ngot      %v", tc.want, err)
			}
		})
	}
	shipped, _ := resulttest.Shipped(t)
	if _, err := result.ReadExpectations("known.yaml", []byte(resulttest.Entry("scenario: upgradeGraph/method/put", resulttest.Because)), resulttest.Names(t, shipped)); err == nil || !strings.Contains(err.Error(), `unknown key "scenario"`) {
		t.Errorf("expected that a deployment has cases, got %v", err)
	}
}

func TestKnownDeviationsOfAClient(t *testing.T) {
	known := result.ClientNames(resulttest.ClientContract(t), resulttest.Scenarios())
	because := strings.Replace(resulttest.Because, "2025-06-01", "2027-01-01", 1)
	text := resulttest.Entry("requirement: client.retry-after", "scenario: busy/503-retry-after-2", because) + // comes
		resulttest.Entry("requirement: client.success-needs-job", "scenario: malformed/200-empty-object", because) + // does not
		resulttest.Entry("requirement: client.success-needs-job", "case: malformed/not-http", because) + // could not be judged
		resulttest.Entry("requirement: client.credentials-stay", "scenario: success/*", because) + // is decided by one of several
		resulttest.Entry("scenario: job/*", because)
	expected, err := result.ReadExpectations("known.yaml", []byte(text), known)
	if err != nil {
		t.Fatal(err)
	}
	run := resulttest.ClientRun(t)
	run.Expect(expected)
	var states []result.ExpectationState
	for _, e := range run.Expectations {
		states = append(states, e.State)
	}
	if want := []result.ExpectationState{result.Met, result.Gone, result.NotExercised, result.NotExercised, result.Met}; !slices.Equal(states, want) {
		t.Errorf("expected %v, got %v", want, states)
	}
	if want := "deviates: 7 of 17 requirements are broken in addition to 2 known deviations; 1 known deviation is gone"; run.Headline != want {
		t.Errorf("expected %q, got %q", want, run.Headline)
	}
	again := resulttest.ClientRun(t)
	again.Expect(result.ExpectationsOf(run, known))
	if !reflect.DeepEqual(again.Expectations, run.Expectations) {
		t.Errorf("expected %+v, got %+v", run.Expectations, again.Expectations)
	}
}

// What is written can be read once it is complete, and then nothing deviates.
func TestWrittenExpectationsOfAClient(t *testing.T) {
	known := result.ClientNames(resulttest.ClientContract(t), resulttest.Scenarios())
	run := resulttest.ClientRun(t)
	var b bytes.Buffer
	if err := result.WriteExpectations(&b, run, known); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{"# The deviations of ./upgrade.sh --wait '30 s' that gesconform 0.1.0", "`gesconform client --expect`", "# 1 scenario; got: again after 0.25s\n- requirement: client.retry-after\n  scenario: busy/503-retry-after-2\n  reason:\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("expected %q in\n%s", want, text)
		}
	}
	text = strings.NewReplacer("reason:", "reason: r", "ticket:", "ticket: t", "expires:", "expires: 2027-01-01").Replace(text)
	expected, err := result.ReadExpectations("known.yaml", []byte(text), known)
	if err != nil {
		t.Fatal(err)
	}
	run.Expect(expected)
	if want := "could not judge: 1 of 18 scenarios; it died by SIGSEGV"; run.Headline != want {
		t.Errorf("expected %q, got %q", want, run.Headline)
	}
}

func TestCompareClients(t *testing.T) {
	before, results := resulttest.ClientRun(t), resulttest.ClientResults()
	for i := range results {
		switch r := &results[i]; r.Case {
		case "job/failed": // is mended
			r.Verdict, r.Findings[0].Verdict, r.Client.Said, r.Client.ExitStatus = judge.Conforms, judge.Conforms, judge.SaidFailure, new(int)
			*r.Client.ExitStatus = 3
		case "success/plain":
			r.Verdict, r.Findings[0].Verdict = judge.Deviates, judge.Deviates
		case "observed/202-with-job":
			r.Client.Said, r.Client.ExitStatus = judge.SaidFailure, nil
		}
	}
	after := result.Summarise(resulttest.ClientContract(t), resulttest.ClientHead(), results)
	comparison := result.Compare(before, after)
	var got []string
	for _, c := range comparison.Changes {
		got = append(got, string(c.Class)+" "+c.String())
	}
	want := []string{
		"mended client.job-failure-seen: deviates -> conforms",
		"mended job/failed: deviates (success (exit status 0)) -> conforms (failure (exit status 3))",
		"observation-changed observed/202-with-job: observed (success (exit status 0)) -> observed (failure)",
		"new-deviation success/plain: conforms (success (exit status 0)) -> deviates (success (exit status 0))",
	}
	if !slices.Equal(got, want) {
		t.Errorf("expected %q\ngot      %q", want, got)
	}
	if comparison.Run.Command != "./upgrade.sh --wait '30 s'" {
		t.Errorf("expected the command, got %+v", comparison.Run)
	}
	after.Comparison = &comparison
	var b bytes.Buffer
	if err := result.WriteComparison(&b, after); err != nil {
		t.Fatal(err)
	}
	if err := resulttest.Validate(t, "/$defs/comparison", b.Bytes()); err != nil {
		t.Error(err)
	}
	if _, err := result.ReadComparison(b.Bytes(), &after); err != nil {
		t.Error(err)
	}
}
