package serving

import "time"

// Timeouts bound how slow a peer may be; 0 is no limit.
type Timeouts struct{ Header, Request, Idle time.Duration }

// WithTimeouts replaces the usual ones, which are longer than a test waits.
func WithTimeouts(t Timeouts) Option {
	return func(s *Server) {
		s.http.ReadHeaderTimeout, s.http.ReadTimeout, s.http.IdleTimeout = t.Header, t.Request, t.Idle
	}
}
