package fakeserver

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/gen"
	"github.com/gesconform/gesconform/internal/suggest"
)

// A route is an operation of the contract with its refusals at hand, and what
// serves it.
type route struct {
	*contract.Operation
	refusals []*contract.Refusal
	serve    func(*service, *call) // nil if nothing does; the request has been judged by itself
}

// serveUpgradeGraph hands a call to UpgradeGraph, decoded by this package and
// not by the generated code. That would decode the body a second time, which
// costs more than 10 % of the throughput, and it could
// not decode what some defects let in: a version in a body that is no JSON.
func (s *service) serveUpgradeGraph(c *call) {
	ctx := context.WithValue(c.request.Context(), callKey{}, c)
	request := gen.UpgradeGraphRequestObject{ProjectID: c.values["project_id"], GraphID: c.values["graph_id"], Body: c.upgrade()}
	response, err := s.UpgradeGraph(ctx, request)
	if err != nil {
		s.answerFailure(c)
		return
	}
	_ = response.VisitUpgradeGraphResponse(c.w) // fails if the client is gone
}

// upgrade is the body as the generated code knows it.
func (c *call) upgrade() *gen.UpgradeGraphRequest {
	request := &gen.UpgradeGraphRequest{UpgradeVersion: c.requestedVersion()}
	if force := c.value.Member("force_upgrade"); force != nil && force.Kind == contract.KindBoolean {
		request.ForceUpgrade = &force.Bool
	}
	return request
}

// routesOf lists the operations of the contract with what serves them: a
// handler of the options, or else the generated code and through it the method
// of the service.
func (s *service) routesOf(document *contract.Contract, handlers map[string]http.Handler) ([]route, error) {
	served, err := s.generatedOperations()
	if err != nil {
		return nil, err
	}
	served["upgradeGraph"] = (*service).serveUpgradeGraph
	for id, handler := range handlers {
		if document.Operation(id) == nil {
			ids := make([]string, 0, len(document.Operations()))
			for _, op := range document.Operations() {
				ids = append(ids, op.ID)
			}
			return nil, fmt.Errorf("serve operation %q: expected an operation of the contract, did you mean %q?", id, suggest.Nearest(id, ids))
		}
		served[id] = func(s *service, c *call) { s.serveByHandler(c, handler) }
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

// patterns collects the handlers that the generated code registers, by method
// and path. It takes the place of an http.ServeMux, which would decide what a
// path leads to before the contract has.
type patterns map[string]http.HandlerFunc

// HandleFunc registers a handler.
func (p patterns) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	p[pattern] = handler
}

// ServeHTTP is there for the generated code, which calls it for nobody.
func (p patterns) ServeHTTP(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }

// generatedOperations returns what the generated code serves, by the ids that
// the shipped contract gives to its methods and paths.
func (s *service) generatedOperations() (map[string]func(*service, *call), error) {
	shipped, err := contract.Default()
	if err != nil {
		return nil, err
	}
	undecodable := func(_ http.ResponseWriter, r *http.Request, _ error) { s.answerUndecodable(callOf(r.Context())) }
	failed := func(_ http.ResponseWriter, r *http.Request, _ error) { s.answerFailure(callOf(r.Context())) }
	registered := patterns{}
	gen.HandlerWithOptions(
		gen.NewStrictHandlerWithOptions(s, nil, gen.StrictHTTPServerOptions{RequestErrorHandlerFunc: undecodable, ResponseErrorHandlerFunc: failed}),
		gen.StdHTTPServerOptions{BaseRouter: registered, ErrorHandlerFunc: undecodable},
	)
	served := map[string]func(*service, *call){}
	for _, op := range shipped.Operations() {
		if handler := registered[op.Method+" "+op.Path]; handler != nil {
			served[op.ID] = func(_ *service, c *call) { handler(c.w, c.decodable()) }
		}
	}
	return served, nil
}

// decodable is the request with what its path says, with its body once more,
// and with the call in its context.
func (c *call) decodable() *http.Request {
	r := c.request.WithContext(context.WithValue(c.request.Context(), callKey{}, c))
	for name, value := range c.values {
		r.SetPathValue(name, value)
	}
	r.Body = io.NopCloser(bytes.NewReader(c.body))
	return r
}

// serveByHandler hands a call to a handler, unless it is refused.
func (s *service) serveByHandler(c *call, handler http.Handler) {
	if !s.refusesByState(c) {
		handler.ServeHTTP(c.w, c.decodable())
	}
}

// refusesByState judges a call by the state, as the methods of the service do,
// and answers it if it is refused.
func (s *service) refusesByState(c *call) bool {
	s.mu.Lock()
	s.judgeState(c, s.clock.now())
	s.mu.Unlock()
	r := s.chosen(c)
	if r == nil {
		return false
	}
	s.writeRefusal(c, r)
	return true
}

// served lists the operations that are, in the order of the document.
func (s *service) served() string {
	var routes []route
	for _, r := range s.routes {
		if r.serve != nil {
			routes = append(routes, r)
		}
	}
	slices.SortFunc(routes, func(a, b route) int { return cmp.Compare(a.Line, b.Line) })
	ids := make([]string, len(routes))
	for i, r := range routes {
		ids[i] = r.ID
	}
	if len(ids) < 2 {
		return strings.Join(ids, "")
	}
	last := len(ids) - 1
	return strings.Join(ids[:last], ", ") + " and " + ids[last]
}
