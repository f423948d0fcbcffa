package implied

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
)

// What a request is sent for, as its exchange says (exchange.Exchange.Aim).
const (
	aimFirst     = "first"     // what decides the case, if nothing is wrong with the answer
	aimBefore    = "before"    // the plain request, before a suspect is sent again
	aimAgain     = "again"     // the suspect once more, alone
	aimOnce      = "once more" // the suspect, if it failed twice as a server in trouble does
	aimAfter     = "after"     // the plain request after that
	aimPoll      = "poll"      // the plain request until it passes again
	aimElsewhere = "elsewhere" // the plain request of another operation
	// aimAlternative is the plain request with the credentials of another alternative.
	aimAlternative = "alternative"
	aimNext        = "next"     // the plain request with another id
	aimMade        = "made"     // the plain request to what the run has made
	aimDelete      = "delete"   // the deletion of what the run has made
	aimProof       = "proof"    // a read of what a creation may have made, or the creation once more, to see whether it has
	aimLook        = "look"     // a read of what the run has made or changed
	aimUsual       = "usual"    // a creation without a member that is only read, or a read of what was made without it
	aimLocation    = "location" // a read of what a Location names
	aimAbsent      = "absent"   // a read that shows that there is no such thing
	aimGone        = "gone"     // a read of what was deleted
	// aimCredentials is the plain request once more, after some were refused for their credentials.
	aimCredentials = "credentials"
)

const (
	defaultConcurrency = 8
	defaultRecovery    = 10 * time.Second
	maxAttempts        = 4                // for a request that is throttled
	maxBackOff         = 10 * time.Second // between two attempts
)

// deliver sends a request of a case, again if it is throttled or was not answered on a connection that
// had been used before. It returns an interrupted exchange, which is not recorded, if nothing more may
// be sent.
func (r *run) deliver(ctx context.Context, caseID, aim string, op *contract.Operation, t cases.Template) exchange.Exchange {
	x := r.deliverOnce(ctx, caseID, aim, op, t, 1)
	for attempt := 2; attempt <= maxAttempts; attempt++ {
		switch {
		case x.Failure != nil && x.Failure.Kind == exchange.Dropped && attempt == 2 && aim == aimFirst && mayRepeat(t.Method):
		case x.Failure == nil && throttled(&x) && aim != aimPoll:
			r.rest(ctx, backOff(&x, attempt))
		default:
			return x
		}
		next := r.deliverOnce(ctx, caseID, aim, op, t, attempt)
		if !hasLeft(&next) {
			return x
		}
		x = next
	}
	return x
}

// mayRepeat reports whether a request does nothing more if it arrives twice.
func mayRepeat(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// hasLeft reports whether a request has left, whatever came of it.
func hasLeft(x *exchange.Exchange) bool {
	return x.Failure == nil || x.Failure.Kind != exchange.Interrupted && x.Failure.Kind != exchange.NotSent
}

func (r *run) deliverOnce(ctx context.Context, caseID, aim string, op *contract.Operation, t cases.Template, attempt int) exchange.Exchange {
	if !r.take(ctx, aim, op, t.Method) {
		return exchange.Exchange{
			Case: caseID, Aim: aim, Operation: op.ID, Request: contract.Request{Method: t.Method, Path: t.Path},
			Failure: &exchange.Failure{Kind: exchange.Interrupted, Message: exchange.Interruption},
		}
	}
	send := r.o.Sender.Send
	if aim != aimFirst || attempt > 1 || t.Method != http.MethodGet && t.Method != http.MethodHead {
		send = r.o.Sender.SendFresh // so that nobody has to guess whether it arrived
	}
	x := send(ctx, caseID, aim, t)
	x.Operation, x.Attempt = op.ID, attempt
	if doubtful := r.record(op, &x); doubtful != nil && aim != aimProof {
		r.prove(ctx, caseID, doubtful, t)
	}
	return x
}

// record notes an exchange, and returns what it may have made.
func (r *run) record(op *contract.Operation, x *exchange.Exchange) (doubtful *thing) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.o.Exchange != nil && hasLeft(x) {
		r.o.Exchange(*x)
	}
	r.report.Passed = r.report.Passed || succeeds(op, x)
	if s := x.Status(); !op.Safe() && hasLeft(x) && (s < 400 || s >= 500) {
		r.effects++
	}
	return r.noteMade(op, x)
}

// effectsSoFar returns how many changes were not refused so far.
func (r *run) effectsSoFar() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.effects
}

// take takes a request out of what may be sent, and reports whether there was one. For each thing that the run has
// made, or is about to make, one is kept, to delete it; and that may take as long again as a server may to recover.
func (r *run) take(ctx context.Context, aim string, op *contract.Operation, method string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	most, kept := r.o.Time, 0
	if aim == aimDelete {
		most += r.o.Recovery
	} else {
		kept = r.notDeleted()
		if aim == aimProof {
			kept++ // for what it proves to be made
		}
		if method == http.MethodPost && r.index.creates(op) || method == http.MethodPut && listsCreated(op) {
			kept++
		}
	}
	switch {
	case ctx.Err() != nil || r.report.Failure != "" && aim != aimDelete:
		return false
	case r.replays: // the record ends where a limit has ended the run
	case r.o.Time > 0 && time.Since(r.started) >= most:
		r.cut = "--time"
		return false
	case r.o.MaxRequests > 0 && r.sent+kept >= r.o.MaxRequests:
		r.cut = "--max-requests"
		return false
	}
	r.sent++
	return true
}

// notDeleted returns how many things the run has made and can still delete.
func (r *run) notDeleted() (n int) {
	for _, m := range r.made {
		if m.Delete != "" && !m.Deleted {
			n++
		}
	}
	return n
}

// over reports whether a run sends nothing more but deletions of what it has made.
func (r *run) over(ctx context.Context) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return ctx.Err() != nil || r.cut != "" || r.report.Failure != ""
}

// backOff returns how long to wait before a throttled request is sent again.
func backOff(x *exchange.Exchange, attempt int) time.Duration {
	least := 5 * time.Millisecond << attempt // even if Retry-After is 0
	wait := least
	if after := strings.TrimSpace(x.Answer.Header.Get("Retry-After")); after != "" {
		if seconds, err := strconv.Atoi(after); err == nil || errors.Is(err, strconv.ErrRange) {
			wait = time.Duration(min(max(seconds, 0), 3600)) * time.Second // more could overflow
		} else if at, err := http.ParseTime(after); err == nil {
			wait = time.Until(at)
		}
	}
	return min(max(wait, least), maxBackOff)
}

// rest waits, unless the run ends or replays what was recorded.
func (r *run) rest(ctx context.Context, d time.Duration) {
	if r.replays {
		return
	}
	if left := r.o.Time - time.Since(r.started); r.o.Time > 0 {
		d = min(d, max(left, 0))
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// parallel calls a function for each number below n, several at a time.
func (r *run) parallel(n int, do func(i int)) {
	var all sync.WaitGroup
	slots := make(chan struct{}, r.o.Concurrency)
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			do(i)
		})
	}
	all.Wait()
}
