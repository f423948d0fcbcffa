package curl

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain reports whether a text is readable in quotes on one line.
func plain(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

var shellSafe = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)

// word quotes s if necessary.
func word(s string) string {
	if shellSafe.MatchString(s) {
		return s
	}
	return quote(s)
}

// quote returns s as one word of a POSIX shell.
func quote(s string) string {
	if !plain(s) {
		return `"$(printf ` + printfFormat(s) + `)"`
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// inDoubleQuotes escapes s for use between double quotes.
func inDoubleQuotes(s string) string {
	if !plain(s) {
		return `$(printf ` + printfFormat(s) + `)`
	}
	return doubleQuoted.Replace(s)
}

// printfFormat returns s as a quoted format for printf.
func printfFormat(s string) string { return "'" + escaped(s, true) + "'" }

// escaped returns s as a format for printf in single quotes. Everything but plain ASCII is
// octal, which every printf knows, and so is a leading dash, which would be an option.
func escaped(s string, leading bool) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\\':
			b.WriteString(`\\`)
		case c == '%':
			b.WriteString(`%%`)
		case c < ' ' || c > '~' || c == '\'' || c == '-' && i == 0 && leading:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// doubleQuoted escapes what is special in double quotes.
var doubleQuoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`", "!", `"'!'"`)
