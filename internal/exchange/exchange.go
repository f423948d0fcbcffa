// Package exchange holds what passes between a run and a deployment: a request that was
// sent, and the answer or why there is none.
package exchange

import (
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
)

// An Exchange is a request as it was sent and the answer as it came. Its credentials are
// redacted.
type Exchange struct {
	Sequence int              `json:"sequence"` // in the order in which the requests were sent
	Case     string           `json:"case"`
	Aim      string           `json:"aim"`
	Risk     string           `json:"risk"`
	Attempt  int              `json:"attempt"` // 1 for the first
	Started  time.Time        `json:"started"`
	Duration time.Duration    `json:"duration_ns"`
	URL      string           `json:"url"`
	Request  contract.Request `json:"request"`
	Answer   *contract.Answer `json:"answer,omitempty"` // nil if none came
	Failure  *Failure         `json:"failure,omitempty"`

	// Operation is the id of the operation that the request was for; "" if it is for
	// none. It is not stored, since it follows from the contract.
	Operation string `json:"-"`

	// Proxy is the host and port of the proxy that the request went through, if any.
	Proxy string `json:"proxy,omitempty"`

	// Certificate is the SHA-256 digest of the endpoint's certificate, "" without TLS.
	Certificate string `json:"certificate,omitempty"`

	// SetAside says why the exchange is not judged, for example because it was repeated.
	SetAside string `json:"set_aside,omitempty"`

	// Superseded says why the request was sent again at once, by itself: the exchange says nothing
	// about the server, and only shows that the request left.
	Superseded string `json:"superseded,omitempty"`

	// AfterHead is what the server sent after the head of its answer to HEAD, which must be
	// nothing; nil if that could not be seen, or the request was another.
	AfterHead *string `json:"after_head,omitempty"`

	// Problems are what a client's request breaks in the contract.
	Problems []contract.Problem `json:"problems,omitempty"`

	// Leaked names the credentials that the answer contained before redaction, such as
	// "token".
	Leaked []string `json:"leaked,omitempty"`
}

// A Failure is why there is no complete answer.
type Failure struct {
	Kind    FailureKind `json:"kind"`
	Message string      `json:"message"`
	// Advice is what to do about it, if that is known.
	Advice string `json:"advice,omitempty"`
	TLS    bool   `json:"tls,omitempty"` // whether it is TLS that has failed
}

// A FailureKind says at which step an exchange failed.
type FailureKind string

// The kinds of failure.
const (
	Unreachable FailureKind = "unreachable" // no connection: refused, no such host, TLS
	Dropped     FailureKind = "dropped"     // the connection ended without an answer
	Cut         FailureKind = "cut"         // the answer ended too early
	TimedOut    FailureKind = "timed-out"   // no complete answer within the time limit
	TooLong     FailureKind = "too-long"    // the answer exceeded the size limit
	Garbled     FailureKind = "garbled"     // the answer was not HTTP
	Interrupted FailureKind = "interrupted" // the run was interrupted
	NotSent     FailureKind = "not-sent"    // a safety rule of the suite refused it
)

// Interruption is the message of an Interrupted failure, and the reason of a case that
// was therefore not reached.
const Interruption = "the run was interrupted"

// Status returns the answer's status, or 0.
func (x *Exchange) Status() int {
	if x.Answer == nil {
		return 0
	}
	return x.Answer.Status
}

// longestCode is how much is read of an error code.
const longestCode = 200

// Code returns the error code of the answer's body, of a long one the beginning, or "".
func (x *Exchange) Code() string {
	if x.Answer == nil {
		return ""
	}
	code := x.Answer.ErrorCode()
	if len(code) > longestCode {
		code = strings.ToValidUTF8(code[:longestCode], "")
	}
	return code
}

// Forget drops the parsed body, which takes more memory than its text. JSON parses it
// again.
func (x *Exchange) Forget() {
	if a := x.Answer; a != nil {
		x.Answer = &contract.Answer{Status: a.Status, Header: a.Header, Body: a.Body, Abridged: a.Abridged}
	}
}

// JSON returns the answer's body, or nil if there is none or it is not JSON. It is parsed
// once.
func (x *Exchange) JSON() *contract.Value {
	if x.Answer == nil {
		return nil
	}
	v, _ := x.Answer.JSON()
	return v
}
