package fakeserver

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"sync"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/gen"
)

// A service has the state of a loaded scenario, and implements the operations of the
// contract for the generated code. An operation finds its call in the context.
type service struct {
	contract    *contract.Contract
	scenario    *scenario.Scenario
	policy      *policy
	strict      bool // whether whatever the contract lets a service refuse is refused
	clock       *clock
	routes      []route
	withheld    []string // the ids of operations that are not there
	extraRoutes []extraRoute
	showGraph   *route             // calls for lists are refused as if they were for showGraph; nil if there is none
	states      *contract.Contract // where the graph states come from: the shipped one, if contract has none
	layers      layers
	fixtures    Fixtures
	projects    map[string]string // name -> id
	identities  identities
	credentials credentials
	upgrades    []scenario.Upgrade // never empty

	mu       sync.Mutex // guards the fields below, and the graphs and jobs
	graphs   map[string]*graph
	jobs     jobs
	upgraded int
	ids      *ids
}

var _ gen.StrictServerInterface = (*service)(nil)

func newService(server *Server, sc *scenario.Scenario) (*service, error) {
	s := &service{
		contract: server.config.contract, scenario: sc, clock: &server.clock, strict: server.config.strict || sc.Strict,
		extraRoutes: extraRoutesFor(server.config.contract), withheld: server.config.withheld, upgrades: sc.Upgrades,
		graphs: map[string]*graph{}, jobs: newJobs(sc.KeptJobs), ids: newIDs(server.config.seed),
	}
	if len(s.upgrades) == 0 {
		s.upgrades = server.config.upgrades
	}
	shown, err := effectsOf(server.config.defects, sc.Defects)
	if err != nil {
		return nil, err
	}
	s.policy = &shown.policy
	if s.routes, err = s.routesOf(s.contract, server.config.handlers); err != nil {
		return nil, err
	}
	if err := s.checkWithheld(); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(s.routes, func(r route) bool { return r.ID == "showGraph" }); i >= 0 {
		s.showGraph = &s.routes[i]
	}
	s.states = s.contract
	if len(s.states.GraphStates()) == 0 {
		shipped, err := contract.Default()
		if err != nil {
			return nil, err
		}
		s.states = shipped
	}
	if err := s.populate(); err != nil {
		return nil, err
	}
	vary, err := newVariationSource(sc.VaryAlways, slices.Concat(server.config.vary, sc.Vary), server.config.varySeed)
	if err != nil {
		return nil, err
	}
	faults, err := s.newFaults(slices.Concat(server.config.faults, sc.Faults), server.config.seed)
	if err != nil {
		return nil, err
	}
	s.layers = layers{requests: shown.requests, edits: shown.edits, faults: faults, vary: vary, prefer: sc.Prefer}
	return s, nil
}

type callKey struct{}

// callOf returns the call that is in the context of an operation.
func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// The operations are only called if the contract does not refuse the call, and with s.mu
// locked.

// UpgradeGraph starts an upgrade.
func (s *service) UpgradeGraph(ctx context.Context, request gen.UpgradeGraphRequestObject) (gen.UpgradeGraphResponseObject, error) {
	c := callOf(ctx)
	for _, r := range s.policy.refused {
		if r.when(c) {
			c.condition = "declined"
			return s.newRefusal(c, r.status, r.code, ""), nil
		}
	}
	target := cmp.Or(request.Body.UpgradeVersion, c.graph.version)
	if offered := s.scenario.Versions; len(offered) > 0 && !slices.Contains(offered, target) {
		c.condition = "not-offered"
		return s.newRefusal(c, http.StatusBadRequest, incorrect, "The version is not on offer."), nil
	}
	forced := request.Body.ForceUpgrade != nil && *request.Body.ForceUpgrade
	return accepted{s.begin(c, target, forced).id}, nil
}

// ShowGraph shows a graph.
func (s *service) ShowGraph(ctx context.Context, _ gen.ShowGraphRequestObject) (gen.ShowGraphResponseObject, error) {
	c := callOf(ctx)
	return graphAnswer{s.showAfterUpgrade(c.graph, c.now)}, nil
}

// ShowJob shows an upgrade or a task.
func (s *service) ShowJob(ctx context.Context, request gen.ShowJobRequestObject) (gen.ShowJobResponseObject, error) {
	c := callOf(ctx)
	j := c.job
	if j == nil { // a defect does not refuse unknown jobs
		j = &job{id: request.JobID, graph: c.graph, name: upgradeName, target: c.graph.version, began: c.now, start: c.now, end: c.now, done: true}
	}
	if j.graph != c.graph {
		s.endDueJobs(j.graph, c.now)
	}
	status := j.status(c.now)
	if j.done {
		j.asked++
		status = s.policy.endStatus(j.asked, status)
	}
	shown := j.show(status)
	c.variant.varyJob(j, &shown, c.now)
	return gen.ShowJob200JSONResponse(shown), nil
}
