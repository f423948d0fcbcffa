package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCounts
	Suites []*junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name string `xml:"name,attr"`
	junitCounts
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property,omitempty"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitCounts struct {
	Tests    int     `xml:"tests,attr"`
	Failures int     `xml:"failures,attr"`
	Errors   int     `xml:"errors,attr"`
	Skipped  int     `xml:"skipped,attr"`
	Time     seconds `xml:"time,attr"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	ClassName  string          `xml:"classname,attr"`
	Name       string          `xml:"name,attr"`
	Time       seconds         `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property,omitempty"`
	Failure    *junitOutcome   `xml:"failure"`
	Error      *junitOutcome   `xml:"error"`
	Skipped    *junitOutcome   `xml:"skipped"`
	Output     *junitText      `xml:"system-out"`
}

type junitOutcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",cdata"`
}

type junitText struct {
	Text string `xml:",cdata"`
}

// seconds is a duration that is written as a decimal number of seconds.
type seconds time.Duration

// MarshalText implements encoding.TextMarshaler.
func (s seconds) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%.3f", time.Duration(s).Seconds()), nil
}

// WriteJUnit writes the cases of a run as JUnit XML. A case that deviates is a failure, one
// that could not be judged is an error, and one that was masked, was not applicable or only
// has known deviations is skipped. If the run as a whole failed, there is an additional case
// with that error, so that no reader takes an empty file for a success.
func WriteJUnit(w io.Writer, run result.Run) error {
	suites := &junitSuites{Name: "gesconform"}
	for i := range run.Cases {
		c := &run.Cases[i]
		suites.suite(&run, classOf(c)).add(junitCaseOf(&run, c))
	}
	if run.Failure != "" {
		suites.suite(&run, "run").add(junitCase{
			ClassName: "run", Name: "run",
			Error: &junitOutcome{Message: printable.Line(run.Failure), Type: string(judge.Error)},
		})
	}
	for _, s := range suites.Suites {
		suites.junitCounts.add(s.junitCounts)
	}
	_, err := io.WriteString(w, xml.Header)
	if err == nil {
		e := xml.NewEncoder(w)
		e.Indent("", "  ")
		err = e.Encode(suites)
	}
	if err == nil {
		_, err = io.WriteString(w, "\n")
	}
	if err != nil {
		return fmt.Errorf("write JUnit XML: %w", err)
	}
	return nil
}

// classOf returns the class of a case: its operation or, if it has none, the first part of
// its requirement's id.
func classOf(c *result.Case) string {
	if c.Operation != "" {
		return c.Operation
	}
	prefix, _, _ := strings.Cut(c.Requirement, ".")
	return prefix
}

// suite returns the suite of a class, which it adds if necessary.
func (s *junitSuites) suite(run *result.Run, class string) *junitSuite {
	for _, known := range s.Suites {
		if known.Name == class {
			return known
		}
	}
	made := &junitSuite{
		Name:      class,
		Timestamp: run.Started.UTC().Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{
			{"headline", run.Headline},
			{"tool", run.Tool.Name + " " + run.Tool.Version},
			{"contract", run.Contract.Name + " " + run.Contract.Version},
			{"endpoint", run.Target.Endpoint},
			{"risk", run.Target.Risk},
		},
	}
	s.Suites = append(s.Suites, made)
	return made
}

func (s *junitSuite) add(c junitCase) {
	s.Cases = append(s.Cases, c)
	counts := junitCounts{Tests: 1, Time: c.Time}
	switch {
	case c.Failure != nil:
		counts.Failures = 1
	case c.Error != nil:
		counts.Errors = 1
	case c.Skipped != nil:
		counts.Skipped = 1
	}
	s.junitCounts.add(counts)
}

func (n *junitCounts) add(m junitCounts) {
	n.Tests += m.Tests
	n.Failures += m.Failures
	n.Errors += m.Errors
	n.Skipped += m.Skipped
	n.Time += m.Time
}

// junitCaseOf returns a case with at most one outcome, the most serious, as readers of
// JUnit XML expect.
func junitCaseOf(run *result.Run, c *result.Case) junitCase {
	j := junitCase{ClassName: classOf(c), Name: c.Case, Time: seconds(c.Duration)}
	if c.Requirement != "" {
		j.Properties = append(j.Properties, junitProperty{"requirement", c.Requirement})
	}
	of := map[kind][]judge.Finding{}
	for _, f := range c.Findings {
		k := kindOf(run, c, f)
		of[k] = append(of[k], f)
	}
	for _, f := range of[kindDeviation] {
		j.Properties = append(j.Properties, junitProperty{"broken", f.Requirement})
	}
	for _, f := range of[kindKnown] {
		j.Properties = append(j.Properties, junitProperty{"known", f.Requirement})
	}
	reason, failed := c.NotJudged()
	switch {
	case len(of[kindDeviation]) > 0:
		first, more := of[kindDeviation][0], ""
		if n := len(of[kindDeviation]) - 1; n > 0 {
			more = fmt.Sprintf(" (and %d more)", n)
		}
		j.Failure = &junitOutcome{first.Requirement + ": " + printable.Line(first.Got) + more, string(first.Verdict), textOf(run, c, of[kindDeviation])}
	case failed:
		j.Error = &junitOutcome{Message: printable.Line(reason), Type: string(judge.Error)}
	case len(of[kindKnown]) > 0:
		because := run.Expectation(c, of[kindKnown][0]).Because()
		j.Skipped = &junitOutcome{Message: "known deviation: " + printable.Line(because), Text: textOf(run, c, of[kindKnown])}
	case run.Deviating(c.Verdict):
		j.Failure = &junitOutcome{Message: printable.Line(c.Reason), Type: string(c.Verdict)}
	case c.Verdict == judge.Masked || c.Verdict == judge.NotApplicable:
		j.Skipped = &junitOutcome{Message: string(c.Verdict) + ": " + printable.Line(c.Reason)}
	}
	if len(of[kindAdvice]) > 0 {
		j.Output = &junitText{textOf(run, c, of[kindAdvice])}
	}
	return j
}

// textOf returns the texts of findings. They are written in CDATA sections, so
// printable.Escape replaces the characters that XML forbids.
func textOf(run *result.Run, c *result.Case, findings []judge.Finding) string {
	texts := each(findings, func(f judge.Finding) string { return failureOf(run, c, f).text() })
	return printable.Escape(strings.Join(texts, "\n\n"))
}
