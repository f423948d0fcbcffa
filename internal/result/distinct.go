package result

import (
	"cmp"
	"slices"

	"github.com/gesconform/gesconform/internal/exchange"
)

// Exchange is the exchange of an index, as findings have it; nil if there is none:
// a case that was read may have lost its own.
func (c *Case) Exchange(index int) *exchange.Exchange {
	if index < 0 || index >= len(c.Exchanges) || c.Exchanges[index].Request.Method == "" {
		return nil
	}
	return &c.Exchanges[index]
}

// A DistinctExchange is one that a case rests on, and others perhaps with it.
type DistinctExchange struct {
	*exchange.Exchange
	of *Case
}

// Operation is what the exchange asked for; where that is no operation, or is not
// known any more, what the case is about.
func (x *DistinctExchange) Operation() string { return cmp.Or(x.Exchange.Operation, x.of.Operation) }

// DistinctExchanges are those that the cases rest on, each once, in the order in
// which they left. Where a case has set aside what another rests on, it counts as
// not set aside. What was read without its exchanges has none.
func (run *Run) DistinctExchanges() []DistinctExchange {
	var all []DistinctExchange
	for i := range run.Cases {
		c := &run.Cases[i]
		for at := range c.Exchanges {
			if x := c.Exchange(at); x != nil {
				all = append(all, DistinctExchange{x, c})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b DistinctExchange) int {
		return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(a.SetAside, b.SetAside)) // "" comes first
	})
	return slices.CompactFunc(all, func(a, b DistinctExchange) bool { return a.Sequence == b.Sequence })
}

// CountExchanges is how many the cases rest on, whether they are at hand or not.
func (run *Run) CountExchanges() int {
	known := map[int]bool{}
	for i := range run.Cases {
		for _, sequence := range run.Cases[i].Sequences {
			known[sequence] = true
		}
	}
	return len(known)
}
