// Package selftest tests the suite as a whole, with the fake server as the deployment, and
// checks that the documents agree with the program.
package selftest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// binaries is the folder of the command, when it has been built.
var binaries string

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // a fifth of the time goes into collecting a heap of few megabytes
	var err error
	if binaries, err = os.MkdirTemp("", "gesconform-selftest-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	_ = os.RemoveAll(binaries) // best effort: it is in the system's temporary folder
	os.Exit(status)
}

// command builds the command, once for all tests, and returns its path.
func command(tb testing.TB) string {
	tb.Helper()
	if testing.Short() {
		tb.Skip("builds the command; the whole test runs without -short")
	}
	path, err := buildCommand()
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

var buildCommand = sync.OnceValues(func() (string, error) { return goBuild(binaries, repository("cmd", "gesconform")) })

// goBuild builds the program in a folder of this module.
func goBuild(into, folder string) (binary string, err error) {
	binary = filepath.Join(into, filepath.Base(folder))
	out, err := exec.Command("go", "build", "-o", binary, folder).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", folder, err, out)
	}
	return binary, nil
}

// repository returns the path of a file in the repository.
func repository(elements ...string) string {
	return filepath.Join(append([]string{"..", ".."}, elements...)...)
}

// shipped returns the built-in contract.
func shipped(tb testing.TB) *contract.Contract {
	tb.Helper()
	return inprocess.Load(tb).Contract
}

// derived returns the cases of the built-in contract.
func derived(tb testing.TB) []*cases.Case {
	tb.Helper()
	return inprocess.Load(tb).Cases
}
