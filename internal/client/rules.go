package client

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// A decision is what an observation says about one requirement; nil if nothing.
type decision struct {
	broken   bool
	got      string // what came instead
	exchange int    // that shows it, or -1
	byTime   bool   // whether a client on a busy machine could do the same
	advice   bool   // whether only advice of the contract is broken and nobody minded, whatever the level of the requirement
}

func held() *decision { return &decision{exchange: -1} }

func broke(exchange int, format string, args ...any) *decision {
	return &decision{broken: true, exchange: exchange, got: fmt.Sprintf(format, args...)}
}

// A rule decides about one requirement for clients. named is whether the scenario names it, and not
// only because every one does.
type rule func(o *observation, named bool) *decision

// rules are those of what the contract expects of a client.
var rules = map[contract.Behaviour]rule{
	contract.ClientSends:                sends,
	contract.ClientRequestLawful:        problems(isOther),
	contract.ClientKnownMembers:         problems(isMember),
	contract.ClientCredentialsInPlace:   problems(isMisplaced),
	contract.ClientCredentialsStay:      credentialsStay,
	contract.ClientCredentialsUnprinted: unprinted,
	contract.ClientSuccessNeedsJob:      successNeedsJob,
	contract.ClientSuccessWhenAccepted:  successWhenAccepted,
	contract.ClientAsksOwnJob:           asksOwnJob,
	contract.ClientJobIDEscaped:         jobIDEscaped,
	contract.ClientJobFailureSeen:       jobFailureSeen,
	contract.ClientSurvivesRefusedRead:  survivesRefusedRead,
	contract.ClientErrorCodeShown:       errorCodeShown,
	contract.ClientRetryAfter:           keepsRetryAfter,
	contract.ClientNoBlindRepeat:        noBlindRepeat,
	contract.ClientPollPace:             pollPace,
	contract.ClientEnds:                 ends,
}

func isMember(p contract.Problem) bool { return p.Keyword == contract.KeywordUnknown }

// accountsForMember reports whether a problem may be the reason for an unknown member beside it: a
// missing one, of which it is the misspelling, or credentials that have no place in the body.
func accountsForMember(p contract.Problem) bool {
	return p.In == contract.InBody && p.Keyword == "required" || isMisplaced(p)
}

func isMisplaced(p contract.Problem) bool { return p.Keyword == contract.KeywordPlace }

// isOther leaves out what other rules are about.
func isOther(p contract.Problem) bool {
	return !isMember(p) && !isMisplaced(p) && p.Keyword != contract.KeywordOrigin && (p.In != contract.InPath || p.Name != ges.JobParameter)
}

func sends(o *observation, _ bool) *decision {
	if len(o.calls(ges.UpgradeGraph)) > 0 {
		return held()
	}
	last := len(o.exchanges) - 1
	if last < 0 || o.refusedForItsFault() {
		return nil // the former is no verdict on anything, the latter has a verdict of its own
	}
	return broke(last, "no upgrade arrived; %s", o.inShort(&o.exchanges[last]))
}

// problems decides by the problems of requests of a kind.
func problems(which func(contract.Problem) bool) rule {
	return func(o *observation, _ bool) *decision {
		var advice *decision
		arrived := false
		for i := range o.exchanges {
			x := &o.exchanges[i]
			arrived = arrived || x.Aim == atEndpoint
			for _, p := range x.Problems {
				if p == noHTTP && slices.Contains(o.scenario.Decides, contract.ClientJobIDEscaped) && len(o.given()) > 0 {
					continue // it is the id
				}
				if !which(p) || isMember(p) && slices.ContainsFunc(x.Problems, accountsForMember) {
					continue
				}
				d := broke(i, "%s: %s", o.asked(x), p)
				if op := o.contract.Operation(o.operation(x)); op != nil && !isMember(p) {
					if r := o.contract.RefusalFor(op, p); r != nil && r.Level != contract.Must && x.Status() < http.StatusBadRequest {
						d.advice = true
						advice = cmp.Or(advice, d)
						continue
					}
				}
				return d
			}
		}
		if advice != nil || !arrived {
			return advice
		}
		return held()
	}
}

func credentialsStay(o *observation, named bool) *decision {
	for i := range o.exchanges {
		for _, p := range o.exchanges[i].Problems {
			if p.Keyword == contract.KeywordOrigin {
				return broke(i, "%s at another origin: %s", o.asked(&o.exchanges[i]), p)
			}
		}
	}
	if !named {
		return nil
	}
	return held()
}

func unprinted(o *observation, _ bool) *decision {
	if names := o.outcome.Leaked; len(names) > 0 {
		return broke(-1, "it printed %s", strings.Join(names, ", "))
	}
	return held()
}

// successNeedsJob holds if the client does not say success, or an answer gave it cause to.
func successNeedsJob(o *observation, named bool) *decision {
	switch {
	case o.outcome.Said == judge.SaidSuccess && !o.accepted() && !o.shown(false):
		posts := o.calls(ges.UpgradeGraph)
		if len(posts) == 0 {
			return broke(-1, "it %s without having sent an upgrade", o.said())
		}
		last := posts[len(posts)-1]
		return broke(last, "it %s, although no job was given: %s", o.said(), o.inShort(&o.exchanges[last]))
	case !named || o.outcome.Said == judge.SaidNothing:
		return nil
	}
	return held()
}

func successWhenAccepted(o *observation, _ bool) *decision {
	switch {
	case o.outcome.Said == judge.SaidSuccess:
		if successNeedsJob(o, true).broken {
			return nil
		}
		return held()
	case o.outcome.Said == judge.SaidNothing && !o.outcome.TimedOut, o.refusedForItsFault():
		return nil
	}
	d := broke(len(o.exchanges)-1, "it %s, although every answer was lawful and the upgrade was accepted", o.said())
	if !o.accepted() {
		d.got = "it " + o.said() + ", although every answer was lawful"
	}
	d.byTime = true
	return d
}

// refusedForItsFault reports whether a request was refused for what is wrong with it. That the client
// then reports a failure is no fault of its own.
func (o *observation) refusedForItsFault() bool {
	if d := asksOwnJob(o, true); d != nil && d.broken && o.exchanges[d.exchange].Status() >= http.StatusBadRequest {
		return true
	}
	return slices.ContainsFunc(o.exchanges, func(x exchange.Exchange) bool {
		return len(x.Problems) > 0 && (x.Answer == nil || x.Status() >= http.StatusBadRequest)
	})
}

func asksOwnJob(o *observation, named bool) *decision {
	given, reads := slices.Concat(o.given(), o.outcome.Jobs, o.contained()), o.jobReads()
	if slices.Contains(o.scenario.Decides, contract.ClientJobIDEscaped) && len(given) > 0 {
		return nil
	}
	for _, r := range reads {
		if !slices.ContainsFunc(given, r.is) {
			x := &o.exchanges[r.exchange]
			return broke(r.exchange, "%s asks for %q, an id that no answer gave", o.asked(x), r.segment)
		}
	}
	if len(reads) == 0 && !named {
		return nil
	}
	return held()
}

func jobIDEscaped(o *observation, _ bool) *decision {
	given, reads := o.given(), o.jobReads()
	if len(given) == 0 || len(reads) == 0 {
		return nil
	}
	for _, r := range reads {
		if !slices.ContainsFunc(given, r.is) {
			x := &o.exchanges[r.exchange]
			return broke(r.exchange, "%s %s for the job %q", x.Request.Method, ges.WithoutGraph(x.Request.Path), given[0])
		}
	}
	return held()
}

// jobFailureSeen is about clients that wait for the job.
func jobFailureSeen(o *observation, named bool) *decision {
	switch {
	case !o.waits || !o.accepted() || o.scenario.Observed && len(o.jobReads()) == 0:
		return nil // how it takes an answer of which nothing is said is its business
	case o.outcome.Said == judge.SaidSuccess && !o.shown(true):
		last := len(o.exchanges) - 1 // there is one, since a job was given
		return broke(last, "it %s, although no answer said that the job had succeeded: %s", o.said(), o.inShort(&o.exchanges[last]))
	case o.outcome.Said == judge.SaidNothing || !named:
		return nil
	}
	return held()
}

func survivesRefusedRead(o *observation, _ bool) *decision {
	refused := slices.DeleteFunc(o.calls(ges.ShowJob), func(i int) bool { return delivered(&o.exchanges[i], http.StatusOK) })
	switch {
	case !o.waits || len(refused) == 0:
		return nil
	case o.outcome.Said == judge.SaidSuccess:
		return held()
	case o.outcome.Said == judge.SaidFailure || o.outcome.TimedOut:
		last := refused[len(refused)-1]
		count := "one read"
		if len(refused) > 1 {
			count = fmt.Sprintf("%d reads", len(refused))
		}
		d := broke(last, "it %s after %s of the job had been refused: %s", o.said(), count, o.inShort(&o.exchanges[last]))
		d.byTime = true
		return d
	}
	return nil
}

// errorCodeShown is about what a client prints when it reports a failure.
func errorCodeShown(o *observation, _ bool) *decision {
	if o.outcome.Said != judge.SaidFailure {
		return nil
	}
	printed := strings.ToLower(o.outcome.Stdout + "\n" + o.outcome.Stderr + "\n" + o.outcome.Reason)
	for _, i := range slices.Backward(o.calls(ges.UpgradeGraph)) {
		x := &o.exchanges[i]
		code := x.Code()
		if code == "" || x.Failure != nil {
			continue
		}
		switch {
		case strings.Contains(printed, strings.ToLower(code)):
			return held()
		case o.outcome.Printed > keptPrinted: // it may be where the output was cut
			return nil
		}
		return broke(i, "it %s without saying %s", o.said(), code)
	}
	return nil
}

// early is how much too early a repeated request may arrive: timers of some systems are that
// coarse.
const early = 50 * time.Millisecond

func keepsRetryAfter(o *observation, named bool) *decision {
	for i := range o.exchanges {
		x := &o.exchanges[i]
		from := retryAfter(x)
		if from.IsZero() || x.Status() < 400 {
			continue
		}
		for j := i + 1; j < len(o.exchanges); j++ {
			next := &o.exchanges[j]
			if next.Request.Method != x.Request.Method || next.Request.Path != x.Request.Path || next.Aim != x.Aim || next.Started.Before(x.Started.Add(x.Duration)) {
				continue // the last was sent before the client had the answer
			}
			if wait := from.Sub(next.Started); wait > early {
				return broke(j, "%s again %s before Retry-After (%s) had passed", o.asked(next), wait.Round(100*time.Millisecond), x.Answer.Header.Get("Retry-After"))
			}
			break
		}
	}
	if !named {
		return nil
	}
	return held()
}

// mayBeAccepted reports whether an upgrade may have been accepted, as far as its answer says.
func mayBeAccepted(x *exchange.Exchange) bool {
	switch {
	case x.Failure != nil:
		return x.Failure.Kind != exchange.Unreachable
	case x.Status() == http.StatusRequestTimeout:
		return x.Code() != "GES.7005" // whose advice is to try again later
	}
	return slices.Contains([]int{
		http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent,
		http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout,
	}, x.Status())
}

// noBlindRepeat wants a read between an upgrade that may have been accepted and the next one.
func noBlindRepeat(o *observation, named bool) *decision {
	posts := o.calls(ges.UpgradeGraph)
	for n, i := range posts[:max(0, len(posts)-1)] {
		x, next := &o.exchanges[i], posts[n+1]
		if !mayBeAccepted(x) {
			continue
		}
		read := slices.ContainsFunc(o.exchanges[i+1:next], func(x exchange.Exchange) bool {
			return x.Aim == atEndpoint && (x.Request.Method == http.MethodGet || x.Request.Method == http.MethodHead)
		})
		if !read {
			return broke(next, "the upgrade was sent again, without a read, although it may have been accepted: %s", o.inShort(x))
		}
	}
	if !named || len(posts) == 0 {
		return nil
	}
	return held()
}

// callsPerSecond is what the gateway lets pass by default.
const callsPerSecond = 200

func pollPace(o *observation, _ bool) *decision {
	for i := range o.exchanges {
		last := i + callsPerSecond
		if last >= len(o.exchanges) {
			break
		}
		if took := o.exchanges[last].Started.Sub(o.exchanges[i].Started); took < time.Second {
			return broke(last, "%d requests within %s", callsPerSecond+1, took.Round(time.Millisecond))
		}
	}
	if len(o.exchanges) == 0 {
		return nil
	}
	return held()
}

func ends(o *observation, named bool) *decision {
	switch {
	case o.outcome.TimedOut && (named || !o.scenario.decides(contract.ClientSuccessWhenAccepted) && !o.scenario.decides(contract.ClientSurvivesRefusedRead)):
		d := broke(len(o.exchanges)-1, "it had not ended %s after its first request", o.outcome.Duration.Round(time.Second))
		d.byTime = true
		return d
	case !named || o.outcome.Said == judge.SaidNothing:
		return nil
	}
	return held()
}
