package fakeserver

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/gen"
)

// A call is a request on its way to its answer.
type call struct {
	w          http.ResponseWriter
	fixtures   *Fixtures
	method     string
	header     http.Header
	route      *route // nil if the path leads nowhere
	values     map[string]string
	body       []byte
	value      *contract.Value // the body, if it is JSON
	unreadable int             // the status for a body that could not be read

	broken []string            // the path's parameters that break a rule by themselves
	found  []*contract.Refusal // what holds and is enforced
	who    *caller
	graph  *graph
	job    *job

	condition string   // the one that was answered; "" for a success
	ignored   []string // those that were not enforced
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
	op := c.route.Operation
	if op.Body != nil && len(c.body) > 0 {
		c.value, _ = contract.ReadJSON(c.body)
	}
	known := true
	request := &contract.Request{Method: c.method, Path: path, Header: c.header, Body: c.body}
	for _, p := range s.contract.JudgeRequest(op, request) {
		r := s.contract.Condition(op, p)
		illegible := p.In == contract.InBody && c.value == nil
		if s.find(c, r, illegible) && p.In == contract.InPath {
			c.broken = append(c.broken, p.Name)
		}
		known = known && (p.In != contract.InSecurity || r != nil && r.Level == contract.May)
	}
	s.judgeCaller(c, known)
}

// judgeCaller gathers what is wrong with who asks; known says that there are
// credentials to look up. Whoever is let in without any counts as the operator.
func (s *service) judgeCaller(c *call, known bool) {
	c.who = s.callers[0]
	if known {
		who, relation := s.identify(c.route.Operation, c.header)
		if who != nil {
			c.who = who
		}
		s.relate(c, relation, "")
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
		s.find(c, s.contract.Related(c.route.Operation, relation, part), false)
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
	switch c.graph.state {
	case graphRunning:
	case graphUpgrading:
		s.relate(c, contract.Upgrading, "graph_id")
	case graphStopped:
		s.relate(c, contract.Stopped, "graph_id")
	default:
		s.relate(c, contract.NotRunning, "graph_id")
	}
	if id, ok := c.values["job_id"]; ok {
		c.job = s.jobs[id]
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
	now := s.clock()
	return &graph{
		id: c.values["graph_id"], project: c.who.project, name: "ges_stray",
		state: graphRunning, version: initialVersion, created: now, updated: now,
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

// A verdict is a refusal in the form in which it goes out.
type verdict struct {
	status int
	body   gen.Error
}

// samples are the messages of the gateway's published samples. They carry
// nothing of the request.
var samples = map[string]string{
	"missing-credentials": "Incorrect IAM authentication information: x-auth-token not found",
	"invalid-credentials": "Incorrect IAM authentication information: decrypt token fail",
	"expired-credentials": "Incorrect IAM authentication information: token expires, expires_at: ",
}

const (
	noSuchAPI        = "APIGW.0101"
	requestNotLegal  = "APIGW.0201"
	incorrect        = "GES.0001"
	notImplemented   = "GES.9501" // in no table; well-formed all the same
	gatewayPrefix    = "APIGW."
	gatewayOldPrefix = "APIG."
)

// refuse writes a refusal's answer: its first lawful one, or what the policy
// wants instead.
func (s *service) refuse(c *call, r *contract.Refusal) verdict {
	c.condition = r.Condition
	status, code := r.Answer()
	switch {
	case code != "":
	case r.When[0].Name == "" && (r.When[0].In == contract.InMethod || r.When[0].In == contract.InPath):
		status, code = http.StatusNotFound, noSuchAPI
	case status == http.StatusRequestEntityTooLarge:
		code = requestNotLegal
	default:
		code = incorrect
	}
	if other, ok := s.policy.answers[r.Condition]; ok {
		status, code = other.status, other.code
	}
	message := ""
	if strings.HasPrefix(code, gatewayPrefix) {
		message = samples[r.Condition]
	}
	if message != "" && c.who.expired && r.Condition == "expired-credentials" {
		message += c.who.expires.UTC().Format("2006-01-02T15:04:05.000000Z")
	}
	return s.verdict(c, status, code, message)
}

// verdict completes an error body; the gateway's own carry a request id.
func (s *service) verdict(c *call, status int, code, message string) verdict {
	known := s.contract.Code(code)
	switch {
	case message != "":
	case known != nil && known.Message != "":
		message = known.Message
	case known != nil:
		message = known.Meaning
	default:
		message = http.StatusText(status)
	}
	v := verdict{status, gen.Error{ErrorCode: code, ErrorMsg: message}}
	if strings.HasPrefix(code, gatewayPrefix) || strings.HasPrefix(code, gatewayOldPrefix) {
		id := s.requestID()
		v.body.RequestID = &id
		c.w.Header().Set("X-Request-Id", id)
	}
	return v
}
