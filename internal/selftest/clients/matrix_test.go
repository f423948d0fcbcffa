package clients_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/client/command"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/clients"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// A function drives a client as a function, which prints.
type function struct{ clients.Client }

func (f function) Drive(ctx context.Context, e client.Endpoint, stdout, stderr io.Writer) judge.ClientOutcome {
	run := client.Func(func(ctx context.Context, e client.Endpoint) error { return f.Run(ctx, e, stdout, stderr) })
	return run.Drive(ctx, e, stdout, stderr)
}

// process drives a client as a process: this test's own.
func process(t testing.TB, c clients.Client) client.Driver {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	driver, err := command.New([]string{own, clients.Argument, c.Name})
	if err != nil {
		t.Fatal(err)
	}
	return driver
}

// judged returns what is found about a client.
func judged(t *testing.T, driver client.Driver, hang time.Duration, which func(*client.Scenario) bool) client.Report {
	t.Helper()
	o := chosen(t, which)
	o.Driver, o.HangTimeout = driver, hang
	report, err := client.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// chosen returns the options for some scenarios.
func chosen(t *testing.T, which func(*client.Scenario) bool) client.Options {
	t.Helper()
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	all, err := client.Scenarios(document)
	if err != nil {
		t.Fatal(err)
	}
	return client.Options{
		Contract: document, ScenarioTimeout: 20 * time.Second, StartTimeout: 30 * time.Second,
		Scenarios: slices.DeleteFunc(all, func(s *client.Scenario) bool { return !which(s) }),
	}
}

// broken returns what a client breaks: the requirements, each with what was found.
func broken(report client.Report) map[string][]string {
	all := map[string][]string{}
	if report.Failure != "" {
		all["failure"] = []string{report.Failure}
	}
	for _, r := range report.Results {
		if r.Verdict == judge.Error {
			all["error"] = append(all["error"], fmt.Sprintf("%s: %s", r.Case, r.Reason))
		}
		for _, f := range r.Findings {
			if f.Verdict == judge.Deviates || f.Verdict == judge.Advisory {
				all[f.Requirement] = append(all[f.Requirement], fmt.Sprintf("%s: %s: %s", r.Case, f.Verdict, f.Got))
			}
		}
	}
	return all
}

// telling reports whether a scenario is tried on the nth client: by default those that are about what the
// client breaks, those in which clients do most, and a sample of the others.
func telling(c clients.Client, nth int) func(s *client.Scenario) bool {
	all := os.Getenv(inprocess.TestAll) != ""
	var groups []string
	switch {
	case c.Breaks == "":
		groups = []string{"success", []string{"throttled", "unclear", "job"}[nth%3]}
	case c.Breaks == "client.job-failure-seen":
		groups = append(groups, "job")
	case c.Breaks == "client.request-lawful":
		groups = []string{"success", "throttled"}
	case c.Breaks == "client.known-members":
		groups = []string{"success"}
	case nth%sample == 0:
		groups = []string{"throttled"}
	}
	other := nth
	return func(s *client.Scenario) bool {
		other++
		about := slices.Contains(s.Decides, contract.Behaviour(strings.TrimPrefix(c.Breaks, "client.")))
		if s.Group() == "refused" && other%alike != 0 {
			about = false
		}
		return all || about || s.Name == "success/plain" || slices.Contains(groups, s.Group()) || other%sample == 0
	}
}

// hang is how long a function may take where the service hangs: those that heed their context are cut off
// soon, unless they are about what a client does by itself.
func hang(c clients.Client) time.Duration {
	if slices.Contains([]string{"client.ends", "client.no-blind-repeat", "client.success-needs-job"}, c.Breaks) {
		return 6 * time.Second
	}
	return time.Second
}

// One in how many is tried unless all are: of the scenarios that are about something else, of those that
// are alike, and of the clients as processes.
const sample, alike, processes = 24, 8, 24

// TestMatrix judges each client: a careless one breaks its requirement and no other, and a lawful one
// breaks none.
func TestMatrix(t *testing.T) {
	t.Parallel()
	for i, c := range clients.All() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			expect(t, c, judged(t, function{c}, hang(c), telling(c, i)))
		})
	}
}

// TestMatrixOfProcesses does the same with processes.
func TestMatrixOfProcesses(t *testing.T) {
	t.Parallel()
	for i, c := range clients.All() {
		if i%processes != 0 && os.Getenv(inprocess.TestAll) == "" {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			expect(t, c, judged(t, process(t, c), 10*time.Second, telling(c, i)))
		})
	}
}

// levelOf returns the level of a requirement; "" for "".
func levelOf(t *testing.T, id string) contract.Level {
	t.Helper()
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	if id == "" {
		return ""
	}
	return document.Requirement(id).Level
}

// expect compares what is found about a client with what it breaks.
func expect(t *testing.T, c clients.Client, report client.Report) {
	t.Helper()
	found := broken(report)
	if c.Breaks == "client.sends" && len(found[c.Breaks]) == 0 { // an error, since there is nothing to judge
		found[c.Breaks] = slices.Concat(found["failure"], found["error"])
		delete(found, "failure")
		delete(found, "error")
	}
	if slices.ContainsFunc(report.Results, func(r judge.Result) bool {
		return r.Client != nil && strings.Contains(r.Client.Stderr, clients.TooSlow)
	}) {
		t.Logf("%s could not break %s: %s", c.Name, c.Breaks, clients.TooSlow)
		c.Breaks = ""
	}
	if c.Breaks != "" && len(found[c.Breaks]) == 0 {
		t.Errorf("%s breaks %s: not found", c.Name, c.Breaks)
	}
	if level := levelOf(t, c.Breaks); level == contract.Must && !slices.ContainsFunc(found[c.Breaks], func(what string) bool { return !strings.Contains(what, string(judge.Advisory)) }) {
		t.Errorf("%s breaks %s, a MUST: expected a deviation, got %q", c.Name, c.Breaks, found[c.Breaks])
	}
	delete(found, c.Breaks)
	for id, what := range found {
		t.Errorf("%s breaks %q, and is accused of %s:\n\t%s", c.Name, c.Breaks, id, strings.Join(what, "\n\t"))
	}
}
