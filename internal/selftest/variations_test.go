package selftest

import (
	"fmt"
	"os"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// However a lawful server varies, the suite finds no deviation, and exercises as much as with
// one that does not vary.
func TestVariedFakeConforms(t *testing.T) {
	t.Parallel()
	var still []string
	for _, v := range fakeserver.Variations() {
		if v.Name != "slow" {
			still = append(still, v.Name)
		}
	}
	type draw struct {
		seed  int64
		names []string
	}
	draws := []draw{{1, nil}} // slow answers included
	seeds := int64(12)
	if testing.Short() || os.Getenv(inprocess.TestSample) != "" {
		seeds = 1
	}
	for seed := range seeds {
		draws = append(draws, draw{seed + 2, still})
	}
	usual := judgeFake(t, inprocess.Suite.JudgeLawful)
	for _, d := range draws {
		t.Run(fmt.Sprintf("seed %d", d.seed), func(t *testing.T) {
			t.Parallel()
			for mode, results := range judgeFake(t, inprocess.Suite.JudgeLawful, fakeserver.WithVariations(d.seed, d.names...)) {
				for _, r := range results {
					if r.Verdict == judge.Deviates || r.Verdict == judge.Advisory || r.Verdict == judge.Error {
						t.Errorf("%s: %s: %s: %+v", modes[mode].name, r.Case, r.Verdict, r)
					}
				}
				if got, want := conforming(results), conforming(usual[mode]); got < want {
					t.Errorf("%s: %d cases conform, of a server that does not vary %d", modes[mode].name, got, want)
				}
			}
		})
	}
}

func conforming(results []judge.Result) (n int) {
	for _, r := range results {
		if r.Verdict == judge.Conforms {
			n++
		}
	}
	return n
}
