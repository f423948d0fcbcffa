package client

import (
	"fmt"
	"slices"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
)

// id returns the id of the requirement that says what is expected of a client; "" if the contract
// expects no such thing.
func id(c *contract.Contract, expected contract.Behaviour) string {
	if r := c.RequirementExpecting(expected); r != nil {
		return r.ID
	}
	return ""
}

// notRun returns the result of a scenario that was not run.
func notRun(c *contract.Contract, s *Scenario, verdict judge.Verdict, reason string) judge.Result {
	return judge.Result{Case: s.Name, Requirement: id(c, s.About()), Verdict: verdict, Reason: reason}
}

// judge decides what an observation says.
func (o *observation) judge() judge.Result {
	r := notRun(o.contract, o.scenario, judge.Error, "")
	r.Client, r.Exchanges = o.outcome, o.exchanges
	switch {
	case o.outcome.Said == judge.SaidNotApplicable:
		r.Verdict, r.Reason = judge.NotApplicable, o.said()
		return r
	case len(o.exchanges) == 0 && o.scenario.Endpoint == "":
		r.Reason = "sent no request, and " + o.said()
		return r
	}
	for _, expected := range o.scenario.All() {
		if f := o.finding(expected); f != nil {
			r.Findings = append(r.Findings, *f)
		}
	}
	about := false
	r.Verdict = judge.NotApplicable
	for _, f := range r.Findings {
		about = about || f.Requirement == r.Requirement
		r.Verdict = judge.Worse(r.Verdict, f.Verdict)
	}
	switch {
	case o.outcome.Said == judge.SaidNothing && !o.outcome.TimedOut:
		r.Verdict = judge.Worse(r.Verdict, judge.Error)
		r.Reason = o.said()
	case !about:
		r.Reason = "nothing that it did shows whether it keeps to " + r.Requirement
		if r.Verdict == judge.Conforms || r.Verdict == judge.Observed {
			r.Verdict = judge.NotApplicable
		}
	}
	return r
}

// finding returns what an observation says about one requirement, or nil.
func (o *observation) finding(expected contract.Behaviour) *judge.Finding {
	named := slices.Contains(o.scenario.Decides, expected)
	of := o.contract.RequirementExpecting(expected)
	if of == nil {
		return nil
	}
	f := &judge.Finding{Requirement: of.ID, Level: of.Level, Verdict: judge.Conforms, Clause: of.Clause, Line: of.Line, Exchange: -1}
	if len(of.Source) > 0 {
		f.Origin = &judge.Origin{Source: of.Source, Ours: of.Level == contract.Must && !o.contract.Documented(of)}
	}
	if named && o.scenario.Observed {
		f.Verdict, f.Got = judge.Observed, "it "+o.said()
		return f
	}
	d := rules[expected](o, named)
	if d == nil {
		return nil
	}
	f.Exchange = d.exchange
	if d.broken {
		f.Verdict, f.Got = judge.Deviates, d.got // what is expected is the scenario's own
		if of.Level != contract.Must || d.advice {
			f.Verdict = judge.Advisory
		}
	}
	return f
}

// byTime reports whether a client on a busy machine could have broken the same.
func (o *observation) byTime() bool {
	switch {
	case len(o.exchanges) == 0 && o.scenario.Endpoint == "":
		return true // it does send, as it has shown; but it may have given up before anybody listened
	case o.scenario.Observed:
		return false
	}
	gaveUp := o.outcome.Said == judge.SaidFailure && o.outcome.Duration >= patience
	for _, expected := range o.scenario.All() {
		if d := rules[expected](o, slices.Contains(o.scenario.Decides, expected)); d != nil && d.broken && (d.byTime || gaveUp) {
			return true
		}
	}
	return false
}

// patience is how long each client waits for an answer, however short its time limit. One that has
// reported a failure after that may have given up.
const patience = 300 * time.Millisecond

// gateReason says what came of the plain success, for those that are therefore not run.
func gateReason(r *judge.Result) string {
	return fmt.Sprintf("not run, because of %s: %s", r.Case, r.Verdict)
}
