package fakeserver

import (
	"math"
	"sync/atomic"
	"time"
)

// A clock is a base clock and how far ahead of it this one is.
type clock struct {
	base  func() time.Time
	ahead atomic.Int64 // nanoseconds
}

func (c *clock) now() time.Time {
	return c.base().Add(time.Duration(c.ahead.Load()))
}

// advance moves the clock forward, up to the greatest Duration in total.
func (c *clock) advance(by time.Duration) {
	for {
		before := c.ahead.Load()
		if c.ahead.CompareAndSwap(before, before+min(int64(by), math.MaxInt64-before)) {
			return
		}
	}
}

// Advance moves the server's clock forward, so that upgrades and tasks end sooner and
// tokens expire. The date of a signed request may still be that of the clock that was
// not advanced, which is the one that clients have. A negative duration counts as 0. The
// clock can be advanced by about 292 years in total.
func (s *Server) Advance(by time.Duration) {
	s.clock.advance(max(by, 0))
	s.journal.wake()
}

// Now returns the time of the server's clock.
func (s *Server) Now() time.Time { return s.clock.now() }
