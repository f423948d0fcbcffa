// Package conformancetest judges a service that implements the upgrade of a graph, POST
// /v2/{project_id}/graphs/{graph_id}/upgrade, in the service's own `go test`:
//
//	func TestConformance(t *testing.T) {
//		server := httptest.NewServer(newService())
//		defer server.Close()
//		conformancetest.Run(t, conformancetest.Target{URL: server.URL, Token: "…", ProjectID: "…", GraphID: "…"})
//	}
//
// It sends the same requests as `gesconform run` and gives the same verdicts. The only
// environment variables that it reads are those of a proxy
// (net/http.ProxyFromEnvironment).
package conformancetest

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/report"
)

// The values of Target.Risk.
const (
	Inert       = "inert"       // only requests that cannot change anything, however broken the service is
	Guarded     = "guarded"     // also bad requests to the graph that name no version but its current one
	Destructive = "destructive" // also valid upgrades, and bad requests that a broken service could take for one
)

// A Target is the service under test, and how far a run may go.
type Target struct {
	// URL is http://HOST[:PORT] or https://HOST[:PORT], for example the URL of an
	// httptest.Server. To another machine, http:// needs {"allow-http": "true"} in Options.
	URL string
	// ProjectID is the project that Token belongs to, and GraphID a running graph in it.
	ProjectID string
	GraphID   string
	// Token is a token that may upgrade the graph. Options may have an access key, or a
	// way to get a token, instead.
	Token string
	// ReadonlyToken is a token of the same project that may not upgrade the graph, and
	// ExpiredToken an expired one. Without them, or the graphs below, the cases that need
	// them are skipped.
	ReadonlyToken string
	ExpiredToken  string
	// StoppedGraphID is a stopped graph of the same project, and ForeignGraphID a graph of
	// another project. The latter only receives reads, unless Options has
	// confirm-foreign-graph.
	StoppedGraphID string
	ForeignGraphID string
	// UpgradeVersions are the available later versions, in ascending order. Each accepted
	// upgrade uses one up.
	UpgradeVersions []string
	// Risk is the highest risk of a request: Inert (or ""), Guarded or Destructive.
	Risk string
	// MaxUpgrades is how many upgrades may start. 0 means 1, or on a loopback address the
	// number of versions.
	MaxUpgrades int
	// ConfirmGraph is the graph's name. It must match before an upgrade starts, except on a
	// loopback address.
	ConfirmGraph string
	// Options are other options of `gesconform run`, by the name of the flag without the
	// leading hyphens, such as {"request-timeout": "5s"}; `gesconform run --help` lists
	// them.
	Options map[string]string
}

// Run judges the target. Each case is a subtest, named
//
//	conformance/REQUIREMENT/CASE
//
// and so is each requirement about every answer (conformance/REQUIREMENT). Only the cases
// that `go test -run` selects are sent, and those that must precede risky ones. A failure
// has the broken sentence, its line in openapi.yaml, the lawful outcomes and the actual
// one, and a curl command that repeats the request. What could not be exercised is skipped,
// with the reason. Run returns when all subtests have ended.
func Run(t *testing.T, target Target) {
	t.Helper()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	deployment := config.Deployment(target)
	cfg, err := deployment.Config()
	if err == nil {
		err = cfg.Complete()
	}
	if err != nil {
		t.Fatalf("conformancetest: %v", err)
	}
	all, err := cases.Of(c)
	if err == nil {
		err = engine.Check(all)
	}
	if err != nil {
		t.Fatal(err)
	}
	r := &run{contract: c, config: &cfg, all: all}
	t.Run("conformance", r.test)
}

// A run judges one target. Its subtests are parallel, so that all selected ones have been
// added to selected before the first continues and starts the engine.
type run struct {
	contract *contract.Contract
	config   *config.Config
	all      []*cases.Case

	selected []*cases.Case
	start    sync.Once
	engine   *engine.Engine
	failed   error // why nothing could be judged
	foreseen []engine.Item
}

func (r *run) test(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var ended sync.WaitGroup
	t.Cleanup(func() { // when all subtests have ended
		cancel()
		ended.Wait()
		if r.engine != nil {
			r.engine.Close()
		}
	})
	begin := func(t *testing.T) {
		t.Helper()
		r.start.Do(func() {
			if r.begin(ctx, &ended); r.failed != nil {
				t.Fatalf("conformancetest: %v", r.failed)
			}
			for _, i := range r.foreseen {
				if i.State == engine.WillNotWork {
					t.Logf("conformancetest: will not work: %s: %s; %s", i.Subject, i.Found, i.Advice)
				}
			}
		})
		if r.failed != nil { // one failure says it
			t.Skipf("could not be judged: %v", r.failed)
		}
	}
	for _, k := range r.all {
		t.Run(k.Requirement+"/"+k.ID, func(t *testing.T) {
			r.selected = append(r.selected, k)
			t.Parallel()
			begin(t)
			r.report(t, r.engine.Await(t.Context(), k.ID))
		})
	}
	for _, requirement := range r.contract.Requirements() {
		if requirement.Judges == "" || requirement.Judges == contract.AspectInTime && r.config.MaxResponseTime == 0 {
			continue
		}
		t.Run(requirement.ID, func(t *testing.T) {
			t.Parallel()
			begin(t)
			r.engine.Wait(t.Context())
			r.reportOnAll(t, requirement.ID)
		})
	}
}

// begin sends the first request, which shows whether judging makes sense, and then the
// others in the background.
func (r *run) begin(ctx context.Context, ended *sync.WaitGroup) {
	r.engine = engine.New(r.contract, r.config, r.all, r.selected, engine.Hooks{})
	if r.failed = r.engine.Preflight(ctx); r.failed == nil {
		r.foreseen = r.engine.Foreseen()
		ended.Go(func() { r.engine.Run(ctx, r.selected) })
	}
}

// report reports the result of a case as that of its subtest.
func (r *run) report(t *testing.T, result judge.Result) {
	t.Helper()
	switch result.Verdict {
	case judge.Masked, judge.NotApplicable:
		t.Skipf("%s: %s", result.Verdict, result.Reason)
	case judge.Error:
		t.Fatalf("could not be judged: %s", result.Reason)
	default:
		for _, f := range result.Findings {
			r.show(t, result, f)
		}
	}
}

// reportOnAll reports the findings about every answer as the result of their requirement's
// subtest.
func (r *run) reportOnAll(t *testing.T, requirement string) {
	t.Helper()
	judged := false
	for _, result := range r.engine.Results() {
		for _, f := range result.Findings {
			if f.Requirement == requirement {
				judged = true
				r.show(t, result, f)
			}
		}
	}
	if !judged {
		t.Skip("not-applicable: no answer of the selected cases shows it")
	}
}

// show fails the subtest for a broken MUST and, if strict, for a broken SHOULD.
func (r *run) show(t *testing.T, result judge.Result, f judge.Finding) {
	t.Helper()
	if f.Verdict != judge.Deviates && f.Verdict != judge.Advisory {
		return
	}
	text := "\n" + strings.TrimRight(report.FailureText(r.contract, result, f), "\n")
	if f.Verdict == judge.Deviates || r.config.Strict {
		t.Error(text)
	} else {
		t.Log("advisory: " + text)
	}
}
