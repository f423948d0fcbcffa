package report

import (
	"strings"
	"unicode/utf8"
)

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

// capitalised writes a sentence of ours with a capital, as titles of pages have it.
func capitalised(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

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
