package fakeserver

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/gen"
)

// A refusal is an error answer, of any operation.
type refusal struct {
	status int
	body   gen.Error
}

// VisitUpgradeGraphResponse writes the answer, for UpgradeGraph.
func (r refusal) VisitUpgradeGraphResponse(w http.ResponseWriter) error { return r.write(w) }

func (r refusal) write(w http.ResponseWriter) error {
	return writeJSON(w, r.status, r.body)
}

const (
	noSuchAPI        = "APIGW.0101"
	requestNotLegal  = "APIGW.0201"
	incorrect        = "GES.0001"
	notImplemented   = "GES.9501" // in no table; well-formed all the same
	gatewayPrefix    = "APIGW."
	gatewayOldPrefix = "APIG."
)

// refuse answers a condition of the contract: with its first lawful answer, or the
// one that names the graph's state, or what a variant or the policy puts in its
// place.
func (s *service) refuse(c *call, r *contract.Refusal) refusal {
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
	return s.newRefusal(c, status, code, message)
}

// newRefusal makes a refusal, with the text of the code where message is "". Those
// of the gateway carry the request's id.
func (s *service) newRefusal(c *call, status int, code, message string) refusal {
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
	r := refusal{status, gen.Error{ErrorCode: code, ErrorMsg: message}}
	if strings.HasPrefix(code, gatewayPrefix) || strings.HasPrefix(code, gatewayOldPrefix) {
		r.body.RequestID = &c.requestID
	}
	return r
}
