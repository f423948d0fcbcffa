package report

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

// decidedIn returns runs of the sample contract, by how much of it they decided.
func decidedIn(t *testing.T) map[string]result.Run {
	t.Helper()
	c := resulttest.Contract(t)
	failing := resulttest.Case("case/failing", "upgrade.later", judge.NotApplicable, "cannot be brought about: no upgrade has failed")
	failing.Apart = judge.CannotBeBroughtAbout
	only := failing
	only.Case, only.Requirement = "case/upgrade.effect", "upgrade.effect"
	masked := resulttest.Case("case/masked", "upgrade.later", judge.Masked, "refused as unknown-graph")
	return map[string]result.Run{
		"whole":                 result.Summarise(c, result.Run{}, resulttest.Each(judge.Conforms)),
		"a partial requirement": result.Summarise(c, result.Run{}, append(resulttest.Each(judge.Conforms), masked)),
		"counted apart":         result.Summarise(c, result.Run{}, append(slices.Replace(resulttest.Each(judge.Conforms), 2, 3, only), failing)),
		"a partial run":         result.Summarise(c, result.Run{}, resulttest.Each(judge.Conforms)[:1]),
		"not judged":            result.Summarise(c, result.Run{Failure: "no connection"}, nil),
	}
}

// views returns what each report shows of a run, or of a run against one target.
func views(t *testing.T, run result.Run) map[string]string {
	t.Helper()
	var text, ascii, targetsText, targetsPage, targetsSummary, targetsCommands bytes.Buffer
	targets := &result.Targets{}
	added := targets.Add("a", "a", run)
	targets.Conclude()
	w := NewTargetsText(&targetsText, TextOptions{Color: true}, []string{"a"})
	if err := errors.Join(Text(&text, run, TextOptions{Color: true}), Text(&ascii, run, TextOptions{ASCII: true}), w.Target(added, ""), w.Total(targets),
		WriteTargetsHTML(&targetsPage, targets), WriteTargetsMarkdown(&targetsSummary, targets), WriteTargetsGitHub(&targetsCommands, targets)); err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"terminal": text.String(), "ASCII": ascii.String(), "page": withoutStyle(pageOf(t, run)), "Markdown": summaryOf(t, run), "GitHub": commandsOf(t, run),
		"targets' terminal": targetsText.String(), "targets' page": withoutStyle(targetsPage.String()), "targets' Markdown": targetsSummary.String(), "targets' GitHub": targetsCommands.String(),
	}
}

func withoutStyle(page string) string {
	return regexp.MustCompile(`(?s)<(style|script)>.*?</(style|script)>`).ReplaceAllString(page, "")
}

const green, amber, violet = "\x1b[32m", "\x1b[33m", "\x1b[35m"

// What was decided in part never looks as if it conformed, neither in words nor in colour.
func TestPartialNeverLooksLikeConforms(t *testing.T) {
	type expectation struct{ want, never []string }
	table := map[string]map[string]expectation{
		"whole": {
			"terminal":          {[]string{"\x1b[1;32mconforms\x1b[0m", green + "✓ conforms\x1b[0m        MUST    upgrade.later   1 of 1"}, []string{"◐", "partial", "?"}},
			"ASCII":             {[]string{"+ conforms        MUST    upgrade.later   1 of 1"}, []string{"~"}},
			"page":              {[]string{`<header class="verdict" data-verdict="conforms">`, `aria-hidden="true">✓</span><span>conforms`, "1 of 1 decided"}, []string{"◐", "partial"}},
			"Markdown":          {[]string{"## ✓ conforms\n", "| ✓ conforms | 5 | 5 |"}, []string{"◐", "in part"}},
			"GitHub":            {[]string{"::notice title=gesconform::conforms\n"}, []string{"::warning", "in part"}},
			"targets' terminal": {[]string{green + "✓ conforms\x1b[0m      a", "\x1b[1;32mconforms: 1 target\x1b[0m"}, []string{"◐", "partial"}},
			"targets' page":     {[]string{`<header class="verdict" data-verdict="conforms">`, `<td data-verdict="conforms" title="1 of 1 case">`}, []string{"◐", "partial"}},
			"targets' Markdown": {[]string{"## ✓ conforms: 1 target\n", "- ✓ `a`", "5 of 5 requirements conform everywhere"}, []string{"◐"}},
			"targets' GitHub":   {[]string{"::notice title=gesconform::conforms: 1 target\n"}, []string{"::warning"}},
		},
		"a partial requirement": {
			"terminal":          {[]string{amber + "◐ partial\x1b[0m         MUST    upgrade.later   1 of 2"}, []string{green + "✓ conforms\x1b[0m        MUST    upgrade.later"}},
			"ASCII":             {[]string{"~ partial         MUST    upgrade.later   1 of 2"}, nil},
			"page":              {[]string{`id="requirement-1" data-verdict="partial"`, "◐</span> partial", "1 of 2 decided"}, []string{`id="requirement-1" data-verdict="conforms"`}},
			"Markdown":          {[]string{"| ✓ conforms | 4 | 5 |", "| ◐ partial | 1 | 0 |", "### Decided in part\n\n- ◐ `upgrade.later` (MUST): 1 of 2 cases\n"}, []string{"✓ `upgrade.later`"}},
			"GitHub":            {[]string{"::notice title=decided in part::upgrade.later: 1 of 2 cases\n"}, nil},
			"targets' terminal": {nil, nil}, // has no requirements but the broken ones
			"targets' page":     {[]string{`<td data-verdict="partial" title="1 of 2 cases">`, `◐<small>1/2</small></span><span class="unseen">partial, 1 of 2 cases`}, nil},
			"targets' Markdown": {[]string{"| `upgrade.later` | MUST | ◐ partial, 1 of 2 cases |", "4 of 5 requirements conform everywhere"}, nil},
			"targets' GitHub":   {nil, nil},
		},
		"counted apart": {
			"terminal": {[]string{"\x1b[1;32mconforms (counted apart: 2 cases cannot be brought about)\x1b[0m", green + "✓ conforms\x1b[0m        MUST    upgrade.later   1 of 2, 1 apart",
				"not-applicable\x1b[0m  MUST    upgrade.effect  0 of 1, 1 apart", "counted apart: 2 of 6 cases\x1b[0m\n     2  cannot be brought about: no upgrade has failed\n"}, []string{"◐", "partial"}},
			"ASCII":             {[]string{"+ conforms        MUST    upgrade.later   1 of 2, 1 apart"}, []string{"~"}},
			"page":              {[]string{`<header class="verdict" data-verdict="conforms">`, "1 of 2 decided, 1 apart", "0 of 1 decided, 1 apart", `<h2 id="apart-title">Counted apart</h2>`, "<b>2</b> cannot be brought about: no upgrade has failed"}, []string{"◐", `"partial"`}},
			"Markdown":          {[]string{"## ✓ conforms (counted apart: ", "### Counted apart\n\n- **2**: `cannot be brought about: no upgrade has failed`: "}, []string{"◐", "in part"}},
			"GitHub":            {[]string{"::notice title=counted apart::2 cases: cannot be brought about: no upgrade has failed\n", "::notice title=gesconform::conforms (counted apart"}, []string{"::warning", "in part"}},
			"targets' terminal": {[]string{green + "✓ conforms\x1b[0m      a"}, []string{"◐", "partial"}},
			"targets' page":     {[]string{`<td data-verdict="conforms" title="1 of 2 cases, 1 apart: cannot be brought about: no upgrade has failed">`, "conforms, 1 of 2 cases, 1 apart", "not-applicable, 0 of 1 case, 1 apart"}, []string{"◐", `"partial"`}},
			"targets' Markdown": {[]string{"## ✓ conforms: 1 target\n", "| ✓ conforms, 1 of 2 cases, 1 apart |", "not-applicable, 0 of 1 case, 1 apart |"}, []string{"◐"}},
			"targets' GitHub":   {[]string{"::notice title=gesconform::conforms: 1 target\n"}, []string{"::warning"}},
		},
		"a partial run": {
			"terminal":          {[]string{"\x1b[1;33mpartial: conforms as far as exercised: 1 of 5 requirements\x1b[0m"}, nil},
			"ASCII":             {[]string{"partial: "}, nil},
			"page":              {[]string{`<header class="verdict" data-verdict="partial">`, `aria-hidden="true">◐</span><span>partial: `}, []string{`<header class="verdict" data-verdict="conforms">`}},
			"Markdown":          {[]string{"## ◐ partial: "}, []string{"## ✓"}},
			"GitHub":            {[]string{"::warning title=gesconform::partial: "}, []string{"::notice title=gesconform"}},
			"targets' terminal": {[]string{amber + "◐ partial\x1b[0m       a", "\x1b[1;33mpartial: ", amber + "◐ partial\x1b[0m           1 target"}, []string{green, "✓"}},
			"targets' page":     {[]string{`<header class="verdict" data-verdict="partial">`, `data-name="a" data-verdict="partial"><span class="pill" data-verdict="partial"><span aria-hidden="true">◐`}, []string{`<header class="verdict" data-verdict="conforms">`}},
			"targets' Markdown": {[]string{"## ◐ partial: ", "- ◐ `a`"}, []string{"## ✓", "- ✓"}},
			"targets' GitHub":   {[]string{"::warning title=gesconform::partial: "}, []string{"::notice"}},
		},
		"not judged": {
			"terminal":          {[]string{"\x1b[1;35mcould not judge: no connection\x1b[0m"}, []string{"✓", "◐", green}},
			"ASCII":             {[]string{"could not judge: "}, []string{"+ ", "~"}},
			"page":              {[]string{`<header class="verdict" data-verdict="error">`, `aria-hidden="true">?</span>`}, []string{"✓", "◐"}},
			"Markdown":          {[]string{"## ? could not judge"}, []string{"✓", "◐"}},
			"GitHub":            {[]string{"::error title=gesconform::could not judge"}, nil},
			"targets' terminal": {[]string{violet + "? error\x1b[0m         a", "\x1b[1;35mcould not judge: "}, []string{"✓", "◐", green}},
			"targets' page":     {[]string{`<td data-verdict="error" title="no connection">`, `data-name="a" data-verdict="error"`, `<span aria-hidden="true">?</span><span class="unseen">error`}, []string{"✓", "◐", "not-applicable"}},
			"targets' Markdown": {[]string{"- ? `a`", "| `upgrade.later` | MUST | ? error |"}, []string{"✓", "◐", "not-applicable"}},
			"targets' GitHub":   {[]string{"::error title=a::could not judge"}, nil},
		},
	}
	for decided, run := range decidedIn(t) {
		for view, text := range views(t, run) {
			e, listed := table[decided][view]
			if !listed {
				t.Errorf("%s, %s: expected it to be in the table", decided, view)
			}
			for _, want := range e.want {
				if !strings.Contains(text, want) {
					t.Errorf("%s, %s: expected %q in\n%s", decided, view, want, text)
				}
			}
			for _, never := range e.never {
				if strings.Contains(text, never) {
					t.Errorf("%s, %s: expected no %q in\n%s", decided, view, never, text)
				}
			}
		}
	}
}
