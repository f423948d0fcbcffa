package report

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

// partOfPage returns the markup of a part of a page, up to its end.
func partOfPage(t *testing.T, page, begin, end string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, begin)
	part, _, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("expected a part from %q to %q in\n%s", begin, end, page)
	}
	return part
}

// Each case has a tile, which names it, shows its verdict by more than a colour and leads to
// it.
func TestPageHasATileForEachCase(t *testing.T) {
	run := resulttest.Run(t)
	run.Cases[1].Requirement = "made.up" // of which the page has no row
	page := pageOf(t, run)
	section := partOfPage(t, page, `<section id="cases"`, "</section>")
	for i := range run.Cases {
		c := &run.Cases[i]
		if !strings.Contains(html.UnescapeString(section), `title="`+c.Case+": "+string(c.Verdict)) {
			t.Errorf("expected a tile for %s, %s", c.Case, c.Verdict)
		}
	}
	links := regexp.MustCompile(`<a class="tile" href="#([^"]+)" data-verdict="([^"]+)" title="[^"]+"><span aria-hidden="true">([^<]+)</span></a>`).FindAllStringSubmatch(section, -1)
	if len(links) != len(run.Cases)-1 {
		t.Errorf("expected %d tiles with a link, got %d in\n%s", len(run.Cases)-1, len(links), section)
	}
	for _, l := range links {
		if strings.Count(page, ` id="`+l[1]+`"`) != 1 || l[3] != signOf(judge.Verdict(l[2])) {
			t.Errorf("expected one place for each tile and the sign of its verdict, got %q", l)
		}
	}
	signs := map[string]judge.Verdict{}
	for _, v := range verdicts {
		if other := signs[signOf(v)]; other != "" && v != judge.NotApplicable {
			t.Errorf("expected a sign of its own for %s, got that of %s", v, other)
		}
		signs[signOf(v)] = v
	}
	inOrder(t, section, "</span> deviates <b>2</b>", "</span> advisory <b>1</b>", "</span> error <b>1</b>", "</span> masked <b>1</b>", "</span> not-applicable <b>1</b>",
		"upgradeGraph", ">body<", "1 of 1", ">credentials<", "0 of 1", ">version<", "2 of 3")
}

func TestTheMapOfCasesIsBounded(t *testing.T) {
	run := result.Run{Cases: make([]result.Case, shownTiles+1000)}
	for i := range run.Cases {
		run.Cases[i].Case, run.Cases[i].Verdict = fmt.Sprintf("op/body/%d-%s", i, strings.Repeat("x", 10_000)), judge.Conforms
	}
	m := tilesOf(&run, nil)
	row := m.Operations[0].Parts[0]
	if len(row.Tiles) != shownTiles || m.More != 1000 || row.Cases != shownTiles+1000 || len(row.Tiles[0].Title) > 4*shownTitle {
		t.Errorf("expected %d tiles and 1000 more, got %d and %d of %d", shownTiles, len(row.Tiles), m.More, row.Cases)
	}
}

func TestPageShowsTheWaysOfUpgrades(t *testing.T) {
	run := resulttest.Run(t)
	step := func(kind result.StepKind, state string, at time.Duration) result.Step {
		return result.Step{State: state, Kind: kind, At: at}
	}
	run.Ways = result.Ways{More: 3, Upgrades: []*result.Way{
		{Exchange: 7, To: "2.0.1", Job: "j1", Ended: true, Seen: time.Hour, Steps: []result.Step{
			step(result.StepPending, "pending", time.Second), step(result.StepRunning, "running", 2*time.Second), step(result.StepSuccess, "success", 8*time.Second), step(result.StepVersion, "version 2.0.1", 10*time.Second),
		}},
		{Exchange: 9, To: "2.0.2", Job: "<j2>", Seen: 5 * time.Second, Steps: []result.Step{step(result.StepUnknown, "<b>", time.Second)}},
		{Exchange: 12, Steps: []result.Step{step(result.StepFailed, "failed", time.Second), step(result.StepOtherVersion, "version 1", 2*time.Second)}},
	}}
	section := partOfPage(t, pageOf(t, run), `<section id="upgrades"`, "</section>")
	inOrder(t, section, ">0 s<", ">2 s<", ">10 s<",
		"to <b>2.0.1</b>", "exchange 7, job", "j1", `<rect class="accepted" x="8.0"`, `<rect class="pending"`, `<rect class="running"`, ">✓<", `x="472.0"`, ">◆<",
		"accepted, pending after 1.0 s, running after 2.0 s, success after 8.0 s, version 2.0.1 after 10.0 s",
		"&lt;j2&gt;", `<rect class="unknown"`, "accepted, &lt;b&gt; after 1.0 s, no end seen within 5.0 s",
		"no version", "exchange 12", ">✗<", ">◇<", "accepted, no job id, failed after 1.0 s, version 1 after 2.0 s", "3 further upgrades are in exchanges.jsonl")
	inOrder(t, summaryOf(t, run), "### Broken requirements", "### Upgrades", "- to `2.0.1` (exchange 7): `accepted, pending", "### Run", "### Digests")
}

func TestRoundTimes(t *testing.T) {
	for longest, want := range map[time.Duration]string{
		1: "[0s 1ns]", 7 * time.Millisecond: "[0s 2ms 4ms 6ms]", 50 * time.Second: "[0s 10s 20s 30s 40s 50s]", 1<<63 - 1: "[0s 555555h33m20s 1111111h6m40s 1666666h40m0s 2222222h13m20s]",
	} {
		if got := fmt.Sprint(roundTimes(longest)); got != want {
			t.Errorf("%s: expected %s, got %s", longest, want, got)
		}
	}
}

// Coverage is shown as bars: of the requirements by level, and of each cell of the table.
func TestPageShowsCoverageAsBars(t *testing.T) {
	run := resulttest.Run(t)
	run.Coverage = &result.Coverage{Operations: []result.OperationCoverage{{
		Operation: "upgradeGraph",
		Statuses:  result.Share{Exercised: []result.Counted{{Name: "200", Count: 1}}, Missing: []result.Reason{{Reason: "why", Names: []string{"400", "401", "403"}}}},
	}}}
	section := partOfPage(t, pageOf(t, run), `<section id="coverage"`, "</section>")
	inOrder(t, section, "MUST 2 of 4 requirements", `width="50.00"`, "SHOULD 1 of", "upgradeGraph", "1 of 4", `width="25.00"`, "0 of 0")
	requirements := partOfPage(t, pageOf(t, run), `<section id="requirements"`, "</section>")
	inOrder(t, requirements, "upgrade.later", "2 of 3 decided", `width="66.67"`)
}
