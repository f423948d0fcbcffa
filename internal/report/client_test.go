package report

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/limits"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

// clientViews are the reports of a run that judged a client.
var clientViews = map[string]func(io.Writer, result.Run) error{
	"client.golden": func(w io.Writer, run result.Run) error { return Text(w, run, TextOptions{Width: 120}) },
	"client-verbose.golden": func(w io.Writer, run result.Run) error {
		return Text(w, run, TextOptions{Verbose: true, ASCII: true})
	},
	"client-quiet.golden":      func(w io.Writer, run result.Run) error { return Text(w, run, TextOptions{Quiet: true}) },
	"client.junit.golden.xml":  WriteJUnit,
	"client.summary.golden.md": WriteMarkdown,
	"client.github.golden":     WriteGitHub,
	"client.golden.har":        WriteHAR,
	"client.golden.json":       result.WriteJSON,
	"client.golden.html":       WriteHTML,
}

// viewOf returns a view, of the page what is between the style and the script, which pages of
// deployments have, too.
func viewOf(t *testing.T, name string, run result.Run) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := clientViews[name](&b, run); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(name, ".html") {
		return b.Bytes()
	}
	_, body, _ := strings.Cut(b.String(), "<body>")
	body, _, _ = strings.Cut(body, "<script>")
	return []byte(body)
}

func TestClientGolden(t *testing.T) {
	for name := range clientViews {
		t.Run(name, func(t *testing.T) { checkGolden(t, name, viewOf(t, name, resulttest.ClientRun(t))) })
	}
}

// No report of a client says what only a deployment has.
func TestReportsOfAClientSpeakOfAClient(t *testing.T) {
	head := resulttest.ClientHead()
	head.Target.Filter = "busy/*"
	c := resulttest.ClientContract(t)
	run := result.SummariseClient(c, head, resulttest.ClientResults(), result.ClientNames(c, resulttest.Scenarios()), result.Expectations{})
	baseline := resulttest.ClientRun(t)
	baseline.Cases = baseline.Cases[1:]
	comparison := result.Compare(baseline, run)
	run.Comparison = &comparison
	of := regexp.MustCompile(`(?i)\b(deployment|target|seed|risk|shard|aim|cases?|absent graph|embedded|latency)\b`)
	for name := range clientViews {
		if strings.HasSuffix(name, "har") || strings.HasSuffix(name, "json") { // whose members are those of any run
			continue
		}
		text := string(viewOf(t, name, run))
		text = regexp.MustCompile(`</?testcase|id="case-\d+"|class="cases"`).ReplaceAllString(text, "")
		for _, line := range strings.Split(text, "\n") {
			if found := of.FindString(line); found != "" {
				t.Errorf("%s: expected nothing of a deployment, got %q in %.200s", name, found, line)
			}
		}
	}
}

// What a client prints and sends is somebody else's text.
func TestReportsOfAHostileClient(t *testing.T) {
	long := strings.Repeat("\x1b[2J"+nasty+"<script>alert(1)</script>```\n::error::x", 2000) // a line of more than 64 KiB
	for name := range clientViews {
		t.Run(name, func(t *testing.T) {
			results := resulttest.ClientResults()
			for i := range results {
				r := &results[i]
				o := r.Client
				o.Stdout, o.Stderr, o.Reason, o.Signal, o.Answered, o.Expected = long, strings.Repeat("\n"+nasty, 3000), nasty, nasty, long, long
				o.Printed = 1 << 40
				for j := range r.Findings {
					r.Findings[j].Got = nasty
				}
				for j := range r.Exchanges {
					x := &r.Exchanges[j]
					if j > 2 {
						break
					}
					x.Request.Method, x.Request.Path, x.Request.Body = "GE\x1bT<b>", "/graphs/g1/"+nasty+strings.Repeat("x", 10000), []byte(long)
					x.Request.Header.Set("X-Nasty", long)
					x.URL = "http://[\x1b" + nasty
					for k := range x.Problems {
						x.Problems[k].Message = nasty
					}
					if x.Answer != nil {
						x.Answer.Body = []byte(`{"error_code":"` + strings.Repeat("\\u001b<b>", 1000) + `"}`)
						x.Answer.Header.Set("Location", nasty)
						x.Answer.Header.Set("Retry-After", strings.Repeat("9", 10000))
					}
				}
			}
			head := resulttest.ClientHead()
			head.Client.Command = []string{nasty, "`x`", "<b>"}
			text := string(viewOf(t, name, result.Summarise(resulttest.ClientContract(t), head, results)))
			if at := strings.IndexAny(text, "\x00\x1b\a\u202e"); at >= 0 && !strings.HasSuffix(name, "json") && !strings.HasSuffix(name, "har") {
				t.Errorf("expected no control character, got %q", text[max(0, at-60):min(len(text), at+60)])
			}
			if !utf8.ValidString(text) {
				t.Error("expected valid UTF-8")
			}
			if strings.HasSuffix(name, ".html") && (strings.Contains(text, "<script>alert") || strings.Contains(text, "T<b>")) {
				t.Error("expected no markup of the client")
			}
			if strings.HasSuffix(name, ".github.golden") {
				for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
					if !regexp.MustCompile(`^::(error|warning|notice) title=`).MatchString(line) {
						t.Errorf("expected a command of ours, got %.100q", line)
					}
				}
			}
			most := map[string]int{".xml": limits.JUnitFile, ".md": limits.SummaryFile, ".har": 2 * limits.HARFile, "json": limits.ResultsFile, "html": 3 << 20}
			for suffix, limit := range most {
				if strings.HasSuffix(name, suffix) && len(text) > limit {
					t.Errorf("expected at most %d bytes, got %d", limit, len(text))
				}
			}
		})
	}
}

func TestReadersTakeTheJUnitOfAClient(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJUnit(&b, resulttest.ClientRun(t)); err != nil {
		t.Fatal(err)
	}
	for name, reader := range junitReaders {
		for _, problem := range reader.read(b.Bytes()) {
			t.Errorf("%s: %s", name, problem)
		}
	}
	doc, _ := readJUnit(t, resulttest.ClientRun(t))
	if doc.Tests != 18 || doc.Failures != 9 || doc.Errors != 1 || doc.Skipped != 1 {
		t.Errorf("expected 9 failures, 1 error and 1 skipped of 18, got %+v", doc)
	}
}

func TestSequenceOfRequests(t *testing.T) {
	many := resulttest.ClientRun(t)
	var slow *result.Case
	for i := range many.Cases {
		if many.Cases[i].Case == "job/slow" {
			slow = &many.Cases[i]
		}
	}
	want := []string{
		" 0.00s  POST .../upgrade -> 200",
		" 0.00s  GET .../jobs/j1/status -> 200 running, 249 times",
		" 1.00s  GET .../jobs/j1/status -> 200 running  <- this one",
		" 1.00s  GET .../jobs/j1/status -> 200 running, 10 times",
	}
	if got := sequenceOf(slow, 250); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("expected %q\ngot      %q", want, got)
	}
	for i := range slow.Exchanges { // none is like the one before
		slow.Exchanges[i].Request.Path = "/v2/p1/graphs/g1/jobs/" + strings.Repeat("j", i+1) + "/status"
	}
	for marked, want := range map[int]string{-1: "84 more", 60: "47 more", 5: "84 more"} {
		got := strings.Join(sequenceOf(slow, marked), "\n")
		if n := strings.Count(got, "\n") + 1; n > shownRequests+5 || !strings.Contains(got, want) || strings.Contains(got, "<- this one") != (marked >= 0) {
			t.Errorf("%d: expected the first, the last and the one that shows it in at most %d lines, got\n%s", marked, shownRequests+5, got)
		}
	}
	slow.Exchanges = make([]exchange.Exchange, 3) // as read from results.json alone
	if got := sequenceOf(slow, 1); len(got) != 0 {
		t.Errorf("expected nothing of exchanges that were not read, got %q", got)
	}
}

func TestPrintedHasTheBeginningAndTheEnd(t *testing.T) {
	var lines []string
	for i := range 100 {
		lines = append(lines, strings.Repeat("x", i+1))
	}
	got := strings.Split(printed(strings.Join(lines, "\r\n")+"\n"), "\n")
	if len(got) != shownPrinted+1 || got[0] != "x" || got[8] != "... (76 lines)" || got[24] != lines[99] {
		t.Errorf("expected the beginning and the end, got %q", got)
	}
	if got := lineOf(strings.Repeat("a", 1000) + "\r"); len(got) > shownPrintLine+30 || !strings.Contains(got, "a... (700 bytes) ...a") {
		t.Errorf("expected the beginning and the end, got %q", got)
	}
	if got := outputsOf(&judge.ClientOutcome{Stdout: "\n\n", Printed: 100_000}); len(got) != 1 || got[0].Text != "100000 bytes in all" {
		t.Errorf("expected how much it printed, got %+v", got)
	}
}

// Of a client that is not let through the first scenario, only that is said.
func TestAClientThatSendsNothing(t *testing.T) {
	r := resulttest.ClientResults()[0]
	r.Verdict, r.Reason, r.Findings, r.Exchanges = judge.Error, "sent no request", nil, nil
	r.Client.Stderr = "no network\n"
	head := resulttest.ClientHead()
	head.Failure = "success/plain: the client sent no request"
	var text bytes.Buffer
	if err := Text(&text, result.Summarise(resulttest.ClientContract(t), head, []judge.Result{r}), TextOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"could not judge: success/plain: the client sent no request\n", "  got:      sent no request\n", "  stderr:   no network\n", "coverage: 0 of 17 requirements\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("expected %q in\n%s", want, text.String())
		}
	}
	for _, idle := range []string{"taken correctly", "waits", "client.retry-after", "not exercised"} {
		if strings.Contains(text.String(), idle) {
			t.Errorf("expected nothing of %q in\n%s", idle, text.String())
		}
	}
}

// A client that fails in all scenarios still has a report that can be read.
func TestAClientThatFailsEverywhere(t *testing.T) {
	var results []judge.Result
	for i := range 150 {
		r := resulttest.ClientResults()[1]
		r.Case = fmt.Sprintf("refused/%d", i)
		r.Findings[0].Got = fmt.Sprintf("success after %d", i/2)
		results = append(results, r)
	}
	run := result.Summarise(resulttest.ClientContract(t), resulttest.ClientHead(), results)
	var text bytes.Buffer
	if err := Text(&text, run, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text.String(), "\n"); n > 120 || !strings.Contains(text.String(), "refused/10: success after 5 (and in 1 more)\n") || !strings.Contains(text.String(), "and 64 more (--verbose shows all)") {
		t.Errorf("expected a report of at most 120 lines, got %d:\n%s", n, text.String())
	}
	text.Reset()
	if err := Text(&text, run, TextOptions{Verbose: true}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text.String(), "client.success-needs-job (MUST)"); n != 75 {
		t.Errorf("expected all 75 failures, got %d", n)
	}
	var commands bytes.Buffer
	if err := WriteGitHub(&commands, run); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(commands.String(), "::error"); n != 1 || !strings.Contains(commands.String(), "scenario: refused/0 and 149 more") {
		t.Errorf("expected one error for each requirement, got %d:\n%s", n, commands.String())
	}
	page := string(viewOf(t, "client.golden.html", run))
	if causes := between(t, page, `<h2>Broken</h2>`, "</header>"); strings.Count(causes, "client.success-needs-job") != 1 || !strings.Contains(causes, "and 74 more") {
		t.Errorf("expected each requirement once under the verdict, got %s", causes)
	}
	if strings.Count(page, `<article class="evidence"`) != 76 || strings.Count(page, "<details open>\n<summary><h3>") != 2 {
		t.Error("expected that of each requirement the first failure is open")
	}
}
