package engine

import (
	"net/http"
	"sync"
	"unicode/utf8"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/limits"
)

// A budget is how much of the answers of a run is kept. A target decides how long they are, and all
// are kept until the reports are written.
type budget struct {
	mu   sync.Mutex
	used int
}

// shareOfOne is the part of what is left of the budget that one answer may take, so that no number
// of answers uses it up. The first half of the budget is large enough for whole shares.
const shareOfOne = limits.Evidence / 2 / limits.KeptBody

// abridge keeps of an answer no more than the budget allows. It does so for one at a time, since
// reading a long one takes many times its length.
func (b *budget) abridge(c *contract.Contract, x *exchange.Exchange) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if x.Answer != nil {
		x.Answer = c.Abridge(x.Answer, min(limits.KeptBody, max(limits.LeastBody, (limits.Evidence-b.used)/shareOfOne)))
	}
	b.used += costOf(x)
}

// What an exchange takes beside its texts, in memory.
const (
	costOfExchange = 1 << 10
	costOfField    = 128 // of a header
)

// costOf returns how many bytes an exchange takes in memory or in exchanges.jsonl, whichever is
// more. The headers of requests are shared.
func costOf(x *exchange.Exchange) int {
	cost := costOfExchange + written(x.Request.Body)
	a := x.Answer
	if a == nil {
		return cost
	}
	cost += written(a.Body) + costOfHeader(a.Header)
	if whole := a.Abridged; whole != nil {
		cost += written([]byte(whole.JSON))
		for _, problems := range [][]contract.Problem{whole.Syntax, whole.StackTraces} {
			for _, p := range problems {
				cost += costOfField + len(p.Pointer) + len(p.Message)
			}
		}
	}
	return cost
}

func costOfHeader(h http.Header) int {
	cost := 0
	for name, values := range h {
		for _, v := range values {
			cost += costOfField + len(name) + written([]byte(v))
		}
	}
	return cost
}

// written returns the length of a text in JSON, which may be six times as long.
func written(text []byte) int {
	if !utf8.Valid(text) {
		return len(text) * 4 / 3 // in base64
	}
	n := len(text)
	for _, b := range text {
		switch {
		case b == '"' || b == '\\' || b == '\n' || b == '\t' || b == '\r':
			n++
		case b < ' ':
			n += len(`\u0000`) - 1
		}
	}
	return n
}
