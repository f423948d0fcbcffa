package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gesconform/gesconform/internal/printable"
)

// cut shortens a line to width characters, the last of which are more; 0 is no limit.
func cut(s string, width int, more string) string {
	if width <= 0 || len(s) <= width || utf8.RuneCountInString(s) <= width {
		return s
	}
	return firstRunes(s, width-utf8.RuneCountInString(more)) + more
}

// firstRunes returns the first n characters of a text, or all of it if it has fewer.
func firstRunes(s string, n int) string {
	for i := range s {
		if n <= 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// wrap breaks a sentence into lines of at most width characters, unless a word is longer; 0
// is no limit.
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

// capitalised makes the first letter of an ASCII sentence a capital.
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

// each returns the text that write returns for each element.
func each[T any](all []T, write func(T) string) []string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = write(one)
	}
	return texts
}

// ofColumn returns a number of what a column counts, whose name is a plural.
func ofColumn(n int, many string) string { return plural(n, strings.TrimSuffix(many, "s"), many) }

// plural returns a number of things: 1 case, 2 cases.
func plural(n int, one, many string) string {
	return fmt.Sprintf("%d %s", n, printable.Plural(n, one, many))
}

// andMore returns " and N more", or "" if n is 0.
func andMore(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}
