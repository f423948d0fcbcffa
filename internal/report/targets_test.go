package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
)

// sampleTargets is three targets: one that deviates, one that conforms as far as
// exercised, and one that was not reached.
func sampleTargets(t *testing.T) *Targets {
	t.Helper()
	c := contractOf(t)
	fine := []judge.Result{caseResult("upgradeGraph/version/equal", "upgrade.later", judge.Conforms, "", found("upgrade.later", contract.Must, judge.Conforms, "400"))}
	away := Run{Failure: "no connection: <b>refused</b>", Target: Target{Endpoint: "https://away.example.com"}}
	f := &Targets{}
	f.Add("cn-south-1", "cn-south-1", Summarise(c, Run{}, fine))
	f.Add("cn-north-4", "cn-north-4", sampleRun(t))
	f.Add("away", "away", Summarise(c, away, nil))
	f.Conclude()
	return f
}

func TestTargetsVerdicts(t *testing.T) {
	c := contractOf(t)
	broken, unjudged := sampleRun(t), Summarise(c, Run{Failure: "no connection"}, nil)
	partial := Summarise(c, Run{}, []judge.Result{caseResult("a", "upgrade.later", judge.Conforms, "", found("upgrade.later", contract.Must, judge.Conforms, "400"))})
	var every []judge.Result
	for _, r := range partial.Requirements {
		every = append(every, caseResult(r.ID, r.ID, judge.Conforms, "", found(r.ID, r.Level, judge.Conforms, "400")))
	}
	whole := Summarise(c, Run{}, every)
	stopped := Summarise(c, Run{Interrupted: true}, every)
	for name, tt := range map[string]struct {
		runs     []Run
		verdict  judge.Verdict
		headline string
		statuses []int
	}{
		"none":           {nil, judge.Conforms, "nothing to do: there is no target", nil},
		"all conform":    {[]Run{whole, whole}, judge.Conforms, "conforms: 2 targets", []int{0, 0}},
		"one in part":    {[]Run{whole, partial}, judge.Conforms, "partial: conforms as far as exercised: 2 targets", []int{0, 0}},
		"one not judged": {[]Run{whole, unjudged}, judge.Error, "could not judge: 1 of 2 targets", []int{0, 2}},
		"one deviates":   {[]Run{unjudged, broken, whole}, judge.Deviates, "deviates: 1 of 3 targets; 1 could not be judged", []int{2, 1, 0}},
		"interrupted":    {[]Run{whole, stopped}, judge.Conforms, "partial: conforms as far as exercised: 2 targets (interrupted)", []int{0, 130}},
	} {
		f := &Targets{}
		for i, run := range tt.runs {
			f.Add(fmt.Sprint(i), "", run)
		}
		f.Conclude()
		var statuses []int
		for _, target := range f.Targets {
			statuses = append(statuses, target.ExitStatus)
		}
		if f.Verdict != tt.verdict || f.Headline != tt.headline || !slices.Equal(statuses, tt.statuses) {
			t.Errorf("%s: expected %s, %q, %v; got %s, %q, %v", name, tt.verdict, tt.headline, tt.statuses, f.Verdict, f.Headline, statuses)
		}
	}
}

func TestTargetsWithoutAShard(t *testing.T) {
	f := &Targets{Failure: "missing shards: 1/4"}
	f.Conclude()
	if f.Verdict != judge.Error || f.Headline != "could not judge: missing shards: 1/4" {
		t.Errorf("expected no verdict, got %s, %q", f.Verdict, f.Headline)
	}
}

func TestTargetsOfAShardSaysSo(t *testing.T) {
	f := &Targets{Shard: "1/4"}
	f.Conclude()
	if want := "nothing to do: there is no target (shard 1/4)"; f.Headline != want {
		t.Errorf("expected %q, got %q", want, f.Headline)
	}
}

// Requirements keep the order of the contract, and one that a single target
// bears on stands where it stood there.
func TestTargetsRequirements(t *testing.T) {
	f := &Targets{}
	run := func(ids ...string) Run {
		var r Run
		for _, id := range ids {
			r.Requirements = append(r.Requirements, Requirement{ID: id, Verdict: judge.Conforms})
		}
		return r
	}
	f.Add("a", "a", run("1", "3"))
	f.Add("b", "b", run("1", "2", "3", "4"))
	var ids []string
	for _, r := range f.Requirements {
		ids = append(ids, r.ID)
	}
	if !slices.Equal(ids, []string{"1", "2", "3", "4"}) {
		t.Errorf("expected the order of the runs, got %v", ids)
	}
	if _, asked := f.Requirements[1].Targets["a"]; asked {
		t.Error("a target that was not asked has a verdict")
	}
	cells := newTargetsPage(f).Cells(&f.Requirements[2])
	if cells[0].Href != "a/report.html#requirement-2" || cells[1].Href != "b/report.html#requirement-3" {
		t.Errorf("expected links to each target's own page, got %+v", cells)
	}
}

func TestWriteTargets(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	f := sampleTargets(t)
	if err := WriteTargets(dir, f); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{MatrixPageFile, MatrixFile, MatrixSummaryFile}) {
		t.Errorf("files: %v", got)
	}
	text, err := os.ReadFile(filepath.Join(dir, MatrixFile))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Verdict, Headline string
		Targets           []struct {
			Name, Folder, Verdict, Headline string
			ExitStatus                      int `json:"exit_status"`
		}
		Requirements []struct {
			ID      string
			Targets map[string]struct{ Verdict, Reason string }
		}
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Verdict != "deviates" || len(got.Targets) != 3 || got.Targets[0].Name != "away" || got.Targets[0].ExitStatus != 2 || got.Targets[1].ExitStatus != 1 || got.Targets[2].ExitStatus != 0 || got.Targets[1].Folder != "cn-north-4" {
		t.Errorf("expected the targets by name with their exit statuses, got %+v", got)
	}
	later := got.Requirements[slices.IndexFunc(f.Requirements, func(r Row) bool { return r.ID == "upgrade.later" })]
	if later.Targets["cn-north-4"].Verdict != "deviates" || later.Targets["cn-south-1"].Verdict != "conforms" || later.Targets["away"].Reason != noCaseSelected {
		t.Errorf("expected the verdicts by target, got %+v", later)
	}
	if err := RemoveTargets(dir); err != nil || len(names(t, dir)) != 0 {
		t.Errorf("expected nothing to be left, got %v, %v", names(t, dir), err)
	}
}

func TestTargetsText(t *testing.T) {
	var b bytes.Buffer
	f := sampleTargets(t)
	text := NewTargetsText(&b, TextOptions{}, []string{"away", "cn-north-4"})
	if err := text.Target(f.Targets[0], filepath.Join("out", "away")); err != nil {
		t.Fatal(err)
	}
	if err := text.Total(f); err != nil {
		t.Fatal(err)
	}
	want := "? error         away        could not judge: no connection: <b>refused</b>  out/away\n" +
		"\ndeviates: 1 of 3 targets; 1 could not be judged\n" +
		"\n  ✓ conforms          1 target\n  ✗ deviates          1 target\n  ? error             1 target\n" +
		"\nbroken\n  ✗ deviates      MUST    upgrade.later   cn-north-4\n  ! advisory      SHOULD  upgrade.advice  cn-north-4\n"
	if b.String() != want {
		t.Errorf("expected\n%s\ngot\n%s", want, b.String())
	}
}

// On a terminal a target has one line.
func TestTargetsTextIsCut(t *testing.T) {
	var b bytes.Buffer
	if err := NewTargetsText(&b, TextOptions{Width: 60}, []string{"a"}).Target(TargetSummary{Name: "a", Verdict: judge.Error, Headline: strings.Repeat("word ", 40)}, "out/a"); err != nil {
		t.Fatal(err)
	}
	if line := []rune(strings.TrimSuffix(b.String(), "\n")); len(line) != 60 || !strings.HasSuffix(string(line), "…  out/a") {
		t.Errorf("expected a line of 60 characters that ends with the folder, got %d: %q", len(line), string(line))
	}
}

func TestTargetsMarkdown(t *testing.T) {
	var b bytes.Buffer
	if err := WriteTargetsMarkdown(&b, sampleTargets(t)); err != nil {
		t.Fatal(err)
	}
	inOrder(t, b.String(), "## ✗ deviates: 1 of 3 targets; 1 could not be judged", "### Targets", "✗ `cn-north-4`: `deviates: 1 of 5", "? `away`: `could not judge: no connection: <b>refused</b>`",
		"### Broken requirements", "`upgrade.later` (MUST) at `cn-north-4`", "| requirement | level | `away` | `cn-north-4` | `cn-south-1` |", "| `upgrade.later` | MUST | - not-applicable | ✗ deviates | ✓ conforms |")
	many := &Targets{}
	for i := range 1000 {
		many.Add(fmt.Sprintf("target-%04d-%s", i, strings.Repeat("x", 80)), "x", sampleRun(t))
	}
	many.Conclude()
	b.Reset()
	if err := WriteTargetsMarkdown(&b, many); err != nil || b.Len() > 64<<10 {
		t.Errorf("expected at most 64 KiB, got %d, %v", b.Len(), err)
	}
	inOrder(t, b.String(), "1000 are left out here; matrix.html and matrix.json have them all.", "and 992 more")
}

// The page says each verdict in words, leads to each target's page, and takes
// what targets have sent for text.
func TestTargetsPage(t *testing.T) {
	var b bytes.Buffer
	f := sampleTargets(t)
	f.Notes = []string{`<script>owned()</script>`}
	if err := WriteTargetsHTML(&b, f); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	inOrder(t, page, "<h1>", "deviates: 1 of 3 targets", `<a class="id" href="#row-0">upgrade.later</a>`, `id="targets"`, `<th scope="col" class="corner">`, `id="row-0"`, `<th scope="row"><span class="id">upgrade.later`,
		`<td data-verdict="deviates"><a href="cn-north-4/report.html#requirement-1"><span aria-hidden="true">✗</span><span class="unseen">deviates</span></a>`)
	if strings.Count(page, "<script") != 1 || strings.Contains(page, "<b>refused") || !strings.Contains(page, "&lt;b&gt;refused") {
		t.Error("expected what a target has sent to be text")
	}
	if found := regexp.MustCompile(`(?i)(src|href)="(https?:|/)[^"]*"`).FindString(page); found != "" {
		t.Errorf("expected no reference to elsewhere, got %s", found)
	}
	if cells := strings.Count(page, "<td data-verdict="); cells != 3*len(f.Requirements) {
		t.Errorf("expected a cell for each requirement and target, got %d", cells)
	}
}

// The page says when the targets were judged, by what and with what.
func TestTargetsPageHasItsFacts(t *testing.T) {
	f := sampleTargets(t)
	f.Tool, f.Started, f.Duration = Tool{Name: "gesconform"}, time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC), 90*time.Second
	var b bytes.Buffer
	if err := WriteTargetsHTML(&b, f); err != nil {
		t.Fatal(err)
	}
	inOrder(t, between(t, b.String(), `<dl class="facts">`, "</dl>"), "2025-06-01 12:00:00 UTC, took 1m30s", "sample.yaml 1.2.3", "gesconform")
}

// What was known keeps its verdict, but no requirement is broken by it.
func TestTargetsKnowsWhatIsExpected(t *testing.T) {
	f := &Targets{}
	f.Add("known", "known", expected(t, nil, entry("requirement: answer.json", because), entry("requirement: upgrade.target-later", because)))
	f.Add("not", "not", expected(t, nil, entry("requirement: answer.json", because)))
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
	inOrder(t, page.String(), "<h2>Broken</h2>", "upgrade.target-later", "at 1 target", `title="known: OPS-1"`)
	if row := between(t, page.String(), "<h2>Broken</h2>", "</div>"); strings.Contains(row, "answer.json") {
		t.Errorf("expected what is known not to be broken, got %s", row)
	}
}

// merge calls a target as its folder is called, which may be called anything.
func TestTargetsOfOddNames(t *testing.T) {
	f := &Targets{}
	f.Add("a|b\x1b[2J", "x", sampleRun(t))
	f.Conclude()
	var text, summary bytes.Buffer
	w := NewTargetsText(&text, TextOptions{}, []string{f.Targets[0].Name})
	if err := errors.Join(w.Target(f.Targets[0], ""), w.Total(f), WriteTargetsMarkdown(&summary, f)); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsRune(text.String(), '\x1b') {
		t.Errorf("expected no command to the terminal, got %q", &text)
	}
	inOrder(t, summary.String(), "| requirement | level | `a\\|b\\x1b[2J` |\n|---|---|---|\n")
}

// A shard of the cases never passes for the whole, nor fails for what the others
// have.
func TestShardOfCasesIsInPart(t *testing.T) {
	c := contractOf(t)
	for name, tt := range map[string]struct {
		results  []judge.Result
		headline string
	}{
		"nothing applies": {[]judge.Result{caseResult("a", "upgrade.later", judge.NotApplicable, "no fixture")}, "partial: conforms as far as exercised: 0 of 5 requirements (shard 1/4)"},
		"one deviates":    {sampleResults()[:1], "deviates: 1 of 5 requirements is broken (shard 1/4)"},
	} {
		run := Summarise(c, Run{Shard: "1/4"}, tt.results)
		if run.Headline != tt.headline || run.Failure != "" || !run.Partial {
			t.Errorf("%s: expected %q, got %q, failure %q, partial %t", name, tt.headline, run.Headline, run.Failure, run.Partial)
		}
	}
}
