package engine

import (
	"fmt"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// noteRequestID remembers which exchange was the first whose answer had a request id.
func (e *Engine) noteRequestID(x *exchange.Exchange) {
	if x.Answer == nil {
		return
	}
	id := x.Answer.Header.Get(judge.RequestID)
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, known := e.requestIDs[id]; id != "" && !known {
		e.requestIDs[id] = x.Sequence
	}
}

// repeatedRequestID returns the finding about an answer whose request id another answer of the
// run had before, so that neither can be found in a log by it.
func (e *Engine) repeatedRequestID(k *cases.Case, op *contract.Operation, x *exchange.Exchange) []judge.Finding {
	requirement := e.c.RequirementJudging(op, contract.AspectRequestID)
	if x.Answer == nil || requirement == nil || k.Front || judge.Throttled(x) {
		return nil
	}
	id := x.Answer.Header.Get(judge.RequestID)
	e.mu.Lock()
	first := e.requestIDs[id]
	e.mu.Unlock()
	if id == "" || first == 0 || first == x.Sequence {
		return nil
	}
	return []judge.Finding{e.judge.Finding(requirement.ID, judge.Deviates, fmt.Sprintf("%s %.100q, which the answer of an earlier exchange had", judge.RequestID, id), []string{"an id of its own"})}
}
