package contract

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// A segment is a segment of a path template.
type segment struct {
	text   string         // as it stands in the template
	names  []string       // of the parameters in it
	form   *regexp.Regexp // of a segment that is only partly a parameter; it captures the values
	served string         // unescaped text, of a segment without parameters
}

// segmentsOf splits a path template. A parameter may be a whole segment or a part of one; ok is false if the
// braces do not pair.
func segmentsOf(path string) (segments []segment, ok bool) {
	ok = true
	for text := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		s, good := segmentOf(text)
		segments, ok = append(segments, s), ok && good
	}
	return segments, ok
}

func segmentOf(text string) (s segment, ok bool) {
	s.text = text
	rest, form := text, "(?s)^"
	literal := 0
	for {
		before, after, found := strings.Cut(rest, "{")
		if !found {
			break
		}
		name, behind, closed := strings.Cut(after, "}")
		if !closed || name == "" || strings.ContainsAny(before, "}") || strings.Contains(name, "{") {
			return segment{text: text}, false
		}
		s.names = append(s.names, name)
		literal += len(before)
		form += regexp.QuoteMeta(unescapedPath(before)) + "(.+?)"
		rest = behind
	}
	if strings.Contains(rest, "}") {
		return segment{text: text}, false
	}
	if literal += len(rest); len(s.names) > 1 || len(s.names) == 1 && literal > 0 {
		s.form = regexp.MustCompile(form + regexp.QuoteMeta(unescapedPath(rest)) + "$")
	}
	if len(s.names) == 0 {
		s.served = unescapedPath(text)
	}
	return s, true
}

func unescapedPath(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

// isParameter reports whether the segment is one parameter and nothing else.
func (s *segment) isParameter() bool { return len(s.names) == 1 && s.form == nil }

// match reports whether an unescaped segment of a path fits; values are those of the names.
func (s *segment) match(text string) (values []string, ok bool) {
	switch {
	case s.form != nil:
		found := s.form.FindStringSubmatch(text)
		if found == nil {
			return nil, false
		}
		return found[1:], true
	case s.isParameter():
		return []string{text}, true
	default:
		return nil, text == s.text || text == s.served
	}
}

// Match matches an escaped path with the operation's template, and returns the
// unescaped values of the path parameters. A query after the path is ignored. An escaped letter is equal to the letter, so
// %75pgrade matches upgrade (RFC 3986, section 6.2.2.2). Of two parameters in one segment, as in {a}-{b}, the first
// is as short as can be.
func (op *Operation) Match(escapedPath string) (values map[string]string, ok bool) {
	path, _, _ := strings.Cut(strings.TrimPrefix(escapedPath, "/"), "?")
	if strings.Count(path, "/") != len(op.segments)-1 {
		return nil, false
	}
	if !op.mayMatch(path) {
		return nil, false
	}
	values = make(map[string]string, len(op.Parameters))
	rest := path
	for i := range op.segments {
		s := &op.segments[i]
		var part string
		part, rest, _ = strings.Cut(rest, "/")
		text, err := url.PathUnescape(part)
		if err != nil {
			return nil, false
		}
		found, fits := s.match(text)
		if !fits && part != s.text {
			return nil, false
		}
		for i, value := range found {
			values[s.names[i]] = value
		}
	}
	return values, true
}

// mayMatch is a quick look at a path of as many segments as the operation's: those without a percent sign are
// compared.
func (op *Operation) mayMatch(rest string) bool {
	var part string
	for i := range op.segments {
		s := &op.segments[i]
		part, rest, _ = strings.Cut(rest, "/")
		if len(s.names) == 0 && part != s.text && part != s.served && !strings.Contains(part, "%") {
			return false
		}
	}
	return true
}

// A routeTable holds operations by the number of segments of their paths, those with the fewest
// parameters first.
type routeTable map[int][]*Operation

func newRouteTable(operations []*Operation) routeTable {
	table := routeTable{}
	for _, op := range operations {
		table[len(op.segments)] = append(table[len(op.segments)], op)
	}
	for _, some := range table {
		slices.SortStableFunc(some, func(a, b *Operation) int {
			return cmp.Or(cmp.Compare(strings.Count(a.Path, "{"), strings.Count(b.Path, "{")), cmp.Compare(a.wholeSegments(), b.wholeSegments()))
		})
	}
	return table
}

// wholeSegments counts the segments that are a parameter and nothing else.
func (op *Operation) wholeSegments() int {
	n := 0
	for i := range op.segments {
		if op.segments[i].isParameter() {
			n++
		}
	}
	return n
}

// Find returns the operation with the given method whose path template matches an
// escaped path, and the unescaped values of the path parameters. If only the method is
// wrong, op is nil and pathKnown is true. If several templates match, the one with the
// fewest parameters wins, and of those the one with the fewest that are a whole segment.
func (c *Contract) Find(method, escapedPath string) (op *Operation, values map[string]string, pathKnown bool) {
	path, _, _ := strings.Cut(escapedPath, "?")
	for _, candidate := range c.routes[1+strings.Count(strings.TrimPrefix(path, "/"), "/")] {
		if pathKnown && candidate.Method != method {
			continue
		}
		values, ok := candidate.Match(path)
		if !ok {
			continue
		}
		pathKnown = true
		if candidate.Method == method {
			return candidate, values, true
		}
	}
	return nil, nil, pathKnown
}
