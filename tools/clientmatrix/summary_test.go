package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestSummarise checks what is kept of a report, and that nothing in it depends on the run.
func TestSummarise(t *testing.T) {
	t.Parallel()
	first, second := summaryOf(t, "41234", "511b664a0289ea543cbe73d2b1169fc4", "1.2s"), summaryOf(t, "5", "0000664a0289ea543cbe73d2b1169fc4", "900ms")
	if !reflect.DeepEqual(first, second) {
		t.Errorf("expected the same summary of two runs that found the same, got\n%v\n%v", first, second)
	}
	expected := &summary{
		Headline: "deviates: 2 of 3 requirements are broken",
		Gone:     []string{"client.ends in hang/job: gone"},
		Requirements: []requirement{
			{ID: "client.credentials-stay", Level: "MUST", Text: "They stay.", Decided: 7, Deviates: 1},
			{ID: "client.error-code-shown", Level: "SHOULD", Text: "It is shown.", Decided: 2, Deviates: 2},
			{ID: "client.retry-after", Level: "MUST", Text: "It waits.", Decided: 1, Deviates: 1},
		},
		Deviations: []deviation{
			{
				Requirement: "client.credentials-stay", Scenarios: []string{"redirect/307-elsewhere"},
				Got:  "POST …/upgrade: security X-Auth-Token: expected credentials at HOST only",
				Wire: []string{"POST …/upgrade: 307", "POST at the other origin …/upgrade: no answer", "GET …/jobs/{job_id}/status: 200, more than once"},
				Said: "failure (exit status 1)",
			},
			{
				Requirement: "client.error-code-shown", Scenarios: []string{"refused/400-GES.0001", "refused/401-APIGW.0301"},
				Got: "it said failure without saying GES.0001", Wire: []string{"POST …/upgrade: 400"}, Said: "failure (exit status 1)",
			},
			{
				Requirement: "client.retry-after", Scenarios: []string{"throttled/429"}, Got: "POST …/upgrade again before Retry-After (2) had passed",
				Wire: []string{"POST …/upgrade: 400"}, Said: "nothing in time",
			},
		},
	}
	if !reflect.DeepEqual(first, expected) {
		t.Errorf("expected\n%+v\ngot\n%+v", expected, first)
	}
}

// summaryOf summarises a report, with what differs between runs.
func summaryOf(t *testing.T, port, project, early string) *summary {
	t.Helper()
	folder := t.TempDir()
	differs := strings.NewReplacer("PORT", port, "PROJECT", project, "EARLY", early)
	for name, text := range map[string]string{"results.json": resultsText, "exchanges.har": archiveText} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(differs.Replace(text)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := summarise(folder)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const (
	resultsText = `{"headline": "deviates: 2 of 3 requirements are broken", "requirements": [
	{"id": "client.credentials-stay", "level": "MUST", "text": "They stay.", "verdict": "deviates", "decided": 7},
	{"id": "client.error-code-shown", "level": "SHOULD", "text": "It is shown.", "verdict": "advisory", "decided": 2},
	{"id": "client.retry-after", "level": "MUST", "text": "It waits.", "verdict": "deviates", "decided": 1}],
	"expectations": [{"requirement": "client.ends", "case": "hang/job", "state": "gone"}, {"requirement": "client.ends", "case": "hang/body", "state": "met"}], "cases": [
	{"case": "redirect/307-elsewhere", "findings": [
		{"requirement": "client.credentials-stay", "verdict": "deviates", "got": "POST http://127.0.0.1:PORT/v2/PROJECT/graphs/g/upgrade: security X-Auth-Token: expected credentials at 127.0.0.1:PORT only (line 3)"},
		{"requirement": "client.error-code-shown", "verdict": "conforms"}], "client": {"said": "failure", "exit_status": 1}, "exchanges": [1, 2, 3, 4]},
	{"case": "refused/400-GES.0001", "findings": [{"requirement": "client.error-code-shown", "verdict": "advisory", "got": "it said failure without saying GES.0001"}],
		"client": {"said": "failure", "exit_status": 1}, "exchanges": [5]},
	{"case": "refused/401-APIGW.0301", "findings": [{"requirement": "client.error-code-shown", "verdict": "advisory", "got": "it said failure without saying APIGW.0301"}],
		"client": {"said": "failure", "exit_status": 1}, "exchanges": [5]},
	{"case": "throttled/429", "findings": [{"requirement": "client.retry-after", "verdict": "deviates", "got": "POST /v2/PROJECT/graphs/g/upgrade again EARLY before Retry-After (2) had passed"}],
		"client": {"said": "nothing", "timed_out": true}, "exchanges": [5]}]}`
	archiveText = `{"log": {"entries": [
	{"_sequence": 1, "_aim": "endpoint", "request": {"method": "POST", "url": "http://127.0.0.1:PORT/v2/PROJECT/graphs/g/upgrade"}, "response": {"status": 307}},
	{"_sequence": 2, "_aim": "elsewhere", "request": {"method": "POST", "url": "http://127.0.0.1:PORT/v2/PROJECT/graphs/g/upgrade"}, "response": {"status": 0}},
	{"_sequence": 3, "_aim": "endpoint", "request": {"method": "GET", "url": "http://127.0.0.1:PORT/v2/PROJECT/graphs/g/jobs/aef10509-5440-45c2-aecc-191595cfc829000168232/status"}, "response": {"status": 200}},
	{"_sequence": 4, "_aim": "endpoint", "request": {"method": "GET", "url": "http://127.0.0.1:PORT/v2/PROJECT/graphs/g/jobs/aef10509-5440-45c2-aecc-191595cfc829000168232/status"}, "response": {"status": 200}},
	{"_sequence": 5, "_aim": "endpoint", "request": {"method": "POST", "url": "http://127.0.0.1:PORT/v2/PROJECT/graphs/g/upgrade"}, "response": {"status": 400}}]}}`
)

// TestManyRequestsAreBounded checks what is kept of a client that sends many.
func TestManyRequestsAreBounded(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 20 {
		lines = append(lines, "POST "+string(rune('a'+i)))
	}
	if got := bounded(lines); !reflect.DeepEqual(got, []string{"POST a", "POST b", "POST c", "…", "POST r", "POST s", "POST t"}) {
		t.Errorf("expected the first and the last three, got %q", got)
	}
	if got := bounded([]string{"POST a: 503", "POST a: 503"}); !reflect.DeepEqual(got, []string{"POST a: 503, 2 times"}) {
		t.Errorf("expected how often, got %q", got)
	}
}

// TestItem checks how a deviation is written.
func TestItem(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	d := deviation{Scenarios: []string{"a", "b"}, Got: "<b> | *", Wire: []string{"POST /: 307", "GET /: 200"}, Said: "success (exit status 0)"}
	d.item(&b)
	d.Scenarios = slices.Concat(slices.Repeat([]string{"refused/a"}, 30), []string{"job/b"})
	d.item(&b)
	const expected = "- `a`, `b`: \\<b> \\| \\*. It said success (exit status 0). On the wire: `POST /: 307`, `GET /: 200`.\n" +
		"- `refused/* (30)`, `job/* (1)`: \\<b> \\| \\*. It said success (exit status 0). On the wire: `POST /: 307`, `GET /: 200`.\n"
	if b.String() != expected {
		t.Errorf("expected\n%s\ngot\n%s", expected, b.String())
	}
}
