// Package exchange is what passes between a run and a deployment: a request that
// left, and the answer that came or why none did.
package exchange

import (
	"time"

	"github.com/gesconform/gesconform/contract"
)

// An Exchange is the request that really left and the answer that really came.
// Credentials in it are redacted before it is kept.
type Exchange struct {
	Sequence int              `json:"sequence"` // in the order in which the requests left
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

	// Operation is the id of the operation that the request asked for; "" if the
	// contract has none there. It is not kept, for the contract tells.
	Operation string `json:"-"`

	// Certificate is the SHA-256 digest of the one that the endpoint showed, ""
	// without TLS.
	Certificate string `json:"certificate,omitempty"`

	// SetAside says why the exchange is not judged: it was asked for again, say.
	SetAside string `json:"set_aside,omitempty"`

	// Leaked names the credentials that the answer carried, "token" for
	// example. It is found before the redaction, which would hide it.
	Leaked []string `json:"leaked,omitempty"`
}

// A Failure is why no whole answer came.
type Failure struct {
	Kind    FailureKind `json:"kind"`
	Message string      `json:"message"`
}

// A FailureKind says at which step an exchange failed.
type FailureKind string

// The kinds of failure.
const (
	Unreachable FailureKind = "unreachable" // no connection: refused, no such host, TLS
	Dropped     FailureKind = "dropped"     // the connection ended without an answer
	Cut         FailureKind = "cut"         // the answer ended too early
	TimedOut    FailureKind = "timed-out"   // no whole answer within the time limit
	TooLong     FailureKind = "too-long"    // the answer went over the byte limit
	Garbled     FailureKind = "garbled"     // what came was not HTTP
	Interrupted FailureKind = "interrupted" // the run was ended
	NotSent     FailureKind = "not-sent"    // a safety rule of ours kept it back
)

// Interruption is the message of a failure that is Interrupted, and the reason of
// a case that was not reached because of it.
const Interruption = "the run was interrupted"

// Status is the answer's, or 0.
func (x *Exchange) Status() int {
	if x.Answer == nil {
		return 0
	}
	return x.Answer.Status
}

// Code is the error code of the answer's body, or "".
func (x *Exchange) Code() string {
	if x.Answer == nil {
		return ""
	}
	return x.Answer.ErrorCode()
}

// JSON is the answer's body, nil if there is none or it is no JSON. It is read once.
func (x *Exchange) JSON() *contract.Value {
	if x.Answer == nil {
		return nil
	}
	v, _ := x.Answer.JSON()
	return v
}
