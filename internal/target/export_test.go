package target

import "time"

// SetTokenClock replaces the clock by which tokens are renewed.
func (t *Target) SetTokenClock(now func() time.Time) { t.tokens.now = now }
