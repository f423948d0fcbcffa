package selftest

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// However a lawful server varies, the suite finds no deviation, and exercises as much as with
// one that does not vary, unless an answer leaves open which of several reasons to refuse a
// request it gives.
func TestVariedFakeConforms(t *testing.T) {
	t.Parallel()
	leavesOpen := []string{"refusal-order", "rights"}
	var still, plain []string
	for _, v := range fakeserver.Variations() {
		if v.Name == "slow" {
			continue
		}
		still = append(still, v.Name)
		if !slices.Contains(leavesOpen, v.Name) {
			plain = append(plain, v.Name)
		}
	}
	type draw struct {
		seed  int64
		names []string
	}
	draws := []draw{{1, nil}} // slow answers included
	seeds := int64(5)
	if testing.Short() || os.Getenv(inprocess.TestSample) != "" {
		seeds = 1
	}
	for seed := range seeds {
		draws = append(draws, draw{2*seed + 2, still}, draw{2*seed + 3, plain})
	}
	usual := judgeFake(t, inprocess.Suite.JudgeLawful)
	for _, d := range draws {
		t.Run(fmt.Sprintf("seed %d", d.seed), func(t *testing.T) {
			t.Parallel()
			for mode, results := range judgeFake(t, inprocess.Suite.JudgeLawful, fakeserver.WithVariations(d.seed, d.names...)) {
				for _, r := range results {
					if r.Verdict == judge.Deviates || r.Verdict == judge.Advisory || r.Verdict == judge.Error {
						t.Errorf("%s: %s: %s: %s", modes[mode].name, r.Case, r.Verdict, accusations(r))
					}
				}
				if got, want := conforming(results), conforming(usual[mode]); got < want && len(d.names) == len(plain) {
					t.Errorf("%s: %d cases conform, of a server that does not vary %d", modes[mode].name, got, want)
				}
			}
		})
	}
}

// accusations returns what a result finds wrong.
func accusations(r judge.Result) (wrong []string) {
	for _, f := range r.Findings {
		if f.Verdict == judge.Deviates || f.Verdict == judge.Advisory {
			wrong = append(wrong, fmt.Sprintf("%s: got %s, lawful were %q", f.Requirement, f.Got, f.Lawful))
		}
	}
	return wrong
}

func conforming(results []judge.Result) (n int) {
	for _, r := range results {
		if r.Verdict == judge.Conforms {
			n++
		}
	}
	return n
}
