package cases

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// A member of the body can switch a rule off by mistake: force_upgrade, for example, what is
// checked of the versions. So each rule is tried with each optional member, too: pairs, not
// all combinations.

// mutated is what a case of a broken request was derived from.
type mutated struct {
	at place
	p  part
	m  *mutation
	k  *Case
}

// pairs derives the cases of broken requests that have an optional member, too. One request
// stands for each condition.
func (d *deriver) pairs() {
	if d.op.Body == nil || d.op.Safe() {
		return
	}
	for _, r := range d.op.Refusals() {
		if r.Level == contract.May {
			continue
		}
		for _, b := range d.standFor(r.Condition) {
			for _, p := range d.op.Body.Schema().Properties {
				for _, v := range d.valuesBeside(r, p) {
					if k := d.pair(b, p.Name, v); k != nil {
						d.keep(k)
					}
				}
			}
		}
	}
}

// standFor returns the broken requests that stand for a condition: those that say so, or the
// first that can have another member.
func (d *deriver) standFor(condition string) []mutated {
	var first, marked []mutated
	for _, b := range d.broke {
		switch {
		case b.k.Condition != condition || readObject(b.k.Request.Fill(d.samples).Body) == nil:
		case b.m.paired:
			marked = append(marked, b)
		case first == nil && b.at != atWholePath && b.m.also.at == nowhere && d.takesMembers(b): // one place is enough
			first = []mutated{b}
		}
	}
	if marked != nil {
		return marked
	}
	return first
}

// takesMembers reports whether a request breaks the same rules with an optional member.
func (d *deriver) takesMembers(b mutated) bool {
	return slices.ContainsFunc(d.op.Body.Schema().Properties, func(p contract.Property) bool {
		values := d.optionalValues(p)
		return len(values) > 0 && d.pair(b, p.Name, values[0]) != nil
	})
}

// optionalValues returns the values of an optional member to try, the one that asks for most
// first; none of a required one.
func (d *deriver) optionalValues(p contract.Property) []string {
	switch s := p.Schema; {
	case slices.Contains(d.op.Body.Schema().Required, p.Name):
		return nil
	case s.Type == contract.KindBoolean:
		return []string{"true", "false"}
	case len(s.Enum) > 0:
		var all []string
		for _, v := range s.Enum {
			text, _ := json.Marshal(v) // never fails: it was parsed from a document
			all = append(all, string(text))
		}
		return all
	default:
		return []string{d.validValue(p.Name, s)}
	}
}

// valuesBeside returns the values of an optional member to try beside what breaks a rule: all
// of them where the service must look up what it knows, and a branch of its own may skip that,
// else the first.
func (d *deriver) valuesBeside(r *contract.Refusal, p contract.Property) []string {
	values := d.optionalValues(p)
	looksUp := !r.First && slices.ContainsFunc(r.When, func(w contract.When) bool { return w.Relation != "" })
	if !looksUp && len(values) > 0 {
		values = values[:1]
	}
	return values
}

// pair returns the case of a broken request with an optional member, or nil if it then breaks
// other rules.
func (d *deriver) pair(b mutated, member, value string) *Case {
	if b.p.name == member {
		return nil
	}
	t := b.k.Request
	t.Body = withMember(t.Body, quote(member)+":"+value)
	object := readObject(t.Fill(d.samples).Body)
	before, _ := d.broken(b.k.Request)
	after, _ := d.broken(t)
	if object == nil || object.Member(member) == nil || !slices.Equal(before, after) {
		return nil
	}
	m := *b.m
	m.name += "-and-" + member + "-" + inWords(value)
	if m.risk == Guarded && !d.guardable(t) {
		m.risk = Destructive
	}
	k := d.breaking(b.at, b.p, &m, t)
	if k == nil || k.Condition != b.k.Condition {
		return nil
	}
	k.RestsOn = d.validWith(member, inWords(value))
	return k
}

// validWith returns the case of the valid request with an optional member, or "".
func (d *deriver) validWith(member, value string) string {
	for _, k := range d.cases {
		if k.Accepts == member+"-"+value {
			return k.ID
		}
	}
	return ""
}

// withMember adds a member to the last object of a body.
func withMember(body Text, member string) Text {
	i := strings.LastIndexByte(string(body), '}')
	if i < 0 {
		return body
	}
	before := strings.TrimRight(string(body[:i]), " \t\r\n")
	if !strings.HasSuffix(before, "{") {
		before += ","
	}
	return Text(before + member + string(body[i:]))
}

// readObject returns the object of a body, or nil if it is none that can be read plainly.
func readObject(body Text) *contract.Value {
	v, problems := contract.ReadJSON([]byte(body))
	if v == nil || v.Kind != contract.KindObject || slices.ContainsFunc(problems, func(p contract.Problem) bool { return p.Keyword != "duplicate" }) {
		return nil
	}
	return v
}

// inWords writes a JSON value so that it can be part of an id.
func inWords(value string) string {
	words := strings.FieldsFunc(strings.ToLower(value), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	if len(words) == 0 || len(value) > 30 {
		return "given"
	}
	return strings.Join(words, "-")
}
