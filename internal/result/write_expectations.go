package result

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/printable"
)

// WriteExpectations writes the deviations of a run as a list of known deviations, which a person
// completes: ReadExpectations refuses it until every entry has a reason, a ticket and an expiry
// date. An entry names the cases that deviate, and no other, unless there are
// too many to name. Known deviations that occurred or were not exercised are kept; those that are
// gone are left out.
func WriteExpectations(w io.Writer, run Run, known Names) error {
	all := known.ids()
	what, command := run.Target.Endpoint, "run"
	if run.Client != nil {
		what, command = cmp.Or(run.Client.CommandLine(), "the client"), "client"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# The deviations of %s that %s %s found on %s.\n", printable.Line(what), run.Tool.Name, run.Tool.Version, run.Started.UTC().Format(time.DateOnly))
	fmt.Fprintf(&b, "# Remove what is not to be accepted; give every other entry a reason, a ticket and a day until\n# which it holds, such as 2026-12-31; then `gesconform %s --expect` takes this file.\n", command)
	entries := 0
	for _, e := range run.Expectations {
		if e.State == Gone {
			continue
		}
		comment := ""
		if e.State == Expired {
			comment, e.Expires = "expired on "+e.Expires, ""
		}
		e.write(&b, known.caseWord(), comment)
		entries++
	}
	for _, d := range run.unexpected() {
		patterns := patternsOf(d.cases, all)
		if len(patterns) > maxPatterns {
			patterns = []string{""}
		}
		for _, pattern := range patterns {
			e := Expectation{Requirement: d.requirement, Case: pattern}
			e.write(&b, known.caseWord(), fmt.Sprintf("%d %s; got: %.200s", d.count(pattern), run.CaseWord(d.count(pattern)), printable.Line(d.got)))
			entries++
		}
	}
	if entries == 0 {
		fmt.Fprint(&b, "[] # nothing deviates\n")
	}
	if _, err := b.WriteTo(w); err != nil {
		return fmt.Errorf("write expectations: %w", err)
	}
	return nil
}

// maxPatterns is how many entries name the cases of one requirement. With more, one entry is for
// the whole requirement: nobody would write a reason for each.
const maxPatterns = 8

// write writes an entry, with an empty value for what is missing. caseWord is the key of the cases.
func (e *Expectation) write(b *bytes.Buffer, caseWord, comment string) {
	fmt.Fprintln(b)
	if comment != "" {
		fmt.Fprintf(b, "# %s\n", comment)
	}
	dash := "- "
	for _, member := range []struct {
		key, value string
		fill       bool
	}{{"requirement", e.Requirement, false}, {caseWord, e.Case, false}, {"reason", e.Reason, true}, {"ticket", e.Ticket, true}, {"expires", e.Expires, true}} {
		switch {
		case member.value != "":
			text := member.value
			if member.key != "expires" && (member.fill || !isPlain(text)) { // somebody else's words
				quoted, _ := json.Marshal(text) // JSON is YAML, too; a string always has some
				text = string(quoted)
			}
			fmt.Fprintf(b, "%s%s: %s\n", dash, member.key, text)
		case member.fill:
			fmt.Fprintf(b, "%s%s:\n", dash, member.key)
		default:
			continue
		}
		dash = "  "
	}
}

// isPlain reports whether a text is itself as a value of YAML, without quotes. The ids of cases by a document are not: they
// have a colon and a blank.
func isPlain(text string) bool {
	var read map[string]any
	return yaml.Unmarshal([]byte("a: "+text), &read) == nil && read["a"] == text
}

// A deviation is a requirement with the cases that deviate from it, in the order of the run.
type deviation struct {
	requirement string
	cases       []string
	got         string // in the first case
}

// count returns the number of its cases that match a pattern, all if that is "".
func (d *deviation) count(pattern string) int {
	n := 0
	for _, id := range d.cases {
		if pattern == "" || matches(pattern, id) {
			n++
		}
	}
	return n
}

// unexpected returns the deviations that count and that no expired expectation covers, which is
// written as it was.
func (run *Run) unexpected() []*deviation {
	var all []*deviation
	for i := range run.Cases {
		c := &run.Cases[i]
		for _, f := range c.Findings {
			if !run.Breaks(c, f) || run.ExpiredExpectation(c, f) != nil {
				continue
			}
			at := slices.IndexFunc(all, func(d *deviation) bool { return d.requirement == f.Requirement })
			if at < 0 {
				at = len(all)
				all = append(all, &deviation{requirement: f.Requirement, got: cmp.Or(f.Got, "nothing")})
			}
			if d := all[at]; !slices.Contains(d.cases, c.Case) {
				d.cases = append(d.cases, c.Case)
			}
		}
	}
	return all
}

// patternsOf returns ids, and prefixes of ids with *, that match the given ids and no other one of
// all. A prefix ends where a part of an id does.
func patternsOf(ids, all []string) []string {
	var patterns []string
	for _, id := range ids {
		if slices.ContainsFunc(patterns, func(p string) bool { return matches(p, id) }) {
			continue
		}
		patterns = append(patterns, widest(id, ids, all))
	}
	return patterns
}

// widest returns the shortest prefix of an id that matches several of ids and no other one of all,
// with *, or the id itself.
func widest(id string, ids, all []string) string {
	for end := 1; end < len(id); end++ {
		if last := id[end-1]; last != '/' && last != '-' {
			continue
		}
		pattern := id[:end] + "*"
		several := 0
		others := slices.ContainsFunc(all, func(other string) bool {
			if !matches(pattern, other) {
				return false
			}
			several++
			return !slices.Contains(ids, other)
		})
		if !others && several > 1 {
			return pattern
		}
	}
	return id
}
