package implied

import (
	"fmt"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// parameter derives the cases about the values of one parameter.
func (d *deriver) parameter(op *contract.Operation, p *contract.Parameter) {
	part := fmt.Sprintf("%s %s", p.In, p.Name)
	if p.Required && p.In != contract.InPath {
		d.add(op, breaking(op), part+": missing", p.Clause+"/required", variation{omit: p, in: p.In, special: "missing"})
	}
	if p.In == contract.InPath && d.namesThing(op, p) {
		d.add(op, unknownKind, part+": unknown", p.Clause, variation{absent: p, in: p.In, special: "unknown"})
	}
	if p.Schema == nil {
		return
	}
	derived := d.ofParameter(p)
	d.limited(op, p, part, p.Clause)
	for _, g := range derived.Gaps {
		d.gapOf(op, part, g)
	}
	for _, v := range derived.Valid {
		if v.Name != "plain" && (p.In != contract.InPath || isChoice(p.Schema)) { // another valid id names another thing, or nothing
			d.value(op, acceptedKind, p, v)
		}
	}
	for _, v := range derived.Breaking {
		if _, isObject := v.JSON.(map[string]any); !isObject && asMembers(p) {
			d.gapOf(op, part, values.Reason{Name: v.Name, Text: "it would be another parameter, since its members stand apart", Clause: v.Clause})
			continue
		}
		k := breaking(op)
		if v.Scalar && !isWord(v) || isUnset(p, v) {
			k = scalarKind
		}
		d.value(op, k, p, v)
	}
}

// isWord says whether the whole of a parameter is a word where the schema wants a number, say. No reader takes one for
// the other, whereas texts of another spelling (a time in seconds, a line break behind) are taken as readily as in a body.
func isWord(v values.Value) bool {
	_, isText := v.JSON.(string)
	return isText && v.Pointer == "" && v.Keyword == "type"
}

// isUnset says whether a parameter that may be missing is there without a text, as forms of web pages send a field that
// is not filled in, and which common readers do not tell from one that is missing.
func isUnset(p *contract.Parameter, v values.Value) bool {
	if list, isList := v.JSON.([]any); isList && len(list) == 1 {
		return !p.Required && list[0] == ""
	}
	return !p.Required && v.JSON == ""
}

// A written is a schema in one of the forms that values have on the wire.
type written struct {
	schema  *contract.Schema
	in      contract.In
	style   contract.Style
	explode bool
	media   string
	places  string // those of its places that have a share; "" for all
}

// ofParameter returns the values of a parameter, which are derived once for all that are alike.
func (d *deriver) ofParameter(p *contract.Parameter) values.Derived {
	only, places := d.share.taken(p)
	key := written{schema: p.Schema, in: p.In, style: p.Style, explode: p.Explode, media: p.MediaType, places: places}
	derived, known := d.derived[key]
	if !known {
		derived = d.source.DeriveParameter(p, values.Options{Only: only})
		d.derived[key] = derived
	}
	return derived
}

// ofBody returns the values of a body, likewise.
func (d *deriver) ofBody(m *contract.MediaType) values.Derived {
	only, places := d.share.taken(m)
	key := written{schema: m.Schema, in: contract.InBody, media: m.Name, places: places}
	derived, known := d.derived[key]
	if !known || len(m.Parts) > 0 {
		derived = d.source.DeriveBody(m, values.Options{Only: only})
		if !strings.HasPrefix(m.Schema.Clause, "/paths/") { // nothing else refers to what stands in an operation
			d.derived[key] = derived
		}
	}
	return derived
}

// asMembers reports whether the members of a parameter stand apart, so that its name alone is no part of
// the request.
func asMembers(p *contract.Parameter) bool {
	object := p.Schema.Type == contract.KindObject || len(p.Schema.Properties) > 0
	return object && p.MediaType == "" && (p.Style == contract.StyleDeepObject || p.Style == contract.StyleForm && p.Explode)
}

// value derives a request with a value of a parameter.
func (d *deriver) value(op *contract.Operation, k *kind, p *contract.Parameter, v values.Value) {
	what := fmt.Sprintf("%s %s: %s", p.In, p.Name, v.Name)
	if v.Pointer != "" {
		what = fmt.Sprintf("%s %s %s: %s", p.In, p.Name, v.Pointer, v.Name)
	}
	d.add(op, k, what, v.Clause, variation{set: []setting{{p, v.JSON}}, in: p.In, at: v.Pointer, special: v.Name})
}

// breaking returns the kind of a case that breaks a keyword: what the operation lists decides.
func breaking(op *contract.Operation) *kind {
	if covers(op, "400", "422") {
		return refusedKind
	}
	return unlistedKind
}
