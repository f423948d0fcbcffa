package client

import (
	"net/http"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// TestIDsThatWereGiven checks which ids a client may ask for after an answer without a job: what the
// answer contains is no id that nobody gave.
func TestIDsThatWereGiven(t *testing.T) {
	t.Parallel()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	const graph = "/v2/511b664a0289ea543cbe73d2b1169fc4/graphs/c662251a-6dcb-43f2-8a51-7aaaa31133bd"
	for _, test := range []struct {
		answer, asked string
		broken        bool
	}{
		{`{"job_id": ["168232"]}`, "168232", false}, // String(["168232"]) of JavaScript
		{`{"job_id": ["168232"]}`, "%5B'168232'%5D", true},
		{`{"job_id": {"id": 168232}}`, "168232", false},
		{`{"job_id": {"id": "168232"}}`, "[object%20Object]", true},
		{`{"job_id": ""}`, "", true},
		{`{"job_id": null}`, "null", true},
		{`{"job_id": true}`, "true", true},
		{`{}`, "undefined", true},
	} {
		o := &observation{
			scenario: &Scenario{}, contract: c, outcome: &judge.ClientOutcome{Said: judge.SaidFailure},
			exchanges: []exchange.Exchange{
				{Aim: atEndpoint, Request: contract.Request{Method: http.MethodPost, Path: graph + "/upgrade"}, Answer: &contract.Answer{Status: http.StatusOK, Body: []byte(test.answer)}},
				{Aim: atEndpoint, Request: contract.Request{Method: http.MethodGet, Path: graph + "/jobs/" + test.asked + "/status"}, Answer: &contract.Answer{Status: http.StatusBadRequest}},
			},
		}
		if d := asksOwnJob(o, true); d == nil || d.broken != test.broken {
			t.Errorf("%s, then jobs/%s/status: expected broken: %t, got %+v", test.answer, test.asked, test.broken, d)
		}
	}
}
