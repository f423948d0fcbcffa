package cases

import (
	"slices"
	"strings"
)

// A validRequest is what a valid variation is derived from, so that it can be put into one
// request with others.
type validRequest struct {
	d *deriver
	v *variation
	p part
}

// A Shared is one request that has several valid variations, so that one acceptance shows that
// all of them are accepted.
type Shared struct {
	Cases   []*Case // the first of which it is recorded under
	Request Template
}

// Share puts valid variations of one operation into as few requests as it can, in the order in
// which the variations are listed: the first request has the most. Those that differ in level, so
// that one may be refused and another not, or in the aim at index, are kept apart.
func Share(valid []*Case, aim func(*Case) Aim) []Shared {
	var all []Shared
	left := slices.Clone(valid)
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

// order returns the place of a variation in the list.
func (k *Case) order() int {
	return slices.IndexFunc(variations, func(v variation) bool { return k.valid != nil && v.name == k.valid.v.name })
}

// fits reports whether a variation can be in one request with others.
func fits(k *Case, others []*Case, aim func(*Case) Aim) bool {
	for _, other := range others {
		switch {
		case k.valid == nil || other.valid == nil || k.valid.d != other.valid.d, k.Slot == other.Slot:
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
func (k *Case) leavesOut() bool { return k.valid.v.at == atMember }

// together returns a request with all the variations.
func together(some []*Case) Template {
	if len(some) == 1 {
		return some[0].Request
	}
	d := some[0].valid.d
	t, body, spaced := d.base, d.body(), ""
	for _, k := range some {
		v, p := k.valid.v, k.valid.p
		switch v.at {
		case atMember:
			body = body.without(p.name)
		case atMemberValue:
			body = body.set(p.name, memberOf(v.at, p, v.text))
		case atMediaType:
			t = t.with(p.name, mediaType(t, k, d.op.Body.MediaTypes[0]))
		default:
			v.apply(&t)
		}
	}
	for _, k := range some { // how it is written depends on all that is said
		switch k.Slot {
		case slotOrder:
			if len(body) == len(d.op.Body.Schema.Required) {
				body = d.withOptional()
			}
			body = body.reversed()
		case slotNames:
			body = body.escaped()
		case slotSpace:
			spaced = k.valid.v.text
		}
	}
	if spaced == "" {
		return t.withBody(body.String())
	}
	return t.withBody(expand(spaced, map[string]string{"${body_spaced}": body.spaced()}))
}

// mediaType returns the media type of a request with one more variation of it.
func mediaType(t Template, k *Case, plain string) string {
	before := headerOf(t, k.valid.p.name)
	if k.Slot == slotType {
		return strings.Replace(before, plain, headerOf(k.Request, k.valid.p.name), 1)
	}
	name, _, _ := strings.Cut(before, ";")
	return strings.Replace(headerOf(k.Request, k.valid.p.name), plain, name, 1)
}

func headerOf(t Template, name string) string {
	for _, h := range t.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}
