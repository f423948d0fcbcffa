package report

import (
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestFailureText(t *testing.T) {
	result := resulttest.Results()[1]
	want := `upgrade.later (MUST) A version that is not later is refused.
contract: sample.yaml:12, broken at sample.yaml:40
origin:   A page, 2024-01-01, https://example.com/
          ours, D1 (Equal versions): An upgrade to the same version stops a graph for nothing.
case:     upgradeGraph/version/equal (aim current-version)
lawful:   400 GES.7049 or GES.0001
          409
got:      200, the upgrade was accepted
request:  curl -sS -i -X POST 'http://127.0.0.1:8080/graphs/g1/upgrade' -H 'Content-Type: application/json' -H "X-Auth-Token: $GESCONFORM_TOKEN" --data-raw '{"upgrade_version":"1.0.5"}'
answer:   HTTP 200 OK
          Content-Type: application/json

          {"job_id":"j1"}
hint:     compare versions part by part as numbers`
	result.Findings[0].Line = 40
	if got := FailureText(resulttest.Contract(t), result, result.Findings[0]); got != want {
		t.Errorf("expected\n%s\ngot\n%s", want, got)
	}
}

func TestFailureTextAnswers(t *testing.T) {
	lines := strings.Repeat("line\n", 100)
	for name, tc := range map[string]struct {
		change func(*exchange.Exchange)
		want   []string
		absent string
	}{
		"none": {func(x *exchange.Exchange) {
			x.Answer, x.Failure = nil, &exchange.Failure{Kind: exchange.Dropped, Message: "unexpected\nEOF"}
		}, []string{"answer:   none\n          (dropped: unexpected EOF)"}, "HTTP"},
		"cut":       {func(x *exchange.Exchange) { x.Failure = &exchange.Failure{Kind: exchange.Cut, Message: "EOF"} }, []string{"HTTP 200 OK", "(cut: EOF)"}, "none"},
		"no body":   {func(x *exchange.Exchange) { x.Answer.Body = nil }, []string{"application/json\n          (no body)"}, "bytes"},
		"odd":       {func(x *exchange.Exchange) { x.Answer.Status = 299 }, []string{"HTTP 299\n"}, "HTTP 299 "},
		"long":      {func(x *exchange.Exchange) { x.Answer.Body = []byte(strings.Repeat("ü", 3000)) }, []string{"ü\n          ... (6000 bytes in total)"}, `\x`},
		"cut rune":  {func(x *exchange.Exchange) { x.Answer.Body = []byte("a" + strings.Repeat("ü", 3000)) }, []string{"... (6001 bytes in total)"}, `\x`},
		"lines":     {func(x *exchange.Exchange) { x.Answer.Body = []byte(lines) }, []string{"... (500 bytes in total)"}, strings.Repeat("line\n          ", 25)},
		"binary":    {func(x *exchange.Exchange) { x.Answer.Body = []byte("\x1b[31m\xff\r\nb\r") }, []string{`\x1b[31m\xff` + "\n          b\n"}, "bytes"},
		"long head": {func(x *exchange.Exchange) { x.Answer.Header.Set("X-Long", strings.Repeat("y", 999)) }, []string{"X-Long: yyy", "yyy...\n"}, strings.Repeat("y", 300)},
	} {
		t.Run(name, func(t *testing.T) {
			result := resulttest.Results()[1]
			tc.change(&result.Exchanges[0])
			got := FailureText(resulttest.Contract(t), result, result.Findings[0])
			for _, want := range tc.want {
				if !strings.Contains(got, want) {
					t.Errorf("expected %q in\n%s", want, got)
				}
			}
			if strings.Contains(got, tc.absent) {
				t.Errorf("expected no %q in\n%s", tc.absent, got)
			}
		})
	}
}

func TestFailureTextWithoutAnExchange(t *testing.T) {
	result := resulttest.Results()[1]
	for _, index := range []int{-1, 1, 99} {
		f := result.Findings[0]
		f.Exchange = index
		if got := FailureText(resulttest.Contract(t), result, f); strings.Contains(got, "request:") || strings.Contains(got, "answer:") {
			t.Errorf("exchange %d: expected none, got\n%s", index, got)
		}
	}
}

func TestVisible(t *testing.T) {
	for s, want := range map[string]string{
		"plain ü 图 😀\n\t":  "plain ü 图 😀\n\t",
		"\x00\x1b\r\x7f":   `\x00\x1b\x0d\x7f`,
		"\xff\xc3":         `\xff\xc3`,
		"\u0085\u202e":     `\u0085\u202e`,
		"\U000e0001\ufffd": `\U000e0001` + "\ufffd",
	} {
		if got := printable.Escape(s); got != want {
			t.Errorf("%q: expected %q, got %q", s, want, got)
		}
	}
}
