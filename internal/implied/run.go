package implied

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/resources"
	"github.com/gesconform/gesconform/internal/values"
)

// A run judges one server.
type run struct {
	o         Options
	judge     *judge.Judge
	store     *resources.Store
	source    *values.Source
	index     *index
	grounds   map[groundOf]*ground
	made      []*thing            // newest last
	doubtful  []*thing            // what it may have made, newest last
	pathless  map[string]int      // how often creations of what has no path passed, by operation
	named     map[string][]*thing // by the names of members with their ids, oldest first
	creations int                 // how many were sent
	fruitless int                 // how many searches for a fuller request in a row have found nothing
	// overlooked are the clauses that bodies broke which were accepted: answers show them, too.
	overlooked []string
	started    time.Time
	proofs     proofs
	replays    bool // the sender answers from a record
	limited    bool // whether it may end before all is sent

	mu      sync.Mutex // guards what follows, and the hooks
	sent    int
	effects int    // how many changes were not refused
	cut     string // the option that has ended the run; "" if none has
	report  Report
	// concluded has the cases of the results, and proved whether a request with credentials has passed.
	concluded []*Case
	proved    bool
}

// A ground is what an operation's cases rest on: its plain request, and what came of it.
type ground struct {
	base
	passed bool
	// verdict and reason are those of the cases of the operation, if the plain request has not
	// passed.
	verdict  judge.Verdict
	reason   string
	choices  []resources.Choice  // of ids that have not been tried
	leads    []resources.Lead    // of the answer to the plain request
	parents  []map[string]string // values of the path that have not been tried
	media    *contract.MediaType // of the plain body; nil for none
	control  base                // of the requests that show that the ground still holds
	expects  outcome             // of them
	effects  int                 // how many changes were not refused before a read showed what it goes to to be absent
	sent     any                 // the value of the last body, before it was written
	plain    *exchange.Exchange  // the plain creation
	unjudged *exchange.Exchange  // the plain request to what the run has made, until a case has its answer judged
	refused  map[int]string      // why an alternative of the credentials is not judged
	unproved bool                // whether the plain request may have been refused for its credentials, in other words than 401 and 403
	// unsuited has whether a plain text was refused, for parameters that take any text.
	unsuited map[*contract.Parameter]bool
	repeats  bool            // whether the plain creation is known to pass more than once
	taken    map[string]bool // values with which something was made
	known    []judge.Finding // what is wrong with the answer to the plain request already
}

// A groundOf tells grounds apart.
type groundOf struct {
	op *contract.Operation
	target
}

func (r *run) groundOf(k *Case) *ground { return r.grounds[groundOf{k.Operation, k.target}] }

// selected reports whether a case is to be decided.
func (o *Options) selected(k *Case) bool { return o.Selects == nil || o.Selects(k) }

// allowed returns the cases whose risk is allowed.
func (r *run) allowed(all []*Case) []*Case {
	var left []*Case
	for _, k := range all {
		if k.Risk > r.o.Risk {
			r.undecided(k, judge.NotApplicable, fmt.Sprintf("its risk is %s, and --risk is %s", k.Risk, r.o.Risk))
		} else {
			left = append(left, k)
		}
	}
	return left
}

// Run judges a server. The error says why it could not begin; what ends it later is in the report.
func Run(ctx context.Context, o Options) (Report, error) {
	return start(ctx, o, false, "")
}

func start(ctx context.Context, o Options, replays bool, cut string) (Report, error) {
	var underived []Underived
	var err error
	all := slices.Clone(o.Derived) // they are the caller's
	if all == nil {
		if all, underived, err = Cases(o); err != nil {
			return Report{}, err
		}
	}
	o.Concurrency = cmp.Or(o.Concurrency, defaultConcurrency)
	o.Recovery = cmp.Or(o.Recovery, defaultRecovery)
	r := &run{o: o, judge: judge.New(o.Contract), source: values.New(contract.Client), index: indexOf(o.Contract), grounds: map[groundOf]*ground{}, named: map[string][]*thing{}, pathless: map[string]int{}, started: time.Now(), proofs: newProofs(), replays: replays, cut: cut}
	if r.store, err = o.store(); err != nil {
		return Report{}, err
	}
	r.report.Underived = underived
	for _, k := range all {
		if r.groundOf(k) == nil {
			r.grounds[groundOf{k.Operation, k.target}] = &ground{base: base{op: k.Operation, alternative: -1}, media: k.media, expects: passed, refused: map[int]string{}}
		}
	}
	all = r.allowed(slices.DeleteFunc(all, func(k *Case) bool {
		return !r.o.selected(k) && k.kind != plainKind && k.kind != proofKind // which others rest on
	}))
	isDeletion := func(k *Case) bool { return k.target == whatIsMade && k.Operation.Method == http.MethodDelete }
	r.rounds(ctx, slices.DeleteFunc(slices.Clone(all), isDeletion))
	r.clean(ctx, slices.DeleteFunc(all, func(k *Case) bool { return !isDeletion(k) }))
	r.report.Notes = r.proofs.notes()
	r.withdrawUngrounded()
	return r.report, nil
}

// conclude passes on the result of a case.
func (r *run) conclude(k *Case, result judge.Result) {
	if !r.o.selected(k) {
		return
	}
	result.Case, result.Operation, result.Requirement = k.ID, k.Operation.ID, k.Requirement
	for i := range result.Exchanges {
		result.Exchanges[i].Forget()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Results, r.concluded = append(r.report.Results, result), append(r.concluded, k)
	if r.o.Judged != nil {
		r.o.Judged(result)
	}
}

// undecided passes on that no answer has decided a case.
func (r *run) undecided(k *Case, v judge.Verdict, reason string) {
	r.conclude(k, judge.Result{Verdict: v, Reason: reason})
}

// keptBack passes on that the gate has kept the request of a case back, which says nothing of the server.
func (r *run) keptBack(k *Case, v judge.Verdict, why string) {
	r.mu.Lock()
	if r.report.KeptBack == nil {
		r.report.KeptBack = map[string]string{}
	}
	r.report.KeptBack[k.ID] = why
	r.mu.Unlock()
	r.undecided(k, v, why)
}

// unsent passes on that a case was not sent, since the run is over.
func (r *run) unsent(k *Case) {
	r.mu.Lock()
	cut, failure := r.cut, r.report.Failure
	reason := "not sent: " + cut + " was reached before"
	if cut != "" && failure == "" {
		r.report.Limit = reason
		if r.o.selected(k) {
			r.report.Unsent = append(r.report.Unsent, k.ID)
		}
	}
	r.mu.Unlock()
	switch {
	case failure != "":
		r.undecided(k, judge.Error, "not reached: "+failure)
	case cut != "":
		r.undecided(k, judge.NotApplicable, reason)
	default:
		r.undecided(k, judge.Error, exchange.Interruption)
	}
}

// fail ends the run: the server cannot be judged any more.
func (r *run) fail(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Failure = cmp.Or(r.report.Failure, fmt.Sprintf(format, args...))
}

// store returns the ids that the user gives.
func (o *Options) store() (*resources.Store, error) {
	return resources.New(o.Contract, o.Endpoint, o.Fixtures, o.Seed)
}
