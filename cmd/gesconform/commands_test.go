package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/config"
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

// What the user says of the run counts for the fake in this process, too, be it
// by flag or by variable.
func TestRunOfTheFakeHeedsRisk(t *testing.T) {
	flag := call(t, nil, "run", "--risk", "inert")
	variable := call(t, []string{"GESCONFORM_RISK=inert"}, "run")
	both := call(t, []string{"GESCONFORM_RISK=destructive"}, "run", "--risk", "inert")
	for name, c := range map[string]called{"flag": flag, "variable": variable, "flag beats variable": both} {
		if c.status != exitConforms || !strings.Contains(c.stdout, " 0 guarded and 0 destructive requests") || !strings.Contains(c.stdout, "\npartial: conforms as far as exercised: ") {
			t.Errorf("%s: status %d: %.300s", name, c.status, c.stdout)
		}
	}
}

// startFake runs `gesconform fake` until the test has ended, and returns its
// address.
func startFake(t *testing.T, args ...string) (address string) {
	t.Helper()
	return announcedBy(t, 1, args...)[0]
}

// announcedBy runs `gesconform fake` until the test has ended, and returns the
// first lines that it prints.
func announcedBy(t *testing.T, count int, args ...string) (first []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		status := execute(ctx, append([]string{"fake"}, args...), nil, w, &stderr)
		_ = w.Close()
		ended <- status
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Error("the fake did not end")
		}
	})
	lines := bufio.NewScanner(r)
	for range count {
		if !lines.Scan() {
			t.Fatalf("the fake printed only %q: %s", first, stderr.String())
		}
		first = append(first, lines.Text())
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	return first
}

func TestEnvFileIsAllThatRunNeeds(t *testing.T) {
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"correct", nil, exitConforms, "\npartial: conforms as far as exercised: "},
		{"defect", []string{"--defect", "older-version-accepted"}, exitDeviates, "\ndeviates: "},
		{"slower", []string{"--upgrade-time", "40ms", "--seed", "7"}, exitConforms, "\npartial: conforms as far as exercised: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "fake.env")
			address := startFake(t, append(tt.args, "--env-file", file)...)
			info, err := os.Stat(file)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Fatalf("the env file: mode %v, %v", info.Mode(), err)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			environ := readEnv(string(text))
			if !slices.Contains(environ, "GESCONFORM_ENDPOINT="+address) {
				t.Errorf("the first line is %q, the env file says %q", address, environ)
			}
			c := call(t, environ, "run", "--risk", "destructive")
			if c.status != tt.status || !strings.Contains(c.stdout, tt.want) {
				t.Errorf("expected status %d, got %d: %.2000s %s", tt.status, c.status, c.stdout, c.stderr)
			}
			if c.stderr != "" {
				t.Errorf("expected no warnings, got %q", c.stderr)
			}
		})
	}
}

func TestFakeOnATakenPort(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dir := t.TempDir()
	c := call(t, nil, "fake", "--addr", listener.Addr().String(), "--env-file", filepath.Join(dir, "fake.env"))
	if c.status != exitNotJudged {
		t.Errorf("expected status 2, got %d", c.status)
	}
	oneSentence(t, c, listener.Addr().String(), "--addr")
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("an env file was written: %v", files)
	}
}

func TestListDefects(t *testing.T) {
	t.Parallel()
	c := call(t, nil, "fake", "--list-defects")
	lines := strings.Split(strings.TrimSuffix(c.stdout, "\n"), "\n")
	if c.status != exitConforms || len(lines) != len(fakeserver.Defects()) || !slices.IsSorted(lines) {
		t.Errorf("status %d, %d lines of %d defects", c.status, len(lines), len(fakeserver.Defects()))
	}
	for i, d := range fakeserver.Defects() {
		if !strings.HasPrefix(lines[i], d.Name+" ") || !strings.HasSuffix(lines[i], d.Summary) {
			t.Errorf("line %q of %s", lines[i], d.Name)
		}
	}
}

func TestCasesAreListed(t *testing.T) {
	t.Parallel()
	text, again := call(t, nil, "cases"), call(t, nil, "cases")
	machine, machineAgain := call(t, nil, "cases", "--json"), call(t, nil, "cases", "--json")
	if text != again || machine != machineAgain {
		t.Error("two lists differ")
	}
	var listed []struct {
		ID   string `json:"id"`
		Aims []struct {
			Risk string `json:"risk"`
		} `json:"aims"`
	}
	if err := json.Unmarshal([]byte(machine.stdout), &listed); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(text.stdout, "\n"), "\n")
	if len(lines) != len(listed) || len(listed) < 200 {
		t.Fatalf("%d lines, %d in JSON", len(lines), len(listed))
	}
	for i, k := range listed {
		if !strings.HasPrefix(lines[i], k.ID+" ") || !strings.Contains(lines[i], k.Aims[0].Risk) || i > 0 && listed[i-1].ID >= k.ID {
			t.Errorf("line %d: %q of %q: not sorted, or given twice", i, lines[i], k.ID)
		}
	}
	filtered := call(t, nil, "cases", "--label-filter", "media-type && guarded || security")
	if filtered.status != exitConforms || strings.Count(filtered.stdout, "\n") >= len(lines) || !strings.Contains(filtered.stdout, "/security/") {
		t.Errorf("filtered: status %d, %.200s", filtered.status, filtered.stdout)
	}
}

// Each flag of run has its variable, and the flag beats it: what cannot be read
// is an error only where it counts.
func TestFlagsBeatVariables(t *testing.T) {
	t.Parallel()
	for _, o := range config.Options {
		switch o.Name {
		case "endpoint":
			continue
		case "upgrade-version", "risk", "max-upgrades", "request-timeout", "job-timeout", "concurrency", "rate", "max-requests", "seed", "strict", "keep-going", "confirm-foreign-graph":
		default:
			continue // takes any text
		}
		bad := []string{o.Env() + "=no-such", "GESCONFORM_ENDPOINT=http://127.0.0.1:1"}
		c := call(t, bad, "run")
		oneSentence(t, c, o.Env())
		if c.status != exitNotJudged {
			t.Errorf("%s: expected status 2, got %d", o.Env(), c.status)
		}
		cfg := config.Default()
		c = call(t, bad, "run", "--"+o.Name+"="+o.Get(&cfg))
		if strings.Contains(c.stderr, o.Env()) {
			t.Errorf("--%s does not beat its variable: %s", o.Name, c.stderr)
		}
	}
}

// The flags that are the command's alone have variables, too.
func TestCommandFlagsHaveVariables(t *testing.T) {
	dry := call(t, []string{"GESCONFORM_DRY_RUN=true"}, "run")
	if dry.status != exitConforms || strings.Contains(dry.stdout, "\nconforms") || !strings.Contains(dry.stdout, "curl -sS") || dry.stderr != "" {
		t.Errorf("GESCONFORM_DRY_RUN: status %d: %.200s %s", dry.status, dry.stdout, dry.stderr)
	}
	beaten := call(t, []string{"GESCONFORM_DRY_RUN=true", "GESCONFORM_VERBOSE="}, "run", "--dry-run=false")
	if beaten.status != exitConforms || !strings.Contains(beaten.stdout, "\nconforms") {
		t.Errorf("the flag does not beat it: status %d: %.200s", beaten.status, beaten.stdout)
	}
	for _, bad := range []string{"GESCONFORM_VERBOSE=perhaps", "GESCONFORM_CONTRACT=no-such.yaml"} {
		name, value, _ := strings.Cut(bad, "=")
		c := call(t, []string{bad}, "run")
		if c.status != exitNotJudged || !strings.Contains(c.stderr, value) {
			t.Errorf("%s: status %d: %s", name, c.status, c.stderr)
		}
	}
	flags := newRoot(nil, io.Discard, io.Discard).Commands()
	for _, cmd := range flags {
		if cmd.Name() != "run" {
			continue
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			known := slices.Contains(config.CommandFlags, f.Name) || f.Name == "help"
			if !known && !slices.ContainsFunc(config.Options, func(o *config.Option) bool { return o.Name == f.Name }) {
				t.Errorf("--%s has no variable", f.Name)
			}
		})
	}
}

func TestHelpNamesEveryFlagAndNoSecret(t *testing.T) {
	t.Parallel()
	environ := []string{"GESCONFORM_TOKEN=" + markedToken, "GESCONFORM_ENDPOINT=http://127.0.0.1:1"}
	c := call(t, environ, "run", "--help")
	for _, o := range config.Options {
		if !strings.Contains(c.stdout, "--"+o.Name+" ") {
			t.Errorf("help does not name --%s", o.Name)
		}
	}
	if c.status != exitConforms || c.stderr != "" {
		t.Errorf("status %d, %q", c.status, c.stderr)
	}
	plain(t, c)
}
