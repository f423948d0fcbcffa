package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// A failure is a finding with its evidence, and the other cases with the same finding.
type failure struct {
	Requirement result.Requirement
	Verdict     judge.Verdict
	Place       string            // in the contract
	Origin      []contract.Source // the pages, RFCs and decisions of ours that it rests on
	Case, Aim   string
	Lawful      []string
	Got         string
	Exchange    *exchange.Exchange // nil if it was not read
	Elsewhere   string             // where to find the exchange if it was not read
	Hint        string
	Known       string   // why the deviation is known, and until when
	Expired     string   // the same if that has expired
	Others      []string // other cases with the same finding
	Anchor      string   // its id in report.html
	Folded      bool     // report.html shows it closed
	// Scenario is what a client was answered and how it took it, or nil if no client was judged.
	Scenario *scenario
}

// failureOf returns the failure for a finding of a run.
func failureOf(run *result.Run, c *result.Case, finding judge.Finding) *failure {
	f := newFailure(run.Contract.Name, run.RequirementOf(finding), c, finding)
	f.Place = subjectOf(run).place(finding, f.Place)
	if run.Document != nil { // whose cases have one aim
		f.Aim = ""
	}
	f.Origin = run.SourcesOf(finding.SourceIDs())
	if e := run.Expectation(c, finding); e != nil {
		f.Known = e.Because()
	}
	if e := run.ExpiredExpectation(c, finding); e != nil {
		f.Expired = e.Because()
	}
	return f
}

func newFailure(document string, of result.Requirement, c *result.Case, finding judge.Finding) *failure {
	of.Level = cmp.Or(finding.Level, of.Level) // --only-documented may lower that of some cases only
	f := &failure{
		Requirement: of, Verdict: finding.Verdict, Place: placeOf(document, of.Line, finding.Line), Case: c.Case, Aim: c.Aim,
		Lawful: finding.Lawful, Got: finding.Got, Exchange: c.Exchange(finding.Exchange), Hint: finding.Hint,
		Scenario: scenarioOf(c, finding.Exchange),
	}
	if at := finding.Exchange; f.Exchange == nil && at >= 0 && at < len(c.Sequences) {
		f.Elsewhere = fmt.Sprintf("exchange %d in %s", c.Sequences[at], result.ExchangesFile)
	}
	return f
}

// placeOf returns the line of the requirement in the contract and, if it is a different
// one, the line of the clause that was broken.
func placeOf(document string, line, broken int) string {
	switch {
	case line == 0 && broken == 0:
		return ""
	case line == 0, broken == 0 || broken == line:
		return fmt.Sprintf("%s:%d", document, max(line, broken))
	}
	return fmt.Sprintf("%s:%d, broken at %s:%d", document, line, document, broken)
}

// likewise adds another case with the same finding, once.
func (f *failure) likewise(id string) {
	if n := len(f.Others); id != f.Case && (n == 0 || f.Others[n-1] != id) {
		f.Others = append(f.Others, id)
	}
}

// alsoFrom adds the origins of another case, whose condition may have others.
func (f *failure) alsoFrom(origins []contract.Source) {
	for _, s := range origins {
		if !slices.Contains(f.Origin, s) {
			f.Origin = append(f.Origin, s)
		}
	}
}

// Record names the exchange in the record, or returns "" if there is none.
func (f *failure) Record() string {
	if f.Exchange == nil {
		return f.Elsewhere
	}
	return fmt.Sprintf("exchange %d", f.Exchange.Sequence)
}

// Source returns whose rule it is, without the URL or the reason.
func (f *failure) Source() string {
	if len(f.Origin) == 0 {
		return ""
	}
	s := f.Origin[0]
	if s.Ours() {
		return "ours, " + strings.ToUpper(strings.TrimPrefix(s.ID, "ours-")) + " (" + s.Title + ")"
	}
	return s.Title + ", " + s.Date
}

// Curl returns the request as a curl command, or "" if the exchange was not read, or a client sent
// it.
func (f *failure) Curl() string {
	if f.Exchange == nil || f.Scenario != nil {
		return ""
	}
	return curlLine(f.Exchange)
}

// CurlNote says what the command cannot do, or "".
func (f *failure) CurlNote() string {
	if f.Exchange == nil || f.Scenario != nil {
		return ""
	}
	return curlNote(f.Exchange)
}

// Answer returns the first line of the answer, and the rest of it. It is nil if the
// exchange was not read.
func (f *failure) Answer() []string {
	if f.Exchange == nil {
		return nil
	}
	return strings.SplitN(answerText(f.Exchange), "\n", 2)
}

// FailureText describes a finding, in this order: the id, level and text of the
// requirement; its line in the contract; whose rule it is; the case; the lawful outcomes and the actual one;
// the request as it was sent, as a curl command; the answer, with its body truncated; a hint. Of a
// client, what it was answered and how it took that come in the place of the command.
// The text does not end with a line feed, and contains no control characters that a
// terminal would interpret.
func FailureText(c *contract.Contract, judged judge.Result, finding judge.Finding) string {
	of := result.Requirement{ID: finding.Requirement, Level: finding.Level}
	if r := c.Requirement(finding.Requirement); r != nil {
		of.Text, of.Line, of.Level = r.Text, r.Line, r.Level
	}
	f := newFailure(c.Name(), of, &result.Case{Result: judged}, finding)
	for _, s := range c.Sources(finding.SourceIDs()...) {
		f.Origin = append(f.Origin, *s)
	}
	return f.text()
}

// text returns the text of FailureText and, if the deviation is a known one, why.
func (f *failure) text() string {
	var b strings.Builder
	fmt.Fprintln(&b, printable.Line(fmt.Sprintf("%s (%s) %s", f.Requirement.ID, f.Requirement.Level, f.Requirement.Text)))
	aim := ""
	if f.Aim != "" {
		aim = " (aim " + f.Aim + ")"
	}
	field(&b, "contract", f.Place)
	field(&b, "origin", each(f.Origin, contract.Source.String)...)
	if f.Scenario != nil {
		f.writeScenario(&b)
	} else {
		field(&b, "case", f.Case+aim)
		field(&b, "lawful", f.Lawful...)
		field(&b, "got", f.Got)
		field(&b, "request", f.Curl(), f.CurlNote(), f.Elsewhere)
	}
	field(&b, "answer", strings.Join(f.Answer(), "\n"))
	field(&b, "hint", f.Hint)
	field(&b, "known", f.Known)
	field(&b, "expired", f.Expired)
	return strings.TrimRight(b.String(), "\n")
}

// UnjudgedText describes a scenario in which a client could not be judged, as FailureText does a finding.
// It is "" if no client was run.
func UnjudgedText(judged judge.Result) string {
	if judged.Client == nil {
		return ""
	}
	return unjudgedText(&result.Case{Result: judged}, judged.Reason)
}

// unjudgedText describes a scenario that could not be judged, and why not.
func unjudgedText(c *result.Case, reason string) string {
	var b strings.Builder
	f := newFailure("", result.Requirement{}, c, judge.Finding{Got: reason, Exchange: -1})
	f.writeScenario(&b)
	return strings.TrimRight(b.String(), "\n")
}

// writeScenario writes what a client was answered, what it sent and how it took it.
func (f *failure) writeScenario(b *strings.Builder) {
	s := f.Scenario
	field(b, "scenario", f.Case)
	field(b, "answered", s.Answered)
	field(b, "expected", s.Expected)
	field(b, "said", s.Said+", after "+s.Took)
	field(b, "lawful", f.Lawful...)
	field(b, "got", f.Got)
	for _, o := range s.Outputs {
		field(b, o.Name, o.Text)
	}
	field(b, "sent", s.Requests...)
	field(b, "request", strings.Join(s.Request, "\n"), f.Elsewhere)
	field(b, "breaks", s.Broken...)
}

// field writes a name and its values, one per line, without empty ones.
func field(b *strings.Builder, name string, values ...string) {
	const margin = "          "
	label := name + ":"
	for _, value := range values {
		if value == "" {
			continue
		}
		lines := indent(printable.Escape(value), margin)
		fmt.Fprintf(b, "%-10s%s\n", label, strings.TrimPrefix(lines, margin))
		label = ""
	}
}
