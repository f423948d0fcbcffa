package fakeserver

import (
	"cmp"
	"encoding/json"
	"net/http"
	"regexp"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/ges"
)

// lenientVersion finds a version in a body where a lenient parser might find one.
var lenientVersion = regexp.MustCompile(`(?i)upgrade_?version[^0-9A-Za-z]+([0-9]{1,9}(?:\.[0-9]{1,9}){2,3})`)

// requestedVersion returns the upgrade_version of the body, or else what a lenient parser
// could take for it, for the defects that accept broken bodies; "" if there is none.
func (c *call) requestedVersion() string {
	version := c.value.Member("upgrade_version").String()
	if _, err := contract.ParseVersion(version); err == nil {
		return version
	}
	if found := lenientVersion.FindSubmatch(c.body); found != nil {
		return string(found[1])
	}
	return ""
}

// answer answers with an error for which the contract has no condition.
func (s *service) answer(c *call, condition string, status int, code, message string) {
	c.condition = condition
	_ = s.newRefusal(c, status, code, message).write(c.w) // fails if the client is gone
}

func (s *service) writeRefusal(c *call, r *contract.Refusal) {
	answer := s.refuse(c, r)
	if len(s.policy.afterRefusal) > 0 {
		s.mu.Lock()
		for _, do := range s.policy.afterRefusal {
			do(s, c)
		}
		s.mu.Unlock()
	}
	_ = answer.write(c.w) // fails if the client is gone
}

func (s *service) answerUnimplemented(c *call) {
	s.answer(c, "not-implemented", http.StatusNotImplemented, notImplemented, "this fake does not implement the operation; it implements "+s.served())
}

func (s *service) answerWrongMethod(c *call) {
	a := cmp.Or(s.policy.answers["wrong-method"], c.variant.wrongMethod(c, answer{http.StatusNotFound, noSuchAPI}))
	s.answer(c, "wrong-method", a.status, a.code, "")
}

func (s *service) answerUnreadable(c *call) {
	message := "Bad request"
	if c.unreadable == http.StatusRequestEntityTooLarge {
		message = "Request entity too large"
	}
	s.answer(c, "unreadable-body", c.unreadable, ges.RequestRefused, message)
}

// answerUndecodable answers a request that the generated code cannot decode, for example
// because of an empty id. If the contract refuses it, that refusal is the answer.
func (s *service) answerUndecodable(c *call) {
	if s.lockJudged(c) {
		s.mu.Unlock()
		s.answer(c, "undecodable", http.StatusBadRequest, incorrect, "")
	}
}

// answerFailure answers if an operation returns an error. If the error is that the answer
// could not be written, the client is gone and does not see this one either.
func (s *service) answerFailure(c *call) {
	s.answer(c, "failure", http.StatusInternalServerError, s.usualCode(http.StatusInternalServerError), "")
}

func writeJSON(w http.ResponseWriter, status int, body any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(body)
}
