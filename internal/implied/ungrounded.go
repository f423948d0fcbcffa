package implied

import (
	"bytes"
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// A run in which no plain request has passed has no ground: it may have met another server than the one that the
// document describes, something in front of it, or a server that knows none of the credentials. What such answers
// look like is told, and held against nobody; but that the server itself fails is.

// unproved is what the findings of a run without ground say beside what they found.
const unproved = "not held against the server: no plain request has passed, so that the answer may come from another server than the document describes, or be due to the credentials"

// unprovedCredentials is what the findings about refusals say in a run whose credentials nothing has accepted.
const unprovedCredentials = "not held against the server: no request with the credentials of this run has passed"

// succeeds reports whether an answer shows that what answers does what the operation is for.
func succeeds(op *contract.Operation, x *exchange.Exchange) bool {
	return outcomeOf(op, x) == passed && !isPage(op, x)
}

// isPage reports whether an answer is a page for people where the operation lists none: that of a login, of a proxy,
// or of an application that answers every path with itself.
func isPage(op *contract.Operation, x *exchange.Exchange) bool {
	if x.Answer == nil || !isHTML(x.Answer.Header.Get("Content-Type")) {
		return false
	}
	looksIt := bytes.HasPrefix(bytes.TrimSpace(x.Answer.Body), []byte("<")) || x.Request.Method == http.MethodHead // which shows no body
	return looksIt && !hasContent(op, func(m *contract.MediaType) bool { return isHTML(m.Name) || strings.Contains(m.Name, "*") })
}

// insteadOf reports whether an answer is such a page where the operation lists something else.
func insteadOf(op *contract.Operation, x *exchange.Exchange) bool {
	return isPage(op, x) && hasContent(op, func(*contract.MediaType) bool { return true })
}

// hasContent reports whether an answer of an operation, other than a refusal, has a media type of a kind.
func hasContent(op *contract.Operation, of func(*contract.MediaType) bool) bool {
	return slices.ContainsFunc(op.Responses, func(r *contract.Response) bool {
		return (r.Status < "4" || r.Status == "default") && slices.ContainsFunc(r.Content, of)
	})
}

func isHTML(mediaType string) bool {
	name, _, _ := strings.Cut(strings.ToLower(mediaType), ";")
	name = strings.TrimSpace(name)
	return name == "text/html" || name == "application/xhtml+xml"
}

// ofGateways are the 5xx of what stands in front of a server.
var ofGateways = map[int]bool{
	http.StatusBadGateway: true, http.StatusServiceUnavailable: true, http.StatusGatewayTimeout: true, http.StatusNetworkAuthenticationRequired: true,
}

// failsItself reports whether an answer shows that the server itself is at fault, whatever it was asked. Cloudflare
// and others have statuses of their own from 520 on.
func failsItself(x *exchange.Exchange) bool {
	return x.Failure == nil && x.Status() >= 500 && x.Status() < 520 && !ofGateways[x.Status()]
}

// refusesOwn reports whether an answer refuses, or leads to a login, in spite of the credentials of the run.
func refusesOwn(k *Case, x *exchange.Exchange) bool {
	a := k.change.attempt
	if a != nil && a.lapse != inOrder || len(k.Operation.Security) == 0 {
		return false
	}
	return isUnauthorized(x) || x.Status() == http.StatusProxyAuthRequired || outcomeOf(k.Operation, x) == redirected
}

// withdrawUngrounded lowers what the run has found where it had no ground, and notes what that was.
func (r *run) withdrawUngrounded() {
	var seen []string
	why := unproved
	for i := range r.report.Results {
		result, k := &r.report.Results[i], r.concluded[i]
		if !r.report.Passed {
			seen = append(seen, r.lower(k, result, why, func(x *exchange.Exchange) bool { return !failsItself(x) })...)
		} else if !r.proved {
			why = unprovedCredentials
			seen = append(seen, r.lower(k, result, why, func(x *exchange.Exchange) bool { return refusesOwn(k, x) })...)
			if g := r.groundOf(k); g.unproved && result.Verdict == judge.Masked {
				result.Verdict, result.Reason = judge.Error, "credentials: no request with them has passed: "+g.reason
			}
		}
	}
	if len(seen) > 0 {
		r.report.Notes = append(r.report.Notes, shortened(seen)+": "+why)
	}
}

// lower turns the findings of a result about some of its answers into observations, and names them.
func (r *run) lower(k *Case, result *judge.Result, why string, of func(*exchange.Exchange) bool) (lowered []string) {
	worst := result.Findings
	result.Findings = nil
	before := *result
	for i, f := range worst {
		about := min(f.Exchange, len(result.Exchanges)-1)
		if verdictBroken(f.Verdict) && about >= 0 && of(&result.Exchanges[about]) {
			f.Verdict, f.Hint = judge.Observed, why
			lowered = append(lowered, f.Requirement+" by "+k.ID)
		}
		if i == 0 {
			result.Verdict = f.Verdict
		}
		result.Conclude(f)
	}
	if len(lowered) == 0 {
		before.Findings = worst
		*result = before
		return nil
	}
	if g := r.groundOf(k); !verdictBroken(result.Verdict) {
		result.Verdict = cmp.Or(g.verdict, judge.Masked)
		result.Reason = cmp.Or(result.Reason, g.reason, why)
	}
	return lowered
}
