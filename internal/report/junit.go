package report

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/limits"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// The elements of JUnit XML. There is no standard, so only what all readers allow is written:
// the schema of Ant has no attributes on testsuites, wants everything that junitSuite has, in
// this order, and allows nothing but the outcome in a testcase; that of Jenkins' xUnit plugin
// has no properties there either; and GitLab shows the text of an outcome, not its message.
type junitSuites struct {
	XMLName xml.Name      `xml:"testsuites"`
	Suites  []*junitSuite `xml:"testsuite"`
	byName  map[string]*junitSuite
}

type junitSuite struct {
	ID       int    `xml:"id,attr"`
	Name     string `xml:"name,attr"`
	Package  string `xml:"package,attr"`
	Hostname string `xml:"hostname,attr"`
	junitCounts
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
	Output     junitText       `xml:"system-out"`
	NoOutput   junitText       `xml:"system-err"`
	advice     []string
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
	ClassName string        `xml:"classname,attr"`
	Name      string        `xml:"name,attr"`
	Time      seconds       `xml:"time,attr"`
	Failure   *junitOutcome `xml:"failure"`
	Error     *junitOutcome `xml:"error"`
	Skipped   *junitOutcome `xml:"skipped"`
}

type junitOutcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",cdata"`
}

type junitText struct {
	Text string `xml:",cdata"`
}

// outcome returns an outcome whose text, unless it has another, is its message.
func outcome(of judge.Verdict, message, text string) *junitOutcome {
	message = printable.Line(message)
	return &junitOutcome{message, string(of), cmp.Or(text, message)}
}

// seconds is a duration that is written as a decimal number of seconds.
type seconds time.Duration

// MarshalText implements encoding.TextMarshaler.
func (s seconds) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%.3f", max(0, time.Duration(s).Seconds())), nil
}

// WriteJUnit writes the cases of a run as JUnit XML. A case that deviates is a failure, one
// that could not be judged is an error, and one that was masked, was not applicable or only
// has known deviations is skipped. If the run as a whole failed, there is an additional case
// with that error, so that no reader takes an empty file for a success. The requirement of
// each case, and those that it breaks, are properties of its suite; advice is its output.
func WriteJUnit(w io.Writer, run result.Run) error {
	suites := &junitSuites{byName: map[string]*junitSuite{}}
	texts := &junitTexts{run: &run, left: limits.JUnitFile - limits.JUnitFile/4} // the rest is for names and messages
	for i := range run.Cases {
		c := &run.Cases[i]
		suites.suite(&run, classOf(&run, c)).judged(texts, c)
	}
	if run.Failure != "" {
		suites.suite(&run, "run").add(junitCase{ClassName: "run", Name: "run", Error: outcome(judge.Error, run.Failure, "")})
	}
	for _, s := range suites.Suites {
		s.Output.Text = strings.Join(s.advice, "\n\n")
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
// its requirement's id. That of a client's scenario is the first part of its name. No reader takes
// a suite without a name.
func classOf(run *result.Run, c *result.Case) string {
	if run.Client != nil {
		return cmp.Or(printable.Line(groupOf(c.Case)), "other")
	}
	prefix, _, _ := strings.Cut(c.Requirement, ".")
	return cmp.Or(printable.Line(c.Operation), printable.Line(prefix), "other")
}

// suite returns the suite of a class, which it adds if necessary.
func (s *junitSuites) suite(run *result.Run, class string) *junitSuite {
	if known := s.byName[class]; known != nil {
		return known
	}
	made := &junitSuite{
		ID: len(s.Suites), Name: class, Package: class,
		Hostname:  "localhost", // what Ant's schema wants of who does not say
		Timestamp: run.Started.UTC().Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{
			{"headline", run.Headline},
			{"tool", run.Tool.Name + " " + run.Tool.Version},
			{"contract", run.Contract.Name + " " + run.Contract.Version},
		},
	}
	if run.Client != nil {
		made.Properties = append(made.Properties, junitProperty{"client", printable.Line(clientName(run.Client))})
	} else {
		made.Properties = append(made.Properties, junitProperty{"endpoint", run.Target.Endpoint}, junitProperty{"risk", run.Target.Risk})
	}
	s.Suites, s.byName[class] = append(s.Suites, made), made
	return made
}

func (s *junitSuite) add(c junitCase) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	s.Time += c.Time
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
}

// property adds a property of a case to its suite.
func (s *junitSuite) property(name string, c *result.Case, values ...string) {
	if value := strings.Join(values, ", "); value != "" {
		s.Properties = append(s.Properties, junitProperty{name + " " + c.Case, value})
	}
}

// judged adds a case with at most one outcome, the most serious, as readers of JUnit XML
// expect.
func (s *junitSuite) judged(texts *junitTexts, c *result.Case) {
	run := texts.run
	of := map[kind][]judge.Finding{}
	for _, f := range c.Findings {
		k := kindOf(run, c, f)
		of[k] = append(of[k], f)
	}
	ids := func(k kind) []string {
		return each(of[k], func(f judge.Finding) string { return f.Requirement })
	}
	s.property("requirement", c, c.Requirement)
	s.property("broken", c, ids(kindDeviation)...)
	s.property("known", c, ids(kindKnown)...)
	if text := texts.of(c, of[kindAdvice]); text != "" {
		s.advice = append(s.advice, text)
	}
	j := junitCase{ClassName: classOf(run, c), Name: c.Case, Time: seconds(c.Duration)}
	reason, failed := c.NotJudged()
	switch {
	case len(of[kindDeviation]) > 0:
		first, more := of[kindDeviation][0], andMore(len(of[kindDeviation])-1)
		j.Failure = outcome(first.Verdict, first.Requirement+": "+printable.Line(first.Got)+more, texts.of(c, of[kindDeviation]))
	case failed:
		j.Error = outcome(judge.Error, reason, texts.unjudged(c, reason))
	case len(of[kindKnown]) > 0:
		because := run.Expectation(c, of[kindKnown][0]).Because()
		j.Skipped = outcome("", "known deviation: "+because, texts.of(c, of[kindKnown]))
	case run.Deviating(c.Verdict):
		j.Failure = outcome(c.Verdict, c.Reason, "")
	case c.Verdict == judge.Masked || c.Verdict == judge.NotApplicable:
		j.Skipped = outcome("", string(c.Verdict)+": "+c.Reason, "")
	}
	s.add(j)
}

// junitTexts makes the texts of a file, whose length is limited.
type junitTexts struct {
	run  *result.Run
	left int // bytes
}

// of returns the texts of findings. They are written in CDATA sections, so printable.Escape
// replaces the characters that XML forbids.
func (t *junitTexts) of(c *result.Case, findings []judge.Finding) string {
	texts := each(findings, func(f judge.Finding) string { return failureOf(t.run, c, f).text() })
	return t.fit(c, strings.Join(texts, "\n\n"))
}

// unjudged returns how a client took a scenario that could not be judged, and "" for a case.
func (t *junitTexts) unjudged(c *result.Case, reason string) string {
	if c.Client == nil {
		return ""
	}
	return t.fit(c, unjudgedText(c, reason))
}

// fit returns a text about a case, or where it is if there is no room for it.
func (t *junitTexts) fit(c *result.Case, text string) string {
	text = printable.Escape(text)
	if len(text) > t.left {
		return fmt.Sprintf("left out, since this file would be longer than %d MiB; it is in %s, and the exchanges %v in %s", limits.JUnitFile>>20, result.ResultsFile, c.Sequences, result.ExchangesFile)
	}
	t.left -= len(text)
	return text
}
