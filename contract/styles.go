package contract

import (
	"net/url"
	"slices"
	"strings"
)

// Decode reads the parameter's value as its style, or its media type, writes it. wire is the part of the message that
// the parameter stands in, as it is sent: the escaped text in the place of the parameter in the path, the whole
// escaped query, the value of the header, or that of the header Cookie. Texts become the scalars that the schema
// expects, as far as they can be read as such. The value is nil if the parameter is not there. The
// problems have the keywords repeated and syntax.
func (p *Parameter) Decode(wire string) (*Value, []Problem) {
	return p.decode(wire, p.In == InPath)
}

// decode is Decode; escaped tells whether a text in a path or a cookie is escaped.
func (p *Parameter) decode(wire string, escaped bool) (*Value, []Problem) {
	d := decoder{parameter: p, unescape: plain}
	switch p.In {
	case InQuery:
		d.unescape = url.QueryUnescape
		d.pairs = d.split(wire, "&")
	case InCookie:
		d.unescape = leniently(url.PathUnescape)
		d.pairs = d.split(strings.ReplaceAll(wire, "; ", ";"), ";")
	case InPath:
		if escaped {
			d.unescape = url.PathUnescape
		}
		d.pairs = []pair{{p.Name, wire, wire != ""}}
	default:
		d.pairs = []pair{{p.Name, strings.Trim(wire, " \t"), true}}
	}
	v := d.value()
	for i := range d.problems {
		d.problems[i].In, d.problems[i].Name, d.problems[i].Clause = p.In, p.Name, p.Clause
	}
	return v, d.problems
}

// A pair is a name and a value of a query or of cookies. The value is still escaped.
type pair struct {
	name, value string
	hasValue    bool // "a=" has one, "a" has none
}

// A decoder reads a parameter. What cannot be unescaped is a problem and stays as it is.
type decoder struct {
	problemList
	parameter *Parameter
	pairs     []pair
	unescape  func(string) (string, error)
}

func plain(s string) (string, error) { return s, nil }

// leniently takes a text that cannot be unescaped as it is.
func leniently(unescape func(string) (string, error)) func(string) (string, error) {
	return func(s string) (string, error) {
		if text, err := unescape(s); err == nil {
			return text, nil
		}
		return s, nil
	}
}

func (d *decoder) text(escaped string) string {
	text, err := d.unescape(escaped)
	if err != nil {
		d.add("syntax", "expected escapes of two hexadecimal digits")
		return escaped
	}
	return text
}

// split splits a query or a Cookie into pairs.
func (d *decoder) split(wire, separator string) []pair {
	var all []pair
	for part := range strings.SplitSeq(wire, separator) {
		if part == "" {
			continue
		}
		name, value, hasValue := strings.Cut(part, "=")
		if plain, err := d.unescape(name); err == nil {
			name = plain
		}
		all = append(all, pair{name, value, hasValue})
	}
	return all
}

// own returns the values under the parameter's name, still escaped.
func (d *decoder) own() []string {
	var all []string
	for _, p := range d.pairs {
		if p.name == d.parameter.Name {
			all = append(all, p.value)
		}
	}
	return all
}

// shapes are the readings of a parameter whose schema takes several kinds, in the order in which they
// are tried.
var shapes = []struct {
	kind Kind
	read func(d *decoder) *Value
}{
	{KindArray, (*decoder).array},
	{KindObject, (*decoder).object},
	{KindString, (*decoder).scalar}, // or another scalar
}

func (d *decoder) value() *Value {
	p := d.parameter
	if p.MediaType != "" {
		return d.content()
	}
	var best *Value
	var problems []Problem
	for _, shape := range shapes {
		if !p.Schema.takesShape(shape.kind) {
			continue
		}
		d.problems = nil
		v := shape.read(d)
		if v != nil && len(d.problems) == 0 && p.Schema.keeps(v) {
			return v
		}
		if best == nil {
			best, problems = v, d.problems
		}
	}
	d.problems = problems
	return best
}

// content reads a parameter that is written as a body is.
func (d *decoder) content() *Value {
	own := d.own()
	if len(own) == 0 {
		return nil
	}
	d.once(own)
	text := d.text(own[0])
	if m := (&MediaType{Name: d.parameter.MediaType}); m.IsJSON() {
		v, problems := ReadJSON([]byte(text))
		d.problems = append(d.problems, problems...)
		return v
	}
	return &Value{Kind: KindString, Text: text}
}

func (d *decoder) once(values []string) {
	if len(values) > 1 {
		d.add("repeated", "expected the parameter once, got it %d times", len(values))
	}
}

func (d *decoder) scalar() *Value {
	own := d.own()
	if len(own) == 0 {
		return nil
	}
	d.once(own)
	text, marked := d.unmarked(own[0])
	if !marked {
		return d.malformed(own[0])
	}
	return d.parameter.Schema.read(d.text(text))
}

// malformed reports a text that the parameter's style does not write.
func (d *decoder) malformed(text string) *Value {
	v := &Value{Kind: KindString, Text: d.text(text)}
	d.add("syntax", "expected the form of style %s", d.parameter.Style)
	return v
}

// unmarked removes what label and matrix write before a value; ok is false if it is not there.
func (d *decoder) unmarked(text string) (rest string, ok bool) {
	switch d.parameter.Style {
	case StyleLabel:
		return strings.CutPrefix(text, ".")
	case StyleMatrix:
		if text == ";"+d.parameter.Name {
			return "", true
		}
		return strings.CutPrefix(text, ";"+d.parameter.Name+"=")
	default:
		return text, true
	}
}

// separators are what stands between items or members, by style, still escaped; the first is what the
// specification says, and the others are other spellings of the same.
var separators = map[Style][]string{
	StyleSpaceDelimited: {"%20", "+", " "},
	StylePipeDelimited:  {"|", "%7C", "%7c"},
}

// parts splits a text into items or members. Commas may also be escaped in a query, as many clients write
// them, if there are none that are not.
func (d *decoder) parts(text string) []string {
	list := separators[d.parameter.Style]
	if d.parameter.In == InHeader {
		return trimmed(strings.Split(text, ","))
	}
	if list == nil {
		list = []string{","}
		if d.parameter.In == InQuery && !strings.Contains(text, ",") {
			list = []string{"%2C", "%2c"}
		}
	}
	for _, other := range list[1:] {
		text = strings.ReplaceAll(text, other, list[0])
	}
	return strings.Split(text, list[0])
}

func trimmed(parts []string) []string {
	for i := range parts {
		parts[i] = strings.Trim(parts[i], " \t")
	}
	return parts
}

// apart splits what label and matrix write apart for each item or member.
func (d *decoder) apart(text string) []string {
	switch d.parameter.Style {
	case StyleLabel:
		return strings.Split(strings.TrimPrefix(text, "."), ".")
	case StyleMatrix:
		return strings.Split(strings.TrimPrefix(text, ";"), ";")
	default:
		return d.parts(text)
	}
}

func (d *decoder) array() *Value {
	own, p := d.own(), d.parameter
	if len(own) == 0 {
		return nil
	}
	items := own
	switch explodes := p.Explode && p.In != InPath && p.In != InHeader; {
	case explodes || p.Style == StyleDeepObject:
	case p.Explode && p.Style == StyleMatrix:
		items = d.apart(own[0])
		for i, item := range items {
			name, value, _ := strings.Cut(item, "=")
			if items[i] = value; name != p.Name {
				return d.malformed(own[0])
			}
		}
	default:
		d.once(own)
		text, marked := d.unmarked(own[0])
		if !marked {
			return d.malformed(own[0])
		}
		if items = d.parts(text); p.Explode {
			items = d.apart(text)
		}
	}
	v := &Value{Kind: KindArray}
	if len(items) == 1 && items[0] == "" && !p.Schema.keepsItem("") {
		return v // nothing at all
	}
	for i, item := range items {
		v.Items = append(v.Items, p.Schema.item(i).read(d.text(item)))
	}
	return v
}

func (d *decoder) object() *Value {
	p := d.parameter
	switch {
	case p.Style == StyleDeepObject:
		return d.deep()
	case p.Explode && p.Style == StyleForm:
		return d.spread()
	}
	own := d.own()
	if len(own) == 0 {
		return nil
	}
	d.once(own)
	v := &Value{Kind: KindObject}
	if p.Explode && p.Style != StyleSpaceDelimited && p.Style != StylePipeDelimited {
		for _, part := range d.apart(own[0]) {
			name, value, found := strings.Cut(part, "=")
			if !found {
				return d.malformed(own[0])
			}
			d.member(v, d.text(name), d.text(value))
		}
		return v
	}
	text, marked := d.unmarked(own[0])
	parts := d.parts(text)
	if !marked || len(parts)%2 != 0 {
		return d.malformed(own[0])
	}
	for pair := range slices.Chunk(parts, 2) {
		d.member(v, d.text(pair[0]), d.text(pair[1]))
	}
	return v
}

// member adds a member, whose value is read as its schema expects.
func (d *decoder) member(object *Value, name, text string) {
	object.add(name, d.parameter.Schema.member(name).read(text))
}

// spread reads an object whose members are parameters of their own.
func (d *decoder) spread() *Value {
	var v *Value
	for _, pair := range d.pairs {
		if !d.parameter.Schema.names(pair.name) {
			continue
		}
		if v == nil {
			v = &Value{Kind: KindObject}
		}
		d.member(v, pair.name, d.text(pair.value))
	}
	return v
}

// deep reads name[member]=value.
func (d *decoder) deep() *Value {
	var tree formTree
	for _, pair := range d.pairs {
		if keys, ok := bracketed(pair.name); ok && keys[0] == d.parameter.Name && len(keys) > 1 {
			tree.add(keys[1:], d.text(pair.value))
		}
	}
	if tree.isEmpty() {
		return nil
	}
	return d.tree(&tree, d.parameter.Schema, StyleForm, true)
}
