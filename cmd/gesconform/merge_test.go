package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/result"
)

func resultsIn(t *testing.T, dir string) result.Run {
	t.Helper()
	run, err := evidence.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// Merged shards give the result of a single run: the same verdicts, and each exchange once,
// with a unique number.
func TestMergeShardsOfCases(t *testing.T) {
	skipIfShort(t)
	for name, options := range map[string][]fakeserver.Option{"fine": nil, "broken": {withDefect(t, "unknown-graph-500")}} {
		filter := map[string]string{"fine": "", "broken": "path || lifecycle"}[name]
		whole, joined, dir := t.TempDir(), t.TempDir(), t.TempDir()
		want := call(t, servedFake(t, options...), "run", "--risk", "destructive", "--label-filter", filter, "--output", whole)
		environ, args, exchanges := servedFake(t, options...), []string{"merge", "--output", joined}, 0
		for i := range 3 {
			folder := filepath.Join(dir, fmt.Sprint(i))
			c := call(t, environ, "run", "--risk", "destructive", "--label-filter", filter, "--shard", fmt.Sprintf("%d/3", i), "--output", folder)
			if !strings.Contains(c.stdout, fmt.Sprintf("(shard %d/3)\n", i)) {
				t.Errorf("%s: expected the headline to name the shard: %.200s", name, c.stdout)
			}
			args = append(args, folder)
			exchanges += linesIn(t, filepath.Join(folder, result.ExchangesFile))
		}
		c := call(t, nil, args...)
		if c.status != want.status {
			t.Errorf("%s: expected status %d, got %d: %s%s", name, want.status, c.status, c.stdout, c.stderr)
		}
		if mark := map[string]string{"fine": "✓ conforms ", "broken": "✗ deviates "}[name]; !strings.HasPrefix(c.stdout, mark) || strings.Contains(c.stdout, "◐") {
			t.Errorf("%s: expected %q first, got %s", name, mark, c.stdout)
		}
		folder := filepath.Join(joined, "127.0.0.1")
		if found, err := filepath.Glob(folder + "*"); err == nil && len(found) == 1 {
			folder = found[0]
		}
		one, sum := resultsIn(t, whole), resultsIn(t, folder)
		if sum.Headline != one.Headline || sum.Shard != "" || sum.Target.Risk != "destructive" || len(sum.Graph.UnknownJobs) > 0 {
			t.Errorf("%s: expected the headline of the single run, %q, got %q, %+v", name, one.Headline, sum.Headline, sum.Graph)
		}
		for i, r := range one.Requirements {
			if got := sum.Requirements[i]; got.Verdict != r.Verdict || got.ID != r.ID {
				t.Errorf("%s: %s: expected %s, got %s", name, r.ID, r.Verdict, got.Verdict)
			}
		}
		if got := numbersIn(t, filepath.Join(folder, result.ExchangesFile)); len(got) != exchanges {
			t.Errorf("%s: expected %d exchanges with a number each, got %d", name, exchanges, len(got))
		}
		for _, k := range sum.Cases {
			for _, x := range k.Exchanges {
				if x.Request.Method == "" {
					t.Errorf("%s: %s rests on exchange %d, which is missing", name, k.Case, x.Sequence)
				}
			}
		}
	}
}

func linesIn(t *testing.T, path string) int {
	t.Helper()
	return strings.Count(read(t, path), "\n")
}

// numbersIn returns the numbers of the exchanges in a log, which must be unique.
func numbersIn(t *testing.T, path string) map[int]bool {
	t.Helper()
	numbers := map[int]bool{}
	for line := range strings.Lines(read(t, path)) {
		var x struct {
			Sequence int `json:"sequence"`
		}
		if err := json.Unmarshal([]byte(line), &x); err != nil || numbers[x.Sequence] {
			t.Errorf("exchange %d: %v, or a duplicate number", x.Sequence, err)
		}
		numbers[x.Sequence] = true
	}
	return numbers
}

// If a case was judged twice, the worse verdict counts, and a note says so.
func TestMergeTakesTheWorseVerdict(t *testing.T) {
	skipIfShort(t)
	fine, broken := fakeserver.New(), fakeserver.New(withDefect(t, "unknown-graph-500"))
	var serving atomic.Pointer[fakeserver.Server]
	serving.Store(fine)
	var env bytes.Buffer
	endpoint := serverOf(t, func(w http.ResponseWriter, r *http.Request) { serving.Load().ServeHTTP(w, r) })
	environ := environOf(t, fine.Fixtures(), endpoint)
	if err := fine.Fixtures().WriteEnv(&env, endpoint); err != nil {
		t.Fatal(err)
	}
	a, b, dir := t.TempDir(), t.TempDir(), t.TempDir()
	if c := call(t, environ, "run", "--output", a, "--label-filter", "path"); c.status != exitConforms {
		t.Fatalf("status %d: %s", c.status, c.stderr)
	}
	serving.Store(broken)
	if c := call(t, environ, "run", "--output", b, "--label-filter", "path"); c.status != exitDeviates {
		t.Fatalf("status %d: %s", c.status, c.stderr)
	}
	for i, order := range [][]string{{a, b}, {b, a}} {
		out := filepath.Join(dir, fmt.Sprint(i))
		if c := call(t, nil, append([]string{"merge", "--output", out}, order...)...); c.status != exitDeviates {
			t.Errorf("expected status 1, got %d: %s%s", c.status, c.stdout, c.stderr)
		}
		run := resultsIn(t, filepath.Join(out, matrixOf(t, out).Targets[0].Folder))
		if want := resultsIn(t, b).Headline; run.Headline != want {
			t.Errorf("expected %q, got %q", want, run.Headline)
		}
		if !slices.ContainsFunc(run.Notes, func(n string) bool {
			return strings.Contains(n, "cases were judged more than once, and the worse verdict counts")
		}) {
			t.Errorf("expected a note, got %q", run.Notes)
		}
	}
}

// A known deviation only counts as known if it is known to all the merged runs.
func TestMergeKnowsWhatAllKnow(t *testing.T) {
	skipIfShort(t)
	environ := servedFake(t, withDefect(t, "bearer-accepted"))
	expect := func(reason string) string {
		path := filepath.Join(t.TempDir(), "expect.yaml")
		text := fmt.Sprintf("- {requirement: auth.valid, reason: %s, ticket: T-1, expires: 2099-12-31}\n", reason)
		write(t, path, text)
		return path
	}
	run := func(want int, args ...string) string {
		dir := t.TempDir()
		if c := call(t, environ, append([]string{"run", "--output", dir, "--label-filter", "security"}, args...)...); c.status != want {
			t.Fatalf("expected status %d, got %d: %s%s", want, c.status, c.stdout, c.stderr)
		}
		return dir
	}
	known := expect("old")
	knows, same, other, nothing := run(exitConforms, "--expect", known), run(exitConforms, "--expect", known), run(exitConforms, "--expect", expect("new")), run(exitDeviates)
	for _, tt := range []struct {
		name    string
		folders []string
		status  int
	}{
		{"the same", []string{knows, same}, exitConforms},
		{"another", []string{knows, other}, exitDeviates},
		{"nothing", []string{knows, nothing}, exitDeviates},
	} {
		out := t.TempDir()
		if c := call(t, nil, append([]string{"merge", "--output", out}, tt.folders...)...); c.status != tt.status {
			t.Errorf("%s: expected status %d, got %d: %s%s", tt.name, tt.status, c.status, c.stdout, c.stderr)
		}
		notes := resultsIn(t, filepath.Join(out, matrixOf(t, out).Targets[0].Folder)).Notes
		said := slices.ContainsFunc(notes, func(n string) bool {
			return strings.Contains(n, "a deviation is only treated as known if all of the runs list it")
		})
		if said != (tt.status == exitDeviates) {
			t.Errorf("%s: expected a note if and only if a deviation is not known to all runs, got %q", tt.name, notes)
		}
	}
}

func TestMergeRefuses(t *testing.T) {
	skipIfShort(t)
	environ := servedFake(t)
	run := func(args ...string) string {
		dir := t.TempDir()
		if c := call(t, environ, append([]string{"run", "--output", dir, "--label-filter", "showGraph"}, args...)...); c.status != exitConforms {
			t.Fatalf("status %d: %s", c.status, c.stderr)
		}
		return dir
	}
	good, strict, documented, shard := run(), run("--strict"), run("--only-documented"), run("--shard", "0/2")
	contract := func() string {
		path := filepath.Join(t.TempDir(), "other.yaml")
		write(t, path, read(t, filepath.Join("..", "..", "openapi.yaml"))+"# another\n")
		return path
	}()
	changed := copyOf(t, good)
	edit(t, filepath.Join(changed, result.ResultsFile), `"verdict": "conforms"`, `"verdict": "deviates"`)
	older := copyOf(t, good)
	edit(t, filepath.Join(older, result.ResultsFile), `"schema_version": 2`, `"schema_version": 1`)
	empty := t.TempDir()
	again, other := run(), filepath.Join(t.TempDir(), filepath.Base(good))
	if c := call(t, servedFake(t, fakeserver.WithSeed(7)), "run", "--output", other, "--label-filter", "showGraph"); c.status != exitConforms {
		t.Fatalf("status %d: %s", c.status, c.stderr)
	}
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"no output", []string{good}, "output: expected a folder for the merged results"},
		{"nothing there", []string{"--output", t.TempDir(), empty}, "expected results.json, or folders that have one, got neither"},
		{"no such folder", []string{"--output", t.TempDir(), filepath.Join(empty, "none")}, "none"},
		{"another contract", []string{"--output", t.TempDir(), "--contract", contract, good}, "was judged by openapi.yaml"},
		{"another schema", []string{"--output", t.TempDir(), older}, "schema_version: expected 2, got 1"},
		{"strict and not", []string{"--output", t.TempDir(), good, strict}, "expected both runs to be strict or neither"},
		{"only documented and not", []string{"--output", t.TempDir(), good, documented}, "expected both runs with --only-documented or neither"},
		{"changed since", []string{"--output", t.TempDir(), changed}, "the file was changed after the run"},
		{"onto itself", []string{"--output", filepath.Dir(good), good}, "would be overwritten"},
		{"into one of them", []string{"--output", other, good, other}, "would be overwritten"},
		{"onto another's", []string{"--output", filepath.Dir(good), good, again, other}, "would be overwritten"},
		{"a shard is missing", []string{"--output", t.TempDir(), shard}, "could not judge: 1 of 1 target"},
		{"what is required", []string{"--output", t.TempDir(), "--require", "all-must", good}, "could not judge: 1 of 1 target"},
		{"unknown requirement", []string{"--output", t.TempDir(), "--require", filepath.Join(empty, "none"), good}, "require: "},
	} {
		c := call(t, nil, append([]string{"merge"}, tt.args...)...)
		if c.status != exitNotJudged {
			t.Errorf("%s: expected status 2, got %d: %s", tt.name, c.status, c.stdout)
		}
		oneSentence(t, c, tt.want)
	}
}

// A verdict in results.json that the exchanges do not give must be found.
func TestMergeJudgesByTheExchanges(t *testing.T) {
	skipIfShort(t)
	for _, parts := range [][]string{{""}, {"0/2", "1/2"}} {
		environ, dir := servedFake(t, withDefect(t, "unknown-graph-500")), t.TempDir()
		args := []string{"merge", "--output", filepath.Join(dir, "joined")}
		for i, shard := range parts {
			folder := filepath.Join(dir, fmt.Sprint(i))
			more := []string{"--output", folder, "--label-filter", "path"}
			if shard != "" {
				more = append(more, "--shard", shard)
			}
			call(t, environ, append([]string{"run"}, more...)...)
			args = append(args, folder)
			path := filepath.Join(folder, result.ResultsFile)
			write(t, path, strings.ReplaceAll(read(t, path), `"verdict": "deviates"`, `"verdict": "conforms"`))
			if err := os.Remove(filepath.Join(folder, result.SumsFile)); err != nil {
				t.Fatal(err)
			}
		}
		c := call(t, nil, args...)
		if c.status != exitNotJudged {
			t.Errorf("%d parts: expected status 2, got %d: %s", len(parts), c.status, c.stdout)
		}
		oneSentence(t, c, "results.json:", "which the exchanges give")
	}
}
