package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/result"
)

// recorded runs `gesconform run` with --output, and returns the folder.
func recorded(t *testing.T, want int, args ...string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if c := call(t, nil, append([]string{"run", "--output", folder}, args...)...); c.status != want {
		t.Fatalf("expected status %d, got %d: %s", want, c.status, c.stderr)
	}
	return folder
}

// copyOf copies a folder.
func copyOf(t *testing.T, folder string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// sameFiles checks that two folders have the same files, except for those that only the run
// itself writes.
func sameFiles(t *testing.T, folder, again string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) < 8 {
		t.Fatalf("expected the files of a run, got %v, %v", entries, err)
	}
	for _, entry := range entries {
		if slices.Contains([]string{result.PlanFile, result.ExchangesFile, result.SumsFile}, entry.Name()) {
			continue
		}
		was, errWas := os.ReadFile(filepath.Join(folder, entry.Name()))
		is, errIs := os.ReadFile(filepath.Join(again, entry.Name()))
		if errWas != nil || errIs != nil || !bytes.Equal(was, is) {
			t.Errorf("%s: expected the same file from judge: %v %v", entry.Name(), errWas, errIs)
		}
	}
}

// judge must find what the run found: its reports must be the same, byte for byte.
func TestJudgeFindsWhatTheRunFound(t *testing.T) {
	t.Parallel()
	known := filepath.Join(t.TempDir(), "known.yaml")
	write(t, known, "- requirement: upgrade.target-later\n  reason: it always was so\n  ticket: GES-1\n  expires: 2999-12-31\n")
	for _, tt := range []struct {
		name   string
		fake   []string // arguments of the fake to judge; nil for the embedded one
		args   []string
		status int // -1 for any
	}{
		{"the fake in the process", nil, nil, exitConforms},
		{"some of its cases, strictly", nil, []string{"--label-filter", "body && MUST", "--strict", "--ticket", "CHG-7"}, exitConforms},
		{"what is required was not exercised", nil, []string{"--risk", "inert", "--require", "all-must", "--label-filter", "showJob || valid"}, exitNotJudged},
		{"a defect", []string{"--defect", "older-version-accepted"}, []string{"--risk", "destructive", "--label-filter", "body || lifecycle"}, exitDeviates},
		{"a known one", []string{"--defect", "older-version-accepted"}, []string{"--risk", "destructive", "--expect", known, "--label-filter", "target-not-later"}, exitConforms},
		{"a credential leaks", []string{"--defect", "leak-in-error"}, []string{"--risk", "guarded", "--label-filter", "showGraph || method"}, exitDeviates},
		{"trouble", []string{"--scenario", "trouble"}, []string{"--risk", "inert", "--label-filter", "security"}, -1},
		{"no such graph", []string{}, []string{"--graph-id", "no-such-graph"}, exitNotJudged},
	} {
		if testing.Short() && tt.name != "some of its cases, strictly" && tt.name != "a known one" {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var environ []string
			if tt.fake != nil {
				file := filepath.Join(t.TempDir(), "fake.env")
				startFake(t, append(tt.fake, "--env-file", file)...)
				environ = environIn(t, file)
			}
			folder, again := t.TempDir(), t.TempDir()
			first := call(t, environ, append([]string{"run", "--output", folder}, tt.args...)...)
			if first.status != tt.status && tt.status >= 0 {
				t.Fatalf("expected status %d, got %d: %.2000s %s", tt.status, first.status, first.stdout, first.stderr)
			}
			second := call(t, nil, "judge", folder, "--output", again)
			if second.status != first.status || second.stderr != first.stderr {
				t.Errorf("expected status %d and %q, got %d and %q", first.status, first.stderr, second.status, second.stderr)
			}
			if !strings.HasSuffix(first.stdout, second.stdout) {
				t.Errorf("expected the report of the run, got %.2000s", second.stdout)
			}
			sameFiles(t, folder, again)
		})
	}
}

// Changing a file of a run is detected, with and without the checksums.
func TestJudgeRefusesWhatWasChanged(t *testing.T) {
	skipIfShort(t)
	original := recorded(t, exitConforms, "--label-filter", "body || lifecycle")
	for _, tt := range []struct {
		name, file, old, new string
		sums                 bool // the digests are kept
		want                 []string
	}{
		{"a verdict", result.ResultsFile, `"verdict":"observed"`, `"verdict":"conforms"`, true, []string{"results.json: expected sha256 ", "changed after the run"}},
		{"a verdict and the digests", result.ResultsFile, `"verdict":"observed"`, `"verdict":"conforms"`, false, []string{"results.json:", "which the exchanges give", "observed", "conforms"}},
		{"a note", result.ResultsFile, `"risk": "destructive"`, `"risk": "inert"`, false, []string{"results.json:", "which the exchanges give"}},
		{"an answer", result.ExchangesFile, `\"error_code\":\"GES.7036\"`, `\"error_code\":\"GES.7000\"`, false, []string{"exchanges.jsonl: case ", "expected an exchange for GET "}},
		{"a request", result.ExchangesFile, `{\"upgrade_version\":`, `{\"upgrade_versiom\":`, false, []string{"exchanges.jsonl: case ", "expected POST "}},
		{"an exchange is gone", result.ExchangesFile, "\n{", "\n", false, []string{"exchanges.jsonl: "}},
		{"the plan's risk", result.PlanFile, `"risk": "destructive"`, `"risk": "inert"`, false, []string{"not those that the contract and the settings give"}},
		{"the plan's seed", result.PlanFile, `"seed": "`, `"seed": "1`, false, []string{"expected "}},
		{"the plan's contract", result.PlanFile, `"sha256": "`, `"sha256": "0`, false, []string{"plan: expected one for contract openapi.yaml"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			folder := copyOf(t, original)
			path := filepath.Join(folder, tt.file)
			text, err := os.ReadFile(path)
			if err != nil || !strings.Contains(string(text), tt.old) {
				t.Fatalf("%s does not hold %q: %v", tt.file, tt.old, err)
			}
			write(t, path, strings.Replace(string(text), tt.old, tt.new, 1))
			if !tt.sums {
				if err := os.Remove(filepath.Join(folder, result.SumsFile)); err != nil {
					t.Fatal(err)
				}
			}
			c := call(t, nil, "judge", folder)
			if c.status != exitNotJudged {
				t.Errorf("expected status 2, got %d", c.status)
			}
			oneSentence(t, c, append(tt.want, "judge")...)
		})
	}
}

func TestJudgeWithoutARun(t *testing.T) {
	empty, many := t.TempDir(), t.TempDir()
	write(t, filepath.Join(many, result.MatrixFile), "{}")
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"judge"}, "judge: expected DIR, got none; usage: gesconform judge DIR"},
		{[]string{"judge", filepath.Join(empty, "missing")}, "which does not exist"},
		{[]string{"judge", empty}, result.ResultsFile},
		{[]string{"judge", many}, "which has a folder for each of several targets"},
	} {
		if c := call(t, nil, tt.args...); c.status != exitNotJudged {
			t.Errorf("%q: expected status 2, got %d", tt.args, c.status)
		} else {
			oneSentence(t, c, tt.want)
		}
	}
}
