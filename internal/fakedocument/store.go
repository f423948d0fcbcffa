package fakedocument

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// A thing is something that the server keeps.
type thing struct {
	kind       *kind  // nil for what is alone
	path       string // escaped
	collection string // the path of those that it is one of; "" if it is alone
	id         string
	at         int // in the order of their making
	size       int // in bytes, of what was given
	value      map[string]any
}

// A store keeps things.
type store struct {
	things map[string]*thing // by path
	made   int               // counts ids
	puts   int
	size   int
}

// below returns the escaped path of one of a collection.
func below(collection, id string) string { return collection + "/" + url.PathEscape(id) }

// full reports whether nothing more of a size is kept.
func (s *store) full(size int) bool { return len(s.things) >= mostThings || s.size+size > mostKept }

func (s *store) put(t *thing) {
	if old := s.things[t.path]; old != nil {
		s.size -= old.size
		t.at = old.at
	} else {
		s.puts++
		t.at = s.puts
	}
	s.size += t.size
	s.things[t.path] = t
}

// remove removes a thing, and what belongs to it.
func (s *store) remove(path string) {
	for at, t := range s.things {
		if at == path || len(at) > len(path) && at[:len(path)+1] == path+"/" {
			s.size -= t.size
			delete(s.things, at)
		}
	}
}

// of returns the things of a collection, the oldest first.
func (s *store) of(collection string) []*thing {
	var all []*thing
	for _, t := range s.things {
		if t.collection == collection {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *thing) int { return cmp.Compare(a.at, b.at) })
	return all
}

// first returns the oldest thing of a kind that belongs to the first ones of theirs, or nil.
func (s *store) first(k *kind) *thing {
	var oldest *thing
	for _, t := range s.things {
		if t.kind == k && (oldest == nil || t.at < oldest.at) && s.belongsToFirst(t) {
			oldest = t
		}
	}
	return oldest
}

// belongsToFirst reports whether all that a thing belongs to are the first of their kinds.
func (s *store) belongsToFirst(t *thing) bool {
	for at := strings.LastIndexByte(t.path, '/'); at > 0; at = strings.LastIndexByte(t.path[:at], '/') {
		if above := s.things[t.path[:at]]; above != nil && above.kind != nil && s.first(above.kind) != above {
			return false
		}
	}
	return true
}
