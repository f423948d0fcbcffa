package implied

import (
	"encoding/json"
	"fmt"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
)

// stated returns the value of a parameter that the user or the document gives.
func (o *Options) stated(op *contract.Operation, p *contract.Parameter) (value any, ok bool) {
	if text, given := o.given(op, p); given {
		return typed(p.Schema, text), true
	}
	if p.Example != nil {
		return p.Example, true
	}
	s := p.Schema
	switch {
	case s == nil:
		return nil, false
	case s.Example != nil:
		return s.Example, true
	case s.Default != nil:
		return s.Default, true
	case len(s.Const) > 0:
		return s.Const[0], true
	case len(s.Enum) > 0:
		return s.Enum[0], true
	case s.Type == contract.KindBoolean:
		return true, true
	}
	return nil, false
}

// given returns what the user gives for a parameter: that of the operation first.
func (o *Options) given(op *contract.Operation, p *contract.Parameter) (string, bool) {
	for _, name := range []string{op.ID + "." + p.Name, p.Name} {
		for _, f := range o.Fixtures {
			if f.Name == name {
				return f.Value, true
			}
		}
	}
	for _, a := range o.Added {
		if a.In == p.In && a.Name == p.Name {
			return a.Value, true
		}
	}
	return "", false
}

// typed reads the text of a fixture as its schema wants it.
func typed(s *contract.Schema, text string) any {
	if s == nil || s.Type == contract.KindString || s.Type == "" && len(s.Types) == 0 {
		return text
	}
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return text
	}
	if _, isNumber := value.(float64); isNumber {
		return json.Number(text)
	}
	return value
}

// plain returns the plain value of a parameter that is no id.
func (o *Options) plain(op *contract.Operation, p *contract.Parameter) (any, error) {
	if value, ok := o.stated(op, p); ok {
		return value, nil
	}
	s := p.Schema
	switch {
	case s == nil || s.Type == contract.KindString:
		return "a", nil
	case s.Type == contract.KindNumber:
		if s.Minimum != nil {
			return *s.Minimum, nil
		}
		return 1, nil
	default:
		return nil, fmt.Errorf("no plain value is known for %s", s.Type)
	}
}

// resolve fills in the values of an operation's required parameters, and reports whether all are
// known. Ids that only an example of the document names count if examples is set.
func (r *run) resolve(g *ground, examples bool) bool {
	if usable := r.o.usable(g.op); len(usable) > 0 {
		g.alternative = usable[0]
	} else {
		return false
	}
	g.values = map[*contract.Parameter]any{}
	for _, p := range g.op.Parameters {
		_, given := r.o.given(g.op, p)
		if !p.Required && p.In != contract.InPath && !given {
			continue
		}
		if p.In == contract.InPath && !given && !examples && !isChoice(p.Schema) {
			return false
		}
		if p.In == contract.InPath {
			value, ok := r.o.stated(g.op, p)
			if !ok {
				return false
			}
			g.values[p] = value
			continue
		}
		value, err := r.o.plain(g.op, p)
		if err != nil {
			return false
		}
		g.values[p] = value
	}
	return true
}

// missing says what to give for an operation that has not been sent.
func (r *run) missing(g *ground) []string {
	if len(r.o.usable(g.op)) == 0 {
		return []string{needsCredentials(g.op)}
	}
	var flags []string
	for _, p := range g.op.ParametersIn(contract.InPath) {
		if _, known := g.values[p]; !known {
			flags = append(flags, "--fixture "+p.Name)
		}
	}
	return flags
}

// learn keeps the ids that an answer shows.
func (r *run) learn(*ground, *exchange.Exchange) {}

// absentID returns an id that nothing has.
func absentID(p *contract.Parameter) any {
	if p.Schema != nil && p.Schema.Integer {
		return 987654321
	}
	return "nothing-has-this-id"
}
