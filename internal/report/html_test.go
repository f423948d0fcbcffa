package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func pageOf(t *testing.T, run result.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteHTML(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// between returns the part of a page between two texts, without tags.
func between(t *testing.T, page, from, to string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, from)
	part, _, ended := strings.Cut(rest, to)
	if !found || !ended {
		t.Fatalf("expected %q and then %q in the page", from, to)
	}
	return html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(part, " "))
}

// inOrder fails unless text contains the parts in this order.
func inOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for i, part := range parts {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Errorf("expected %q after %q in\n%s", part, parts[:i], text)
			return
		}
		rest = after
	}
}

func TestPageOrder(t *testing.T) {
	page := pageOf(t, resulttest.Run(t))
	inOrder(t, page, `<h1>`, "deviates: 1 of 5 requirements is broken", "</h1>", "http://127.0.0.1:8080", "graph g1", `<h2>Broken</h2>`, "upgrade.later", "</header>", `id="deviations"`,
		`id="unjudged"`, `id="requirements"`, "deviates</span>", "advisory</span>", "error</span>", "conforms</span>", `id="advice"`, `id="cases"`, `id="unexercised"`, `id="answers"`, `id="latency"`,
		`id="run"`, `id="digests"`, "gesconform 0.1.0", "</main>")
	nothing := pageOf(t, result.Summarise(resulttest.Contract(t), result.Run{}, resulttest.Each(judge.Conforms)))
	for _, part := range []string{"coverage", "observations", "known", "changes", "graph", "deviations", "upgrades"} {
		if strings.Contains(nothing, `id="`+part+`"`) || strings.Contains(nothing, `"#`+part+`"`) {
			t.Errorf("expected no section %s, which would be empty", part)
		}
	}
}

func TestPageEvidenceIsInTheOrderOfAFailure(t *testing.T) {
	results := resulttest.Results()
	results[1].Findings[0].Line = 40
	run := result.Summarise(resulttest.Contract(t), result.Run{}, results)
	text := between(t, pageOf(t, run), `<article class="evidence" id="deviation-1"`, "</article>")
	inOrder(t, text, "upgrade.later", "MUST", "A version that is not later is refused.", "sample.yaml:12, broken at sample.yaml:40",
		"upgradeGraph/version/equal", "current-version", "400 GES.7049 or GES.0001", "409", "200, the upgrade was accepted",
		`curl -sS -i -X POST 'http://127.0.0.1:8080/graphs/g1/upgrade'`, `"X-Auth-Token: $GESCONFORM_TOKEN"`,
		"HTTP 200 OK", "Content-Type: application/json", `{"job_id":"j1"}`, "compare versions part by part as numbers", "upgradeGraph/version/older")
}

func TestPageShowsWhatWasObserved(t *testing.T) {
	f := resulttest.Finding("upgrade.effect", contract.May, judge.Observed, "200 OK: the request was accepted")
	run := result.Summarise(resulttest.Contract(t), result.Run{}, []judge.Result{resulttest.Case("upgradeGraph/body/x", "upgrade.effect", judge.Observed, "", f)})
	text := between(t, pageOf(t, run), `<section id="observations"`, "</section>")
	inOrder(t, text, "Observed", "The documentation is silent", "The upgrade has an effect.", "upgrade.effect", "200 OK: the request was accepted", "upgradeGraph/body/x",
		"In full", "upgrade.effect", "200 OK: the request was accepted")
}

func TestPageOfRuns(t *testing.T) {
	for name, tc := range map[string]struct {
		run  func(*testing.T) result.Run
		want []string
	}{
		"nothing at all": {func(*testing.T) result.Run { return result.Run{} }, []string{"The contract has no requirements", "No request was sent"}},
		"no results": {
			func(t *testing.T) result.Run { return result.Summarise(resulttest.Contract(t), result.Run{}, nil) },
			[]string{"could not judge: " + "no case was selected", `data-verdict="error"`, "Not exercised"},
		},
		"interrupted": {
			func(t *testing.T) result.Run {
				return result.Summarise(resulttest.Contract(t), result.Run{Interrupted: true, Failure: "<interrupted>"}, resulttest.Results()[:1])
			},
			[]string{"(interrupted)", "The run was interrupted.", "Part of it could not be judged: &lt;interrupted&gt;"},
		},
		"read without exchanges": {
			func(t *testing.T) result.Run {
				run := resulttest.Run(t)
				for i := range run.Cases {
					run.Cases[i].Exchanges = nil
				}
				return run
			},
			[]string{"exchange 7 in exchanges.jsonl", "the exchanges are not available"},
		},
		"stable": {
			func(t *testing.T) result.Run { return resulttest.Stable(resulttest.Run(t)) },
			[]string{"deviates: 1 of 5 requirements is broken"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			page := pageOf(t, tc.run(t))
			for _, want := range tc.want {
				if !strings.Contains(page, want) {
					_, body, _ := strings.Cut(page, "<body>")
					t.Errorf("expected %q in\n%s", want, body)
				}
			}
		})
	}
}

// The header of the page has what matters most.
func TestPageLeadsToWhatMatters(t *testing.T) {
	conforming := resulttest.Case("upgradeGraph/body/x", "upgrade.later", judge.Conforms, "", resulttest.Finding("upgrade.later", contract.Must, judge.Conforms, "400"))
	for name, tc := range map[string]struct {
		results []judge.Result
		want    []string
	}{
		"deviations": {resulttest.Results(), []string{"Broken", "upgrade.later", "MUST", "200, the upgrade was accepted"}},
		"none":       {[]judge.Result{conforming}, []string{"Not exercised", "no case was selected", "(3 requirements)"}},
		"many":       {brokenRequirements(), []string{"made.up-0", "200", "made.up-0", "500", "made.up-5", "500", "and 8 more,"}},
	} {
		header := between(t, pageOf(t, result.Summarise(resulttest.Contract(t), result.Run{}, tc.results)), `<header class="verdict"`, "</header>")
		inOrder(t, name+header, append([]string{name}, tc.want...)...)
	}
}

// brokenRequirements returns ten broken requirements, each with two deviations.
func brokenRequirements() []judge.Result {
	var results []judge.Result
	for i := range 10 {
		id := fmt.Sprintf("made.up-%d", i)
		results = append(results, resulttest.Case("upgradeGraph/body/"+id, id, judge.Deviates, "",
			resulttest.Finding(id, contract.Must, judge.Deviates, "200"), resulttest.Finding(id, contract.Must, judge.Deviates, "500")))
	}
	return results
}

// The Content-Security-Policy allows the style and the script of the page, and nothing else.
func TestPagePolicy(t *testing.T) {
	page := pageOf(t, resulttest.Run(t))
	policy := html.UnescapeString(between(t, page, `Content-Security-Policy" content="`, `">`))
	for _, element := range []string{"style", "script"} {
		_, rest, _ := strings.Cut(page, "<"+element+">")
		content, _, _ := strings.Cut(rest, "</"+element+">")
		sum := sha256.Sum256([]byte(content))
		if want := element + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
			t.Errorf("expected %q in %q", want, policy)
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none'; ") {
		t.Errorf("expected that nothing else is allowed, got %q", policy)
	}
	if found := regexp.MustCompile(`(?i) (style|on[a-z]+)="`).FindString(page); found != "" {
		t.Errorf("expected no attribute that the policy forbids, got %q", found)
	}
	if found := regexp.MustCompile(`(?i)(src|href)="(?:[^#d"]|d[^a])[^"]*"`).FindString(page); found != "" {
		t.Errorf("expected no reference outside the page, got %s", found)
	}
}

// payloads are texts that an attacker could put into an answer.
var payloads = []string{
	`<script>owned()</script>`, `"><img src=x onerror=owned()>`, `' onmouseover='owned()`, `</pre></article><svg onload=owned()>`,
	`</script><script>owned()</script>`, `</style><style>*{display:none}</style>`, `<!--`, `{{.Headline}}`, `]]>`, nasty,
}

// hostileRun returns a run with a text in every field that could come from the target.
func hostileRun(t *testing.T, text string) result.Run {
	t.Helper()
	results := resulttest.Results()
	for i := range results {
		r := &results[i]
		r.Case, r.Aim, r.Reason, r.Operation = "upgradeGraph/"+text+"/"+r.Case+text, text, text, text
		for j := range r.Findings {
			f := &r.Findings[j]
			f.Got, f.Hint, f.Lawful = text, text, []string{text}
		}
		for j := range r.Exchanges {
			x := &r.Exchanges[j]
			x.URL, x.SetAside, x.Failure = "http://127.0.0.1/"+text, text, &exchange.Failure{Kind: exchange.FailureKind(text), Message: text}
			x.Request.Method, x.Request.Path, x.Request.Body = text, text, []byte(text)
			x.Request.Header.Set("X-Sent", text)
			x.Answer.Header = map[string][]string{"X-Got": {text}, text: {text}}
			x.Answer.Body = []byte(`{"error_code":"` + strings.ReplaceAll(text, `"`, `\"`) + `"}` + text)
		}
	}
	run := result.Summarise(resulttest.Contract(t), result.Run{Failure: text, Notes: []string{text}}, results)
	run.Target = result.Target{Endpoint: text, ProjectID: text, GraphID: text, Risk: text, Filter: text}
	run.Tool, run.Contract = result.Tool{Name: text, Version: text}, result.ContractVersion{Name: text, Version: text, SHA256: text}
	for i := range run.Requirements {
		run.Requirements[i].Text, run.Requirements[i].Reason, run.Requirements[i].Operation = text, text, text
	}
	run.Headline = "could not judge: " + text
	return run
}

func TestPageEscapes(t *testing.T) {
	tag, value := regexp.MustCompile(`<[a-zA-Z!/][^>]*`), regexp.MustCompile(`="[^"<>]*"`)
	known := map[string]bool{}
	name := func(found string) string { return strings.ToLower(strings.Fields(strings.Trim(found, "</"))[0]) }
	for _, found := range tag.FindAllString(pageOf(t, hostileRun(t, "harmless")), -1) {
		known[name(found)] = true
	}
	for _, payload := range payloads {
		page := pageOf(t, hostileRun(t, payload))
		if strings.Count(page, "<script") != 1 || strings.Count(page, "<style") != 1 {
			t.Errorf("%q: expected one script and one style", payload)
		}
		for _, found := range tag.FindAllString(value.ReplaceAllString(page, `=""`), -1) {
			if strings.Contains(found, "owned") || strings.Contains(found, "=x") || !known[name(found)] {
				t.Errorf("expected %q to be escaped, got the tag %s", payload, found)
			}
		}
		if at := strings.IndexAny(page, "\x00\x1b\a\u202e"); at >= 0 {
			t.Errorf("%q: expected no control character, got one in %q", payload, page[max(0, at-40):at+10])
		}
	}
}

// manyResults returns 5000 results with different deviations.
func manyResults() []judge.Result {
	results := make([]judge.Result, 5000)
	for i := range results {
		f := resulttest.Finding("upgrade.later", contract.Must, judge.Deviates, fmt.Sprintf("400 Bad Request, %d %s", i, strings.Repeat("x", 4000)))
		f.Exchange = 0
		id := fmt.Sprintf("upgradeGraph/body/case-%d", i)
		results[i] = resulttest.Case(id, "upgrade.later", judge.Deviates, "", f)
		results[i].Exchanges = []exchange.Exchange{resulttest.Exchange(i+1, id, 400, fmt.Sprintf(`{"error_code":"GES.%d","error_msg":%q}`, i, strings.Repeat("y", 4000)))}
	}
	return results
}

func TestPageOfManyResults(t *testing.T) {
	if testing.Short() {
		t.Skip("reports 5000 deviations; the whole test runs without -short")
	}
	run := result.Summarise(resulttest.Contract(t), result.Run{}, manyResults())
	page := pageOf(t, run)
	if len(page) > 16<<20 {
		t.Errorf("expected at most 16 MiB, got %d bytes", len(page))
	}
	for _, want := range []string{"5000 deviations", "4800 more are in results.json", "4900 answers have further codes"} {
		if !strings.Contains(page, want) {
			t.Errorf("expected %q in the page", want)
		}
	}
	if n := strings.Count(page, `<article class="evidence"`); n != shownFailures {
		t.Errorf("expected %d failures in full, got %d", shownFailures, n)
	}
}

func TestWritersAreDeterministic(t *testing.T) {
	for name, write := range map[string]func(io.Writer, result.Run) error{result.PageFile: WriteHTML, result.SummaryFile: WriteMarkdown, "commands": WriteGitHub} {
		first := ""
		for range 5 {
			var b bytes.Buffer
			if err := write(&b, hostileRun(t, "x")); err != nil {
				t.Fatal(err)
			}
			if first != "" && b.String() != first {
				t.Errorf("%s: expected the same of the same run, got\n%s\nand\n%s", name, first, b.String())
			}
			first = b.String()
		}
	}
}

func TestWritersPassOnAFailedWrite(t *testing.T) {
	for want, write := range map[string]func(io.Writer, result.Run) error{
		"write the page": WriteHTML, "write the summary": WriteMarkdown, "write GitHub's commands": WriteGitHub,
	} {
		r, w := io.Pipe()
		_ = r.Close()
		if err := write(w, resulttest.Run(t)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("expected %q, got %v", want, err)
		}
	}
}

func TestTook(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ms", 123456: "0.12 ms", 1500 * time.Microsecond: "1.5 ms", 42 * time.Millisecond: "42 ms", 1500 * time.Millisecond: "1.5 s", 75 * time.Second: "1m15s",
	} {
		if got := took(d); got != want {
			t.Errorf("%d: expected %s, got %s", d, want, got)
		}
	}
}
