package clienttest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/clienttest"
)

// passes runs a test and reports whether it has passed. The test's output goes to standard error,
// because an example compares its standard output.
func passes(test func(*testing.T)) bool {
	stdout := os.Stdout
	os.Stdout = os.Stderr
	defer func() { os.Stdout = stdout }()
	all := func(_, _ string) (bool, error) { return true, nil }
	return testing.RunTests(all, []testing.InternalTest{{Name: "TestMyClient", F: test}})
}

// A function is a client.
type function = func(context.Context, clienttest.Endpoint) error

// clients are those that TestChild judges. All start the upgrade only.
var clients = map[string]function{
	"careful": start,
	"hasty": func(ctx context.Context, e clienttest.Endpoint) error { // whatever comes
		_ = start(ctx, e)
		return nil
	},
	"mute": func(ctx context.Context, e clienttest.Endpoint) error {
		if start(ctx, e) != nil {
			return errors.New("failed")
		}
		return nil
	},
	"loud": func(ctx context.Context, e clienttest.Endpoint) error {
		if err := start(ctx, e); err != nil {
			return fmt.Errorf("with %s: %w", e.Token, err)
		}
		return nil
	},
	"idle":   func(context.Context, clienttest.Endpoint) error { return nil },
	"broken": func(context.Context, clienttest.Endpoint) error { panic("nothing here works") },
	"failing": func(ctx context.Context, e clienttest.Endpoint) error {
		return errors.Join(start(ctx, e), errors.New("no such profile"))
	},
	"refuser": func(context.Context, clienttest.Endpoint) error { return clienttest.ErrNotApplicable },
	"unlawful": func(ctx context.Context, e clienttest.Endpoint) error {
		e.UpgradeVersion = ""
		return start(ctx, e)
	},
	"late": func(ctx context.Context, e clienttest.Endpoint) error {
		_ = start(ctx, e)
		<-ctx.Done()
		return ctx.Err()
	},
	"named": func(ctx context.Context, e clienttest.Endpoint) error {
		fmt.Println("called for", e.Scenario)
		return start(ctx, e)
	},
	"panics-once": func(ctx context.Context, e clienttest.Endpoint) error {
		if e.Scenario == "refused/404-page" {
			panic("no such page")
		}
		return start(ctx, e)
	},
}

// childVariable names the client that TestChild judges; the other arguments stand in
// childOptions. Other tests run it in a process of its own, and read what it prints.
const childVariable = "CLIENTTEST_CHILD"

var childOptions = map[string][]clienttest.Option{
	"":        nil,
	"refused": {clienttest.WithScenarios("refused/*")},
	"strict":  {clienttest.WithScenarios("refused/*"), clienttest.WithStrict()},
	"known":   {clienttest.WithScenarios("refused/*"), clienttest.WithStrict(), clienttest.WithExpected(clienttest.Expected{Scenario: "refused/*", Reason: "it is known"})},
	"known2":  {clienttest.WithScenarios("refused/*"), clienttest.WithStrict(), clienttest.WithExpected(clienttest.Expected{Scenario: "refused/*", Requirement: "client.error-code-shown"})},
	"short":   {clienttest.WithScenarios("success/plain"), clienttest.WithTimeout(50_000_000)},
}

// TestChild is a test as the author of a client would write it.
func TestChild(t *testing.T) {
	name, options, _ := strings.Cut(os.Getenv(childVariable), "/")
	if name == "" {
		t.Skip("runs for other tests only, in a process of its own")
	}
	clienttest.Run(t, clients[name], childOptions[options]...)
}

// child runs those subtests of TestChild that match a pattern.
func child(t *testing.T, what, pattern string) (output string, passed bool) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$"+pattern, "-test.v", "-test.count=1")
	command.Env = append(os.Environ(), childVariable+"="+what)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	passed = command.Run() == nil
	return out.String(), passed
}

// short leaves out of an output that a test has begun or goes on.
func short(out string) string {
	return fmt.Sprintf("%.4000s", regexp.MustCompile(`(?m)^=== (RUN|PAUSE|CONT) .*\n`).ReplaceAllString(out, ""))
}

func TestRun(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what    string // CLIENT/OPTIONS
		pattern string // for -run
		passes  bool
		says    []string // expressions
		not     []string
	}{
		{what: "careful/", passes: true, says: []string{`--- PASS: TestChild/scenarios/success/plain `, `--- PASS: TestChild/scenarios/hang/upgrade `, `--- SKIP: TestChild/scenarios/job/failed `, `not-applicable: the client does not wait for the job`}},
		{
			what: "hasty/refused",
			says: []string{`--- FAIL: TestChild/scenarios/refused/404-page `, `client.success-needs-job \(MUST\)`, `scenario: +refused/404-page`, `request: +POST `, `X-Auth-Token: \$GESCONFORM_TOKEN`, `answer: +HTTP 404`},
		},
		{what: "mute/refused", passes: true, says: []string{`advisory: \n +client.error-code-shown \(SHOULD\)`, `said: +failure: failed`}},
		{what: "mute/strict", says: []string{`--- FAIL: TestChild/scenarios/refused/400-GES`}, not: []string{`--- FAIL: TestChild/scenarios/refused/404-page`}},
		{what: "hasty/known", passes: true, says: []string{`known, it is known: \n +client.success-needs-job`}},
		{what: "hasty/known2", says: []string{`--- FAIL: TestChild/scenarios/refused/404-page `}, not: []string{"did not occur"}}, // it is about failures
		{what: "mute/known2", passes: true, says: []string{`known, without a reason: \n +client.error-code-shown`}},
		{what: "careful/known", says: []string{`the known deviation refused/\* did not occur`}},
		{what: "careful/known2", says: []string{`the known deviation client.error-code-shown in refused/\* did not occur`}},
		{what: "careful/known", pattern: "/scenarios/refused/404", passes: true, not: []string{"did not occur"}}, // not all were run
		{what: "loud/refused", says: []string{`client.credentials-unprinted \(MUST\)`, `got: +.*GESCONFORM_TOKEN`}},
		{what: "panics-once/refused", says: []string{`--- FAIL: TestChild/scenarios/refused/404-page `, `TestChild/scenarios/refused/404-page\n.* could not be judged: .*panic: no such page`}, not: []string{`FAIL: TestChild/scenarios/refused/403`}},

		// What cannot be judged is said once, where the plain success stands or, without it, first.
		{what: "idle/", says: []string{`TestChild/scenarios/success/plain\n.* could not be judged: sent no request`, `--- SKIP: TestChild/scenarios/refused/404-page `, `masked: not run, because of success/plain`}},
		{what: "idle/refused", says: []string{`could not be judged: sent no request`}},
		{what: "broken/refused", says: []string{`could not be judged: .*panic: nothing here works`}},
		{what: "failing/", says: []string{`could not be judged: reported failure\n`, `scenario: +success/plain\n`, `said: +failure: no such profile`, `sent: +0\.00s +POST `}},
		{what: "refuser/refused", says: []string{`could not be judged: .*cannot do this one`}},
		{what: "unlawful/refused", says: []string{`client.request-lawful \(MUST\)`, `expected .* got`}},
		{what: "late/short", says: []string{`could not be judged: .*(reported failure|context deadline exceeded)`}},
	} {
		t.Run(tt.what+tt.pattern, func(t *testing.T) {
			t.Parallel()
			out, passed := child(t, tt.what, tt.pattern)
			if passed != tt.passes {
				t.Errorf("expected passed: %t, got %t\n%s", tt.passes, passed, short(out))
			}
			for _, want := range tt.says {
				if !regexp.MustCompile(want).MatchString(out) {
					t.Errorf("expected %q, got\n%s", want, short(out))
				}
			}
			for _, not := range tt.not {
				if regexp.MustCompile(not).MatchString(out) {
					t.Errorf("expected nothing like %q, got\n%s", not, short(out))
				}
			}
			if fails := strings.Count(out, "could not be judged: "); fails > 1 {
				t.Errorf("expected one failure to say it, got %d", fails)
			}
		})
	}
}

// With -run, the client is called for the selected scenarios, and for the plain success.
func TestOnlySelectedScenariosAreRun(t *testing.T) {
	t.Parallel()
	out, passed := child(t, "named/", "/scenarios/refused/40[34]-page")
	var called []string
	for line := range strings.Lines(out) {
		if _, scenario, ok := strings.Cut(strings.TrimSpace(line), "called for "); ok {
			called = append(called, scenario)
		}
	}
	slices.Sort(called)
	if want := []string{"refused/404-page", "success/plain"}; !passed || !slices.Equal(called, want) {
		t.Errorf("expected %q, got %q\n%s", want, called, out)
	}
}
