package fakeserver

import (
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

// Advance moves the server's clock on: upgrades and tasks come nearer to their
// end, tokens expire. Time does not run backwards; a negative time is taken as
// none.
func (s *Server) Advance(by time.Duration) {
	s.clock.ahead.Add(int64(max(by, 0)))
	s.journal.wake()
}

// Now is the time by the server's clock.
func (s *Server) Now() time.Time { return s.clock.now() }
