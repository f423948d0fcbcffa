package cases

import (
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// varied is what a request is derived from that can be put into one with others: a valid
// variation, or a mutation that MAY be passed over.
type varied struct {
	d  *deriver
	p  part
	v  *variation // nil for a mutation
	at place      // of the mutation
	m  *mutation
}

// A Shared is one request that has several valid variations, or things that MAY be passed over, so
// that one acceptance shows that all of them are accepted.
type Shared struct {
	Cases   []*Case // the first of which it is recorded under
	Request Template
}

// slot returns the slot of a mutation that can share a request with others, or "".
func (d *deriver) slot(k *Case, at place, p part, m *mutation) string {
	alone := m.also.at != nowhere || m.version != "" || m.relation != "" || len(k.Lenient)+len(k.Possible) > 0
	switch {
	case k.Level != contract.May || d.op.Safe() || alone || len(k.Aims) == 0 || k.Aims[len(k.Aims)-1].Version != LaterVersion:
		return ""
	case at == atBody && strings.HasSuffix(m.text, bodyPlaceholder), at == atAddedMember:
		return m.name
	case at == atMemberValue, at == atSecondHeader:
		return p.name
	case at == atMediaType && m.text == absent:
		return slotType
	}
	return ""
}

// Share puts requests of one operation that can be shared into as few as it can: first what MAY be
// passed over, then valid variations in the order in which they are listed. The first request has
// the most. Those that differ in level, so that one may be refused and another not, or in the aim,
// are kept apart.
func Share(some []*Case, aim func(*Case) Aim) []Shared {
	var all []Shared
	left := slices.Clone(some)
	slices.SortStableFunc(left, func(a, b *Case) int { return a.order() - b.order() })
	for len(left) > 0 {
		var some, rest []*Case
		for _, k := range left {
			if fits(k, some, aim) {
				some = append(some, k)
			} else {
				rest = append(rest, k)
			}
		}
		all, left = append(all, Shared{some, together(some)}), rest
	}
	return all
}

// order returns the place of a variation in the list, or -1.
func (k *Case) order() int {
	return slices.IndexFunc(variations, func(v variation) bool { return k.variation() != nil && v.name == k.variation().name })
}

func (k *Case) variation() *variation {
	if k.varied == nil {
		return nil
	}
	return k.varied.v
}

// fits reports whether a variation can be in one request with others.
func fits(k *Case, others []*Case, aim func(*Case) Aim) bool {
	for _, other := range others {
		switch {
		case k.varied == nil || other.varied == nil || k.varied.d != other.varied.d, k.Slot == other.Slot:
			return false
		case k.mayBeRefused() != other.mayBeRefused(), aim(k).Name != aim(other).Name:
			return false
		case k.reorders() && other.leavesOut(), other.reorders() && k.leavesOut():
			return false
		}
	}
	return true
}

func (k *Case) reorders() bool  { return k.Slot == slotOrder }
func (k *Case) leavesOut() bool { return k.variation() != nil && k.variation().at == atMember }

// together returns a request with all that some cases have.
func together(some []*Case) Template {
	if len(some) == 1 {
		return some[0].Request
	}
	d := some[0].varied.d
	t, body, around := d.base, d.body(), bodyPlaceholder
	for _, k := range some {
		if k.variation() != nil {
			t, body = k.vary(t, body)
			continue
		}
		switch at, p, m := k.varied.at, k.varied.p, k.varied.m; at {
		case atBody:
			around = strings.Replace(m.text, bodyPlaceholder, around, 1)
		case atAddedMember:
			body = append(body, pair{text: m.text})
		case atMemberValue:
			body = body.set(p.name, memberOf(at, p, expand(m.text, p.values)))
		default:
			t = d.changed(t, at, p, expand(m.text, p.values))
		}
	}
	text := ""
	for _, k := range some { // how it is written depends on all that is said
		switch {
		case k.variation() == nil:
		case k.Slot == slotOrder:
			if len(body) == len(d.op.Body.Schema().Required) {
				body = d.withOptional()
			}
			body = body.reversed()
		case k.Slot == slotNames:
			body = body.escaped()
		case k.Slot == slotSpace:
			text = k.variation().text
		}
	}
	if text = expand(text, map[string]string{"${body_spaced}": body.spaced()}); text == "" {
		text = body.String()
	}
	return t.withBody(strings.Replace(around, bodyPlaceholder, text, 1))
}

// vary makes a valid variation in a request with others, and in its body.
func (k *Case) vary(t Template, body object) (Template, object) {
	d, v, p := k.varied.d, k.varied.v, k.varied.p
	switch v.at {
	case atMember:
		body = body.without(p.name)
	case atMemberValue:
		body = body.set(p.name, memberOf(v.at, p, v.text))
	case atMediaType:
		t = t.with(p.name, mediaType(t, k, d.op.Body.MediaTypes()[0]))
	default:
		v.apply(&t)
	}
	return t, body
}

// mediaType returns the media type of a request with one more variation of it.
func mediaType(t Template, k *Case, plain string) string {
	before := headerOf(t, k.varied.p.name)
	if k.Slot == slotType {
		return strings.Replace(before, plain, headerOf(k.Request, k.varied.p.name), 1)
	}
	name, _, _ := strings.Cut(before, ";")
	return strings.Replace(headerOf(k.Request, k.varied.p.name), plain, name, 1)
}

func headerOf(t Template, name string) string {
	for _, h := range t.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}
