package implied

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/jsonpointer"
)

// What holds for parameters that take any text (free.go) holds for such members of a body, too: to one that the plain
// body does not have, nobody knows which texts suit.

// unsuitedBody says why the server may refuse the body of a case for something other than what the case is about: a free
// text or an id that the plain body does not have, if the server refuses another body with it, too, in which an ordinary
// text stands in the place of the one that the case is about, or which has fewer items than the case is about, or
// another value of what the case is about.
func (r *run) unsuitedBody(ctx context.Context, k *Case, g *ground, x *exchange.Exchange) (why string, refuses bool) {
	if k.kind != acceptedKind || k.change.body == nil || g.body == nil || outcomeOf(k.Operation, x) != invalid {
		return "", false
	}
	c := k.change.body.ready()
	media := cmp.Or(c.media, g.body.media)
	c.value, _ = g.completed(media, c.value, c.pointer)
	o := ordinary{r: r, g: g.base}
	value := o.of(media.Schema, c.value, g.body.value, "")
	if len(o.places) == 0 {
		return "", false
	}
	others := []any{value}
	if !slices.ContainsFunc(o.places, func(at string) bool { return isBelow(at, c.pointer) }) {
		others = o.beside(media.Schema, value, c.pointer)
	} else if fewer := withFewer(media.Schema, c.value, c.pointer); fewer != nil {
		others = []any{fewer}
	}
	for _, other := range others {
		if reflect.DeepEqual(other, c.value) {
			continue
		}
		t, err := r.o.build(r.renewed(ctx, k, g.base), variation{body: &content{media: media, value: other, given: true, pointer: c.pointer}}, false)
		if err != nil {
			continue
		}
		if y := r.deliver(ctx, k.ID, aimGiven, k.Operation, t); outcomeOf(k.Operation, &y) != invalid {
			return "", false
		}
	}
	return o.why(), true
}

// isBelow reports whether a place is one that a pointer names, or below that.
func isBelow(at, pointer string) bool { return at == pointer || strings.HasPrefix(at, pointer+"/") }

// An ordinary makes a value whose free texts are plain ones.
type ordinary struct {
	r      *run
	g      base     // with the body that the server takes
	places []string // of the free texts and ids that are not in the plain value
	id     string   // the name of a member among them that holds an id
}

// why says what a server may have against a value.
func (o *ordinary) why() string {
	if o.id != "" {
		return o.id + mayBeID
	}
	return unsaid + ": an example for " + o.places[0] + " in the document would"
}

// of returns a value with plain texts in place of the free ones that another value does not have.
func (o *ordinary) of(s *contract.Schema, value, plain any, at string) any {
	if s == nil || reflect.DeepEqual(value, plain) {
		return value
	}
	switch v := value.(type) {
	case map[string]any:
		usual, _ := plain.(map[string]any)
		out := maps.Clone(v)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			place := at + "/" + jsonpointer.Escape(name)
			if _, known := usual[name]; !known && references.MatchString(name) {
				o.places, o.id = append(o.places, place), name
				continue
			}
			out[name] = o.of(memberOf(s, name, 0), v[name], usual[name], place)
		}
		return out
	case []any:
		out := slices.Clone(v)
		usual, _ := plain.([]any)
		for i := range v {
			var other any
			if len(usual) > 0 {
				other = usual[min(i, len(usual)-1)]
			}
			out[i] = o.of(itemsOf(s), v[i], other, at+"/"+strconv.Itoa(i))
		}
		return out
	case string:
		text, isText := plain.(string)
		if isText && text != "" && !o.g.isLikely(at, text) || !o.free(s) {
			return value // the plain one was accepted
		}
		o.places = append(o.places, at)
		if made, err := o.r.source.Plain(s); err == nil && made != value {
			return made
		}
		return otherText(s, v, 1, true)
	}
	return value
}

// beside returns valid values that are other ones only at a place: there they have the plain value of the schema, or
// nothing.
func (o *ordinary) beside(s *contract.Schema, value any, pointer string) (all []any) {
	tokens := jsonpointer.Tokens(pointer)
	instead := []func(any) (any, bool){func(any) (any, bool) { return nil, false }}
	if of := schemaAt(s, pointer); of != nil {
		if plain, err := o.r.source.Plain(of); err == nil {
			instead = append(instead, func(any) (any, bool) { return plain, true })
		}
	}
	for _, change := range instead {
		other := changedAt(value, tokens, change)
		if !reflect.DeepEqual(other, value) && len(s.Check(contract.ValueOf(other), contract.Client)) == 0 {
			all = append(all, other)
		}
	}
	return all
}

// withFewer returns a valid value with the first items alone of an array at a place, or nil if there is none.
func withFewer(s *contract.Schema, value any, pointer string) any {
	fewest := 1
	if array := schemaAt(s, pointer); array != nil && array.MinItems > 1 {
		fewest = array.MinItems
	}
	changed := false
	other := changedAt(value, jsonpointer.Tokens(pointer), func(v any) (any, bool) {
		items, isArray := v.([]any)
		if changed = isArray && len(items) > fewest; changed {
			return items[:fewest], true
		}
		return v, true
	})
	if changed && len(s.Check(contract.ValueOf(other), contract.Client)) == 0 {
		return other
	}
	return nil
}

// changedAt returns a copy of a value that has what change returns for what stands at a place, or nothing there. A
// place that there is not changes nothing.
func changedAt(value any, tokens []string, change func(any) (with any, keeps bool)) any {
	if len(tokens) == 0 {
		if with, keeps := change(value); keeps {
			return with
		}
		return value
	}
	switch v := value.(type) {
	case map[string]any:
		member, there := v[tokens[0]]
		if !there {
			return value
		}
		out := maps.Clone(v)
		if len(tokens) > 1 {
			out[tokens[0]] = changedAt(member, tokens[1:], change)
		} else if with, keeps := change(member); keeps {
			out[tokens[0]] = with
		} else {
			delete(out, tokens[0])
		}
		return out
	case []any:
		i, err := strconv.Atoi(tokens[0])
		if err != nil || i < 0 || i >= len(v) {
			return value
		}
		out := slices.Clone(v)
		out[i] = changedAt(v[i], tokens[1:], change)
		return out
	}
	return value
}

// free reports whether a schema takes any text, or one of a form that is the document's own, and has no example.
func (o *ordinary) free(s *contract.Schema) bool {
	if s.Example != nil || s.Default != nil {
		return false
	}
	parts := slices.Concat(s.AllOf, s.AnyOf, s.OneOf)
	return len(parts) == 0 && (takesAnyText(s) || s.HasOtherFormat()) || slices.ContainsFunc(parts, o.free)
}

// schemaAt returns the schema at a pointer into a value; nil if it is not known.
func schemaAt(s *contract.Schema, pointer string) *contract.Schema {
	for _, token := range jsonpointer.Tokens(pointer) {
		if s == nil {
			break
		}
		if below := memberOf(s, token, 0); below != nil {
			s = below
		} else {
			s = itemsOf(s)
		}
	}
	return s
}

// changes returns the schemas of what a case varies, with the values.
func (k *Case) changes() (all []setSchema) {
	for _, s := range k.change.set {
		all = append(all, setSchema{s.parameter.Schema, s.value})
	}
	if k.change.body != nil {
		c := k.change.body.ready()
		if media := cmp.Or(c.media, k.media); media != nil {
			v := contract.ValueOf(c.value).At(c.pointer)
			if v != nil && v.Kind == contract.KindString {
				all = append(all, setSchema{schemaAt(media.Schema, c.pointer), v.Text})
			}
		}
	}
	return all
}

// A setSchema is a value with its schema, which may be nil.
type setSchema struct {
	schema *contract.Schema
	value  any
}

// beyondFormat says why a text may be refused although it has the form that the document says.
func (v setSchema) beyondFormat() string {
	text, isText := v.value.(string)
	if v.schema == nil || !isText {
		return ""
	}
	all := append([]*contract.Schema{v.schema}, slices.Concat(v.schema.AllOf, v.schema.AnyOf, v.schema.OneOf)...)
	for _, s := range all {
		if s.HasOtherFormat() {
			return "the format " + s.Format + " is none that is known, and may allow less"
		}
	}
	for _, s := range all {
		if s.Format == "uri" && !strings.HasPrefix(text, "http") {
			return "many servers mean an address of the web by the format uri; a pattern would say so"
		}
	}
	return ""
}
