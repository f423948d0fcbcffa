package implied

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
)

// Replay decides again, from the exchanges of an earlier run with the same options, and sends
// nothing. keptBack is Report.KeptBack of that run. Of the credentials only their names count. The error says where
// the exchanges are not those that the cases ask for; the report is there anyway.
func Replay(ctx context.Context, o Options, exchanges []exchange.Exchange, keptBack map[string]string) (Report, error) {
	r := &record{left: map[[2]string][]exchange.Exchange{}, keptBack: keptBack}
	for _, x := range exchanges {
		if x.Superseded == "" {
			key := [2]string{x.Case, x.Aim}
			r.left[key] = append(r.left[key], x)
		}
	}
	cut := "" // what has ended the run, if its record ends too early
	switch {
	case o.MaxRequests > 0 && len(exchanges) >= o.MaxRequests:
		cut = "--max-requests"
	case o.Time > 0:
		cut = "--time"
	}
	o.Sender, o.Exchange, o.Made = r, nil, nil
	report, err := start(ctx, o, true, cut)
	if err != nil {
		return report, err
	}
	return report, r.fits()
}

// A record answers from the exchanges of an earlier run, in the order of each case and aim.
type record struct {
	mu       sync.Mutex
	left     map[[2]string][]exchange.Exchange
	keptBack map[string]string // by case
	mismatch error             // the first exchange that is not the requested one
}

// Send returns the next exchange. If the earlier run ended before, there is none.
func (r *record) Send(_ context.Context, caseID, aim string, asked cases.Template) exchange.Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := [2]string{caseID, aim}
	if len(r.left[key]) == 0 {
		none := &exchange.Failure{Kind: exchange.Interrupted, Message: exchange.Interruption}
		if why, ok := r.keptBack[caseID]; ok {
			none = &exchange.Failure{Kind: exchange.NotSent, Message: why}
		}
		return exchange.Exchange{Case: caseID, Aim: aim, Request: contract.Request{Method: asked.Method, Path: asked.Path}, Failure: none}
	}
	x := r.left[key][0]
	r.left[key] = r.left[key][1:]
	wanted, _, _ := strings.Cut(asked.Path, "?") // a query may have credentials, which are not in the record
	if got, _, _ := strings.Cut(x.Request.Path, "?"); r.mismatch == nil && (x.Request.Method != asked.Method || got != wanted) {
		r.mismatch = fmt.Errorf("replay %s: expected %s %s as exchange %d, got %s %s", caseID, asked.Method, wanted, x.Sequence, x.Request.Method, got)
	}
	return x
}

// SendFresh does the same.
func (r *record) SendFresh(ctx context.Context, caseID, aim string, asked cases.Template) exchange.Exchange {
	return r.Send(ctx, caseID, aim, asked)
}

// fits returns an error unless exactly the recorded exchanges were asked for.
func (r *record) fits() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, left := range r.left {
		if r.mismatch == nil && len(left) > 0 {
			r.mismatch = fmt.Errorf("replay %s: expected no exchange %d, got %s %s", key[0], left[0].Sequence, left[0].Request.Method, left[0].Request.Path)
		}
	}
	return r.mismatch
}
