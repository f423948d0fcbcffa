package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

const (
	start = "upgradeGraph"
	read  = "showJob"
)

// fault returns one that strikes the first calls of an operation; all, if first is 0.
func fault(operation string, first int, f scenario.Fault) scenario.Fault {
	f.Match.Operation = operation
	for n := range first {
		f.Match.Calls = append(f.Match.Calls, n+1)
	}
	return f
}

func answered(status int, code string) scenario.Fault {
	return scenario.Fault{Answer: &scenario.Answer{Status: status, Code: code}}
}

func asks(status int, after time.Duration, date bool) scenario.Fault {
	return scenario.Fault{Answer: &scenario.Answer{Status: status, RetryAfter: &after, RetryDate: date}}
}

func broken(b scenario.Break, after bool) scenario.Fault {
	return scenario.Fault{Break: b, After: after}
}

// A trial is an upgrade of a fake, which goes as the trial says. Waits take no time: they advance the fake's
// clock instead.
type trial struct {
	name    string
	job     scenario.Upgrade
	version string // "" for one that is later
	fault   scenario.Fault
	defect  string
	timeout time.Duration // of all; 0 for an hour
	fails   []string      // what the error must say; nil if there must be none
	starts  int           // how often the upgrade must be sent; 0 for once
	reads   int           // how often the job must be read; 0 for any number
	waits   time.Duration // the first wait, at least
	logged  string
	not     string // what the error must not say
	hangs   bool   // so that requests may not take long
}

var trials = []trial{
	{name: "a job that takes time", job: scenario.Upgrade{Takes: time.Minute}, logged: ": running\n"},
	{name: "an older version", version: "1.0.0", fails: []string{"HTTP 400", "GES.7036"}},
	{name: "a failed job", job: scenario.Upgrade{Takes: time.Second, Fails: "No node\nstarted."}, fails: []string{`failed: No node\nstarted.`}},
	{name: "a partly failed job", job: scenario.Upgrade{Fails: "One node did not start.", Partly: true}, fails: []string{"partiallyFailed: One node"}},
	{name: "an id that must be escaped", job: scenario.Upgrade{JobID: "a/b?c %2F#../1"}},
	{name: "an id that is a dot segment", job: scenario.Upgrade{JobID: ".."}, fails: []string{`got ".."`, maybeAccepted}},

	// Not accepted, so it may be sent again.
	{name: "429 and seconds", fault: fault(start, 1, asks(429, 3*time.Second, false)), starts: 2, waits: 3 * time.Second},
	{name: "429 and a date", fault: fault(start, 1, asks(429, 7*time.Second, true)), starts: 2, waits: 6 * time.Second},
	{name: "429 and 0", fault: fault(start, 1, asks(429, 0, false)), starts: 2, waits: time.Second},
	{name: "429 alone", fault: fault(start, 2, answered(429, "")), starts: 3, waits: time.Second},
	{name: "429 for ever", fault: fault(start, 0, answered(429, "")), starts: tries, fails: []string{"APIGW.0308", "not accepted in 5 tries"}},
	{name: "429 for too long", fault: fault(start, 0, asks(429, time.Hour, false)), timeout: time.Minute, fails: []string{"too late"}},
	{name: "503 and seconds", fault: fault(start, 1, asks(503, 3*time.Second, false)), starts: 2, waits: 3 * time.Second},
	{name: "503 of the gateway", fault: fault(start, 1, answered(503, "APIGW.0613")), starts: 2},
	{name: "408 of an engine that is away", fault: fault(start, 1, answered(408, "GES.7005")), starts: 2},

	// It may have been accepted.
	{name: "503 of the service", fault: fault(start, 1, answered(503, "GES.7000")), fails: []string{"GES.7000", maybeAccepted}},
	{name: "408 of a proxy", fault: fault(start, 1, scenario.Fault{After: true, Answer: &scenario.Answer{Status: 408, Page: true}}), fails: []string{"HTTP 408", maybeAccepted}},
	{name: "500", fault: fault(start, 1, answered(500, "")), fails: []string{"HTTP 500", maybeAccepted}},
	{name: "502", fault: fault(start, 1, answered(502, "")), fails: []string{"HTTP 502", maybeAccepted}},
	{name: "504", fault: fault(start, 1, answered(504, "")), fails: []string{"HTTP 504", maybeAccepted}},
	{name: "a reset", fault: fault(start, 1, broken(scenario.Reset, true)), fails: []string{maybeAccepted}},
	{name: "a closed connection", fault: fault(start, 1, broken(scenario.Close, true)), fails: []string{maybeAccepted}},
	{name: "a cut answer", fault: fault(start, 1, broken(scenario.Truncate, true)), fails: []string{"unexpected EOF", maybeAccepted}},
	{name: "no HTTP", fault: fault(start, 1, broken(scenario.NotHTTP, true)), fails: []string{maybeAccepted}},
	{name: "a hang", hangs: true, fault: fault(start, 1, broken(scenario.Hang, true)), fails: []string{"deadline exceeded", maybeAccepted}},
	{name: "an endless body", hangs: true, fault: fault(start, 1, broken(scenario.Endless, true)), fails: []string{maybeAccepted}},
	{name: "half a body", hangs: true, fault: fault(start, 1, broken(scenario.Stall, true)), fails: []string{"deadline exceeded", maybeAccepted}},
	{name: "201", defect: "accepted-201", fails: []string{"HTTP 201", maybeAccepted}},
	{name: "204", defect: "accepted-204", fails: []string{"HTTP 204", maybeAccepted}},
	{name: "no job", defect: "job-id-missing", fails: []string{`got ""`, maybeAccepted}},
	{name: "a job that is a number", defect: "job-id-number", fails: []string{maybeAccepted}},
	{name: "an array", defect: "accepted-array-body", fails: []string{maybeAccepted}},
	{name: "null", defect: "accepted-null-body", fails: []string{maybeAccepted}},
	{name: "no body", defect: "accepted-empty-body", fails: []string{maybeAccepted}},
	{name: "cut JSON", defect: "accepted-cut-json", fails: []string{maybeAccepted}},
	{name: "a redirect", fault: fault(start, 1, scenario.Fault{Answer: &scenario.Answer{Status: 307, Location: "{target}"}}), fails: []string{"HTTP 307"}, not: maybeAccepted},

	// A read that is of no use.
	{name: "a read: 429", fault: fault(read, 1, asks(429, 3*time.Second, false)), reads: 2, waits: 3 * time.Second},
	{name: "a read: 503 four times", fault: fault(read, 4, answered(503, "")), reads: 5},
	{name: "a read: 503 for ever", fault: fault(read, 0, answered(503, "")), reads: tries, fails: []string{"HTTP 503", "5 reads in a row", outcomeOpen}},
	{name: "a read: 503 six times, not in a row", job: scenario.Upgrade{Takes: 10 * time.Second}, fault: scenario.Fault{
		Match: scenario.Match{Operation: read, Calls: []int{1, 2, 3, 5, 6, 7}}, Answer: &scenario.Answer{Status: 503},
	}, reads: 8},
	{name: "a read: 500", fault: fault(read, 1, answered(500, "")), reads: 2},
	{name: "a read: reset", fault: fault(read, 1, broken(scenario.Reset, false))},
	{name: "a read: cut", fault: fault(read, 1, broken(scenario.Truncate, false))},
	{name: "a read: hang", hangs: true, fault: fault(read, 1, broken(scenario.Hang, false))},
	{name: "a read: 401", fault: fault(read, 0, answered(401, "")), reads: 1, fails: []string{"HTTP 401", outcomeOpen}},
	{name: "a job that is not shown at once", fault: fault(read, 2, answered(404, "GES.7007")), reads: 3},
	{name: "a job that is never shown", defect: "job-forgotten", reads: tries, fails: []string{"HTTP 4", "GES.", outcomeOpen}},
	{name: "another job", defect: "job-job-id-other", reads: tries, fails: []string{"does not show the job"}},
	{name: "a job without a status", defect: "job-status-missing", reads: tries, fails: []string{"does not show the job"}},
	{name: "a status that is unknown", defect: "job-status-unknown", timeout: time.Minute, fails: []string{"context deadline exceeded", outcomeOpen}},
	{name: "a job that never ends", defect: "job-never-ends", timeout: time.Minute, fails: []string{": context deadline exceeded", outcomeOpen}},
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	for _, tt := range trials {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.run(t)
		})
	}
}

func (tt trial) run(t *testing.T) {
	s := scenario.Default()
	s.Upgrades = []scenario.Upgrade{tt.job}
	if tt.fault.Match.Operation != "" {
		s.Faults = []scenario.Fault{tt.fault}
	}
	if tt.defect != "" {
		s.Defects = []scenario.Defect{{Name: tt.defect}}
	}
	ges := fakeserver.Start(t, fakeserver.WithScenario(s))
	u, log := client(ges)
	if tt.version != "" {
		u.version = tt.version
	}
	timeout := tt.timeout
	if timeout == 0 {
		timeout = time.Hour
	}
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	if tt.hangs {
		u.requestTimeout = 2 * time.Second
	}
	var waited []time.Duration
	var total time.Duration
	u.wait = func(_ context.Context, d time.Duration) error {
		if waited, total = append(waited, d), total+d; total > timeout {
			return context.DeadlineExceeded
		}
		ges.Advance(d)
		return nil
	}

	err := u.run(ctx)
	checkError(t, err, tt.fails, tt.not)
	if len(waited) > 0 && waited[0] < tt.waits || len(waited) == 0 && tt.waits > 0 {
		t.Errorf("expected a wait of %s or more first, got %s", tt.waits, waited)
	}
	if !strings.Contains(log.String(), tt.logged) {
		t.Errorf("expected %q, got %q", tt.logged, log)
	}
	calls := tt.calls(t, ges)
	if calls[start] != max(tt.starts, 1) || tt.reads > 0 && calls[read] != tt.reads {
		t.Errorf("expected %d upgrades and %d reads, got %v", max(tt.starts, 1), tt.reads, calls)
	}
}

// calls counts what the fake was asked for, by operation, once it has the number of upgrades that there
// must be: one that was given up ends there a little later than here.
func (tt trial) calls(t *testing.T, ges *fakeserver.Running) map[string]int {
	changes, stop := ges.Watch()
	defer stop()
	late := time.After(10 * time.Second)
	for {
		calls := map[string]int{}
		var problems []string
		for _, x := range ges.Journal(0) {
			calls[x.Operation]++
			for _, problem := range x.Judgement.Request {
				problems = append(problems, x.Method+" "+x.URL+": "+problem.String())
			}
		}
		if calls[start] >= max(tt.starts, 1) {
			if len(problems) > 0 && !strings.Contains(tt.job.JobID, "/") { // the contract lets a service refuse such ids
				t.Errorf("expected lawful requests, got %q", problems)
			}
			return calls
		}
		select {
		case <-changes:
		case <-late:
			return calls
		}
	}
}

// client returns one for a fake, and what it logs.
func client(ges *fakeserver.Running) (*upgrade, *bytes.Buffer) {
	f := ges.Fixtures()
	log := new(bytes.Buffer)
	return &upgrade{
		endpoint: ges.URL, token: f.Token, project: f.ProjectID, graph: f.GraphID, version: f.Versions[0],
		interval: time.Second, requestTimeout: time.Minute, log: log, wait: wait,
	}, log
}

func checkError(t *testing.T, err error, wants []string, not string) {
	t.Helper()
	if (err != nil) != (wants != nil) {
		t.Fatalf("expected %q, got %v", wants, err)
	}
	for _, want := range wants {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("expected %q, got %v", want, err)
		}
	}
	if not != "" && strings.Contains(err.Error(), not) {
		t.Errorf("expected nothing like %q, got %v", not, err)
	}
}
