package fakeserver

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/gen"
)

// answer hands a call to its operation and writes what comes back. A client
// that has gone away does not read it, which is no error of the server's.
func (s *service) answer(ctx context.Context, c *call) {
	ctx = context.WithValue(ctx, callKey{}, c)
	project, graph := c.values["project_id"], c.values["graph_id"]
	switch c.route.ID {
	case "upgradeGraph":
		request := gen.UpgradeGraphRequestObject{ProjectID: project, GraphID: graph, Body: c.upgrade()}
		if response, err := s.UpgradeGraph(ctx, request); err == nil {
			_ = response.VisitUpgradeGraphResponse(c.w)
		}
	case "showGraph":
		if response, err := s.ShowGraph(ctx, gen.ShowGraphRequestObject{ProjectID: project, GraphID: graph}); err == nil {
			_ = response.VisitShowGraphResponse(c.w)
		}
	case "showJob":
		request := gen.ShowJobRequestObject{ProjectID: project, GraphID: graph, JobID: c.values["job_id"]}
		if response, err := s.ShowJob(ctx, request); err == nil {
			_ = response.VisitShowJobResponse(c.w)
		}
	default:
		s.answerUnimplemented(c)
	}
}

// upgrade is the body as the generated code knows it.
func (c *call) upgrade() *gen.UpgradeGraphRequest {
	request := &gen.UpgradeGraphRequest{UpgradeVersion: c.version()}
	if force := c.value.Member("force_upgrade"); force != nil && force.Kind == contract.KindBoolean {
		request.ForceUpgrade = &force.Bool
	}
	return request
}

// looseVersion finds three dotted numbers where a lenient parser might.
var looseVersion = regexp.MustCompile(`(?i)upgrade_?version[^0-9A-Za-z]+([0-9]{1,9}(?:\.[0-9]{1,9}){2,3})`)

// version is the version that the body asks for: as the contract wants it, or
// where the body breaks a rule as a lenient parser could read it. It is "" where
// none can be read.
func (c *call) version() string {
	if v := c.value.Member("upgrade_version"); v != nil && v.Kind == contract.KindString {
		if _, err := contract.ParseVersion(v.Text); err == nil {
			return v.Text
		}
	}
	if found := looseVersion.FindSubmatch(c.body); found != nil {
		return string(found[1])
	}
	return ""
}

func (s *service) write(c *call, status int, code, message string) {
	v := s.verdict(c, status, code, message)
	_ = v.write(c.w) // fails if the client is gone
}

func (s *service) answerNoSuchAPI(c *call) {
	c.condition = "unknown-path"
	s.write(c, http.StatusNotFound, noSuchAPI, "")
}

func (s *service) answerUnimplemented(c *call) {
	c.condition = "not-implemented"
	s.write(c, http.StatusNotImplemented, notImplemented, "this fake does not implement the operation; it knows upgradeGraph, showGraph and showJob")
}

// answerFirst answers a condition that leaves the others no say, if there is
// one.
func (s *service) answerFirst(c *call) bool {
	r := s.refusal(c)
	if r == nil || !r.First {
		return false
	}
	s.writeRefusal(c, r)
	return true
}

func (s *service) writeRefusal(c *call, r *contract.Refusal) {
	v := s.refuse(c, r)
	_ = v.write(c.w) // fails if the client is gone
}

func (s *service) answerWrongMethod(c *call) {
	if s.answerFirst(c) {
		return
	}
	c.condition = "wrong-method"
	status, code := http.StatusNotFound, noSuchAPI
	if other, ok := s.policy.answers[c.condition]; ok {
		status, code = other.status, other.code
	}
	s.write(c, status, code, "")
}

func (s *service) answerUnreadable(c *call) {
	if s.answerFirst(c) {
		return
	}
	c.condition = "unreadable-body"
	message := "Bad request"
	if c.unreadable == http.StatusRequestEntityTooLarge {
		message = "Request entity too large"
	}
	s.write(c, c.unreadable, requestNotLegal, message)
}

// jsonType is shared by all answers, and so never changed.
var jsonType = []string{"application/json"}

func writeJSON(w http.ResponseWriter, status int, body any) error {
	w.Header()["Content-Type"] = jsonType
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(body)
}
