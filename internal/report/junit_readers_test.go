package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

// A junitReader says what a reader of JUnit XML takes, by the names of the elements.
type junitReader map[string]junitElement

// A junitElement says what an element may have.
type junitElement struct {
	attributes map[string]*regexp.Regexp
	required   []string // attributes
	children   string   // a regular expression of their names, a blank after each
	text       bool     // something other than white space
}

var (
	anything  = regexp.MustCompile(`(?s)^.*$`)
	something = regexp.MustCompile(`\S`)
	number    = regexp.MustCompile(`^\d{1,9}$`)
	decimal   = regexp.MustCompile(`^\d+(\.\d+)?$`)
	local     = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`)
	// noType is what Rails, with which GitLab reads, takes for the type of a value in an
	// attribute of that name: it would convert the text, or refuse it.
	noType = regexp.MustCompile(`^(conforms|deviates|advisory|error)$`)
)

// junitReaders has a row for what each reader says in public: the schema junit-10.xsd of
// Jenkins' xUnit plugin; the schema of what Ant's tasks write (windyroad/JUnit-Schema, in the
// stricter of its versions); and what GitLab's documentation and parser do with a report.
var junitReaders = map[string]junitReader{
	"Jenkins xUnit": {
		"testsuites": {attributes: forms("name tests failures errors", anything, "time", decimal), children: `(testsuite )*`},
		"testsuite": {
			attributes: forms("name tests failures errors skipped group timestamp hostname id package file log url", anything, "time", decimal),
			required:   []string{"name", "tests", "failures", "errors"}, children: `((testsuite|properties|testcase|system-out|system-err) )*`,
		},
		"properties": {children: `(property )*`},
		"property":   {attributes: forms("name value", anything), required: []string{"name", "value"}},
		"testcase": {
			attributes: forms("name time classname group", anything), required: []string{"name"},
			children: `((skipped|error|failure|system-out|system-err) )*`,
		},
		"failure": {attributes: forms("type message", anything), text: true}, "error": {attributes: forms("type message", anything), text: true},
		"skipped":    {attributes: forms("type message", anything), text: true},
		"system-out": {text: true}, "system-err": {text: true},
	},
	"Ant": {
		"testsuites": {children: `(testsuite )*`},
		"testsuite": {
			attributes: forms("name package hostname", something, "id tests failures errors skipped", number, "time", decimal, "timestamp", local),
			required:   []string{"name", "package", "hostname", "id", "tests", "failures", "errors", "time", "timestamp"},
			children:   `properties (testcase )*system-out system-err `,
		},
		"properties": {children: `(property )*`},
		"property":   {attributes: forms("name", something, "value", anything), required: []string{"name", "value"}},
		"testcase":   {attributes: forms("name classname", anything, "time", decimal), required: []string{"name", "classname", "time"}, children: `((skipped|error|failure) )?`},
		"failure":    {attributes: forms("type message", anything), required: []string{"type"}, text: true},
		"error":      {attributes: forms("type message", anything), required: []string{"type"}, text: true},
		"skipped":    {attributes: forms("message", anything), text: true},
		"system-out": {text: true}, "system-err": {text: true},
	},
	// It stumbles over text between elements, and of two cases of one name and class it takes
	// the first.
	"GitLab": {
		"testsuites": {attributes: forms("name tests failures errors time", anything), children: `(testsuite )*`},
		"testsuite": {
			attributes: forms("name", something, "id package hostname tests failures errors skipped time timestamp", anything), required: []string{"name"},
			children: `((properties|testcase|system-out|system-err) )*`,
		},
		"properties": {children: `(property )*`},
		"property":   {attributes: forms("name value", anything)},
		"testcase":   {attributes: forms("name", something, "classname", something, "time", decimal), required: []string{"name", "classname"}, children: `((failure|error|skipped|system-out|system-err) )*`},
		"failure":    {attributes: forms("message", anything, "type", noType), text: true},
		"error":      {attributes: forms("message", anything, "type", noType), text: true},
		"skipped":    {attributes: forms("message", anything), text: true},
		"system-out": {text: true}, "system-err": {text: true},
	},
}

// forms takes names, separated by blanks, and the form of their values, in turn.
func forms(pairs ...any) map[string]*regexp.Regexp {
	all := map[string]*regexp.Regexp{}
	for i := 0; i < len(pairs); i += 2 {
		for _, name := range strings.Fields(pairs[i].(string)) { //nolint:forcetypeassert // of the tables above
			all[name] = pairs[i+1].(*regexp.Regexp) //nolint:forcetypeassert // of the tables above
		}
	}
	return all
}

// read returns what a reader has against a document.
func (of junitReader) read(document []byte) (problems []string) {
	complain := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	type open struct {
		name, children, text string
	}
	var stack []*open
	names := map[string]bool{}
	for d := xml.NewDecoder(bytes.NewReader(document)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return problems
		} else if err != nil {
			return append(problems, err.Error())
		}
		switch at := token.(type) {
		case xml.StartElement:
			name := at.Name.Local
			if len(stack) > 0 {
				stack[len(stack)-1].children += name + " "
			} else if name != "testsuites" {
				complain("expected the root testsuites, got %s", name)
			}
			stack = append(stack, &open{name: name})
			allowed, given := of[name], map[string]string{}
			for _, a := range at.Attr {
				given[a.Name.Local] = a.Value
				if form := allowed.attributes[a.Name.Local]; form == nil {
					complain("%s: attribute %s is not allowed", name, a.Name.Local)
				} else if !form.MatchString(a.Value) {
					complain("%s: attribute %s: expected %s, got %q", name, a.Name.Local, form, a.Value)
				}
			}
			for _, r := range allowed.required {
				if _, there := given[r]; !there {
					complain("%s: attribute %s is missing", name, r)
				}
			}
			if id := given["classname"] + " " + given["name"]; name == "testcase" {
				if names[id] {
					complain("testcase: %q is there twice", id)
				}
				names[id] = true
			}
		case xml.CharData:
			if len(stack) > 0 {
				stack[len(stack)-1].text += string(at)
			}
		case xml.EndElement:
			e := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			allowed, known := of[e.name]
			if !known {
				complain("element %s is not allowed", e.name)
			}
			if !regexp.MustCompile(`^(?:` + allowed.children + `)$`).MatchString(e.children) {
				complain("%s: expected the elements %q, got %q", e.name, allowed.children, e.children)
			}
			if !allowed.text && strings.TrimSpace(e.text) != "" {
				complain("%s: text is not allowed, got %q", e.name, e.text)
			}
		}
	}
}

// junitRuns returns runs of every kind, by name.
func junitRuns(t *testing.T) map[string]result.Run {
	t.Helper()
	summarise := func(run result.Run, results []judge.Result) result.Run {
		return result.Summarise(resulttest.Contract(t), run, results)
	}
	runs := map[string]result.Run{
		"deviates, errors, skipped": resulttest.Run(t), "no results": summarise(result.Run{}, nil), "nothing at all": {},
		"known":       resulttest.Known(t, nil, resulttest.Entry("requirement: upgrade.target-later", resulttest.Because)),
		"interrupted": summarise(result.Run{Interrupted: true, Failure: "interrupted"}, resulttest.Results()[:1]),
		"many":        summarise(result.Run{}, manyResults()[:50]),
		"times":       resulttest.Run(t), "without classes": resulttest.Run(t), "strict": resulttest.Run(t),
	}
	for _, v := range []judge.Verdict{judge.Conforms, judge.Deviates, judge.Advisory, judge.Observed, judge.Masked, judge.NotApplicable, judge.Error} {
		runs[string(v)] = summarise(result.Run{}, resulttest.Each(v))
	}
	for _, text := range append(payloads, "", " ", "\n", "\x00\x01\x7f\ufffe\U0010ffff") {
		runs[fmt.Sprintf("hostile %q", text)] = hostileRun(t, text)
	}
	for i := range runs["times"].Cases {
		runs["times"].Cases[i].Duration = []time.Duration{-time.Hour, 1<<63 - 1, 0}[i%3]
		runs["without classes"].Cases[i].Operation, runs["without classes"].Cases[i].Requirement = " \n", ""
	}
	strict := runs["strict"]
	strict.Target.Strict = true
	runs["strict"] = strict
	return runs
}

// Every reader takes the report of every run.
func TestJUnitReaders(t *testing.T) {
	runs := junitRuns(t)
	for _, name := range slices.Sorted(maps.Keys(runs)) {
		var b bytes.Buffer
		if err := WriteJUnit(&b, runs[name]); err != nil {
			t.Fatal(err)
		}
		for reader, of := range junitReaders {
			if problems := of.read(b.Bytes()); len(problems) > 0 {
				t.Errorf("%s, %s: expected a report without problems, got %d, first\n%s", name, reader, len(problems), strings.Join(problems[:min(5, len(problems))], "\n"))
			}
		}
	}
}

// The tables of the readers notice what has been wrong, and what easily becomes so.
func TestJUnitReadersNotice(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJUnit(&b, resulttest.Run(t)); err != nil {
		t.Fatal(err)
	}
	const all = "Ant, GitLab, Jenkins xUnit"
	for _, tt := range []struct{ old, with, want string }{
		{`<testsuites>`, `<testsuites skipped="0">`, all},
		{`<testsuites>`, `<testsuites>text`, all},
		{`<testsuites>`, `<testsuites tests="1">`, "Ant"},
		{`></testcase>`, `><properties></properties></testcase>`, all},
		{`></testcase>`, `><system-out></system-out></testcase>`, "Ant"},
		{` hostname="localhost"`, ``, "Ant"},
		{` tests="6"`, ``, "Ant, Jenkins xUnit"},
		{`type="error"`, `type="yaml"`, "GitLab"},
		{`<system-err></system-err>`, ``, "Ant"},
		{`timestamp="2025-06-01T12:00:00"`, `timestamp="2025-06-01T12:00:00Z"`, "Ant"},
	} {
		changed := strings.Replace(b.String(), tt.old, tt.with, 1)
		var noticed []string
		for reader, of := range junitReaders {
			if len(of.read([]byte(changed))) > 0 {
				noticed = append(noticed, reader)
			}
		}
		slices.Sort(noticed)
		if got := strings.Join(noticed, ", "); got != tt.want {
			t.Errorf("%s instead of %s: expected that %q notice, got %q", tt.with, tt.old, tt.want, got)
		}
	}
}
