package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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

// A judging is what has been found of a client so far, whoever runs it. It may be used by several
// goroutines.
type judging struct {
	Options
	plain *Scenario // the plain success, which is the gate

	mu        sync.Mutex
	report    Report
	decided   bool // whether the plain success has a result
	stopped   bool // whether the client did not get through it
	results   map[string]judge.Result
	exchanges int // that have a number
}

func newJudging(o Options) (*judging, error) {
	all, err := Scenarios(o.Contract)
	if err != nil {
		return nil, err
	}
	return &judging{Options: o, plain: all[0], results: map[string]judge.Result{}}, nil
}

// closed reports whether nothing is to be run any more, for the client did not get through the plain
// success, or never came to its end.
func (j *judging) closed() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return !j.decided || j.stopped
}

func (j *judging) isDecided() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.decided
}

func (j *judging) waits() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.report.Waits
}

// result returns the result of a scenario, or nil.
func (j *judging) result(s *Scenario) *judge.Result {
	j.mu.Lock()
	defer j.mu.Unlock()
	if r, ok := j.results[s.Name]; ok {
		return &r
	}
	return nil
}

// settle judges what was seen. After the plain success, all those that follow from it have their
// results, too.
func (j *judging) settle(seen *observation) judge.Result {
	j.mu.Lock()
	defer j.mu.Unlock()
	if seen.scenario.Name != j.plain.Name {
		result := seen.judge()
		j.add(&result)
		return result
	}
	seen.waits = seen.waited()
	result, stopped, failure := seen.judgeGate()
	j.decided, j.stopped, j.report.Waits, j.report.Failure = true, stopped || failure != "", seen.waits, failure
	j.add(&result)
	for _, s := range j.Scenarios {
		switch {
		case s.Name == j.plain.Name:
		case j.stopped:
			j.results[s.Name] = notRun(j.Contract, s, judge.Masked, gateReason(&result))
		case s.IfWaiting && !seen.waits:
			other := notRun(j.Contract, s, judge.NotApplicable, doesNotWait)
			j.add(&other)
		}
	}
	return result
}

// add keeps a result, and numbers its exchanges.
func (j *judging) add(result *judge.Result) {
	for i := range result.Exchanges {
		j.exchanges++
		result.Exchanges[i].Sequence = j.exchanges
	}
	j.results[result.Case] = *result
	if j.Judged != nil {
		j.Judged(*result)
	}
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
			return strings.ToValidUTF8(last[:min(len(last), longestLine)], "")
		}
	}
	return ""
}

const longestLine = 300

// conclude returns the report, with the results in the order of the scenarios. interrupted is whether
// those that have none were to come.
func (j *judging) conclude(interrupted bool) Report {
	j.mu.Lock()
	defer j.mu.Unlock()
	report := j.report
	report.Results = nil
	if _, ok := j.results[j.plain.Name]; ok && j.stopped && !slices.ContainsFunc(j.Scenarios, func(s *Scenario) bool { return s.Name == j.plain.Name }) {
		report.Results = append(report.Results, j.results[j.plain.Name])
	}
	for _, s := range j.Scenarios {
		result, ok := j.results[s.Name]
		if !ok && interrupted {
			result = notRun(j.Contract, s, judge.Error, exchange.Interruption)
		}
		if ok || interrupted {
			report.Results = append(report.Results, result)
		}
	}
	return report
}

// A trial is one run of a client in one scenario.
type trial struct {
	*stage
	judging        *judging
	ctx            context.Context // ends with the cause if the client takes too long
	cancel         context.CancelCauseFunc
	ended          chan struct{} // closed when the client has ended
	began          time.Time
	stdout, stderr *Output // what it prints
}

var (
	errTimedOut = errors.New("the scenario took too long")
	errNotAsked = errors.New("no request came")
)

// begin serves a scenario until the trial is ended. started is called when the client no longer
// starts.
func (j *judging) begin(ctx context.Context, s *Scenario, started func()) (*trial, error) {
	g, err := newStage(j.Contract, s)
	if err != nil {
		return nil, err
	}
	t := &trial{stage: g, judging: j, ended: make(chan struct{}), began: time.Now(), stdout: NewOutput(g.secrets()...), stderr: NewOutput(g.secrets()...)}
	t.ctx, t.cancel = context.WithCancelCause(ctx)
	go t.limit(started)
	return t, nil
}

// limit ends the trial's context when the client takes too long.
func (t *trial) limit(started func()) {
	defer started()
	if !within(t.judging.StartTimeout, t.asked, t.ended) {
		t.cancel(fmt.Errorf("%w within %s", errNotAsked, t.judging.StartTimeout))
		return
	}
	select {
	case <-t.answered:
	case <-t.ended:
	case <-time.After(startedAfter): // nothing will be answered
	}
	started()
	limit := t.judging.ScenarioTimeout
	if t.scenario.hangs() {
		limit = cmp.Or(t.judging.HangTimeout, limit)
	}
	if !within(limit, nil, t.ended) {
		t.cancel(errTimedOut)
	}
}

// end ends the trial, in which the client had an outcome, and returns what was seen. It must be called
// once.
func (t *trial) end(outcome judge.ClientOutcome) *observation {
	close(t.ended)
	outcome.TimedOut = outcome.Said == judge.SaidNothing && errors.Is(context.Cause(t.ctx), errTimedOut)
	t.cancel(nil)
	t.stop()
	exchanges := t.exchanges()
	if len(exchanges) > 0 {
		t.began = exchanges[0].Started
	}
	outcome.Duration = time.Since(t.began)
	outcome.Jobs = t.jobs()
	outcome.Answered, outcome.Expected = t.scenario.Answered, t.scenario.Expected
	take(&outcome, t.stdout, t.stderr, t.secrets())
	return &observation{scenario: t.scenario, contract: t.contract, exchanges: exchanges, outcome: &outcome, version: upgradeVersion, waits: t.judging.waits()}
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
