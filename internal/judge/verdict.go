// Package judge decides what exchanges say about a case: verdicts, with the evidence for
// them. It sends nothing.
package judge

import (
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
)

// A Verdict is the outcome of a case or a requirement.
type Verdict string

// The verdicts.
const (
	Conforms      Verdict = "conforms"       // the answer was lawful
	Deviates      Verdict = "deviates"       // a MUST is broken
	Advisory      Verdict = "advisory"       // a SHOULD is broken
	Observed      Verdict = "observed"       // the contract is silent; the answer is recorded
	Masked        Verdict = "masked"         // another broken rule was answered first
	NotApplicable Verdict = "not-applicable" // no fixture, not claimed, or the risk is not allowed
	Error         Verdict = "error"          // could not be judged
)

// weights orders the verdicts: of several findings about one requirement, the last in
// this order counts.
var weights = []Verdict{NotApplicable, Masked, Observed, Conforms, Advisory, Error, Deviates}

// Worse returns the worse of two verdicts.
func Worse(a, b Verdict) Verdict {
	if slices.Index(weights, a) >= slices.Index(weights, b) {
		return a
	}
	return b
}

// Exercised reports whether an answer has decided the verdict.
func (v Verdict) Exercised() bool {
	return v == Conforms || v == Deviates || v == Advisory || v == Observed
}

// An Apart says why a case that no answer decided is counted apart from the others: nobody
// could have had it decided in this run.
type Apart string

// The reasons. A missing fixture or a lower risk is none of them, since that is the user's
// choice.
const (
	// CannotBeBroughtAbout is what depends on the deployment alone, such as a failing upgrade.
	CannotBeBroughtAbout Apart = "cannot-be-brought-about"
	// RuledOutByLimits is what needs more upgrades than this run may start, such as two
	// acceptances with one upgrade to spend.
	RuledOutByLimits Apart = "ruled-out-by-limits"
)

// String returns the words for it.
func (a Apart) String() string { return strings.ReplaceAll(string(a), "-", " ") }

// Because puts the words before a reason. If a is "", it returns the reason alone.
func (a Apart) Because(reason string) string {
	if a == "" {
		return reason
	}
	return a.String() + ": " + reason
}

// A Finding is what one or more exchanges say about one requirement.
type Finding struct {
	Requirement string         `json:"requirement"`
	Level       contract.Level `json:"level"`
	Verdict     Verdict        `json:"verdict"`
	// Lawful lists the outcomes that would have been lawful.
	Lawful []string `json:"lawful,omitempty"`
	// Got describes the outcome, or says why there is none.
	Got string `json:"got,omitempty"`
	// Hint says what the reader may do about it.
	Hint string `json:"hint,omitempty"`
	// Clause is a JSON pointer into the contract, and Line its line there.
	Clause string `json:"clause,omitempty"`
	Line   int    `json:"line,omitempty"`
	// Origin says whose rule it is; nil, as mostly, if there is nothing to say. Trace sets it.
	*Origin
	// Exchange is the index, in the result, of the exchange that shows it, or -1.
	Exchange int `json:"exchange"`
}

// An Origin says whose rule a finding is about. A run keeps thousands of findings that conform,
// which share one or have none.
type Origin struct {
	// Source has the ids of the sources that it rests on, pages and RFCs first.
	Source []string `json:"source,omitempty"`
	// Ours is set if only a decision of ours makes what the finding is about a MUST.
	Ours bool `json:"ours,omitempty"`

	keyword string // the broken keyword of a schema, or one of the contract's own, if it is about an answer's form
}

// SourceIDs returns Source, nil for a nil Origin.
func (o *Origin) SourceIDs() []string {
	if o == nil {
		return nil
	}
	return o.Source
}

// A Result is the outcome of one case.
type Result struct {
	Case        string  `json:"case"`
	Operation   string  `json:"operation"`
	Requirement string  `json:"requirement"`
	Verdict     Verdict `json:"verdict"`
	// Reason says why no answer has decided: what was masked, missing or not allowed.
	Reason string `json:"reason,omitempty"`
	// Apart is why the case is counted apart, or "" if it is not.
	Apart     Apart               `json:"counted_apart,omitempty"`
	Aim       string              `json:"aim,omitempty"` // of the deciding request
	Findings  []Finding           `json:"findings,omitempty"`
	Exchanges []exchange.Exchange `json:"exchanges,omitempty"`
	// Client is how the client took the scenario, if a client was judged.
	Client *ClientOutcome `json:"client,omitempty"`
}

// Deviations returns the findings that break a MUST and, if strict, a SHOULD.
func (r *Result) Deviations(strict bool) []Finding {
	var broken []Finding
	for _, f := range r.Findings {
		if f.Verdict == Deviates || strict && f.Verdict == Advisory {
			broken = append(broken, f)
		}
	}
	return broken
}
