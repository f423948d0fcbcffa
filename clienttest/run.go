package clienttest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/suggest"
)

// A run judges one client. Its subtests are parallel, so that all selected ones have been added to
// selected before the first continues and starts the client.
type run struct {
	settings
	client    client.Driver
	all       []*client.Scenario // the first is the plain success
	scenarios []*client.Scenario // those of the options

	selected []*client.Scenario
	start    sync.Once
	results  map[string]chan judge.Result // by scenario; closed when no result will come
	ended    chan struct{}
	plain    *judge.Result // once ended, if the client did not get through the plain success
	failed   error         // once ended, why nothing could be judged
	failing  sync.Once     // one failure says either

	mu        sync.Mutex
	met, kept map[int]bool // by index in expected: whether a scenario broke the requirement, or kept to it
}

func newRun(s settings, f func(context.Context, Endpoint) error) (*run, error) {
	r := &run{
		settings: s, results: map[string]chan judge.Result{}, ended: make(chan struct{}), met: map[int]bool{}, kept: map[int]bool{},
		client: client.Func(func(ctx context.Context, e client.Endpoint) error { return f(ctx, Endpoint(e)) }),
	}
	if s.timeout <= 0 {
		return nil, fmt.Errorf("WithTimeout: expected more than 0, got %s", s.timeout)
	}
	if f == nil {
		return nil, errors.New("the client is nil")
	}
	var err error
	if r.contract == nil {
		if r.contract, err = contract.Default(); err != nil {
			return nil, err
		}
	}
	if r.all, err = client.Scenarios(r.contract); err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	if r.scenarios, err = client.Select(r.all, strings.Join(s.scenarios, ","), true); err != nil {
		return nil, fmt.Errorf("WithScenarios: %w", err)
	}
	for _, one := range r.scenarios {
		r.results[one.Name] = make(chan judge.Result, 1)
	}
	return r, nil
}

// check returns an error if an option names what there is not.
func (r *run) check() error {
	var names, requirements []string
	for _, s := range r.all {
		names = append(names, s.Name)
	}
	for _, requirement := range r.contract.RequirementsFor(contract.Client) {
		requirements = append(requirements, requirement.ID)
	}
	known := func(pattern string) error {
		if slices.ContainsFunc(names, func(name string) bool { return matches(pattern, name) }) {
			return nil
		}
		return fmt.Errorf("no scenario is called %q%s", pattern, suggest.DidYouMean(pattern, names, "`gesconform client --list` lists them"))
	}
	if slices.Contains(r.settings.scenarios, "") {
		return errors.New(`WithScenarios: expected names, groups or patterns, got ""`)
	}
	for _, e := range r.expected {
		switch {
		case e.Scenario == "" && e.Requirement == "":
			return errors.New("WithExpected: expected a scenario or a requirement, got neither")
		case e.Requirement != "" && !slices.Contains(requirements, e.Requirement):
			return fmt.Errorf("WithExpected: no requirement is called %q%s", e.Requirement, suggest.DidYouMean(e.Requirement, requirements, "docs/traceability.md lists them"))
		case e.Scenario != "":
			if err := known(e.Scenario); err != nil {
				return fmt.Errorf("WithExpected: %w", err)
			}
		}
	}
	return nil
}

// matches reports whether a name is the pattern or, if that ends in *, begins with what is before.
func matches(pattern, name string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(name, prefix)
	}
	return pattern == name
}

func (r *run) test(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(func() { // when all subtests have ended
		cancel()
		r.start.Do(func() { close(r.ended) })
		<-r.ended
	})
	for _, s := range r.scenarios {
		t.Run(s.Name, func(t *testing.T) {
			r.selected = append(r.selected, s)
			t.Parallel()
			r.start.Do(func() { go r.judge(ctx) })
			r.show(t, s)
		})
	}
}

// judge runs the selected scenarios.
func (r *run) judge(ctx context.Context) {
	defer close(r.ended)
	come := map[string]bool{}
	give := func(result judge.Result) {
		if c := r.results[result.Case]; c != nil && !come[result.Case] {
			come[result.Case] = true
			c <- result
		}
	}
	report, err := client.Run(ctx, client.Options{
		Contract: r.contract, Driver: r.client, Scenarios: r.selected,
		ScenarioTimeout: r.timeout, HangTimeout: r.hang, StartTimeout: r.timeout, Judged: give,
	})
	r.failed = err
	if len(report.Results) > 0 && !slices.Contains(r.selected, r.all[0]) && report.Results[0].Case == r.all[0].Name {
		r.plain = &report.Results[0]
	}
	for _, result := range report.Results {
		give(result)
	}
	for _, c := range r.results {
		close(c)
	}
}

// show reports the result of a scenario as that of its subtest.
func (r *run) show(t *testing.T, s *client.Scenario) {
	t.Helper()
	result, ok := <-r.results[s.Name]
	switch {
	case !ok:
		r.failing.Do(func() { t.Fatalf("clienttest: could not be judged: %v", cmp.Or(r.failed, context.Canceled)) })
		t.Skipf("could not be judged: %v", cmp.Or(r.failed, context.Canceled))
	case result.Verdict == judge.Masked && r.plain != nil:
		r.failing.Do(func() { r.report(t, *r.plain) })
	}
	r.report(t, result)
}

// report reports a result as that of a subtest.
func (r *run) report(t *testing.T, result judge.Result) {
	t.Helper()
	for _, f := range result.Findings {
		text := "\n" + strings.TrimRight(report.FailureText(r.contract, result, f), "\n")
		known := r.known(result, f)
		switch {
		case f.Verdict == judge.Observed:
			t.Logf("observed: %s", f.Got)
		case f.Verdict != judge.Deviates && f.Verdict != judge.Advisory:
		case known != "":
			t.Logf("known, %s: %s", known, text)
		case f.Verdict == judge.Deviates || r.strict:
			t.Error(text)
		default:
			t.Log("advisory: " + text)
		}
	}
	switch result.Verdict {
	case judge.Masked, judge.NotApplicable:
		t.Skipf("%s: %s", result.Verdict, result.Reason)
	case judge.Error:
		t.Fatalf("could not be judged: %s\n%s", result.Reason, report.UnjudgedText(result))
	default: // the findings have said it
	}
}

// known returns why a finding is a known deviation, or "".
func (r *run) known(result judge.Result, f judge.Finding) (reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, e := range r.expected {
		switch {
		case !matches(cmp.Or(e.Scenario, "*"), result.Case) || f.Requirement != cmp.Or(e.Requirement, result.Requirement):
		case f.Verdict == judge.Deviates || f.Verdict == judge.Advisory:
			r.met[i], reason = true, cmp.Or(e.Reason, "without a reason")
		case f.Verdict == judge.Conforms:
			r.kept[i] = true
		}
	}
	return reason
}

// stale returns the known deviations that did not occur, of those whose scenarios were all selected.
func (r *run) stale() []Expected {
	var all []Expected
	for i, e := range r.expected {
		unseen := slices.ContainsFunc(r.all, func(s *client.Scenario) bool {
			return matches(cmp.Or(e.Scenario, "*"), s.Name) && !slices.Contains(r.selected, s)
		})
		if !r.met[i] && r.kept[i] && !unseen {
			all = append(all, e)
		}
	}
	return all
}
