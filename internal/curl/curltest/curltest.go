// Package curltest lets tests run a curl command in a shell with a fake curl.
package curltest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// standIn replaces curl: it prints its arguments, a NUL after each, and its standard input
// if it has the argument @-.
const standIn = `#!/bin/sh
for a; do printf '%s\0' "$a"; done
for a; do if [ "$a" = @- ]; then cat; fi; done
`

// Run runs a line in a shell, with additional variables, and returns curl's arguments and
// its standard input.
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
