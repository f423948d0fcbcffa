package report

import (
	"slices"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestObservations(t *testing.T) {
	silence := resulttest.Decided(1, "upgradeGraph/body/unknown-member", "upgrade.later", judge.Observed, 200, "", "")
	should := resulttest.Decided(2, "upgradeGraph/body/doubled", "upgrade.advice", judge.Advisory, 200, "", "")
	should.Findings[0].Level = contract.Should
	choice := resulttest.Decided(3, "upgradeGraph/version/a", "upgrade.later", judge.Conforms, 400, "GES.7036", "graph 17 is at 2.2.9")
	alike := resulttest.Decided(4, "upgradeGraph/version/b", "upgrade.later", judge.Conforms, 400, "GES.7036", "graph 18 is at 2.2.9")
	unlike := resulttest.Decided(5, "upgradeGraph/version/c", "upgrade.later", judge.Conforms, 400, "GES.0001", "no")
	bound := resulttest.Decided(6, "upgradeGraph/version/d", "upgrade.effect", judge.Conforms, 400, "GES.7036", "the only one")
	bound.Findings[0].Lawful = []string{"400 GES.7036"}
	broken := resulttest.Decided(7, "upgradeGraph/version/e", "upgrade.later", judge.Deviates, 200, "", "")
	run := result.Summarise(resulttest.Contract(t), result.Run{}, []judge.Result{silence, should, choice, alike, unlike, bound, broken})
	type row struct{ title, answer, code, message, id string }
	var got []row
	for _, g := range observationsOf(&run) {
		for _, o := range g.Rows {
			got = append(got, row{g.Title, o.Answer, o.Code, o.Message, o.Case})
		}
	}
	want := []row{
		{choices[silent], "200 OK", "", "", silence.Case},
		{choices[advised], "200 OK", "", "", should.Case},
		{choices[several], "400 Bad Request", "GES.7036", "graph 17 is at 2.2.9", choice.Case},
		{choices[several], "400 Bad Request", "GES.0001", "no", unlike.Case},
	}
	if !slices.Equal(got, want) {
		t.Errorf("expected %q\ngot      %q", want, got)
	}
	inOrder(t, between(t, pageOf(t, run), `<section id="observations"`, "</section>"), choices[silent], "A version that is not later is refused.", "200 OK",
		silence.Case, choices[advised], choices[several], "400 Bad Request", "GES.7036", "graph 17 is at 2.2.9", choice.Case, "and 1 more", "In full")
}

// A job that the run did not start is reported before the findings.
func TestUnknownJobsComeFirst(t *testing.T) {
	run := resulttest.Run(t)
	before := ges.Snapshot{Name: "demo", Version: "2.2.9", Status: "200", Jobs: []ges.Job{{ID: "j0", Name: "old", Status: "success"}}}
	after := before
	unknown := ges.Job{ID: "j9", Name: "Restart<b>", Status: "running", Begin: "2025-06-01T12:00:01"}
	after.Jobs = append(slices.Clone(before.Jobs), ges.Job{ID: "j1", Name: "Upgrade", Status: "success"}, unknown)
	run.Graph = &result.Graph{Before: &before, After: &after, UnknownJobs: []ges.Job{unknown}}
	const caution = "a job that this run did not start began during it: Restart<b> (id j9, running, began 2025-06-01T12:00:01); it may have caused some of what was found"
	for name, write := range map[string]func(*testing.T, result.Run) string{"text": textOfRun, "markdown": summaryOf} {
		text := write(t, run)
		inOrder(t, text, "deviates: 1 of 5", caution, "127.0.0.1:8080", "upgrade.later")
		if name == "text" {
			inOrder(t, text, run.Headline+"\n"+caution+"\n")
		}
	}
	inOrder(t, githubOfRun(t, run), "::warning title=gesconform::"+caution, "::error")
	page := pageOf(t, run)
	inOrder(t, between(t, page, "<h1>", "</header>"), "deviates", caution, "upgrade.later")
	inOrder(t, between(t, page, `<section id="graph"`, "</section>"), "before", "demo", "2.2.9", "after", "2 jobs began during the run", "1 not of this run", "j9", "someone else", "j1", "this run")
}

func TestFacts(t *testing.T) {
	run := resulttest.Run(t)
	run.ID, run.Ticket, run.Ended = "run-7", "CHG-1", run.Started.Add(90*time.Second)
	run.Tool.SHA256, run.Plan.SHA256, run.Target.Certificates = "70070", "91a4", []string{"c1c1c1c1c1c1c1c1"}
	facts := []string{"CHG-1", "2025-06-01 12:00:00 to 12:01:30 UTC", "Digests", "sha256 70070", run.Contract.SHA256, "sha256 91a4", "sha256 c1c1c1c1c1c1c1c1", "run-7"}
	inOrder(t, between(t, pageOf(t, run), `<section id="run"`, "</main>"), facts...)
	inOrder(t, summaryOf(t, run), facts...)
	inOrder(t, textOfRun(t, run), "certificate sha256 c1c1c1c1c1c1\n", "id run-7,", "ticket:   CHG-1\n", "time:     2025-06-01 12:00:00 to 12:01:30 UTC\n")
	run.Ended = run.Started.Add(13 * time.Hour)
	inOrder(t, textOfRun(t, run), "2025-06-01 12:00:00 UTC to 2025-06-02 01:00:00 UTC")
}
