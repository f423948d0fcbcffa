package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/result"
)

// A folder that is wrong ends with a sentence and status 2, for judge and for merge.
func TestWrongFoldersEndWithASentence(t *testing.T) {
	skipIfShort(t)
	original := t.TempDir()
	if c := call(t, servedFake(t, withDefect(t, "unknown-graph-500")), "run", "--risk", "inert", "--output", original, "--label-filter", "valid || unknown-graph"); c.status != exitDeviates {
		t.Fatalf("expected status 1, got %d: %s", c.status, c.stderr)
	}
	edited := func(name, old, replacement string) func(t *testing.T, folder string) {
		return func(t *testing.T, folder string) {
			edit(t, filepath.Join(folder, name), old, replacement)
		}
	}
	unsummed := func(also func(t *testing.T, folder string)) func(t *testing.T, folder string) {
		return func(t *testing.T, folder string) {
			also(t, folder)
			if err := os.Remove(filepath.Join(folder, result.SumsFile)); err != nil {
				t.Fatal(err)
			}
		}
	}
	pipe := func(name string) func(t *testing.T, folder string) {
		return func(t *testing.T, folder string) {
			path := filepath.Join(folder, name)
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Mkfifo(path, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	tests := []struct {
		name  string
		spoil func(t *testing.T, folder string)
		want  string
	}{
		{"neither an answer nor a failure", unsummed(edited(result.ExchangesFile, `"answer":`, `"ignored":`)), "exchanges.jsonl: read exchanges: line 1: expected an answer or a failure, got neither"},
		{"a verdict without sums", unsummed(edited(result.ResultsFile, `"verdict": "deviates"`, `"verdict": "conforms"`)), "which the exchanges give"},
		{"a digest that is taken out", func(t *testing.T, folder string) {
			lines := strings.Split(read(t, filepath.Join(folder, result.SumsFile)), "\n")
			lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasSuffix(l, result.PageFile) })
			write(t, filepath.Join(folder, result.SumsFile), strings.Join(lines, "\n"))
		}, "report.html: expected its digest in SHA256SUMS, got none"},
		{"sums of another folder", edited(result.SumsFile, "  report.html", "  ../report.html"), "SHA256SUMS:"},
		{"sums that are none", func(t *testing.T, folder string) { write(t, filepath.Join(folder, result.SumsFile), "none\n") }, "SHA256SUMS:1: expected a sha256, two spaces and the name of a file"},
		{"a shard that cannot be", unsummed(edited(result.ResultsFile, `"started":`, `"shard": "5/3", "started":`)), "5/3"},
	}
	for _, name := range []string{result.PlanFile, result.ResultsFile, result.ExchangesFile, result.SumsFile} {
		tests = append(tests, struct {
			name  string
			spoil func(t *testing.T, folder string)
			want  string
		}{name + " is a named pipe", pipe(name), name + ": expected a file, got a named pipe"})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			folder := copyOf(t, original)
			tt.spoil(t, folder)
			for _, args := range [][]string{{"judge", folder}, {"merge", "--output", t.TempDir(), folder}} {
				c := call(t, nil, args...)
				if c.status != exitNotJudged || !strings.Contains(c.stderr, tt.want) || strings.HasPrefix(c.stdout, "conforms") {
					t.Errorf("%s: expected status 2 and %q, got %d: %s%.500s", args[0], tt.want, c.status, c.stderr, c.stdout)
				}
			}
		})
	}
}

// A run that had not ended has no verdict, whatever its results say.
func TestMergeGivesARunThatWasKilledNoVerdict(t *testing.T) {
	skipIfShort(t)
	folder := recorded(t, exitConforms, "--label-filter", "valid", "--risk", "inert")
	var run map[string]any
	if err := json.Unmarshal([]byte(read(t, filepath.Join(folder, result.ResultsFile))), &run); err != nil {
		t.Fatal(err)
	}
	delete(run, "ended")
	text, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, result.ResultsFile), string(text))
	if err := os.Remove(filepath.Join(folder, result.SumsFile)); err != nil {
		t.Fatal(err)
	}
	if c := call(t, nil, "merge", "--output", t.TempDir(), folder); c.status != exitNotJudged || strings.Contains(c.stdout, "✓") {
		t.Errorf("expected status 2 and no verdict, got %d: %s%s", c.status, c.stdout, c.stderr)
	}
}

// Nothing is passed over in silence, and an endpoint cannot lead out of the output folder.
func TestMergeNamesFoldersItself(t *testing.T) {
	skipIfShort(t)
	one := recorded(t, exitConforms, "--label-filter", "valid", "--risk", "inert")
	parent := t.TempDir()
	if err := os.Symlink(one, filepath.Join(parent, "linked")); err != nil {
		t.Fatal(err)
	}
	if c := call(t, nil, "merge", "--output", t.TempDir(), parent); c.status != exitNotJudged || !strings.Contains(c.stderr, "linked: is a link, which merge does not follow") {
		t.Errorf("expected status 2 and a sentence about the link, got %d: %s", c.status, c.stderr)
	}
}

// The runs of a run against many targets are found in a folder of such folders.
func TestMergeFindsTheTargetsOfEachFolder(t *testing.T) {
	skipIfShort(t)
	parent, joined, fake := t.TempDir(), t.TempDir(), fakeserver.New()
	f := &fakeTargets{t: t}
	f.add("one", serverOf(t, fake.ServeHTTP), fake.Fixtures())
	f.add("away", "http://127.0.0.1:1", fake.Fixtures())
	filter := []string{"--label-filter", "showGraph", "--risk", "inert"}
	if c := call(t, f.environ, append([]string{"run", "--targets", f.file(), "--output", filepath.Join(parent, "many")}, filter...)...); c.status != exitNotJudged {
		t.Fatalf("expected status 2, got %d: %s", c.status, c.stderr)
	}
	if c := call(t, nil, append([]string{"run", "--output", filepath.Join(parent, "alone")}, filter...)...); c.status != exitConforms {
		t.Fatalf("expected status 0, got %d: %s", c.status, c.stderr)
	}
	c := call(t, nil, "merge", "--output", joined, parent)
	if m := matrixOf(t, joined); c.status != exitNotJudged || len(m.Targets) != 3 || m.Targets[0].Name != "alone" || m.Targets[1].Name != "away" || m.Targets[1].Verdict != "error" || m.Targets[2].Verdict != "conforms" {
		t.Errorf("expected three targets, one of which could not be judged, got %d, %+v: %s", c.status, m.Targets, c.stderr)
	}
	write(t, filepath.Join(parent, "alone", result.MatrixFile), "{")
	if c := call(t, nil, "merge", "--output", t.TempDir(), parent); c.status != exitNotJudged || !strings.Contains(c.stderr, "matrix.json") {
		t.Errorf("expected an error about matrix.json, got %d: %s", c.status, c.stderr)
	}
}

// A shard that had cases cannot be replaced by one that says that it had none.
func TestMergeKnowsWhichShardsAreEmpty(t *testing.T) {
	skipIfShort(t)
	dir := t.TempDir()
	one, none := filepath.Join(dir, "0"), filepath.Join(dir, "1")
	if c := call(t, nil, "run", "--output", one, "--label-filter", "path", "--shard", "0/2"); c.status != exitConforms {
		t.Fatalf("expected status 0, got %d: %s", c.status, c.stderr)
	}
	empty := result.Targets{Shard: "1/2"}
	empty.Conclude()
	if err := evidence.WriteTargets(none, &empty); err != nil {
		t.Fatal(err)
	}
	joined := t.TempDir()
	if c := call(t, nil, "merge", "--output", joined, one, none); c.status != exitNotJudged || !strings.Contains(matrixOf(t, joined).Targets[0].Headline, "missing shards: 1/2") {
		t.Errorf("expected status 2 and the missing shard, got %d: %s%s", c.status, c.stdout, c.stderr)
	}
}

// judge says that nothing vouches for the reports, and decides by the exchanges.
func TestJudgeSaysThatSumsAreMissing(t *testing.T) {
	skipIfShort(t)
	folder := recorded(t, exitConforms, "--label-filter", "valid", "--risk", "inert")
	if err := os.Remove(filepath.Join(folder, result.SumsFile)); err != nil {
		t.Fatal(err)
	}
	if c := call(t, nil, "judge", folder); c.status != exitConforms || !strings.Contains(c.stdout, "has no SHA256SUMS") {
		t.Errorf("expected status 0 and a note, got %d: %s%s", c.status, c.stdout, c.stderr)
	}
}
