package report

import (
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestKnownDeviationsAreReported(t *testing.T) {
	run := resulttest.Known(t, nil, resulttest.Entry("case: "+resulttest.OlderVersion, resulttest.Because), resulttest.Entry("requirement: answer.json", strings.Replace(resulttest.Because, "2025-06", "2025-05", 1)),
		resulttest.Entry("case: "+resulttest.ZeroVersion, strings.Replace(resulttest.Because, "OPS-1", "OPS-2", 1)))
	const known, late = "it has always been so (OPS-1, until 2025-06-01)", "it has always been so (OPS-1, until 2025-05-01)"
	text := textOfRun(t, run)
	inOrder(t, text, "deviates        MUST    upgrade.target-later", "(known: OPS-1)",
		"\n1 deviation\n", "answer.json", "no JSON", "expired:  "+late,
		"\n1 known deviation, which does not count\n", resulttest.OlderVersion, "known:    "+known,
		"\n1 known deviation: expired, no longer excused\n  answer.json: "+late,
		"\n1 known deviation: gone, can be removed from the file\n  "+resulttest.ZeroVersion+": it has always been so (OPS-2")
	summary := summaryOf(t, run)
	inOrder(t, summary, "### Broken requirements", "answer.json", "### Known deviations", "upgrade.target-later", known, resulttest.OlderVersion, "expired", "gone")
	github := githubOfRun(t, run)
	inOrder(t, github, "::error title=answer.json (MUST)::", "expired: "+late, "::notice title=upgrade.target-later (MUST)::", "known: "+known,
		"::warning title=known deviation is gone::"+resulttest.ZeroVersion)
	if strings.Count(github, "::error") != 1 {
		t.Errorf("expected one error, got\n%s", github)
	}
	page := pageOf(t, run)
	inOrder(t, between(t, page, `<section id="requirements"`, "</section>"), "upgrade.target-later", "known: OPS-1", "A target version")
	inOrder(t, between(t, page, `<section id="known"`, "</section>"), "upgrade.target-later", "Known", known, "1 expired", "answer.json", "1 gone", resulttest.ZeroVersion)
	if deviations := between(t, page, `<section id="deviations"`, "</section>"); strings.Contains(deviations, "upgrade.target-later") {
		t.Error("expected known deviations not to be in the section of deviations")
	}
	doc, xml := readJUnit(t, run)
	if doc.Failures != 1 || doc.Skipped != 1 || !strings.Contains(xml, `<skipped message="known deviation: `+known+`">`) || !strings.Contains(xml, `<property name="known upgradeGraph/body/upgrade_version/not-later-older-patch" value="upgrade.target-later">`) {
		t.Errorf("expected one failure and one that is skipped, got %+v\n%s", doc, xml)
	}
}

// A case that could not be judged is an error even if it also has a known deviation.
func TestKnownDeviationHidesNoErrorInJUnit(t *testing.T) {
	run := resulttest.Known(t, func(rs []judge.Result) {
		rs[3].Verdict, rs[3].Reason = judge.Error, "the graph could not be read again"
	}, resulttest.Entry("requirement: upgrade.target-later", resulttest.Because), resulttest.Entry("requirement: answer.json", resulttest.Because))
	if run.Verdict != judge.Error {
		t.Fatalf("expected no verdict, got %q", run.Headline)
	}
	if doc, xml := readJUnit(t, run); doc.Errors != 1 || doc.Skipped != 1 {
		t.Errorf("expected an error and a case that is skipped, got\n%s", xml)
	}
}
