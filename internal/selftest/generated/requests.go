package generated

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// requests makes the defects of what a server does with requests to an operation.
func (g *generator) requests(op *contract.Operation) {
	for _, p := range op.Parameters {
		if p.Schema == nil || p.In == contract.InPath {
			continue
		}
		if p.Required {
			g.overlooks(p.Clause+"/required", func(c *call) bool { return g.repairParameter(c, p) })
		}
		schemasOf(p.Schema, contract.Client, func(s *contract.Schema, chosen bool) {
			for _, clause := range clausesOf(s, chosen) {
				g.overlooks(clause, func(c *call) bool { return g.repairParameter(c, p) })
			}
			g.strict(op, s, func(c *call) (*contract.Schema, any, bool) { return g.parameterOf(c, op, p) })
		})
	}
	if op.Body != nil {
		for _, m := range op.Body.Content {
			if m.Schema == nil {
				continue
			}
			schemasOf(m.Schema, contract.Client, func(s *contract.Schema, chosen bool) {
				for _, clause := range clausesOf(s, chosen) {
					g.overlooks(clause, func(c *call) bool { return g.repairBody(c) })
				}
				g.strict(op, s, func(c *call) (*contract.Schema, any, bool) { return bodyOf(c, m) })
			})
		}
	}
	if len(op.Security) > 0 && !op.Anonymous() {
		g.add(Defect{Name: op.Clause + "/security: not asked for", Clause: op.Clause + "/security", apply: func(c *call) []string { return g.admit(c, op) }})
	}
	if op.Method == http.MethodDelete {
		g.add(Defect{Name: op.Clause + ": deletes nothing", Clause: op.Clause, apply: func(c *call) []string { return g.keep(c, op) }})
	}
}

// clausesOf returns the clauses of a schema that a request may break. A value of another kind than a chosen schema has
// breaks the choice, and not that schema.
func clausesOf(s *contract.Schema, chosen bool) (all []string) {
	for keyword, there := range map[string]bool{
		"type": (s.Type != "" || len(s.Types) > 0) && !chosen, "enum": len(s.Enum) > 0, "const": len(s.Const) > 0, "format": formats[s.Format], "minLength": s.MinLength > 0,
		"maxLength": s.MaxLength >= 0, "pattern": s.Pattern != nil, "multipleOf": s.MultipleOf != nil,
		"minimum": s.Minimum != nil && !s.ExclusiveMinimum, "exclusiveMinimum": s.Minimum != nil && s.ExclusiveMinimum,
		"maximum": s.Maximum != nil && !s.ExclusiveMaximum, "exclusiveMaximum": s.Maximum != nil && s.ExclusiveMaximum,
		"minItems": s.MinItems > 0, "maxItems": s.MaxItems >= 0, "uniqueItems": s.UniqueItems, "required": len(s.Required) > 0, "minProperties": s.MinProperties > 0,
		"maxProperties": s.MaxProperties >= 0, "additionalProperties": s.Closed, "anyOf": len(s.AnyOf) > 0, "oneOf": len(s.OneOf) > 0, "not": s.Not != nil,
	} {
		if there {
			all = append(all, s.Clause+"/"+keyword)
		}
	}
	slices.Sort(all)
	return all
}

// overlooked is what the name of a defect ends in by which a server does not see what breaks a clause.
const overlooked = ": overlooked"

// overlooks adds the defect of a server that does not see what breaks a clause: it answers as if a plain value stood
// there.
func (g *generator) overlooks(clause string, repair func(c *call) bool) {
	name := clause + overlooked
	if g.seen[name] {
		return
	}
	g.add(Defect{Name: name, Clause: clause, apply: func(c *call) []string {
		problems := g.contract.JudgeRequest(c.op, &c.request)
		if len(problems) == 0 || slices.ContainsFunc(problems, func(p contract.Problem) bool { return p.Clause != clause }) {
			return nil
		}
		if !repair(c) || len(g.contract.JudgeRequest(c.op, &c.request)) > 0 || c.forward().Status >= 300 {
			return nil
		}
		return []string{"value.refused", "value.refused-unlisted", "value.scalar"}
	}})
}

// repairBody puts a plain body in the place of the one of a request.
func (g *generator) repairBody(c *call) bool {
	if c.op.Body == nil {
		return false
	}
	for _, m := range c.op.Body.Content {
		named, _, _ := strings.Cut(c.request.Header.Get("Content-Type"), ";")
		if !strings.EqualFold(m.Name, strings.TrimSpace(named)) || m.Schema == nil {
			continue
		}
		v, err := values.New(contract.Client).Plain(m.Schema, m.Example)
		if err != nil {
			return false
		}
		body, contentType, err := values.Body(m, v, "generated")
		if err != nil {
			return false
		}
		c.request.Body = body
		c.request.Header.Set("Content-Type", contentType)
		c.request = contract.Request{Method: c.request.Method, Path: c.request.Path, Header: c.request.Header, Body: body}
		return true
	}
	return false
}

// repairParameter leaves a parameter out of a request, or puts a plain one in its place if it is required.
func (g *generator) repairParameter(c *call, p *contract.Parameter) bool {
	if c.op.Parameter(p.Name) != p {
		return false
	}
	var pairs []values.Pair
	if p.Required {
		v, err := values.New(contract.Client).Plain(p.Schema, p.Example)
		if err != nil {
			return false
		}
		if pairs, err = values.Parameter(p, v); err != nil {
			return false
		}
	}
	request := contract.Request{Method: c.request.Method, Path: c.request.Path, Header: c.request.Header.Clone(), Body: c.request.Body}
	switch p.In {
	case contract.InQuery:
		path, all, _ := strings.Cut(request.Path, "?")
		var kept []string
		for pair := range strings.SplitSeq(all, "&") {
			name, _, _ := strings.Cut(pair, "=")
			name, _ = url.QueryUnescape(name)
			base, _, _ := strings.Cut(name, "[")
			if pair != "" && base != p.Name && (p.Schema.Property(name) == nil || c.op.Parameter(name) != nil) {
				kept = append(kept, pair)
			}
		}
		for _, pair := range pairs {
			kept = append(kept, pair.Name+"="+pair.Value)
		}
		request.Path = path
		if len(kept) > 0 {
			request.Path += "?" + strings.Join(kept, "&")
		}
	case contract.InHeader:
		request.Header.Del(p.Name)
		for _, pair := range pairs {
			request.Header.Set(p.Name, pair.Value)
		}
	default:
		return false
	}
	c.request = request
	return true
}
