package fakeserver

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/gesconform/gesconform/contract"
)

// A call is a request that is being answered.
type call struct {
	w          http.ResponseWriter
	request    *http.Request
	requestID  string // the gateway's, in X-Request-Id
	came       time.Time
	fixtures   *Fixtures
	route      *route      // nil if no operation of the contract has the path
	extra      *extraRoute // nil unless the path is that of an extra route
	operation  string      // id; "" if none has the method and the path
	values     map[string]string
	body       []byte
	judged     contract.Request // what the contract judges
	value      *contract.Value  // the body, if it is JSON
	bodyRead   bool
	unreadable int // the status for a body that could not be read

	malformed []string            // the path parameters that break their schemas
	found     []*contract.Refusal // the conditions that hold and are enforced
	who       *caller
	reason    string // what the gateway says about the credentials, if it refuses them
	graph     *graph
	state     *contract.GraphState // of the graph, if it cannot be upgraded in that state
	job       *job
	now       time.Time // when the conditions that depend on the state were judged
	target    string    // the version to upgrade to; "" if there is none

	condition string   // the one for which it was refused; "" for a success
	ignored   []string // the conditions that hold and are not enforced
	faults    []string // the names of those that struck it
	variant   *variant // nil if answers do not vary
}

// find notes that the condition of r holds, and reports whether it is enforced. One of
// level MAY is not enforced, unless it made the body unreadable.
func (s *service) find(c *call, r *contract.Refusal, unreadable bool) bool {
	switch {
	case r == nil:
		return false
	case slices.Contains(c.found, r):
		return true
	case r.Level == contract.May && !unreadable && !s.refusesOptional(c, r) || s.policy.ignores(c, r.Condition):
		c.ignored = append(c.ignored, r.Condition)
		return false
	default:
		c.found = append(c.found, r)
		return true
	}
}

// unknownMember is the condition of a member that the contract does not name.
const unknownMember = "unknown-member"

// refusesOptional reports whether a condition that a service may refuse is refused. Unknown
// members are what a later version of a client may send.
func (s *service) refusesOptional(c *call, r *contract.Refusal) bool {
	return s.strict && r.Condition != unknownMember || c.variant.refuses()
}

// judgeStatic finds the conditions that hold for the request itself, whatever the state
// of the service.
func (s *service) judgeStatic(c *call) {
	op := c.route.Operation
	c.judged.Body = c.body
	if op.Body != nil && len(c.body) > 0 {
		c.value, _ = c.judged.JSON()
	}
	wellFormed := true
	for _, p := range s.contract.JudgeRequest(op, &c.judged) {
		refusal := s.contract.RefusalFor(op, p)
		unreadable := p.In == contract.InBody && c.value == nil
		if s.find(c, refusal, unreadable) && p.In == contract.InPath {
			c.malformed = append(c.malformed, p.Name)
		}
		wellFormed = wellFormed && (p.In != contract.InSecurity || refusal != nil && refusal.Level == contract.May)
	}
	s.judgeCaller(c, wellFormed)
}

// judgeCaller identifies the caller, if the credentials are well-formed, and finds the
// conditions that hold for the caller. If a defect accepts a request without valid
// credentials, the operator is the caller.
func (s *service) judgeCaller(c *call, wellFormed bool) {
	c.who = s.identities.operator
	if wellFormed {
		found := s.identify(c)
		if found.who != nil {
			c.who = found.who
		}
		c.reason = found.reason
		s.findRelated(c, found.relation, "")
	}
	if c.who.readOnly && !c.route.Safe() {
		s.findRelated(c, contract.NotPermitted, "")
	}
	if c.values["project_id"] != c.who.project && !slices.Contains(c.malformed, "project_id") {
		s.findRelated(c, contract.OtherProject, "project_id")
	}
}

// findRelated notes the refusal for a relation of a part of the request, if there is one.
func (s *service) findRelated(c *call, relation contract.Relation, part string) {
	if relation != "" {
		s.find(c, s.contract.RefusalForRelation(c.route.Operation, relation, part), false)
	}
}

// judgeState finds the conditions that depend on the state of the service. The caller
// must hold s.mu.
func (s *service) judgeState(c *call, now time.Time) {
	c.now, c.target = now, s.policy.target(c)
	if s.policy.reads != nil {
		s.policy.reads(s, c)
	}
	c.graph = s.graphs[c.values["graph_id"]]
	if c.graph == nil {
		if !slices.Contains(c.malformed, "graph_id") {
			s.findRelated(c, contract.Unknown, "graph_id")
		}
		c.graph = s.standIn(c)
		return
	}
	s.endDueJobs(c.graph, now)
	if c.graph.project != c.who.project {
		s.findRelated(c, contract.Foreign, "graph_id")
	}
	if state := s.states.GraphState(c.graph.state); state == nil {
		s.findRelated(c, contract.NotRunning, "graph_id")
	} else if state.Relation != "" {
		c.state = state
		s.findRelated(c, state.Relation, "graph_id")
	}
	if id, ok := c.values["job_id"]; ok {
		c.job = s.jobs.byID[id]
		if c.job == nil || s.policy.forgetsJobs || s.losesJob(c.job, now) || c.job.graph != c.graph && !s.policy.sharesJobs {
			s.findRelated(c, contract.Unknown, "job_id")
		}
	}
	compared := c.target
	if s.policy.compared != nil {
		compared = s.policy.compared(c)
	}
	if _, part, ok := c.route.Place(contract.NotLater); ok && compared != "" && !s.policy.later(compared, c.graph.version) {
		s.findRelated(c, contract.NotLater, part)
	}
}

// losesJob reports whether a defect makes a job unknown this time.
func (s *service) losesJob(j *job, now time.Time) bool {
	if s.policy.losesJob == nil {
		return false
	}
	j.reads++
	return s.policy.losesJob(j, now.Sub(j.end))
}

// standIn returns a graph to use for one that does not exist, in case unknown graphs are
// not refused.
func (s *service) standIn(c *call) *graph {
	return &graph{
		id: c.values["graph_id"], project: c.who.project, name: "ges_stray",
		state: graphRunning, version: DefaultVersion, created: c.now, updated: c.now,
	}
}

// chosen returns the refusal to answer with, of those whose conditions hold: one that a
// defect puts before the credentials, else one that the contract puts before all others
// (`first`), else any; in each group, the first in the operation's order.
func (s *service) chosen(c *call) *contract.Refusal {
	var byDefect, byContract, inOrder *contract.Refusal
	for _, r := range c.variant.order(c.route.refusals, len(c.found)) {
		if !slices.Contains(c.found, r) {
			continue
		}
		if byDefect == nil && slices.Contains(s.policy.judgedFirst, r.Condition) {
			byDefect = r
		}
		if byContract == nil && r.First {
			byContract = r
		}
		if inOrder == nil {
			inOrder = r
		}
	}
	return cmp.Or(byDefect, byContract, inOrder)
}
