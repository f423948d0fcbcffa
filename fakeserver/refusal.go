package fakeserver

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/gen"
	"github.com/gesconform/gesconform/internal/ges"
)

// A refusal is an error answer of any operation.
type refusal struct {
	status int
	body   gen.Error
}

// VisitUpgradeGraphResponse writes the answer, for UpgradeGraph.
func (r refusal) VisitUpgradeGraphResponse(w http.ResponseWriter) error { return r.write(w) }

// VisitListJobsResponse writes the answer, for ListJobs.
func (r refusal) VisitListJobsResponse(w http.ResponseWriter) error { return r.write(w) }

func (r refusal) write(w http.ResponseWriter) error {
	return writeJSON(w, r.status, r.body)
}

const (
	noSuchAPI      = "APIGW.0101"
	incorrect      = "GES.0001"
	notImplemented = "GES.9501" // well-formed, but not in the catalogue
)

// refuse returns the answer to a condition of the contract: its first lawful answer, or
// that for the graph's state, or what the variant or the policy replaces it with.
func (s *service) refuse(c *call, r *contract.Refusal) refusal {
	c.condition = r.Condition
	status, code := r.FirstLawful()
	switch {
	case code != "":
	case r.When[0].Name == "" && (r.When[0].In == contract.InMethod || r.When[0].In == contract.InPath):
		status, code = http.StatusNotFound, noSuchAPI
	case status == http.StatusRequestEntityTooLarge:
		code = ges.RequestRefused
	default:
		code = incorrect
	}
	if c.state != nil && slices.ContainsFunc(r.When, func(w contract.When) bool { return w.Relation == c.state.Relation }) {
		if own, lawful := r.StatusWith(c.state.Code); lawful {
			status, code = own, c.state.Code
		}
	}
	status, code = c.variant.outcome(r, status, code)
	a := cmp.Or(s.policy.answers[r.Condition], answer{status, code})
	message := ""
	if r.First && ges.FromGateway(a.code) {
		message = cmp.Or(c.reason, tokenMissing)
	}
	return s.newRefusal(c, a.status, a.code, message)
}

// newRefusal returns a refusal. If message is "" it has the message of the code. Those of
// the gateway carry the request's id.
func (s *service) newRefusal(c *call, status int, code, message string) refusal {
	if known := s.contract.Code(code); known != nil {
		message = cmp.Or(message, known.Message, known.Meaning)
	}
	message = c.variant.message(cmp.Or(message, http.StatusText(status)))
	r := refusal{status, gen.Error{ErrorCode: code, ErrorMsg: message}}
	if ges.FromGateway(code) {
		r.body.RequestID = &c.requestID
	}
	return r
}
