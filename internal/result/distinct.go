package result

import (
	"cmp"
	"slices"

	"github.com/gesconform/gesconform/internal/exchange"
)

// Exchange returns the exchange with the index that a Finding has. It is nil if the
// index is -1, or the case was read from results.json without its exchanges.
func (c *Case) Exchange(index int) *exchange.Exchange {
	if index < 0 || index >= len(c.Exchanges) || c.Exchanges[index].Request.Method == "" {
		return nil
	}
	return &c.Exchanges[index]
}

// A DistinctExchange is an exchange of one or more cases.
type DistinctExchange struct {
	*exchange.Exchange
	of *Case // one of them
}

// Operation returns the id of the operation that the request was for or, if that is
// not known, of the operation that the case is about.
func (x *DistinctExchange) Operation() string { return cmp.Or(x.Exchange.Operation, x.of.Operation) }

// DistinctExchanges returns the exchanges of all cases, each once, in the order in
// which they were sent. An exchange that only some of its cases have set aside counts
// as not set aside. A run that was read without its exchanges has none.
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

// CountExchanges returns the number of distinct exchanges of all cases, also if the
// run was read without them.
func (run *Run) CountExchanges() int {
	known := map[int]bool{}
	for i := range run.Cases {
		for _, sequence := range run.Cases[i].Sequences {
			known[sequence] = true
		}
	}
	return len(known)
}
