package implied_test

import (
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/services"
)

// The gate, which sees only bytes, lets pass what the cases say may be sent, and finds no request
// riskier than its case says.
func TestGateAgrees(t *testing.T) {
	all := os.Getenv("GESCONFORM_TEST_ALL") != ""
	for _, s := range services.All() {
		c := documentOf(t, s)
		for _, risk := range []cases.Risk{cases.Inert, cases.Guarded, cases.Destructive} {
			if !all && (s.Name != "workshop" || risk == cases.Inert) {
				continue
			}
			server := httptest.NewServer(s.New("", 1))
			o, client := options(t, s, c, server.URL, risk)
			derived, _, err := implied.Cases(o)
			if err != nil {
				t.Fatal(err)
			}
			risks := map[string]cases.Risk{}
			for _, k := range derived {
				risks[k.ID] = k.Risk
			}
			o.Exchange = func(x exchange.Exchange) {
				found, _ := cases.ParseRisk(x.Risk)
				if of, known := risks[x.Case]; known && found > of && risk < cases.Destructive { // then it goes to what was made, rather than to what is absent
					t.Errorf("%s, risk %s: %s: the gate finds %s %s %s", s.Name, of, x.Case, x.Request.Method, x.Request.Path, x.Risk)
				}
			}
			report, err := implied.Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range report.Results {
				if r.Verdict == judge.Error || strings.Contains(r.Reason, "not sent: P") || strings.Contains(r.Reason, "not sent: D") {
					t.Errorf("%s at risk %s: %s: %s", s.Name, risk, r.Case, r.Reason)
				}
			}
			for _, a := range accusations(report, judge.Deviates) {
				t.Errorf("%s at risk %s: %s", s.Name, risk, a)
			}
			for _, left := range report.Left {
				if !strings.Contains(left, "which no operation deletes") {
					t.Errorf("%s at risk %s: left %q", s.Name, risk, left)
				}
			}
			if report.Failure != "" {
				t.Errorf("%s at risk %s: %s", s.Name, risk, report.Failure)
			}
			client.Close()
			server.Close()
		}
	}
}
