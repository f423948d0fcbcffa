package selftest

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// mostMemory is what a process takes at most, in MiB: the 128 from which on garbage is collected
// more often, and what comes and goes while several long answers are under way.
const mostMemory = 256

// The command judges each hostile service within a bound of memory and of bytes in its folder.
func TestHostileServicesWithinBounds(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads the memory that a process has used, in the unit of this system")
	}
	if os.Getenv(inprocess.TestAll) == "" {
		t.Skip("judges 24 services with all cases, which takes minutes; runs with " + inprocess.TestAll + "=1, as `make test-all` sets it")
	}
	for _, how := range hostiles(hostileBody) {
		t.Run(how.name, func(t *testing.T) {
			fake := fakeserver.New(fakeserver.WithJournal(0))
			server := httptest.NewServer(hostileServer(fake, how))
			defer server.Close()
			f, dir := fake.Fixtures(), filepath.Join(t.TempDir(), "run")
			c := exec.CommandContext(t.Context(), command(t), "run", "--endpoint", server.URL, "--project-id", f.ProjectID, "--graph-id", f.GraphID,
				"--stopped-graph-id", f.StoppedGraphID, "--foreign-graph-id", f.ForeignGraphID, "--upgrade-version", strings.Join(f.Versions, ","), "--confirm-graph", f.GraphName,
				"--confirm-foreign-graph", "--keep-going", "--risk", "destructive", "--request-timeout", "30s", "--job-timeout", "30s", "--recovery-timeout", "1s", "--output", dir)
			c.Env = append(os.Environ(), "GESCONFORM_TOKEN="+f.Token, "GESCONFORM_READONLY_TOKEN="+f.ReadonlyToken, "GESCONFORM_EXPIRED_TOKEN="+f.ExpiredToken)
			out, err := c.CombinedOutput()
			var line strings.Builder
			usage := c.ProcessState.SysUsage().(*syscall.Rusage)
			fmt.Fprintf(&line, "RSS %4d MiB, CPU %3.0fs, exit %d;", usage.Maxrss>>10, c.ProcessState.UserTime().Seconds()+c.ProcessState.SystemTime().Seconds(), c.ProcessState.ExitCode())
			total := int64(0)
			files, _ := os.ReadDir(dir)
			for _, file := range files {
				info, err := file.Info()
				if err != nil {
					t.Fatal(err)
				}
				total += info.Size()
				fmt.Fprintf(&line, " %s %.1f", file.Name(), float64(info.Size())/(1<<20))
			}
			t.Logf("%-34s %6.1f MiB %s", how.name, float64(total)/(1<<20), line.String())
			if c.ProcessState.ExitCode() > 2 || total == 0 {
				t.Fatalf("expected a report, got %v\n%.2000s", err, out)
			}
			if usage.Maxrss>>10 > mostMemory {
				t.Errorf("expected at most %d MiB of memory, got %d", mostMemory, usage.Maxrss>>10)
			}
			checkKept(t, dir)
		})
	}
}
