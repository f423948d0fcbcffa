package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/limits"
)

// pending is a result that callers of Await may be waiting for.
type pending struct {
	done   atomic.Bool // the result is there
	result judge.Result
}

// Await waits for the result of a case.
func (e *Engine) Await(ctx context.Context, id string) judge.Result {
	for p := e.pending[id]; ; {
		next := e.nextResult()
		if p.done.Load() {
			return p.result
		}
		select {
		case <-next:
		case <-ctx.Done():
			return judge.Result{Case: id, Verdict: judge.Error, Reason: exchange.Interruption}
		}
	}
}

// nextResult returns a channel that is closed when the next case has its result.
func (e *Engine) nextResult() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.decidedNext == nil {
		e.decidedNext = make(chan struct{})
	}
	return e.decidedNext
}

// Results returns the results so far, in the order of the cases.
func (e *Engine) Results() []judge.Result {
	var all []judge.Result
	for _, k := range e.cases {
		if p := e.pending[k.ID]; p.done.Load() {
			all = append(all, p.result)
		}
	}
	return all
}

// finish sets the result of a case, and adds the findings about every exchange.
func (e *Engine) finish(k *cases.Case, r judge.Result) {
	p := e.pending[k.ID]
	if p == nil || p.done.Load() {
		return // not selected, but sent in support of another case; and a case is decided once
	}
	r.Case, r.Operation, r.Requirement = k.ID, k.Operation, k.Requirement
	for i := range r.Exchanges {
		e.judgeAspects(k, &r, i)
		r.Exchanges[i].Forget() // many runs at once keep tens of thousands of answers
	}
	e.addBreakers(k, &r)
	e.judge.Trace(k, &r)
	if e.config.OnlyDocumented { // here, so that what the run does next does not depend on it
		r.OnlyDocumented()
	}
	limitTexts(&r) // first, since what is shared must not be changed
	r.Findings = shared(e.c, k, r.Findings)
	e.mu.Lock()
	defer e.mu.Unlock()
	if p.done.Load() {
		return
	}
	p.result = r
	p.done.Store(true)
	if e.decidedNext != nil {
		close(e.decidedNext)
		e.decidedNext = nil
	}
	if e.hooks.Result != nil {
		e.hooks.Result(&p.result)
	}
}

// limitTexts cuts what a result quotes at length: what it quotes, the target has chosen.
func limitTexts(r *judge.Result) {
	short := func(s string) string {
		if len(s) <= limits.Finding {
			return s
		}
		return strings.ToValidUTF8(s[:limits.Finding], "") + "…"
	}
	r.Reason = short(r.Reason)
	for i := range r.Findings {
		r.Findings[i].Got = short(r.Findings[i].Got)
	}
}

func (e *Engine) judgeAspects(k *cases.Case, r *judge.Result, i int) {
	x := &r.Exchanges[i]
	op := e.operationOf(k, x)
	findings := e.judge.Aspects(k, op, x)
	var upheld []judge.Finding
	if x.SetAside != "" || e.doubtOf(x).excuses() { // credentials are disclosed whoever is at fault
		requirement := e.c.RequirementJudging(op, contract.AspectNoCredentials)
		findings = slices.DeleteFunc(findings, func(f judge.Finding) bool { return requirement == nil || f.Requirement != requirement.ID })
	} else {
		findings = slices.Concat(findings, e.repeatedRequestID(k, op, x), e.namesAnother(k, op, x), e.inTime(op, x))
		e.judge.Yield(k, op, r, i, findings)
		upheld = e.judge.Upheld(k, op, x)
	}
	for _, some := range [][]judge.Finding{findings, upheld} {
		for j := range some {
			some[j].Exchange = i
		}
		r.Conclude(some...)
	}
}

// operationOf returns the operation to judge an exchange by: the one that it was for,
// which for the lifecycle and proofs of absence is not the case's, or else the case's.
func (e *Engine) operationOf(k *cases.Case, x *exchange.Exchange) *contract.Operation {
	if op := e.c.Operation(x.Operation); op != nil {
		return op
	}
	return e.c.Operation(k.Operation)
}

// decided reports whether a case has its result.
func (e *Engine) decided(k *cases.Case) bool {
	p := e.pending[k.ID]
	return p == nil || p.done.Load()
}

// skip sets the verdict of a case without an exchange.
func (e *Engine) skip(k *cases.Case, v judge.Verdict, format string, args ...any) {
	e.finish(k, judge.Result{Verdict: v, Reason: fmt.Sprintf(format, args...)})
}

// abandon sets the result of cases that have none.
func (e *Engine) abandon(ctx context.Context, some []*cases.Case) {
	reason, verdict := "the run ended before this case", judge.Error
	switch {
	case e.preflight != nil:
		reason = e.preflight.Error()
	case e.partial.wrong != "" && e.aborted == e.partial.wrong:
		reason, verdict = e.aborted, judge.NotApplicable
	case e.aborted != "":
		reason = e.aborted
	case ctx.Err() != nil:
		reason = exchange.Interruption
		if slices.ContainsFunc(some, func(k *cases.Case) bool { return !e.decided(k) }) {
			e.cutShort = true
		}
	}
	for _, k := range some {
		e.skip(k, verdict, "%s", reason)
	}
}
