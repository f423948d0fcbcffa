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
	o.Made = func(m resources.Made) error {
		if m.Deleted || m.Doubt != "" {
			return nil
		}
		err := gate.Made(m.Path)
		if err != nil {
			t.Logf("%s", err)
		}
		return err
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
func sampled(n int) bool { return os.Getenv("GESCONFORM_TEST_ALL") != "" || n%48 == 5 }

// unfound are defects that a run does not find, and why.
var unfound = map[string]string{
	"any-room":      "there are so few rooms that no id is certain to name nothing",
	"empty-shelf":   "there are so few shelves that no id is certain to name nothing",
	"notify-lost":   "the schema lets answers leave the member out",
	"no-december":   "a pattern has more values than are tried",
	"month-13":      "a pattern is broken in other ways",
	"small-barcode": "the ids of a list are tried as they are",
	"limit-coerced": "5.0 is the integer 5 in JSON, and is not tried in a query",
	"caption-lost":  "the schema lets answers leave the member out",
	"steps-lost":    "the schema lets answers leave the member out",
	"items-lost":    "the array that is tried has one item",
	"floor-half":    "an integer with a fraction is a scalar of another kind, which is a SHOULD",
	"tag-case":      "texts that differ by case are not tried together",
}

// What is wrong with a defective service is found at the requirement that it breaks.
func TestDefectsAreFound(t *testing.T) {
	for _, s := range services.All() {
		c := documentOf(t, s)
		lost := 0
		for n, d := range s.Defects {
			if unfound[d.Name] != "" {
				lost++
			}
			if !sampled(n) {
				continue
			}
			report := tried(t, s, c, d.Name, 1, cases.Destructive)
			found := slices.ContainsFunc(report.Results, func(r judge.Result) bool {
				return slices.ContainsFunc(r.Deviations(true), func(f judge.Finding) bool { return f.Requirement == d.Requirement })
			})
			if found != (unfound[d.Name] == "") {
				t.Errorf("%s %s (%s): found %v; accused of %q", s.Name, d.Name, d.Summary, found, accusations(report, judge.Deviates, judge.Advisory))
			}
		}
		if 20*lost > len(s.Defects) {
			t.Errorf("%s: expected that at least 95 %% of %d defects are found, got %d that are not", s.Name, len(s.Defects), lost)
		}
	}
}

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
