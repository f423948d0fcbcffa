package wire

import "time"

// SetTokenClock replaces the clock by which tokens are renewed.
func (t *Client) SetTokenClock(now func() time.Time) { t.tokens.now = now }

// Complaint returns how a sentence quotes a command's standard error.
func Complaint(text string) string {
	var t tail
	_, _ = t.Write([]byte(text))
	return t.words()
}
