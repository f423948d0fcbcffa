// Package conformancetest judges a service that implements the upgrade of a graph, POST
// /v2/{project_id}/graphs/{graph_id}/upgrade, in the service's own `go test`:
//
//	func TestConformance(t *testing.T) {
//		server := httptest.NewServer(newService())
//		defer server.Close()
//		conformancetest.Run(t, conformancetest.Target{URL: server.URL, Token: "…", ProjectID: "…", GraphID: "…"})
//	}
//
// It sends what `gesconform run` sends and comes to the same verdicts. It reads no
// environment variables but those of a proxy (net/http.ProxyFromEnvironment).
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

// The risks that a Target may allow.
const (
	Inert       = "inert"       // only what can change nothing, however broken the service is
	Guarded     = "guarded"     // also bad requests to the graph, which name no version but its own
	Destructive = "destructive" // also valid upgrades, and bad requests that a broken service could take for one
)

// A Target is the service under test, and how far a run may go there.
type Target struct {
	// URL is http://HOST[:PORT] or https://HOST[:PORT], an httptest.Server's URL for
	// example.
	URL string
	// ProjectID and GraphID name a running graph of the project that Token belongs to.
	ProjectID string
	GraphID   string
	// Token may upgrade the graph. Instead of it Options may have an access key, or where
	// to get a token from.
	Token string
	// ReadonlyToken is a token of the same project that may not upgrade, and ExpiredToken
	// one whose time is over. Without one, the cases that need it are skipped, and so it is
	// with the graphs below.
	ReadonlyToken string
	ExpiredToken  string
	// StoppedGraphID names a stopped graph of the same project, and ForeignGraphID a graph
	// of another project. The latter gets reads only, unless Options has
	// confirm-foreign-graph.
	StoppedGraphID string
	ForeignGraphID string
	// UpgradeVersions are later versions on offer, in ascending order. Each accepted
	// upgrade uses one up.
	UpgradeVersions []string
	// Risk is the highest that a request may have: Inert (or ""), Guarded or Destructive.
	Risk string
	// MaxUpgrades is how many upgrades may start. 0 stands for 1, and on a loopback address
	// for as many as there are versions.
	MaxUpgrades int
	// ConfirmGraph is the name of the graph. It must be right before an upgrade may start
	// anywhere but on a loopback address.
	ConfirmGraph string
	// Options are other options of `gesconform run`, by the name of the flag without its
	// hyphens, {"request-timeout": "5s"} for example; `gesconform run --help` lists them.
	Options map[string]string
}

// Run judges the target. Each case is a subtest of its own, named
//
//	conformance/REQUIREMENT/CASE
//
// after the requirement that it is about, and so is each requirement on all answers
// (conformance/REQUIREMENT). Only the cases that `go test -run` selects are sent, and
// those that must go before what is dangerous. A case fails with the sentence that is
// broken, its place in openapi.yaml, what would have been lawful and what came, and a
// curl line that repeats the request. What could not be exercised is skipped, with the
// reason. Run returns when all is done.
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

// A run judges one target. Its subtests are parallel, so that all that go test selects
// have said so before the first of them goes on and starts the engine.
type run struct {
	contract *contract.Contract
	config   *config.Config
	all      []*cases.Case

	selected []*cases.Case
	start    sync.Once
	engine   *engine.Engine
	unfit    error // why nothing could be judged
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
			if r.begin(ctx, &ended); r.unfit != nil {
				t.Fatalf("conformancetest: %v", r.unfit)
			}
		})
		if r.unfit != nil { // one failure says it
			t.Skipf("could not be judged: %v", r.unfit)
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
		if requirement.Judges == "" {
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

// begin sends the first request, which shows whether judging makes sense, and then all
// others at the side.
func (r *run) begin(ctx context.Context, ended *sync.WaitGroup) {
	r.engine = engine.New(r.contract, r.config, r.all, r.selected, engine.Hooks{})
	if r.unfit = r.engine.Preflight(ctx); r.unfit == nil {
		ended.Go(func() { r.engine.Run(ctx, r.selected) })
	}
}

// report lets a subtest end as a case did.
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

// reportOnAll lets the subtest of a requirement on all answers end as they did.
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

// show makes a broken MUST the subtest's failure, and a broken SHOULD one if the target
// is to be judged strictly.
func (r *run) show(t *testing.T, result judge.Result, f judge.Finding) {
	t.Helper()
	text := "\n" + strings.TrimRight(report.FailureText(r.contract, result, f), "\n")
	switch {
	case f.Verdict == judge.Deviates, f.Verdict == judge.Advisory && r.config.Strict:
		t.Error(text)
	case f.Verdict == judge.Advisory:
		t.Log("advisory: " + text)
	}
}
