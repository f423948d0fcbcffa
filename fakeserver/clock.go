package fakeserver

import (
	"math"
	"sync/atomic"
	"time"
)

// A clock tells the time, moved on by what it was advanced.
type clock struct {
	base  func() time.Time
	ahead atomic.Int64 // nanoseconds
}

func (c *clock) now() time.Time {
	return c.base().Add(time.Duration(c.ahead.Load()))
}

func (c *clock) reset() { c.ahead.Store(0) }

// advance moves the clock on, at most as far as a Duration reaches.
func (c *clock) advance(by time.Duration) {
	for {
		before := c.ahead.Load()
		if c.ahead.CompareAndSwap(before, before+min(int64(by), math.MaxInt64-before)) {
			return
		}
	}
}

// Advance moves the server's clock on: upgrades and tasks come nearer to their
// end, tokens expire. Signed requests may be dated by the clock as it was before,
// too, since their client knows of no advance. Time does not run backwards; a
// negative time is taken as none, and beyond some 292 years the clock stands.
func (s *Server) Advance(by time.Duration) {
	s.clock.advance(max(by, 0))
	s.journal.wake()
}

// Now is the time by the server's clock.
func (s *Server) Now() time.Time { return s.clock.now() }
