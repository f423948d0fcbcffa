package main

import (
	"bufio"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/safefile"
)

// A run that is killed leaves every exchange that had ended, each as a whole line, and no
// results of an earlier run. The server holds back as many requests as there are workers,
// so that each worker has written its earlier exchanges.
func TestKilledRunsLeaveTheirExchanges(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		workers int
		args    []string
		holds   func(n int64, r *http.Request, graph string) bool
	}{
		"in the pool": {4, nil, func(n int64, _ *http.Request, _ string) bool { return n > 60 }},
		"at an upgrade": {1, []string{"--risk", "destructive", "--upgrade-version", "2.2.9,2.2.10"}, func(_ int64, r *http.Request, graph string) bool {
			return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/graphs/"+graph+"/upgrade")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var came atomic.Int64
			held, over := make(chan struct{}), make(chan struct{})
			e := newFaulty(t, every, nil)
			graph := e.fake.Fixtures().GraphID
			e.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tt.holds(came.Add(1), r, graph) {
					select {
					case held <- struct{}{}:
					case <-over: // more came than is waited for
					}
					<-over
					return
				}
				e.fake.ServeHTTP(w, r)
			})
			e.server.Start()
			t.Cleanup(func() { close(over) }) // runs before the server is closed, which waits for the handlers
			dir := t.TempDir()
			sums := ""
			for _, stale := range []string{result.ResultsFile, result.PageFile, result.JUnitFile, result.SummaryFile} {
				write(t, filepath.Join(dir, stale), "of an earlier run")
				sums += strings.Repeat("0", 64) + "  " + stale + "\n"
			}
			write(t, filepath.Join(dir, result.SumsFile), sums)
			args := append(e.args("--output", dir, "--force", "--concurrency", strconv.Itoa(tt.workers), "--request-timeout", "60s"), tt.args...)
			command := process(t.Context(), t, nil, args...)
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- command.Wait() }()
			for range tt.workers {
				within(t, held, "a request that is held")
			}
			for !holds(t, filepath.Join(dir, result.ResultsFile), `"failure"`) { // written while the first requests are sent
				select {
				case err := <-ended:
					t.Fatalf("expected results.json to say that the run has not ended, the process did: %v", err)
				case <-time.After(time.Millisecond):
				}
			}
			if err := command.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			if exit := (*exec.ExitError)(nil); !errors.As(within(t, ended, "the end of the process"), &exit) || exit.ExitCode() >= 0 {
				t.Errorf("expected the process to be killed, got %v", exit)
			}
			if kept, want := len(exchangesOf(t, dir)), int(came.Load())-tt.workers; kept != want || kept < 20 {
				t.Errorf("expected the %d exchanges that had ended, got %d", want, kept)
			}
			for _, name := range []string{result.PageFile, result.JUnitFile, result.SummaryFile, result.SumsFile} {
				if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("%s of an earlier run is still there: %v", name, err)
				}
			}
			t.Run("judge tells what was found", func(t *testing.T) {
				c := call(t, nil, "judge", dir, "--output", t.TempDir())
				if c.status != exitNotJudged || !strings.Contains(c.stdout, "conforms        MUST") {
					t.Errorf("expected status 2 and the cases that conform, got %d: %.1000s %s", c.status, c.stdout, c.stderr)
				}
				oneSentence(t, c)
			})
		})
	}
}

// holds reports whether a file exists and contains a text.
func holds(t *testing.T, path, text string) bool {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Contains(string(data), text)
}

// saysItsVerdict makes sure that a run whose reports could not be written prints its
// verdict nevertheless, and ends with status 2.
func saysItsVerdict(t *testing.T, c outcome) {
	t.Helper()
	if c.status != exitNotJudged {
		t.Errorf("expected status 2, got %d", c.status)
	}
	if !strings.Contains(c.stdout, "conforms as far as exercised: ") && !strings.Contains(c.stdout, "\nconforms\n") {
		t.Errorf("expected the verdict on standard output, got %.500q", c.stdout)
	}
	plain(t, c)
}

// If a file cannot be written when the run has ended, the error names it. The other files are
// written.
func TestReportThatCannotBeWritten(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	for _, name := range []string{result.JUnitFile, result.PageFile, result.SummaryFile, result.SumsFile} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c := call(t, inTheWay(t, dir, name), "run", "--output", dir, "--label-filter", "showGraph")
			saysItsVerdict(t, c)
			oneSentence(t, c, filepath.Join(dir, name)+": ", "expected a file or nothing, got a folder")
			for _, other := range []string{result.JUnitFile, result.PageFile, result.SummaryFile, result.ExchangesFile} {
				info, err := os.Stat(filepath.Join(dir, other))
				if other == name && err == nil || other != name && (err != nil || info.Size() == 0) {
					t.Errorf("%s: %v, %v", other, info, err)
				}
			}
		})
	}
}

// inTheWay serves a fake that puts a folder in the way of an output file during the run.
func inTheWay(t *testing.T, dir, name string, options ...fakeserver.Option) (environ []string) {
	fake := fakeserver.New(options...)
	var once sync.Once
	endpoint := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() {
			if err := os.Mkdir(safefile.Partial(filepath.Join(dir, name)), 0o700); err != nil { // where it is written first
				t.Error(err)
			}
		})
		fake.ServeHTTP(w, r)
	})
	return environOf(t, fake.Fixtures(), endpoint)
}

// A deviation counts even if its report could not be written.
func TestReportOfADeviationThatCannotBeWritten(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	dir := t.TempDir()
	c := call(t, inTheWay(t, dir, result.PageFile, withDefect(t, "code-unknown-graph-name-taken")), "run", "--output", dir)
	if c.status != exitDeviates || !strings.Contains(c.stdout, "\ndeviates: ") {
		t.Errorf("expected status 1 and the verdict, got %d: %.500s", c.status, c.stdout)
	}
	oneSentence(t, c, filepath.Join(dir, result.PageFile)+": ", "got a folder")
}

// The disk gets full in the middle of a run: the file system has 100 kB, enough for the
// first exchanges only.
func TestDiskThatFills(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	dir := t.TempDir()
	const mounted = `mount -t tmpfs -o size=100k none "$0"`
	if out, err := exec.CommandContext(t.Context(), "unshare", "-rm", "sh", "-c", mounted, dir).CombinedOutput(); err != nil {
		t.Skipf("needs a small file system, which this user may not mount: %v: %s", err, out)
	}
	c := spawnUnder(t, []string{"unshare", "-rm", "sh", "-c", mounted + ` && exec "$@"`, dir}, "run", "--output", dir)
	saysItsVerdict(t, c)
	for _, want := range []string{"log exchange ", filepath.Join(dir, result.ExchangesFile) + ": no space left on device", filepath.Join(dir, result.ResultsFile) + ": "} {
		if !strings.Contains(c.stderr, want) {
			t.Errorf("expected %q on standard error, got %.1000q", want, c.stderr)
		}
	}
}

// An interrupted run reports what it has done until then, and that it was interrupted. The
// server interrupts it, at an inert request or at one of those that are sent one at a time.
func TestInterruptedRunsLeaveTheirReport(t *testing.T) {
	skipIfShort(t)
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
			c := callIn(ctx, t, environOf(t, fake.Fixtures(), endpoint), "run", "--risk", "destructive", "--output", dir)
			if c.status != exitInterrupted {
				t.Errorf("expected status 130, got %d: %s", c.status, c.stderr)
			}
			if !strings.Contains(c.stdout, "interrupted") {
				t.Errorf("expected the report to say that the run was interrupted, got %.300s", c.stdout)
			}
			if strings.Contains(c.stdout, "\nconforms\n") {
				t.Error("expected no verdict \"conforms\" of an interrupted run")
			}
			reportsOf(t, dir, n.Load())
		})
	}
}

// reportsOf makes sure that the files in a folder are complete, and that the log has each
// request that the server has received.
func reportsOf(t *testing.T, dir string, came int64) {
	t.Helper()
	var results struct {
		Interrupted bool  `json:"interrupted"`
		Results     []any `json:"results"`
	}
	if err := json.Unmarshal([]byte(read(t, filepath.Join(dir, "results.json"))), &results); err != nil || !results.Interrupted {
		t.Errorf("results.json: interrupted %t, %v", results.Interrupted, err)
	}
	if err := xml.Unmarshal([]byte(read(t, filepath.Join(dir, "junit.xml"))), new(struct{})); err != nil {
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
		t.Errorf("%d requests came in, but exchanges.jsonl has %d exchanges", came, lines)
	}
}

func TestOutputFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "mine")
	const unwritable = "/proc/gesconform" // where no folder can be created
	for name, tt := range map[string]struct{ folder, want string }{
		"a file in its place": {file, file}, "below a file": {filepath.Join(file, "more"), file}, "where nothing can be": {unwritable, unwritable},
	} {
		c := call(t, nil, "run", "--output", tt.folder)
		if c.status != exitNotJudged {
			t.Errorf("%s: expected status 2, got %d", name, c.status)
		}
		oneSentence(t, c, "output: expected a folder that can be written to, got ", tt.want, "; ")
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "mine" {
		t.Errorf("expected the existing file to be kept, got %q, %v", text, err)
	}
}
