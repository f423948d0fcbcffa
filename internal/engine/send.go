package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// send fills a request's placeholders and sends it, again if it is throttled, or if it must be
// shown that the server is at fault. The last of the exchanges counts.
func (e *Engine) send(ctx context.Context, k *cases.Case, aim cases.Aim, version string) []exchange.Exchange {
	filled := k.Request.Fill(e.values(aim, version))
	return e.sendOnGround(ctx, k.ID, aim.Name, filled, func(x *exchange.Exchange) bool { return e.accuses(k, aim, x) })
}

// accuses reports whether an exchange would be held against the server. What is wrong with the
// form of a 4xx shows no loss, unless a proxy has answered.
func (e *Engine) accuses(k *cases.Case, aim cases.Aim, x *exchange.Exchange) bool {
	if v := e.judge.Decide(k, aim, x).Verdict; v == judge.Deviates || v == judge.Advisory {
		return true
	}
	lost := x.Failure != nil || x.Status() >= http.StatusInternalServerError || x.Status() == http.StatusProxyAuthRequired
	return lost && len(e.judge.Aspects(k, e.operationOf(k, x), x)) > 0
}

// sendFilled sends a plain request, which must be answered.
func (e *Engine) sendFilled(ctx context.Context, caseID, aim string, filled cases.Template) exchange.Exchange {
	all := e.sendOnGround(ctx, caseID, aim, filled, func(*exchange.Exchange) bool { return true })
	return all[len(all)-1]
}

// sendOnGround sends a request. If the answer, or the lack of one, would accuse the server but
// may show that the run has lost its ground, controls decide.
func (e *Engine) sendOnGround(ctx context.Context, caseID, aim string, filled cases.Template, accuses func(*exchange.Exchange) bool) []exchange.Exchange {
	all := []exchange.Exchange{e.deliver(ctx, caseID, aim, filled, false, 0)}
	if e.symptomOf(&all[0]) != "" && accuses(&all[0]) {
		return e.confirm(ctx, all[0], filled)
	}
	e.noteStart(&all[0])
	return all
}

// deliver sends a request, again if it is throttled. alone is whether nothing else is under way,
// and then it goes on a connection of its own. before is how often it has been sent before.
func (e *Engine) deliver(ctx context.Context, caseID, aim string, filled cases.Template, alone bool, before int) exchange.Exchange {
	var x exchange.Exchange
	for attempt := 1; ; attempt++ {
		x = e.sendOnce(ctx, caseID, aim, filled, alone)
		x.Attempt = before + attempt
		if op := e.operationFor(&x); op != nil {
			x.Operation = op.ID
		}
		e.keep(&x, &filled)
		if !mayRetry(&x) || attempt == maxAttempts || !e.sleep(ctx, &x, e.backOff(&x, attempt)) {
			return x
		}
	}
}

// operationFor returns the operation that a request was for, or nil. A query beside the path of an
// upgrade makes no difference to that.
func (e *Engine) operationFor(x *exchange.Exchange) *contract.Operation {
	path := x.Request.Path
	if before, _, _ := strings.Cut(path, "?"); ges.IsUpgradePath(before) {
		path = before
	}
	op, _, _ := e.c.Find(x.Request.Method, path)
	return op
}

func (e *Engine) sendOnce(ctx context.Context, caseID, aim string, filled cases.Template, alone bool) exchange.Exchange {
	if alone {
		return e.wire.SendFresh(ctx, caseID, aim, filled)
	}
	if e.record == nil && e.takeSlot(ctx) {
		defer func() { <-e.slots }()
	}
	return e.wire.Send(ctx, caseID, aim, filled)
}

// keep cuts an answer that is too long to be kept, passes the exchange to the hook and counts it.
// The last two happen in the same order, because a replay counts what was recorded.
func (e *Engine) keep(x *exchange.Exchange, filled *cases.Template) {
	if e.record != nil { // Replay has counted all
		return
	}
	e.budget.abridge(e.c, x)
	e.order.Lock()
	defer e.order.Unlock()
	e.passOn(*x)
	e.count(x, filled)
}

// passOn passes an exchange to the hook.
func (e *Engine) passOn(x exchange.Exchange) {
	if e.hooks.Exchange == nil {
		return
	}
	if err := e.hooks.Exchange(x); err != nil {
		e.endUpgrades(fmt.Sprintf("the evidence cannot be written: %s", err))
	}
}

// keepSuperseded passes an exchange to the hook, for the record: it decides nothing and does not count.
func (e *Engine) keepSuperseded(x exchange.Exchange) {
	e.order.Lock()
	defer e.order.Unlock()
	e.passOn(x)
}

// mayRetry reports whether a throttled request may be sent again. One that could change
// something may only if it has not reached the service.
func mayRetry(x *exchange.Exchange) bool {
	return judge.Throttled(x) && (x.Risk == cases.Inert.String() || !ges.FromService(x.Code()))
}

// Limits, so that no endpoint can delay a run forever.
const (
	maxAttempts  = 5                // for a throttled request
	maxBackOff   = 10 * time.Second // between two attempts
	maxThrottled = 24               // exchanges in a row
)

// count keeps what an exchange says about the run as a whole: whether its ground holds, and
// whether the endpoint throttles everything, which ends it. The snapshots, which decide no
// case, do not count. In a replay, filled is nil.
func (e *Engine) count(x *exchange.Exchange, filled *cases.Template) {
	e.mu.Lock()
	e.exchanged++
	if x.Request.Method == http.MethodPost && x.Answer != nil && !refused(x) && x.Status() < http.StatusInternalServerError {
		e.upgrades.permitted = true
	}
	e.mu.Unlock()
	e.noteControl(x)
	e.noteFailing(x)
	e.noteRecent(x, filled)
	e.noteRequestID(x)
	if x.Case == snapshotCase {
		return
	}
	vouched := e.noteVouched(x)
	invented := vouched || e.invented(x)
	e.mu.Lock()
	if op := e.operationFor(x); accepted(x) && op != nil && !op.Safe() {
		e.upgrades.accepted++
	}
	if invented {
		e.upgrades.invented++
	}
	e.mu.Unlock()
	if invented && !e.config.KeepGoing {
		e.endUpgrades("a request for a graph that does not exist was accepted; set --keep-going to continue after it")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case !judge.Throttled(x):
		e.throttled = 0
		return
	case x.Attempt < maxAttempts && mayRetry(x):
		return // it will be retried
	}
	if e.throttled++; e.throttled >= maxThrottled && e.aborted == "" {
		e.aborted = fmt.Sprintf("the endpoint throttles every request; lower --rate or --concurrency, or try again later: %d exchanges in a row failed, the last one: %s", e.throttled, e.judge.Outcome(x))
	}
}

// endUpgrades says why nothing is sent any more that could start an upgrade. The first reason
// counts.
func (e *Engine) endUpgrades(reason string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.upgrades.ended = cmp.Or(e.upgrades.ended, reason)
}

// upgradesEnded returns the reason that endUpgrades was given, or "".
func (e *Engine) upgradesEnded() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.upgrades.ended
}

// over reports whether the run was aborted or interrupted.
func (e *Engine) over(ctx context.Context) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.aborted != "" || ctx.Err() != nil
}

// stopped reports whether a case gets no more exchanges because the run is over. In a
// replay, the record decides.
func (e *Engine) stopped(ctx context.Context, caseID string) bool {
	if !e.over(ctx) || e.record != nil && e.record.has(caseID) {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cutShort = e.cutShort || e.aborted == ""
	return true
}

// sleep waits before an exchange is repeated, and reports whether it should be.
func (e *Engine) sleep(ctx context.Context, x *exchange.Exchange, d time.Duration) bool {
	if e.record != nil {
		return e.record.repeats(x)
	}
	if e.over(ctx) {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// tooLate reports whether a request that may take so long is not sent because it might
// not end before --until. In a replay, the record decides; if the recorded run was over,
// which may have stopped the case instead, the time of its last exchange does.
func (e *Engine) tooLate(ctx context.Context, caseID string, takes time.Duration) bool {
	switch until := e.config.Until; {
	case until.IsZero():
		return false
	case e.record == nil:
		return time.Now().Add(takes).After(until)
	case e.record.has(caseID):
		return false
	default:
		return !e.over(ctx) || e.record.last.Add(takes).After(until)
	}
}

const reasonTooLate = "it might not end before --until"

func (e *Engine) waiting(format string, args ...any) {
	if e.hooks.Waiting != nil {
		e.hooks.Waiting(fmt.Sprintf(format, args...))
	}
}

// backOff returns how long to wait before a throttled request is sent again.
func (e *Engine) backOff(x *exchange.Exchange, attempt int) time.Duration {
	least := 50 * time.Millisecond << attempt // even if Retry-After is 0
	wait := least
	if after := x.Answer.Header.Get("Retry-After"); after != "" {
		if seconds, err := strconv.Atoi(strings.TrimSpace(after)); err == nil || errors.Is(err, strconv.ErrRange) {
			wait = time.Duration(min(max(seconds, 0), 3600)) * time.Second // more could overflow
		} else if at, err := http.ParseTime(after); err == nil {
			wait = time.Until(at)
		}
	}
	return min(max(wait, least), maxBackOff, e.config.RequestTimeout)
}
