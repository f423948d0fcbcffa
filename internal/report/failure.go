package report

import (
	"fmt"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// A failure is a finding with all that is needed to argue about it, and the cases
// that show the same.
type failure struct {
	Requirement result.Requirement
	Verdict     judge.Verdict
	Place       string // in the contract
	Case, Aim   string
	Lawful      []string
	Got         string
	Exchange    *exchange.Exchange // nil if it is not at hand
	Elsewhere   string             // where the exchange is then
	Hint        string
	Known       string   // why it was expected, and how long
	Expired     string   // likewise, if it is too late for that
	Others      []string // further cases that show the same
	Anchor      string   // by which a page leads to it
}

// failureOf is a finding of a run.
func failureOf(run *result.Run, c *result.Case, finding judge.Finding) *failure {
	f := newFailure(run.Contract.Name, run.RequirementOf(finding), c, finding)
	if e := run.Expectation(c, finding); e != nil {
		f.Known = e.Because()
	}
	if e := run.ExpiredExpectation(c, finding); e != nil {
		f.Expired = e.Because()
	}
	return f
}

func newFailure(document string, of result.Requirement, c *result.Case, finding judge.Finding) *failure {
	f := &failure{
		Requirement: of, Verdict: finding.Verdict, Place: placeOf(document, of.Line, finding.Line), Case: c.Case, Aim: c.Aim,
		Lawful: finding.Lawful, Got: finding.Got, Exchange: c.Exchange(finding.Exchange), Hint: finding.Hint,
	}
	if at := finding.Exchange; f.Exchange == nil && at >= 0 && at < len(c.Sequences) {
		f.Elsewhere = fmt.Sprintf("exchange %d in %s", c.Sequences[at], result.ExchangesFile)
	}
	return f
}

// placeOf names the line of the requirement and, where it is another one, that
// of the clause that was broken.
func placeOf(document string, line, broken int) string {
	switch {
	case line == 0 && broken == 0:
		return ""
	case line == 0, broken == 0 || broken == line:
		return fmt.Sprintf("%s:%d", document, max(line, broken))
	}
	return fmt.Sprintf("%s:%d, broken at %s:%d", document, line, document, broken)
}

// likewise notes a further case that shows the same, once.
func (f *failure) likewise(id string) {
	if n := len(f.Others); id != f.Case && (n == 0 || f.Others[n-1] != id) {
		f.Others = append(f.Others, id)
	}
}

// Curl is the request, to be sent again; "" if the exchange is not at hand.
func (f *failure) Curl() string {
	if f.Exchange == nil {
		return ""
	}
	return curlLine(f.Exchange)
}

// Answer is the first line of what came, and the rest; nothing if the exchange is
// not at hand.
func (f *failure) Answer() []string {
	if f.Exchange == nil {
		return nil
	}
	return strings.SplitN(answerText(f.Exchange), "\n", 2)
}

// FailureText says what is wrong, in this order: requirement id, level and
// sentence; where it stands in the contract; the case; the outcomes that were
// lawful and the one that came; a curl line of the request that really left;
// the answer's head and its truncated body; a hint. It ends without a line
// feed, and holds no control characters that a terminal would obey.
func FailureText(c *contract.Contract, judged judge.Result, finding judge.Finding) string {
	of := result.Requirement{ID: finding.Requirement, Level: finding.Level}
	if r := c.Requirement(finding.Requirement); r != nil {
		of.Text, of.Line, of.Level = r.Text, r.Line, r.Level
	}
	return newFailure(c.Name(), of, &result.Case{Result: judged}, finding).text()
}

// text is FailureText with what was known of the failure.
func (f *failure) text() string {
	var b strings.Builder
	fmt.Fprintln(&b, printable.Line(fmt.Sprintf("%s (%s) %s", f.Requirement.ID, f.Requirement.Level, f.Requirement.Text)))
	aim := ""
	if f.Aim != "" {
		aim = " (aim " + f.Aim + ")"
	}
	field(&b, "contract", f.Place)
	field(&b, "case", f.Case+aim)
	field(&b, "lawful", f.Lawful...)
	field(&b, "got", f.Got)
	field(&b, "request", f.Curl(), f.Elsewhere)
	field(&b, "answer", strings.Join(f.Answer(), "\n"))
	field(&b, "hint", f.Hint)
	field(&b, "known", f.Known)
	field(&b, "expired", f.Expired)
	return strings.TrimRight(b.String(), "\n")
}

// field writes a name and its values, one a line; nothing if all are empty.
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
