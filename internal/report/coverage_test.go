package report

import (
	"reflect"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/judge"
)

func shipped(t *testing.T) (*contract.Contract, []*cases.Case) {
	t.Helper()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	all, err := cases.Derive(c)
	if err != nil {
		t.Fatal(err)
	}
	return c, all
}

const (
	equalVersion = "upgradeGraph/body/upgrade_version/not-later-equal"
	olderVersion = "upgradeGraph/body/upgrade_version/not-later-older-patch"
	zeroVersion  = "upgradeGraph/body/upgrade_version/not-later-older-zero"
)

// covered is a run of a few cases of the shipped contract.
func covered(t *testing.T) Run {
	t.Helper()
	c, all := shipped(t)
	aside := refused(3, "upgradeGraph/media-type/text", "upgrade.media-type", judge.Error, 503, "GES.7016", "busy")
	aside.Exchanges[0].SetAside = "asked for again"
	masked := caseResult("upgradeGraph/body/truncated", "upgrade.body-json", judge.Masked, "404 Not Found: answers unknown-graph; to decide, needs --risk guarded")
	run := Summarise(c, Run{}, []judge.Result{
		refused(1, equalVersion, "upgrade.target-later", judge.Conforms, 400, "GES.7036", "not later"),
		refused(2, "upgradeGraph/security/token/missing", "auth.required", judge.Conforms, 401, "APIG.0301", "no token"),
		caseResult(olderVersion, "upgrade.target-later", judge.NotApplicable, "needs --risk destructive"),
		caseResult("upgradeGraph/valid/force_upgrade-true", "upgrade.force-true", judge.NotApplicable, "needs --risk destructive"),
		caseResult("upgradeGraph/path/graph_id/foreign", "upgrade.graph-of-project", judge.NotApplicable, "needs --foreign-graph-id"),
		aside, masked,
	})
	run.Cover(c, all)
	return run
}

// findIn finds a thing in a share: how often it came, or why not.
func findIn(s Share, name string) (count int, reason string) {
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
	run := covered(t)
	upgrade, job := run.Coverage.Operations[2], run.Coverage.Operations[1]
	if upgrade.Operation != "upgradeGraph" || job.Operation != "showJob" {
		t.Fatalf("expected the operations by name, got %s, %s", job.Operation, upgrade.Operation)
	}
	for _, tc := range []struct {
		kind   string
		share  Share
		name   string
		count  int
		reason string
	}{
		{"statuses", upgrade.Statuses, "400", 1, ""},
		{"statuses", upgrade.Statuses, "401", 1, ""},
		{"statuses", upgrade.Statuses, "200", 0, "no case was selected"}, // of seven, the most frequent reason
		{"statuses", upgrade.Statuses, "404", 0, "no case was selected"},
		{"statuses", upgrade.Statuses, "503", 0, notClaimed}, // it came, and was set aside
		{"statuses", job.Statuses, "200", 0, "no case was selected"},
		{"codes", upgrade.Codes, "GES.7036", 1, ""},
		{"codes", upgrade.Codes, "APIGW.0301", 1, ""}, // APIG. is the same prefix
		{"codes", upgrade.Codes, "APIGW.0303", 0, otherwise},
		{"codes", upgrade.Codes, "GES.7001", 0, "no case was selected"},
		{"codes", upgrade.Codes, "GES.7042", 0, notClaimed},
		{"codes", upgrade.Codes, "GES.7016", 0, "no case was selected"},
		{"parameters", upgrade.Parameters, "body/upgrade_version", 1, ""},
		{"parameters", upgrade.Parameters, "security/X-Auth-Token", 1, ""},
		{"parameters", upgrade.Parameters, "path/project_id", 0, "no case was selected"},
		{"keywords", upgrade.Keywords, "body/upgrade_version not-later", 1, ""},
		{"keywords", upgrade.Keywords, "body/upgrade_version pattern", 0, "no case was selected"},
		{"keywords", upgrade.Keywords, "path/graph_id foreign", 0, "needs --foreign-graph-id"},
		{"keywords", upgrade.Keywords, "path/graph_id not-running", 0, notClaimed},
		{"keywords", job.Keywords, "path/job_id unknown", 0, "no case was selected"},
	} {
		if count, reason := findIn(tc.share, tc.name); count != tc.count || reason != tc.reason {
			t.Errorf("%s of %s: expected %d, %q, got %d, %q", tc.kind, tc.name, tc.count, tc.reason, count, reason)
		}
	}
}

// Where a refusal did not come as it should, no lawful answer came in its place.
func TestCoverageOfWhatDeviates(t *testing.T) {
	c, all := shipped(t)
	run := Summarise(c, Run{}, []judge.Result{refused(1, equalVersion, "upgrade.target-later", judge.Deviates, 200, "", "")})
	run.Cover(c, all)
	if _, reason := findIn(run.Coverage.Operations[2].Codes, "GES.7036"); strings.Contains(reason, "lawful") {
		t.Errorf("got %q", reason)
	}
}

// Two reasons that differ only in the answer that hid the rule are one.
func TestCoverageSaysWhatIsAskedFor(t *testing.T) {
	for reason, want := range map[string]string{
		"404 Not Found, GES.0047 (x): answers unknown-graph; to decide, needs --risk guarded": "needs --risk guarded",
		"400 Bad Request, GES.7016 (x): answers malformed-body":                               "answered as malformed-body",
		"needs --expired-token": "needs --expired-token",
		"":                      noneHadIt,
	} {
		if got := inShort(reason); got != want {
			t.Errorf("%q: expected %q, got %q", reason, want, got)
		}
	}
}

func TestCoverageIsTheSameEachTime(t *testing.T) {
	once := covered(t)
	for range 5 {
		if again := covered(t); !reflect.DeepEqual(again.Coverage, once.Coverage) {
			t.Fatalf("expected %+v\ngot      %+v", once.Coverage, again.Coverage)
		}
	}
}

func TestCoverageIsReported(t *testing.T) {
	run := covered(t)
	line := run.coverageInShort()
	if !strings.HasPrefix(line, "2 of 64 requirements, 2 of 24 statuses, 2 of 92 error codes, 2 of 17 parameters, 2 of 7") || !strings.HasSuffix(line, " keywords") {
		t.Errorf("got %q", line)
	}
	text := textOfRun(t, run)
	inOrder(t, text, "contract:", "\ncoverage: "+line+"\n", "upgradeGraph")
	summary := summaryOf(t, run)
	inOrder(t, summary, "Coverage: "+line+".\nNot exercised: `", "no case was selected", "### ")
	page := pageOf(t, run)
	inOrder(t, between(t, page, `<section id="coverage"`, "</section>"), "statuses", "error codes", "upgradeGraph", "2 of 8", "400 (1), 401 (1)",
		"Not exercised", "no case was selected", "needs --foreign-graph-id", "upgradeGraph path/graph_id foreign")
	if strings.Contains(text+summary, "%") {
		t.Error("expected no percentage")
	}
}

func textOfRun(t *testing.T, run Run) string {
	t.Helper()
	var b strings.Builder
	if err := Text(&b, run, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func githubOfRun(t *testing.T, run Run) string {
	t.Helper()
	var b strings.Builder
	if err := WriteGitHub(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
