package generated

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// An edge is what a server that is too strict refuses though the schema allows it.
type edge struct {
	keyword, name string
	at            func(v any) bool
}

// edgesOf returns the edges of a schema.
func edgesOf(s *contract.Schema) (all []edge) {
	length := func(n int) func(any) bool {
		return func(v any) bool { text, ok := v.(string); return ok && len([]rune(text)) == n }
	}
	count := func(n int) func(any) bool {
		return func(v any) bool { items, ok := v.([]any); return ok && len(items) == n }
	}
	number := func(n float64) func(any) bool {
		return func(v any) bool {
			text, ok := v.(json.Number)
			f, err := text.Float64()
			return ok && err == nil && math.Abs(f-n) < 1e-12
		}
	}
	add := func(there bool, keyword, name string, at func(any) bool) {
		if there {
			all = append(all, edge{keyword, name, at})
		}
	}
	add(s.Nullable && s.Type != "", "nullable", "null", func(v any) bool { return v == nil })
	add(s.MinLength > 0, "minLength", "the shortest", length(s.MinLength))
	add(s.MaxLength >= 0 && s.MaxLength < 10_000, "maxLength", "the longest", length(s.MaxLength))
	add(s.MinItems > 0, "minItems", "the fewest", count(s.MinItems))
	add(s.MaxItems >= 0 && s.MaxItems < 1_000, "maxItems", "the most", count(s.MaxItems))
	add(s.Minimum != nil && !s.ExclusiveMinimum, "minimum", "the smallest", func(v any) bool { return number(*s.Minimum)(v) })
	add(s.Maximum != nil && !s.ExclusiveMaximum, "maximum", "the largest", func(v any) bool { return number(*s.Maximum)(v) })
	for _, one := range s.Enum {
		text, ok := one.(string)
		add(ok, "enum", "one of them, "+text, func(v any) bool { return v == text })
	}
	for _, p := range s.Properties {
		add(!slices.Contains(s.Required, p.Name) && !p.Schema.ReadOnly, "properties/"+p.Name, "if given", func(v any) bool {
			members, ok := v.(map[string]any)
			_, given := members[p.Name]
			return ok && given
		})
	}
	for i, part := range slices.Concat(s.AnyOf, s.OneOf) {
		add(true, "of", "the schema "+part.Clause, func(v any) bool {
			for j, other := range slices.Concat(s.AnyOf, s.OneOf) {
				if keeps := len(other.Check(contract.ValueOf(v), contract.Client)) == 0; keeps != (i == j) {
					return false
				}
			}
			return true
		})
	}
	return all
}

// refusal is what the document describes as the answer to a request that breaks it.
func refusal(op *contract.Operation) *contract.Answer {
	a := &contract.Answer{Status: http.StatusBadRequest, Header: http.Header{}}
	if r := op.Response(a.Status); r != nil && len(r.Content) > 0 {
		if v, err := values.New(contract.Server).Plain(r.Content[0].Schema, r.Content[0].Example); err == nil {
			a.Body = write(v)
			a.Header.Set("Content-Type", r.Content[0].Name)
		}
	}
	return a
}

// strict adds the defects of a server that refuses what the document allows at the edges of a schema.
func (g *generator) strict(op *contract.Operation, s *contract.Schema, valueOf func(c *call) (*contract.Schema, any, bool)) {
	for _, e := range edgesOf(s) {
		clause := s.Clause + "/" + e.keyword
		g.add(Defect{Name: op.Method + " " + op.Path + " " + clause + ": refuses " + e.name, Clause: clause, apply: func(c *call) []string {
			schema, v, ok := valueOf(c)
			if !ok || c.op != op || !has(schema, v, s, e.at) || len(g.contract.JudgeRequest(c.op, &c.request)) > 0 || c.forward().Status >= 300 {
				return nil
			}
			c.answer = refusal(op)
			return []string{"value.accepted"}
		}})
	}
}

// parameterOf returns the value of a query parameter or header of a request.
func (g *generator) parameterOf(c *call, op *contract.Operation, p *contract.Parameter) (*contract.Schema, any, bool) {
	if c.op != op {
		return nil, nil, false
	}
	text := c.request.Header.Get(p.Name)
	if p.In == contract.InQuery {
		_, text, _ = strings.Cut(c.request.Path, "?")
	}
	if text == "" || p.In == contract.InCookie {
		return nil, nil, false
	}
	v, problems := p.Decode(text)
	if v == nil || len(problems) > 0 {
		return nil, nil, false
	}
	return p.Schema, plainOf(v), true
}

// bodyOf returns the JSON body of a request.
func bodyOf(c *call, m *contract.MediaType) (*contract.Schema, any, bool) {
	named, _, _ := strings.Cut(c.request.Header.Get("Content-Type"), ";")
	if !strings.HasSuffix(m.Name, "json") || !strings.EqualFold(named, m.Name) || c.op.Body == nil || !slices.Contains(c.op.Body.Content, m) {
		return nil, nil, false
	}
	v, ok := read(c.request.Body)
	return m.Schema, v, ok
}

// plainOf returns a value as encoding/json decodes it.
func plainOf(v *contract.Value) any {
	switch v.Kind {
	case contract.KindString:
		return v.Text
	case contract.KindNumber:
		return json.Number(v.Text)
	case contract.KindBoolean:
		return v.Bool
	case contract.KindArray:
		items := []any{}
		for _, item := range v.Items {
			items = append(items, plainOf(item))
		}
		return items
	case contract.KindObject:
		members := map[string]any{}
		for _, m := range v.Members {
			members[m.Name] = plainOf(m.Value)
		}
		return members
	default:
		return nil
	}
}
