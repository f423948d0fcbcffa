package implied_test

import (
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/resources"
	"github.com/gesconform/gesconform/internal/selftest/services"
	"github.com/gesconform/gesconform/internal/wire"
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
			cfg := &config.Config{Endpoint: server.URL, Risk: risk, RequestTimeout: 10 * time.Second, Concurrency: 4, MaxRequests: 100_000}
			o := implied.Options{Contract: c, Endpoint: server.URL, Credentials: s.Credentials, Risk: risk, Seed: 1}
			for name, value := range s.Fixtures {
				o.Fixtures = append(o.Fixtures, implied.Fixture{Name: name, Value: value})
			}
			derived, _, err := implied.Cases(o)
			if err != nil {
				t.Fatal(err)
			}
			risks := map[string]cases.Risk{}
			for _, k := range derived {
				risks[k.ID] = k.Risk
			}
			var carried []wire.Credential
			for _, k := range implied.CarriedBy(o) {
				carried = append(carried, wire.Credential{In: k.Scheme.In, Name: k.Scheme.Name, Value: k.Text, Altered: k.MadeUp})
			}
			gate := wire.NewDocumentGate(c, risk, nil, carried)
			client := wire.New(cfg, wire.WithGate(gate), wire.WithCredentials(carried...))
			o.Sender = client
			o.Made = func(m resources.Made) {
				if !m.Deleted {
					if err := gate.Made(m.Path); err != nil {
						t.Error(err)
					}
				}
			}
			o.Exchange = func(x exchange.Exchange) {
				found, _ := cases.ParseRisk(x.Risk)
				if of, known := risks[x.Case]; known && found > of {
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
			if len(report.Left) > 0 || report.Failure != "" {
				t.Errorf("%s at risk %s: left %q, failure %q", s.Name, risk, report.Left, report.Failure)
			}
			client.Close()
			server.Close()
		}
	}
}
