package contract

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	outlineNodes   = 4096 // items and members that are read
	outlineUnknown = 32   // members of an object that the contract does not name
)

// An outline is what is kept of a JSON value while it is read. nil keeps all.
type outline struct {
	known        map[string]bool // the members that the contract names, which are kept
	nodes        int             // so far
	wanted       bool            // the next value is kept in any case
	itemsLeftOut int
}

// dropped stands for what is not kept.
var dropped = &Value{Kind: KindNull}

// drops reports whether the next value is not kept, if it is no array or object.
func (o *outline) drops() bool { return o != nil && o.nodes >= outlineNodes && !o.wanted }

// next says that the next value is an item, or the member with a name.
func (o *outline) next(name string) {
	if o != nil {
		o.wanted = o.known[name]
	}
}

// keepsItem reports whether a further item of an array is kept.
func (o *outline) keepsItem() bool {
	if o == nil {
		return true
	}
	if o.nodes++; o.nodes > outlineNodes {
		o.itemsLeftOut++
		return false
	}
	return true
}

// keepsMember reports whether a member is kept that follows those of an object. One of the same
// name is removed, since the last counts.
func (o *outline) keepsMember(object *Value, name string) bool {
	if o == nil {
		return true
	}
	object.Members = slices.DeleteFunc(object.Members, func(m Member) bool { return m.Name == name })
	o.nodes++
	return o.known[name] || len(object.Members) < outlineUnknown && o.nodes <= outlineNodes
}

// names returns where the names of an object are noted from the first on; nil if nothing is left
// out, so that they can be looked up in the object.
func (o *outline) names() map[string]bool {
	if o == nil {
		return nil
	}
	return map[string]bool{}
}

// shortenings are tried one after the other until a value is short enough.
var shortenings = []shortening{
	{longest: 1024, items: -1, unknown: -1}, {longest: 256, items: -1, unknown: -1}, {longest: 64, items: -1, unknown: 0},
	{longest: 64, items: 64}, {longest: 64, items: 16}, {longest: 64, items: 4}, {longest: 64, items: 1}, {longest: 64, items: 0},
}

// A shortening limits a value; -1 is no limit.
type shortening struct {
	longest int // bytes of a string, a name or a number
	items   int // of an array
	unknown int // members of an object that the contract does not name
}

// shorten writes a value in at most so many bytes, if it can, and returns how many items of its
// arrays are missing.
func (o *outline) shorten(v *Value, most int) (text string, itemsLeftOut int) {
	for _, s := range shortenings {
		w := outlineWriter{shortening: s, known: o.known, most: most}
		if s.items == 0 { // the last
			w.most = math.MaxInt
		}
		if w.write(v); len(w.text) <= w.most {
			return string(w.text), o.itemsLeftOut + w.leftOut
		}
	}
	return "", 0 // not reached: the last has no items
}

// An outlineWriter writes a value in short, up to a length.
type outlineWriter struct {
	shortening
	known   map[string]bool
	most    int
	text    []byte
	leftOut int // items
}

func (w *outlineWriter) write(v *Value) {
	switch {
	case len(w.text) > w.most:
	case v.Kind == KindString:
		w.quote(v.Text)
	case v.Kind == KindNumber:
		w.text = append(w.text, strings.TrimRight(cutText(v.Text, w.longest), ".eE+-")...)
	case v.Kind == KindBoolean:
		w.text = strconv.AppendBool(w.text, v.Bool)
	case v.Kind == KindArray:
		w.array(v)
	case v.Kind == KindObject:
		w.object(v)
	default:
		w.text = append(w.text, "null"...)
	}
}

func (w *outlineWriter) quote(s string) {
	w.text, _ = jsontext.AppendQuote(w.text, cutText(s, w.longest)) // what is not UTF-8 is replaced
}

func (w *outlineWriter) array(v *Value) {
	items := v.Items
	if w.items >= 0 && len(items) > w.items {
		items = items[:w.items]
		w.leftOut += len(v.Items) - w.items
	}
	w.text = append(w.text, '[')
	for i, item := range items {
		if i > 0 {
			w.text = append(w.text, ',')
		}
		w.write(item)
	}
	w.text = append(w.text, ']')
}

func (w *outlineWriter) object(v *Value) {
	written, unknown := 0, 0
	w.text = append(w.text, '{')
	for _, m := range v.Members {
		if !w.known[m.Name] {
			if unknown++; w.unknown >= 0 && unknown > w.unknown {
				continue
			}
		}
		if written++; written > 1 {
			w.text = append(w.text, ',')
		}
		w.quote(m.Name)
		w.text = append(w.text, ':')
		w.write(m.Value)
	}
	w.text = append(w.text, '}')
}

// read returns what the reader of the whole body has found.
func (a *Abridged) read(text []byte) (*Value, []Problem) {
	if len(text) == 0 {
		return nil, a.Syntax
	}
	v, _ := ReadJSON(text)
	return v, a.Syntax
}
