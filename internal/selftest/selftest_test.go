// Package selftest holds the suite to what it promises, with the fake server as
// the deployment, and the documents to what the program does.
package selftest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
)

// binaries is the folder of the command, once it has been built.
var binaries string

func TestMain(m *testing.M) {
	var err error
	if binaries, err = os.MkdirTemp("", "gesconform-selftest-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	_ = os.RemoveAll(binaries) // it is the system's, which clears it away at the latest
	os.Exit(status)
}

// command builds the command, once for all tests, and returns its path.
func command(tb testing.TB) string {
	tb.Helper()
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

// repository is the path of a file of the repository.
func repository(elements ...string) string {
	return filepath.Join(append([]string{"..", ".."}, elements...)...)
}

// shipped is the contract that is built in.
func shipped(tb testing.TB) *contract.Contract {
	tb.Helper()
	c, err := contract.Default()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// derived are the cases of that contract.
func derived(tb testing.TB) []*cases.Case {
	tb.Helper()
	all, err := cases.Of(shipped(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return all
}
