// Package judge decides what exchanges say of a case: verdicts, with the
// evidence that they rest on. It sends nothing.
package judge

import (
	"slices"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
)

// A Verdict is what became of a case or a requirement.
type Verdict string

// The verdicts.
const (
	Conforms      Verdict = "conforms"       // the answer was lawful
	Deviates      Verdict = "deviates"       // a MUST is broken
	Advisory      Verdict = "advisory"       // a SHOULD is broken
	Observed      Verdict = "observed"       // the contract is silent; what came is recorded
	Masked        Verdict = "masked"         // another broken rule was answered first
	NotApplicable Verdict = "not-applicable" // no fixture, not claimed, or the risk is not allowed
	Error         Verdict = "error"          // could not be judged
)

// weights order the verdicts by how much they say: of several findings on one
// requirement the heaviest counts.
var weights = []Verdict{NotApplicable, Masked, Observed, Conforms, Advisory, Error, Deviates}

// Worse returns the heavier of two verdicts.
func Worse(a, b Verdict) Verdict {
	if slices.Index(weights, a) >= slices.Index(weights, b) {
		return a
	}
	return b
}

// Exercised reports whether the verdict rests on an answer that decided.
func (v Verdict) Exercised() bool {
	return v == Conforms || v == Deviates || v == Advisory || v == Observed
}

// A Finding is what one or more exchanges say of one requirement.
type Finding struct {
	Requirement string         `json:"requirement"`
	Level       contract.Level `json:"level"`
	Verdict     Verdict        `json:"verdict"`
	// Lawful lists the outcomes that would have been lawful, one each.
	Lawful []string `json:"lawful,omitempty"`
	// Got is the outcome that came, or why there is none, in a sentence.
	Got string `json:"got,omitempty"`
	// Hint is what a reader may do about it.
	Hint string `json:"hint,omitempty"`
	// Clause is a JSON pointer into the contract, and Line its line there.
	Clause string `json:"clause,omitempty"`
	Line   int    `json:"line,omitempty"`
	// Exchange is the index of the exchange in the result that shows it; -1 if
	// none does.
	Exchange int `json:"exchange"`
}

// A Result is what became of one case.
type Result struct {
	Case        string  `json:"case"`
	Operation   string  `json:"operation"`
	Requirement string  `json:"requirement"`
	Verdict     Verdict `json:"verdict"`
	// Reason says why there is no deciding answer: what was masked, missing or
	// not allowed.
	Reason    string              `json:"reason,omitempty"`
	Aim       string              `json:"aim,omitempty"` // where the deciding request went
	Findings  []Finding           `json:"findings,omitempty"`
	Exchanges []exchange.Exchange `json:"exchanges,omitempty"`
}

// Deviations returns the findings that break a MUST; with strict those that
// break a SHOULD, too.
func (r *Result) Deviations(strict bool) []Finding {
	var broken []Finding
	for _, f := range r.Findings {
		if f.Verdict == Deviates || strict && f.Verdict == Advisory {
			broken = append(broken, f)
		}
	}
	return broken
}
