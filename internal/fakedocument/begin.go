package fakedocument

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// How many things there are of a kind when the server begins: of one that belongs to nothing, and of one that does.
const (
	firstThings = 3
	firstBelow  = 2
)

// begin makes a few things of each kind, so that reads find some.
func (s *Server) begin() {
	kinds := map[*kind][]*kind{} // with those above
	for _, a := range s.acts {
		if a.kind != nil {
			kinds[a.kind] = a.above
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(kinds), func(a, b *kind) int {
		return cmp.Or(cmp.Compare(strings.Count(a.collection, "/"), strings.Count(b.collection, "/")), cmp.Compare(a.collection, b.collection))
	}) {
		s.beginKind(k, kinds[k])
	}
}

func (s *Server) beginKind(k *kind, above []*kind) {
	s.store.made = 0 // each kind has ids of its own
	collections := []string{k.collection}
	count := firstThings
	if len(above) > 0 {
		count = firstBelow
		collections = nil
		nearest := above[len(above)-1]
		rest := strings.TrimPrefix(keyOf(k.collection), keyOf(nearest.template))
		for path, t := range s.store.things {
			if t.kind == nearest {
				collections = append(collections, path+rest)
			}
		}
		slices.Sort(collections)
	}
	for _, collection := range collections {
		if strings.Contains(collection, "{") {
			continue // what it belongs to is of no kind
		}
		for n := range count {
			id, ok := s.newID(k, collection)
			if !ok {
				break
			}
			s.store.put(s.thing(k, below(collection, id), id, s.shownFirst(k, n), nil))
		}
	}
}

// shownFirst returns the members of the nth thing at the start: the first has all that it can have.
func (s *Server) shownFirst(k *kind, n int) map[string]any {
	if k.schema == nil {
		return nil
	}
	if example, ok := k.example.(map[string]any); ok && n == 0 && valid(k.schema, example) {
		return maps.Clone(example)
	}
	v, err := s.source.Plain(k.schema)
	if n == 0 {
		v, err = s.full(k.schema)
	}
	if err != nil {
		return nil
	}
	object, _ := v.(map[string]any)
	return maps.Clone(object)
}
