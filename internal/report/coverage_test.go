package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestCoverageIsReported(t *testing.T) {
	run := resulttest.Covered(t)
	line := digestOf(&run).coverageInShort()
	if !strings.HasPrefix(line, fmt.Sprintf("2 of %d requirements, ", len(run.Requirements))+"2 of 32 statuses, 2 of 115 error codes, 2 of 20 parameters, 2 of ") || !strings.HasSuffix(line, " keywords") {
		t.Errorf("expected the line with the coverage, got %q", line)
	}
	text := textOfRun(t, run)
	inOrder(t, text, "contract:", "\ncoverage: "+line+"\n", "upgradeGraph")
	summary := summaryOf(t, run)
	inOrder(t, summary, "Coverage: "+line+".\nNot exercised: `", "no case was selected", "### ")
	page := pageOf(t, run)
	inOrder(t, between(t, page, `<section id="coverage"`, "</section>"), "statuses", "error codes", "upgradeGraph", "2 of 8", "400 (1), 401 (1)",
		"Not exercised", "no case was selected", "listJobs 200")
	if strings.Contains(text+summary, "%") {
		t.Error("expected no percentage")
	}
}

func textOfRun(t *testing.T, run result.Run) string {
	t.Helper()
	var b strings.Builder
	if err := Text(&b, run, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func githubOfRun(t *testing.T, run result.Run) string {
	t.Helper()
	var b strings.Builder
	if err := WriteGitHub(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
