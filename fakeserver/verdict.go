package fakeserver

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/gen"
)

// A verdict is a refusal in the form in which it goes out, whatever was asked
// for.
type verdict struct {
	status int
	body   gen.Error
}

// VisitUpgradeGraphResponse writes the answer.
func (v verdict) VisitUpgradeGraphResponse(w http.ResponseWriter) error { return v.write(w) }

// VisitShowGraphResponse writes the answer.
func (v verdict) VisitShowGraphResponse(w http.ResponseWriter) error { return v.write(w) }

// VisitShowJobResponse writes the answer.
func (v verdict) VisitShowJobResponse(w http.ResponseWriter) error { return v.write(w) }

func (v verdict) write(w http.ResponseWriter) error {
	return writeJSON(w, v.status, v.body)
}

const (
	noSuchAPI        = "APIGW.0101"
	requestNotLegal  = "APIGW.0201"
	incorrect        = "GES.0001"
	notImplemented   = "GES.9501" // in no table; well-formed all the same
	gatewayPrefix    = "APIGW."
	gatewayOldPrefix = "APIG."
)

// refuse makes a refusal's answer: its first lawful one, or the one that names
// the graph's state, or what a variant or the policy wants instead.
func (s *service) refuse(c *call, r *contract.Refusal) verdict {
	c.condition = r.Condition
	status, code := r.FirstLawful()
	switch {
	case code != "":
	case r.When[0].Name == "" && (r.When[0].In == contract.InMethod || r.When[0].In == contract.InPath):
		status, code = http.StatusNotFound, noSuchAPI
	case status == http.StatusRequestEntityTooLarge:
		code = requestNotLegal
	default:
		code = incorrect
	}
	if c.state != nil && slices.ContainsFunc(r.When, func(w contract.When) bool { return w.Relation == c.state.Relation }) {
		if own, lawful := r.StatusWith(c.state.Code); lawful {
			status, code = own, c.state.Code
		}
	}
	if c.variant != nil {
		status, code = c.variant.outcome(r, status, code)
	}
	if other, ok := s.policy.answers[r.Condition]; ok {
		status, code = other.status, other.code
	}
	message := ""
	if r.First && strings.HasPrefix(code, gatewayPrefix) {
		message = c.reason
		if message == "" {
			message = tokenMissing
		}
	}
	return s.verdict(c, status, code, message)
}

// verdict completes an error body; the gateway's own carry the request's id.
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
	if c.variant != nil {
		message = c.variant.message(message)
	}
	v := verdict{status, gen.Error{ErrorCode: code, ErrorMsg: message}}
	if strings.HasPrefix(code, gatewayPrefix) || strings.HasPrefix(code, gatewayOldPrefix) {
		v.body.RequestID = &c.requestID
	}
	return v
}
