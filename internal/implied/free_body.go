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

// unsuitedBody returns the place of a free text in the body of a case that the plain body does not have, if the server
// refuses an ordinary text there, too.
func (r *run) unsuitedBody(ctx context.Context, k *Case, g *ground, x *exchange.Exchange) (place string, refuses bool) {
	if k.kind != acceptedKind || k.change.body == nil || g.body == nil || outcomeOf(k.Operation, x) != invalid {
		return "", false
	}
	c := k.change.body.ready()
	media := cmp.Or(c.media, g.body.media)
	o := ordinary{r: r}
	value := o.of(media.Schema, c.value, g.body.value, "")
	if len(o.places) == 0 {
		return "", false
	}
	place = o.places[0]
	if reflect.DeepEqual(value, c.value) {
		return place, true
	}
	t, err := r.o.build(r.renewed(ctx, k, g.base), variation{body: &content{media: media, value: value, given: true, pointer: c.pointer}}, false)
	if err != nil {
		return "", false
	}
	y := r.deliver(ctx, k.ID, aimGiven, k.Operation, t)
	return place, outcomeOf(k.Operation, &y) == invalid
}

// An ordinary makes a value whose free texts are plain ones.
type ordinary struct {
	r      *run
	places []string // of the free texts that are not in the plain value
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
			out[name] = o.of(memberOf(s, name, 0), v[name], usual[name], at+"/"+jsonpointer.Escape(name))
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
		if isText && text != "" || !o.free(s) {
			return value // the plain one was accepted
		}
		o.places = append(o.places, at)
		if made, err := o.r.source.Plain(s); err == nil {
			return made
		}
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
