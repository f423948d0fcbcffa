package main

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGitHubAnnotations makes sure that a run annotates the job, once workflow commands are
// switched on again, and appends to its summary.
func TestGitHubAnnotations(t *testing.T) {
	skipIfShort(t)
	t.Parallel() // it mostly waits
	summary := filepath.Join(t.TempDir(), "summary")
	write(t, summary, "an earlier step")
	environ := append(servedDefect(t, "older-version-accepted"), "GITHUB_STEP_SUMMARY="+summary)
	c := call(t, environ, "run", "--github")
	if c.status != exitDeviates {
		t.Fatalf("expected status 1, got %d: %s", c.status, c.stderr)
	}
	report, commands := resumed(t, c.stdout)
	headline := regexp.MustCompile(`(?m)^deviates: 1 of \d+ requirements is broken$`).FindString(report)
	if headline == "" {
		t.Errorf("expected the report before the commands, got\n%.500s", report)
	}
	for _, want := range []string{
		"::error title=upgrade.target-later (MUST)::A target version that is not later than",
		"%0Agot: 200 OK: the request was accepted%0A", "\n::notice title=gesconform::" + headline + "\n",
	} {
		if !strings.Contains(commands, want) {
			t.Errorf("expected %q in\n%s", want, commands)
		}
	}
	text := read(t, summary)
	if !strings.HasPrefix(text, "an earlier step\n## ✗ "+headline+"\n") || !strings.Contains(text, "curl -sS -i -X POST") {
		t.Errorf("expected the summary after the earlier step's, got\n%s", text)
	}
}

// resumed splits the output of a run where workflow commands are switched on again.
func resumed(t *testing.T, out string) (report, commands string) {
	t.Helper()
	m := regexp.MustCompile(`^::stop-commands::([A-Z0-9]{20,})\n`).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("expected workflow commands to be switched off first, got %.200s", out)
	}
	report, commands, found := strings.Cut("\n"+strings.TrimPrefix(out, m[0]), "\n::"+m[1]+"::\n")
	if !found || strings.Contains(commands, m[1]) {
		t.Fatalf("expected workflow commands to be switched on again once, got %.200s", commands)
	}
	return report + "\n", "\n" + commands
}

// A target must not be able to inject workflow commands: its answers are only printed while
// they are switched off, or as the text of a command of ours.
func TestGitHubObeysNoTarget(t *testing.T) {
	hostile := always(404, "text/plain", "no\n::error title=OWNED::OWNED\n##[error]OWNED\n")
	endpoint := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/graphs/53205529-026b-455a-9e07-228fae4b12b9") && r.Header.Get("X-Auth-Token") == markedToken {
			echoing(w, r) // or there would be no run
			return
		}
		hostile(w, r)
	})
	c := call(t, nil, runArgs(endpoint, "--github", "--verbose")...)
	if c.status != exitDeviates || !strings.Contains(c.stdout, "::error title=OWNED::OWNED") {
		t.Fatalf("expected a report that shows what came, got %d: %s", c.status, c.stderr)
	}
	_, commands := resumed(t, c.stdout)
	for line := range strings.Lines(commands) {
		if line != "\n" && !strings.HasPrefix(line, "::error title=") && !strings.HasPrefix(line, "::warning title=") && !strings.HasPrefix(line, "::notice title=") {
			t.Errorf("expected commands of ours only, got %q", line)
		}
		if strings.HasPrefix(line, "::error title=OWNED") {
			t.Errorf("the target has injected a workflow command: %q", line)
		}
	}
}

func TestGitHubSummaryThatCannotBeWritten(t *testing.T) {
	c := call(t, []string{"GITHUB_STEP_SUMMARY=" + t.TempDir()}, "run", "--github", "--label-filter", "method")
	if c.status != exitNotJudged || !strings.Contains(c.stderr, "append to GITHUB_STEP_SUMMARY: ") {
		t.Errorf("expected status 2 and why, got %d: %s", c.status, c.stderr)
	}
	if _, commands := resumed(t, c.stdout); !strings.Contains(commands, "::warning title=gesconform::partial: conforms") {
		t.Errorf("expected the verdict nevertheless, got %s", commands)
	}
}

func TestGitHubWithoutASummary(t *testing.T) {
	if c := call(t, nil, "run", "--github", "--label-filter", "method"); c.status != exitConforms {
		t.Errorf("expected status 0, got %d: %s", c.status, c.stderr)
	}
	c := call(t, nil, "run", "--github", "--label-filter", "no-such-label") // there is no run
	if _, commands := resumed(t, c.stdout+"\n"); c.status != exitNotJudged || strings.TrimSpace(commands) != "" {
		t.Errorf("expected status 2 and no command, got %d: %s", c.status, commands)
	}
}
