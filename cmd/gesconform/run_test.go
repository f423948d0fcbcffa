package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestRunJudgesTheFakeInThisProcess(t *testing.T) {
	c := call(t, nil, "run")
	if c.status != exitConforms || c.stderr != "" {
		t.Fatalf("expected status 0, got %d: %s", c.status, c.stderr)
	}
	plan, rest, _ := strings.Cut(c.stdout, "\n")
	if !strings.HasPrefix(plan, "plan: ") || !regexp.MustCompile(`^(partial: conforms as far as exercised: \d+ of \d+ requirements|conforms)\n`).MatchString(rest) {
		t.Errorf("expected the plan and then the result, got %.300q", c.stdout)
	}
	plain(t, c)
}

// Flags and variables also apply to a run against the embedded fake.
func TestRunOfTheFakeHeedsRisk(t *testing.T) {
	skipIfShort(t)
	flag := call(t, nil, "run", "--risk", "inert")
	variable := call(t, []string{"GESCONFORM_RISK=inert"}, "run")
	both := call(t, []string{"GESCONFORM_RISK=destructive"}, "run", "--risk", "inert")
	for name, c := range map[string]outcome{"flag": flag, "variable": variable, "flag beats variable": both} {
		if c.status != exitConforms || !strings.Contains(c.stdout, " 0 guarded and 0 destructive requests") || !strings.Contains(c.stdout, "\npartial: conforms as far as exercised: ") {
			t.Errorf("%s: status %d: %.300s", name, c.status, c.stdout)
		}
	}
}

func TestEnvFileIsAllThatRunNeeds(t *testing.T) {
	skipIfShort(t)
	for _, tt := range []struct {
		name   string
		args   []string
		more   []string // of run
		status int
		want   string
	}{
		{"correct", nil, nil, exitConforms, "\npartial: conforms as far as exercised: "},
		{"defect", []string{"--defect", "older-version-accepted"}, []string{"--label-filter", "target-not-later"}, exitDeviates, "\ndeviates: "},
		{"slower", []string{"--upgrade-time", "40ms", "--seed", "7"}, []string{"--label-filter", "lifecycle"}, exitConforms, "\npartial: conforms as far as exercised: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "fake.env")
			address := startFake(t, append(tt.args, "--env-file", file)...)
			info, err := os.Stat(file)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Fatalf("the env file: mode %v, %v", info.Mode(), err)
			}
			environ := environIn(t, file)
			if !slices.Contains(environ, "GESCONFORM_ENDPOINT="+address) {
				t.Errorf("the first line is %q, the env file says %q", address, environ)
			}
			c := call(t, environ, append([]string{"run", "--risk", "destructive"}, tt.more...)...)
			if c.status != tt.status || !strings.Contains(c.stdout, tt.want) {
				t.Errorf("expected status %d, got %d: %.2000s %s", tt.status, c.status, c.stdout, c.stderr)
			}
			if c.stderr != "" {
				t.Errorf("expected no warnings, got %q", c.stderr)
			}
		})
	}
}

// If a required requirement was not exercised, the status is 2, unless something deviates.
// The report is printed in any case.
func TestRequire(t *testing.T) {
	skipIfShort(t)
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		write(t, path, text)
		return path
	}
	inert := file("inert", "# what reads show\ngraph.known\n\n  auth.required # and this\n")
	effect := file("effect", "auth.required\nupgrade.effect\n")
	deviating := []string{"run", "--risk", "destructive", "--require", "all-must", "--label-filter", "body"}
	for _, tt := range []struct {
		name    string
		environ []string
		args    []string
		status  int
		want    string
	}{
		{"all", nil, []string{"run", "--require", "all-must"}, exitConforms, "\nconforms\n"},
		{"all, and not allowed to", nil, []string{"run", "--require", "all-must", "--risk", "inert"}, exitNotJudged, "\ncould not judge: "},
		{"what is exercised", nil, []string{"run", "--require", inert, "--risk", "inert"}, exitConforms, "\npartial: conforms as far as exercised"},
		{"one that is not", nil, []string{"run", "--require", effect, "--risk", "inert"}, exitNotJudged, "could not judge: 1 of the 2 required requirements were not exercised: upgrade.effect\n"},
		{"a deviation first", servedDefect(t, "older-version-accepted"), deviating, exitDeviates, "\ndeviates: "},
	} {
		c := call(t, tt.environ, tt.args...)
		if c.status != tt.status || !strings.Contains(c.stdout, tt.want) || !strings.Contains(c.stdout, " auth.required ") {
			t.Errorf("%s: status %d: %.600s %s", tt.name, c.status, c.stdout, c.stderr)
		}
	}
	for _, tt := range []struct{ require, want string }{
		{filepath.Join(dir, "none"), "require: expected all-must or a file"},
		{dir, "require: "},
		{file("empty", "# nothing\n"), "expected the ids of requirements"},
		{file("unknown", "auth.required\nupgrade.efect\n"), `unknown:2: unknown requirement "upgrade.efect", did you mean "upgrade.effect"?`},
		{file("long", strings.Repeat("x", 100_000)), "require: read "},
	} {
		c := call(t, nil, "run", "--require", tt.require)
		if c.status != exitNotJudged || c.stdout != "" {
			t.Errorf("%s: status %d: %.200s", tt.require, c.status, c.stdout)
		}
		oneSentence(t, c, tt.want)
	}
}

// A dry run prints what would be sent, and sends nothing.
func TestDryRun(t *testing.T) {
	envFile := filepath.Join(t.TempDir(), "fake.env")
	address := startFake(t, "--env-file", envFile)
	environ := environIn(t, envFile)
	c := call(t, environ, "run", "--risk", "destructive", "--dry-run")
	if c.status != exitConforms || !strings.HasPrefix(c.stdout, "plan: 284 cases against "+address) || !strings.Contains(c.stdout, `-H "X-Auth-Token: $GESCONFORM_TOKEN"`) {
		t.Errorf("status %d: %.500s %s", c.status, c.stdout, c.stderr)
	}
	if _, metrics := get(t, address+"/_fake/metrics"); strings.Contains(metrics, "gesconform_fake_requests_total{") {
		t.Errorf("something was sent: %s", metrics)
	}
	regional := call(t, nil, "run", "--dry-run", "--region", "cn-north-4", "--project-id", "p", "--graph-id", "g", "--token", "t")
	if regional.status != exitConforms || !strings.HasPrefix(regional.stdout, "plan: 284 cases against https://ges.cn-north-4.myhuaweicloud.com, ") {
		t.Errorf("of a region: status %d: %.300s %s", regional.status, regional.stdout, regional.stderr)
	}
	if c := call(t, nil, "run", "--dry-run"); c.status != exitConforms || !strings.HasPrefix(c.stdout, "plan: 284 cases against the fake server in this process") {
		t.Errorf("of the fake in this process: status %d: %.300s %s", c.status, c.stdout, c.stderr)
	}
}
