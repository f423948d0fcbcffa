package cases

import (
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// A Probe is what a case tests: a rule of the contract for a part of the request.
type Probe struct {
	Part string `json:"part"` // for example body/upgrade_version
	// Rule is a keyword of the schema or a relation; "" if the request varies the part
	// without breaking a rule.
	Rule string `json:"rule,omitempty"`
}

// Parts lists the parts of a request to an operation.
func Parts(op *contract.Operation) []string {
	var parts []string
	for _, p := range op.Parameters {
		if p.In == contract.InQuery {
			continue // no case varies a query
		}
		parts = append(parts, partOf(p.In, p.Name))
	}
	for _, s := range op.Schemes() {
		parts = append(parts, partOf(contract.InSecurity, s.Name))
	}
	if op.Body != nil {
		parts = append(parts, partOf(contract.InHeader, "Content-Type"), string(contract.InBody))
		for _, p := range op.Body.Schema().Properties {
			parts = append(parts, partOf(contract.InBody, p.Name))
		}
	}
	slices.Sort(parts)
	return slices.Compact(parts)
}

// Rules lists the rules whose breach an operation refuses, with the part that each is
// about.
func Rules(op *contract.Operation) []Probe {
	var rules []Probe
	for _, refusal := range op.Refusals() {
		for _, w := range refusal.When {
			for _, part := range bound(op, w) {
				if p := (Probe{part, rule(w)}); !slices.Contains(rules, p) {
					rules = append(rules, p)
				}
			}
		}
	}
	return rules
}

// rule returns the keyword or the relation of a condition.
func rule(w contract.When) string {
	if w.Relation != "" {
		return string(w.Relation)
	}
	return w.Keyword
}

// bound lists the parts of op's requests that a condition is about.
func bound(op *contract.Operation, w contract.When) []string {
	switch {
	case w.In == contract.InMethod, w.In == contract.InPath && w.Keyword == "required":
		return []string{string(w.In)}
	case w.In == contract.InBody && op.Body == nil:
		return nil
	case w.In == contract.InBody && w.Pointer == nil:
		return boundMembers(op, w.Keyword)
	case w.In == contract.InBody:
		return []string{partOf(w.In, strings.TrimPrefix(*w.Pointer, "/"))}
	}
	var parts []string
	for i, s := range op.Schemes() { // alternatives, of which one is required
		if w.In == contract.InSecurity && (w.Keyword != "pattern" || s.Pattern != nil) && (w.Keyword != "required" || i == 0) {
			parts = append(parts, partOf(w.In, s.Name))
		}
	}
	for _, p := range op.Parameters {
		if p.In == w.In && (w.Name == p.Name || w.Name == "" && (w.Keyword != "minLength" || p.Schema.MinLength > 0)) {
			parts = append(parts, partOf(w.In, p.Name))
		}
	}
	if w.In == contract.InHeader && op.Body != nil && strings.EqualFold(w.Name, "Content-Type") {
		parts = append(parts, partOf(w.In, w.Name))
	}
	return parts
}

// boundMembers lists the members of op's body that a keyword applies to, or the body if it
// applies to all of it.
func boundMembers(op *contract.Operation, keyword string) []string {
	schema := op.Body.Schema()
	binds := map[string]func(contract.Property) bool{
		"required":     func(p contract.Property) bool { return slices.Contains(schema.Required, p.Name) },
		"type":         func(p contract.Property) bool { return p.Schema.Type != "" },
		"scalar":       func(p contract.Property) bool { return slices.Contains(scalars, p.Schema.Type) },
		"nullable":     func(p contract.Property) bool { return !p.Schema.Nullable },
		"minLength":    func(p contract.Property) bool { return p.Schema.MinLength > 0 },
		"maxLength":    func(p contract.Property) bool { return p.Schema.MaxLength >= 0 },
		"pattern":      func(p contract.Property) bool { return p.Schema.Pattern != nil },
		"enum":         func(p contract.Property) bool { return len(p.Schema.Enum) > 0 },
		"minimum":      func(p contract.Property) bool { return p.Schema.Minimum != nil },
		"maximum":      func(p contract.Property) bool { return p.Schema.Maximum != nil },
		"boolean-text": func(p contract.Property) bool { return p.Schema.Type == contract.KindBoolean },
		"letter-case":  func(contract.Property) bool { return true },
		"duplicate":    func(contract.Property) bool { return true },
	}[keyword]
	if binds == nil {
		return []string{string(contract.InBody)}
	}
	var parts []string
	for _, p := range schema.Properties {
		if binds(p) {
			parts = append(parts, partOf(contract.InBody, p.Name))
		}
	}
	return parts
}

// scalars are the kinds that lenient readers turn into another.
var scalars = []contract.Kind{contract.KindString, contract.KindNumber, contract.KindBoolean}

func partOf(in contract.In, name string) string {
	if name == "" {
		return string(in)
	}
	return string(in) + "/" + name
}

// probes returns what a case about a part tests if it has a condition: the rules that the
// contract finds broken or else a relation, which no request shows.
func (d *deriver) probes(subject, condition string, problems []contract.Problem) []Probe {
	var probes []Probe
	add := func(p Probe) {
		if !slices.Contains(probes, p) {
			probes = append(probes, p)
		}
	}
	for _, p := range problems {
		if r := d.c.RefusalFor(d.op, p); r != nil && r.Condition == condition {
			add(Probe{d.partOfProblem(subject, p), d.c.RuleFor(d.op, p)})
		}
	}
	if r := d.c.Refusal(condition); r != nil && len(probes) == 0 {
		for _, w := range r.When {
			if w.Relation != "" || w.In == contract.InMethod {
				add(Probe{d.partOfRelation(subject, w), rule(w)})
			}
		}
	}
	return probes
}

// partOfProblem returns the part that a problem is about, or the case's subject if the
// contract does not know the member.
func (d *deriver) partOfProblem(subject string, p contract.Problem) string {
	if p.In != contract.InBody || p.Pointer == "" {
		return partOf(p.In, p.Name)
	}
	if name := strings.TrimPrefix(p.Pointer, "/"); d.op.Body.Schema().Property(name) != nil {
		return partOf(p.In, name)
	}
	return subject
}

func (d *deriver) partOfRelation(subject string, w contract.When) string {
	switch {
	case w.Pointer != nil:
		return partOf(w.In, strings.TrimPrefix(*w.Pointer, "/"))
	case w.In == contract.InSecurity:
		for _, s := range d.op.Schemes() {
			if subject == partOf(w.In, s.ID) {
				return partOf(w.In, s.Name)
			}
		}
		return partOf(w.In, d.op.Schemes()[0].Name)
	}
	return partOf(w.In, w.Name)
}
