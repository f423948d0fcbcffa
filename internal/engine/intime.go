package engine

import (
	"fmt"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// inTime returns the finding about how long an answer took, if --max-response-time asks for
// one. What a throttled request waited before it was sent again does not count.
func (e *Engine) inTime(op *contract.Operation, x *exchange.Exchange) []judge.Finding {
	limit := e.config.MaxResponseTime
	requirement := e.c.RequirementJudging(op, contract.AspectInTime)
	switch {
	case requirement == nil || limit == 0 || x.Answer == nil || judge.Throttled(x):
		return nil
	case x.Duration <= limit:
		return []judge.Finding{e.judge.Finding(requirement.ID, judge.Conforms, "", nil)}
	}
	return []judge.Finding{e.judge.Finding(requirement.ID, judge.Deviates, fmt.Sprintf("an answer that took longer than %s", limit), []string{fmt.Sprintf("an answer within %s", limit)})}
}
