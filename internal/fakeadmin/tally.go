package fakeadmin

import (
	"crypto/rand"
	"slices"
	"sync"
)

// A tally counts the exchanges in which a client broke the contract. It looks
// at each exchange once, since to judge them all again for every look at the
// page would be slow.
type tally struct {
	mu        sync.Mutex
	seen      uint64
	violating []uint64 // numbers, ascending
}

// span says which exchanges are remembered, and how many break the contract.
func (h *handler) span() span {
	t := &h.tally
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

// newRun names a run of the program, so that a page knows when it shows what
// another one has served.
func newRun() string { return rand.Text() }
