//go:build unix

package contract_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

// A pipe that nobody writes to must not be waited for.
func TestPipes(t *testing.T) {
	folder := write(t, map[string]string{"root.yaml": "openapi: 3.0.3\ninfo: {title: t, version: v}\npaths: {/a: {$ref: pipe}}\n"})
	pipe := filepath.Join(folder, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := contract.Load(pipe); err == nil || !strings.Contains(err.Error(), "expected a file, got a named pipe") {
		t.Errorf("a pipe as the document: got %v", err)
	}
	c, err := contract.Load(filepath.Join(folder, "root.yaml"))
	if err != nil || len(c.Operations()) > 0 || !strings.Contains(strings.Join(c.Notes(), ""), "expected a file, got a folder, a pipe or a device") {
		t.Errorf("a pipe that is referred to: got %v, notes %q", err, c.Notes())
	}
}
