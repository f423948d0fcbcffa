package wire

import "time"

// SetTokenClock replaces the clock by which tokens are renewed.
func (t *Client) SetTokenClock(now func() time.Time) { t.tokens.now = now }
