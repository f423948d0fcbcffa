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

// seconds is a duration as JUnit files write it.
type seconds time.Duration

// MarshalText implements encoding.TextMarshaler.
func (s seconds) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%.3f", time.Duration(s).Seconds()), nil
}

// WriteJUnit writes the cases of a run for machines that read JUnit XML: what
// deviates is a failure, what could not be judged an error, what was masked or
// not applicable is skipped, and so is what deviates as was expected. A run that
// failed as a whole is an error in a case of its own, so that no reader takes an
// empty file for a success.
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
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write JUnit XML: %w", err)
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(suites); err != nil {
		return fmt.Errorf("write JUnit XML: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("write JUnit XML: %w", err)
	}
	return nil
}

// classOf is what a case is about: its operation, or else what its requirement
// begins with.
func classOf(c *result.Case) string {
	if c.Operation != "" {
		return c.Operation
	}
	prefix, _, _ := strings.Cut(c.Requirement, ".")
	return prefix
}

// suite returns the suite of a class, made where there is none yet.
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

// junitCaseOf has one outcome at most, as readers expect: the heaviest.
func junitCaseOf(run *result.Run, c *result.Case) junitCase {
	j := junitCase{ClassName: classOf(c), Name: c.Case, Time: seconds(c.Duration)}
	if c.Requirement != "" {
		j.Properties = append(j.Properties, junitProperty{"requirement", c.Requirement})
	}
	broken, known := brokenAndKnown(run, c)
	for _, f := range broken {
		j.Properties = append(j.Properties, junitProperty{"broken", f.Requirement})
	}
	for _, f := range known {
		j.Properties = append(j.Properties, junitProperty{"known", f.Requirement})
	}
	reason, failed := c.NotJudged()
	switch {
	case len(broken) > 0:
		j.Failure = junitFailureOf(run, c, broken)
	case failed:
		j.Error = &junitOutcome{Message: printable.Line(reason), Type: string(judge.Error)}
	case len(known) > 0:
		e := run.Expectation(c, known[0])
		j.Skipped = &junitOutcome{Message: "known deviation: " + printable.Line(e.Because()), Text: textOf(run, c, known)}
	case run.Deviating(c.Verdict):
		j.Failure = &junitOutcome{Message: printable.Line(c.Reason), Type: string(c.Verdict)}
	case c.Verdict == judge.Masked || c.Verdict == judge.NotApplicable:
		j.Skipped = &junitOutcome{Message: string(c.Verdict) + ": " + printable.Line(c.Reason)}
	}
	var advice []judge.Finding
	for _, f := range c.Findings {
		if f.Verdict == judge.Advisory && !run.Target.Strict {
			advice = append(advice, f)
		}
	}
	if len(advice) > 0 {
		j.Output = &junitText{textOf(run, c, advice)}
	}
	return j
}

// brokenAndKnown lists the findings of a case that deviate, and apart from them
// those that were known to.
func brokenAndKnown(run *result.Run, c *result.Case) (broken, known []judge.Finding) {
	for _, f := range c.Deviations(run.Target.Strict) {
		if run.Expectation(c, f) == nil {
			broken = append(broken, f)
		} else {
			known = append(known, f)
		}
	}
	return broken, known
}

// textOf writes findings in full. It goes into CDATA sections, which may not
// hold what XML forbids; printable.Escape has replaced it.
func textOf(run *result.Run, c *result.Case, findings []judge.Finding) string {
	texts := make([]string, len(findings))
	for i, f := range findings {
		texts[i] = failureOf(run, c, f).text()
	}
	return printable.Escape(strings.Join(texts, "\n\n"))
}

func junitFailureOf(run *result.Run, c *result.Case, broken []judge.Finding) *junitOutcome {
	message := broken[0].Requirement + ": " + printable.Line(broken[0].Got)
	if more := len(broken) - 1; more > 0 {
		message += fmt.Sprintf(" (and %d more)", more)
	}
	return &junitOutcome{Message: message, Type: string(broken[0].Verdict), Text: textOf(run, c, broken)}
}
