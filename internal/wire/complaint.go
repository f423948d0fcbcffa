package wire

import (
	"regexp"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/internal/printable"
)

// A tail keeps the end of what a command writes to its standard error.
type tail struct{ text []byte }

// longestComplaint is as much of it as a sentence can quote.
const longestComplaint = 300

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if over := len(t.text) - longestComplaint; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(p), nil
}

// What looks like a credential in a command's complaint: a value with a telling name, or a
// long word that is none.
var (
	namedSecret = lazily(`(?i)((?:pass(?:word|wd|phrase)?|secret|token|key|authorization)["']?\s*[=:]\s*)(?:(?:bearer|basic)\s+)?\S+`)
	longWord    = lazily(`[\w+/=.~-]{24,}`)
)

// words returns the complaint as the end of a sentence, on one line and without what looks
// like a credential, or "".
func (t *tail) words() string {
	text := strings.Join(strings.Fields(string(t.text)), " ")
	text = longWord().ReplaceAllString(namedSecret().ReplaceAllString(text, "${1}…"), "…")
	if text == "" {
		return ""
	}
	return "; it wrote: " + printable.Line(text)
}

// lazily compiles a pattern when it is first used: most programs that import this package use few of
// them, and all together take a while at each start.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
