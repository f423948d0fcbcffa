package fakeadmin

import (
	"slices"
	"sync"
)

// A violationCounter finds the exchanges whose requests break the contract. It judges each
// exchange only once, because judging all of them whenever the page is loaded would be slow.
type violationCounter struct {
	mu        sync.Mutex
	seen      uint64   // number of the last exchange that was judged
	violating []uint64 // numbers, ascending
}

// span returns which exchanges the journal keeps, and how many of their requests break the
// contract.
func (h *handler) span() span {
	t := &h.violations
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, x := range h.fake.Journal(t.seen) {
		t.seen = x.Number
		if len(x.Judgement.Request) > 0 {
			t.violating = append(t.violating, x.Number)
		}
	}
	first, last := h.fake.JournalSpan()
	forgotten, _ := slices.BinarySearch(t.violating, first)
	t.violating = slices.Delete(t.violating, 0, forgotten)
	return span{first, last, len(t.violating)}
}
