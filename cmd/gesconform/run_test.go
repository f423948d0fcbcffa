package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/judge"
)

func TestRunJudgesTheFakeInThisProcess(t *testing.T) {
	c := call(t, nil, "run")
	if c.status != exitConforms || c.stderr != "" {
		t.Fatalf("expected status 0, got %d: %s", c.status, c.stderr)
	}
	plan, rest, _ := strings.Cut(c.stdout, "\n")
	if !strings.HasPrefix(plan, "plan: ") || !strings.HasPrefix(rest, "conforms\n") {
		t.Errorf("expected the plan and then the result, got %.300q", c.stdout)
	}
	plain(t, c)
}

// Flags and variables also apply to a run against the embedded fake.
func TestRunOfTheFakeHeedsRisk(t *testing.T) {
	skipIfShort(t)
	flag := call(t, nil, "run", "--risk", "inert")
	variable := call(t, []string{"GESCONFORM_RISK=inert"}, "run")
	both := call(t, []string{"GESCONFORM_RISK=destructive"}, "run", "--risk", "inert")
	for name, c := range map[string]outcome{"flag": flag, "variable": variable, "flag beats variable": both} {
		if c.status != exitConforms || !strings.Contains(c.stdout, " 0 guarded and 0 destructive requests") || !strings.Contains(c.stdout, "\npartial: conforms as far as exercised: ") {
			t.Errorf("%s: status %d: %.300s", name, c.status, c.stdout)
		}
	}
}

func TestEnvFileIsAllThatRunNeeds(t *testing.T) {
	skipIfShort(t)
	for _, tt := range []struct {
		name   string
		args   []string
		more   []string // of run
		status int
		want   string
	}{
		{"correct", nil, []string{"--require", "all-must"}, exitConforms, "\nconforms (counted apart: 2 cases cannot be brought about)\n"},
		{"defect", []string{"--defect", "older-version-accepted"}, []string{"--label-filter", "target-not-later"}, exitDeviates, "\ndeviates: "},
		{"slower", []string{"--upgrade-time", "40ms", "--seed", "7"}, []string{"--label-filter", "lifecycle"}, exitConforms, "\npartial: conforms as far as exercised: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "fake.env")
			address := startFake(t, append(tt.args, "--env-file", file)...)
			info, err := os.Stat(file)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Fatalf("the env file: mode %v, %v", info.Mode(), err)
			}
			environ := environIn(t, file)
			if !slices.Contains(environ, "GESCONFORM_ENDPOINT="+address) {
				t.Errorf("the first line is %q, the env file says %q", address, environ)
			}
			c := call(t, environ, append([]string{"run", "--risk", "destructive"}, tt.more...)...)
			if c.status != tt.status || !strings.Contains(c.stdout, tt.want) {
				t.Errorf("expected status %d, got %d: %.2000s %s", tt.status, c.status, c.stdout, c.stderr)
			}
			if c.stderr != "" {
				t.Errorf("expected no warnings, got %q", c.stderr)
			}
		})
	}
}

// With few upgrades to spend, what MUST be refused is decided all the same. What is undecided
// is what a further upgrade would show, or a failing one, and that does not make the run partial.
func TestFewUpgrades(t *testing.T) {
	skipIfShort(t)
	for _, upgrades := range []string{"--max-upgrades=1", "--max-upgrades=2", "--max-upgrades=3", "--upgrade-version=2.2.9", "--upgrade-version=2.2.9,2.2.10"} {
		dir := t.TempDir()
		c := call(t, nil, "run", "--risk=destructive", upgrades, "--output", dir) // whose clock goes by reads, so that an upgrade is under way for some
		run := resultsIn(t, dir)
		if c.status != exitConforms || run.Partial || !strings.HasPrefix(run.Headline, "conforms (counted apart: ") {
			t.Errorf("%s: status %d: %.300s %s", upgrades, c.status, c.stdout, c.stderr)
		}
		kinds := map[judge.Apart]int{}
		for _, k := range run.Cases {
			if k.Verdict == judge.Masked || k.Verdict == judge.NotApplicable {
				kinds[k.Apart]++
				if !strings.Contains(k.Reason, k.Apart.String()+": ") {
					t.Errorf("%s: %s: expected the reason to say %q, got %q", upgrades, k.Case, k.Apart, k.Reason)
				}
			}
		}
		if kinds[""] > 0 || kinds[judge.RuledOutByLimits] < 10 {
			t.Errorf("%s: expected all that is undecided to be counted apart, got %v", upgrades, kinds)
		}
	}
	dir := t.TempDir()
	call(t, nil, "run", "--risk", "guarded", "--output", dir)
	for _, k := range resultsIn(t, dir).Cases {
		if k.Apart == judge.RuledOutByLimits {
			t.Errorf("%s: a lower risk is the user's choice, but it is counted apart: %s", k.Case, k.Reason)
		}
	}
}

// How many upgrades were accepted stands at the head of every report, and in the first line if
// they were of graphs that do not exist. Judged again and merged, it is the same.
func TestAcceptedUpgradesAreCounted(t *testing.T) {
	skipIfShort(t)
	t.Parallel() // it mostly waits
	dir, merged := t.TempDir(), t.TempDir()
	c := call(t, servedDefect(t, "unknown-graph-accepted"), "run", "--output", dir, "--github")
	run := resultsIn(t, dir)
	n := run.Upgrades
	if c.status != exitDeviates || n.Invented < 20 || n.Accepted <= n.Invented {
		t.Fatalf("status %d, expected many upgrades of made-up graphs, and others, got %+v", c.status, n)
	}
	first := fmt.Sprintf("; %d requests were accepted for graphs that do not exist", n.Invented)
	if !strings.HasSuffix(run.Headline, first) {
		t.Errorf("expected the headline to end in %q, got %q", first, run.Headline)
	}
	all := fmt.Sprintf("%d accepted; %d requests for graphs that do not exist", n.Accepted, n.Invented)
	for name, want := range map[string]string{"report.html": all, "summary.md": all, "junit.xml": first} {
		if !holds(t, filepath.Join(dir, name), want) {
			t.Errorf("%s: expected %q", name, want)
		}
	}
	if !strings.Contains(c.stdout, "\nupgrades: "+all+"\n") || !strings.Contains(c.stdout, first+"\n::") && !strings.HasSuffix(c.stdout, first+"\n") {
		t.Errorf("expected both in the output, got %.1000s", c.stdout)
	}
	if again := call(t, nil, "judge", dir); again.status != exitDeviates || !strings.Contains(again.stdout, "\nupgrades: "+all+"\n") {
		t.Errorf("judged again: status %d: %.500s %s", again.status, again.stdout, again.stderr)
	}
	other := t.TempDir()
	call(t, nil, "run", "--max-upgrades", "3", "--output", other)
	if got := resultsIn(t, other).Upgrades; got.Accepted != 3 || got.Invented != 0 {
		t.Errorf("expected 3 accepted upgrades, got %+v", got)
	}
	if m := call(t, nil, "merge", "--output", merged, dir, other); m.status != exitDeviates || !strings.Contains(m.stdout, first) {
		t.Errorf("merged: status %d: %.500s %s", m.status, m.stdout, m.stderr)
	}
}

// A requirement that must be decided has all its cases decided but those that are counted
// apart, and at least one. If not, the status is 2, unless something deviates. The report is
// printed in any case.
func TestRequire(t *testing.T) {
	skipIfShort(t)
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		write(t, path, text)
		return path
	}
	inert := file("inert", "# what reads show\ngraph.known\n\n  auth.required:any # and this\n")
	effect := file("effect", "auth.required:any\nupgrade.effect\n")
	anyone := file("any", "upgrade.target-later:any\nauth.required\n")
	whole := file("whole", "upgrade.target-later\n")
	failure := file("failure", "upgrade.failure-rolled-back\n")
	sound := servedFake(t)
	lenient := servedDefect(t, "older-version-accepted")
	deviating := []string{"run", "--risk", "destructive", "--require", "all-must", "--label-filter", "body"}
	for _, tt := range []struct {
		name    string
		environ []string
		args    []string
		status  int
		want    string
	}{
		{"all", nil, []string{"run", "--require", "all-must"}, exitConforms, "\nconforms\n"},
		{"all, and not allowed to", nil, []string{"run", "--require", "all-must", "--risk", "inert"}, exitNotJudged, "\ncould not judge: "},
		{"what is exercised", nil, []string{"run", "--require", inert, "--risk", "inert"}, exitConforms, "\npartial: conforms as far as exercised"},
		{"one that is not", nil, []string{"run", "--require", effect, "--risk", "inert"}, exitNotJudged,
			"could not judge: --require: 1 of 2 requirements are not decided as required: upgrade.effect (0 of 1 case; upgradeGraph/lifecycle/version-shown: needs --risk destructive)\n"},
		{"one in part", lenient, []string{"run", "--require", whole, "--risk", "guarded"}, exitNotJudged,
			"could not judge: --require: 1 of 1 requirement is not decided as required: upgrade.target-later (3 of 21 cases; upgradeGraph/body/upgrade_version/not-later-equal-and-force_upgrade-true: needs --risk destructive"},
		{"one, any case of it", lenient, []string{"run", "--require", anyone, "--risk", "guarded"}, exitConforms, "\npartial: conforms as far as exercised"},
		{"one that was not selected", nil, []string{"run", "--require", whole, "--label-filter", "auth.required"}, exitNotJudged, "upgrade.target-later (0 of 21 cases; the others were not selected)\n"},
		{"all, any case of them", nil, []string{"run", "--require", "all-must:any", "--risk", "guarded"}, exitNotJudged, "\ncould not judge: --require: 22 of 61 "},
		{"all, and no upgrade fails", sound, []string{"run", "--require", "all-must", "--risk", "destructive"}, exitConforms, "\nconforms (counted apart: 2 cases cannot be brought about)\n"},
		{"a failing upgrade", sound, []string{"run", "--require", failure, "--risk", "destructive"}, exitNotJudged,
			"upgrade.failure-rolled-back (0 of 1 case; upgradeGraph/lifecycle/failure-rolled-back: cannot be brought about: no upgrade has failed)\n"},
		{"all, and too few upgrades", nil, []string{"run", "--require", "all-must", "--max-upgrades", "1"}, exitNotJudged, "no more upgrades may start: --max-upgrades is 1); "},
		{"a deviation first", servedDefect(t, "older-version-accepted"), deviating, exitDeviates, "\ndeviates: "},
	} {
		c := call(t, tt.environ, tt.args...)
		if c.status != tt.status || !strings.Contains(c.stdout, tt.want) || !strings.Contains(c.stdout, " auth.required ") {
			t.Errorf("%s: status %d: %.600s %s", tt.name, c.status, c.stdout, c.stderr)
		}
	}
	for _, tt := range []struct{ require, want string }{
		{filepath.Join(dir, "none"), "require: expected all-must or a file"},
		{dir, "require: "},
		{file("empty", "# nothing\n"), "expected the ids of requirements"},
		{file("client", "auth.required\nclient.sends:any\n"), `client:2: client.sends is about clients, and a run judges a server`},
		{file("unknown", "auth.required\nupgrade.efect\n"), `unknown:2: unknown requirement "upgrade.efect", did you mean "upgrade.effect"?`},
		{file("long", strings.Repeat("x", 100_000)), "require: read "},
	} {
		c := call(t, nil, "run", "--require", tt.require)
		if c.status != exitNotJudged || c.stdout != "" {
			t.Errorf("%s: status %d: %.200s", tt.require, c.status, c.stdout)
		}
		oneSentence(t, c, tt.want)
	}
}

// A dry run prints what would be sent, and sends nothing.
func TestDryRun(t *testing.T) {
	envFile := filepath.Join(t.TempDir(), "fake.env")
	address := startFake(t, "--env-file", envFile)
	environ := environIn(t, envFile)
	c := call(t, environ, "run", "--risk", "destructive", "--dry-run")
	if c.status != exitConforms || !strings.HasPrefix(c.stdout, "plan: 447 cases against "+address) || !strings.Contains(c.stdout, `-H "X-Auth-Token: $GESCONFORM_TOKEN"`) {
		t.Errorf("status %d: %.500s %s", c.status, c.stdout, c.stderr)
	}
	if _, metrics := get(t, address+"/_fake/metrics"); strings.Contains(metrics, "gesconform_fake_requests_total{") {
		t.Errorf("something was sent: %s", metrics)
	}
	regional := call(t, nil, "run", "--dry-run", "--region", "cn-north-4", "--project-id", "p", "--graph-id", "g", "--token", "t")
	if regional.status != exitConforms || !strings.HasPrefix(regional.stdout, "plan: 447 cases against https://ges.cn-north-4.myhuaweicloud.com, ") {
		t.Errorf("of a region: status %d: %.300s %s", regional.status, regional.stdout, regional.stderr)
	}
	if c := call(t, nil, "run", "--dry-run"); c.status != exitConforms || !strings.HasPrefix(c.stdout, "plan: 447 cases against the fake server in this process") {
		t.Errorf("of the fake in this process: status %d: %.300s %s", c.status, c.stdout, c.stderr)
	}
}
