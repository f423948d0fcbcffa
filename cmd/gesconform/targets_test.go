package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
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

// None of the tests of several targets is parallel: such a run limits the memory of its process
// until it ends, and of two at once the later one to end would leave the other's limit behind.

// fakeTargets are entries of a targets file for fakes, and the variables with their tokens.
type fakeTargets struct {
	t       *testing.T
	entries []string
	environ []string
}

// add adds a target whose token is in the variable TOKEN_N, where N counts from 0.
func (f *fakeTargets) add(name, endpoint string, fixtures fakeserver.Fixtures, more ...string) {
	variable := fmt.Sprintf("TOKEN_%d", len(f.entries))
	f.environ = append(f.environ, variable+"="+fixtures.Token)
	keys := append([]string{
		"name: " + name, fmt.Sprintf("endpoint: %q", endpoint), "project-id: " + fixtures.ProjectID, "graph-id: " + fixtures.GraphID, "token: $" + variable,
		"request-timeout: 5s",
	}, more...)
	f.entries = append(f.entries, "- {"+strings.Join(keys, ", ")+"}")
}

// fake starts a fake and adds it as a target.
func (f *fakeTargets) fake(name string, options ...fakeserver.Option) *fakeserver.Server {
	f.t.Helper()
	fake := fakeserver.New(options...)
	server := httptest.NewServer(fake)
	f.t.Cleanup(server.Close)
	f.add(name, server.URL, fake.Fixtures())
	return fake
}

func (f *fakeTargets) file() string {
	f.t.Helper()
	path := filepath.Join(f.t.TempDir(), "targets.yaml")
	write(f.t, path, "targets:\n"+strings.Join(f.entries, "\n")+"\n")
	return path
}

func matrixOf(t *testing.T, dir string) *result.Targets {
	t.Helper()
	f, err := evidence.ReadTargets(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Each target gets what a run against it alone would write. If one cannot be judged, the
// others still are.
func TestTargets(t *testing.T) {
	f := &fakeTargets{t: t}
	f.fake("fine")
	f.fake("broken", withDefect(t, "unknown-graph-500"))
	away := fakeserver.New().Fixtures()
	f.add("away", "http://"+closedPort(t), away)
	f.add("unset", "http://"+closedPort(t), away)
	f.environ = f.environ[:3]
	dir := t.TempDir()
	c := call(t, f.environ, "run", "--targets", f.file(), "--output", dir)
	if c.status != exitDeviates {
		t.Fatalf("expected status 1, got %d: %s%s", c.status, c.stdout, c.stderr)
	}
	for _, want := range []string{
		"◐ partial       fine    partial: conforms as far as exercised", "✗ deviates      broken  deviates: ", "? error         away    could not judge: read the graph",
		"? error         unset   could not judge: token: the variable $TOKEN_3 is not set  " + filepath.Join(dir, "unset"),
		"\ndeviates: 1 of 4 targets; 2 could not be judged\n",
	} {
		if !strings.Contains(c.stdout, want) {
			t.Errorf("expected %q in\n%s", want, c.stdout)
		}
	}
	if got := filesIn(t, dir); !slices.Equal(got, []string{"away", "broken", "fine", "matrix.html", "matrix.json", "matrix.md", "unset"}) {
		t.Errorf("expected a folder for each target and the matrix, got %v", got)
	}
	alone := t.TempDir()
	_, variables, _ := strings.Cut(f.environ[0], "=")
	fine := matrixOf(t, dir).Targets[2].Target
	if c := call(t, nil, "run", "--endpoint", fine.Endpoint, "--project-id", fine.ProjectID, "--graph-id", fine.GraphID, "--token", variables, "--output", alone); c.status != exitConforms {
		t.Fatalf("status %d: %s", c.status, c.stderr)
	}
	if one, many := filesIn(t, alone), filesIn(t, filepath.Join(dir, "fine")); !slices.Equal(one, many) {
		t.Errorf("expected the files of a single run, %v, got %v", one, many)
	}
	statuses := map[string]int{}
	for _, target := range matrixOf(t, dir).Targets {
		statuses[target.Name] = target.ExitStatus
		if target.Folder != target.Name {
			t.Errorf("%s: expected its folder, got %q", target.Name, target.Folder)
		}
	}
	if fmt.Sprint(statuses) != "map[away:2 broken:1 fine:0 unset:2]" {
		t.Errorf("exit statuses: %v", statuses)
	}
	if c := call(t, nil, "judge", filepath.Join(dir, "broken")); c.status != exitDeviates {
		t.Errorf("expected a folder that can be judged again, got %d: %s", c.status, c.stderr)
	}
}

func TestTargetsStatuses(t *testing.T) {
	skipIfShort(t)
	f := &fakeTargets{t: t}
	f.fake("a")
	f.fake("b")
	if c := call(t, f.environ, "run", "--targets", f.file(), "--parallel", "1"); c.status != exitConforms || !strings.Contains(c.stdout, "\npartial: conforms as far as exercised: 2 targets\n") {
		t.Errorf("expected status 0, got %d: %s%s", c.status, c.stdout, c.stderr)
	}
	f.add("c", "http://"+closedPort(t), fakeserver.New().Fixtures())
	if c := call(t, f.environ, "run", "--targets", f.file()); c.status != exitNotJudged {
		t.Errorf("expected status 2, got %d", c.status)
	} else {
		oneSentence(t, c, "could not judge: 1 of 3 targets")
	}
	variables := append([]string{"GESCONFORM_TARGETS=" + f.file(), "GESCONFORM_PARALLEL=2", "GESCONFORM_SHARD=0/1"}, f.environ...)
	if c := call(t, variables, "run"); c.status != exitNotJudged || !strings.Contains(c.stdout, "3 targets (shard 0/1)") {
		t.Errorf("expected the variables to count, got %d: %s", c.status, c.stdout)
	}
}

// A mistake in the file or the flags is reported, in one sentence, before the first
// request.
func TestTargetsMisuse(t *testing.T) {
	var requests atomic.Int64
	endpoint := serverOf(t, func(http.ResponseWriter, *http.Request) { requests.Add(1) })
	f := &fakeTargets{t: t}
	f.add("a", endpoint, fakeserver.New().Fixtures())
	good := f.file()
	file := func(keys string) string {
		bad := &fakeTargets{t: t, entries: slices.Clone(f.entries)}
		bad.add("b", endpoint+"/b", fakeserver.New().Fixtures(), keys)
		return bad.file()
	}
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"no such file", []string{"--targets", "testdata/none.yaml"}, "load targets: open testdata/none.yaml"},
		{"endpoint beside", []string{"--targets", good, "--endpoint", endpoint}, "endpoint: describes one deployment"},
		{"token beside", []string{"--targets", good, "--token", "MARKED-t"}, "token: describes one deployment"},
		{"literal secret", []string{"--targets", file("secret-key: MARKED-s")}, ":3: secret-key: expected a variable"},
		{"filter of the file", []string{"--targets", file("label-filter: nothing-has-this")}, ":3: label-filter"},
		{"requirements of the file", []string{"--targets", file("require: testdata/none")}, ":3: require: "},
		{"risk of the file", []string{"--targets", file("risk: guarded")}, ":3: risk: expected at most inert"},
		{"no parallel", []string{"--targets", good, "--parallel", "0"}, "parallel: expected 1 to 1000, got 0"},
		{"parallel alone", []string{"--parallel", "2"}, "parallel: expected --targets FILE with it, got none"},
		{"bad shard", []string{"--targets", good, "--shard", "4/4"}, "shard: expected I/N with 0 <= I < N"},
		{"shard and requirements", []string{"--shard", "0/2", "--require", "all-must"}, "gesconform merge"},
		{"baseline beside", []string{"--targets", good, "--baseline", "results.json"}, "baseline: cannot be combined with --targets"},
		{"no such expectations", []string{"--targets", good, "--expect", "testdata/none.yaml"}, "expect: expected a YAML file with known deviations, got: testdata/none.yaml: no such file or directory"},
		{"plan beside", []string{"--targets", good, "--plan", "plan.json"}, "plan: cannot be combined with --targets"},
	} {
		c := call(t, []string{"TOKEN_0=t", "TOKEN_1=t"}, append([]string{"run"}, tt.args...)...)
		if c.status != exitNotJudged {
			t.Errorf("%s: expected status 2, got %d: %s", tt.name, c.status, c.stdout)
		}
		oneSentence(t, c, tt.want)
	}
	if n := requests.Load(); n > 0 {
		t.Errorf("expected no request, got %d", n)
	}
}

// An interrupted run reports what was done, and for the other targets that they were not
// reached.
func TestTargetsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	fake := fakeserver.New()
	dir := t.TempDir()
	var n atomic.Int64
	endpoint := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 100 {
			text, err := os.ReadFile(filepath.Join(dir, "second", "results.json")) // as a run that is killed would leave it
			if err != nil || !strings.Contains(string(text), "the run ended before it reached this target") {
				t.Errorf("expected results of the second target that say that there are none, got %v: %.300s", err, text)
			}
			if _, err := os.Stat(filepath.Join(dir, "matrix.html")); err == nil {
				t.Error("the matrix of an earlier run is still there")
			}
			cancel()
		}
		fake.ServeHTTP(w, r)
	})
	f := &fakeTargets{t: t}
	f.add("first", endpoint, fake.Fixtures())
	f.add("second", "http://"+closedPort(t), fake.Fixtures())
	var earlier result.Targets
	earlier.Conclude()
	if err := evidence.WriteTargets(dir, &earlier); err != nil {
		t.Fatal(err)
	}
	if c := callIn(ctx, t, f.environ, "run", "--targets", f.file(), "--parallel", "1", "--output", dir, "--force"); c.status != exitInterrupted {
		t.Errorf("expected status 130, got %d: %s", c.status, c.stderr)
	}
	m := matrixOf(t, dir)
	if !m.Interrupted || !strings.HasSuffix(m.Headline, "(interrupted)") || m.Targets[0].ExitStatus != exitInterrupted || !strings.Contains(m.Targets[1].Headline, "the run ended before it reached this target") {
		t.Errorf("expected what was done and what was not, got %+v", m)
	}
	reportsOf(t, filepath.Join(dir, "first"), n.Load())
}

// Each target is in one of the shards; merged, they give the result of a single run.
func TestShardsOfTargets(t *testing.T) {
	skipIfShort(t)
	f := &fakeTargets{t: t}
	f.fake("a")
	f.fake("b", withDefect(t, "unknown-graph-500"))
	f.fake("c")
	file, whole, dir := f.file(), t.TempDir(), t.TempDir()
	call(t, f.environ, "run", "--targets", file, "--label-filter", "path", "--output", whole)
	var folders []string
	empty := 0
	for i := range 4 {
		folder := filepath.Join(dir, fmt.Sprint(i))
		c := call(t, f.environ, "run", "--targets", file, "--label-filter", "path", "--shard", fmt.Sprintf("%d/4", i), "--output", folder)
		if strings.Contains(c.stdout, "nothing to do: there is no target (shard ") {
			empty++
			if c.status != exitConforms {
				t.Errorf("expected status 0 of a shard with nothing to do, got %d: %s", c.status, c.stderr)
			}
		}
		folders = append(folders, folder)
	}
	if empty != 1 {
		t.Errorf("expected one of four shards of three targets to have nothing to do, got %d", empty)
	}
	joined := t.TempDir()
	c := call(t, nil, append([]string{"merge", "--output", joined}, folders...)...)
	if c.status != exitDeviates || !strings.Contains(c.stdout, "\ndeviates: 1 of 3 targets\n") {
		t.Errorf("expected status 1, got %d: %s%s", c.status, c.stdout, c.stderr)
	}
	if got, want := filesIn(t, joined), filesIn(t, whole); !slices.Equal(got, want) {
		t.Errorf("expected the files of a single run, %v, got %v", want, got)
	}
	if got, want := verdictsIn(matrixOf(t, joined)), verdictsIn(matrixOf(t, whole)); !slices.Equal(got, want) {
		t.Errorf("expected the matrix of a single run\n%v\ngot\n%v", want, got)
	}
	if c := call(t, nil, "judge", filepath.Join(joined, "b")); c.status != exitDeviates {
		t.Errorf("expected evidence that can be judged again, got %d: %s", c.status, c.stderr)
	}
	c = call(t, nil, append([]string{"merge", "--output", t.TempDir()}, folders[1:]...)...)
	if !strings.Contains(c.stdout, "\ndeviates: 1 of 3 targets; missing shards: 0/4\n") || c.status != exitDeviates {
		t.Errorf("expected a shard to be reported as missing, got %d: %s%s", c.status, c.stdout, c.stderr)
	}
	deviating := slices.IndexFunc(folders, func(folder string) bool { _, err := os.Stat(filepath.Join(folder, "b")); return err == nil })
	c = call(t, nil, append([]string{"merge", "--output", t.TempDir()}, slices.Delete(folders, deviating, deviating+1)...)...)
	if c.status != exitNotJudged || !strings.Contains(c.stdout, fmt.Sprintf("\ncould not judge: missing shards: %d/4\n", deviating)) {
		t.Errorf("expected no verdict without a shard, got %d: %s%s", c.status, c.stdout, c.stderr)
	}
}

// verdictsIn returns the cells of a matrix.
func verdictsIn(f *result.Targets) []string {
	var all []string
	for _, r := range f.Requirements {
		for _, t := range f.Targets {
			all = append(all, r.ID+" "+t.Name+" "+string(r.Targets[t.Name].Verdict))
		}
	}
	return all
}

// No secret of any target may be in the output or in any file.
func TestTargetsCredentialsAreNowhere(t *testing.T) {
	skipIfShort(t)
	endpoint := serverOf(t, echoing)
	path := filepath.Join(t.TempDir(), "targets.yaml")
	text := fmt.Sprintf("targets:\n- {name: echoing, endpoint: %q, project-id: 0123456789abcdef0123456789abcdef, graph-id: 53205529-026b-455a-9e07-228fae4b12b9,\n"+
		"   token: $TOKEN, readonly-token: $READONLY, expired-token: $EXPIRED}\n"+
		"- {name: bad, endpoint: %q, project-id: p, graph-id: g, token: $TOKEN, request-timeout: $READONLY}\n", endpoint, endpoint)
	write(t, path, text)
	dir := t.TempDir()
	c := call(t, []string{"TOKEN=" + markedToken, "READONLY=" + markedReadonly, "EXPIRED=" + markedExpired}, "run", "--targets", path, "--output", dir)
	merged := t.TempDir()
	m := call(t, nil, "merge", "--output", merged, dir)
	if c.status != exitDeviates || m.status != exitDeviates {
		t.Fatalf("expected status 1, got %d and %d: %s%s", c.status, m.status, c.stderr, m.stderr)
	}
	for _, texts := range []map[string]string{leftBy(t, c, dir), leftBy(t, m, merged)} {
		if len(texts) < 2+2*(3+7+7) {
			t.Errorf("expected the files of two targets, got %d texts", len(texts))
		}
		noneShown(t, texts, marked...)
	}
}

// With --github, there is an error for each target that deviates, and the job's page shows
// the matrix.
func TestTargetsOnGitHub(t *testing.T) {
	skipIfShort(t)
	f := &fakeTargets{t: t}
	f.fake("fine")
	f.fake("broken", withDefect(t, "unknown-graph-500"))
	summary := filepath.Join(t.TempDir(), "step-summary")
	c := call(t, append(f.environ, "GITHUB_STEP_SUMMARY="+summary), "run", "--targets", f.file(), "--github")
	if c.status != exitDeviates || !strings.Contains(c.stdout, "\n::error title=broken::deviates: ") || !strings.Contains(c.stdout, "\n::notice title=gesconform::deviates: 1 of 2 targets\n") {
		t.Errorf("expected the commands, got %d: %s", c.status, c.stdout)
	}
	text, err := os.ReadFile(summary)
	if err != nil || !strings.Contains(string(text), "| requirement | level | `broken` | `fine` |") {
		t.Errorf("expected the matrix, got %v: %s", err, text)
	}
}

// --dry-run prints what would be sent to each target, and sends nothing.
func TestTargetsDryRun(t *testing.T) {
	var requests atomic.Int64
	endpoint := serverOf(t, func(http.ResponseWriter, *http.Request) { requests.Add(1) })
	f := &fakeTargets{t: t}
	fixtures := fakeserver.New().Fixtures()
	f.add("a", endpoint, fixtures)
	f.add("b", endpoint+"/b", fixtures)
	c := call(t, f.environ, "run", "--targets", f.file(), "--dry-run")
	if c.status != exitConforms || strings.Count(c.stdout, "\nplan: ") != 2 || !strings.HasPrefix(c.stdout, "a\nplan: ") || requests.Load() > 0 {
		t.Errorf("expected two plans and no request, got %d, %d: %.300s", c.status, requests.Load(), c.stdout)
	}
}
