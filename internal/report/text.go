package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// A textReport writes the report of one run to a terminal.
type textReport struct {
	textWriter
	*digest
}

// Text writes a run for a terminal: the headline; a line per requirement; the deviations
// with their evidence; known deviations and changes; what was not exercised and why; notes.
func Text(w io.Writer, run result.Run, options TextOptions) error {
	t := &textReport{textWriter{bufio.NewWriter(w), options}, digestOf(&run)}
	t.headline(t.Shown, run.Headline)
	for _, caution := range t.Cautions {
		t.line(t.paint("33", caution))
	}
	if options.Quiet {
		t.onlyBroken()
	} else {
		t.inWhole()
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (t *textReport) inWhole() {
	t.about()
	if (t.Client != nil || t.Document != nil) && t.Exercised == 0 { // not even the first request or scenario has passed
		t.document()
		t.notJudged()
		t.notes()
		t.totals()
		return
	}
	t.overview()
	t.document()
	t.failures("deviation", t.Deviations, "")
	t.known()
	t.comparison()
	t.advice()
	t.notJudged()
	t.apart()
	t.notExercised()
	t.notes()
	t.totals()
}

// about writes what was judged, and by what.
func (t *textReport) about() {
	if t.Client != nil {
		t.aboutClient()
		return
	}
	target, c := &t.Target, &t.Contract
	endpoint := target.Endpoint
	if target.Embedded {
		endpoint = "the fake server in this process"
	}
	strict := ""
	if target.Strict {
		strict = ", strict"
	}
	if target.OnlyDocumented {
		strict += ", only documented"
	}
	certificates := ""
	if digests := target.Certificates; len(digests) > 0 {
		certificates = printable.Plural(len(digests), "certificate", "certificates") + " sha256 " + digestsInShort(digests)
	}
	t.facts(
		fact{Name: "target:", Value: endpoint + printable.Prefixed(", project ", target.ProjectID) + printable.Prefixed(", graph ", target.GraphID)},
		fact{Name: "absent:", Value: printable.Prefixed("graph ", absentGraphOf(target))},
		fact{Name: "tls:", Value: certificates},
		fact{Name: "contract:", Value: fmt.Sprintf("%s %s (sha256 %.12s)", c.Name, c.Version, c.SHA256)},
		fact{Name: "run:", Value: fmt.Sprintf("%s %s%s, risk up to %s, seed %d%s%s", t.Tool.Name, t.Tool.Version,
			printable.Prefixed(", id ", t.ID), target.Risk, target.Seed, strict, printable.Prefixed(", filter ", target.Filter))},
		fact{Name: "fixtures:", Value: fixturesOf(t.Run)},
		fact{Name: "with:", Value: credentialsOf(t.Run)},
		fact{Name: "ticket:", Value: t.Ticket},
		fact{Name: "time:", Value: period(t.Started, t.Ended)},
		fact{Name: "upgrades:", Value: upgradesOf(t.Run)},
		fact{Name: "answers:", Value: responseTimesOf(t.Run)},
		fact{Name: "coverage:", Value: t.coverageInShort()},
	)
}

// aboutClient writes the same for a client.
func (t *textReport) aboutClient() {
	c := &t.Contract
	strict := ""
	if t.Target.Strict {
		strict = ", strict"
	}
	if t.Target.OnlyDocumented {
		strict += ", only documented"
	}
	t.facts(
		fact{Name: "client:", Value: clientName(t.Client)},
		fact{Name: "contract:", Value: fmt.Sprintf("%s %s (sha256 %.12s)", c.Name, c.Version, c.SHA256)},
		fact{Name: "run:", Value: fmt.Sprintf("%s %s%s%s%s", t.Tool.Name, t.Tool.Version, printable.Prefixed(", id ", t.ID), strict, printable.Prefixed(", scenarios ", t.Target.Filter))},
		fact{Name: "job:", Value: waiting(t.Run)},
		fact{Name: "limits:", Value: limitsOf(t.Client)},
		fact{Name: "ticket:", Value: t.Ticket},
		fact{Name: "time:", Value: period(t.Started, t.Ended)},
		fact{Name: "coverage:", Value: t.coverageInShort()},
	)
}

// facts writes a line for each fact that has a value.
func (t *textReport) facts(facts ...fact) {
	t.line()
	for _, f := range withValues(facts...) {
		t.line(fmt.Sprintf("%-10s", f.Name), printable.Line(f.Value))
	}
}

// overview writes a line per requirement, by operation unless they are about a client.
func (t *textReport) overview() {
	idWidth, decidedWidth := 0, 0
	var order []string
	of := map[string][]result.Requirement{}
	for _, r := range t.Requirements {
		if !t.Verbose && t.nothingOf(&r) { // is below, with the reason
			continue
		}
		idWidth, decidedWidth = max(idWidth, len(r.ID)), max(decidedWidth, len(decidedInShort(r.Extent)))
		about := cmp.Or(r.Operation, "every operation")
		if t.Client != nil {
			about = "a client"
		}
		if of[about] == nil {
			order = append(order, about)
		}
		of[about] = append(of[about], r)
	}
	for _, about := range order {
		t.title("%s", about)
		for _, r := range of[about] {
			t.requirement(r, idWidth, decidedWidth)
		}
	}
}

func (t *textReport) requirement(r result.Requirement, idWidth, decidedWidth int) {
	text := printable.Line(r.Text)
	if tickets := t.Tickets[r.ID]; len(tickets) > 0 {
		text = "(known: " + printable.Line(strings.Join(tickets, ", ")) + ") " + text
	}
	room := 0
	if t.Width > 0 && !t.Verbose {
		room = max(idWidth+decidedWidth+12, t.Width-18)
	}
	t.line("  ", t.mark(shownRequirement(&r)), cut(fmt.Sprintf("  %-6s  %-*s  %*s  %s", r.Level, idWidth, r.ID, decidedWidth, decidedInShort(r.Extent), text), room, t.ellipsis()))
	if !t.Verbose {
		return
	}
	for i := range t.Cases {
		if c := &t.Cases[i]; c.Requirement == r.ID {
			t.line("      ", t.mark(c.Verdict), "  ", c.Case, printable.Prefixed(": ", printable.Line(c.Reason)))
		}
	}
}

// failures writes a section with failures and their evidence.
func (t *textReport) failures(name string, failures []*failure, remark string) {
	if len(failures) > 0 {
		t.title("%s%s", plural(len(failures), name, name+"s"), remark)
		if (t.Client != nil || t.Document != nil) && !t.Verbose {
			t.firstOfEach(failures)
			return
		}
		t.inFull(failures)
	}
}

func (t *textReport) inFull(failures []*failure) {
	for i, f := range failures {
		if i > 0 {
			t.line()
		}
		t.line(indent(f.text(), "  "))
		room := subjectOf(t.Run).likewise
		if room == 0 || t.Verbose {
			room = len(f.Others)
		}
		t.likewise(f, room)
	}
}

// likewise writes the first of the other cases with the same finding.
func (t *textReport) likewise(f *failure, room int) {
	n := len(f.Others)
	if n == 0 {
		return
	}
	t.line("  likewise in ", strconv.Itoa(n), " more ", t.CaseWord(n), ":")
	others := firstOf(f.Others, room)
	for _, id := range others.Shown {
		t.line("    ", id)
	}
	t.more(others.More)
}

func (t *textReport) more(n int) {
	if n > 0 {
		t.line(fmt.Sprintf("    and %d more (--verbose shows all)", n))
	}
}

// shownOfEach is how many scenarios or cases a terminal names below the first failure of a requirement: a
// client, or a server that checks nothing, can fail in all of them.
const shownOfEach = 10

// firstOfEach writes the first failure of each requirement in full, and the first others in a line.
func (t *textReport) firstOfEach(failures []*failure) {
	for i, of := range byRequirement(failures) {
		if i > 0 {
			t.line()
		}
		t.line(indent(of[0].text(), "  "))
		t.likewise(of[0], shownOfEach)
		if len(of) == 1 {
			continue
		}
		t.line("  it is also broken in:")
		others := firstOf(of[1:], shownOfEach)
		for _, f := range others.Shown {
			more := ""
			if n := len(f.Others); n > 0 {
				more = fmt.Sprintf(" (and in %d more)", n)
			}
			t.line("    ", f.Case, ": ", printable.Line(f.Got), t.where(f), more)
		}
		t.more(others.More)
	}
}

// where names the line of the document that a failure is about, in brackets; "" if it is about a client.
func (t *textReport) where(f *failure) string {
	if t.Document == nil || f.Place == "" {
		return ""
	}
	line, _, _ := strings.Cut(f.Place, " ")
	return " (" + line + ")"
}

// known writes the known deviations that occurred, and the expectations that are out of
// date.
func (t *textReport) known() {
	if len(t.Known) > 0 {
		t.title("%s, which %s not count", t.KnownInShort(), printable.Plural(len(t.ExpectationsIn(result.Met)), "does", "do"))
		t.inFull(t.Known)
	}
	for _, o := range t.OutOfDate {
		t.title("%s: %s", plural(len(o.All), "known deviation", "known deviations"), o.Title)
		for _, e := range o.All {
			t.line("  ", printable.Line(e.Name()+": "+e.Because()))
		}
	}
}

// comparison writes the changes since the baseline.
func (t *textReport) comparison() {
	if t.Comparison == nil {
		return
	}
	room := shownChanges
	if t.Verbose {
		room = math.MaxInt
	}
	t.title("%s", printable.Line(t.Difference))
	for _, g := range t.Changes {
		t.line("  ", g.Title, ":")
		changes := firstOf(g.Changes, room)
		for _, change := range changes.Shown {
			t.line("    ", printable.Line(change.String()))
		}
		if changes.More > 0 {
			t.line(fmt.Sprintf("    and %d more (--verbose lists all)", changes.More))
		}
	}
}

// advice writes the broken SHOULDs that do not count.
func (t *textReport) advice() {
	const remark = " (a deviation with --strict)"
	if t.Verbose {
		t.failures("advisory finding", t.Advice, remark)
		return
	}
	if n := len(t.Advice); n > 0 {
		t.title("%s%s", plural(n, "advisory finding", "advisory findings"), remark)
	}
	for _, f := range t.Advice {
		t.line("  ", f.Requirement.ID, ": ", printable.Line(f.Got), " (", f.Case, andMore(len(f.Others)), ")")
	}
}

// shownUnjudged is how many scenarios that could not be judged a terminal shows.
const shownUnjudged = 3

func (t *textReport) notes() {
	if len(t.Notes) == 0 {
		return
	}
	t.title("notes")
	for _, note := range t.Notes {
		bullet := "  - "
		for _, line := range wrap(printable.Escape(note), max(0, t.Width-4)) {
			t.line(bullet, line)
			bullet = "    "
		}
	}
}

// cases returns how many there are.
func (t *textReport) cases() string {
	return fmt.Sprintf("%d %s", len(t.Cases), t.CaseWord(len(t.Cases)))
}

// totals writes the number of cases with each verdict, and the duration of the run.
func (t *textReport) totals() {
	var parts []string
	for _, row := range t.Counts.Rows {
		if n := row.Counts[countedCases]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", row.Verdict, n))
		}
	}
	t.line()
	t.line(t.cases(), printable.Prefixed(": ", strings.Join(parts, ", ")), "; ",
		plural(t.CountExchanges(), "exchange", "exchanges"), ", ", short(t.Duration))
}
