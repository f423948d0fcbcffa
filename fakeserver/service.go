package fakeserver

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/gen"
)

// A service holds the state and implements the operations. What a request looks
// like from outside comes to the operations in their context, as a call.
type service struct {
	contract *contract.Contract
	policy   *policy
	clock    func() time.Time
	times    []time.Duration
	fixtures Fixtures
	callers  []*caller // the operator first; never changed

	mu       sync.Mutex // guards all below, and the graphs and jobs
	graphs   map[string]*graph
	jobs     map[string]*job
	upgrades int
	ids      *ids
}

var _ gen.StrictServerInterface = (*service)(nil)

func newService(c *config, policy *policy) *service {
	s := &service{
		contract: c.contract, policy: policy, clock: c.clock, times: slices.Clone(c.times),
		graphs: map[string]*graph{}, jobs: map[string]*job{}, ids: newIDs(c.seed),
	}
	s.populate()
	return s
}

type callKey struct{}

var errNoCall = errors.New("the operation was called without a call in its context")

// judged takes the call out of the context and judges it by the state. The lock
// is held.
func (s *service) judged(ctx context.Context, now time.Time) (*call, *contract.Refusal, error) {
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		return nil, nil, errNoCall
	}
	s.judgeState(c, now)
	return c, s.refusal(c), nil
}

// UpgradeGraph starts an upgrade, or refuses to.
func (s *service) UpgradeGraph(ctx context.Context, request gen.UpgradeGraphRequestObject) (gen.UpgradeGraphResponseObject, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	c, refusal, err := s.judged(ctx, now)
	if err != nil {
		return nil, err
	}
	if refusal != nil {
		v := s.refuse(c, refusal)
		return gen.UpgradeGraphdefaultJSONResponse{StatusCode: v.status, Body: v.body}, nil
	}
	if d := s.policy.declined(c); d != nil {
		c.condition = "declined"
		v := s.verdict(c, d.status, d.code, "")
		return gen.UpgradeGraphdefaultJSONResponse{StatusCode: v.status, Body: v.body}, nil
	}
	target := c.graph.version
	if _, err := contract.ParseVersion(request.Body.UpgradeVersion); err == nil {
		target = request.Body.UpgradeVersion
	}
	return gen.UpgradeGraph200JSONResponse{JobID: s.begin(c.graph, target, now).id}, nil
}

// ShowGraph shows a graph.
func (s *service) ShowGraph(ctx context.Context, _ gen.ShowGraphRequestObject) (gen.ShowGraphResponseObject, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, refusal, err := s.judged(ctx, s.clock())
	if err != nil {
		return nil, err
	}
	if refusal != nil {
		v := s.refuse(c, refusal)
		return gen.ShowGraphdefaultJSONResponse{StatusCode: v.status, Body: v.body}, nil
	}
	return graphAnswer{c.graph.show()}, nil
}

// ShowJob shows an upgrade.
func (s *service) ShowJob(ctx context.Context, request gen.ShowJobRequestObject) (gen.ShowJobResponseObject, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	c, refusal, err := s.judged(ctx, now)
	if err != nil {
		return nil, err
	}
	if refusal != nil {
		v := s.refuse(c, refusal)
		return gen.ShowJobdefaultJSONResponse{StatusCode: v.status, Body: v.body}, nil
	}
	if c.job == nil {
		c.job = &job{id: request.JobID, graph: c.graph, begin: now, done: true}
	}
	if c.job.graph != c.graph {
		s.settle(c.job.graph, now)
	}
	return gen.ShowJob200JSONResponse(s.showJob(c.job, now)), nil
}

// graphAnswer is gen's answer of showGraph with the further members.
type graphAnswer struct {
	Graph shownGraph `json:"graph"`
}

// VisitShowGraphResponse writes the answer.
func (a graphAnswer) VisitShowGraphResponse(w http.ResponseWriter) error {
	return writeJSON(w, http.StatusOK, a)
}

// requestID makes a gateway's request id. The lock is held.
func (s *service) requestID() string { return s.ids.hex(16) }
