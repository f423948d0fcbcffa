package resources

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/curl"
	"github.com/gesconform/gesconform/internal/pathtemplate"
)

// A Made is a thing that a run has made.
type Made struct {
	By     string    `json:"by"`     // the operation, by its id
	Delete string    `json:"delete"` // the operation that deletes it, by its id; "" if there is none
	Path   string    `json:"path"`   // of the thing, escaped, below the endpoint
	URL    string    `json:"url"`
	IDs    []string  `json:"ids"` // all of its path, the last is its own
	At     time.Time `json:"at"`
	// With are the ids of the security schemes whose credentials the server takes for it, as far as is known.
	With []string `json:"with,omitempty"`

	Deleted bool `json:"deleted,omitempty"` // whether it has been deleted since
	// Doubt says why it is not certain that the run has made it, so that nobody but the user may delete it; "" if it is.
	Doubt string `json:"doubt,omitempty"`

	key string // of what the store knows of it
}

// Made returns what a request has made, by the answer to it: what its Location or its body names, if
// no answer had shown that before. It must be called before Learn for the same answer. What a PUT went to
// counts only if a read had shown it to be absent. What may have been made, without the evidence for it, has a Doubt, and
// what has been made according to an earlier answer is returned once more, with one, if this answer speaks against it.
func (s *Store) Made(op *contract.Operation, r *contract.Request, a *contract.Answer) (Made, bool) {
	if op == nil || a == nil || a.Status < 200 || a.Status > 299 || r.Method != http.MethodPost && r.Method != http.MethodPut {
		return Made{}, false
	}
	own, ok := s.idsOf(op, r)
	if !ok {
		return Made{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.created(op, r, a, own)
	if !ok || r.Method == http.MethodPost && s.routes[op].passes(at, own) || s.wasGiven(at) && !s.absent[at.text()] {
		return Made{}, false
	}
	if doubt, known := s.again(at, r); known {
		m := s.entry(op, at)
		m.Doubt = doubt
		return m, doubt != "" && m.Path != ""
	}
	if s.seen[at.text()] && !s.absent[at.text()] || len(s.seen) >= mostSeen && a.Status != http.StatusCreated {
		return Made{}, false
	}
	if r.Method == http.MethodPut && !s.absent[at.text()] {
		return Made{}, false
	}
	sent, _ := r.JSON()
	about := &making{request: requestOf(r), certain: s.absent[at.text()], numbers: s.numbersIn(textsIn(sent, r.Body))}
	m := s.entry(op, at)
	m.Doubt = s.doubt(op, r, a, s.shownIn(op, a), about)
	if id := at.ids[len(at.ids)-1]; !about.certain && carries(r, id) && len(s.numbersIn([]string{id})) == 0 {
		m.Doubt, about.void = "the request has its id, and no read had shown that there was none", true
	}
	about.doubted = m.Doubt != ""
	if m.Path != "" && len(s.makings) < mostSeen {
		s.makings[m.key] = about
	}
	return m, m.Path != ""
}

// entry describes a thing that an operation has made.
func (s *Store) entry(op *contract.Operation, at found) Made {
	m := Made{By: op.ID, IDs: at.ids, At: time.Now().UTC(), key: at.text()}
	for _, other := range s.contract.Operations() {
		if s.routes[other].last() != at.key || keyOf(other.Path) != at.key {
			continue
		}
		if other.Method == http.MethodDelete {
			m.Delete = other.ID
		}
		m.Path = pathOf(other, s.routes[other], at.ids)
	}
	m.URL = s.address.text + m.Path
	return m
}

// shownIn returns what shows, in the answer to a creation, the thing that was made.
func (s *Store) shownIn(op *contract.Operation, a *contract.Answer) *contract.Value {
	v, _ := a.JSON()
	if c := s.listed(op); c != nil && v != nil {
		return unwrapped(c, v)
	}
	return v
}

// passes reports whether a path with these ids goes through a thing, so that a creation there has not made it.
func (r route) passes(at found, ids []string) bool {
	for n, st := range r {
		if st.key == at.key && slices.Equal(at.ids, ids[:min(len(ids), r.width(n+1))]) {
			return true
		}
	}
	return false
}

// wasGiven reports whether the user has given the id of a thing, so that it was there before the run.
func (s *Store) wasGiven(at found) bool {
	return slices.Contains(s.values[fixtureKey(at.key, 0)], at.ids[len(at.ids)-1])
}

// created returns what an answer says was created.
func (s *Store) created(op *contract.Operation, r *contract.Request, a *contract.Answer, own []string) (found, bool) {
	if r.Method == http.MethodPut {
		at := found{s.routes[op].last(), own}
		return at, at.key != "" && at.key == keyOf(op.Path)
	}
	if _, at, ok := s.located(r, a.Header.Get("Location")); ok {
		return at, true
	}
	c := s.listed(op)
	v, _ := a.JSON()
	if c == nil || v == nil || len(own) < c.width || keyOf(op.Path) != c.collection {
		return found{}, false
	}
	text, ok := c.id(s, unwrapped(c, v))
	return found{c.key, append(slices.Clip(own[:c.width]), text)}, ok
}

// Names reports whether the path is that of an operation with the ids, none of which leads elsewhere.
func (m Made) Names(op *contract.Operation) bool {
	parts := strings.Split(op.Path, "{")
	if len(parts) != len(m.IDs)+1 || len(m.IDs) == 0 {
		return false
	}
	path := parts[0]
	for i, part := range parts[1:] {
		_, rest, _ := strings.Cut(part, "}")
		if id := m.IDs[i]; id == "" || id == "." || id == ".." || strings.ContainsAny(id, "/\\") {
			return false
		}
		path += url.PathEscape(m.IDs[i]) + rest
	}
	return path == m.Path
}

// carries reports whether the body of a request has a text as a value at its top, or as a text anywhere.
func carries(r *contract.Request, text string) bool {
	v, _ := r.JSON()
	if v == nil {
		body := string(r.Body) // a form, say
		return strings.Contains(body, text) || strings.Contains(body, url.QueryEscape(text))
	}
	return v.Text == text || slices.ContainsFunc(v.Members, func(m contract.Member) bool { return m.Value.Text == text }) ||
		slices.Contains(textsIn(v, nil), text)
}

// pathOf returns the escaped path of an operation for the ids of its path.
func pathOf(op *contract.Operation, r route, ids []string) string {
	values := map[string]string{}
	n := 0
	for _, st := range r {
		for _, p := range st.parameters {
			values[p.Name] = url.PathEscape(ids[n])
			n++
		}
	}
	return pathtemplate.Fill(op.Path, func(name string) string { return values[name] })
}

// A Journal keeps what a run has made, and writes each entry at once, so that a run which is killed
// can be cleaned up later. It may be used by several goroutines.
type Journal struct {
	mu   sync.Mutex
	to   io.Writer
	made []Made
}

// NewJournal returns a journal that writes lines of JSON to a file, or nowhere if it is nil. If the
// file can be flushed to disk, it is, after each line.
func NewJournal(to io.Writer) *Journal { return &Journal{to: to} }

// Add notes what was made, or what is now known of it. What it has cannot be deleted later if the error is
// not nil, should the run be killed.
func (j *Journal) Add(m Made) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if i := slices.IndexFunc(j.made, func(other Made) bool { return other.Path == m.Path && !other.Deleted }); i >= 0 {
		j.made[i] = m
	} else {
		j.made = append(j.made, m)
	}
	return j.write(m)
}

// Delete notes that what is at a path has been deleted.
func (j *Journal) Delete(path string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := slices.IndexFunc(j.made, func(m Made) bool { return m.Path == path && !m.Deleted })
	if i < 0 {
		return nil
	}
	j.made[i].Deleted = true
	return j.write(j.made[i])
}

func (j *Journal) write(m Made) error {
	if j.to == nil {
		return nil
	}
	line, err := json.Marshal(m)
	if err == nil {
		_, err = j.to.Write(append(line, '\n'))
	}
	if file, ok := j.to.(interface{ Sync() error }); ok && err == nil {
		err = file.Sync()
	}
	if err != nil {
		return fmt.Errorf("write what was made (%s): %w", m.URL, err)
	}
	return nil
}

// Continue has the journal write what follows to a file, as NewJournal does.
func (j *Journal) Continue(to io.Writer) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.to = to
}

// Left returns what has been made and not deleted, by itself or with what it belongs to, the newest first.
func (j *Journal) Left() []Made {
	j.mu.Lock()
	defer j.mu.Unlock()
	deleted := map[string]bool{}
	for _, m := range j.made {
		if m.Deleted {
			deleted[strings.TrimSuffix(m.Path, "/")] = true
		}
	}
	var left []Made
	for _, m := range j.made {
		gone := m.Deleted
		for path := m.Path; !gone && strings.Contains(path, "/"); {
			path = path[:strings.LastIndexByte(path, '/')]
			gone = deleted[path]
		}
		if !gone {
			left = append(left, m)
		}
	}
	slices.Reverse(left)
	return left
}

// longestEntry is the longest line of a journal, and mostEntries is how many lines are read of one.
const (
	longestEntry = 64 << 10
	mostEntries  = 100_000
)

// ReadJournal reads what a journal has written. A last line that is not whole, as a killed run leaves
// one, is passed over.
func ReadJournal(from io.Reader) (*Journal, error) {
	j := &Journal{}
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, longestEntry)
	var broken error
	open := map[string]int{} // where what is not deleted is, by its path
	for n := 1; lines.Scan(); n++ {
		if broken != nil {
			return nil, broken
		}
		if n > mostEntries {
			return nil, fmt.Errorf("read what was made: expected at most %d lines, got more", mostEntries)
		}
		var m Made
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			broken = fmt.Errorf("read what was made: line %d: %w", n, err)
			continue
		}
		switch i, known := open[m.Path]; {
		case !m.Deleted && !known:
			open[m.Path] = len(j.made)
			j.made = append(j.made, m)
		case !m.Deleted: // what was made twice is deleted once, and the last word about the doubt counts
			j.made[i].Doubt = m.Doubt
		case m.Deleted && known:
			j.made[i].Deleted = true
			delete(open, m.Path)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read what was made: %w", err)
	}
	return j, nil
}

// Curl returns the line that deletes what was made, or "" if no operation does. Header and query have
// the credentials, with $NAME for each that the shell has in a variable.
func (m Made) Curl(header http.Header, query string) string {
	if m.Delete == "" {
		return ""
	}
	address := m.URL
	if query != "" {
		address += "?" + query
	}
	return curl.Line(&curl.Request{Method: http.MethodDelete, URL: address, Header: header, Secret: variables})
}

var variables = curl.Secret{
	Pattern:  regexp.MustCompile(`\$[A-Z_][A-Z0-9_]*`),
	Variable: func(_, found string) string { return found[1:] },
}
