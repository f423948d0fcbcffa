package main

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/result"
)

// A run that is killed leaves behind every exchange that had ended by then, each
// as a whole line, and no results that could pass for its own. The server holds
// so many requests back as there are workers: each of them has then written down
// what it did before.
func TestKilledRunsLeaveTheirExchanges(t *testing.T) {
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
			e := unstarted(t, every, nil)
			graph := e.fake.Fixtures().GraphID
			e.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tt.holds(came.Add(1), r, graph) {
					held <- struct{}{}
					<-over
					return
				}
				e.fake.ServeHTTP(w, r)
			})
			e.server.Start()
			t.Cleanup(func() { close(over) }) // before the server is closed, which waits for it
			dir := t.TempDir()
			for _, stale := range []string{result.ResultsFile, result.PageFile, result.JUnitFile, result.SummaryFile, result.SumsFile} {
				if err := os.WriteFile(filepath.Join(dir, stale), []byte("of an earlier run"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			args := append(e.args("--output", dir, "--concurrency", strconv.Itoa(tt.workers), "--request-timeout", "60s"), tt.args...)
			command := process(t.Context(), t, nil, args...)
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			for range tt.workers {
				<-held
			}
			for began := time.Now(); !holds(t, filepath.Join(dir, result.ResultsFile), `"failure"`); time.Sleep(time.Millisecond) {
				if time.Since(began) > time.Minute { // it is written beside the first requests
					t.Fatal("results.json does not say that the run has not ended")
				}
			}
			if err := command.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			if exit := (*exec.ExitError)(nil); !errors.As(command.Wait(), &exit) || exit.ExitCode() >= 0 {
				t.Errorf("expected that it was killed, got %v", exit)
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

// holds reports whether a file is there and holds a text.
func holds(t *testing.T, path, text string) bool {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Contains(string(data), text)
}

// saysItsVerdict makes sure that a run whose reports could not be kept says its
// verdict on the standard output all the same, and ends with 2.
func saysItsVerdict(t *testing.T, c called) {
	t.Helper()
	if c.status != exitNotJudged {
		t.Errorf("expected status 2, got %d", c.status)
	}
	if !strings.Contains(c.stdout, "conforms as far as exercised: ") && !strings.Contains(c.stdout, "\nconforms\n") {
		t.Errorf("the verdict is not on standard output: %.500q", c.stdout)
	}
	plain(t, c)
}

// A disk that is full says so, with the file that does not fit. The others are
// written.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	names := []string{result.JUnitFile, result.PageFile, result.SummaryFile, result.SumsFile, result.PlanFile, result.ResultsFile}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.Symlink("/dev/full", filepath.Join(dir, "."+name+".partial")); err != nil { // where it is written first
				t.Fatal(err)
			}
			c := spawn(t, nil, "run", "--output", dir, "--label-filter", "showGraph")
			saysItsVerdict(t, c)
			oneSentence(t, c, filepath.Join(dir, name)+": ", "no space left on device")
			for _, other := range []string{result.JUnitFile, result.PageFile, result.SummaryFile, result.ExchangesFile} {
				info, err := os.Stat(filepath.Join(dir, other))
				if other == name && err == nil || other != name && (err != nil || info.Size() == 0) {
					t.Errorf("%s: %v, %v", other, info, err)
				}
			}
		})
	}
}

// A verdict that could not be kept is a verdict all the same.
func TestFullDiskOfATargetThatDeviates(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	defect, err := fakeserver.LookupDefect("code-unknown-graph-name-taken")
	if err != nil {
		t.Fatal(err)
	}
	fake, dir := fakeserver.Start(t, fakeserver.WithDefect(defect)), t.TempDir()
	if err := os.Symlink("/dev/full", filepath.Join(dir, "."+result.PageFile+".partial")); err != nil {
		t.Fatal(err)
	}
	var env strings.Builder
	if err := fake.Fixtures().WriteEnv(&env, fake.URL); err != nil {
		t.Fatal(err)
	}
	c := spawn(t, readEnv(env.String()), "run", "--output", dir)
	if c.status != exitDeviates || !strings.Contains(c.stdout, "\ndeviates: ") {
		t.Errorf("expected status 1 and the verdict, got %d: %.500s", c.status, c.stdout)
	}
	oneSentence(t, c, filepath.Join(dir, result.PageFile)+": ", "no space left on device")
}

// The same in the middle of a run, on a file system of 100 kB that holds the
// first exchanges and no more.
func TestDiskThatFills(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const mounted = `mount -t tmpfs -o size=100k none "$0"`
	if out, err := exec.CommandContext(t.Context(), "unshare", "-rm", "sh", "-c", mounted, dir).CombinedOutput(); err != nil {
		t.Skipf("no file system of its own to fill: %v: %s", err, out)
	}
	c := spawnUnder(t, []string{"unshare", "-rm", "sh", "-c", mounted + ` && exec "$@"`, dir}, nil, "run", "--output", dir)
	saysItsVerdict(t, c)
	for _, want := range []string{"log exchange ", filepath.Join(dir, result.ExchangesFile) + ": no space left on device", filepath.Join(dir, result.ResultsFile) + ": "} {
		if !strings.Contains(c.stderr, want) {
			t.Errorf("expected %q in the standard error %.1000q", want, c.stderr)
		}
	}
}
