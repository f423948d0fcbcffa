package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
)

// sentBy returns the requests of a run, in order, without what differs between two runs.
func sentBy(run *result.Run) []string {
	var all []string
	for i := range run.Cases {
		for _, x := range run.Cases[i].Exchanges {
			all = append(all, fmt.Sprintf("%s %s %s %s %s", x.Case, x.Aim, x.Risk, x.Request.Method, x.Request.Path))
		}
	}
	slices.Sort(all)
	return slices.Compact(all) // how often a job is read depends on the clock
}

// With --only-documented, what only a decision of ours makes a MUST is an advisory, and a
// deviation with --strict. What is sent is the same, and a forbidden acceptance still ends
// the dangerous phases. Recorded runs are judged again, and compared, by the same rule.
func TestOnlyDocumented(t *testing.T) {
	skipIfShort(t)
	args := []string{"run", "--risk", "destructive", "--seed", "1", "--concurrency", "1"}
	for _, tt := range []struct {
		defect, requirement string
		filter              string
		documented          bool // a page says it, so that the option changes nothing
		ends                bool // it is a forbidden acceptance, which ends the dangerous phases
	}{
		{"leak-in-graph", "answer.no-credentials", "showGraph", false, false},
		{"job-runs-again", "upgrade.job-ends", "upgrade.job-ends", false, false}, // nothing else of it, which depends on the clock
		{"slash-in-path-accepted", "request.ids", "!lifecycle", false, true},
		{"older-version-accepted", "upgrade.target-later", "target-not-later", true, false},
	} {
		t.Run(tt.defect, func(t *testing.T) {
			dirs := map[string]string{}
			for _, run := range []struct {
				name   string
				args   []string
				status int
			}{
				{"default", nil, exitDeviates},
				{"documented", []string{"--only-documented"}, map[bool]int{true: exitDeviates, false: exitConforms}[tt.documented]},
				{"strict", []string{"--only-documented", "--strict"}, exitDeviates},
			} {
				dirs[run.name] = t.TempDir()
				file := filepath.Join(t.TempDir(), "fake.env")
				startFake(t, "--defect", tt.defect, "--env-file", file)
				all := slices.Concat(args, run.args, []string{"--label-filter", tt.filter, "--output", dirs[run.name], "--keep-going=false"})
				if c := call(t, environIn(t, file), all...); c.status != run.status {
					t.Fatalf("%s: expected status %d, got %d: %.1500s %s", run.name, run.status, c.status, c.stdout, c.stderr)
				}
			}
			byDefault, documented := readRun(t, dirs["default"]), readRun(t, dirs["documented"])
			if was, is := sentBy(byDefault), sentBy(documented); !slices.Equal(was, is) {
				t.Errorf("expected the same requests, got %q\nand %q", was, is)
			}
			for _, run := range []*result.Run{byDefault, documented} {
				if ended := strings.Contains(fmt.Sprint(run.NotExercised()), "was accepted; set --keep-going"); tt.ends && !ended {
					t.Errorf("expected an accepted request to end the dangerous phases, got %v", run.NotExercised())
				}
			}
			verdict, level := judge.Advisory, contract.Should
			if tt.documented {
				verdict, level = judge.Deviates, contract.Must
			}
			of := documented.RequirementOf(judge.Finding{Requirement: tt.requirement})
			if of.Verdict != verdict || of.Level != level {
				t.Errorf("expected %s %s, got %s %s", verdict, level, of.Verdict, of.Level)
			}
			if want := "counting as MUST only what is documented"; !strings.Contains(documented.Headline, want) || strings.Contains(byDefault.Headline, want) {
				t.Errorf("expected the headline of one run to say it, got %q and %q", documented.Headline, byDefault.Headline)
			}
			if c := call(t, nil, "judge", dirs["documented"]); c.status != map[bool]int{true: exitDeviates, false: exitConforms}[tt.documented] {
				t.Errorf("judge: status %d: %.500s %s", c.status, c.stdout, c.stderr)
			}
			for _, pair := range [][2]*result.Run{{byDefault, documented}, {documented, byDefault}} {
				for _, change := range result.Compare(*pair[0], *pair[1]).Changes {
					if change.Class == result.NewDeviation || change.Class == result.Mended {
						t.Errorf("two runs that differ in the option alone: got the change %s", change.String())
					}
				}
			}
		})
	}
}

func readRun(t *testing.T, dir string) *result.Run {
	t.Helper()
	run, err := evidence.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return &run
}

// --require all-must wants what counts as MUST.
func TestRequireOnlyDocumented(t *testing.T) {
	args := []string{"run", "--require", "all-must", "--label-filter", "!answer.no-credentials && !upgrade.version-order"}
	if c := call(t, nil, args...); c.status != exitNotJudged || !strings.Contains(c.stdout, "upgrade.version-order") {
		t.Errorf("expected status 2, because a MUST of ours is not exercised, got %d: %.300s", c.status, c.stdout)
	}
	if c := call(t, nil, append(args, "--only-documented")...); c.status != exitConforms {
		t.Errorf("expected status 0, got %d: %.600s", c.status, c.stdout)
	}
}

// Where a decision of ours adds to what a page says, and only that is broken, every view tells of
// a SHOULD.
func TestOnlyDocumentedInEveryView(t *testing.T) {
	skipIfShort(t)
	const requirement = "upgrade.target-later"
	file, dir := filepath.Join(t.TempDir(), "fake.env"), t.TempDir()
	startFake(t, "--defect", "equal-version-accepted", "--env-file", file)
	args := []string{"run", "--risk", "guarded", "--seed", "1", "--only-documented", "--label-filter", requirement, "--output", dir}
	c := call(t, environIn(t, file), args...)
	if c.status != exitConforms {
		t.Fatalf("expected status %d, got %d: %.1500s %s", exitConforms, c.status, c.stdout, c.stderr)
	}
	run := readRun(t, dir)
	if of := run.RequirementOf(judge.Finding{Requirement: requirement}); of.Level != contract.Should || of.Verdict != judge.Advisory || of.Ours {
		t.Errorf("results.json: expected a SHOULD that is an advisory, got %s %s, ours %t", of.Level, of.Verdict, of.Ours)
	}
	views := map[string]string{"terminal": c.stdout}
	for _, name := range []string{"report.html", "summary.md", "junit.xml"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		views[name] = string(text)
	}
	for name, text := range views {
		lines := 0
		for line := range strings.SplitSeq(text, "\n") {
			if !strings.Contains(line, requirement) {
				continue
			}
			lines++
			if strings.Contains(line, "MUST") {
				t.Errorf("%s: expected no MUST, got %.300s", name, line)
			}
		}
		if lines == 0 {
			t.Errorf("%s: expected %s, got nothing about it", name, requirement)
		}
	}
	_, rows, _ := strings.Cut(views["report.html"], `<section id="requirements"`)
	_, row, found := strings.Cut(rows, `<span class="id">`+requirement+`</span>`)
	if row, _, _ = strings.Cut(row, "</summary>"); !found || !strings.Contains(row, ">SHOULD<") {
		t.Errorf("report.html: expected %s to be a SHOULD, got %q", requirement, row)
	}
}
