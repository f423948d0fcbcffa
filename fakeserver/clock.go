package fakeserver

import (
	"math"
	"sync/atomic"
	"time"
)

// A clock is a base clock and how far it has been advanced.
type clock struct {
	base  func() time.Time
	ahead atomic.Int64 // nanoseconds
}

func (c *clock) now() time.Time {
	return c.base().Add(time.Duration(c.ahead.Load()))
}

// advance adds to how far the clock is ahead, at most up to what a Duration holds.
func (c *clock) advance(by time.Duration) {
	for {
		before := c.ahead.Load()
		if c.ahead.CompareAndSwap(before, before+min(int64(by), math.MaxInt64-before)) {
			return
		}
	}
}

// Advance moves the server's clock forward: upgrades and tasks end sooner, tokens
// expire. Signed requests may still be dated by the clock that was not advanced,
// since their client does not know of it. A negative duration counts as 0, and
// after some 292 years the clock does not advance any more.
func (s *Server) Advance(by time.Duration) {
	s.clock.advance(max(by, 0))
	s.journal.wake()
}

// Now returns the time of the server's clock.
func (s *Server) Now() time.Time { return s.clock.now() }
