package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/selftest/clients"
)

// clientArgs are arguments that judge a client of internal/selftest/clients, as a process.
func clientArgs(t *testing.T, name string, flags ...string) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat([]string{"client"}, flags, []string{"--", self, clients.Argument, name})
}

// The exit status and the first line are those of the verdict, and every view has it.
func TestClient(t *testing.T) {
	t.Parallel()
	const few = "success/plain,refused/400-GES.7001,refused/403-GES.7041,answer/job-id-missing"
	for name, test := range map[string]struct {
		client string
		flags  []string
		status int
		says   []string
	}{
		"conforms":     {"correct", nil, exitConforms, []string{"partial: conforms as far as exercised", "coverage:"}},
		"deviates":     {"success-whatever-comes", nil, exitDeviates, []string{"deviates: 1 of 17 requirements is broken", "client.success-needs-job (MUST)", "scenario: answer/job-id-missing", "said:     success (exit status 0)"}},
		"quiet":        {"success-whatever-comes", []string{"--quiet"}, exitDeviates, []string{"client.success-needs-job"}},
		"junit":        {"success-whatever-comes", []string{"--format", "junit"}, exitDeviates, []string{"<testsuites", "client.success-needs-job"}},
		"json":         {"success-whatever-comes", []string{"--format", "json"}, exitDeviates, []string{`"verdict": "deviates"`, `"said":"success"`}},
		"markdown":     {"success-whatever-comes", []string{"--format", "markdown"}, exitDeviates, []string{"# ", "client.success-needs-job"}},
		"github":       {"success-whatever-comes", []string{"--github"}, exitDeviates, []string{"::error"}},
		"verbose":      {"correct", []string{"--verbose"}, exitConforms, []string{"answer/job-id-missing"}},
		"advice":       {"status-only", nil, exitConforms, []string{"advisory", "client.error-code-shown"}},
		"strict":       {"status-only", []string{"--strict"}, exitDeviates, []string{"client.error-code-shown (SHOULD)"}},
		"at the gate":  {"force-as-string", []string{"--scenario", "success/plain,success/force"}, exitDeviates, []string{"client.request-lawful"}},
		"side by side": {"correct", []string{"--concurrency", "4"}, exitConforms, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flags := append([]string{"--scenario", few}, test.flags...)
			c := call(t, nil, clientArgs(t, test.client, flags...)...)
			if c.status != test.status {
				t.Fatalf("expected %d, got %d: %s%s", test.status, c.status, c.stdout, c.stderr)
			}
			for _, words := range test.says {
				if !strings.Contains(c.stdout, words) {
					t.Errorf("expected %q in %s", words, c.stdout)
				}
			}
		})
	}
}

// What cannot be judged ends with 2 and a sentence, and nothing is left that says otherwise.
func TestClientsThatCannotBeJudged(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	script := filepath.Join(folder, "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	expect := filepath.Join(folder, "expect.yaml")
	if err := os.WriteFile(expect, []byte("- {requirement: client.ends, scenario: hang/none, reason: r, ticket: T-1, expires: 2099-12-31}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"no command":       {nil, "client: expected a command after --, such as `gesconform client -- ./upgrade.sh`, or --serve; got neither"},
		"not found":        {[]string{"--", "no-such-client"}, `expected a command that runs a client, got "no-such-client", which is in none of the folders of PATH`},
		"not executable":   {[]string{"--", script}, "which is not executable; chmod +x makes it so"},
		"a folder":         {[]string{"--", folder}, "which is a folder"},
		"sends nothing":    {[]string{"--", "true"}, "success/plain: the client sent no request, and said success (exit status 0)"},
		"fails at once":    {[]string{"--", "sh", "-c", "echo no such library >&2; exit 3"}, "the client sent no request, and reported failure (exit status 3); it printed: no such library"},
		"never asks":       {[]string{"--start-timeout", "100ms", "--", "sleep", "600"}, "the client sent no request, and said nothing: it was ended: no request came within 100ms"},
		"dies":             {[]string{"--", "sh", "-c", "kill -9 $$"}, "the client sent no request, and said nothing: SIGKILL has ended it"},
		"cannot":           {[]string{"--", "sh", "-c", "exit 77"}, "the client said that it cannot do this one (exit status 77)"},
		"is no command":    {[]string{"--", "sh", "-c", "exit 127"}, "said nothing: "},
		"needs a terminal": {[]string{"--", "sh", "-c", "exec </dev/tty"}, "the client sent no request, and reported failure"},
		"needs input":      {[]string{"--", "sh", "-c", "read -r answer || { echo expected an answer >&2; exit 1; }"}, "it printed: expected an answer"},
		"prints much":      {[]string{"--", "sh", "-c", "head -c 5000000 /dev/zero; echo >&2 'and fails'; exit 1"}, "it printed: and fails"},
		"unknown scenario": {[]string{"--scenario", "jobs", "--", "true"}, `scenario: unknown scenario or group "jobs", did you mean "job"?`},
		"only strict":      {[]string{"--scenario", "hang/e*", "--", "true"}, `scenario: "hang/e*" only picks scenarios of strict runs, which take as long as --scenario-timeout; set --strict, or name them in full`},
		"no time":          {[]string{"--scenario-timeout", "0s", "--", "true"}, "scenario-timeout: expected a duration above 0, such as 130s, got 0s"},
		"no start":         {[]string{"--start-timeout", "-1s", "--", "true"}, "start-timeout: expected a duration above 0, such as 60s, got -1s"},
		"nobody starts":    {[]string{"--concurrency", "0", "--", "true"}, "concurrency: expected a number above 0, got 0"},
		"no such file":     {[]string{"--expect", filepath.Join(folder, "none"), "--", "true"}, "expect: expected a YAML file with known deviations, got: "},
		"expects nothing":  {[]string{"--expect", expect, "--", "true"}, `unknown scenario "hang/none", did you mean "hang/`},
		"explains nothing": {[]string{"--explain", "job/4229"}, `explain: unknown scenario "job/4229", did you mean "job/429"?`},
		"explains a group": {[]string{"--explain", "job/"}, "explain: expected one scenario, got the group \"job\"; `gesconform client --list --scenario job` lists those in it"},
		"lists and runs":   {[]string{"--list", "--", "true"}, `client: expected no command with --list and --explain, which run nothing, got "true"`},
		"changes":          {[]string{"--fail-on-change", "--", "true"}, "fail-on-change: expected --baseline DIR with it, got none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := call(t, os.Environ(), append([]string{"client"}, test.args...)...)
			if c.status != exitNotJudged || !strings.Contains(c.stderr, test.says) || strings.Count(c.stderr, "\n") != 1 {
				t.Errorf("expected 2 and %s\ngot %d, %s%s", test.says, c.status, c.stdout, c.stderr)
			}
		})
	}
}

// A known deviation does not count, one that is gone is reported, and a second run into a folder needs
// --force.
func TestKnownDeviationsOfAClient(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	known, output := filepath.Join(folder, "known.yaml"), filepath.Join(folder, "report")
	found := call(t, nil, clientArgs(t, "success-whatever-comes", "--scenario", "success/plain,refused/400-GES.7001", "--write-expect", known, "--output", output)...)
	text := read(t, known)
	if found.status != exitDeviates || !strings.Contains(text, "scenario: refused/400-GES.7001") {
		t.Fatalf("expected the deviation in the file, got %d, %s%s%s", found.status, text, found.stdout, found.stderr)
	}
	completed := strings.NewReplacer("reason:", "reason: known", "ticket:", "ticket: T-1", "expires:", "expires: 2099-12-31").Replace(text)
	if err := os.WriteFile(known, []byte(completed), 0o600); err != nil {
		t.Fatal(err)
	}
	args := clientArgs(t, "success-whatever-comes", "--scenario", "success/plain,refused/400-GES.7001", "--expect", known, "--output", output)
	if again := call(t, nil, args...); again.status != exitNotJudged || !strings.Contains(again.stderr, "holds an earlier run") {
		t.Errorf("expected that the folder is not written over, got %d, %s", again.status, again.stderr)
	}
	again := call(t, nil, slices.Insert(args, 1, "--force")...)
	if again.status != exitConforms || !strings.Contains(again.stdout, "1 known deviation") || !strings.Contains(read(t, filepath.Join(output, result.ResultsFile)), `"state":"met"`) {
		t.Errorf("expected a known deviation, got %d, %s%s", again.status, again.stdout, again.stderr)
	}
	gone := call(t, nil, clientArgs(t, "correct", "--scenario", "success/plain,refused/400-GES.7001", "--expect", known)...)
	if gone.status != exitConforms || !strings.Contains(gone.stdout, "gone") {
		t.Errorf("expected that it is gone, got %d, %s%s", gone.status, gone.stdout, gone.stderr)
	}
}
