package report

import (
	"cmp"
	"slices"

	"github.com/gesconform/gesconform/internal/exchange"
)

// A restedOn exchange is one that a case rests on, with its place in there.
type restedOn struct {
	*exchange.Exchange
	of *Case
	at int
}

// distinctExchanges are those that the cases rest on, each once, in the order in
// which they left. Where a case has set aside what another rests on, it counts as
// not set aside. What was read without its exchanges has none.
func (run *Run) distinctExchanges() []restedOn {
	var all []restedOn
	for i := range run.Cases {
		c := &run.Cases[i]
		for at := range c.Exchanges {
			if x := c.shown(at); x != nil {
				all = append(all, restedOn{x, c, at})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b restedOn) int {
		return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(a.SetAside, b.SetAside)) // "" comes first
	})
	return slices.CompactFunc(all, func(a, b restedOn) bool { return a.Sequence == b.Sequence })
}

// exchanges is how many the cases rest on, whether they are at hand or not.
func (run *Run) exchanges() int {
	known := map[int]bool{}
	for i := range run.Cases {
		for _, sequence := range run.Cases[i].Sequences {
			known[sequence] = true
		}
	}
	return len(known)
}
