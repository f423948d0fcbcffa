package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// TextOptions say how Text writes.
type TextOptions struct {
	Verbose bool // every case, with what became of it, and advice in full
	Color   bool
	ASCII   bool // marks of ASCII characters only
	Width   int  // lines of the overview are cut to it; 0 cuts nothing
}

// A style is how a verdict looks: its marks and its colour (ECMA-48).
type style struct{ mark, ascii, color string }

// verdicts are all there are, in the order in which they are counted.
var verdicts = []judge.Verdict{
	judge.Conforms, judge.Deviates, judge.Advisory, judge.Observed, judge.Masked, judge.NotApplicable, judge.Error,
}

var styles = map[judge.Verdict]style{
	judge.Conforms:      {"✓", "+", "32"},
	judge.Deviates:      {"✗", "X", "31"},
	judge.Advisory:      {"!", "!", "33"},
	judge.Observed:      {"·", ".", ""},
	judge.Masked:        {"-", "-", "2"},
	judge.NotApplicable: {"-", "-", "2"},
	judge.Error:         {"?", "?", "35"},
}

// A textWriter writes one run.
type textWriter struct {
	*bufio.Writer
	run *result.Run
	TextOptions
}

// Text writes a run for the one who waits for it: the headline; a line a
// requirement; what is wrong, in full; what was known and what has changed; what
// was not exercised and why; notes.
func Text(w io.Writer, run result.Run, options TextOptions) error {
	t := &textWriter{bufio.NewWriter(w), &run, options}
	t.line(t.paint("1", printable.Line(run.Headline)))
	t.unknownJobs()
	t.about()
	t.overview()
	t.failures()
	t.known()
	t.comparison()
	t.advice()
	t.notJudged()
	t.notExercised()
	t.notes()
	t.totals()
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (t *textWriter) line(parts ...string) {
	_, _ = t.WriteString(strings.TrimRight(strings.Join(parts, ""), " ") + "\n")
}

// title begins a section.
func (t *textWriter) title(format string, args ...any) {
	t.line()
	t.line(t.paint("1", fmt.Sprintf(format, args...)))
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

// about says what was judged, and by what.
func (t *textWriter) about() {
	target, c := &t.run.Target, &t.run.Contract
	endpoint := target.Endpoint
	if target.Embedded {
		endpoint = "the fake server in this process"
	}
	strict := ""
	if target.Strict {
		strict = ", strict"
	}
	filter := ""
	if target.Filter != "" {
		filter = ", filter " + target.Filter
	}
	t.line()
	t.line("target:   ", printable.Line(fmt.Sprintf("%s, project %s, graph %s", endpoint, target.ProjectID, target.GraphID)))
	if digests := target.Certificates; len(digests) > 0 {
		t.line("tls:      ", printable.Plural(len(digests), "certificate", "certificates"), " sha256 ", printable.Line(digestsInShort(digests)))
	}
	t.line("contract: ", printable.Line(fmt.Sprintf("%s %s (sha256 %.12s)", c.Name, c.Version, c.SHA256)))
	t.line("run:      ", printable.Line(fmt.Sprintf("%s %s%s, risk up to %s, seed %d%s%s",
		t.run.Tool.Name, t.run.Tool.Version, printable.Prefixed(", id ", t.run.ID), target.Risk, target.Seed, strict, filter)))
	if t.run.Ticket != "" {
		t.line("ticket:   ", printable.Line(t.run.Ticket))
	}
	if when := when(t.run); when != "" {
		t.line("time:     ", when)
	}
	if coverage := coverageInShort(t.run); coverage != "" {
		t.line("coverage: ", coverage)
	}
}

// overview writes a line a requirement, by operation.
func (t *textWriter) overview() {
	idWidth := 0
	for _, r := range t.run.Requirements {
		idWidth = max(idWidth, len(r.ID))
	}
	var order []string
	tickets, of := t.run.Tickets(), map[string][]result.Requirement{}
	for _, r := range t.run.Requirements {
		if of[r.Operation] == nil {
			order = append(order, r.Operation)
		}
		of[r.Operation] = append(of[r.Operation], r)
	}
	for _, operation := range order {
		if operation == "" {
			t.title("every operation")
		} else {
			t.title("%s", operation)
		}
		for _, r := range of[operation] {
			t.requirement(r, tickets[r.ID], idWidth)
		}
	}
}

func (t *textWriter) requirement(r result.Requirement, tickets []string, idWidth int) {
	text := printable.Line(r.Text)
	if len(tickets) > 0 {
		text = "(known: " + printable.Line(strings.Join(tickets, ", ")) + ") " + text
	}
	rest := fmt.Sprintf("  %-6s  %-*s  %s", r.Level, idWidth, r.ID, text)
	room := 0
	if t.Width > 0 && !t.Verbose {
		room = max(idWidth+10, t.Width-18)
	}
	t.line("  ", t.mark(r.Verdict), cut(rest, room, t.ellipsis()))
	if !t.Verbose {
		return
	}
	for i := range t.run.Cases {
		if c := &t.run.Cases[i]; c.Requirement == r.ID {
			t.caseLine(c)
		}
	}
}

func (t *textWriter) caseLine(c *result.Case) {
	reason := ""
	if c.Reason != "" {
		reason = ": " + printable.Line(c.Reason)
	}
	t.line("      ", t.mark(c.Verdict), "  ", c.Case, reason)
}

// mark writes a verdict with its mark, 16 characters wide.
func (t *textWriter) mark(v judge.Verdict) string {
	s := styles[v]
	mark := s.mark
	if t.ASCII {
		mark = s.ascii
	}
	word := mark + " " + string(v)
	return t.paint(s.color, word) + strings.Repeat(" ", max(0, 16-utf8.RuneCountInString(word)))
}

// totals writes how many cases came to what, and how long that took.
func (t *textWriter) totals() {
	counts := map[judge.Verdict]int{}
	for i := range t.run.Cases {
		counts[t.run.Cases[i].Verdict]++
	}
	var parts []string
	for _, v := range verdicts {
		if n := counts[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", v, n))
		}
	}
	cases := len(t.run.Cases)
	sum := fmt.Sprintf("%d %s", cases, printable.Plural(cases, "case", "cases"))
	if len(parts) > 0 {
		sum += ": " + strings.Join(parts, ", ")
	}
	n := t.run.CountExchanges()
	t.line()
	t.line(fmt.Sprintf("%s; %d %s, %s", sum, n, printable.Plural(n, "exchange", "exchanges"), short(t.run.Duration)))
}

// short writes a duration to a tenth of a second, and a long one to a second.
func short(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}
