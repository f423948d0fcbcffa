package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/result"
)

// silentClient is a client that sends nothing, in a few scenarios: what can be had of any shell.
var silentClient = []string{"client", "--scenario", "success/plain,refused/400-GES.0001", "--", "sh", "-c", "echo no network >&2; exit 3"}

// A client's run has the folder of a run: judge gives the same report of it, and sees when what it
// says was changed.
func TestTheFolderOfAClientsRun(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "report")
	first := call(t, nil, append([]string{"client", "--output", folder}, silentClient[1:]...)...)
	if first.status != exitNotJudged || !strings.Contains(first.stdout+first.stderr, "no network") {
		t.Fatalf("expected status %d and what the client printed, got %d: %s%s", exitNotJudged, first.status, first.stdout, first.stderr)
	}
	for _, name := range []string{result.ResultsFile, result.ExchangesFile, result.JUnitFile, result.PageFile, result.SummaryFile, result.HARFile, result.SumsFile} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Errorf("expected the file, got %v", err)
		}
	}
	again := filepath.Join(t.TempDir(), "again")
	judged := call(t, nil, "judge", "--output", again, folder)
	if judged.status != exitNotJudged || !strings.Contains(first.stdout, judged.stdout) || judged.stdout == "" {
		t.Errorf("expected the same report, got %d: %s\nand at first %s", judged.status, judged.stdout+judged.stderr, first.stdout)
	}
	for _, name := range []string{result.ResultsFile, result.JUnitFile, result.PageFile, result.SummaryFile} {
		was, err := os.ReadFile(filepath.Join(folder, name))
		if is, errIs := os.ReadFile(filepath.Join(again, name)); err != nil || errIs != nil || !bytes.Equal(was, is) {
			t.Errorf("%s: expected the same file from judge: %v %v", name, err, errIs)
		}
	}
	forged := copyOf(t, folder)
	text, err := os.ReadFile(filepath.Join(forged, result.ResultsFile))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(forged, result.ResultsFile), strings.Replace(string(text), `"verdict":"error"`, `"verdict":"conforms"`, 1))
	if err := os.Remove(filepath.Join(forged, result.SumsFile)); err != nil {
		t.Fatal(err)
	}
	if c := call(t, nil, "judge", forged); c.status != exitNotJudged || !strings.Contains(c.stderr, "which the exchanges give") {
		t.Errorf("expected that the verdict is forged, got %d: %s", c.status, c.stderr)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"merge", "--output", filepath.Join(t.TempDir(), "all"), folder}, "expected a run against a deployment, got one that judged a client, which merge does not join with others"},
		{[]string{"run", "--baseline", folder}, "expected a run against a deployment, got one that judged a client"},
	} {
		if c := call(t, nil, tt.args...); c.status != exitNotJudged || !strings.Contains(c.stderr, tt.want) {
			t.Errorf("%v: expected %q, got %d: %s", tt.args, tt.want, c.status, c.stderr)
		}
	}
	deployment := recorded(t, exitConforms, "--label-filter", "showJob", "--risk", "inert")
	if c := call(t, nil, append([]string{"client", "--baseline", deployment}, silentClient[1:]...)...); c.status != exitNotJudged || !strings.Contains(c.stderr, "expected a run that judged a client, got one against a deployment") {
		t.Errorf("expected that a deployment is no baseline, got %d: %s", c.status, c.stderr)
	}
}
