package run

import (
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

// A server that only refuses is not found to conform: it may be another than the document describes.
func TestNothingButRefusals(t *testing.T) {
	result := func(id string, v judge.Verdict, reason string, status int) judge.Result {
		return judge.Result{Case: id, Verdict: v, Reason: reason, Exchanges: []exchange.Exchange{{Answer: &contract.Answer{Status: status}}}}
	}
	plain, unknown := "GET /pets: plain", "GET /pets/{petId}: path petId: unknown"
	for name, test := range map[string]struct {
		results []judge.Result
		passed  bool
		want    string // a part of it; "" for none
	}{
		"nothing is there":      {[]judge.Result{result(unknown, judge.Conforms, "", 404), result(plain, judge.Masked, "404 Not Found", 404)}, false, plain + ": 404 Not Found; check --endpoint"},
		"an advisory alone":     {[]judge.Result{result(plain, judge.Advisory, "", 400)}, false, plain + ": status 400"},
		"led elsewhere":         {[]judge.Result{result(plain, judge.Masked, "302 Found", 302)}, false, "302 Found; redirects are not followed"},
		"behind a gateway":      {[]judge.Result{result(plain, judge.Masked, "502", 502)}, false, "check that the server is up"},
		"behind a proxy":        {[]judge.Result{result(plain, judge.Masked, "407", 407)}, false, "a proxy wants credentials"},
		"fails":                 {[]judge.Result{result(plain, judge.Deviates, "", 500)}, false, ""},
		"something passes":      {[]judge.Result{result(unknown, judge.Conforms, "", 404), result(plain, judge.Conforms, "", 200)}, true, ""},
		"what passes is not in": {[]judge.Result{result(unknown, judge.Conforms, "", 404)}, true, ""},
		"nothing could be sent": {[]judge.Result{{Case: plain, Verdict: judge.NotApplicable, Reason: "needs --fixture petId"}}, false, "needs --fixture petId"},
		"nothing to be sent":    {nil, false, ""},
	} {
		got := nonePassed(implied.Report{Results: test.results, Passed: test.passed})
		if !strings.Contains(got, test.want) || (got == "") != (test.want == "") {
			t.Errorf("%s: expected %q, got %q", name, test.want, got)
		}
	}
}
