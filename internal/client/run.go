package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/secrets"
)

// Options say how a client is judged.
type Options struct {
	Contract *contract.Contract
	Driver   Driver
	// Scenarios are those to run, some or all of what the function Scenarios returns.
	Scenarios []*Scenario
	// ScenarioTimeout is how long a scenario may take from the client's first request on, and
	// StartTimeout how long it may take until then.
	ScenarioTimeout, StartTimeout time.Duration
	// HangTimeout, if not 0, stands in place of ScenarioTimeout where the service does not end its
	// answer.
	HangTimeout time.Duration
	// Concurrency is how many clients start at once; 0 stands for the number of processors.
	Concurrency int
	// Judged, if not nil, is called with each result as it comes, by one goroutine at a time. A
	// result that is not yet certain comes when it is.
	Judged func(judge.Result)
}

// A Report is what came of a client.
type Report struct {
	Results []judge.Result // in the order of the scenarios
	Waits   bool           // whether the client waits for the job
	// Failure says why the client could not be judged; "" if it could.
	Failure string
}

var (
	errTimedOut = errors.New("the scenario took too long")
	errNotAsked = errors.New("no request came")
)

// alive is how many clients there are at most for each that may start: most of them wait.
const alive = 8

// Run judges a client. If ctx ends, the report has what was judged until then.
func Run(ctx context.Context, o Options) (Report, error) {
	o.Concurrency = cmp.Or(o.Concurrency, runtime.GOMAXPROCS(0))
	all, err := Scenarios(o.Contract)
	if err != nil {
		return Report{}, err
	}
	r := &runner{Options: o, results: map[string]judge.Result{}}
	if err := r.gate(ctx, all[0]); err != nil || r.report.Failure != "" || r.stopped {
		return r.conclude(), err
	}
	if err := r.rest(ctx); err != nil {
		return r.conclude(), err
	}
	err = r.again(ctx)
	return r.conclude(), err
}

// A runner is a run that is under way.
type runner struct {
	Options
	report  Report
	stopped bool // at the gate

	mu        sync.Mutex
	results   map[string]judge.Result
	doubtful  []*Scenario // to run again alone
	exchanges int         // that have a number
}

func (r *runner) settle(result judge.Result) {
	for i := range result.Exchanges {
		r.exchanges++
		result.Exchanges[i].Sequence = r.exchanges
	}
	r.results[result.Case] = result
	if r.Judged != nil {
		r.Judged(result)
	}
}

// gate runs the plain success. A client that does not get through it is not judged further.
func (r *runner) gate(ctx context.Context, plain *Scenario) error {
	seen, err := r.observe(ctx, plain, func() {})
	if err == nil && ctx.Err() == nil && seen.byTime() {
		seen, err = r.observe(ctx, plain, func() {})
	}
	if err != nil || ctx.Err() != nil {
		return err
	}
	r.report.Waits = seen.waited()
	seen.waits = r.report.Waits
	var result judge.Result
	result, r.stopped, r.report.Failure = seen.judgeGate()
	r.settle(result)
	if r.stopped || r.report.Failure != "" {
		for _, s := range r.Scenarios {
			if s.Name != plain.Name {
				r.results[s.Name] = notRun(r.Contract, s, judge.Masked, gateReason(&result))
			}
		}
	}
	return nil
}

// judgeGate decides what was seen of the plain success: whether the client is to be stopped for what
// it has sent, and why it cannot be judged, if it cannot.
func (o *observation) judgeGate() (result judge.Result, stopped bool, failure string) {
	result = o.judge()
	broken := func(expected contract.Behaviour) bool {
		return slices.ContainsFunc(result.Findings, func(f judge.Finding) bool {
			return f.Requirement == id(o.contract, expected) && f.Verdict == judge.Deviates
		})
	}
	switch {
	case broken(contract.ClientRequestLawful), o.refusedForItsFault(), broken(contract.ClientSends) && o.outcome.Said == judge.SaidSuccess:
		stopped = true
	case o.outcome.Said != judge.SaidSuccess, len(o.exchanges) == 0:
		result.Reason = cmp.Or(result.Reason, o.said())
		failure = fmt.Sprintf("%s: the client %s%s", o.scenario.Name, result.Reason, printable.Prefixed("; it printed: ", lastPrinted(o.outcome)))
		result.Verdict, result.Findings = judge.Error, slices.DeleteFunc(result.Findings, func(f judge.Finding) bool { return f.Verdict != judge.Conforms })
	}
	return result, stopped, failure
}

// doesNotWait is why nothing is said of how a client takes the job.
const doesNotWait = "the client does not wait for the job"

// lastPrinted returns the last line that a client has printed, which mostly says what was wrong.
func lastPrinted(o *judge.ClientOutcome) string {
	for _, text := range []string{o.Stderr, o.Stdout} {
		lines := strings.Split(strings.TrimSpace(text), "\n")
		if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
			return last[:min(len(last), longestLine)]
		}
	}
	return ""
}

const longestLine = 300

// rest runs all other scenarios, the long ones first.
func (r *runner) rest(ctx context.Context) error {
	order := slices.Clone(r.Scenarios)
	order = slices.DeleteFunc(order, func(s *Scenario) bool { _, done := r.results[s.Name]; return done })
	slices.SortStableFunc(order, func(a, b *Scenario) int { return cmp.Compare(rank(a), rank(b)) })
	starting, living := make(chan struct{}, r.Concurrency), make(chan struct{}, alive*r.Concurrency)
	failures := make(chan error, len(order))
	var all sync.WaitGroup
	for _, s := range order {
		if s.IfWaiting && !r.report.Waits {
			r.settleLocked(notRun(r.Contract, s, judge.NotApplicable, doesNotWait))
			continue
		}
		living <- struct{}{}
		starting <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		all.Go(func() {
			defer func() { <-living }()
			release := sync.OnceFunc(func() { <-starting })
			defer release()
			seen, err := r.observe(ctx, s, release)
			if err != nil {
				failures <- err
				return
			}
			if ctx.Err() == nil {
				r.first(seen)
			}
		})
	}
	all.Wait()
	close(failures)
	return <-failures
}

// again runs the doubtful scenarios a second time, each alone, but for those that hang: they keep no
// processor busy, and one after the other would take as many times as long.
func (r *runner) again(ctx context.Context) error {
	hang := func(s *Scenario) bool { return slices.Contains(s.Decides, contract.ClientEnds) }
	failures := make(chan error, len(r.doubtful))
	once := func(s *Scenario) {
		seen, err := r.observe(ctx, s, func() {})
		if err != nil {
			failures <- err
			return
		}
		r.settleLocked(seen.judge())
	}
	var hanging sync.WaitGroup
	for _, s := range r.doubtful {
		if hang(s) {
			hanging.Go(func() { once(s) })
		}
	}
	hanging.Wait()
	for _, s := range r.doubtful {
		if !hang(s) && ctx.Err() == nil {
			once(s)
		}
	}
	close(failures)
	return <-failures
}

func rank(s *Scenario) int {
	if s.Long {
		return 0
	}
	return 1
}

func (r *runner) settleLocked(result judge.Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settle(result)
}

// first takes what was seen of a scenario, unless that may be due to the machine alone.
func (r *runner) first(seen *observation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if seen.byTime() {
		r.doubtful = append(r.doubtful, seen.scenario)
		return
	}
	r.settle(seen.judge())
}

// observe runs the client in one scenario. started is called when the client no longer starts.
func (r *runner) observe(ctx context.Context, s *Scenario, started func()) (*observation, error) {
	g, err := newStage(r.Contract, s)
	if err != nil {
		return nil, err
	}
	defer g.stop()
	ended := make(chan struct{})
	limited, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		defer started()
		if !within(r.StartTimeout, g.asked, ended) {
			cancel(fmt.Errorf("%w within %s", errNotAsked, r.StartTimeout))
			return
		}
		select {
		case <-g.answered:
		case <-ended:
		case <-time.After(startedAfter): // nothing will be answered
		}
		started()
		limit := r.ScenarioTimeout
		if s.About() == contract.ClientEnds {
			limit = cmp.Or(r.HangTimeout, limit)
		}
		if !within(limit, nil, ended) {
			cancel(errTimedOut)
		}
	}()
	stdout, stderr := NewOutput(g.secrets()...), NewOutput(g.secrets()...)
	began := now()
	outcome := r.Driver.Drive(limited, g.endpoint, stdout, stderr)
	close(ended)
	outcome.TimedOut = outcome.Said == judge.SaidNothing && errors.Is(context.Cause(limited), errTimedOut)
	g.stop()
	exchanges := g.exchanges()
	if len(exchanges) > 0 {
		began = exchanges[0].Started
	}
	outcome.Duration = now().Sub(began)
	outcome.Jobs = g.jobs()
	outcome.Answered, outcome.Expected = s.Answered, s.Expected
	take(&outcome, stdout, stderr, g.secrets())
	return &observation{scenario: s, contract: r.Contract, exchanges: exchanges, outcome: &outcome, version: upgradeVersion, waits: r.report.Waits}, nil
}

// startedAfter is how long after its first request a client that gets no answer counts as started.
const startedAfter = 50 * time.Millisecond

// within reports whether something happens in time. The end of the client counts, too.
func within(limit time.Duration, happens, ended <-chan struct{}) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-happens:
	case <-ended:
	case <-timer.C:
		return false
	}
	return true
}

// take completes an outcome with what the client has printed. Signatures are known only when they
// have arrived.
func take(outcome *judge.ClientOutcome, stdout, stderr *Output, known []secrets.Credential) {
	for _, o := range []*Output{stdout, stderr} {
		o.Learn(known...)
		outcome.Leaked = append(outcome.Leaked, o.Leaked()...)
	}
	found := secrets.New(known...).Find(outcome.Reason)
	outcome.Reason = found.Clean()[0]
	outcome.Leaked = append(outcome.Leaked, found.Names()...)
	slices.Sort(outcome.Leaked)
	outcome.Leaked = slices.Compact(outcome.Leaked)
	outcome.Stdout, outcome.Stderr = stdout.Text(), stderr.Text()
	outcome.Printed = stdout.Printed() + stderr.Printed()
}

// conclude returns the report, with the results in the order of the scenarios.
func (r *runner) conclude() Report {
	first := "success/plain"
	if _, ok := r.results[first]; ok && (r.stopped || r.report.Failure != "") && !slices.ContainsFunc(r.Scenarios, func(s *Scenario) bool { return s.Name == first }) {
		r.report.Results = append(r.report.Results, r.results[first])
	}
	for _, s := range r.Scenarios {
		result, ok := r.results[s.Name]
		if !ok { // the run was interrupted, or something else has ended it
			result = notRun(r.Contract, s, judge.Error, exchange.Interruption)
		}
		r.report.Results = append(r.report.Results, result)
	}
	return r.report
}
