package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
)

// A run that is interrupted says so, with what it has done until then. The
// server itself interrupts, at a request of the pool and at one of those that
// go one at a time.
func TestInterruptedRunsLeaveTheirReport(t *testing.T) {
	for name, when := range map[string]func(n int64, r *http.Request) bool{
		"by the first request":  func(n int64, _ *http.Request) bool { return n == 1 },
		"in the pool":           func(n int64, _ *http.Request) bool { return n == 100 },
		"at the first job read": func(_ int64, r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/status") },
		"at an own version": func(_ int64, r *http.Request) bool {
			return r.Method == http.MethodPost && r.ContentLength == int64(len(`{"upgrade_version":"2.2.8"}`)) && r.Header.Get("Content-Type") == "application/json"
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			fake := fakeserver.New()
			var n, answered atomic.Int64
			endpoint := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
				if when(n.Add(1), r) {
					cancel()
				}
				fake.ServeHTTP(w, r)
				answered.Add(1)
			})
			dir := t.TempDir()
			var env bytes.Buffer
			if err := fake.Fixtures().WriteEnv(&env, endpoint); err != nil {
				t.Fatal(err)
			}
			var stdout, stderr bytes.Buffer
			status := execute(ctx, []string{"run", "--risk", "destructive", "--output", dir}, readEnv(env.String()), &stdout, &stderr)
			if status != exitInterrupted {
				t.Errorf("expected status 130, got %d: %s", status, stderr.String())
			}
			if !strings.Contains(stdout.String(), "interrupted") {
				t.Errorf("the report does not say that it was interrupted: %.300s", stdout.String())
			}
			if strings.Contains(stdout.String(), "\nconforms\n") {
				t.Error("an interrupted run says that all conforms")
			}
			reportsOf(t, dir, n.Load())
		})
	}
}

// reportsOf makes sure that the files in the folder are whole, and that the log
// holds each request that came in.
func reportsOf(t *testing.T, dir string, came int64) {
	t.Helper()
	var results struct {
		Interrupted bool  `json:"interrupted"`
		Results     []any `json:"results"`
	}
	data, err := os.ReadFile(filepath.Join(dir, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &results); err != nil || !results.Interrupted {
		t.Errorf("results.json: interrupted %t, %v", results.Interrupted, err)
	}
	junit, err := os.ReadFile(filepath.Join(dir, "junit.xml"))
	if err != nil {
		t.Fatal(err)
	}
	var suites struct{}
	if err := xml.Unmarshal(junit, &suites); err != nil {
		t.Errorf("junit.xml: %v", err)
	}
	for name, last := range map[string]string{"report.html": "</html>", "summary.md": "- Suite: "} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(text), "interrupted") || !strings.Contains(string(text), last) {
			t.Errorf("%s: expected a whole file that says that the run was interrupted: %v: %.300s", name, err, text)
		}
	}
	log, err := os.Open(filepath.Join(dir, "exchanges.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	lines := int64(0)
	for scanner := bufio.NewScanner(log); scanner.Scan(); {
		var exchange struct {
			Sequence int `json:"sequence"`
		}
		if err := json.Unmarshal(scanner.Bytes(), &exchange); err == nil && exchange.Sequence > 0 {
			lines++
		} else if lines > 0 {
			t.Errorf("exchanges.jsonl: %v: %.200s", err, scanner.Text())
		}
	}
	if lines < came {
		t.Errorf("%d requests came in, and exchanges.jsonl holds %d exchanges", came, lines)
	}
}

// readEnv reads the lines of a dotenv file.
func readEnv(text string) []string {
	var environ []string
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		value = strings.TrimSuffix(strings.TrimPrefix(value, "'"), "'")
		environ = append(environ, name+"="+strings.ReplaceAll(value, `'\''`, "'"))
	}
	return environ
}
