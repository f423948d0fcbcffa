package selftest

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// TestDeterminism makes sure that neither concurrency nor order changes what a
// run finds: results.json, report.html and summary.md are the same but for the
// fields that resulttest.Stable lists.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	results := func(t *testing.T, concurrency int, shuffle bool, options ...fakeserver.Option) string {
		t.Helper()
		order := slices.Clone(derived(t))
		if shuffle {
			rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		o := inprocess.Load(t).Judge(t, fake(options...), func(c *config.Config) {
			modes[len(modes)-1].configure(c)
			c.Concurrency = concurrency
		}, order)
		run := result.Summarise(shipped(t), result.Run{}, o.Results)
		var b bytes.Buffer
		for _, write := range []func(io.Writer, result.Run) error{result.WriteJSON, report.WriteHTML, report.WriteMarkdown} {
			if err := write(&b, resulttest.Stable(run)); err != nil {
				t.Fatal(err)
			}
		}
		return b.String()
	}
	defect, err := fakeserver.LookupDefect("older-version-accepted")
	if err != nil {
		t.Fatal(err)
	}
	for _, server := range []struct {
		name    string
		options []fakeserver.Option
	}{{"correct", nil}, {"defect", []fakeserver.Option{fakeserver.WithDefect(defect)}}} {
		t.Run(server.name, func(t *testing.T) {
			t.Parallel()
			one := results(t, 1, false, server.options...)
			for _, other := range []struct {
				name        string
				concurrency int
				shuffle     bool
			}{{"sixteen at once", 16, false}, {"shuffled", 16, true}, {"shuffled, one at a time", 1, true}} {
				if got := results(t, other.concurrency, other.shuffle, server.options...); got != one {
					t.Errorf("%s: a report differs from that of one at a time: %s", other.name, firstDifference([]byte(one), []byte(got)))
				}
			}
		})
	}
}
