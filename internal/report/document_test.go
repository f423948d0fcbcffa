package report

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

// documentViews are the forms of the result of a run by a document, by golden file.
var documentViews = map[string]func(io.Writer, result.Run) error{
	"document.golden": func(w io.Writer, run result.Run) error { return Text(w, run, TextOptions{Width: 120}) },
	"document-verbose.golden": func(w io.Writer, run result.Run) error {
		return Text(w, run, TextOptions{Verbose: true})
	},
	"document-quiet.golden":      func(w io.Writer, run result.Run) error { return Text(w, run, TextOptions{Quiet: true}) },
	"document.junit.golden.xml":  WriteJUnit,
	"document.summary.golden.md": WriteMarkdown,
	"document.github.golden":     WriteGitHub,
	"document.golden.har":        WriteHAR,
	"document.golden.json":       result.WriteJSON,
	"document.golden.html":       WriteHTML,
}

// ofTheService are words of the service of the built-in contract.
var ofTheService = regexp.MustCompile(`(?i)\b(graph|graphs|upgrade|upgrades|GES|version is later|project)\b`)

// notShown is what is in each page or file for the sake of its form: styles, scripts, the counts of results.json.
var notShown = regexp.MustCompile(`(?s)<style>.*?</style>|<script>.*?</script>|"upgrades":\s*(?:\d+|\{[^}]*\})|"(?:project|graph)_id":\s*""|"accepted": 0|"invented": 0`)

func TestViewsOfADocument(t *testing.T) {
	for name, write := range documentViews {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := write(&b, resulttest.DocumentRun(t)); err != nil {
				t.Fatal(err)
			}
			checkGolden(t, name, b.Bytes())
			if word := ofTheService.FindString(notShown.ReplaceAllString(b.String(), "")); word != "" {
				t.Errorf("expected no word of the built-in contract's service, got %q", word)
			}
		})
	}
}

func viewOfDocument(t *testing.T, name string) string {
	t.Helper()
	var b bytes.Buffer
	if err := documentViews[name](&b, resulttest.DocumentRun(t)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What three operations break in one clause is one failure with three places, whatever each answered.
func TestOneClauseIsOneFailure(t *testing.T) {
	run := resulttest.DocumentRun(t)
	d := digestOf(&run)
	if len(d.Deviations) != 1 || len(d.Deviations[0].Others) != 2 {
		t.Fatalf("expected one failure in three places, got %+v", d.Deviations)
	}
	want := "pets.yaml:10 /components/parameters/limit/schema/maximum"
	if got := d.Deviations[0].Place; got != want {
		t.Errorf("expected the place %q, got %q", want, got)
	}
	if n := strings.Count(viewOfDocument(t, "document.github.golden"), "::error "); n != 1 {
		t.Errorf("expected one annotation, got %d", n)
	}
}

func TestOperationsOfADocument(t *testing.T) {
	run := resulttest.DocumentRun(t)
	rows := map[string]*operationRow{}
	for _, r := range operationsOf(&run) {
		rows[r.Operation] = r
	}
	for operation, want := range map[string]operationRow{
		"listPets":   {Verdict: "deviates", Cases: 2, Decided: 2, Answers: "200 (2)", Broken: []string{"value.refused"}},
		"showPet":    {Verdict: "not-applicable", Cases: 1, Reason: "needs --fixture petId"},
		"listVisits": {Verdict: "error", Cases: 1, Answers: "403 (1)", Reason: "credentials: 403 Forbidden to a plain request with the scheme key"},
	} {
		got := rows[operation]
		if got == nil || got.Verdict != want.Verdict || got.Cases != want.Cases || got.Decided != want.Decided || got.Answers != want.Answers ||
			got.Reason != want.Reason || strings.Join(got.Broken, " ") != strings.Join(want.Broken, " ") {
			t.Errorf("%s: expected %+v, got %+v", operation, want, got)
		}
	}
	if len(rows) != 5 {
		t.Errorf("expected the operations with cases, got %d", len(rows))
	}
}

func TestTitlesSayWhatWasJudged(t *testing.T) {
	for title, run := range map[string]result.Run{"a server": resulttest.DocumentRun(t), "a Graph Engine Service": resulttest.Run(t), "a client": resulttest.ClientRun(t)} {
		var b bytes.Buffer
		if err := WriteHTML(&b, run); err != nil {
			t.Fatal(err)
		}
		if want := `<p class="what">Conformance of ` + title + `</p>`; !strings.Contains(b.String(), want) {
			t.Errorf("expected %q in the page", want)
		}
	}
}

// A page is not longer for requirements that a document has no use for.
func TestUnusedRequirementsAreNotListed(t *testing.T) {
	page := viewOfDocument(t, "document.golden.html")
	for _, unwanted := range []string{"0 of 0 decided", "resource.created"} {
		if strings.Contains(page, unwanted) {
			t.Errorf("expected nothing of requirements without a case, got %q", unwanted)
		}
	}
}

// What has no case, was cut off or is left over is in each view for people.
func TestWhatADocumentLeavesOut(t *testing.T) {
	for _, view := range []string{"document.golden", "document.summary.golden.md", "document.golden.html"} {
		text := viewOfDocument(t, view)
		for _, want := range []string{"changes are not derived", "makePet", "the pattern cannot be read", "listTags", "GET /tags: query limit: type text", "shop/pets/17", "needs --fixture petId", "403 Forbidden"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: expected %q", view, want)
			}
		}
	}
}

// Of a requirement that is broken in several clauses, a terminal has one failure in full and the others in a line
// each, unless all are wanted.
func TestFurtherClausesAreLines(t *testing.T) {
	run := resulttest.DocumentRun(t)
	i := slices.IndexFunc(run.Cases, func(c result.Case) bool { return c.Verdict == judge.Deviates })
	another := run.Cases[i]
	another.Case = "GET /pets: query limit: minimum-1"
	another.Findings = slices.Clone(another.Findings)
	for j := range another.Findings {
		another.Findings[j].Clause, another.Findings[j].Line = "/components/parameters/limit/schema/minimum", 11
	}
	run.Cases = append(run.Cases, another)
	for _, verbose := range []bool{false, true} {
		var b bytes.Buffer
		if err := Text(&b, run, TextOptions{Verbose: verbose}); err != nil {
			t.Fatal(err)
		}
		line := strings.Contains(b.String(), "  it is also broken in:\n    "+another.Case+": "+another.Findings[0].Got+" (pets.yaml:11)\n")
		if full := strings.Count(b.String(), "  request:  "); line == verbose || full != map[bool]int{false: 1, true: 2}[verbose] {
			t.Errorf("verbose %t: expected the second in a line or in full, got %t and %d in full\n%s", verbose, line, full, b.String())
		}
		if strings.Contains(b.String(), "(aim ") {
			t.Error("expected no aim, of which each case has one")
		}
	}
}

// What was kept back for one reason is one line, whatever each request names.
func TestUndecidedByReason(t *testing.T) {
	run := resulttest.DocumentRun(t)
	i := slices.IndexFunc(run.Cases, func(c result.Case) bool { return c.Verdict == judge.NotApplicable })
	for _, id := range []string{"0", "-1"} {
		c := run.Cases[i]
		c.Operation, c.Reason = "makePet", "not sent: POST /pets: it names /pets/"+id+" by its id, which no read has shown to be absent"
		run.Cases = append(run.Cases, c)
	}
	d := digestOf(&run)
	all := d.Undecided()
	if len(all) != 2 || len(all[0].Parts) != 2 || all[0].Reason != "not sent: it names … by its id, which no read has shown to be absent" || !slices.Equal(all[0].Operations, []string{"makePet"}) {
		t.Errorf("expected one line for both, got %+v", all)
	}
}
