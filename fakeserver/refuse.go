package fakeserver

import (
	"net/http"
	"slices"
	"time"

	"github.com/gesconform/gesconform/contract"
)

// A call is a request on its way to its answer.
type call struct {
	w       http.ResponseWriter
	request *http.Request
	// requestID is of the gateway, which passes each request on.
	requestID  string
	fixtures   *Fixtures
	path       string  // escaped
	route      *route  // nil if the path leads to no operation of the contract
	beside     *beside // what it leads to otherwise, if anything
	operation  string  // id; "" if the method and the path lead to none
	values     map[string]string
	body       []byte
	value      *contract.Value // the body, if it is JSON
	read       bool            // the body has been, as far as it could be
	unreadable int             // the status for a body that could not be read

	broken []string            // the path's parameters that break a rule by themselves
	found  []*contract.Refusal // what holds and is enforced
	who    *caller
	reason string // why nobody is
	graph  *graph
	state  *contract.GraphState // of the graph, if it keeps it from being upgraded
	job    *job

	condition string   // the one that was answered; "" for a success
	ignored   []string // those that were not enforced
	faults    []string // those that struck
	variant   *variant // nil if answers do not vary
}

// find notes that a refusal's condition holds, and reports whether it is
// enforced. What a server may pass over is passed over, unless it is illegible:
// then there is nothing to go on with.
func (s *service) find(c *call, r *contract.Refusal, illegible bool) bool {
	switch {
	case r == nil:
		return false
	case slices.Contains(c.found, r):
		return true
	case r.Level == contract.May && !illegible || s.policy.ignores(c, r.Condition):
		c.ignored = append(c.ignored, r.Condition)
		return false
	default:
		c.found = append(c.found, r)
		return true
	}
}

// judgeStatic gathers the conditions that the request shows by itself.
func (s *service) judgeStatic(c *call, path string) {
	op, r := c.route.Operation, c.request
	request := &contract.Request{Method: r.Method, Path: path, Header: r.Header, Body: c.body}
	if op.Body != nil && len(c.body) > 0 {
		c.value, _ = request.JSON()
	}
	known := true
	for _, p := range s.contract.JudgeRequest(op, request) {
		refusal := s.contract.RefusalFor(op, p)
		illegible := p.In == contract.InBody && c.value == nil
		if s.find(c, refusal, illegible) && p.In == contract.InPath {
			c.broken = append(c.broken, p.Name)
		}
		known = known && (p.In != contract.InSecurity || refusal != nil && refusal.Level == contract.May)
	}
	s.judgeCaller(c, known)
}

// judgeCaller gathers what is wrong with who asks; known says that there are
// credentials to look up. Whoever is let in without any counts as the operator.
func (s *service) judgeCaller(c *call, known bool) {
	c.who = s.identities.operator
	if known {
		found := s.identify(c)
		if found.who != nil {
			c.who = found.who
		}
		c.reason = found.reason
		s.relate(c, found.relation, "")
	}
	if c.who.readOnly && !c.route.Safe() {
		s.relate(c, contract.NotPermitted, "")
	}
	if c.values["project_id"] != c.who.project && !slices.Contains(c.broken, "project_id") {
		s.relate(c, contract.OtherProject, "project_id")
	}
}

func (s *service) relate(c *call, relation contract.Relation, part string) {
	if relation != "" {
		s.find(c, s.contract.RefusalForRelation(c.route.Operation, relation, part), false)
	}
}

// judgeState gathers the conditions that depend on what the service holds. The
// lock is held.
func (s *service) judgeState(c *call, now time.Time) {
	c.graph = s.graphs[c.values["graph_id"]]
	if c.graph == nil {
		if !slices.Contains(c.broken, "graph_id") {
			s.relate(c, contract.Unknown, "graph_id")
		}
		c.graph = s.stray(c)
		return
	}
	s.settle(c.graph, now)
	if c.graph.project != c.who.project {
		s.relate(c, contract.Foreign, "graph_id")
	}
	if state := s.states.GraphState(c.graph.state); state == nil {
		s.relate(c, contract.NotRunning, "graph_id")
	} else if state.Relation != "" {
		c.state = state
		s.relate(c, state.Relation, "graph_id")
	}
	if id, ok := c.values["job_id"]; ok {
		c.job = s.jobs.byID[id]
		if c.job == nil || s.policy.forgetsJobs || c.job.graph != c.graph && !s.policy.sharesJobs {
			s.relate(c, contract.Unknown, "job_id")
		}
	}
	_, part, ok := c.route.Place(contract.NotLater)
	if version := c.version(); ok && version != "" && !s.policy.isLater(version, c.graph.version) {
		s.relate(c, contract.NotLater, part)
	}
}

// stray is the graph that stands in for one that does not exist, where that is
// passed over.
func (s *service) stray(c *call) *graph {
	now := s.clock.now()
	return &graph{
		id: c.values["graph_id"], project: c.who.project, name: "ges_stray",
		state: graphRunning, version: DefaultVersion, created: now, updated: now,
	}
}

// refusal returns what is answered: a condition that overtakes the others, the
// first of those that are judged first, or the first in the operation's order.
func (s *service) refusal(c *call) *contract.Refusal {
	var first, overtaking *contract.Refusal
	var chosen *contract.Refusal
	for _, r := range c.route.refusals {
		if !slices.Contains(c.found, r) {
			continue
		}
		if overtaking == nil && slices.Contains(s.policy.overtakes, r.Condition) {
			overtaking = r
		}
		if first == nil && r.First {
			first = r
		}
		if chosen == nil {
			chosen = r
		}
	}
	switch {
	case overtaking != nil:
		return overtaking
	case first != nil:
		return first
	default:
		return chosen
	}
}
