package result

import (
	"fmt"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
)

// NotesOnAbridged says how many answers were too long to be kept whole, if there are any.
func NotesOnAbridged(results []judge.Result) []string {
	seen, length, kept := map[int]bool{}, 0, 0
	for i := range results {
		for j := range results[i].Exchanges {
			x := &results[i].Exchanges[j]
			if x.Answer == nil || x.Answer.Abridged == nil || seen[x.Sequence] {
				continue
			}
			seen[x.Sequence] = true
			length, kept = length+x.Answer.Length(), kept+len(x.Answer.Body)
		}
	}
	if len(seen) == 0 {
		return nil
	}
	n := len(seen)
	return []string{fmt.Sprintf("%d %s too long to be kept whole: of %s of their bodies, the first %s are in %s, with the length and the SHA-256 of each",
		n, printable.Plural(n, "answer was", "answers were"), inBytes(length), inBytes(kept), ExchangesFile)}
}

func inBytes(n int) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	default:
		return fmt.Sprintf("%d bytes", n)
	}
}
