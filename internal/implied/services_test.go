package implied_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/resources"
	"github.com/gesconform/gesconform/internal/selftest/services"
	"github.com/gesconform/gesconform/internal/wire"
)

// options are those of a run against a service, by a client in earnest with its gate.
func options(t *testing.T, s *services.Service, c *contract.Contract, endpoint string, risk cases.Risk) (implied.Options, *wire.Client) {
	t.Helper()
	o := implied.Options{Contract: c, Endpoint: endpoint, Credentials: s.Credentials, Risk: risk, Seed: 1, Recovery: 100 * time.Millisecond}
	for name, value := range s.Fixtures {
		o.Fixtures = append(o.Fixtures, implied.Fixture{Name: name, Value: value})
	}
	var carried []wire.Credential
	for _, k := range implied.CarriedBy(o) {
		carried = append(carried, wire.Credential{In: k.Scheme.In, Name: k.Scheme.Name, Value: k.Text, Altered: k.MadeUp})
	}
	cfg := &config.Config{Endpoint: endpoint, Risk: risk, RequestTimeout: 10 * time.Second, Concurrency: 4, MaxRequests: 100_000}
	gate := wire.NewDocumentGate(c, risk, nil, carried)
	client := wire.New(cfg, wire.WithGate(gate), wire.WithCredentials(carried...))
	o.Sender = client
	o.Made = func(m resources.Made) {
		if !m.Deleted {
			if err := gate.Made(m.Path); err != nil {
				t.Logf("%s", err)
			}
		}
	}
	return o, client
}

// tried judges a service with a twist.
func tried(t *testing.T, s *services.Service, c *contract.Contract, twist string, seed uint64, risk cases.Risk) implied.Report {
	t.Helper()
	server := httptest.NewServer(s.New(twist, seed))
	defer server.Close()
	o, client := options(t, s, c, server.URL, risk)
	defer client.Close()
	o.Seed = int64(seed)
	report, err := implied.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func documentOf(t *testing.T, s *services.Service) *contract.Contract {
	t.Helper()
	c, err := contract.Parse(s.Name+".yaml", s.Document)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// accusations returns what is held against a server, a line each.
func accusations(report implied.Report, verdicts ...judge.Verdict) []string {
	var all []string
	for _, r := range report.Results {
		for _, f := range r.Findings {
			if slices.Contains(verdicts, f.Verdict) {
				all = append(all, fmt.Sprintf("%s %s by %q: %s; %s (line %d)", f.Verdict, f.Requirement, r.Case, f.Got, f.Hint, f.Line))
			}
		}
	}
	return all
}

// sampled reports whether a test without GESCONFORM_TEST_ALL looks at the nth of many.
func sampled(n int) bool { return os.Getenv("GESCONFORM_TEST_ALL") != "" || n%24 == 5 }

// No correct service is accused, however it behaves where its document leaves that open.
func TestLawfulVariations(t *testing.T) {
	seeds := uint64(1)
	if os.Getenv("GESCONFORM_TEST_ALL") != "" {
		seeds = 10
	}
	for _, s := range services.All() {
		c := documentOf(t, s)
		for n, v := range append([]services.Twist{{}}, s.Variations...) {
			if n > 0 && !sampled(n) {
				continue
			}
			for seed := range seeds {
				report := tried(t, s, c, v.Name, seed+1, cases.Destructive)
				for _, a := range accusations(report, judge.Deviates) {
					t.Errorf("%s, seed %d: %s", v.Name, seed+1, a)
				}
				if report.Failure != "" {
					t.Errorf("%s, seed %d: %s", v.Name, seed+1, report.Failure)
				}
				if v.Name == "" && s.Name == "library" {
					if r := verdictOf(t, report, "GET /books/{isbn}: path isbn: unknown"); r.Verdict != judge.Conforms {
						t.Errorf("an id that must have a pattern: got %s %s", r.Verdict, r.Reason)
					}
				}
			}
		}
	}
}
