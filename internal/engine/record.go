package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/wire"
)

// A sender produces exchanges: from a target, or from the record of an earlier run.
type sender interface {
	Send(ctx context.Context, caseID, aim string, r cases.Template) exchange.Exchange
	SendFresh(ctx context.Context, caseID, aim string, r cases.Template) exchange.Exchange
	SendTogether(ctx context.Context, caseID, aim string, r cases.Template) [2]exchange.Exchange
	ProveAbsent(graph string)
	Vouch(graph string)
	IsAbsent(graph string) bool
	NoteVersion(graph, version string)
	Connection() wire.Connection
	TokenLife() wire.TokenLife
	IsToken(text string) bool
	Close()
}

// A record replays the exchanges of an earlier run, in the order of each case. What an
// engine decides depends only on them, and not on the time, so that it decides the same.
type record struct {
	mu       sync.Mutex
	left     map[string][]exchange.Exchange
	absent   map[string]bool
	last     time.Time // when the last exchange ended
	ended    bool      // the run was not interrupted
	mismatch error     // the first exchange that is not the requested one

	givenUp func() bool // the replay itself was interrupted
}

func newRecord(ctx context.Context, exchanges []exchange.Exchange, ended bool) *record {
	r := &record{left: map[string][]exchange.Exchange{}, absent: map[string]bool{}, ended: ended, givenUp: func() bool { return ctx.Err() != nil }}
	for _, x := range exchanges {
		r.left[x.Case] = append(r.left[x.Case], x)
		if end := x.Started.Add(x.Duration); end.After(r.last) {
			r.last = end
		}
	}
	return r
}

// Send returns the next exchange of a case. If the run was interrupted, there may be none.
func (r *record) Send(_ context.Context, caseID, aim string, asked cases.Template) exchange.Exchange {
	asked.Path = wire.Shown(asked.Path)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.of(caseID)) == 0 {
		if r.ended {
			r.differs("case %s: expected an exchange for %s %s, got no more", caseID, asked.Method, asked.Path)
		}
		return exchange.Exchange{
			Case: caseID, Aim: aim, Request: contract.Request{Method: asked.Method, Path: asked.Path, Body: []byte(asked.Body)},
			Failure: &exchange.Failure{Kind: exchange.Interrupted, Message: exchange.Interruption},
		}
	}
	x := r.left[caseID][0]
	r.left[caseID] = r.left[caseID][1:]
	if x.Aim != aim || x.Request.Method != asked.Method || x.Request.Path != asked.Path || string(x.Request.Body) != string(asked.Body) {
		r.differs("case %s: expected %s %s with body %.80q as exchange %d, got %s %s with body %.80q",
			caseID, asked.Method, asked.Path, asked.Body, x.Sequence, x.Request.Method, x.Request.Path, x.Request.Body)
	}
	return x
}

// SendFresh does the same.
func (r *record) SendFresh(ctx context.Context, caseID, aim string, asked cases.Template) exchange.Exchange {
	return r.Send(ctx, caseID, aim, asked)
}

// SendTogether returns the next two.
func (r *record) SendTogether(ctx context.Context, caseID, aim string, asked cases.Template) (both [2]exchange.Exchange) {
	for i := range both {
		both[i] = r.Send(ctx, caseID, aim, asked)
	}
	return both
}

// of returns the exchanges of a case that are left: none once the replay was interrupted, so that the
// engine ends. r.mu must be held.
func (r *record) of(caseID string) []exchange.Exchange {
	if r.givenUp() {
		clear(r.left)
	}
	return r.left[caseID]
}

func (r *record) differs(format string, args ...any) {
	if r.mismatch == nil {
		r.mismatch = fmt.Errorf(format, args...)
	}
}

// has reports whether a case has more exchanges.
func (r *record) has(caseID string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.of(caseID)) > 0
}

// next returns the next exchange of a case, if it has one.
func (r *record) next(caseID string) (x exchange.Exchange, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	left := r.of(caseID)
	if len(left) == 0 {
		return x, false
	}
	return left[0], true
}

// hasAim reports whether the next exchange of a case has an aim.
func (r *record) hasAim(caseID, aim string) bool {
	x, ok := r.next(caseID)
	return ok && x.Aim == aim
}

// hasRepeat reports whether the next exchange of a case is a further attempt of x.
func (r *record) hasRepeat(x *exchange.Exchange) bool {
	next, ok := r.next(x.Case)
	return ok && next.Aim == x.Aim && next.Attempt > x.Attempt
}

// repeats reports whether the next exchange of a case repeats the request of x.
func (r *record) repeats(x *exchange.Exchange) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	left := r.of(x.Case)
	return len(left) > 0 && left[0].Request.Method == x.Request.Method && left[0].Request.Path == x.Request.Path
}

func (r *record) ProveAbsent(graph string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.absent[graph] = true
}

func (r *record) Vouch(graph string) { r.ProveAbsent(graph) }

func (r *record) IsAbsent(graph string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.absent[graph]
}

func (r *record) NoteVersion(string, string) {} // nothing is sent that a gate would check

func (r *record) Connection() wire.Connection { return wire.Connection{} } // a replay checks nothing

func (r *record) TokenLife() wire.TokenLife { return wire.TokenLife{} }

func (r *record) IsToken(string) bool { return false }

func (r *record) Close() {}

// fits returns an error unless the engine has requested exactly the recorded exchanges.
func (r *record) fits() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.mismatch != nil {
		return r.mismatch
	}
	first, more := exchange.Exchange{}, 0
	for _, left := range r.left {
		if more += len(left); len(left) > 0 && (first.Sequence == 0 || left[0].Sequence < first.Sequence) {
			first = left[0]
		}
	}
	if more > 0 {
		return fmt.Errorf("case %s: expected no exchange %d, got %s %s, and %d more that were not asked for",
			first.Case, first.Sequence, first.Request.Method, first.Request.Path, more-1)
	}
	return nil
}

// Replay decides the selected cases again, from the exchanges of an earlier run in the
// order in which they ended. It sends nothing. ended is whether the run was not cut short.
// The error says where the exchanges are not those of the cases; the engine has the results
// anyway. If ctx ends, the results are of no use.
func Replay(ctx context.Context, c *contract.Contract, cfg *config.Config, all, selected []*cases.Case, exchanges []exchange.Exchange, ended bool) (*Engine, error) {
	exchanges = slices.DeleteFunc(slices.Clone(exchanges), func(x exchange.Exchange) bool { return x.Superseded != "" })
	r := newRecord(ctx, exchanges, ended)
	e := newEngine(c, cfg, r, all, selected, Hooks{})
	e.record = r
	for i := range exchanges {
		e.count(&exchanges[i], nil)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if !ended {
		cancel()
	}
	if e.Preflight(ctx) == nil {
		e.Run(ctx, selected)
	}
	return e, r.fits()
}
