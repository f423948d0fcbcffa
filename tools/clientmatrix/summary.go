package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A summary is what docs/clients.md says of a client. It is kept under version control, and is the
// same in each run that finds the same.
type summary struct {
	Headline     string        `json:"-"`
	Gone         []string      `json:"-"` // what expect.yaml has and was not found
	Requirements []requirement `json:"requirements"`
	Deviations   []deviation   `json:"deviations"`
}

// A requirement is what all scenarios say of one.
type requirement struct {
	ID       string `json:"id"`
	Level    string `json:"level"`
	Text     string `json:"text"`
	Decided  int    `json:"decided"`  // scenarios that decide it
	Deviates int    `json:"deviates"` // of them
}

// A deviation is what was found in one or more scenarios, in the same words but for error codes.
type deviation struct {
	Requirement string   `json:"requirement"`
	Scenarios   []string `json:"scenarios"`
	Got         string   `json:"got"`
	Wire        []string `json:"wire"` // the requests of the first scenario, with their statuses
	Said        string   `json:"said"`
}

// results is what is read of results.json.
type results struct {
	Headline     string
	Requirements []struct {
		ID, Level, Text string
		Decided         int
	}
	Expectations []struct{ Requirement, Case, State string }
	Cases        []struct {
		Case     string
		Findings []struct{ Requirement, Verdict, Got string }
		Client   struct {
			Said, Signal string
			ExitStatus   *int `json:"exit_status"`
			TimedOut     bool `json:"timed_out"`
		}
		Exchanges []int
	}
}

// archive is what is read of exchanges.har.
type archive struct {
	Log struct {
		Entries []struct {
			Sequence int    `json:"_sequence"`
			Aim      string `json:"_aim"`
			Request  struct{ Method, URL string }
			Response struct{ Status int }
		}
	}
}

// summarise reads the report of a client.
func summarise(report string) (*summary, error) {
	var r results
	if err := readJSON(filepath.Join(report, "results.json"), &r); err != nil {
		return nil, err
	}
	wire, err := readWire(filepath.Join(report, "exchanges.har"))
	if err != nil {
		return nil, err
	}
	s := &summary{Headline: r.Headline}
	for _, q := range r.Requirements {
		s.Requirements = append(s.Requirements, requirement{ID: q.ID, Level: q.Level, Text: q.Text, Decided: q.Decided})
	}
	for _, e := range r.Expectations {
		if e.State != "met" {
			s.Gone = append(s.Gone, fmt.Sprintf("%s in %s: %s", e.Requirement, e.Case, e.State))
		}
	}
	for _, c := range r.Cases {
		for _, f := range c.Findings {
			if f.Verdict != "deviates" && f.Verdict != "advisory" {
				continue
			}
			i := slices.IndexFunc(s.Requirements, func(q requirement) bool { return q.ID == f.Requirement })
			if i < 0 {
				return nil, fmt.Errorf("results.json: %s: expected a requirement of the run, got %q", c.Case, f.Requirement)
			}
			s.Requirements[i].Deviates++
			d := deviation{Requirement: f.Requirement, Scenarios: []string{c.Case}, Got: alike(f.Got), Said: c.Client.Said}
			switch {
			case c.Client.TimedOut:
				d.Said = "nothing in time"
			case c.Client.ExitStatus != nil:
				d.Said += fmt.Sprintf(" (exit status %d)", *c.Client.ExitStatus)
			}
			for _, n := range c.Exchanges {
				d.Wire = append(d.Wire, wire[n])
			}
			d.Wire = bounded(d.Wire)
			s.add(d)
		}
	}
	return s, nil
}

// add adds a deviation to one that says the same, if there is one.
func (s *summary) add(d deviation) {
	for i := range s.Deviations {
		if is := &s.Deviations[i]; is.Requirement == d.Requirement && is.Said == d.Said && codeless(is.Got) == codeless(d.Got) {
			is.Scenarios = append(is.Scenarios, d.Scenarios...)
			return
		}
	}
	s.Deviations = append(s.Deviations, d)
}

var (
	codePattern = regexp.MustCompile(`\b(GES|APIGW|APIG)\.\d{4}\b`)
	// What differs between runs.
	resourcePattern = regexp.MustCompile(`/v2/[^/ ]+/graphs/[^/ ]+`)
	jobPattern      = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\d*`)
	originPattern   = regexp.MustCompile(`http://(127\.0\.0\.1|\[::1\]|localhost):\d+`)
	hostPattern     = regexp.MustCompile(`(127\.0\.0\.1|\[::1\]|localhost):\d+`)
	againPattern    = regexp.MustCompile(`again \S+ before`)
	endedPattern    = regexp.MustCompile(`had not ended \S+ after its first request`)
	withinPattern   = regexp.MustCompile(`within \d\S*`)
	linePattern     = regexp.MustCompile(` \(line \d+\)`)
)

func codeless(text string) string { return codePattern.ReplaceAllString(text, "CODE") }

// alike replaces in a text what differs between runs that find the same.
func alike(text string) string {
	text = originPattern.ReplaceAllString(text, "")
	text = hostPattern.ReplaceAllString(text, "HOST")
	text = resourcePattern.ReplaceAllString(text, "…")
	text = jobPattern.ReplaceAllString(text, "{job_id}")
	text = againPattern.ReplaceAllString(text, "again before")
	text = endedPattern.ReplaceAllString(text, "had not ended in time")
	text = withinPattern.ReplaceAllString(text, "within a second")
	return linePattern.ReplaceAllString(text, "")
}

// readWire returns the exchanges of a run by number, such as "POST …/upgrade: 200".
func readWire(path string) (map[int]string, error) {
	var a archive
	if err := readJSON(path, &a); err != nil {
		return nil, err
	}
	wire := map[int]string{}
	for _, e := range a.Log.Entries {
		target := alike(e.Request.URL)
		if e.Aim != "endpoint" {
			target = "at the other origin " + target
		}
		answer := fmt.Sprint(e.Response.Status)
		if e.Response.Status == 0 {
			answer = "no answer"
		}
		wire[e.Sequence] = fmt.Sprintf("%s %s: %s", e.Request.Method, target, answer)
	}
	return wire, nil
}

// bounded says how often a line is repeated, and leaves out the middle of many.
func bounded(lines []string) []string {
	const most = 6
	var kept []string
	for i := 0; i < len(lines); {
		n := 1
		for i+n < len(lines) && lines[i+n] == lines[i] {
			n++
		}
		line := lines[i]
		if n > 1 && strings.HasPrefix(line, "GET ") {
			line += ", more than once" // how often depends on the time it takes
		} else if n > 1 {
			line += fmt.Sprintf(", %d times", n)
		}
		kept = append(kept, line)
		i += n
	}
	if len(kept) > most {
		kept = slices.Concat(kept[:most/2], []string{"…"}, kept[len(kept)-most/2:])
	}
	return kept
}

func readJSON(path string, into any) error {
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	return nil
}

// kept is where the summary of a client is kept.
func kept(repository, name string) string {
	return filepath.Join(repository, "tools", "clientmatrix", "results", name+".json")
}

func (s *summary) write(repository, name string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(kept(repository, name)), 0o755) //nolint:gosec // it is committed
	}
	if err == nil {
		err = os.WriteFile(kept(repository, name), append(text, '\n'), 0o644) //nolint:gosec // it is committed
	}
	if err != nil {
		return fmt.Errorf("write the summary of %s: %w", name, err)
	}
	return nil
}
