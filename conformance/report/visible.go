package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible writes what a terminal could take for a command, or a reader could not
// see, as an escape: control characters but line feed and tab, invisible ones,
// and bytes that are no UTF-8.
func visible(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1, r < utf8.RuneSelf && !unicode.IsPrint(r) && r != '\n' && r != '\t':
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case r == '\n', r == '\t', unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		s = s[size:]
	}
	return b.String()
}

// cut shortens a line to width characters; 0 is no limit.
func cut(s string, width int, more string) string {
	if width <= 0 || utf8.RuneCountInString(s) <= width {
		return s
	}
	keep := max(0, width-utf8.RuneCountInString(more))
	return string([]rune(s)[:keep]) + more
}

// wrap breaks a sentence into lines of at most width characters, where its
// words allow; 0 is no limit.
func wrap(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		switch {
		case line == "":
			line = word
		case width > 0 && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}

// indent puts prefix before each line that is not empty.
func indent(s, prefix string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = prefix + line
		}
	}
	return strings.Join(lines, "\n")
}
