package client

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
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

// alive is how many clients there are at most for each that may start: most of them wait.
const alive = 8

// Run judges a client. If ctx ends, the report has what was judged until then.
func Run(ctx context.Context, o Options) (Report, error) {
	o.Concurrency = cmp.Or(o.Concurrency, runtime.GOMAXPROCS(0))
	j, err := newJudging(o)
	if err != nil {
		return Report{}, err
	}
	r := &runner{judging: j}
	if err := r.first(ctx); err != nil || r.closed() {
		return r.conclude(true), err
	}
	if err := r.rest(ctx); err != nil {
		return r.conclude(true), err
	}
	err = r.again(ctx)
	return r.conclude(true), err
}

// A runner runs the client itself.
type runner struct {
	*judging
	mu       sync.Mutex
	doubtful []*Scenario // to run again alone
}

// first runs the plain success.
func (r *runner) first(ctx context.Context) error {
	seen, err := r.observe(ctx, r.plain, func() {})
	if err == nil && ctx.Err() == nil && seen.byTime() {
		seen, err = r.observe(ctx, r.plain, func() {})
	}
	if err == nil && ctx.Err() == nil {
		r.settle(seen)
	}
	return err
}

// rest runs all other scenarios, the long ones first.
func (r *runner) rest(ctx context.Context) error {
	order := slices.Clone(r.Scenarios)
	order = slices.DeleteFunc(order, func(s *Scenario) bool { return r.result(s) != nil })
	slices.SortStableFunc(order, func(a, b *Scenario) int { return cmp.Compare(rank(a), rank(b)) })
	starting, living := make(chan struct{}, r.Concurrency), make(chan struct{}, alive*r.Concurrency)
	failures := make(chan error, len(order))
	var all sync.WaitGroup
	for _, s := range order {
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
				r.take(seen)
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
	failures := make(chan error, len(r.doubtful))
	once := func(s *Scenario) {
		seen, err := r.observe(ctx, s, func() {})
		if err != nil {
			failures <- err
			return
		}
		if ctx.Err() == nil {
			r.settle(seen)
		}
	}
	var hanging sync.WaitGroup
	for _, s := range r.doubtful {
		if s.hangs() {
			hanging.Go(func() { once(s) })
		}
	}
	hanging.Wait()
	for _, s := range r.doubtful {
		if !s.hangs() && ctx.Err() == nil {
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

// take takes what was seen of a scenario, unless that may be due to the machine alone.
func (r *runner) take(seen *observation) {
	if !seen.byTime() {
		r.settle(seen)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.doubtful = append(r.doubtful, seen.scenario)
}

// observe runs the client in one scenario. started is called when the client no longer starts.
func (r *runner) observe(ctx context.Context, s *Scenario, started func()) (*observation, error) {
	t, err := r.begin(ctx, s, started)
	if err != nil {
		return nil, err
	}
	return t.end(r.Driver.Drive(t.ctx, t.endpoint, t.stdout, t.stderr)), nil
}
