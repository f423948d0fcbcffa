package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/result"
)

// brokenFake starts a fake that upgrades to older versions, and returns its variables.
func brokenFake(t *testing.T) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "fake.env")
	startFake(t, "--defect", "older-version-accepted", "--env-file", file)
	return environIn(t, file)
}

// What is quick and finds the deviation.
var broken = []string{"run", "--risk", "destructive", "--label-filter", "upgrade.target-later"}

func TestQuiet(t *testing.T) {
	if c := call(t, []string{"GESCONFORM_NONSENSE=1"}, "run", "--quiet"); c != (outcome{exitConforms, "conforms\n", ""}) {
		t.Errorf("expected only the verdict, got %+v", c)
	}
	c := call(t, brokenFake(t), append(broken, "--quiet")...)
	lines := strings.Split(strings.TrimSuffix(c.stdout, "\n"), "\n")
	if c.status != exitDeviates || c.stderr != "" || len(lines) != 2 || !strings.HasPrefix(lines[0], "deviates: 1 of ") ||
		!strings.HasPrefix(lines[1], "  ✗ deviates      MUST    upgrade.target-later  200 OK: the request was accepted (upgradeGraph/body/upgrade_version/") {
		t.Errorf("expected the verdict and the broken requirement, got %+v", c)
	}
	if c := call(t, nil, append(runArgs("http://"+closedPort(t)), "-q", "--recovery-timeout", "0s")...); c.status != exitNotJudged || strings.Count(c.stderr, "\n") != 1 || strings.Contains(c.stdout, "plan:") {
		t.Errorf("expected only the error, got %+v", c)
	}
}

// Each format is that of the file in the output folder, alone on standard output.
func TestFormats(t *testing.T) {
	environ, dir := brokenFake(t), t.TempDir()
	for format, file := range map[string]string{"json": result.ResultsFile, "junit": result.JUnitFile, "markdown": result.SummaryFile} {
		c := call(t, environ, append(broken, "--format", format, "--output", filepath.Join(dir, format))...)
		if c.status != exitDeviates || c.stdout != read(t, filepath.Join(dir, format, file)) {
			t.Errorf("%s: expected status 1 and %s, got %d: %.300s", format, file, c.status, c.stdout)
		}
		if !strings.HasPrefix(c.stderr, "plan: ") {
			t.Errorf("%s: expected the plan on standard error, got %q", format, c.stderr)
		}
		if c := call(t, nil, "judge", "--format", format, filepath.Join(dir, format)); c.status != exitDeviates || c.stderr != "" || c.stdout != read(t, filepath.Join(dir, format, file)) {
			t.Errorf("judge, %s: expected the same, got %d: %.300s %s", format, c.status, c.stdout, c.stderr)
		}
		if c := call(t, environ, append(broken, "--quiet", "--format", format)...); c.stderr != "" || c.stdout == "" {
			t.Errorf("quiet, %s: expected nothing on standard error, got %q", format, c.stderr)
		}
	}
	for format, file := range map[string]string{"json": result.MatrixFile, "markdown": result.MatrixSummaryFile} {
		merged := filepath.Join(t.TempDir(), "all")
		c := call(t, nil, "merge", "--format", format, "--output", merged, filepath.Join(dir, "json"))
		if c.status != exitDeviates || c.stderr != "" || c.stdout != read(t, filepath.Join(merged, file)) {
			t.Errorf("merge, %s: expected %s, got %d: %.300s", format, file, c.status, c.stdout)
		}
	}
	if c := call(t, nil, "merge", "-q", "--output", filepath.Join(t.TempDir(), "all"), filepath.Join(dir, "json")); c.status != exitDeviates ||
		!strings.HasPrefix(c.stdout, "deviates: ") || strings.Count(c.stdout, "\n") != 2 {
		t.Errorf("merge, quiet: got %+v", c)
	}
}

func TestViewsOfManyTargets(t *testing.T) {
	values := map[string]string{}
	for _, pair := range brokenFake(t) {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = strings.Trim(value, "'")
	}
	file, out := filepath.Join(t.TempDir(), "targets.yaml"), filepath.Join(t.TempDir(), "out")
	write(t, file, fmt.Sprintf("defaults: {token: $T, upgrade-version: %q}\ntargets:\n- {name: wrong, endpoint: %q, project-id: %q, graph-id: %q}\n- {name: none, endpoint: 'http://127.0.0.1:1', project-id: p, graph-id: g, token: $NONE}\n",
		values["GESCONFORM_UPGRADE_VERSION"], values["GESCONFORM_ENDPOINT"], values["GESCONFORM_PROJECT_ID"], values["GESCONFORM_GRAPH_ID"]))
	args, environ := slices.Concat(broken, []string{"--targets", file}), []string{"T=" + values["GESCONFORM_TOKEN"]}
	c := call(t, environ, append(args, "-q")...)
	const want = "deviates: 1 of 2 targets; 1 could not be judged\n  ✗ deviates      MUST    upgrade.target-later  wrong\n  ? error         none   could not judge: token: the variable $NONE is not set\n"
	if c != (outcome{exitDeviates, want, ""}) {
		t.Errorf("expected %q, got %+v", want, c)
	}
	c = call(t, environ, append(args, "--format", "json", "--output", out)...)
	if c.status != exitDeviates || c.stdout != read(t, filepath.Join(out, result.MatrixFile)) || strings.Count(c.stderr, "\n") != 2 {
		t.Errorf("expected matrix.json and a line for each target on standard error, got %d: %.300s %s", c.status, c.stdout, c.stderr)
	}
}

// A run that could not judge says so in every format, so that no reader takes nothing for success.
func TestFormatsOfARunThatCouldNotJudge(t *testing.T) {
	args := append(runArgs("http://127.0.0.1:1"), "--recovery-timeout", "0s", "--format")
	c := call(t, nil, append(args, "json")...)
	var run result.Run
	if err := json.Unmarshal([]byte(c.stdout), &run); err != nil || run.Verdict != "error" || c.status != exitNotJudged {
		t.Errorf("json: expected an error, got %d, %q, %v", c.status, run.Verdict, err)
	}
	c = call(t, nil, append(args, "junit")...)
	var suites struct {
		Suite []struct {
			Errors int `xml:"errors,attr"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(c.stdout), &suites); err != nil || len(suites.Suite) == 0 || suites.Suite[0].Errors == 0 || c.status != exitNotJudged {
		t.Errorf("junit: expected an error, got %d, %+v, %v", c.status, suites, err)
	}
}

func TestFormatOfAPreview(t *testing.T) {
	dir := t.TempDir()
	c := call(t, nil, "run", "--dry-run", "--seed", "5", "--format", "json", "--output", dir)
	if c.status != exitConforms || c.stdout != read(t, filepath.Join(dir, result.PlanFile)) {
		t.Errorf("expected plan.json, got %d: %.200s", c.status, c.stdout)
	}
}

func TestViewsThatDoNotGoTogether(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		`format: expected text, json, junit or markdown, got "jsn", did you mean "json"?`:                                             {"run", "--format", "jsn"},
		`format: expected text, json or markdown for many targets, got "junit"; --output writes a junit.xml for each`:                 {"merge", "--format", "junit", "--output", "o", t.TempDir()},
		"quiet: expected --quiet or --verbose, got both":                                                                              {"run", "-q", "-v"},
		"quiet: cannot be combined with --dry-run, which would print nothing":                                                         {"run", "-q", "--dry-run"},
		"format: expected text, or for one target json, with --dry-run, got junit":                                                    {"run", "--dry-run", "--format", "junit"},
		"format: cannot be combined with --github, which also writes to standard output; set --output for the files":                  {"run", "--github", "--format", "json"},
		"write-expect: cannot be combined with --dry-run, which finds nothing":                                                        {"run", "--dry-run", "--write-expect", "f"},
		"write-expect: cannot be combined with --targets, which has a result for each of many targets; judge each result: gesconform": {"run", "--targets", "f", "--write-expect", "f"},
		"write-expect: expected a file that does not exist yet, got main.go, which is not overwritten":                                {"run", "--write-expect", "main.go"},
	} {
		c := call(t, nil, args...)
		if c.status != exitNotJudged {
			t.Errorf("%q: expected status 2, got %d", args, c.status)
		}
		oneSentence(t, c, want)
	}
	if c := call(t, []string{"GESCONFORM_VERBOSE=true"}, "run", "-q"); c.stdout != "conforms\n" {
		t.Errorf("expected that the flag overrides the other one's variable, got %.200s", c.stdout)
	}
}

// A reader that goes does not change the exit status: neither does the process end with SIGPIPE,
// nor is it an error.
func TestReadersThatGo(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	environ := brokenFake(t)
	for _, format := range []string{"text", "json"} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		command := process(ctx, t, environ, append(broken, "--format", format)...)
		var stderr bytes.Buffer
		command.Stdout, command.Stderr = w, &stderr
		if err := errors.Join(r.Close(), command.Start(), w.Close()); err != nil {
			t.Fatal(err)
		}
		_ = command.Wait()
		if status := command.ProcessState.ExitCode(); status != exitDeviates || strings.Contains(stderr.String(), "pipe") {
			t.Errorf("%s: expected status 1, got %d: %s", format, status, stderr.String())
		}
	}
}

// Other errors of writing still count.
func TestOutletOnlyForgivesAReaderThatWent(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("needs a device that is always full, which only Linux has: %v", err)
	}
	defer full.Close()
	if _, err := io.WriteString(outletOf(full), "text"); err == nil {
		t.Error("expected an error from a device that is full")
	}
}
