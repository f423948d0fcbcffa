package browser

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
)

// reportOf judges a fake with the command, and returns the URL of its report.html.
func reportOf(t *testing.T, options ...fakeserver.Option) string {
	t.Helper()
	return "file://" + filepath.Join(judged(t, nil, options...), result.PageFile)
}

// changedReportOf is like reportOf, but with known deviations, and with changes since a run
// against a fake without defects.
func changedReportOf(t *testing.T, options ...fakeserver.Option) string {
	t.Helper()
	const known = `
- case: upgradeGraph/body/upgrade_version/not-later-older-zero
  reason: versions that begin with 0 are internal, and may be installed again
  ticket: GES-17
  expires: 9999-12-31
- requirement: upgrade.job-id
  reason: the job has no id before it has begun
  ticket: GES-4
  expires: 2025-06-30
- case: upgradeGraph/method/put
  reason: the gateway redirected it
  ticket: GES-9
  expires: 9999-12-31
`
	expect := filepath.Join(t.TempDir(), "known.yaml")
	if err := os.WriteFile(expect, []byte(known), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--ticket", "CHG-2031", "--expect", expect, "--baseline", filepath.Join(judged(t, nil), result.ResultsFile)}
	return "file://" + filepath.Join(judged(t, args, options...), result.PageFile)
}

// judged judges a fake with the command and returns the output folder.
func judged(t *testing.T, args []string, options ...fakeserver.Option) string {
	t.Helper()
	f := start(t, options...)
	var env bytes.Buffer
	if err := f.Fixtures().WriteEnv(&env, f.url); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	run := exec.CommandContext(t.Context(), "go", "run", "./cmd/gesconform", "run", "--risk", "destructive", "--output", dir)
	run.Args = append(run.Args, args...)
	run.Dir = filepath.Join("..", "..")
	run.Env = os.Environ()
	for line := range strings.Lines(env.String()) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		run.Env = append(run.Env, name+"="+strings.Trim(value, "'"))
	}
	out, err := run.CombinedOutput()
	if _, missing := os.Stat(filepath.Join(dir, result.PageFile)); missing != nil {
		t.Fatalf("judge the fake: %v\n%s", err, out)
	}
	return dir
}

// worst returns a fake that breaks a MUST and a SHOULD.
func worst(t *testing.T) []fakeserver.Option {
	t.Helper()
	return []fakeserver.Option{
		fakeserver.WithDefect(lookUp(t, "older-version-accepted")), fakeserver.WithDefect(lookUp(t, "job-id-missing")),
	}
}

func TestReportPictures(t *testing.T) {
	bad, fine := changedReportOf(t, worst(t)...), reportOf(t)
	b := open(t)
	for name, look := range map[string][]chromedp.Action[chromedp.Void]{
		"report-light": {chromedp.EmulateViewport(1280, 900), scheme("light")},
		"report-dark":  {chromedp.EmulateViewport(1280, 900), scheme("dark")},
		"report-phone": {chromedp.EmulateViewport(390, 844, chromedp.EmulateScale(2)), scheme("light")},
	} {
		b.do(look...)
		for _, page := range []struct{ name, url string }{{"", bad}, {"-fine", fine}} {
			b.do(chromedp.Navigate(page.url))
			b.until(`!document.getElementById("filter").hidden`)
			b.glance(name + page.name + "-top")
			b.shoot(name + page.name)
			b.do(chromedp.Evaluate[chromedp.Void](`(document.querySelector(".row[data-verdict=deviates] details") || document.querySelector(".row details")).open = true`))
			for _, part := range []string{"requirements", "answers", "deviations", "known", "changes", "unexercised", "coverage", "observations", "latency"} {
				b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("` + part + `")?.scrollIntoView()`))
				b.glance(name + page.name + "-" + part)
			}
			if ask[bool](b, `document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
				t.Errorf("%s%s: expected nothing to be wider than the window", name, page.name)
			}
		}
	}
}

func TestReportAccessibility(t *testing.T) {
	rules, err := axe()
	if err != nil {
		t.Fatal(err)
	}
	if rules == "" {
		t.Skip("axe-core is not installed, and there is no npm to install it")
	}
	page := changedReportOf(t, worst(t)...)
	b := open(t)
	for _, name := range []string{"light", "dark"} {
		b.do(scheme(name), chromedp.Navigate(page), chromedp.Click(chromedp.CSS("#unfold")))
		b.expectAccessible(rules, name)
	}
}

func TestReportReadsWithoutScripts(t *testing.T) {
	page := reportOf(t, worst(t)...)
	b := open(t)
	b.do(call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	b.do(chromedp.Navigate(page))
	b.do(chromedp.WaitVisible(chromedp.CSS("#deviation-1 pre")), chromedp.WaitNotVisible(chromedp.CSS("#filter")))
	b.do(chromedp.Click(chromedp.CSS(".row[data-verdict=deviates] summary")), chromedp.WaitVisible(chromedp.CSS(".row[data-verdict=deviates] .cases")))
}

// The filter shows what matches, and can be used with the keyboard alone.
func TestReportFilter(t *testing.T) {
	page := reportOf(t, worst(t)...)
	b := open(t)
	b.do(chromedp.Navigate(page))
	shown := func(selector string) int {
		return ask[int](b, `document.querySelectorAll("`+selector+`:not([hidden])").length`)
	}
	search := func(text string) {
		b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("text").value = ""`), chromedp.SendKeys(chromedp.CSS("#text"), text))
	}
	whole := shown(".row")
	search("TARGET-LATER")
	b.until(`document.getElementById("count").textContent.startsWith("1 of ")`)
	if got := shown(".evidence"); got != 1 {
		t.Errorf("target-later: expected 1 finding, got %d", got)
	}
	search("upgrade_version/not-later-previous") // a case: its requirement opens, and shows only this case
	b.until(`document.querySelector(".row:not([hidden]) details[open] .cases > li:not([hidden])") !== null`)
	if got := shown(".row:not([hidden]) .cases > li"); got > 2 {
		t.Errorf("not-later-previous: expected the cases of that name, got %d", got)
	}
	search("nothing has this name")
	b.until(`document.getElementById("count").textContent.startsWith("0 of ")`)
	if got := shown(".lines tbody tr"); got != 0 {
		t.Errorf("nothing has this name: expected no line of a table, got %d", got)
	}
	search("upgrade.unknown-members") // a line of a table
	b.until(`document.getElementById("count").textContent.startsWith("1 of ")`)
	if got := shown("#observations .lines tbody tr"); got != 1 {
		t.Errorf("unknown-members: expected 1 observation, got %d", got)
	}
	search(" ")
	b.until(`document.getElementById("count").textContent === ""`)
	if got := shown(".row"); got != whole {
		t.Errorf("without a filter: expected %d requirements, got %d", whole, got)
	}
	b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("only").value = "deviates"; document.getElementById("only").dispatchEvent(new Event("change"))`))
	if got := shown(".row"); got == 0 || got == whole {
		t.Errorf("deviates: expected some of %d requirements, got %d", whole, got)
	}
}

// The report escapes what a server answers.
func TestReportOfHostileAnswersStaysText(t *testing.T) {
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	var results []judge.Result
	for i, text := range []string{
		`<script>window.owned=1</script>`, `"><img src=x onerror=window.owned=1>`, `</pre></article><svg onload=window.owned=1>`,
		`</script><script>window.owned=1</script>`, `</style><style>body{display:none}</style>`, `javascript:window.owned=1`,
	} {
		f := judge.Finding{Requirement: "upgrade.target-later", Level: contract.Must, Verdict: judge.Deviates, Got: text, Hint: text, Lawful: []string{text}}
		x := exchange.Exchange{
			Sequence: i + 1, Case: text, Duration: time.Millisecond, URL: "http://127.0.0.1/" + text,
			Request: contract.Request{Method: text, Path: "/" + text, Header: map[string][]string{text: {text}}, Body: []byte(text)},
			Answer:  &contract.Answer{Status: 400, Header: map[string][]string{text: {text}}, Body: []byte(`{"error_code":"` + text + `"}` + text)},
		}
		results = append(results, judge.Result{
			Case: "upgradeGraph/" + text + "/" + text, Operation: text, Requirement: "upgrade.target-later", Verdict: judge.Deviates, Reason: text, Aim: text,
			Findings: []judge.Finding{f}, Exchanges: []exchange.Exchange{x},
		})
	}
	run := result.Summarise(c, result.Run{Notes: []string{results[0].Reason}}, results)
	dir := t.TempDir()
	if err := evidence.WriteDir(dir, run); err != nil {
		t.Fatal(err)
	}
	b := open(t)
	b.do(chromedp.Navigate("file://"+filepath.Join(dir, result.PageFile)), chromedp.Click(chromedp.CSS("#unfold")))
	if ask[bool](b, `window.owned !== undefined || document.querySelector("img") !== null || document.querySelectorAll("script").length !== 1 || document.querySelectorAll("style").length !== 1`) {
		t.Error("expected text from a server to be escaped")
	}
	if got := ask[int](b, `document.querySelectorAll("#deviations article").length`); got != len(results) {
		t.Errorf("expected %d deviations, got %d", len(results), got)
	}
	b.shoot("report-hostile")
}

// The map of cases can be used with the keyboard alone: one tile is reached with Tab, arrow
// keys move, and Enter leads to the case, whose requirement opens.
func TestReportTiles(t *testing.T) {
	page := reportOf(t, worst(t)...)
	b := open(t)
	b.do(chromedp.Navigate(page))
	b.until(`!document.getElementById("filter").hidden`)
	if got := ask[int](b, `document.querySelectorAll('.map a.tile:not([tabindex="-1"])').length`); got != 1 {
		t.Errorf("expected that Tab reaches one tile, got %d", got)
	}
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('.map a.tile[tabindex="0"]').focus()`))
	focused := func() string { return ask[string](b, `document.activeElement.title`) }
	first := focused()
	b.do(chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.End))
	if last := focused(); last == first || last == "" {
		t.Errorf("expected another tile than %q, got %q", first, last)
	}
	b.do(chromedp.KeyEvent(kb.Home))
	if again := focused(); again != first {
		t.Errorf("expected %q again, got %q", first, again)
	}
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelector(".cases > li:target")?.closest("details").open === true`)
	if got := ask[string](b, `document.querySelector(".cases > li:target .id").textContent`); !strings.HasPrefix(first, got+": ") {
		t.Errorf("expected the case of the tile %q, got %q", first, got)
	}
	b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("only").value = "deviates"; document.getElementById("only").dispatchEvent(new Event("change"))`))
	if got := ask[bool](b, `Array.from(document.querySelectorAll(".tiles li:not([hidden]) a")).every((a) => a.dataset.verdict === "deviates")`); !got {
		t.Error("expected only tiles that deviate")
	}
}
