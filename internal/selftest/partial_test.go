package selftest

import (
	"os"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

const absentGraph = "e9a10000-026b-455a-9e07-228fae4b12b9"

// judgePartial judges a fake that lacks operations, and checks that its exchanges give the same
// results again.
func judgePartial(t *testing.T, mode int, without []string, options ...fakeserver.Option) inprocess.Outcome {
	t.Helper()
	suite := inprocess.Load(t)
	o := suite.Judge(t, fake(append(options, fakeserver.WithoutOperations(without...))...), func(c *config.Config) {
		modes[mode].configure(c)
		c.AbsentGraphID = absentGraph
	}, suite.Cases)
	if o.Failure == nil {
		checkWords(t, o.Results)
		judgeAgain(t, suite, &o)
	}
	return o
}

var onlyUpgrades = []string{"showGraph", "showJob"}

// A correct server is held to nothing that it lacks, whatever the risk.
func TestCorrectFakeWithoutReads(t *testing.T) {
	t.Parallel()
	for _, without := range [][]string{onlyUpgrades, {"showGraph"}, {"showJob"}} {
		for mode := range modes {
			o := judgePartial(t, mode, without)
			if o.Failure != nil {
				t.Errorf("without %v, %s: %v", without, modes[mode].name, o.Failure)
			}
			for _, r := range o.Results {
				if r.Verdict == judge.Error || r.Verdict == judge.Advisory || r.Verdict == judge.Deviates {
					t.Errorf("without %v, %s: %s: %s: %s", without, modes[mode].name, r.Case, r.Verdict, r.Reason)
				}
			}
		}
		for seed := int64(1); seed <= 3; seed++ { // as its answers may vary
			o := judgePartial(t, len(modes)-1, without, fakeserver.WithVariations(seed))
			if text := describeFindings(o.Results); text != "" {
				t.Errorf("without %v, variations %d: the correct fake deviates:%s", without, seed, text)
			}
		}
	}
}

// What is decided by requests to an absent graph is found in a stub, too, at its requirement.
func TestDefectsOfAStub(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"empty-token-accepted", "code-unknown-token-no-api", "unknown-token-404", "error-code-missing", "error-text-plain-type", "malformed-body-500", "array-body-500", "wrong-method-200", "expired-token-accepted",
	} {
		if d, err := fakeserver.LookupDefect(name); err != nil {
			t.Errorf("%v", err)
		} else {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				findInStub(t, d, true)
			})
		}
	}
}

// findInStub reports whether a defect is found in a fake that only has the upgrade.
func findInStub(t *testing.T, d fakeserver.Defect, must bool) bool {
	t.Helper()
	o := judgePartial(t, 0, onlyUpgrades, fakeserver.WithDefect(d))
	if o.Failure != nil {
		if must {
			t.Error(o.Failure)
		}
		t.Logf("not judged: %v", o.Failure)
		return false
	}
	found, others := deviating(o.Results, shipped(t).Requirement(d.Breaks))
	if must && len(found) == 0 {
		t.Errorf("%s (%s) is not found, but %q:%s", d.Name, d.Breaks, others, describeFindings(o.Results))
	}
	for _, other := range others {
		if !explained(t, d, other) {
			t.Errorf("%s breaks %s, and is charged to %s:%s", d.Name, d.Breaks, other, describeFindings(o.Results))
		}
	}
	return len(found) > 0
}

// TestStubMatrix says how many of the defects are found in a stub: docs/operators.md quotes it.
func TestStubMatrix(t *testing.T) {
	if os.Getenv(inprocess.TestAll) == "" {
		t.Skip("judges a stub with each defect; set " + inprocess.TestAll)
	}
	found, all := 0, 0
	for _, d := range fakeserver.Defects() {
		if d.Equivalent != "" {
			continue
		}
		all++
		t.Run(d.Name, func(t *testing.T) {
			if findInStub(t, d, false) {
				found++
			}
		})
	}
	t.Logf("%d of %d defects are found in a stub", found, all)
}
