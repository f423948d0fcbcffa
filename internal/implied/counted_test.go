package implied

import "testing"

// No two numbers make the same text, and none makes the text that was there, or something that must be unique would
// be sent twice.
func TestCountedTextsDiffer(t *testing.T) {
	for _, text := range []string{"1234567890123", "AB-000017", "x9-z99", "a1b2c3"} {
		by := map[string]int{text: 0}
		for n := 1; n < 600; n++ {
			other := counted(text, n)
			if before, taken := by[other]; taken {
				t.Errorf("%s: %d makes %s, as %d does", text, n, other, before)
			}
			by[other] = n
		}
	}
	if got := counted("AB-z9", 1); got != "AC-a0" {
		t.Errorf("expected that AB-z9 goes on to AC-a0, got %s", got)
	}
}
