package selftest

import (
	"bytes"
	"fmt"
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

// deviating lists the ids of the cases that deviate, those about the given requirement first.
// A broken SHOULD counts, as with --strict.
func deviating(results []judge.Result, requirement *contract.Requirement) []string {
	var named, others []string
	for _, r := range results {
		deviations := r.Deviations(requirement != nil && requirement.Level == contract.Should)
		if len(deviations) == 0 {
			continue
		}
		if slices.ContainsFunc(deviations, func(f judge.Finding) bool { return requirement != nil && f.Requirement == requirement.ID }) {
			named = append(named, r.Case)
		} else {
			others = append(others, r.Case)
		}
	}
	return append(named, others...)
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
}

// TestKillMatrix judges the fake with every defect in every mode. Each defect must be found in
// the last mode; docs/kill-matrix.md says what the others find.
func TestKillMatrix(t *testing.T) {
	t.Parallel()
	defects := fakeserver.Defects()
	rows := make([]row, len(defects))
	t.Run("defects", func(t *testing.T) {
		for i, d := range defects {
			if testing.Short() && i%50 != 0 {
				continue
			}
			t.Run(d.Name, func(t *testing.T) {
				t.Parallel()
				rows[i] = judgeDefect(t, d, os.Getenv(inprocess.TestAll) != "" && i%4 == 0)
			})
		}
	})
	if slices.ContainsFunc(rows, func(r row) bool { return r.defect.Name == "" }) {
		return // not all have been judged: -short or -run has selected some
	}
	compareFile(t, repository("docs", "kill-matrix.md"), matrixPage(rows))
}

// judgeDefect judges the fake with a defect. If compare is set, it checks that sending
// everything in each mode would give the same.
func judgeDefect(t *testing.T, d fakeserver.Defect, compare bool) row {
	t.Helper()
	r := row{defect: d}
	broken := shipped(t).Requirement(d.Breaks)
	finds := func(results []judge.Result) bool { return len(deviating(results, broken)) > 0 }
	how := inprocess.Suite.JudgeModes
	if os.Getenv(inprocess.TestAll) == "" { // a row says no more about a mode than whether it finds the defect
		how = func(suite inprocess.Suite, t *testing.T, server inprocess.Server, modes []func(*config.Config)) []inprocess.Outcome {
			return suite.JudgeModesUntil(t, server, modes, finds)
		}
	}
	all := judgeFake(t, how, fakeserver.WithDefect(d))
	if compare {
		compareVerdicts(t, all, judgeFake(t, inprocess.Suite.JudgeEach, fakeserver.WithDefect(d)))
	}
	for mode, results := range all {
		found := deviating(results, broken)
		r.killed[mode] = len(found) > 0
		r.found = found
		if d.Equivalent != "" && len(found) > 0 {
			t.Errorf("%s is lawful, but deviates in mode %s:%s", d.Name, modes[mode].name, describeFindings(results))
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
	b.WriteString("# Kill matrix\n\nWhat the suite finds of the defects that `gesconform fake --defect NAME` shows, in each mode that an operator may\nuse: no risk, guarded, destructive with one upgrade, destructive with as many as it takes. What breaks a SHOULD\nis found with --strict. Made by `make kill-matrix`;\nthe tests fail where it drifts, where a defect survives the last mode, and where the correct fake deviates in any.\n\n")
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
		first := ""
		if len(r.found) > 0 {
			first = r.found[0]
		}
		fmt.Fprintf(&b, "| %s | %s | %s |", r.defect.Name, r.defect.Breaks, first)
		for _, killed := range r.killed {
			if killed {
				b.WriteString(" x |")
			} else {
				b.WriteString(" |")
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\n## Equivalent or unobservable\n\nWhat these show is lawful, or cannot be seen from outside; no mode may hold it against the server.\n\n| name | why |\n|---|---|\n")
	for _, r := range rows {
		if r.defect.Equivalent != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", r.defect.Name, r.defect.Equivalent)
		}
	}
	return b.Bytes()
}
