package fakeadmin

import (
	"slices"
	"sync"
)

// A violationCounter finds the exchanges in which a client broke the contract. It
// looks at each exchange once, since judging all of them again whenever the page is
// loaded would be slow.
type violationCounter struct {
	mu        sync.Mutex
	seen      uint64
	violating []uint64 // numbers, ascending
}

// span returns which exchanges the journal keeps, and how many break the contract.
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
