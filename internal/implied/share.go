package implied

import (
	"fmt"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// oftenEnough is at how many operations a schema has values before those of others do: what many operations refer to
// is read by the same code of the server, mostly.
const oftenEnough = 3

// A share says at which places of bodies and parameters values are derived, in a document that has more places than are
// to be looked at.
type share struct {
	most, all int
	of        map[any]*shared // by *contract.MediaType of bodies, and *contract.Parameter of what has members or items
}

// shared has the places of one body, or of one parameter.
type shared struct {
	places []values.Place
	taken  []bool
	left   int // how many are not
}

// shareOf shares so many places between the bodies and parameters of operations: first each whole, and then level by level in all of
// them, so that none is forgotten for the depth of another. Schemas that have had their values at a few operations
// come last. It returns nil if there is enough for all.
func shareOf(operations []*contract.Operation, most int) *share {
	s := &share{most: most, of: map[any]*shared{}}
	if most <= 0 {
		return nil
	}
	var all []*shared // in order
	add := func(of any, places []values.Place) {
		b := &shared{places: places, taken: make([]bool, len(places)), left: len(places)}
		s.of[of], all = b, append(all, b)
		s.all += len(places)
	}
	for _, op := range operations {
		for _, m := range contentsOf(op) {
			add(m, values.Survey(m.Schema))
		}
		for _, p := range op.Parameters {
			if places := values.Survey(p.Schema); len(places) > 1 && len(op.Unsupported) == 0 { // the whole always has values
				add(p, places)
			}
		}
	}
	if s.all <= most {
		return nil
	}
	left := most
	for _, b := range all {
		b.take(0)
		left--
	}
	times := map[*contract.Schema]int{}
	for _, limit := range []int{oftenEnough, len(all)} {
		byDepth(all, func(b *shared, i int) {
			if schema := b.places[i].Schema; left > 0 && !b.taken[i] && b.taken[b.places[i].Above] && times[schema] < limit {
				b.take(i)
				times[schema]++
				left--
			}
		})
	}
	return s
}

// contentsOf returns the bodies of an operation from whose schemas values are derived.
func contentsOf(op *contract.Operation) []*contract.MediaType {
	if op.Body == nil || len(op.Unsupported) > 0 {
		return nil
	}
	var all []*contract.MediaType
	for _, m := range op.Body.Content {
		if m.Schema != nil {
			all = append(all, m)
		}
	}
	return all
}

func (b *shared) take(i int) {
	b.taken[i] = true
	b.left--
}

// byDepth calls visit with each place below the whole of some, the shallowest of all first.
func byDepth(all []*shared, visit func(b *shared, place int)) {
	next := make([]int, len(all))
	for depth, more := 0, true; more; depth++ {
		more = false
		for i, b := range all {
			for ; next[i] < len(b.places) && b.places[next[i]].Depth <= depth; next[i]++ {
				if depth > 0 {
					visit(b, next[i])
				}
			}
			more = more || next[i] < len(b.places)
		}
	}
}

// taken returns which schemas of a body or parameter have a share, and a text that is the same for the same ones; nil and
// "" for all.
func (s *share) taken(of any) (only func(*contract.Schema) bool, places string) {
	if !s.limits(of) {
		return nil, ""
	}
	b := s.of[of]
	has := map[*contract.Schema]bool{}
	text := make([]byte, len(b.places))
	for i, taken := range b.taken {
		if text[i] = '-'; taken {
			text[i], has[b.places[i].Schema] = '+', true
		}
	}
	return func(schema *contract.Schema) bool { return has[schema] }, string(text)
}

// limits reports whether not all places of a body or parameter have a share.
func (s *share) limits(of any) bool { return s != nil && s.of[of] != nil && s.of[of].left > 0 }

// limited says so of one that an operation has.
func (d *deriver) limited(op *contract.Operation, of any, name, clause string) {
	if !d.share.limits(of) {
		return
	}
	d.gapOf(op, name, values.Reason{
		Text:   fmt.Sprintf("places deep in its values are left out: bodies and parameters have %d, and --max-places is %d", d.share.all, d.share.most),
		Clause: clause,
	})
	d.underived[len(d.underived)-1].Limit = "--max-places"
}
