package implied

import (
	"fmt"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// oftenEnough is at how many operations a schema has values before those of others do: what many operations refer to
// is read by the same code of the server, mostly.
const oftenEnough = 3

// A share says at which places of the bodies values are derived, in a document that has more places than are to be
// looked at.
type share struct {
	most, all int
	bodies    map[*contract.MediaType]*shared
}

// shared has the places of one body.
type shared struct {
	places []values.Place
	taken  []bool
	left   int // how many are not
}

// shareOf shares so many places between the bodies of operations: first each whole, and then level by level in all of
// them, so that none is forgotten for the depth of another. Schemas that have had their values at a few operations
// come last. It returns nil if there is enough for all.
func shareOf(operations []*contract.Operation, most int) *share {
	s := &share{most: most, bodies: map[*contract.MediaType]*shared{}}
	if most <= 0 {
		return nil
	}
	var bodies []*shared // in order
	for _, op := range operations {
		for _, m := range contentsOf(op) {
			b := &shared{places: values.Survey(m.Schema)}
			b.taken, b.left = make([]bool, len(b.places)), len(b.places)
			s.bodies[m], bodies = b, append(bodies, b)
			s.all += len(b.places)
		}
	}
	if s.all <= most {
		return nil
	}
	left := most
	for _, b := range bodies {
		b.take(0)
		left--
	}
	times := map[*contract.Schema]int{}
	for _, limit := range []int{oftenEnough, len(bodies)} {
		byDepth(bodies, func(b *shared, i int) {
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

// byDepth calls visit with each place below the whole of some bodies, the shallowest of all first.
func byDepth(bodies []*shared, visit func(b *shared, place int)) {
	next := make([]int, len(bodies))
	for depth, more := 0, true; more; depth++ {
		more = false
		for i, b := range bodies {
			for ; next[i] < len(b.places) && b.places[next[i]].Depth <= depth; next[i]++ {
				if depth > 0 {
					visit(b, next[i])
				}
			}
			more = more || next[i] < len(b.places)
		}
	}
}

// of returns which schemas of a body have a share, and a text that is the same for the same ones; nil and "" for all.
func (s *share) of(m *contract.MediaType) (only func(*contract.Schema) bool, places string) {
	if s == nil || s.bodies[m] == nil || s.bodies[m].left == 0 {
		return nil, ""
	}
	b := s.bodies[m]
	has := map[*contract.Schema]bool{}
	text := make([]byte, len(b.places))
	for i, taken := range b.taken {
		if text[i] = '-'; taken {
			text[i], has[b.places[i].Schema] = '+', true
		}
	}
	return func(schema *contract.Schema) bool { return has[schema] }, string(text)
}

// limited says of a body that not all its places have a share.
func (d *deriver) limited(op *contract.Operation, m *contract.MediaType, name string) {
	if d.share == nil || d.share.bodies[m] == nil || d.share.bodies[m].left == 0 {
		return
	}
	d.gapOf(op, name, values.Reason{
		Text:   fmt.Sprintf("places deep in its values are left out: the bodies have %d, and --max-places is %d", d.share.all, d.share.most),
		Clause: m.Clause,
	})
	d.underived[len(d.underived)-1].Limit = "--max-places"
}
