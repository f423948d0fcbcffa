package engine

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// shortestGraphID is the length of the shortest id to look for in messages: a shorter one could
// be any word.
const shortestGraphID = 16

// namesAnother returns the finding about a refusal that names another graph of this run than
// the request did, and so is the answer to another request.
func (e *Engine) namesAnother(k *cases.Case, op *contract.Operation, x *exchange.Exchange) []judge.Finding {
	requirement := e.c.RequirementJudging(op, contract.AspectIDEcho)
	if requirement == nil || k.Front || x.Status() < 400 || judge.Throttled(x) {
		return nil
	}
	path, err := url.PathUnescape(x.Request.Path)
	if err != nil {
		path = x.Request.Path
	}
	asked, answered := strings.ToLower(path+"\n"+string(x.Request.Body)), strings.ToLower(string(x.Answer.Body))
	if whole := x.Answer.Abridged; whole != nil {
		answered += strings.ToLower(whole.JSON)
	}
	graphs := []string{e.config.GraphID, e.absent, e.config.StoppedGraphID, e.config.ForeignGraphID}
	if i := slices.IndexFunc(graphs, func(id string) bool {
		id = strings.ToLower(id)
		return len(id) >= shortestGraphID && strings.Contains(answered, id) && !strings.Contains(asked, id)
	}); i >= 0 {
		return []judge.Finding{e.judge.Finding(requirement.ID, judge.Deviates, "the refusal names the graph "+graphs[i]+", which the request did not", []string{"an answer to this request"})}
	}
	return nil
}
