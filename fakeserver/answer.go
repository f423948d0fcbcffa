package fakeserver

import (
	"encoding/json"
	"net/http"
	"regexp"

	"github.com/gesconform/gesconform/contract"
)

// lenientVersion finds a version where a lenient parser might.
var lenientVersion = regexp.MustCompile(`(?i)upgrade_?version[^0-9A-Za-z]+([0-9]{1,9}(?:\.[0-9]{1,9}){2,3})`)

// requestedVersion is the upgrade_version of the body or, where the contract does
// not allow the body, what a lenient parser could take for it; "" if there is none.
func (c *call) requestedVersion() string {
	if v := c.value.Member("upgrade_version"); v != nil && v.Kind == contract.KindString {
		if _, err := contract.ParseVersion(v.Text); err == nil {
			return v.Text
		}
	}
	if found := lenientVersion.FindSubmatch(c.body); found != nil {
		return string(found[1])
	}
	return ""
}

// write answers with an error.
func (s *service) write(c *call, status int, code, message string) {
	r := s.newRefusal(c, status, code, message)
	_ = r.write(c.w) // fails if the client is gone
}

func (s *service) answerNoSuchAPI(c *call) {
	c.condition = "unknown-path"
	s.write(c, http.StatusNotFound, noSuchAPI, "")
}

func (s *service) answerUnimplemented(c *call) {
	c.condition = "not-implemented"
	s.write(c, http.StatusNotImplemented, notImplemented, "this fake does not implement the operation; it knows "+s.served())
}

// answerFirst answers a condition that is judged before all others, if one holds.
func (s *service) answerFirst(c *call) bool {
	r := s.chosen(c)
	if r == nil || !r.First {
		return false
	}
	s.writeRefusal(c, r)
	return true
}

func (s *service) writeRefusal(c *call, r *contract.Refusal) {
	_ = s.refuse(c, r).write(c.w) // fails if the client is gone
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

// answerUndecodable answers what the generated code cannot decode, an empty id
// for one: as the contract refuses it, if it does.
func (s *service) answerUndecodable(c *call) {
	if !s.lockJudged(c) {
		return
	}
	s.mu.Unlock()
	c.condition = "undecodable"
	s.write(c, http.StatusBadRequest, incorrect, "")
}

// answerFailure answers where an operation returns an error. If it was the
// answer that could not be written, the client is gone and sees nothing of this.
func (s *service) answerFailure(c *call) {
	c.condition = "failure"
	s.write(c, http.StatusInternalServerError, s.usualCode(http.StatusInternalServerError), "")
}

// jsonType is shared by all answers, and so never changed.
var jsonType = []string{"application/json"}

func writeJSON(w http.ResponseWriter, status int, body any) error {
	w.Header()["Content-Type"] = jsonType
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(body)
}
