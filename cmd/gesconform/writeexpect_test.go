package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// The deviations of a run, once a person has completed them, excuse the next run.
func TestWriteExpect(t *testing.T) {
	environ, dir := brokenFake(t), t.TempDir()
	known := filepath.Join(dir, "new", "known.yaml")
	if c := call(t, environ, append(broken, "--write-expect", known, "--output", filepath.Join(dir, "run"))...); c.status != exitDeviates {
		t.Fatalf("expected status 1, as without the flag, got %d: %s", c.status, c.stderr)
	}
	oneSentence(t, call(t, environ, append(broken, "--expect", known)...), known+":8: reason: expected a value, got nothing; a known deviation needs a reason, a ticket and an expiry date")
	text := read(t, known)
	if !strings.Contains(text, "\n- requirement: upgrade.target-later\n  case: upgradeGraph/body/upgrade_version/not-later-older-") || !strings.Contains(text, "; got: 200 OK: the request was accepted\n") {
		t.Errorf("expected the deviation, got %s", text)
	}
	completed := strings.NewReplacer("reason:\n", "reason: \"known: so\"\n", "ticket:\n", "ticket: 17\n", "expires:\n", "expires: 2999-12-31\n").Replace(text)
	write(t, known, completed)
	if c := call(t, environ, append(broken, "--expect", known)...); c.status != exitConforms || !strings.Contains(c.stdout, "except for ") {
		t.Errorf("expected status 0, got %d: %.300s %s", c.status, c.stdout, c.stderr)
	}
	// What is known is kept, from a folder as well.
	again := filepath.Join(dir, "again.yaml")
	if c := call(t, environ, append(broken, "--expect", known, "--write-expect", again, "--output", filepath.Join(dir, "excused"))...); c.status != exitConforms {
		t.Fatalf("status %d: %s", c.status, c.stderr)
	}
	if got := read(t, again); strings.Count(got, "reason: \"known: so\"") != strings.Count(text, "- requirement:") || strings.Contains(got, "reason:\n") {
		t.Errorf("expected what is known, got %s", got)
	}
	from := filepath.Join(dir, "judged.yaml")
	if c := call(t, nil, "judge", "--write-expect", from, filepath.Join(dir, "run")); c.status != exitDeviates || read(t, from) != text {
		t.Errorf("judge: expected the same as from the run, got %d: %s", c.status, read(t, from))
	}
	// Nothing to excuse is a list, too.
	none := filepath.Join(dir, "none.yaml")
	if c := call(t, nil, "run", "-q", "--write-expect", none); c.status != exitConforms {
		t.Fatalf("status %d: %s", c.status, c.stderr)
	}
	if c := call(t, nil, "run", "-q", "--expect", none); c.status != exitConforms {
		t.Errorf("expected that an empty list can be read, got %d: %s", c.status, c.stderr)
	}
	// What was changed since could excuse anything.
	edit(t, filepath.Join(dir, "run", "results.json"), "deviates", "conforms")
	if c := call(t, nil, "judge", "--write-expect", filepath.Join(dir, "forged.yaml"), filepath.Join(dir, "run")); c.status != exitNotJudged || strings.Contains(strings.Join(filesIn(t, dir), " "), "forged") {
		t.Errorf("expected status 2 and no file, got %d, %q", c.status, filesIn(t, dir))
	}
	write(t, from, "mine")
	oneSentence(t, call(t, nil, "judge", "--write-expect", from, filepath.Join(dir, "run")), "which is not overwritten")
	if read(t, from) != "mine" {
		t.Error("a file was overwritten")
	}
}
