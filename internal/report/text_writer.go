package report

import (
	"bufio"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
)

// TextOptions configure Write, WriteTargets, Text and TargetsText.
type TextOptions struct {
	Format  Format
	Quiet   bool // write nothing but the headline and what is broken
	Verbose bool // write the verdict of each case, and the evidence for broken SHOULDs
	Color   bool // use colours
	ASCII   bool // use only ASCII characters for marks
	Width   int  // shorten the lines of the overview to this many columns; 0 for no limit
}

// A style is how a verdict is shown: its marks, and its colour as the parameter of an SGR
// sequence (ECMA-48, 8.3.117).
type style struct{ mark, ascii, color string }

var styles = map[judge.Verdict]style{
	judge.Conforms:      {"✓", "+", "32"},
	partial:             {"◐", "~", "33"},
	judge.Deviates:      {"✗", "X", "31"},
	judge.Advisory:      {"!", "!", "33"},
	judge.Observed:      {"·", ".", ""},
	judge.Masked:        {"-", "-", "2"},
	judge.NotApplicable: {"-", "-", "2"},
	judge.Error:         {"?", "?", "35"},
}

// A textWriter writes what a terminal shows.
type textWriter struct {
	*bufio.Writer
	TextOptions
}

func (t *textWriter) line(parts ...string) {
	_, _ = t.WriteString(strings.TrimRight(strings.Join(parts, ""), " ") + "\n")
}

// title writes the title of a section.
func (t *textWriter) title(format string, args ...any) {
	t.line()
	t.line(t.paint("1", fmt.Sprintf(format, args...)))
}

// headline writes the first line of a report in the colour of the verdict.
func (t *textWriter) headline(v judge.Verdict, headline string) {
	t.line(t.paint(strings.TrimSuffix("1;"+styles[v].color, ";"), printable.Line(headline)))
}

func (t *textWriter) paint(color, s string) string {
	if !t.Color || color == "" || s == "" {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

func (t *textWriter) ellipsis() string {
	if t.ASCII {
		return "..."
	}
	return "…"
}

// mark returns a verdict with its mark, padded to 16 characters.
func (t *textWriter) mark(v judge.Verdict) string {
	s := styles[v]
	mark := s.mark
	if t.ASCII {
		mark = s.ascii
	}
	word := mark + " " + string(v)
	return t.paint(s.color, word) + strings.Repeat(" ", max(0, 16-utf8.RuneCountInString(word)))
}
