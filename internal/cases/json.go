package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// An object is a JSON object as text, so that it may be written wrongly.
type object []pair

// A pair is a member as it stands in the JSON.
type pair struct{ name, text string }

func (o object) String() string { return "{" + o.inner() + "}" }

// inner is what stands between the braces.
func (o object) inner() string {
	texts := make([]string, len(o))
	for i, p := range o {
		texts[i] = p.text
	}
	return strings.Join(texts, ",")
}

// set returns a copy with a member in the place of the one with its name; one
// that is new comes last.
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

// without returns a copy that lacks a member.
func (o object) without(name string) object {
	return slices.DeleteFunc(slices.Clone(o), func(p pair) bool { return p.name == name })
}

// spaced puts white space wherever JSON allows it.
func (o object) spaced() string {
	texts := make([]string, len(o))
	for i, p := range o {
		texts[i] = " " + quote(p.name) + " \t: \n " + strings.TrimPrefix(p.text, quote(p.name)+":") + " "
	}
	return "{" + strings.Join(texts, ",\r\n") + "}"
}

// escaped writes the first letter of each name as an escape.
func (o object) escaped() string {
	o = slices.Clone(o)
	for i, p := range o {
		o[i].text = fmt.Sprintf(`"\u%04x%s`, p.text[1], p.text[2:])
	}
	return o.String()
}

// reversed has the members in the opposite order.
func (o object) reversed() object {
	o = slices.Clone(o)
	slices.Reverse(o)
	return o
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string can always be marshalled
	return string(b)
}

// utf16 is an ASCII text in UTF-16, little end first; the placeholder in it cannot
// be filled, and need not be.
func utf16(s string) string {
	var out []byte
	for _, r := range strings.ReplaceAll(s, VersionPlaceholder, "0") {
		out = append(out, byte(r), 0)
	}
	return string(out)
}
