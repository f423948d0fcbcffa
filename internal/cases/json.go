package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// An object is a JSON object as text, so that it can be malformed.
type object []pair

// A pair is a member, as JSON text with its name.
type pair struct{ name, text string }

func (o object) String() string { return "{" + o.inner() + "}" }

// inner returns the text between the braces.
func (o object) inner() string {
	texts := make([]string, len(o))
	for i, p := range o {
		texts[i] = p.text
	}
	return strings.Join(texts, ",")
}

// set returns a copy with a member replaced, or appended if it is new.
func (o object) set(name, text string) object {
	o = slices.Clone(o)
	for i := range o {
		if o[i].name == name {
			o[i].text = text
			return o
		}
	}
	return append(o, pair{name, text})
}

// without returns a copy without a member.
func (o object) without(name string) object {
	return slices.DeleteFunc(slices.Clone(o), func(p pair) bool { return p.name == name })
}

// spaced puts white space wherever JSON allows it.
func (o object) spaced() string {
	texts := make([]string, len(o))
	for i, p := range o {
		name, value, _ := strings.Cut(p.text, `":`)
		texts[i] = " " + name + "\" \t: \n " + value + " "
	}
	return "{" + strings.Join(texts, ",\r\n") + "}"
}

// escaped writes the first letter of each name as an escape.
func (o object) escaped() object {
	o = slices.Clone(o)
	for i, p := range o {
		o[i].text = fmt.Sprintf(`"\u%04x%s`, p.text[1], p.text[2:])
	}
	return o
}

// reversed returns a copy with the members in reverse order.
func (o object) reversed() object {
	o = slices.Clone(o)
	slices.Reverse(o)
	return o
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string can always be marshalled
	return string(b)
}

// inUTF16 encodes an ASCII text in UTF-16, little-endian. The version's placeholder becomes the
// one for a version in UTF-16.
func inUTF16(s string) string {
	parts := strings.Split(s, VersionPlaceholder)
	for i := range parts {
		parts[i] = UTF16(parts[i])
	}
	return strings.Join(parts, WideVersionPlaceholder)
}

// UTF16 encodes an ASCII text in UTF-16, little-endian.
func UTF16(s string) string {
	var out []byte
	for i := range len(s) {
		out = append(out, s[i], 0)
	}
	return string(out)
}
