package implied

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/jsonpointer"
)

// A plain body has what the document requires and nothing else. A server may want more than that, which documents that
// are made from code often do not say: a phone number or an address of mail, an end beside a start. Then nothing could be
// seen of the operation, so that what the server takes is looked for, and the cases rest on that.

const (
	mostFuller = 24 // bodies are tried
	mostAlone  = 8  // of them with one member more
	mostLikely = 2  // texts of those that a server may want
	// mostFruitless is after how many searches in a row that found nothing hardly any more is looked for: the server may
	// refuse everything.
	mostFruitless = 8
)

// aimFuller is the plain request with a fuller body.
const aimFuller = "fuller"

const (
	moreUnsaid = "the server may want more of its body than the document says"
	howToSay   = "an example of the whole body in the document would help, or --fixture NAME=… with the name of a member"
)

// A member is a part of a body, by its place (RFC 6901), that the plain one does not have, or has in another form.
type member struct {
	place   string
	value   any
	instead any // what the plain one has; nil for nothing
}

// fuller looks for a body with more than the document requires that gets what the ground expects, after the plain one was
// called invalid. It returns the request that did, and has the ground rest on it.
func (r *run) fuller(ctx context.Context, k *Case, g *ground, refusal *exchange.Exchange) (t cases.Template, x exchange.Exchange, found bool) {
	if outcomeOf(g.op, refusal) != invalid || g.body == nil || g.body.media.Schema == nil || len(g.beyond) > 0 {
		return t, x, false
	}
	full, err := r.source.Full(g.body.media.Schema, hintsOf(g.body.media)...)
	if err != nil {
		full = g.body.value
	}
	o := ordinary{r: r}
	s := search{schema: g.body.media.Schema, plain: g.body.value, tried: map[string]bool{}, answer: refusal}
	for n := range mostLikely {
		s.rounds = append(s.rounds, o.optional(s.schema, s.plain, full, "", n))
	}
	most := mostFuller
	if r.fruitless >= mostFruitless {
		most = 1
	}
	for n := 1; n <= most; n++ {
		members, value, ok := s.next()
		if !ok {
			break
		}
		from := g.base
		from.body, from.beyond = &content{media: g.body.media, value: value, given: true}, members
		from = r.renewed(ctx, k, from)
		if t, err = r.o.build(from, k.plainly(), false); err != nil {
			continue
		}
		y := r.deliver(ctx, k.ID, fmt.Sprintf("%s %d", aimFuller, n), g.op, t)
		switch outcomeOf(g.op, &y) {
		case g.expects:
			r.fruitless = 0
			g.sent = from.valueOf(nil)
			g.body, g.beyond = from.body, members
			if g.control.op == g.op {
				g.control.body, g.control.beyond = g.body, g.beyond
			}
			return t, y, true
		case unanswered, passed:
			return t, x, false
		default: // refused
		}
		s.answer = &y
	}
	r.fruitless++
	return t, x, false
}

// plainly is the change of a case without its body.
func (k *Case) plainly() variation {
	return variation{absent: k.change.absent, ids: k.change.ids}
}

// optional lists what a full value has that the plain one of the same schema does not, and likely texts in place of those
// that may be anything. n is which of the likely texts.
func (o *ordinary) optional(schema *contract.Schema, plain, full any, at string, n int) (all []member) {
	switch f := full.(type) {
	case map[string]any:
		p, ok := plain.(map[string]any)
		if !ok {
			return nil
		}
		for _, name := range slices.Sorted(maps.Keys(f)) {
			place, of := at+"/"+jsonpointer.Escape(name), memberOf(schema, name, 0)
			usual, there := p[name]
			text, isLikely := o.likely(of, name, n)
			switch {
			case isLikely && text != usual:
				all = append(all, member{place, text, usual})
			case there:
				all = append(all, o.optional(of, usual, f[name], place, n)...)
			default:
				all = append(all, member{place, f[name], nil})
			}
		}
	case []any:
		p, _ := plain.([]any)
		for i := range min(len(p), len(f)) {
			all = append(all, o.optional(itemsOf(schema), p[i], f[i], at+"/"+strconv.Itoa(i), n)...)
		}
	}
	return all
}

// likely returns the text that a server may want of a member that takes any.
func (o *ordinary) likely(s *contract.Schema, name string, n int) (text string, ok bool) {
	texts := likelyTexts(name)
	if s == nil || len(texts) == 0 || s.Type != contract.KindString || !o.free(s) {
		return "", false
	}
	return texts[min(n, len(texts)-1)], true
}

const noPlace = "none" // a pointer is empty or begins with a slash

// A search says which fuller body to try next: first with what the refusals name, then with one member alone, with all, and
// with all but what the refusals of that name. Each round has other texts.
type search struct {
	schema *contract.Schema
	plain  any
	rounds [][]member
	answer *exchange.Exchange // to the last one
	added  []member           // as refusals named them
	alone  int                // how many were tried alone
	left   []member           // of all; nil until that is tried
	tried  map[string]bool
}

// next returns the members to add, and the body with them.
func (s *search) next() (members []member, value any, ok bool) {
	for len(s.rounds) > 0 {
		optional := s.rounds[0]
		switch {
		case s.alone == 0 && s.left == nil && s.grows():
			members = s.added
		case s.alone < min(mostAlone, len(optional)):
			members = optional[s.alone : s.alone+1]
			s.alone++
		case s.left == nil && len(optional) > 0:
			s.left = optional
			members = s.left
		case s.shrinks():
			members = s.left
		default:
			s.rounds, s.added, s.alone, s.left = s.rounds[1:], nil, 0, nil
			continue
		}
		value = with(s.plain, members, noPlace)
		key := fmt.Sprint(value) // of maps in the order of their keys
		if !s.tried[key] && !reflect.DeepEqual(value, s.plain) && len(s.schema.Check(contract.ValueOf(value), contract.Client)) == 0 {
			s.tried[key] = true
			return slices.Clone(members), value, true
		}
	}
	return nil, nil, false
}

// grows adds what the last refusal names, and reports whether that is anything new.
func (s *search) grows() bool {
	before := len(s.added)
	for _, m := range s.rounds[0] {
		if mentions(s.answer, m) && !slices.Contains(placesOf(s.added), m.place) {
			s.added = append(s.added, m)
		}
	}
	return len(s.added) > before
}

// shrinks leaves out what the last refusal names, and reports whether it named any.
func (s *search) shrinks() bool {
	before := len(s.left)
	s.left = slices.DeleteFunc(slices.Clone(s.left), func(m member) bool { return mentions(s.answer, m) })
	return len(s.left) < before && len(s.left) > 0
}

// mentions reports whether an answer names a member.
func mentions(x *exchange.Exchange, m member) bool {
	tokens := jsonpointer.Tokens(m.place)
	name := regexp.QuoteMeta(tokens[len(tokens)-1])
	if x.Answer == nil {
		return false
	}
	found, err := regexp.Match(`(?i)(?:^|[^\pL\pN_])`+name+`(?:$|[^\pL\pN_])`, x.Answer.Body)
	return err == nil && found
}

func placesOf(all []member) (places []string) {
	for _, m := range all {
		places = append(places, m.place)
	}
	slices.Sort(places)
	return places
}

// with returns a copy of a value that has some members, where there is none yet, or that of the plain one, and what they
// belong to is there. It has nothing more at the place that is special.
func with(value any, members []member, special string) any {
	for _, m := range members {
		tokens := jsonpointer.Tokens(m.place)
		last := tokens[len(tokens)-1]
		value = changedAt(value, tokens[:len(tokens)-1], func(of any) (any, bool) {
			object, isObject := of.(map[string]any)
			if !isObject || m.place == special {
				return of, true
			}
			usual, there := object[last]
			object = maps.Clone(object)
			switch {
			case !there || m.instead != nil && reflect.DeepEqual(usual, m.instead):
				object[last] = m.value
			default:
				object[last] = filledUp(usual, m.value, m.place, special)
			}
			return object, true
		})
	}
	return value
}

// filledUp returns an object with what another one has besides, but for what is special.
func filledUp(value, full any, at, special string) any {
	object, isObject := value.(map[string]any)
	fuller, isFuller := full.(map[string]any)
	if !isObject || !isFuller {
		return value
	}
	object = maps.Clone(object)
	for name, member := range fuller {
		place := at + "/" + jsonpointer.Escape(name)
		if usual, there := object[name]; there {
			object[name] = filledUp(usual, member, place, special)
		} else if place != special {
			object[name] = member
		}
	}
	return object
}

// completed returns a body with what the server wants beyond the document, but for what is special in it. lacks says
// that it cannot have that: it would no longer be what the case is about.
func (g base) completed(m *contract.MediaType, value any, special string) (whole any, lacks string) {
	if len(g.beyond) == 0 || m == nil || m.Schema == nil {
		return value, ""
	}
	before := m.Schema.Check(contract.ValueOf(value), contract.Client)
	tries := [][]member{g.beyond}
	if len(before) > 0 { // what it breaks is more, perhaps, than one place
		tries = append(tries, slices.DeleteFunc(slices.Clone(g.beyond), func(b member) bool { return isBelow(b.place, special) }))
	}
	for _, members := range tries {
		whole := with(value, members, special)
		if after := m.Schema.Check(contract.ValueOf(whole), contract.Client); alike(before, after) {
			return whole, ""
		}
	}
	return value, fmt.Sprintf("%s: it takes the plain one only with %s, which this one cannot have", moreUnsaid, enumerated(placesOf(g.beyond)))
}

// lacking says why the refusal of a case says nothing: its body cannot have what the server wants.
func (g *ground) lacking(k *Case, x *exchange.Exchange) string {
	if len(g.beyond) == 0 || outcomeOf(k.Operation, x) != invalid {
		return ""
	}
	if c := g.contentOf(k.change.body); c != nil {
		return c.lacks
	}
	return ""
}

// isLikely reports whether a text at a place is one that the server may want, of which the document does not say that it is
// of that kind.
func (g base) isLikely(place, text string) bool {
	return slices.ContainsFunc(g.beyond, func(m member) bool { return m.place == place && m.value == text })
}

// alike reports whether the same clauses are broken.
func alike(before, after []contract.Problem) bool {
	return slices.EqualFunc(before, after, func(a, b contract.Problem) bool { return a.Clause == b.Clause && a.Pointer == b.Pointer })
}

// enumerated lists some words in a sentence.
func enumerated(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
