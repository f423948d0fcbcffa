package serving

import "time"

// Timeouts are the limits for slow clients; 0 is no limit.
type Timeouts struct{ Header, Request, Idle time.Duration }

// WithTimeouts replaces the default timeouts, which are too long for tests.
func WithTimeouts(t Timeouts) Option {
	return func(s *Server) {
		s.http.ReadHeaderTimeout, s.http.ReadTimeout, s.http.IdleTimeout = t.Header, t.Request, t.Idle
	}
}
