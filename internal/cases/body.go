package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// members is a JSON object as text, so that it may be written wrongly.
type members []member

type member struct{ name, value string } // both as they stand in the JSON

func (m members) String() string {
	parts := make([]string, len(m))
	for i, x := range m {
		parts[i] = x.name + ":" + x.value
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// set returns a copy with a member set; one that is new comes last.
func (m members) set(name, value string) members {
	quoted := quote(name)
	m = slices.Clone(m)
	for i := range m {
		if m[i].name == quoted {
			m[i].value = value
			return m
		}
	}
	return append(m, member{quoted, value})
}

func (m members) without(name string) members {
	return slices.DeleteFunc(slices.Clone(m), func(x member) bool { return x.name == quote(name) })
}

// rename writes a member under another name.
func (m members) rename(name, other string) members {
	m = slices.Clone(m)
	for i := range m {
		if m[i].name == quote(name) {
			m[i].name = quote(other)
		}
	}
	return m
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string can always be marshalled
	return string(b)
}

// body is the plainest one that breaks nothing, with more members set.
func (d *deriver) body(more members) members {
	var all members
	for _, name := range d.op.Body.Schema.Required {
		all = append(all, member{quote(name), d.validValue(name, d.op.Body.Schema.Property(name))})
	}
	return append(all, more...)
}

// validValue is a value that a property's schema takes: the version's
// placeholder, the example, an allowed value, or the plainest of the type.
func (d *deriver) validValue(name string, s *contract.Schema) string {
	switch {
	case name == d.version:
		return quote(VersionPlaceholder)
	case s.Example != nil:
		b, _ := json.Marshal(s.Example) // it came out of a document
		return string(b)
	case len(s.Enum) > 0:
		b, _ := json.Marshal(s.Enum[0])
		return string(b)
	case s.Minimum != nil:
		return number(*s.Minimum)
	case s.Maximum != nil:
		return number(*s.Maximum)
	}
	return plainest[s.Type]
}

var plainest = map[contract.Kind]string{
	contract.KindString: `"a"`, contract.KindNumber: "1", contract.KindBoolean: "false", contract.KindArray: "[]", contract.KindObject: "{}",
}

// wrongTypes are values of each kind, chosen so that no lenient reading makes a
// later version or a forced upgrade of them.
var wrongTypes = []struct {
	kind  contract.Kind
	value string
}{
	{contract.KindNumber, "0"},
	{contract.KindBoolean, "false"},
	{contract.KindString, `"no"`},
	{contract.KindArray, "[]"},
	{contract.KindObject, "{}"},
}

// bodies breaks the body as a whole.
func (d *deriver) bodies() {
	if d.op.Body == nil {
		return
	}
	valid := d.body(nil).String()
	first := d.firstMember()
	d.addIfRefused("body", "absent", d.base.withBody(""))
	for _, b := range []struct{ name, body string }{
		{"empty-object", "{}"},
		{"array", "[" + valid + "]"},
		{"array-empty", "[]"},
		{"scalar-string", quote(VersionPlaceholder)},
		{"scalar-number", "0"},
		{"scalar-true", "true"},
		{"scalar-null", "null"},
		{"white-space", " \n\t "},
		{"truncated", strings.TrimSuffix(valid, "}")},
		{"truncated-string", strings.TrimSuffix(valid, `"}`)},
		{"trailing-comma", strings.TrimSuffix(valid, "}") + ",}"},
		{"missing-colon", strings.Replace(valid, ":", " ", 1)},
		{"single-quotes", strings.ReplaceAll(valid, `"`, "'")},
		{"unquoted-name", strings.Replace(valid, quote(first), first, 1)},
		{"comment", "/* upgrade */" + valid},
		{"garbage-after", valid + "garbage"},
		{"second-value", valid + valid},
		{"unescaped-newline", strings.Replace(valid, "{", "{\"note\":\"a\nb\",", 1)},
		{"not-a-number", d.body(members{{quote("note"), "NaN"}}).String()},
		{"bad-escape", d.body(members{{quote("note"), `"\x"`}}).String()},
		{"byte-order-mark", "\xef\xbb\xbf" + valid},
		{"utf-16", utf16(valid)},
		{"invalid-utf8", d.body(members{{quote("note"), "\"a\xff\xfeb\""}}).String()},
		{"deep-nesting", d.body(members{{quote("note"), strings.Repeat("[", 500) + strings.Repeat("]", 500)}}).String()},
		{"deep-array", strings.Repeat("[", 500) + strings.Repeat("]", 500)},
		{"unknown-member", d.body(members{{quote("note"), quote("text")}}).String()},
		{"unknown-member-long", d.body(members{{quote("note"), quote(strings.Repeat("x", 4<<10))}}).String()},
		{"unknown-member-empty-name", d.body(members{{quote(""), quote("text")}}).String()},
	} {
		d.addIfRefused("body", b.name, d.base.withBody(b.body))
	}
	d.addIfRefused("body", "form-encoded", d.base.with("Content-Type", "application/x-www-form-urlencoded").
		withBody(first+"="+VersionPlaceholder))
}

// firstMember is the name of a member that a valid body has, or may have.
func (d *deriver) firstMember() string {
	if required := d.op.Body.Schema.Required; len(required) > 0 {
		return required[0]
	}
	return d.optional()
}

// utf16 is a text in UTF-16 with a byte order mark, little end first; the
// placeholder in it cannot be filled, and need not be.
func utf16(s string) string {
	out := []byte{0xff, 0xfe}
	for _, r := range strings.ReplaceAll(s, VersionPlaceholder, "0") {
		out = append(out, byte(r), 0)
	}
	return string(out)
}

// members breaks each member of the body in each way that its schema knows.
func (d *deriver) members() {
	if d.op.Body == nil {
		return
	}
	schema := d.op.Body.Schema
	for _, p := range schema.Properties {
		subject := "body/" + p.Name
		value := d.validValue(p.Name, p.Schema)
		base := d.body(nil).set(p.Name, value)
		with := func(name, value string) {
			d.addIfRefused(subject, name, d.base.withBody(base.set(p.Name, value).String()))
		}
		if slices.Contains(schema.Required, p.Name) {
			d.addIfRefused(subject, "missing", d.base.withBody(base.without(p.Name).set(d.optional(), "false").String()))
		}
		with("null", "null")
		for _, w := range wrongTypes {
			if w.kind != p.Schema.Type {
				with("wrong-type-"+string(w.kind), w.value)
			}
		}
		if p.Schema.Type == contract.KindBoolean {
			with("wrong-type-string-false", `"false"`)
			with("wrong-type-string-true", `"true"`)
		}
		with("wrong-type-array-of-one", "["+value+"]")
		with("wrong-type-object-of-one", `{"value":`+value+"}")
		d.strings(p, with)
		if p.Name == d.version {
			for _, m := range nearVersions {
				with("malformed-"+m.name, quote(m.text))
			}
		}
		d.values(p, with)
		for _, other := range letterCases(p.Name) {
			d.addIfRefused(subject, "letter-case-"+other.name, d.base.withBody(base.rename(p.Name, other.spelling).String()))
		}
		d.addIfRefused(subject, "duplicate", d.base.withBody(append(slices.Clone(base), member{quote(p.Name), value}).String()))
	}
}

// optional is the name of a member that may be left out, or of one that no page
// knows.
func (d *deriver) optional() string {
	for _, p := range d.op.Body.Schema.Properties {
		if !slices.Contains(d.op.Body.Schema.Required, p.Name) && p.Schema.Type == contract.KindBoolean {
			return p.Name
		}
	}
	return "note"
}

// strings breaks what is said of a string. A malformed version is made of 0.0.1,
// so that no server, however lenient, can take it for a later one.
func (d *deriver) strings(p contract.Property, with func(name, value string)) {
	s := p.Schema
	if s.Type != contract.KindString {
		return
	}
	if s.MinLength > 0 {
		with("empty", `""`)
	}
	if s.MaxLength >= 0 {
		with("too-long", quote(lengthened(s.MaxLength+1)))
		with("very-long", quote(lengthened(10_000)))
	}
	if s.Pattern == nil {
		return
	}
	for _, near := range nearMisses {
		if !s.Pattern.MatchString(near.text) {
			with("malformed-"+near.name, quote(near.text))
		}
	}
}

// lengthened is a dotted version of n characters that is 0, however it is read.
func lengthened(n int) string { return "0.0." + strings.Repeat("0", max(n-4, 0)) }

// nearVersions are texts around the version that is on offer. Whoever reads them
// leniently reads that one and none that is later.
var nearVersions = []struct{ name, text string }{
	{"letter-before-offered", "v" + VersionPlaceholder},
	{"space-before-offered", " " + VersionPlaceholder},
	{"newline-after-offered", VersionPlaceholder + "\n"},
	{"dot-after-offered", VersionPlaceholder + "."},
	{"suffix-after-offered", VersionPlaceholder + "-beta"},
}

// nearMisses are texts close to what a pattern may want, a dotted version above
// all; those that the pattern takes are left out where it is known.
var nearMisses = []struct{ name, text string }{
	{"one-part", "0"},
	{"five-parts", "0.0.0.0.1"},
	{"leading-dot", ".0.0.1"},
	{"trailing-dot", "0.0.1."},
	{"double-dot", "0..0.1"},
	{"letter-first", "v0.0.1"},
	{"letter-last", "0.0.1a"},
	{"suffix", "0.0.1-beta"},
	{"words", "latest"},
	{"sign", "-0.0.1"},
	{"comma", "0,0,1"},
	{"space-before", " 0.0.1"},
	{"space-after", "0.0.1 "},
	{"newline-after", "0.0.1\n"},
	{"nul", "0.0.1\x00"},
	{"blank", " "},
	{"full-width-digits", "０.０.１"},
	{"arabic-digits", "٠.٠.١"},
	{"emoji", "0.0.😀"},
	{"slash", "0/0/1"},
	{"path", "../../0.0.1"},
	{"quote", `0.0.1"`},
	{"sql", "0.0.1' OR '0'='0"},
	{"markup", "<b>0.0.1</b>"},
	{"format", "%s%n0.0.1"},
	{"expression", "${0.0.1}"},
}

type spelling struct{ name, spelling string }

// letterCases are other spellings of a snake_case name that differ in letter
// case alone.
func letterCases(name string) []spelling {
	title := strings.Split(name, "_")
	for i, part := range title {
		if part != "" {
			title[i] = strings.ToUpper(part[:1]) + part[1:]
		}
	}
	all := []spelling{{"upper", strings.ToUpper(name)}, {"title", strings.Join(title, "_")}}
	return slices.DeleteFunc(all, func(s spelling) bool { return s.spelling == name })
}

// versions breaks the relation of the target version to the graph's own. Only
// an equal one may go to the graph without being destructive.
func (d *deriver) versions() {
	rule := d.related(contract.NotLater, "/"+d.version)
	if rule == "" {
		return
	}
	for _, v := range []struct {
		name    string
		version Version
		risk    Risk
	}{
		{"equal", Current, Guarded},
		{"older-patch", OlderPatch, Destructive},
		{"older-minor", OlderMinor, Destructive},
		{"older-major", OlderMajor, Destructive},
		{"older-with-more-digits", OlderLonger, Destructive},
		{"older-as-number-later-as-string", OlderDigits, Destructive},
		{"older-zero", ZeroVersion, Destructive},
		{"previous", Previous, Destructive},
	} {
		k := d.relationCase("body/"+d.version, "not-later-"+v.name, rule)
		k.Aims = []Aim{{Name: string(v.version) + "-version", Graph: Named, Version: v.version, Risk: v.risk, Conditions: []string{rule}}}
		d.keep(k)
	}
}

// relationCase is a case of the plain request; its aims make it break the rule.
func (d *deriver) relationCase(subject, name, rule string) *Case {
	k := &Case{
		ID: fmt.Sprintf("%s/%s/%s", d.op.ID, subject, name), Operation: d.op.ID, Subject: strings.SplitN(subject, "/", 2)[0],
		Condition: rule, Level: d.c.Refusal(rule).Level, Request: d.base, Probes: d.probes(subject, rule, nil),
	}
	if requirement := d.c.RequirementFor(d.op, rule); requirement != nil {
		k.Requirement = requirement.ID
	}
	return k
}
