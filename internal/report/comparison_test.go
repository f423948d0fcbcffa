package report

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestComparisonIsReported(t *testing.T) {
	before, run := resulttest.OneCase(t, judge.Conforms, 400, "GES.7036", "not later"), resulttest.OneCase(t, judge.Deviates, 200, "", "")
	before.Target.Endpoint, before.Started = "https://ges.example.com", time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC)
	c := result.Compare(before, run)
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
	if err := result.WriteComparison(&b, run); err != nil {
		t.Fatal(err)
	}
	if err := resulttest.Validate(t, "/$defs/comparison", b.Bytes()); err != nil {
		t.Error(err)
	}
	var read result.Comparison
	if err := json.Unmarshal(b.Bytes(), &read); err != nil || !reflect.DeepEqual(read, c) {
		t.Errorf("expected %+v, got %+v, %v", c, read, err)
	}
	if strings.Contains(string(resulttest.JSON(t, run)), "https://ges.example.com") {
		t.Error("expected results.json not to mention the baseline")
	}
}

func TestComparisonOfLikeRuns(t *testing.T) {
	run := resulttest.OneCase(t, judge.Conforms, 400, "GES.7036", "not later")
	c := result.Compare(run, run)
	run.Comparison = &c
	inOrder(t, textOfRun(t, run), "no difference")
	inOrder(t, between(t, pageOf(t, run), `<section id="changes"`, "</section>"), "no difference")
}

func TestABaselineOfAnotherContractIsCalledSo(t *testing.T) {
	run := resulttest.OneCase(t, judge.Conforms, 400, "GES.7036", "not later")
	before := run
	before.Contract.Version, before.Contract.SHA256 = "1.9.0", strings.Repeat("0123456789", 7)[:64]
	c := result.Compare(before, run)
	run.Comparison = &c
	inOrder(t, textOfRun(t, run), "compared with ", ", judged by another contract, ", " 1.9.0 (sha256 012345678901): no difference")
}
