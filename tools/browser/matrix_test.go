package browser

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
)

// matrixOf writes the matrix of n targets, and returns its URL. Every third target deviates, and
// the last one could not be reached.
func matrixOf(t *testing.T, targets int) string {
	t.Helper()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	f := &result.Targets{Notes: []string{`<script>window.owned=1</script>`}}
	for i := range targets {
		name := fmt.Sprintf("region-%02d", i)
		run := result.Run{Target: result.Target{Endpoint: "https://ges." + name + ".example.com", Risk: "inert"}}
		var results []judge.Result
		for j, r := range c.RequirementsFor(contract.Server) {
			finding := judge.Finding{Requirement: r.ID, Level: r.Level, Verdict: judge.Conforms, Got: "400"}
			switch {
			case i%3 == 1 && j%17 == 3 && r.Level == contract.Must:
				finding.Verdict = judge.Deviates
			case i%3 == 1 && r.Level == contract.Should:
				finding.Verdict = judge.Advisory
			case r.Level == contract.May:
				finding.Verdict = judge.Observed
			case j%5 == 4:
				results = append(results, judge.Result{Case: r.ID, Requirement: r.ID, Verdict: judge.NotApplicable, Reason: "needs --risk destructive"})
				continue
			}
			results = append(results, judge.Result{Case: r.ID, Requirement: r.ID, Verdict: finding.Verdict, Findings: []judge.Finding{finding}})
		}
		if i == targets-1 {
			run.Failure, results = `no connection: <img src=x onerror=window.owned=1>`, nil
		}
		f.Add(name, name, result.Summarise(c, run, results))
	}
	f.Conclude()
	dir := t.TempDir()
	if err := evidence.WriteTargets(dir, f); err != nil {
		t.Fatal(err)
	}
	return "file://" + filepath.Join(dir, result.MatrixPageFile)
}

func TestMatrixPictures(t *testing.T) {
	few, many := matrixOf(t, 5), matrixOf(t, 40)
	b := open(t)
	for name, look := range map[string][]chromedp.Action[chromedp.Void]{
		"matrix-light": {chromedp.EmulateViewport(1280, 900), scheme("light")},
		"matrix-dark":  {chromedp.EmulateViewport(1280, 900), scheme("dark")},
		"matrix-phone": {chromedp.EmulateViewport(400, 844, chromedp.EmulateScale(2)), scheme("light")},
	} {
		b.do(look...)
		for page, url := range map[string]string{"": few, "-many": many} {
			b.do(chromedp.Navigate(url))
			b.until(`!document.getElementById("filter").hidden`)
			b.glance(name + page + "-top")
			b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("matrix").scrollIntoView()`))
			b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector(".grid-of").scrollTo(200, 400)`))
			b.glance(name + page + "-matrix")
			if ask[bool](b, `document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
				t.Errorf("%s%s: expected nothing to be wider than the window", name, page)
			}
			head := ask[float64](b, `document.querySelector(".targets .corner").getBoundingClientRect().top - document.querySelector(".grid-of").getBoundingClientRect().top`)
			column := ask[float64](b, `document.querySelector(".targets tbody th").getBoundingClientRect().left - document.querySelector(".grid-of").getBoundingClientRect().left`)
			if head > 2 || head < -2 || column > 2 || column < -2 {
				t.Errorf("%s%s: expected the header and the first column to stay in place, got offsets of %v and %v", name, page, head, column)
			}
			if ask[bool](b, `(() => { const box = document.querySelector(".grid-of").getBoundingClientRect();
				const on = (x, y) => document.elementFromPoint(box.left + x, box.top + y);
				return !on(100, 300).closest("tbody th") || !on(box.width - 60, 20).closest("thead th") || !on(20, 20).closest(".corner"); })()`) {
				t.Errorf("%s%s: expected the cells to scroll under the header and the first column", name, page)
			}
		}
	}
}

func TestMatrixAccessibility(t *testing.T) {
	rules, err := axe()
	if err != nil {
		t.Fatal(err)
	}
	if rules == "" {
		t.Skip("axe-core is not installed, and there is no npm to install it")
	}
	page := matrixOf(t, 5)
	b := open(t)
	for _, name := range []string{"light", "dark"} {
		b.do(scheme(name), chromedp.Navigate(page))
		b.expectAccessible(rules, name)
	}
	if ask[bool](b, `window.owned !== undefined || document.querySelector("img") !== null || document.querySelectorAll("script").length !== 1`) {
		t.Error("expected text from a target to be escaped")
	}
}

// The filter hides rows and columns.
func TestMatrixFilter(t *testing.T) {
	b := open(t)
	b.do(chromedp.Navigate(matrixOf(t, 6)))
	b.until(`!document.getElementById("filter").hidden`)
	shown := func(selector string) int {
		return ask[int](b, `document.querySelectorAll("`+selector+`:not([hidden])").length`)
	}
	rows := shown(".requirement")
	b.do(chromedp.SendKeys(chromedp.CSS("#which"), "REGION-01"))
	b.until(`document.getElementById("count").textContent.includes("1 of 6 targets")`)
	if heads, cells := shown(".targets thead th"), shown(".requirement:not([hidden]) td"); heads != 2 || cells != rows {
		t.Errorf("region-01: expected one column besides the first, got %d heads and %d cells of %d rows", heads, cells, rows)
	}
	b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("only").value = "deviates"; document.getElementById("only").dispatchEvent(new Event("change"))`))
	deviating := shown(".requirement")
	if deviating == 0 || deviating == rows {
		t.Errorf("deviates: expected some of %d requirements, got %d", rows, deviating)
	}
	if all := ask[bool](b, `[...document.querySelectorAll(".requirement:not([hidden]) td:not([hidden])")].every((c) => c.dataset.verdict === "deviates")`); !all {
		t.Error("expected the requirements that region-01 breaks, and no others")
	}
	b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("which").value = ""; document.getElementById("only").value = "";
		document.getElementById("differ").click(); document.getElementById("which").dispatchEvent(new Event("input"))`))
	b.until(`document.getElementById("count").textContent.includes("6 of 6 targets")`)
	if differing := shown(".requirement"); differing == 0 {
		t.Error("expected requirements in which targets differ")
	}
}

// The Tab key reaches one cell, and the arrow keys move to the others.
func TestMatrixKeys(t *testing.T) {
	b := open(t)
	b.do(chromedp.Navigate(matrixOf(t, 6)))
	b.until(`!document.getElementById("filter").hidden`)
	if reached := ask[int](b, `document.querySelectorAll(".targets td a:not([tabindex])").length`); reached != 1 {
		t.Errorf("expected one cell on the way of the tabulator, got %d", reached)
	}
	b.do(chromedp.Focus(chromedp.CSS(`.targets td a:not([tabindex])`)))
	for _, step := range []struct{ key, want string }{{"ArrowRight", "1 0"}, {"ArrowDown", "1 1"}, {"End", "5 1"}, {"ArrowRight", "5 1"}, {"Home", "0 1"}, {"ArrowUp", "0 0"}} {
		b.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "` + step.key + `", bubbles: true, cancelable: true}))`))
		at := ask[string](b, `(() => { const c = document.activeElement.closest("td"); return (c.cellIndex - 1) + " " + c.parentElement.sectionRowIndex; })()`)
		if at != step.want {
			t.Errorf("%s: expected column and row %s, got %s", step.key, step.want, at)
		}
	}
	if href := ask[string](b, `document.activeElement.getAttribute("href")`); !strings.HasPrefix(href, "region-00/report.html#requirement-") {
		t.Errorf("expected the cell to lead to the target's page, got %q", href)
	}
}

func TestMatrixReadsWithoutScripts(t *testing.T) {
	b := open(t)
	b.do(call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	b.do(chromedp.Navigate(matrixOf(t, 3)))
	b.do(chromedp.WaitVisible(chromedp.CSS(".targets tbody td a")), chromedp.WaitNotVisible(chromedp.CSS("#filter")))
}
