// Package curltest shows tests what a shell makes of a curl line. It is imported
// by tests only.
package curltest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// standIn takes curl's place: it writes its arguments, a NUL after each, and
// what it reads if it is told to.
const standIn = `#!/bin/sh
for a; do printf '%s\0' "$a"; done
for a; do if [ "$a" = @- ]; then cat; fi; done
`

// Run has a shell run a line, with further variables, and returns curl's
// arguments and its standard input.
func Run(t *testing.T, line string, env ...string) (args []string, stdin string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "curl"), []byte(standIn), 0o700); err != nil { //nolint:gosec // it has to be run
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
	cmd.Env = append(os.Environ(), append(env, "PATH="+dir+":"+os.Getenv("PATH"))...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, line, out)
	}
	words := strings.Split(string(out), "\x00")
	if at := slices.Index(words, "@-"); at >= 0 { // what follows was read, NULs and all
		return words[:at+1], strings.Join(words[at+1:], "\x00")
	}
	return words[:len(words)-1], ""
}
