package selftest

import (
	"bufio"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// peak matches the peak resident memory in /proc/PID/status.
var peak = regexp.MustCompile(`(?m)^VmHWM:\s+(\d+) kB$`)

// TestHundredTargetsAtOnce judges 100 targets at once with the command, and checks that its
// memory stays below the README's limit.
func TestHundredTargetsAtOnce(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads the memory that is used from /proc, which this system does not have")
	}
	if os.Getenv(inprocess.TestAll) == "" {
		t.Skip("judges 100 targets, which takes a minute; runs with " + inprocess.TestAll + "=1, as `make test-all` sets it")
	}
	const n, most = 100, 220_000_000 / 1024 // KiB
	var file strings.Builder
	file.WriteString("targets:\n")
	env := os.Environ()
	for i := range n {
		fake := fakeserver.New(fakeserver.WithSeed(int64(i)), fakeserver.WithJournal(0))
		server := httptest.NewServer(fake)
		t.Cleanup(server.Close)
		f := fake.Fixtures()
		fmt.Fprintf(&file, "- {name: target-%03d, endpoint: %q, project-id: %s, graph-id: %s, token: $TOKEN_%d, readonly-token: $READONLY_%d, expired-token: $EXPIRED_%d,\n"+
			"   stopped-graph-id: %s, foreign-graph-id: %s, upgrade-version: %q, confirm-graph: %s, confirm-foreign-graph: true, keep-going: true}\n",
			i, server.URL, f.ProjectID, f.GraphID, i, i, i, f.StoppedGraphID, f.ForeignGraphID, strings.Join(f.Versions, ","), f.GraphName)
		env = append(env, fmt.Sprintf("TOKEN_%d=%s", i, f.Token), fmt.Sprintf("READONLY_%d=%s", i, f.ReadonlyToken), fmt.Sprintf("EXPIRED_%d=%s", i, f.ExpiredToken))
	}
	targets := filepath.Join(t.TempDir(), "targets.yaml")
	if err := os.WriteFile(targets, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), command(t), "run", "--targets", targets, "--parallel", strconv.Itoa(n), "--risk", "destructive",
		"--request-timeout", "60s", "--job-timeout", "60s", "--output", t.TempDir())
	run.Env = env
	stdout, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	highest, conforming := 0, 0
	for lines := bufio.NewScanner(stdout); lines.Scan(); { // one for each target as it ends
		if strings.HasPrefix(lines.Text(), "◐ partial") || strings.HasPrefix(lines.Text(), "✓ conforms") { // not all: none of its upgrades fails
			conforming++
		}
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", run.Process.Pid)) // gone when the run is
		if m := peak.FindSubmatch(status); m != nil {
			kib, _ := strconv.Atoi(string(m[1]))
			highest = max(highest, kib)
		}
	}
	if err := run.Wait(); err != nil || conforming != n {
		t.Errorf("expected %d targets that conform, got %d, %v", n, conforming, err)
	}
	t.Logf("%d targets at once: VmHWM %d KiB", n, highest)
	if highest == 0 || highest > most {
		t.Errorf("expected at most %d KiB of memory, got %d", most, highest)
	}
}
