package fakeserver

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/gen"
	"github.com/gesconform/gesconform/internal/suggest"
)

// A route is an operation of the contract, with a copy of its refusals, and the function
// that serves a call to it once judgeStatic has judged the call.
type route struct {
	*contract.Operation
	refusals []*contract.Refusal
	serve    func(*call) // nil if it is not implemented
}

// lockJudged locks s.mu and judges a call by the state. If the call is refused, it
// unlocks s.mu, answers and returns false.
func (s *service) lockJudged(c *call) bool {
	s.mu.Lock()
	s.judgeState(c, s.clock.now())
	r := s.chosen(c)
	if r == nil {
		return true
	}
	s.mu.Unlock()
	s.writeRefusal(c, r)
	return false
}

// judging is middleware that calls an operation only if the call is not refused, with
// s.mu locked. The generated code writes the answer once s.mu is unlocked, or nothing if
// the result is nil.
func (s *service) judging(operation gen.StrictHandlerFunc, _ string) gen.StrictHandlerFunc {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request, request any) (any, error) {
		if !s.lockJudged(callOf(ctx)) {
			return nil, nil
		}
		defer s.mu.Unlock()
		return operation(ctx, w, r, request)
	}
}

// serveUpgradeGraph calls UpgradeGraph without the generated code, for two reasons. The
// generated code would decode the body a second time, which costs 10 % of the throughput:
// BenchmarkThroughput has 0.74 of-bare without and 0.67 with it, alternated on two
// cores. And it cannot decode what some defects accept, such as a version in a body
// that is not JSON.
func (s *service) serveUpgradeGraph(c *call) {
	if !s.lockJudged(c) {
		return
	}
	response, err := func() (gen.UpgradeGraphResponseObject, error) {
		defer s.mu.Unlock()
		ctx := context.WithValue(c.request.Context(), callKey{}, c)
		return s.UpgradeGraph(ctx, gen.UpgradeGraphRequestObject{ProjectID: c.values["project_id"], GraphID: c.values["graph_id"], Body: c.upgrade()})
	}()
	if err != nil {
		s.answerFailure(c)
		return
	}
	_ = response.VisitUpgradeGraphResponse(c.w) // fails if the client is gone
}

// upgrade returns the body in the form of the generated code.
func (c *call) upgrade() *gen.UpgradeGraphRequest {
	request := &gen.UpgradeGraphRequest{UpgradeVersion: c.target}
	if force := c.value.Member("force_upgrade"); force != nil && force.Kind == contract.KindBoolean {
		request.ForceUpgrade = &force.Bool
	}
	return request
}

// routesOf returns the operations of a contract with what serves them: a handler of the
// options, if there is one for the operationId, or else the generated code.
func (s *service) routesOf(document *contract.Contract, handlers map[string]http.Handler) ([]route, error) {
	served, err := s.generatedOperations()
	if err != nil {
		return nil, err
	}
	served["upgradeGraph"] = s.serveUpgradeGraph
	for id, handler := range handlers {
		if document.Operation(id) == nil {
			var ids []string
			for _, op := range document.Operations() {
				ids = append(ids, op.ID)
			}
			return nil, fmt.Errorf("serve operation %q: expected an operation of the contract, did you mean %q?", id, suggest.Nearest(id, ids))
		}
		served[id] = func(c *call) {
			if s.lockJudged(c) {
				s.mu.Unlock()
				handler.ServeHTTP(c.w, c.handlerRequest())
			}
		}
	}
	var routes []route
	for _, op := range document.Operations() {
		routes = append(routes, route{op, op.Refusals(), served[op.ID]})
	}
	// Sorting puts a literal segment before a parameter in the same place, because '{'
	// is greater than the characters of a literal segment.
	slices.SortStableFunc(routes, func(a, b route) int { return cmp.Compare(a.Path, b.Path) })
	return routes, nil
}

// generatedOperations returns functions that serve calls through the generated code,
// which calls the methods of s. They are keyed by operationId. The generated code does
// not have the ids, so they are looked up, by method and path, in the shipped contract,
// from which it is generated.
func (s *service) generatedOperations() (map[string]func(*call), error) {
	shipped, err := contract.Default()
	if err != nil {
		return nil, err
	}
	undecodable := func(_ http.ResponseWriter, r *http.Request, _ error) { s.answerUndecodable(callOf(r.Context())) }
	failed := func(_ http.ResponseWriter, r *http.Request, _ error) { s.answerFailure(callOf(r.Context())) }
	mux := http.NewServeMux()
	gen.HandlerWithOptions(
		gen.NewStrictHandlerWithOptions(s, []gen.StrictMiddlewareFunc{s.judging},
			gen.StrictHTTPServerOptions{RequestErrorHandlerFunc: undecodable, ResponseErrorHandlerFunc: failed}),
		gen.StdHTTPServerOptions{BaseRouter: mux, ErrorHandlerFunc: undecodable},
	)
	served := map[string]func(*call){}
	for _, op := range shipped.Operations() {
		handler, pattern := mux.Handler(&http.Request{Method: op.Method, URL: &url.URL{Path: op.Path}})
		if pattern == op.Method+" "+op.Path {
			served[op.ID] = func(c *call) { handler.ServeHTTP(c.w, c.handlerRequest()) }
		}
	}
	return served, nil
}

// handlerRequest returns the request for a handler: with path values, a body that can be
// read again, and the call in its context.
func (c *call) handlerRequest() *http.Request {
	r := c.request.WithContext(context.WithValue(c.request.Context(), callKey{}, c))
	for name, value := range c.values {
		r.SetPathValue(name, value)
	}
	r.Body = io.NopCloser(bytes.NewReader(c.body))
	return r
}

// served lists the implemented operations as words, in the order of the document.
func (s *service) served() string {
	routes := slices.DeleteFunc(slices.Clone(s.routes), func(r route) bool { return r.serve == nil })
	slices.SortFunc(routes, func(a, b route) int { return cmp.Compare(a.Line, b.Line) })
	var ids []string
	for _, r := range routes {
		ids = append(ids, r.ID)
	}
	list := strings.Join(ids, ", ")
	if i := strings.LastIndex(list, ", "); i >= 0 {
		return list[:i] + " and " + list[i+2:]
	}
	return list
}
