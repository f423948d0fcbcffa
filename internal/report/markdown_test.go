package report

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

const longestSummary = 64 << 10

func summaryOf(t *testing.T, run result.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteMarkdown(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSummaryGolden(t *testing.T) {
	checkGolden(t, "summary.golden.md", []byte(summaryOf(t, resulttest.Run(t))))
}

func TestSummaryOfRuns(t *testing.T) {
	for name, tc := range map[string]struct {
		run  result.Run
		want []string
	}{
		"nothing at all": {result.Run{}, []string{"## "}},
		"no results":     {result.Summarise(resulttest.Contract(t), result.Run{}, nil), []string{"## ? could not judge\n\n`no case was selected`", "### Not exercised\n\n- **4**: `no case was selected`: `upgrade.later`"}},
		"interrupted": {
			result.Summarise(resulttest.Contract(t), result.Run{Interrupted: true, Failure: "it was ended"}, resulttest.Results()),
			[]string{"is broken (interrupted)", "Part of it could not be judged: `it was ended`"},
		},
		"strict": {
			result.Summarise(resulttest.Contract(t), result.Run{Target: result.Target{Strict: true}}, resulttest.Results()),
			[]string{"2 of 5 requirements are broken", "#### `upgrade.advice` (SHOULD)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := summaryOf(t, tc.run)
			for _, want := range tc.want {
				if !strings.Contains(got, want) {
					t.Errorf("expected %q in\n%s", want, got)
				}
			}
		})
	}
}

func TestSummaryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("reports 5000 deviations; the whole test runs without -short")
	}
	long := strings.Repeat("`|<x>", 4000)
	requirements := manyResults()
	for i := range requirements { // every case breaks a requirement of its own
		id := fmt.Sprintf("made.up-%d", i)
		requirements[i].Requirement, requirements[i].Findings[0].Requirement = id, id
	}
	all := slices.Clone(requirements)
	for i := range 500 { // each of its own kind
		id, reason := fmt.Sprintf("case-%d", i), fmt.Sprint(i, long[:1000])
		all = append(all, resulttest.Case(id, "upgrade.effect", judge.Error, reason), resulttest.Case(id, "upgrade.advice", judge.Advisory, "",
			resulttest.Finding("upgrade.advice", contract.Should, judge.Advisory, reason)))
	}
	whole := result.Summarise(resulttest.Contract(t), result.Run{Notes: strings.Split(strings.Repeat(long+"\n", 500), "\n")}, all)
	whole.Coverage = &result.Coverage{Operations: []result.OperationCoverage{{Codes: result.Share{Missing: []result.Reason{{Reason: long, Names: []string{long}}}}}}}
	whole.Graph = &result.Graph{}
	changes := result.Comparison{}
	for range 500 {
		whole.Expectations = append(whole.Expectations, result.Expectation{Case: long[:1000], Reason: long[:1000], State: result.Gone})
		whole.Graph.UnknownJobs = append(whole.Graph.UnknownJobs, ges.Job{ID: long[:1000], Name: long[:1000]})
		for _, class := range []result.Class{result.NewDeviation, result.Mended, result.VerdictChanged, result.ObservationChanged, result.OnlyHere, result.OnlyThere} {
			changes.Changes = append(changes.Changes, result.Change{Class: class, Case: long})
		}
	}
	whole.Comparison = &changes
	for name, run := range map[string]result.Run{
		"all of it":         whole,
		"many failures":     result.Summarise(resulttest.Contract(t), result.Run{}, manyResults()),
		"many requirements": result.Summarise(resulttest.Contract(t), result.Run{}, requirements),
		"long texts":        hostileRun(t, long),
		"many notes":        result.Summarise(resulttest.Contract(t), result.Run{Notes: strings.Split(strings.Repeat(long+"\n", 500), "\n")}, nil),
	} {
		if got := summaryOf(t, run); len(got) > longestSummary || len(got) < 500 {
			t.Errorf("%s: expected at most %d bytes, got %d", name, longestSummary, len(got))
		}
	}
	got := summaryOf(t, result.Summarise(resulttest.Contract(t), result.Run{}, requirements))
	if !regexp.MustCompile(`\n\d+ of 5000 are omitted here; report\.html and results\.json have all of them\.\n`).MatchString(got) {
		t.Errorf("expected that it says how many items were omitted, got the end\n%s", got[len(got)-500:])
	}
}

func TestSummaryLeavesOutALongCurlLine(t *testing.T) {
	results := resulttest.Results()
	results[1].Exchanges[0].URL += strings.Repeat("/x", 4000)
	if got := summaryOf(t, result.Summarise(resulttest.Contract(t), result.Run{}, results)); !strings.Contains(got, "bytes); it is in report.html") || strings.Contains(got, "/x/x/x") {
		t.Errorf("expected no curl command, got\n%s", got)
	}
}

// outsideCode removes the code blocks and spans from Markdown, by the rules of CommonMark.
func outsideCode(text string) string {
	var prose strings.Builder
	fence := ""
	opening := regexp.MustCompile("^(`{3,})[^`]*$")
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		m := opening.FindStringSubmatch(line)
		switch {
		case fence != "":
			if closing := strings.TrimRight(line, " "); strings.Trim(closing, "`") == "" && len(closing) >= len(fence) {
				fence = ""
			}
		case m != nil:
			fence = m[1]
		default:
			prose.WriteString(withoutSpans(line) + "\n")
		}
	}
	return prose.String()
}

func withoutSpans(line string) string {
	ticks := regexp.MustCompile("\\\\`|`+")
	kept := ""
	for {
		at := ticks.FindStringIndex(line)
		if at == nil {
			return kept + line
		}
		run := line[at[0]:at[1]]
		kept, line = kept+line[:at[0]], line[at[1]:]
		if run == "\\`" {
			continue
		}
		for _, end := range regexp.MustCompile("`+").FindAllStringIndex(line, -1) {
			if end[1]-end[0] == len(run) {
				line = line[end[1]:]
				break
			}
		}
	}
}

// Text from the target is only in code, and in no table.
func TestSummaryKeepsHostileTextInCode(t *testing.T) {
	more := []string{
		"```\n# OWNED\n```", "`````\nOWNED", "` OWNED `` ", "``` OWNED", "| OWNED | OWNED |\n|---|---|", "<img src=OWNED>", "\n\n# OWNED\n", "[OWNED](http://OWNED)",
		"@OWNED", "\r\r# OWNED", "\u2028# OWNED", "~~~\nOWNED", "\\` OWNED", "</details>OWNED", "::error::OWNED", "$`OWNED`$",
	}
	for _, payload := range more {
		run := hostileRun(t, payload)
		for i := range run.Requirements { // their texts come from the contract
			run.Requirements[i].Text = "A sentence."
		}
		for _, verdict := range []judge.Verdict{judge.Error, judge.Deviates} {
			run.Verdict = verdict
			if verdict == judge.Deviates {
				run.Headline = "deviates: 1 of 5 requirements is broken"
			}
			text := summaryOf(t, run)
			if left := outsideCode(text); strings.Contains(left, "OWNED") {
				t.Errorf("%q: expected it in code only, got\n%s\nof\n%s", payload, left, text)
			}
			for line := range strings.Lines(text) {
				if strings.HasPrefix(line, "|") && strings.Contains(line, "OWNED") {
					t.Errorf("%q: expected it in no table, got %s", payload, line)
				}
			}
		}
	}
}

func TestCode(t *testing.T) {
	for s, want := range map[string]string{
		"": "(nothing)", "plain": "`plain`", "a `b` c": "``a `b` c``", "``x": "``` ``x ```", "`": "`` ` ``", "a\n\nb": "`a b`", "\x1b[2J": "`\\x1b[2J`",
	} {
		if got := code(s); got != want {
			t.Errorf("%q: expected %q, got %q", s, want, got)
		}
	}
	if got := code(strings.Repeat("ü", 1000)); got != "`"+strings.Repeat("ü", summaryLine-1)+"…`" {
		t.Errorf("expected it to be cut, got %q", got)
	}
}

func TestProse(t *testing.T) {
	const sentence = "a_b *c* <i> [d](e) | `f` & # ! ~ \\"
	if got, want := prose(sentence), "a\\_b \\*c\\* \\<i\\> \\[d\\](e) \\| \\`f\\` \\& \\# \\! \\~ \\\\"; got != want {
		t.Errorf("expected %q, got %q", want, got)
	}
}

func commandsOf(t *testing.T, run result.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteGitHub(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGitHubGolden(t *testing.T) {
	checkGolden(t, "github.golden", []byte(commandsOf(t, resulttest.Run(t))))
}

func TestGitHubEscapes(t *testing.T) {
	for _, payload := range []string{"100%\r\n::error title=x::OWNED", "\n::stop-commands::x", "a,b:c%3A"} {
		run := hostileRun(t, payload)
		for line := range strings.Lines(commandsOf(t, run)) {
			if !regexp.MustCompile(`^::(error|warning|notice) title=[^:,\r\n]*::[^\r\n]*\n$`).MatchString(line) {
				t.Errorf("%q: expected one command a line, got %q", payload, line)
			}
			if strings.Contains(strings.NewReplacer("%25", "", "%0A", "", "%0D", "", "%3A", "", "%2C", "").Replace(line), "%") {
				t.Errorf("%q: expected every %% to be escaped, got %q", payload, line)
			}
		}
	}
	var b commands
	b.add("error", "a: b, 100%", "50%", "c: d, e")
	if want := "::error title=a%3A b%2C 100%25::50%25%0Ac: d, e\n"; b.String() != want {
		t.Errorf("expected %q, got %q", want, b.String())
	}
}

func TestGitHubSaysWhatWasNotJudged(t *testing.T) {
	const want = "::error title=gesconform::could not judge: no case was selected\n::notice title=gesconform::could not judge: no case was selected\n"
	if got := commandsOf(t, result.Summarise(resulttest.Contract(t), result.Run{}, nil)); got != want {
		t.Errorf("expected %q, got %q", want, got)
	}
	f := resulttest.Finding("upgrade.advice", contract.Should, judge.Advisory, "200")
	run := result.Summarise(resulttest.Contract(t), result.Run{Target: result.Target{Strict: true}}, []judge.Result{resulttest.Case("a/b", "upgrade.advice", judge.Advisory, "", f)})
	if got := commandsOf(t, run); !strings.HasPrefix(got, "::error title=upgrade.advice (SHOULD)::") {
		t.Errorf("strict: expected an error for a SHOULD, got %q", got)
	}
}
