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

// A route is an operation of the contract, with its refusals at hand, and what
// serves a call to it that has been judged by judgeStatic.
type route struct {
	*contract.Operation
	refusals []*contract.Refusal
	serve    func(*call) // nil if nothing does
}

// lockJudged locks the state and judges a call by it. If the call is refused, it
// unlocks the state, answers and returns false.
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

// judging calls an operation for what is not refused, with the state locked. The
// generated code writes the answer when the state is unlocked again; there is none
// to write for nil.
func (s *service) judging(operation gen.StrictHandlerFunc, _ string) gen.StrictHandlerFunc {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request, request any) (any, error) {
		if !s.lockJudged(callOf(ctx)) {
			return nil, nil
		}
		defer s.mu.Unlock()
		return operation(ctx, w, r, request)
	}
}

// serveUpgradeGraph calls UpgradeGraph without the generated code, for two reasons.
// That would decode the body a second time, which costs 10 % of the throughput:
// BenchmarkThroughput has 0.74 of-bare without and 0.67 with it, alternated on two
// cores. And it cannot decode what some defects accept, such as a version in a body
// that is no JSON.
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

// upgrade is the body as the generated code knows it.
func (c *call) upgrade() *gen.UpgradeGraphRequest {
	request := &gen.UpgradeGraphRequest{UpgradeVersion: c.target}
	if force := c.value.Member("force_upgrade"); force != nil && force.Kind == contract.KindBoolean {
		request.ForceUpgrade = &force.Bool
	}
	return request
}

// routesOf lists the operations of a contract and what serves them: a handler of
// the options, by its operationId, or else the generated code.
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
	// A path without parameters comes before one that has some: '{' is greater
	// than all that a literal segment has.
	slices.SortStableFunc(routes, func(a, b route) int { return cmp.Compare(a.Path, b.Path) })
	return routes, nil
}

// generatedOperations returns what serves the operations by the generated code,
// and through it by the methods of s. Their ids are those that the shipped
// contract, from which the code is generated, gives to the methods and paths.
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

// handlerRequest is the request as a handler gets it: with the values of the path,
// a body that has not been read, and the call in its context.
func (c *call) handlerRequest() *http.Request {
	r := c.request.WithContext(context.WithValue(c.request.Context(), callKey{}, c))
	for name, value := range c.values {
		r.SetPathValue(name, value)
	}
	r.Body = io.NopCloser(bytes.NewReader(c.body))
	return r
}

// served lists the operations that are served, in the order of the document.
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
