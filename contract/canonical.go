package contract

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
)

// Equal reports whether two values are the same, as enum and uniqueItems compare them: numbers by value, members in
// any order, of duplicates the last one.
func (v *Value) Equal(other *Value) bool {
	if v.Kind != other.Kind || v.Bool != other.Bool || !slices.EqualFunc(v.Items, other.Items, (*Value).Equal) {
		return false
	}
	if v.Kind == KindNumber && v.Text != other.Text {
		a, aOK := exact(v.Text)
		b, bOK := exact(other.Text)
		return aOK && bOK && a.Cmp(b) == 0
	}
	own := v.distinct()
	return v.Text == other.Text && len(own) == len(other.distinct()) && !slices.ContainsFunc(own, func(m Member) bool {
		w := other.Member(m.Name)
		return w == nil || !m.Value.Equal(w)
	})
}

// canonical returns a text that is the same for equal values: members are sorted, of
// duplicates only the last counts, and numbers are written by value.
func (v *Value) canonical() string { return string(v.appendCanonical(nil)) }

func (v *Value) appendCanonical(b []byte) []byte {
	switch v.Kind {
	case KindNull:
		return append(b, 'n')
	case KindBoolean:
		return strconv.AppendBool(b, v.Bool)
	case KindNumber:
		if r, ok := exact(v.Text); ok {
			return append(b, r.RatString()...)
		}
		return append(b, v.Text...)
	case KindString:
		return strconv.AppendQuote(b, v.Text)
	case KindArray:
		b = append(b, '[')
		for _, item := range v.Items {
			b = append(item.appendCanonical(b), ',')
		}
		return append(b, ']')
	case KindObject:
	}
	members := slices.SortedFunc(slices.Values(v.distinct()), func(a, b Member) int { return cmp.Compare(a.Name, b.Name) })
	b = append(b, '{')
	for _, m := range members {
		b = append(strconv.AppendQuote(b, m.Name), ':')
		b = append(m.Value.appendCanonical(b), ',')
	}
	return append(b, '}')
}

// enumeration returns the canonical forms of Enum.
func (s *Schema) enumeration() []string {
	if len(s.enumerated) == len(s.Enum) {
		return s.enumerated
	}
	all := make([]string, len(s.Enum)) // of a schema that is not from a document
	for i, e := range s.Enum {
		all[i] = canonicalLiteral(e)
	}
	return all
}

// constantText returns the canonical form of Const.
func (s *Schema) constantText() string { return cmp.Or(s.constant, canonicalLiteral(s.Const[0])) }

// canonicalLiteral is the canonical form of a literal of the document.
func canonicalLiteral(literal any) string {
	text, err := json.Marshal(literal)
	if err != nil {
		return "" // no value has it
	}
	v, _ := ReadJSON(text)
	if v == nil {
		return ""
	}
	return v.canonical()
}
