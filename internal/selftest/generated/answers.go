package generated

import (
	"encoding/json"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// A breach makes a value that breaks one keyword out of one that keeps it; ok is whether it can.
type breach struct {
	name    string
	keyword string
	has     func(s *contract.Schema) bool
	of      func(s *contract.Schema, v any) (broken any, ok bool)
}

// breaches are those of the values of answers.
var breaches = []breach{
	{"of another kind", "type", func(s *contract.Schema) bool { return s.Type != "" }, anotherKind},
	{"null", "type", func(s *contract.Schema) bool { return s.Type != "" && !s.Nullable && s.Type != contract.KindNull }, func(_ *contract.Schema, v any) (any, bool) { return nil, v != nil }},
	{"beside the enum", "enum", func(s *contract.Schema) bool { return len(s.Enum) > 0 }, onText(func(_ *contract.Schema, text string) string { return text + "x" })},
	{"of another form", "format", func(s *contract.Schema) bool { return formats[s.Format] }, onText(func(*contract.Schema, string) string { return "#!" })},
	{"of another pattern", "pattern", func(s *contract.Schema) bool { return s.Pattern != nil }, onText(func(s *contract.Schema, text string) string {
		return "\u2603" + strings.Repeat("~", max(len(text)-1, 0))
	})},
	{"too short", "minLength", func(s *contract.Schema) bool { return s.MinLength > 0 }, onText(func(s *contract.Schema, text string) string { return text[:min(len(text), s.MinLength-1)] })},
	{"too long", "maxLength", func(s *contract.Schema) bool { return s.MaxLength >= 0 && s.MaxLength < 10_000 }, onText(func(s *contract.Schema, text string) string {
		return text + strings.Repeat("x", max(s.MaxLength+1-len([]rune(text)), 0))
	})},
	{"too small", "minimum", func(s *contract.Schema) bool { return s.Minimum != nil }, onNumber(func(s *contract.Schema, _ float64) float64 { return math.Floor(*s.Minimum) - 1 })},
	{"too large", "maximum", func(s *contract.Schema) bool { return s.Maximum != nil }, onNumber(func(s *contract.Schema, _ float64) float64 { return math.Ceil(*s.Maximum) + 1 })},
	{"no multiple", "multipleOf", func(s *contract.Schema) bool { return s.MultipleOf != nil }, onNumber(func(s *contract.Schema, n float64) float64 { return n + *s.MultipleOf/2 })},
	{"of too few items", "minItems", func(s *contract.Schema) bool { return s.MinItems > 0 }, onItems(func(s *contract.Schema, items []any) []any { return items[:min(len(items), s.MinItems-1)] })},
	{"of too many items", "maxItems", func(s *contract.Schema) bool { return s.MaxItems >= 0 && s.MaxItems < 1_000 }, onItems(func(s *contract.Schema, items []any) []any {
		for len(items) > 0 && len(items) <= s.MaxItems {
			items = append(slices.Clone(items), items[0])
		}
		return items
	})},
	{"of equal items", "uniqueItems", func(s *contract.Schema) bool { return s.UniqueItems }, onItems(func(_ *contract.Schema, items []any) []any {
		return append(slices.Clone(items), items[:min(len(items), 1)]...)
	})},
	{"with more members", "additionalProperties", func(s *contract.Schema) bool { return s.Closed }, onMembers(func(_ *contract.Schema, m map[string]any) { m["undocumented"] = true })},
}

// formats are those that both this package and the document are sure about.
var formats = map[string]bool{"date": true, "date-time": true, "uuid": true, "email": true, "uri": true, "ipv4": true, "ipv6": true}

func anotherKind(s *contract.Schema, v any) (any, bool) {
	if v == nil || s.Type == contract.KindArray {
		return map[string]any{}, v != nil
	}
	if s.Type == contract.KindObject {
		return []any{}, true
	}
	if s.Type == contract.KindString {
		return json.Number("7"), true
	}
	return "seven", true
}

func onText(change func(*contract.Schema, string) string) func(*contract.Schema, any) (any, bool) {
	return func(s *contract.Schema, v any) (any, bool) {
		text, ok := v.(string)
		if !ok {
			return nil, false
		}
		other := change(s, text)
		return other, other != text
	}
}

func onNumber(change func(*contract.Schema, float64) float64) func(*contract.Schema, any) (any, bool) {
	return func(s *contract.Schema, v any) (any, bool) {
		n, ok := v.(json.Number)
		if !ok {
			return nil, false
		}
		f, err := n.Float64()
		if err != nil {
			return nil, false
		}
		return json.Number(strconv.FormatFloat(change(s, f), 'f', -1, 64)), true
	}
}

func onItems(change func(*contract.Schema, []any) []any) func(*contract.Schema, any) (any, bool) {
	return func(s *contract.Schema, v any) (any, bool) {
		items, ok := v.([]any)
		if !ok {
			return nil, false
		}
		other := change(s, items)
		return other, len(other) != len(items)
	}
}

func onMembers(change func(*contract.Schema, map[string]any)) func(*contract.Schema, any) (any, bool) {
	return func(s *contract.Schema, v any) (any, bool) {
		members, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		other := maps.Clone(members)
		change(s, other)
		return other, !maps.EqualFunc(members, other, func(a, b any) bool { return true })
	}
}

// breachesOf returns the breaches of a schema: those of the table that it has a keyword for, and one for each member.
func breachesOf(s *contract.Schema) []breach {
	all := slices.DeleteFunc(slices.Clone(breaches), func(b breach) bool { return !b.has(s) })
	for _, name := range s.Required {
		all = append(all, breach{"without " + name, "required", nil, onMembers(func(_ *contract.Schema, m map[string]any) { delete(m, name) })})
	}
	for _, p := range s.Properties {
		if p.Schema.WriteOnly {
			shown, err := values.New(contract.Client).Plain(p.Schema)
			if err == nil {
				all = append(all, breach{"shows " + p.Name, "writeOnly", nil, onMembers(func(_ *contract.Schema, m map[string]any) { m[p.Name] = shown })})
			}
		}
	}
	return all
}

// answers makes the defects of the answers of an operation.
func (g *generator) answers(op *contract.Operation) {
	for _, r := range op.Responses {
		if r.Status >= "3" {
			continue
		}
		for _, m := range r.Content {
			if m.Schema != nil && strings.HasSuffix(m.Name, "json") {
				schemasOf(m.Schema, contract.Server, func(s *contract.Schema, _ bool) {
					for _, b := range breachesOf(s) {
						g.addAnswer(s.Clause+"/"+b.keyword, "answer "+b.name, brokenBody(s, b))
					}
				})
			}
		}
		if len(r.Content) > 0 {
			g.addAnswer(r.Clause+"/content", "another media type", onlyOf(op, r, func(a *contract.Answer) { a.Header.Set("Content-Type", "application/x-other") }))
			g.addAnswer(r.Clause+"/content", "no body", onlyOf(op, r, func(a *contract.Answer) { a.Body = nil }))
			g.addAnswer(r.Clause+"/content", "half a body", onlyOf(op, r, func(a *contract.Answer) { a.Body = a.Body[:len(a.Body)/2] }))
		}
		for _, h := range r.Headers {
			if h.Required {
				g.addAnswer(h.Clause, "no header "+h.Name, onlyOf(op, r, func(a *contract.Answer) { a.Header.Del(h.Name) }))
			}
		}
		for _, status := range []int{http.StatusOK, http.StatusAccepted, http.StatusNonAuthoritativeInfo} {
			if op.Response(status) == nil {
				g.addAnswer(r.Clause, "status "+strconv.Itoa(status), onlyOf(op, r, func(a *contract.Answer) { a.Status = status }))
				break
			}
		}
		g.addAnswer(op.Clause+"/responses", "fails", onlyOf(op, r, func(a *contract.Answer) { a.Status = http.StatusInternalServerError }))
	}
}

// brokenBody changes the part of a JSON body that a schema is about.
func brokenBody(s *contract.Schema, b breach) func(op *contract.Operation, a *contract.Answer) {
	return func(op *contract.Operation, a *contract.Answer) {
		r := op.Response(a.Status)
		if r == nil || r.Schema() == nil || a.Status >= 300 {
			return
		}
		v, ok := read(a.Body)
		if !ok {
			return
		}
		if broken, ok := changedAt(r.Schema(), v, s, func(v any) (any, bool) { return b.of(s, v) }); ok {
			a.Body = write(broken)
		}
	}
}

// onlyOf changes the answers of one response of an operation.
func onlyOf(op *contract.Operation, r *contract.Response, change func(a *contract.Answer)) func(*contract.Operation, *contract.Answer) {
	return func(of *contract.Operation, a *contract.Answer) {
		if of == op && op.Response(a.Status) == r {
			change(a)
		}
	}
}

// addAnswer adds a defect that changes answers, where they are unlawful then.
func (g *generator) addAnswer(clause, name string, change func(op *contract.Operation, a *contract.Answer)) {
	g.add(Defect{Name: clause + ": " + name, Clause: clause, apply: func(c *call) (broken []string) {
		lawful := c.forward()
		if len(g.contract.JudgeAnswer(c.op, c.request.Method, lawful)) > 0 {
			return nil
		}
		a := &contract.Answer{Status: lawful.Status, Header: lawful.Header.Clone(), Body: lawful.Body}
		change(c.op, a)
		a.Header.Del("Content-Length")
		for _, p := range g.contract.JudgeAnswer(c.op, c.request.Method, a) {
			if r := g.contract.RequirementJudging(c.op, p.Aspect); r != nil && !p.OnlyAdvice() {
				broken = append(broken, r.ID)
			}
		}
		if a.Status >= 500 {
			broken = append(broken, "request.answered")
		}
		if broken != nil {
			c.answer = a
		}
		return broken
	}})
}
