package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/gesconform/gesconform/contract"
)

// body returns the plainest valid body.
func (d *deriver) body() object {
	var all object
	for _, name := range d.op.Body.Schema().Required {
		all = append(all, d.validMember(name))
	}
	return all
}

// withOptional returns the body with the first optional member.
func (d *deriver) withOptional() object {
	schema := d.op.Body.Schema()
	for _, p := range schema.Properties {
		if !slices.Contains(schema.Required, p.Name) {
			return append(d.body(), d.validMember(p.Name))
		}
	}
	return d.body()
}

func (d *deriver) validMember(name string) pair {
	return pair{name, quote(name) + ":" + d.validValue(name, d.op.Body.Schema().Property(name))}
}

// validValue returns a valid value of a property: the version's placeholder, the example, an
// allowed value, or the plainest of the type.
func (d *deriver) validValue(name string, s *contract.Schema) string {
	switch {
	case name == d.version:
		return quote(VersionPlaceholder)
	case s.Example != nil:
		b, _ := json.Marshal(s.Example) // never fails: it was parsed from a document
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

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// wholeWithin returns an integer within the bounds.
func wholeWithin(s *contract.Schema) float64 {
	switch {
	case s.Minimum != nil:
		return *s.Minimum
	case s.Maximum != nil:
		return *s.Maximum - 1
	}
	return 1
}

// firstMember returns the name of a required or else an optional member.
func (d *deriver) firstMember() string {
	if required := d.op.Body.Schema().Required; len(required) > 0 {
		return required[0]
	}
	return d.optional()
}

// optional returns the name of an optional boolean member, or of one that no page has.
func (d *deriver) optional() string {
	for _, p := range d.op.Body.Schema().Properties {
		if !slices.Contains(d.op.Body.Schema().Required, p.Name) && p.Schema.Type == contract.KindBoolean {
			return p.Name
		}
	}
	return "note"
}

// headerValue returns a valid value of a header parameter.
func headerValue(p *contract.Parameter) string {
	switch {
	case p.Example != nil:
		return fmt.Sprint(p.Example)
	case p.Schema != nil && p.Schema.Example != nil:
		return fmt.Sprint(p.Schema.Example)
	case p.Schema != nil && len(p.Schema.Enum) > 0:
		return fmt.Sprint(p.Schema.Enum[0])
	}
	return "a"
}
