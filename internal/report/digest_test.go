package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

// All reports list the same broken requirements, with the same counts.
func TestReportsAgree(t *testing.T) {
	several := resulttest.Results()
	several = append(several, brokenRequirements()...)
	strict := result.Summarise(resulttest.Contract(t), result.Run{Target: result.Target{Strict: true}}, several)
	known := resulttest.Known(t, nil, resulttest.Entry("requirement: answer.json", resulttest.Because))
	for name, run := range map[string]result.Run{
		"sample": resulttest.Run(t), "known": known, "strict": strict, "many": result.Summarise(resulttest.Contract(t), result.Run{}, several),
	} {
		d := digestOf(&run)
		text, summary, page, github := textOfRun(t, run), summaryOf(t, run), pageOf(t, run), githubOfRun(t, run)
		for kind, n := range map[string][2]int{
			"deviations":       {len(d.Deviations), strings.Count(page, `class="evidence" id="deviation-`)},
			"known deviations": {len(d.Known), strings.Count(page, `class="evidence" id="known-`)},
			"errors":           {len(d.Deviations), strings.Count(github, "::error ")},
			"notices":          {len(d.Known) + 1, strings.Count(github, "::notice ") - strings.Count(github, "::notice title=decided in part::")}, // and the verdict
			"warnings":         {len(d.Advice), strings.Count(github, "::warning ")},
			"broken":           {len(run.Broken()), strings.Count(summary, "\n#### ")},
		} {
			if n[0] != n[1] {
				t.Errorf("%s: expected %d %s, got %d", name, n[0], kind, n[1])
			}
		}
		inOrder(t, text, run.Headline, fmt.Sprintf("\n%s\n", plural(len(d.Deviations), "deviation", "deviations")))
	}
}
