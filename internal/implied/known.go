package implied

import (
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/resources"
	"github.com/gesconform/gesconform/internal/values"
)

// stated returns the value of a parameter that the user or the document gives.
func (o *Options) stated(op *contract.Operation, p *contract.Parameter) (value any, ok bool) {
	if text, given := o.given(op, p); given {
		return resources.AsJSON(p.Schema, text), true
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

// plain returns the plain value of a parameter that is no id.
func (o *Options) plain(source *values.Source, op *contract.Operation, p *contract.Parameter) (any, error) {
	if text, given := o.given(op, p); given {
		return resources.AsJSON(p.Schema, text), nil
	}
	if p.Schema == nil {
		return "a", nil
	}
	var hints []any
	if p.Example != nil {
		hints = append(hints, p.Example)
	}
	return source.Plain(p.Schema, hints...)
}

// resolve fills in the values of an operation's plain request, and reports whether all are known.
// Ids that only an example of the document names count if examples is set.
func (r *run) resolve(g *ground, examples bool) bool {
	usable := r.o.usable(g.op)
	if len(usable) == 0 || len(r.blocked(g.op)) > 0 {
		return false
	}
	if err := g.plainBody(g.media, r.source); err != nil {
		return false
	}
	g.alternative, g.ofMembers = usable[0], r.knownMembers(g.op)
	for _, c := range r.store.Choices(g.op) {
		if examples || fromElsewhere(c) {
			g.choices = append(g.choices, c)
		}
	}
	if len(g.choices) == 0 {
		g.choices = r.madeChoices(g.op) // though a fixture names another thing that it would belong to
	}
	if len(g.choices) == 0 && !r.allChoices(g.op) {
		return false
	}
	if len(g.choices) == 0 {
		g.choices = []resources.Choice{nil} // plain values
	}
	g.choices = g.choices[:min(len(g.choices), mostChoices)]
	return r.choose(g)
}

// allChoices reports whether the path of an operation has parameters of which none is an id.
func (r *run) allChoices(op *contract.Operation) bool {
	return !slices.ContainsFunc(op.ParametersIn(contract.InPath), func(p *contract.Parameter) bool { return !isChoice(p.Schema) })
}

// mostChoices is how many ids are tried for an operation until one is found.
const mostChoices = 3

// fromElsewhere reports whether no id of a choice is only an example of the document.
func fromElsewhere(c resources.Choice) bool {
	return !slices.ContainsFunc(c, func(v resources.Value) bool {
		return v.Parameter.In == contract.InPath && v.Source == resources.FromDocument && !isChoice(v.Parameter.Schema)
	})
}

// choose takes the next ids of an operation, and reports whether there are any.
func (r *run) choose(g *ground) bool {
	if len(g.choices) == 0 {
		return false
	}
	c := g.choices[0]
	g.choices, g.values = g.choices[1:], map[*contract.Parameter]any{}
	for _, p := range g.op.Parameters {
		if v, ok := c.Of(p); ok {
			g.values[p] = v.JSON()
		} else if value, err := r.o.plain(r.source, g.op, p); err == nil && (p.Required || p.In == contract.InPath) {
			g.values[p] = value
		}
	}
	return true
}

// blocked returns why no plain request can be made, whatever answers show.
func (r *run) blocked(op *contract.Operation) []string {
	var all []string
	for _, p := range op.Parameters {
		if !p.Required || p.In == contract.InPath {
			continue
		}
		if _, err := r.o.sendable(r.source, op, p); err != nil {
			all = append(all, "--fixture "+p.Name)
		}
	}
	return all
}

// toGive says what to give for an operation that has not been sent.
func (r *run) toGive(g *ground) string {
	if len(r.o.usable(g.op)) == 0 {
		return needsCredentials(g.op)
	}
	return strings.Join(append(r.blocked(g.op), r.store.Needs(g.op)), " ")
}

// learn keeps the ids that an answer shows, and returns what it leads to.
func (r *run) learn(g *ground, x *exchange.Exchange) []resources.Lead {
	return r.store.Learn(g.op, &x.Request, x.Answer)
}
