package report

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestTargetsText(t *testing.T) {
	var b bytes.Buffer
	f := resulttest.Targets(t)
	text := NewTargetsText(&b, TextOptions{}, []string{"away", "cn-north-4"})
	if err := text.Target(f.Targets[0], filepath.Join("out", "away")); err != nil {
		t.Fatal(err)
	}
	if err := text.Total(f); err != nil {
		t.Fatal(err)
	}
	want := "? error         away        could not judge: no connection: <b>refused</b>  out/away\n" +
		"\ndeviates: 1 of 3 targets; 1 could not be judged\n" +
		"\n  ✗ deviates          1 target\n  ? error             1 target\n  ◐ partial           1 target\n" +
		"\nbroken\n  ✗ deviates      MUST    upgrade.later   cn-north-4\n  ! advisory      SHOULD  upgrade.advice  cn-north-4\n"
	if b.String() != want {
		t.Errorf("expected\n%s\ngot\n%s", want, b.String())
	}
}

func TestTargetsTextIsCut(t *testing.T) {
	var b bytes.Buffer
	if err := NewTargetsText(&b, TextOptions{Width: 60}, []string{"a"}).Target(result.TargetSummary{Name: "a", Verdict: judge.Error, Headline: strings.Repeat("word ", 40)}, "out/a"); err != nil {
		t.Fatal(err)
	}
	if line := []rune(strings.TrimSuffix(b.String(), "\n")); len(line) != 60 || !strings.HasSuffix(string(line), "…  out/a") {
		t.Errorf("expected a line of 60 characters that ends with the folder, got %d: %q", len(line), string(line))
	}
}

func TestTargetsMarkdown(t *testing.T) {
	var b bytes.Buffer
	if err := WriteTargetsMarkdown(&b, resulttest.Targets(t)); err != nil {
		t.Fatal(err)
	}
	inOrder(t, b.String(), "## ✗ deviates: 1 of 3 targets; 1 could not be judged", "### Targets", "✗ `cn-north-4`: `deviates: 1 of 5", "? `away`: `could not judge: no connection: <b>refused</b>`",
		"### Broken requirements", "`upgrade.later` (MUST) at `cn-north-4`", "| requirement | level | `away` | `cn-north-4` | `cn-south-1` |", "| `upgrade.later` | MUST | ? error | ✗ deviates, 2 of 3 cases | ✓ conforms |")
	many := &result.Targets{}
	for i := range 1000 {
		many.Add(fmt.Sprintf("target-%04d-%s", i, strings.Repeat("x", 80)), "x", resulttest.Run(t))
	}
	many.Conclude()
	b.Reset()
	if err := WriteTargetsMarkdown(&b, many); err != nil || b.Len() > 64<<10 {
		t.Errorf("expected at most 64 KiB, got %d, %v", b.Len(), err)
	}
	inOrder(t, b.String(), "1000 are omitted here; matrix.html and matrix.json have all of them.", "and 992 more")
}

func TestTargetsPage(t *testing.T) {
	var b bytes.Buffer
	f := resulttest.Targets(t)
	f.Notes = []string{`<script>owned()</script>`}
	if err := WriteTargetsHTML(&b, f); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	inOrder(t, page, "<h1>", "deviates: 1 of 3 targets", `<a class="id" href="#row-0">upgrade.later</a>`, `id="targets"`, `<th scope="col" class="corner">`, `id="row-0"`, `<th scope="row"><span class="id">upgrade.later`,
		`<td data-verdict="deviates" title="2 of 3 cases"><a href="cn-north-4/report.html#requirement-1"><span aria-hidden="true">✗</span><span class="unseen">deviates, 2 of 3 cases</span></a>`)
	if strings.Count(page, "<script") != 1 || strings.Contains(page, "<b>refused") || !strings.Contains(page, "&lt;b&gt;refused") {
		t.Error("expected text from a target to be escaped")
	}
	if found := regexp.MustCompile(`(?i)(src|href)="(https?:|/)[^"]*"`).FindString(page); found != "" {
		t.Errorf("expected no reference to elsewhere, got %s", found)
	}
	if cells := strings.Count(page, "<td data-verdict="); cells != 3*len(f.Requirements) {
		t.Errorf("expected a cell for each requirement and target, got %d", cells)
	}
}

func TestTargetsPageHasItsFacts(t *testing.T) {
	f := resulttest.Targets(t)
	f.Tool, f.Started, f.Duration = result.Tool{Name: "gesconform"}, time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC), 90*time.Second
	var b bytes.Buffer
	if err := WriteTargetsHTML(&b, f); err != nil {
		t.Fatal(err)
	}
	inOrder(t, between(t, b.String(), `<section id="run"`, "</main>"), "2025-06-01 12:00:00 UTC, took 1m30s", "Digests", "gesconform", "sample.yaml 1.2.3")
}

func TestTargetsKnowsWhatIsExpected(t *testing.T) {
	f := &result.Targets{}
	f.Add("known", "known", resulttest.Known(t, nil, resulttest.Entry("requirement: answer.json", resulttest.Because), resulttest.Entry("requirement: upgrade.target-later", resulttest.Because)))
	f.Add("not", "not", resulttest.Known(t, nil, resulttest.Entry("requirement: answer.json", resulttest.Because)))
	f.Conclude()
	var text, summary, page bytes.Buffer
	if err := errors.Join(NewTargetsText(&text, TextOptions{}, nil).Total(f), WriteTargetsMarkdown(&summary, f), WriteTargetsHTML(&page, f)); err != nil {
		t.Fatal(err)
	}
	if _, broken, _ := strings.Cut(text.String(), "\nbroken\n"); broken != "  ✗ deviates      MUST    upgrade.target-later  not\n" {
		t.Errorf("expected one that is broken, got\n%s", broken)
	}
	inOrder(t, summary.String(), "### Broken requirements\n\n- ✗ `upgrade.target-later` (MUST) at `not`\n\n",
		"| `upgrade.target-later` | MUST | ✗ deviates (known) | ✗ deviates |", "| `answer.json` | MUST | ✗ deviates (known) | ✗ deviates (known) |")
	inOrder(t, page.String(), "<h2>Broken</h2>", "upgrade.target-later", "at 1 target", `title="3 of 3 cases; known: OPS-1"`)
	if row := between(t, page.String(), "<h2>Broken</h2>", "</div>"); strings.Contains(row, "answer.json") {
		t.Errorf("expected a known deviation not to be listed as broken, got %s", row)
	}
}

func TestTargetsOfOddNames(t *testing.T) {
	f := &result.Targets{}
	f.Add("a|b\x1b[2J", "x", resulttest.Run(t))
	f.Conclude()
	var text, summary bytes.Buffer
	w := NewTargetsText(&text, TextOptions{}, []string{f.Targets[0].Name})
	if err := errors.Join(w.Target(f.Targets[0], ""), w.Total(f), WriteTargetsMarkdown(&summary, f)); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsRune(text.String(), '\x1b') {
		t.Errorf("expected no terminal escapes, got %q", &text)
	}
	inOrder(t, summary.String(), "| requirement | level | `a\\|b\\x1b[2J` |\n|---|---|---|\n")
}

// A cell links to the requirement in the target's report.html.
func TestTargetsPageLeadsToTheTargets(t *testing.T) {
	f := &result.Targets{}
	for name, ids := range map[string][]string{"a": {"1", "3"}, "b": {"1", "2", "3", "4"}} {
		var run result.Run
		for _, id := range ids {
			run.Requirements = append(run.Requirements, result.Requirement{ID: id, Verdict: judge.Conforms})
		}
		f.Add(name, name, run)
	}
	f.Conclude()
	at := slices.IndexFunc(f.Requirements, func(r result.Row) bool { return r.ID == "3" })
	cells := digestOfTargets(f).Rows()[at].Cells
	if cells[0].Href != "a/report.html#requirement-2" || cells[1].Href != "b/report.html#requirement-3" {
		t.Errorf("expected links to each target's own page, got %+v", cells)
	}
}
