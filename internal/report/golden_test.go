package report

import (
	"bytes"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func checkGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: expected its content, got (if it is right, run with -update to write it):\n%s", path, got)
	}
}

func TestTextGolden(t *testing.T) {
	for name, tc := range map[string]struct {
		options TextOptions
		change  func(*result.Run)
	}{
		"text.golden":         {options: TextOptions{}},
		"text-ascii.golden":   {options: TextOptions{ASCII: true, Width: 60}},
		"text-verbose.golden": {options: TextOptions{Verbose: true, Color: true}},
		"text-read.golden": {change: func(r *result.Run) { // as after reading results.json without the exchanges
			for i := range r.Cases {
				r.Cases[i].Exchanges = nil
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			run := resulttest.Run(t)
			if tc.change != nil {
				tc.change(&run)
			}
			var b bytes.Buffer
			if err := Text(&b, run, tc.options); err != nil {
				t.Fatal(err)
			}
			checkGolden(t, name, b.Bytes())
			first, _, _ := strings.Cut(b.String(), "\n")
			if !tc.options.Color && first != run.Headline {
				t.Errorf("first line: expected %q, got %q", run.Headline, first)
			}
		})
	}
}

func TestJUnitGolden(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJUnit(&b, resulttest.Run(t)); err != nil {
		t.Fatal(err)
	}
	checkGolden(t, "junit.golden.xml", b.Bytes())
}

// A junitDocument has the elements and attributes that readers of JUnit XML use.
type junitDocument struct {
	Suites []struct {
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitRead `xml:"testcase"`
	} `xml:"testsuite"`

	// Of all suites.
	Tests, Failures, Errors, Skipped int         `xml:"-"`
	Cases                            []junitRead `xml:"-"`
}

// A junitRead is a case.
type junitRead struct {
	Name    string    `xml:"name,attr"`
	Failure *struct{} `xml:"failure"`
	Error   *struct {
		Message string `xml:"message,attr"`
	} `xml:"error"`
	Skipped *struct{} `xml:"skipped"`
}

func readJUnit(t *testing.T, run result.Run) (junitDocument, string) {
	t.Helper()
	var b bytes.Buffer
	if err := WriteJUnit(&b, run); err != nil {
		t.Fatal(err)
	}
	var doc junitDocument
	if err := xml.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	for _, s := range doc.Suites {
		doc.Tests, doc.Failures, doc.Errors, doc.Skipped = doc.Tests+s.Tests, doc.Failures+s.Failures, doc.Errors+s.Errors, doc.Skipped+s.Skipped
		doc.Cases = append(doc.Cases, s.Cases...)
	}
	return doc, b.String()
}

func TestJUnitCounts(t *testing.T) {
	doc, _ := readJUnit(t, resulttest.Run(t))
	var failures, errors, skipped int
	for _, c := range doc.Cases {
		for n, there := range map[*int]bool{&failures: c.Failure != nil, &errors: c.Error != nil, &skipped: c.Skipped != nil} {
			if there {
				*n++
			}
		}
	}
	if doc.Tests != 6 || len(doc.Cases) != 6 || doc.Failures != 2 || failures != 2 ||
		doc.Errors != 1 || errors != 1 || doc.Skipped != 2 || skipped != 2 {
		t.Errorf("expected counts of %d failures, %d errors, %d skipped, got %+v", failures, errors, skipped, doc)
	}
}

func TestJUnitStrictCountsAdvice(t *testing.T) {
	run := resulttest.Run(t)
	run.Target.Strict = true
	if doc, _ := readJUnit(t, run); doc.Failures != 3 {
		t.Errorf("failures: expected 3, got %d", doc.Failures)
	}
}

func TestJUnitIsNeverAnEmptySuccess(t *testing.T) {
	doc, _ := readJUnit(t, result.Summarise(resulttest.Contract(t), result.Run{}, nil))
	if doc.Errors != 1 || len(doc.Cases) != 1 || doc.Cases[0].Error == nil || doc.Cases[0].Error.Message != "no case was selected" {
		t.Errorf("expected one error, got %+v", doc)
	}
}

// nasty is a hostile error message: terminal escapes, characters that XML forbids, the end of
// a CDATA section.
const nasty = "\x00\x1b[2J\a]]>\uffff\xff\u202e</failure>&"

func TestJUnitReplacesWhatXMLForbids(t *testing.T) {
	results := resulttest.Results()
	for i := range results {
		results[i].Reason = nasty
		results[i].Case += nasty
		for j := range results[i].Findings {
			f := &results[i].Findings[j]
			f.Got, f.Hint, f.Lawful = nasty, nasty, []string{nasty}
		}
		for j := range results[i].Exchanges {
			results[i].Exchanges[j].Answer.Body = []byte(nasty)
			results[i].Exchanges[j].Answer.Header.Set("X-Nasty", nasty)
		}
	}
	doc, written := readJUnit(t, result.Summarise(resulttest.Contract(t), result.Run{}, results))
	if doc.Failures != 2 || strings.ContainsAny(written, "\x00\x1b\a\uffff") || !utf8.ValidString(written) {
		t.Errorf("expected two failures with escaped text, got %d in\n%s", doc.Failures, written)
	}
}

func TestTextObeysNoControlCharacters(t *testing.T) {
	run := resulttest.Run(t)
	run.Failure, run.Notes = nasty, []string{nasty}
	for i := range run.Cases {
		run.Cases[i].Reason, run.Cases[i].Aim = nasty, nasty
		for j := range run.Cases[i].Findings {
			run.Cases[i].Findings[j].Got = nasty
		}
		for j := range run.Cases[i].Exchanges {
			x := &run.Cases[i].Exchanges[j]
			x.Answer.Body, x.URL = []byte(nasty), nasty
			x.Failure = &exchange.Failure{Kind: exchange.Cut, Message: nasty}
		}
	}
	for i := range run.Requirements {
		run.Requirements[i].Reason = nasty
	}
	var b bytes.Buffer
	if err := Text(&b, run, TextOptions{Verbose: true}); err != nil {
		t.Fatal(err)
	}
	if at := strings.IndexAny(b.String(), "\x00\x1b\a\u202e"); at >= 0 || !utf8.ValidString(b.String()) {
		t.Errorf("expected no control character, got\n%q", b.String())
	}
}

func TestTextPassesOnAFailedWrite(t *testing.T) {
	r, w := io.Pipe()
	_ = r.Close()
	if err := Text(w, resulttest.Run(t), TextOptions{}); err == nil || !strings.Contains(err.Error(), "write report") {
		t.Errorf("expected the write's error, got %v", err)
	}
}
