package resources

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// A Lead is a request that an answer leads to, by a link or an address in it.
type Lead struct {
	Operation *contract.Operation
	Choice    Choice
	Clause    string // of the link; "" for an address
}

// Learn takes from the answer to a request what it shows: that a thing exists or does not, the
// ids in it, and where its links lead. The answer's status is taken at its word: whether it is the
// right one, others judge.
func (s *Store) Learn(op *contract.Operation, r *contract.Request, a *contract.Answer) []Lead {
	if op == nil || a == nil {
		return nil
	}
	own, ok := s.idsOf(op, r)
	if !ok {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	here := found{key: s.routes[op].last(), ids: own}
	exact := here.key != "" && here.key == keyOf(op.Path)
	switch {
	case read && exact && (a.Status == http.StatusNotFound || a.Status == http.StatusGone):
		s.forget(here)
	case read && exact && a.Status < 300:
		s.keep(here, FromMember)
	case r.Method == http.MethodDelete && exact && a.Status < 300:
		s.forget(here)
	}
	if a.Status >= 400 {
		return nil
	}
	leads := s.follow(op, r, a)
	if to, at, ok := s.located(r, a.Header.Get("Location")); ok {
		s.keep(at, FromLocation)
		leads = append(leads, Lead{Operation: to, Choice: s.choice(s.routes[to], at.as(FromLocation))})
	}
	if v, _ := a.JSON(); v != nil && (a.Status < 300) && r.Method != http.MethodDelete {
		w := walk{store: s, request: r, status: a.Status, noun: called(op.Path), left: mostNodes}
		w.body(op, here, v)
	}
	return leads
}

// A found is a thing that something names.
type found struct {
	key string
	ids []string
}

func (f found) text() string { return f.key + "\x00" + strings.Join(f.ids, "\x00") }

func (f found) as(source Source) []id {
	ids := make([]id, len(f.ids))
	for i, text := range f.ids {
		ids[i] = id{text: text, source: source}
	}
	return ids
}

// idsOf returns the values of the path of a request, in the order of its template.
func (s *Store) idsOf(op *contract.Operation, r *contract.Request) (ids []string, ok bool) {
	values, ok := op.Match(r.Path)
	if !ok {
		return nil, false
	}
	for _, st := range s.routes[op] {
		for _, p := range st.parameters {
			ids = append(ids, values[p.Name])
		}
	}
	return ids, true
}

// keep remembers that a thing exists, and its ids if some operation can use them.
func (s *Store) keep(f found, source Source) {
	if f.key == "" || slices.ContainsFunc(f.ids, func(text string) bool { return !usable(text) }) {
		return
	}
	s.see(f)
	delete(s.absent, f.text())
	known := s.things[f.key]
	i := slices.IndexFunc(known, func(t thing) bool { return slices.Equal(t.ids, f.ids) })
	switch {
	case i >= 0 && known[i].source <= source:
		return
	case i >= 0:
		known = slices.Delete(known, i, i+1)
	}
	known = append(known, thing{ids: slices.Clone(f.ids), source: source})
	slices.SortStableFunc(known, func(a, b thing) int { return cmp.Compare(a.source, b.source) })
	s.things[f.key] = known[:min(len(known), mostThings)]
}

// see remembers that an answer has shown a thing, though its ids are not for use.
func (s *Store) see(f found) {
	if len(s.seen) < mostSeen {
		s.seen[f.text()] = true
	}
}

// forget drops a thing that a read has shown to be absent, and what belongs to it.
func (s *Store) forget(f found) {
	if len(s.absent) < mostSeen {
		s.absent[f.text()] = true
	}
	for key, known := range s.things {
		if key == f.key || strings.HasPrefix(key, f.key+"/") {
			s.things[key] = slices.DeleteFunc(known, func(t thing) bool {
				return len(t.ids) >= len(f.ids) && slices.Equal(t.ids[:len(f.ids)], f.ids)
			})
		}
	}
}
