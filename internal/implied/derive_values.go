package implied

import (
	"fmt"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// parameter derives the cases about the values of one parameter.
func (d *deriver) parameter(op *contract.Operation, p *contract.Parameter) {
	name := fmt.Sprintf("%s %s: ", p.In, p.Name)
	if p.Required && p.In != contract.InPath {
		d.add(op, breaking(op), name+"missing", p.Clause+"/required", variation{omit: p, in: p.In, special: "missing"})
	}
	isID := p.In == contract.InPath && d.namesThing(op, p)
	if isID {
		d.add(op, unknownKind, name+"unknown", p.Clause, variation{absent: p, in: p.In, special: "unknown"})
	}
	if p.Schema == nil {
		return
	}
	derived := d.source.Derive(p.Schema, values.Options{})
	for _, g := range derived.Gaps {
		d.gap(op, fmt.Sprintf("%s %s: %s", p.In, p.Name, g.Text), g.Clause)
	}
	for _, v := range derived.Valid {
		if p.In == contract.InPath && !isChoice(p.Schema) || v.Name == "plain" {
			continue // another valid id names another thing, or nothing
		}
		if reads, ok := readBack(p, v.JSON); ok && len(p.Schema.Check(contract.ValueOf(reads), contract.Client)) == 0 {
			d.value(op, acceptedKind, p, v)
		}
	}
	for _, v := range derived.Breaking {
		reads, ok := readBack(p, v.JSON)
		if !ok || len(p.Schema.Check(contract.ValueOf(reads), contract.Client)) == 0 {
			d.gap(op, fmt.Sprintf("%s %s: %s: is valid, or cannot be told, as it is written in a %s", p.In, p.Name, v.Name, p.In), v.Clause)
			continue
		}
		k := breaking(op)
		if v.Scalar {
			k = scalarKind
		}
		d.value(op, k, p, v)
	}
}

// value derives a request with a value of a parameter.
func (d *deriver) value(op *contract.Operation, k *kind, p *contract.Parameter, v values.Value) {
	what := fmt.Sprintf("%s %s: %s", p.In, p.Name, v.Name)
	if v.Pointer != "" {
		what = fmt.Sprintf("%s %s %s: %s", p.In, p.Name, v.Pointer, v.Name)
	}
	d.add(op, k, what, v.Clause, variation{set: []setting{{p, v.JSON}}, in: p.In, special: v.Name})
}

// readBack returns a value as a reader of the text that stands on the wire takes it, who knows the
// schema. ok is false if readers may take it differently.
func readBack(p *contract.Parameter, v any) (reads any, ok bool) {
	if p.MediaType != "" {
		return v, true
	}
	return readText(p.Schema, v, true)
}

func readText(s *contract.Schema, v any, nested bool) (any, bool) {
	switch v := v.(type) {
	case nil:
		return nil, false
	case []any:
		if len(v) == 0 || !nested || s == nil {
			return nil, false
		}
		all := make([]any, len(v))
		for i, item := range v {
			var ok bool
			if all[i], ok = readText(s.Items, item, false); !ok {
				return nil, false
			}
		}
		return all, true
	case map[string]any:
		if len(v) == 0 || !nested || s == nil {
			return nil, false
		}
		all := map[string]any{}
		for name, member := range v {
			var ok bool
			if all[name], ok = readText(s.Property(name), member, false); !ok {
				return nil, false
			}
		}
		return all, true
	case string:
		if v == "" || strings.ContainsAny(v, "\x00\r\n") || v == "." || v == ".." {
			return nil, false
		}
		return typed(s, v), true
	default:
		return typed(s, fmt.Sprint(v)), true
	}
}

// breaking returns the kind of a case that breaks a keyword: what the operation lists decides.
func breaking(op *contract.Operation) *kind {
	if covers(op, "400", "422") {
		return refusedKind
	}
	return unlistedKind
}
