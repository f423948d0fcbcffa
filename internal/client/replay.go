package client

import (
	"fmt"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// Replay judges a client again by what a run has recorded of it: of each scenario the exchanges, and
// how the client took it. Whatever else the results have is not looked at. waits is whether the
// client waits for the job, for a record without the plain success, which shows that.
func Replay(c *contract.Contract, waits bool, recorded []judge.Result) ([]judge.Result, error) {
	all, err := Scenarios(c)
	if err != nil {
		return nil, err
	}
	plain := all[0]
	named := map[string]*Scenario{}
	for _, s := range all {
		named[s.Name] = s
	}
	blocked := "" // why nothing but the plain success was run
	again := make([]judge.Result, len(recorded))
	for i := range recorded {
		if r := &recorded[i]; r.Case == plain.Name && r.Client != nil {
			o := observed(c, plain, r)
			waits = o.waited()
			o.waits = waits
			result, stopped, failure := o.judgeGate()
			if stopped || failure != "" {
				blocked = gateReason(&result)
			}
			again[i] = result
		}
	}
	for i := range recorded {
		r := &recorded[i]
		s := named[r.Case]
		switch {
		case again[i].Case != "":
		case s == nil:
			return nil, fmt.Errorf("case %.120q: expected a scenario of the contract, got another name", r.Case)
		case r.Client != nil:
			o := observed(c, s, r)
			o.waits = waits
			again[i] = o.judge()
		case r.Verdict == judge.Error && r.Reason == exchange.Interruption:
			again[i] = notRun(c, s, r.Verdict, r.Reason)
		case blocked != "":
			again[i] = notRun(c, s, judge.Masked, blocked)
		case s.IfWaiting && !waits:
			again[i] = notRun(c, s, judge.NotApplicable, doesNotWait)
		default:
			return nil, fmt.Errorf("scenario %s: expected what the client said, got nothing", r.Case)
		}
	}
	return again, nil
}

// observed returns what a record shows of a client in a scenario.
func observed(c *contract.Contract, s *Scenario, r *judge.Result) *observation {
	outcome := *r.Client
	outcome.Answered, outcome.Expected = s.Answered, s.Expected
	return &observation{scenario: s, contract: c, exchanges: r.Exchanges, outcome: &outcome, version: upgradeVersion}
}
