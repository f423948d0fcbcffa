// Package docfile reads a document, JSON or YAML, and the files below its folder that it
// refers to, into trees whose nodes know their lines. It knows nothing of what the document says.
package docfile

import (
	"encoding/json"
	"strconv"
)

// A Kind is what a node is.
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	Bool
	Number
	Text
	List
	Mapping
)

// String describes a node of the kind for an error: a mapping, a list, text, a number, true or
// false, or nothing.
func (k Kind) String() string {
	return [...]string{"nothing", "true or false", "a number", "text", "a list", "a mapping"}[k]
}

// A Node is a value of a document.
type Node struct {
	Kind Kind
	Line int32  // at which it begins
	Text string // of a scalar; a number as JSON writes it

	members []Member         // of a mapping, or the items of a list, without names
	index   map[string]int32 // of members by name, if they are many
}

// A Member is an entry of a mapping, or an item of a list.
type Member struct {
	Name  string // "" for an item
	Line  int32  // of the name
	Value Node
}

// fewMembers is up to how many members are looked through one by one.
const fewMembers = 12

// hold gives a node its members.
func (n *Node) hold(members []Member) {
	n.members = members
	if n.Kind != Mapping || len(members) <= fewMembers {
		return
	}
	n.index = make(map[string]int32, len(members))
	for i := range members {
		n.index[members[i].Name] = int32(i)
	}
}

// Members returns the members of a mapping, or the items of a list, in order. They must not be
// changed.
func (n *Node) Members() []Member {
	if n == nil {
		return nil
	}
	return n.members
}

// member returns the member of a mapping with a name, or nil.
func (n *Node) member(name string) *Member {
	if n == nil || n.Kind != Mapping {
		return nil
	}
	if n.index != nil {
		if i, found := n.index[name]; found {
			return &n.members[i]
		}
		return nil
	}
	for i := range n.members {
		if n.members[i].Name == name {
			return &n.members[i]
		}
	}
	return nil
}

// Get returns the value of a mapping's member, or nil.
func (n *Node) Get(name string) *Node {
	if m := n.member(name); m != nil {
		return &m.Value
	}
	return nil
}

// Is reports whether there is a node of a kind.
func (n *Node) Is(k Kind) bool { return n != nil && n.Kind == k }

// TextOf returns the text of a mapping's member, or "" if it is none.
func (n *Node) TextOf(name string) string {
	if v := n.Get(name); v.Is(Text) {
		return v.Text
	}
	return ""
}

// step returns the member or item that a token of a JSON pointer leads to, or nil.
func (n *Node) step(token string) *Member {
	if n.Kind == Mapping {
		return n.member(token)
	}
	if i, err := strconv.Atoi(token); n.Kind == List && err == nil && i >= 0 && i < len(n.members) {
		return &n.members[i]
	}
	return nil
}

// find follows tokens of a JSON pointer as far as they lead. It returns the line of the last
// one that led anywhere, and the node, which is nil if not all did.
func (n *Node) find(tokens []string) (line int32, found *Node) {
	line = n.Line
	for _, t := range tokens {
		m := n.step(t)
		if m == nil {
			return line, nil
		}
		line, n = m.Line, &m.Value
	}
	return line, n
}

// Value returns what encoding/json would decode: map[string]any, []any, string, float64, bool
// or nil. A number that no float64 holds is a json.Number.
func (n *Node) Value() any {
	switch n.Kind {
	case Mapping:
		object := make(map[string]any, len(n.members))
		for i := range n.members {
			object[n.members[i].Name] = n.members[i].Value.Value()
		}
		return object
	case List:
		list := make([]any, len(n.members))
		for i := range n.members {
			list[i] = n.members[i].Value.Value()
		}
		return list
	case Text:
		return n.Text
	case Bool:
		return n.Text == "true"
	case Number:
		if f, err := strconv.ParseFloat(n.Text, 64); err == nil {
			return f
		}
		return json.Number(n.Text)
	default:
		return nil
	}
}

// AppendJSON appends the node as JSON.
func (n *Node) AppendJSON(b []byte) []byte {
	switch n.Kind {
	case Mapping:
		b = append(b, '{')
		for i := range n.members {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendQuoted(b, n.members[i].Name), ':')
			b = n.members[i].Value.AppendJSON(b)
		}
		return append(b, '}')
	case List:
		b = append(b, '[')
		for i := range n.members {
			if i > 0 {
				b = append(b, ',')
			}
			b = n.members[i].Value.AppendJSON(b)
		}
		return append(b, ']')
	case Text:
		return appendQuoted(b, n.Text)
	case Null:
		return append(b, "null"...)
	default:
		return append(b, n.Text...)
	}
}

func appendQuoted(b []byte, text string) []byte {
	quoted, _ := json.Marshal(text) // cannot fail for a string
	return append(b, quoted...)
}

// NewMapping returns a mapping of members.
func NewMapping(line int32, members []Member) Node {
	n := Node{Kind: Mapping, Line: line}
	n.hold(members)
	return n
}

// NewList returns a list of items, which have no names.
func NewList(line int32, items []Member) Node {
	n := Node{Kind: List, Line: line}
	n.hold(items)
	return n
}
