package report

import (
	"html"
	"io"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

// Whose rule it is stands beside each deviation, in every report and in results.json.
func TestOriginInEveryView(t *testing.T) {
	run := resulttest.Run(t)
	run.Target.Strict = true // so that the broken SHOULD is shown in full, too
	for name, view := range map[string]struct {
		write func(io.Writer, result.Run) error
		plain func(string) string // undoes the escapes of the format
		times int                 // more than once if the requirements have them as well
	}{
		"text":     {write: func(w io.Writer, run result.Run) error { return Text(w, run, TextOptions{}) }},
		"HTML":     {WriteHTML, html.UnescapeString, 2},
		"Markdown": {write: WriteMarkdown, plain: strings.NewReplacer("<https", "https", "4>", "4", "/>", "/").Replace},
		"JUnit":    {write: WriteJUnit},
		"GitHub":   {write: WriteGitHub},
		"JSON":     {write: result.WriteJSON},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := view.write(&b, run); err != nil {
				t.Fatal(err)
			}
			got := b.String()
			if view.plain != nil {
				got = view.plain(got)
			}
			of := map[string][]string{}
			for _, broken := range []string{"upgrade.later", "upgrade.advice"} {
				for _, s := range run.SourcesOf(run.RequirementOf(judge.Finding{Requirement: broken}).Source) {
					of[broken] = append(of[broken], s.String())
					if name == "JSON" {
						of[broken] = []string{`"id":"` + s.ID, `"title":"` + s.Title, s.URL, s.Date, s.Reason}
					}
				}
			}
			if len(of["upgrade.later"]) < 2 || len(of["upgrade.advice"]) < 1 {
				t.Fatalf("expected a page and a decision of ours, and an RFC, got %v", of)
			}
			for requirement, origins := range of {
				for _, origin := range origins {
					if strings.Count(got, origin) < max(1, view.times) {
						t.Errorf("%s: expected %q in\n%s", requirement, origin, got)
					}
				}
			}
		})
	}
}

// The level in a finding's text is that of the finding, which --only-documented may lower
// for some cases of a requirement alone.
func TestLevelOfALoweredFinding(t *testing.T) {
	results := resulttest.Results()
	for i := range results[0].Findings {
		results[0].Findings[i].Origin = &judge.Origin{Ours: true}
	}
	results[0].OnlyDocumented()
	text := FailureText(resulttest.Contract(t), results[0], results[0].Findings[0])
	if !strings.HasPrefix(text, "upgrade.later ("+string(contract.Should)+") ") {
		t.Errorf("expected a SHOULD, got %s", text)
	}
}
