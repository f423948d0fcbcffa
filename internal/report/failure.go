// Package report shows what a run found: on the terminal, as a page and in Markdown
// for people, as JUnit XML, as an archive of the exchanges (HAR) and as commands to
// GitHub for machines, and how far a run is while it goes on.
package report

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// What a failure text shows of an answer at most.
const (
	shownBody   = 1024 // bytes
	shownLines  = 24
	shownHeader = 200 // characters of a value
)

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
	return failureText(c.Name(), of, &result.Case{Result: judged}, finding)
}

// failureText is FailureText without a contract, as a report that was read
// later must do.
func failureText(document string, of result.Requirement, c *result.Case, f judge.Finding) string {
	var b strings.Builder
	fmt.Fprintln(&b, printable.Line(fmt.Sprintf("%s (%s) %s", of.ID, of.Level, of.Text)))
	if place := placeOf(document, of.Line, f); place != "" {
		field(&b, "contract", place)
	}
	field(&b, "case", caseAndAim(c))
	field(&b, "lawful", f.Lawful...)
	field(&b, "got", f.Got)
	writeExchange(&b, c, f.Exchange)
	field(&b, "hint", f.Hint)
	return strings.TrimRight(b.String(), "\n")
}

// knownFailureText is FailureText with what was known of the failure.
func knownFailureText(run *result.Run, c *result.Case, f judge.Finding) string {
	var b strings.Builder
	b.WriteString(failureText(run.Contract.Name, run.RequirementOf(f), c, f) + "\n")
	if e := run.Expectation(c, f); e != nil {
		field(&b, "known", e.Because())
	}
	if e := run.ExpiredExpectation(c, f); e != nil {
		field(&b, "expired", e.Because())
	}
	return strings.TrimRight(b.String(), "\n")
}

// field writes a name and its values, one a line; nothing if all are empty.
func field(b *strings.Builder, name string, values ...string) {
	label := name + ":"
	for _, value := range values {
		if value == "" {
			continue
		}
		lines := indent(printable.Escape(value), "          ")
		fmt.Fprintf(b, "%-10s%s\n", label, strings.TrimPrefix(lines, "          "))
		label = ""
	}
}

// placeOf names the line of the requirement and, where it is another one, that
// of the clause that was broken.
func placeOf(document string, line int, f judge.Finding) string {
	switch {
	case line == 0 && f.Line == 0:
		return ""
	case line == 0, f.Line == 0 || f.Line == line:
		return fmt.Sprintf("%s:%d", document, max(line, f.Line))
	}
	return fmt.Sprintf("%s:%d, broken at %s:%d", document, line, document, f.Line)
}

func caseAndAim(c *result.Case) string {
	if c.Aim == "" {
		return c.Case
	}
	return c.Case + " (aim " + c.Aim + ")"
}

// writeExchange writes the exchange that a finding names, or where it is.
func writeExchange(b *strings.Builder, c *result.Case, index int) {
	switch x := c.Exchange(index); {
	case x != nil:
		field(b, "request", Curl(*x))
		field(b, "answer", answerText(x))
	case index >= 0 && index < len(c.Sequences):
		field(b, "request", fmt.Sprintf("exchange %d in %s", c.Sequences[index], result.ExchangesFile))
	}
}

func answerText(x *exchange.Exchange) string {
	var b strings.Builder
	if x.Answer == nil {
		b.WriteString("none")
	} else {
		writeAnswer(&b, x.Answer)
	}
	if x.Failure != nil {
		fmt.Fprintf(&b, "\n(%s: %s)", x.Failure.Kind, printable.Line(x.Failure.Message))
	}
	return b.String()
}

func writeAnswer(b *strings.Builder, a *contract.Answer) {
	fmt.Fprintf(b, "%s\n", strings.TrimSpace(fmt.Sprintf("HTTP %d %s", a.Status, http.StatusText(a.Status))))
	for _, name := range slices.Sorted(maps.Keys(a.Header)) {
		for _, value := range a.Header[name] {
			fmt.Fprintf(b, "%s: %s\n", printable.Escape(name), cut(printable.Escape(value), shownHeader, "..."))
		}
	}
	if len(a.Body) == 0 {
		b.WriteString("(no body)")
		return
	}
	b.WriteString("\n" + bodyText(a.Body))
}

// bodyText shows the beginning of a body, and how long all of it is where that
// is not the whole.
func bodyText(body []byte) string {
	shown := body
	if len(shown) > shownBody {
		end := shownBody
		for end > shownBody-utf8.UTFMax && !utf8.RuneStart(body[end]) {
			end--
		}
		shown = shown[:end]
	}
	lines := strings.Split(strings.TrimRight(string(shown), "\r\n"), "\n")
	whole := len(shown) == len(body) && len(lines) <= shownLines
	for i, line := range lines {
		lines[i] = printable.Escape(strings.TrimSuffix(line, "\r"))
	}
	s := strings.Join(lines[:min(len(lines), shownLines)], "\n")
	if !whole {
		s += fmt.Sprintf("\n... (%d bytes in all)", len(body))
	}
	return s
}

// A failure is a finding with all the cases that show the same.
type failure struct {
	finding judge.Finding
	first   *result.Case
	others  []string // ids of the further cases
}

// A picker picks findings of cases.
type picker func(*result.Case, judge.Finding) bool

// failuresOf gathers the findings that which picks: those on one requirement
// with the same outcome are one failure.
func failuresOf(run *result.Run, which picker) []*failure {
	type key struct {
		requirement, got string
		known            *result.Expectation // what is known for other reasons stays apart
	}
	byKey := map[key]*failure{}
	var all []*failure
	for i := range run.Cases {
		c := &run.Cases[i]
		for _, f := range c.Findings {
			if !which(c, f) {
				continue
			}
			k := key{f.Requirement, f.Got, run.Expectation(c, f)}
			switch known := byKey[k]; {
			case known == nil:
				byKey[k] = &failure{finding: f, first: c}
				all = append(all, byKey[k])
			case known.first != c && (len(known.others) == 0 || known.others[len(known.others)-1] != c.Case):
				known.others = append(known.others, c.Case)
			}
		}
	}
	return all
}

func observes(_ *result.Case, f judge.Finding) bool { return f.Verdict == judge.Observed }
