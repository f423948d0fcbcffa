package contract

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

const (
	outlineNodes   = 4096 // items and members that are read
	outlineUnknown = 32   // members of an object that the contract does not name
)

// An outline is what is kept of a JSON value while it is read. nil keeps all.
type outline struct {
	known        map[string]bool // the members that the contract names, which are kept
	nodes        int             // so far
	itemsLeftOut int
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
	{text: 1024, items: -1, unknown: -1}, {text: 256, items: -1, unknown: -1}, {text: 64, items: -1, unknown: 0},
	{text: 64, items: 64}, {text: 64, items: 16}, {text: 64, items: 4}, {text: 64, items: 1}, {text: 64, items: 0},
}

// A shortening limits a value; -1 is no limit.
type shortening struct {
	text    int // bytes of a string, a name or a number
	items   int // of an array
	unknown int // members of an object that the contract does not name
}

// shorten writes a value in at most so many bytes, if it can, and returns how many items of its
// arrays are missing.
func (o *outline) shorten(v *Value, most int) (text string, itemsLeftOut int) {
	for _, s := range shortenings {
		w := outlineWriter{shortening: s, known: o.known}
		if w.write(v); w.Len() <= most || s.items == 0 {
			return w.String(), o.itemsLeftOut + w.leftOut
		}
	}
	return "", 0 // not reached: the last has no items
}

type outlineWriter struct {
	bytes.Buffer
	shortening
	known   map[string]bool
	leftOut int
}

func (w *outlineWriter) write(v *Value) {
	switch v.Kind {
	case KindNull:
		w.WriteString("null")
	case KindBoolean:
		w.scalar(v.Bool)
	case KindNumber:
		w.WriteString(strings.TrimRight(cutText(v.Text, w.text), ".eE+-"))
	case KindString:
		w.scalar(cutText(v.Text, w.text))
	case KindArray:
		w.writeArray(v)
	case KindObject:
		w.writeObject(v)
	}
}

// scalar writes a string or a boolean.
func (w *outlineWriter) scalar(v any) {
	text, _ := json.Marshal(v) // always possible
	w.Write(text)
}

func (w *outlineWriter) writeArray(v *Value) {
	items := v.Items
	if w.items >= 0 && len(items) > w.items {
		items = items[:w.items]
		w.leftOut += len(v.Items) - w.items
	}
	w.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			w.WriteByte(',')
		}
		w.write(item)
	}
	w.WriteByte(']')
}

func (w *outlineWriter) writeObject(v *Value) {
	written, unknown := 0, 0
	w.WriteByte('{')
	for _, m := range v.Members {
		if !w.known[m.Name] {
			if unknown++; w.unknown >= 0 && unknown > w.unknown {
				continue
			}
		}
		if written++; written > 1 {
			w.WriteByte(',')
		}
		w.scalar(cutText(m.Name, w.text))
		w.WriteByte(':')
		w.write(m.Value)
	}
	w.WriteByte('}')
}

// read returns what the reader of the whole body has found.
func (a *Abridged) read(text []byte) (*Value, []Problem) {
	if len(text) == 0 {
		return nil, a.Syntax
	}
	v, _ := ReadJSON(text)
	return v, a.Syntax
}
