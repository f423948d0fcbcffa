package judge_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// requirements returns the requirements of findings, each with its verdict.
func requirements(findings []judge.Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, string(f.Verdict)+" "+f.Requirement)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestAspects(t *testing.T) {
	c := shipped(t)
	with := func(x *exchange.Exchange, change func(*exchange.Exchange)) *exchange.Exchange {
		change(x)
		return x
	}
	body := func(status int, text string) *exchange.Exchange {
		return with(answer(status, "GES.7049"), func(x *exchange.Exchange) { x.Answer.Body = []byte(text) })
	}
	for _, tt := range []struct {
		name, condition string
		x               *exchange.Exchange
		want            []string
	}{
		{name: "clean refusal", condition: "missing-member", x: answer(400, "GES.7049")},
		{name: "clean success", x: answer(200, "")},
		{name: "leak", condition: "missing-member", x: with(answer(400, "GES.7049"), func(x *exchange.Exchange) { x.Leaked = []string{"GESCONFORM_TOKEN"} }), want: []string{"deviates answer.no-credentials"}},
		{name: "5xx", condition: "missing-member", x: answer(500, "GES.0009"), want: []string{"deviates request.answered"}},
		{name: "503 of the gateway is no answer", condition: "missing-member", x: answer(503, "APIGW.0613")},
		{name: "503 to HEAD, whosever it is", condition: "wrong-method", x: with(body(503, ""), func(x *exchange.Exchange) { x.Request.Method = http.MethodHead })},
		{name: "503 of nobody", condition: "wrong-method", x: body(503, ""), want: []string{"deviates request.answered"}},
		{name: "dropped", condition: "missing-member", x: failed(exchange.Dropped), want: []string{"deviates request.answered"}},
		{name: "timed out", condition: "missing-member", x: failed(exchange.TimedOut), want: []string{"deviates request.answered"}},
		{name: "cut", condition: "missing-member", x: failed(exchange.Cut), want: []string{"deviates request.answered"}},
		{name: "cut, with a leak", condition: "missing-member", x: with(failed(exchange.Cut), func(x *exchange.Exchange) { x.Leaked = []string{"GESCONFORM_TOKEN"} }), want: []string{"deviates answer.no-credentials", "deviates request.answered"}},
		{name: "interrupted", condition: "missing-member", x: failed(exchange.Interrupted)},
		{name: "not sent", condition: "missing-member", x: failed(exchange.NotSent)},
		{name: "media type", condition: "missing-member", x: with(answer(400, "GES.7049"), func(x *exchange.Exchange) { x.Answer.Header.Set("Content-Type", "text/html") }), want: []string{"deviates answer.media-type"}},
		{name: "no JSON", condition: "missing-member", x: body(400, `{"error_code":`), want: []string{"deviates answer.json"}},
		{name: "no message", condition: "missing-member", x: body(400, `{"error_code":"GES.7049"}`), want: []string{"deviates answer.error-body"}},
		{name: "no code", condition: "missing-member", x: body(400, `{"error_msg":"no"}`), want: []string{"deviates answer.error-body"}},
		{name: "form of the code", condition: "missing-member", x: body(400, `{"error_code":"E-1","error_msg":"no"}`), want: []string{"deviates answer.code-form"}},
		{name: "job id", x: body(200, `{}`), want: []string{"deviates upgrade.job-id"}},
		{name: "stack trace", condition: "missing-member",
			x:    body(400, `{"error_code":"GES.7049","error_msg":"java.lang.NullPointerException\n\tat com.huawei.ges.Upgrade.run(Upgrade.java:42)"}`),
			want: []string{"deviates answer.no-stack-trace"}},
		{name: "what stands in front", condition: "wrong-method", x: with(body(405, "<html>"), func(x *exchange.Exchange) { x.Answer.Header.Set("Content-Type", "text/html") })},
		{name: "what stands in front, stack trace", condition: "wrong-method",
			x: body(405, "Traceback (most recent call last):\n  File \"/app/main.py\", line 1, in <module>\nKeyError: 'x'"), want: []string{"deviates answer.no-stack-trace"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := probe(c, tt.condition)
			got := requirements(judge.New(c).Aspects(k, c.Operation(k.Operation), tt.x))
			if !slices.Equal(got, tt.want) {
				t.Errorf("expected %q, got %q", tt.want, got)
			}
		})
	}
}

// A code that is lawful for another rule that the request also breaks has the right meaning.
func TestCode(t *testing.T) {
	c := shipped(t)
	j := judge.New(c)
	for _, tt := range []struct {
		name, conditions string
		x                *exchange.Exchange
		want             string // the finding's requirement
	}{
		{"lawful for the other", "absent-body unknown-graph", answer(400, "GES.7000"), ""},
		{"lawful for none", "absent-body", answer(400, "GES.7000"), "answer.code-meaning"},
		{"lawful for neither", "absent-body unknown-graph", answer(400, "GES.7001"), "answer.code-meaning"},
		{"lawful", "absent-body", answer(400, "GES.7016"), ""},
		{"a status that fits none", "absent-body", answer(404, "GES.7000"), ""},
		{"a code that no page names", "absent-body", answer(400, "GES.9123"), "answer.code-documented"},
		{"second best", "absent-body", answer(422, "GES.7016"), "answer.code-precise"},
		{"second best, and masked", "absent-body target-not-later", answer(400, "GES.7036"), ""},
		{"throttled", "absent-body", answer(429, "APIGW.0308"), ""},
		{"accepted", "absent-body", answer(200, ""), ""},
		{"no answer", "absent-body", failed(exchange.Dropped), ""},
	} {
		k := probe(c, "absent-body")
		decided := j.Decide(k, cases.Aim{Conditions: strings.Fields(tt.conditions)}, tt.x)
		f, wrong := j.Code(k, decided, tt.x)
		if f.Requirement != tt.want || wrong != (tt.want != "") {
			t.Errorf("%s: expected a finding on %q, got %t: %+v", tt.name, tt.want, wrong, f)
		}
	}
}

func TestUpheld(t *testing.T) {
	c := shipped(t)
	always := []string{"conforms answer.header-once", "conforms answer.no-credentials", "conforms answer.no-stack-trace", "conforms request.answered", "conforms request.answered-at-first"}
	form := append([]string{"conforms answer.request-id", "conforms answer.charset", "conforms answer.content-coding", "conforms answer.json", "conforms answer.media-type"}, always...)
	for _, tt := range []struct {
		name, condition string
		x               *exchange.Exchange
		want            []string
	}{
		{"success", "", answer(200, ""), append([]string{"conforms answer.status", "conforms upgrade.job-id"}, form...)},
		{"refusal", "missing-member", answer(400, "GES.7049"), append([]string{"conforms answer.error-body", "conforms answer.code-form", "conforms answer.code-meaning", "conforms answer.code-precise", "conforms answer.code-documented"}, form...)},
		{"in front", "wrong-method", answer(405, ""), always},
		{"no answer", "missing-member", failed(exchange.Dropped), nil},
		{"throttled", "missing-member", answer(429, "APIGW.0308"), nil},
	} {
		k := probe(c, tt.condition)
		want := slices.Clone(tt.want)
		slices.Sort(want)
		if got := requirements(judge.New(c).Upheld(k, c.Operation(k.Operation), tt.x)); !slices.Equal(got, want) {
			t.Errorf("%s: expected %q, got %q", tt.name, want, got)
		}
	}
	head := answer(405, "")
	head.Request.Method = http.MethodHead
	if got := requirements(judge.New(c).Upheld(probe(c, "missing-member"), c.Operation("upgradeGraph"), head)); !slices.Equal(got, always) {
		t.Errorf("HEAD: got %q", got)
	}
	head.AfterHead = new("")
	if got := requirements(judge.New(c).Upheld(probe(c, "missing-member"), c.Operation("upgradeGraph"), head)); !slices.Contains(got, "conforms answer.head-without-body") {
		t.Errorf("HEAD, with what follows its head: got %q", got)
	}
}

var everyVerdict = []judge.Verdict{judge.NotApplicable, judge.Masked, judge.Observed, judge.Conforms, judge.Advisory, judge.Error, judge.Deviates}

func TestWorse(t *testing.T) {
	for i, a := range everyVerdict {
		for k, b := range everyVerdict {
			if got := judge.Worse(a, b); got != everyVerdict[max(i, k)] {
				t.Errorf("%s or %s: got %s", a, b, got)
			}
		}
	}
	exercised := []judge.Verdict{judge.Observed, judge.Conforms, judge.Advisory, judge.Deviates}
	for _, v := range everyVerdict {
		if v.Exercised() != slices.Contains(exercised, v) {
			t.Errorf("%s: exercised %t", v, v.Exercised())
		}
	}
}

func TestConclude(t *testing.T) {
	find := func(v judge.Verdict) judge.Finding {
		return judge.Finding{Requirement: "r-" + string(v), Level: contract.Must, Verdict: v, Got: "got"}
	}
	for _, before := range everyVerdict {
		for _, found := range everyVerdict {
			r := judge.Result{Verdict: before}
			r.Conclude(find(found))
			want := before
			if found == judge.Deviates || found == judge.Advisory {
				want = judge.Worse(before, found)
			}
			if r.Verdict != want || len(r.Findings) != 1 {
				t.Errorf("%s with %s: expected %s, got %s", before, found, want, r.Verdict)
			}
		}
	}
	r := judge.Result{Verdict: judge.Conforms}
	r.Conclude(find(judge.Advisory), find(judge.Advisory), find(judge.Deviates))
	r.Conclude(find(judge.Advisory))
	if len(r.Findings) != 2 || r.Verdict != judge.Deviates {
		t.Errorf("expected two findings and the heavier, got %+v", r)
	}
	if n := len(r.Deviations(false)); n != 1 {
		t.Errorf("expected 1 deviation, got %d", n)
	}
	if n := len(r.Deviations(true)); n != 2 {
		t.Errorf("strictly: expected 2 deviations, got %d", n)
	}
}
