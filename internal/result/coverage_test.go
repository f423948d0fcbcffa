package result_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

// findIn returns how often a thing was exercised, or why it was not.
func findIn(s result.Share, name string) (count int, reason string) {
	for _, one := range s.Exercised {
		if one.Name == name {
			return one.Count, ""
		}
	}
	for _, m := range s.Missing {
		for _, missing := range m.Names {
			if missing == name {
				return 0, m.Reason
			}
		}
	}
	return 0, "is not listed"
}

func TestCoverage(t *testing.T) {
	run := resulttest.Covered(t)
	upgrade, job := run.Coverage.Operations[3], run.Coverage.Operations[2]
	if upgrade.Operation != "upgradeGraph" || job.Operation != "showJob" {
		t.Fatalf("expected the operations sorted by name, got %s, %s", job.Operation, upgrade.Operation)
	}
	for _, tc := range []struct {
		kind   string
		share  result.Share
		name   string
		count  int
		reason string
	}{
		{"statuses", upgrade.Statuses, "400", 1, ""},
		{"statuses", upgrade.Statuses, "401", 1, ""},
		{"statuses", upgrade.Statuses, "200", 0, "no case was selected"}, // of seven, the most frequent reason
		{"statuses", upgrade.Statuses, "404", 0, "no case was selected"},
		{"statuses", upgrade.Statuses, "503", 0, result.NoCaseClaims}, // the only such answer was set aside
		{"statuses", job.Statuses, "200", 0, "no case was selected"},
		{"codes", upgrade.Codes, "GES.7036", 1, ""},
		{"codes", upgrade.Codes, "APIGW.0301", 1, ""}, // APIG. is the same prefix
		{"codes", upgrade.Codes, "APIGW.0303", 0, result.OthersCame},
		{"codes", upgrade.Codes, "GES.7001", 0, "no case was selected"},
		{"codes", upgrade.Codes, "GES.7042", 0, result.NoCaseClaims},
		{"codes", upgrade.Codes, "GES.7016", 0, "no case was selected"},
		{"parameters", upgrade.Parameters, "body/upgrade_version", 1, ""},
		{"parameters", upgrade.Parameters, "security/X-Auth-Token", 1, ""},
		{"parameters", upgrade.Parameters, "path/project_id", 0, "no case was selected"},
		{"keywords", upgrade.Keywords, "body/upgrade_version not-later", 1, ""},
		{"keywords", upgrade.Keywords, "body/upgrade_version pattern", 0, "no case was selected"},
		{"keywords", upgrade.Keywords, "path/graph_id foreign", 0, "needs --foreign-graph-id"},
		{"keywords", upgrade.Keywords, "path/graph_id not-running", 0, result.NoCaseClaims},
		{"keywords", job.Keywords, "path/job_id unknown", 0, "no case was selected"},
	} {
		if count, reason := findIn(tc.share, tc.name); count != tc.count || reason != tc.reason {
			t.Errorf("%s of %s: expected %d, %q, got %d, %q", tc.kind, tc.name, tc.count, tc.reason, count, reason)
		}
	}
}

// A wrong refusal is an answer, but not one of the lawful ones, which remain missing.
func TestCoverageOfWhatDeviates(t *testing.T) {
	c, all := resulttest.Shipped(t)
	run := result.Summarise(c, result.Run{}, []judge.Result{resulttest.Decided(1, resulttest.EqualVersion, "upgrade.target-later", judge.Deviates, 200, "", "")})
	run.Cover(c, all)
	if _, reason := findIn(run.Coverage.Operations[2].Codes, "GES.7036"); strings.Contains(reason, "lawful") {
		t.Errorf("got %q", reason)
	}
}

// Reasons that only differ in the answer that masked the rule are counted as one.
func TestCoverageSaysWhatIsAskedFor(t *testing.T) {
	for reason, want := range map[string]string{
		"404 Not Found, GES.0047 (x): refused as unknown-graph, so the rule of this case was not reached: that needs --risk guarded": "needs --risk guarded",
		"400 Bad Request, GES.7016 (x): refused as malformed-body":                                                                   "refused as malformed-body",
		"needs --expired-token": "needs --expired-token",
		"":                      result.NoAnswerHadIt,
	} {
		if got := result.ReasonInShort(reason); got != want {
			t.Errorf("%q: expected %q, got %q", reason, want, got)
		}
	}
}

func TestCoverageIsTheSameEachTime(t *testing.T) {
	once := resulttest.Covered(t)
	for range 5 {
		if again := resulttest.Covered(t); !reflect.DeepEqual(again.Coverage, once.Coverage) {
			t.Fatalf("expected %+v\ngot      %+v", once.Coverage, again.Coverage)
		}
	}
}

// A requirement has all derived cases, so that a filter does not make it look whole.
func TestCoverCountsUnselectedCases(t *testing.T) {
	run := resulttest.Covered(t)
	_, all := resulttest.Shipped(t)
	derived := map[string]int{}
	for _, k := range all {
		derived[k.Requirement]++
	}
	for _, r := range run.Requirements {
		switch r.ID {
		case "upgrade.target-later": // one of its cases was decided, one was not sent, six were not selected
			if r.Decided != 1 || r.Cases != derived[r.ID] || r.Cases < 8 || !r.Partial() {
				t.Errorf("%s: expected 1 of %d cases, got %d of %d", r.ID, derived[r.ID], r.Decided, r.Cases)
			}
		case "upgrade.effect":
			if r.Decided != 0 || r.Cases != derived[r.ID] || r.Partial() {
				t.Errorf("%s: expected 0 of %d cases, got %d of %d", r.ID, derived[r.ID], r.Decided, r.Cases)
			}
		}
	}
}

// A run of which the selected cases have decided each requirement is partial if others were not
// selected.
func TestCoverMakesARunPartial(t *testing.T) {
	c, all := resulttest.Shipped(t)
	var results []judge.Result
	for _, r := range c.RequirementsFor(contract.Server) {
		results = append(results, resulttest.Case("x/"+r.ID, r.ID, judge.Conforms, "", resulttest.Finding(r.ID, r.Level, judge.Conforms, "")))
	}
	run := result.Summarise(c, result.Run{}, results)
	if run.Partial {
		t.Fatalf("expected a whole run before the other cases are known, got %q", run.Headline)
	}
	run.Cover(c, all)
	if !run.Partial || !strings.HasPrefix(run.Headline, "partial: ") {
		t.Errorf("expected a partial run, got %q", run.Headline)
	}
}
