package selftest

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// deviating lists the cases that find the given requirement broken, and the other
// requirements that are found broken. A broken SHOULD counts, as with --strict, if the given
// requirement is one.
func deviating(results []judge.Result, requirement *contract.Requirement) (found, others []string) {
	for _, r := range results {
		for _, f := range r.Deviations(requirement != nil && requirement.Level == contract.Should) {
			switch {
			case requirement == nil || f.Requirement != requirement.ID:
				others = append(others, f.Requirement)
			case !slices.Contains(found, r.Case):
				found = append(found, r.Case)
			}
		}
	}
	slices.Sort(others)
	return found, slices.Compact(others)
}

// alsoBroken has the defects that break more requirements than the one that they name, with
// the reason.
var alsoBroken = map[string]struct {
	requirements []string
	reason       string
}{
	"accepted-500":                    {[]string{"request.answered"}, "a 5xx is neither the 200 of an acceptance nor an answer"},
	"accepted-503":                    {[]string{"request.answered"}, "a 5xx is neither the 200 of an acceptance nor an answer"},
	"auth-after-graph":                {[]string{"auth.unexpired", "auth.valid"}, "all bad credentials are judged too late, and each kind has its sentence"},
	"error-200":                       {[]string{"answer.schema", "auth.permitted", "auth.required", "request.ids", "request.project", "request.project-id"}, "the reads have schemas of their own, and what a gateway may answer has none: there a 200 is an acceptance"},
	"error-302":                       {[]string{refusals}, "no redirect is a refusal, so each rule by which a request is refused is broken"},
	"refusal-moves-version-later":     {[]string{"upgrade.effect", "upgrade.target-later"}, "the version that it brings decides what is later, and replaces that of an upgrade"},
	"refused-older-version-installed": {[]string{"upgrade.effect"}, "a refused second upgrade brings the graph back, which looks like an upgrade without effect"},
	"slash-in-path-accepted":          {[]string{"request.ids"}, "an id with a slash is taken because every malformed id is"},
	"versions-as-strings":             {[]string{"upgrade.target-later"}, "as a text, 2.2.9.0 is later than 2.2.9"},
	"versions-by-weighted-sum":        {[]string{"upgrade.version-order"}, wideParts},
	"versions-packed-in-32-bits":      {[]string{"upgrade.version-order"}, wideParts},
	"unknown-graph-410":               {[]string{"job.graph-known"}, "both reads answer so, and each has its sentence"},
}

const wideParts = "once a version with a part of nine digits was accepted, the versions on offer are not later"

// refusals stands for all requirements by which a request is refused.
const refusals = "refusals"

// explained reports whether a defect breaks another requirement, too.
func explained(t *testing.T, d fakeserver.Defect, requirement string) bool {
	t.Helper()
	also := alsoBroken[d.Name].requirements
	r := shipped(t).Requirement(requirement)
	return slices.Contains(also, requirement) || slices.Contains(also, refusals) && r != nil && len(r.Refuses) > 0
}

func describeFindings(results []judge.Result) string {
	var b strings.Builder
	for _, r := range results {
		for _, f := range r.Deviations(false) {
			fmt.Fprintf(&b, "\n  %s: %s: got %s, lawful %q", r.Case, f.Requirement, f.Got, f.Lawful)
		}
	}
	return b.String()
}

// TestCorrectFake checks that the suite finds no deviation of a correct server.
func TestCorrectFake(t *testing.T) {
	t.Parallel()
	for mode, results := range judgeFake(t, inprocess.Suite.JudgeEach) {
		for _, r := range results {
			if r.Verdict == judge.Error || r.Verdict == judge.Advisory {
				t.Errorf("%s: %s: %s: %s", modes[mode].name, r.Case, r.Verdict, r.Reason)
			}
		}
		if text := describeFindings(results); text != "" {
			t.Errorf("%s: the correct fake deviates:%s", modes[mode].name, text)
		}
	}
}

// row is a defect's row of the kill matrix.
type row struct {
	defect fakeserver.Defect
	killed [4]bool
	found  []string // the cases that found it in the last mode
	others []string // the other requirements that were charged with it in any mode
}

// TestKillMatrix judges the fake with every defect in every mode. Each defect must be found in
// the last mode, and charged to the requirement that it breaks and no other; docs/kill-matrix.md
// says what the other modes find. Unless GESCONFORM_TEST_ALL is set, or one is named, each sixth defect
// is judged, and compared with its row.
func TestKillMatrix(t *testing.T) {
	t.Parallel()
	defects := fakeserver.Defects()
	rows := make([]row, len(defects))
	whole := os.Getenv(inprocess.TestAll) != "" || os.Getenv("GESCONFORM_UPDATE") != ""
	named := strings.Contains(flag.Lookup("test.run").Value.String(), "/")
	t.Run("defects", func(t *testing.T) {
		for i, d := range defects {
			if !inprocess.Sampled(i, 50) || !whole && !named && i%6 != 0 {
				continue
			}
			t.Run(d.Name, func(t *testing.T) {
				t.Parallel()
				rows[i] = judgeDefect(t, d, os.Getenv(inprocess.TestAll) != "" && i%4 == 0)
			})
		}
	})
	if !whole {
		compareRows(t, rows)
	}
	for _, r := range rows {
		if r.defect.Name == "" {
			return // not all have been judged
		}
		for _, requirement := range alsoBroken[r.defect.Name].requirements {
			if requirement != refusals && !slices.Contains(r.others, requirement) {
				t.Errorf("%s is not charged to %s, too: alsoBroken is out of date", r.defect.Name, requirement)
			}
		}
	}
	compareFile(t, repository("docs", "kill-matrix.md"), matrixPage(rows))
}

// compareRows compares what was found of some defects with the page.
func compareRows(t *testing.T, rows []row) {
	t.Helper()
	page, err := os.ReadFile(repository("docs", "kill-matrix.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.defect.Name == "" || r.defect.Equivalent != "" {
			continue
		}
		if line := matrixRow(r); !bytes.Contains(page, []byte(line)) {
			t.Errorf("docs/kill-matrix.md is out of date, make kill-matrix rewrites it; now: %s", line)
		}
	}
}

// matrixRow is the line of a defect.
func matrixRow(r row) string {
	first := ""
	if len(r.found) > 0 {
		first = r.found[0]
	}
	line := fmt.Sprintf("| %s | %s | %s |", r.defect.Name, r.defect.Breaks, first)
	for _, killed := range r.killed {
		if killed {
			line += " x |"
		} else {
			line += " |"
		}
	}
	return line + "\n"
}

// judgeDefect judges the fake with a defect. A row says no more about a mode than whether it
// finds the defect, so what inert requests find is not looked for again. If compare is set,
// nothing is left out, and sending everything in each mode must give the same.
func judgeDefect(t *testing.T, d fakeserver.Defect, compare bool) row {
	t.Helper()
	r := row{defect: d}
	broken := shipped(t).Requirement(d.Breaks)
	also := func(requirement string) bool { return explained(t, d, requirement) }
	finds := func(results []judge.Result) bool {
		found, others := deviating(results, broken)
		return len(found) > 0 || slices.ContainsFunc(others, also)
	}
	enough := func(results []judge.Result) bool { return !compare && finds(results) }
	all := judgeFake(t, func(suite inprocess.Suite, t *testing.T, server inprocess.Server, modes []func(*config.Config)) []inprocess.Outcome {
		outcomes := suite.JudgeModesUntil(t, server, modes, enough)
		if last := len(modes) - 1; compare { // the last has sent everything
			compareVerdicts(t, outcomes[:last], suite.JudgeEach(t, server, modes[:last]))
		}
		return outcomes
	}, fakeserver.WithDefect(d))
	for mode, results := range all {
		found, others := deviating(results, broken)
		r.killed[mode] = finds(results)
		r.found = found
		r.others = append(r.others, others...)
		part := compare && mode > 0 && mode < len(modes)-1 // was sent, and what it rests on was not
		if others = slices.DeleteFunc(others, also); len(others) > 0 && !part {
			t.Errorf("%s breaks %q, but in mode %s is charged to %q, too:%s", d.Name, d.Breaks, modes[mode].name, others, describeFindings(results))
		}
	}
	if d.Equivalent == "" && len(r.found) == 0 {
		t.Errorf("defect %s (%s) survives", d.Name, d.Summary)
	}
	return r
}

func matrixPage(rows []row) []byte {
	var b bytes.Buffer
	var counts [4]int
	wrongs := 0
	for _, r := range rows {
		if r.defect.Equivalent != "" {
			continue
		}
		wrongs++
		for mode, killed := range r.killed {
			if killed {
				counts[mode]++
			}
		}
	}
	b.WriteString("# Kill matrix\n\nWhat the suite finds of the defects that `gesconform fake --defect NAME` shows, in each mode that an operator may\nuse: no risk, guarded, destructive with one upgrade, destructive with as many as it takes. What breaks a SHOULD\nis found with --strict. Made by `make kill-matrix`;\nthe tests fail where it drifts, where a defect survives the last mode, where one is charged to another requirement than\nthe one that it breaks, and where the correct fake deviates in any.\n\n")
	fmt.Fprintf(&b, "%d defects: ", wrongs)
	for mode := range modes {
		if mode > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %d", modes[mode].name, counts[mode])
	}
	b.WriteString(".\n\n| defect | breaks | found by | inert | guarded | one upgrade | destructive |\n|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		if r.defect.Equivalent != "" {
			continue
		}
		b.WriteString(matrixRow(r))
	}
	b.WriteString("\n## Charged to more than one requirement\n\n| defect | and | why |\n|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(alsoBroken)) {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", name, strings.Join(alsoBroken[name].requirements, ", "), alsoBroken[name].reason)
	}
	b.WriteString("\n## Equivalent or unobservable\n\nWhat these show is lawful, or cannot be seen from outside; no mode may hold it against the server.\n\n| name | why |\n|---|---|\n")
	for _, r := range rows {
		if r.defect.Equivalent != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", r.defect.Name, r.defect.Equivalent)
		}
	}
	return b.Bytes()
}
