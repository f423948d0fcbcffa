package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/selftest/clients"
)

func TestFlagsOfServe(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args []string
		says string
	}{
		"command":     {[]string{"--serve", "--", "true"}, `serve: expected no command with it, for whoever asks for a scenario runs the client; got "true"`},
		"concurrency": {[]string{"--serve", "--concurrency", "2"}, "concurrency: cannot be combined with --serve"},
		"address":     {[]string{"--serve", "--addr", "192.0.2.1:0"}, `addr: expected HOST:PORT with a loopback address, such as 127.0.0.1:0, for each scenario is served there, on a port of its own; got "192.0.2.1:0"`},
		"port":        {[]string{"--serve", "--addr", "127.0.0.1:http!"}, "try another --addr HOST:PORT"},
		"no port":     {[]string{"--serve", "--addr", "localhost"}, "addr: expected HOST:PORT"},
		"alone":       {[]string{"--addr", "127.0.0.1:0", "--", "true"}, "addr: expected --serve with it, got none"},
		"neither":     {nil, "expected a command after --, such as `gesconform client -- ./upgrade.sh`, or --serve; got neither"},
		"no scenario": {[]string{"--serve", "--scenario", "none/such"}, `unknown scenario or group "none/such"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c := call(t, nil, append([]string{"client"}, tt.args...)...); c.status != exitNotJudged || !strings.Contains(c.stderr, tt.says) {
				t.Errorf("expected %q, got %d %s", tt.says, c.status, c.stderr)
			}
		})
	}
}

// served asks for something, and returns what is answered.
func served(t *testing.T, method, url, body string) map[string]any {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSpace(url), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var all map[string]any
	if err := json.NewDecoder(response.Body).Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// A session ends as a run does: with a report, files and an exit status.
func TestServe(t *testing.T) {
	t.Parallel()
	end := func(t *testing.T, url string, _ func()) { t.Helper(); served(t, http.MethodPost, url+"/end", "") }
	for _, tt := range []struct {
		name, posted string // posted of the plain success; nothing if ""
		end          func(t *testing.T, url string, interrupt func())
		status       int
		says         string
	}{
		{"conforms", `{"said": "success"}`, end, exitConforms, "conforms as far as exercised: "},
		{"deviates", `{"said": "success", "stdout": "TOKEN"}`, end, exitDeviates, "client:   run by a test of its own"},
		{"not judged", `{"said": "not-applicable", "stderr": "no idea"}`, end, exitNotJudged, "no idea"},
		{"not asked", "", end, exitNotJudged, "nobody asked for success/plain"},
		{"interrupted", `{"said": "success"}`, func(_ *testing.T, _ string, interrupt func()) { interrupt() }, exitInterrupted, "interrupted"},
		{"as JSON", `{"said": "success"}`, end, exitConforms, `"headline": "partial: conforms`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, interrupt := context.WithTimeout(t.Context(), time.Minute)
			defer interrupt()
			dir, announced := filepath.Join(t.TempDir(), "out"), newFirstLine()
			var out bytes.Buffer
			args, stdout, stderr := []string{"client", "--serve", "--scenario", "success", "--output", dir}, io.MultiWriter(&out, announced), io.Discard
			if tt.name == "as JSON" {
				args, stdout, stderr = append(args, "--format", "json"), &out, announced
			}
			ended := make(chan int, 1)
			go func() { ended <- execute(ctx, args, nil, stdout, stderr) }()
			var url string
			select {
			case url = <-announced.line:
			case status := <-ended:
				t.Fatalf("expected the URL first, got status %d: %s", status, &out)
			}
			if !strings.HasPrefix(url, "http://127.0.0.1:") {
				t.Fatalf("expected the URL first, got %q", url)
			}
			if tt.posted != "" {
				v := upgradeServed(t, url, tt.posted)
				if failed := v["failed"]; failed != (tt.status == exitDeviates || tt.status == exitNotJudged) {
					t.Errorf("expected failed as in the run, got %v", v)
				}
			}
			tt.end(t, url, interrupt)
			if status := within(t, ended, "the end of the command"); status != tt.status || !strings.Contains(out.String(), tt.says) {
				t.Errorf("expected %d and %q, got %d and %s", tt.status, tt.says, status, &out)
			}
			if tt.name == "as JSON" && !json.Valid(out.Bytes()) {
				t.Errorf("expected nothing but JSON, got %s", &out)
			}
			if files := filesIn(t, dir); !slices.Contains(files, "junit.xml") {
				t.Errorf("expected the files of a run, got %q", files)
			}
		})
	}
}

// upgradeServed has a client run in the plain success, and posts an outcome, in which TOKEN stands for
// the client's.
func upgradeServed(t *testing.T, url, posted string) (verdict map[string]any) {
	t.Helper()
	e := served(t, http.MethodPost, url+"/scenarios/success/plain/start", "")
	text := func(name string) string { s, _ := e[name].(string); return s }
	endpoint := client.Endpoint{URL: text("endpoint"), Token: text("token"), ProjectID: text("project_id"), GraphID: text("graph_id"), UpgradeVersion: text("upgrade_version")}
	if err := clients.Correct.Run(t.Context(), endpoint, io.Discard, io.Discard); err != nil {
		t.Error(err)
	}
	return served(t, http.MethodPost, text("outcome"), strings.ReplaceAll(posted, "TOKEN", endpoint.Token))
}

// A firstLine sends the first line that is written to it.
type firstLine struct {
	line chan string
	sent sync.Once
}

func newFirstLine() *firstLine { return &firstLine{line: make(chan string, 1)} }

func (f *firstLine) Write(p []byte) (int, error) {
	f.sent.Do(func() { line, _, _ := strings.Cut(string(p), "\n"); f.line <- line })
	return len(p), nil
}

// The guide's example, in which the scenarios fail that the guide says.
func TestTheExampleOfAServedClient(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skipf("needs python3, in which the example of the guide is written: %v", err)
	}
	const guide = "../../docs/clients.md"
	text := read(t, guide)
	_, text, _ = strings.Cut(text, "\n## From a test of your own\n")
	block := func(language string) string {
		_, after, found := strings.Cut(text, "```"+language+"\n")
		code, _, closed := strings.Cut(after, "```\n")
		if !found || !closed {
			t.Fatalf("%s: expected a block of %s", guide, language)
		}
		return code
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := process(ctx, t, nil)
	if err := os.Symlink(self, filepath.Join(command.Dir, "gesconform")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(command.Dir, "test_upgrade.py"), block("python"))
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	command.Path, command.Args = sh, []string{"sh", "-c", "PATH=$PWD:$PATH\n" + block("sh")}
	out, _ := command.CombinedOutput()
	if status := command.ProcessState.ExitCode(); status != exitDeviates {
		t.Errorf("expected %d, got %d: %s", exitDeviates, status, out)
	}
	var failed []string
	for _, found := range regexp.MustCompile(`(?m)^FAIL: .* \[(.*)\]$`).FindAllStringSubmatch(string(out), -1) {
		failed = append(failed, found[1])
	}
	if want := []string{"answer/job-id-empty", "redirect/301-elsewhere", "redirect/302-elsewhere", "redirect/303-elsewhere"}; !slices.Equal(failed, want) {
		t.Errorf("expected %q to fail, got %q: %s", want, failed, out)
	}
}
