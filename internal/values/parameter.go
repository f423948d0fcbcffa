package values

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// A Pair is a name with a text, both as they are written on the wire, escaped.
type Pair struct{ Name, Value string }

// Parameter writes a value as a parameter (OpenAPI 3.0.4, section 4.8.12 and appendix C; RFC 6570).
// For a path or a header it is one pair, whose Value stands in the place of the template expression or
// after the colon. For a query they are joined by & and =, for a cookie by a semicolon with a blank
// and =. The error says why a value has no such form: null, or an array within an array.
func Parameter(p *contract.Parameter, v any) ([]Pair, error) {
	w := writer{escape: escapes[p.In]}
	if p.In == contract.InQuery && p.AllowReserved {
		w.escape = escapeButReserved
	}
	pairs, err := w.parameter(p, v)
	if err != nil {
		return nil, fmt.Errorf("write parameter %s: %w", p.Name, err)
	}
	return pairs, nil
}

// Joined writes the pairs of a query.
func Joined(pairs []Pair) string {
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.Name + "=" + p.Value)
	}
	return b.String()
}

var escapes = map[contract.In]func(string) string{
	contract.InPath:   escapeAll,
	contract.InQuery:  escapeAll,
	contract.InCookie: escapeAll,
	contract.InHeader: func(text string) string { return text },
}

// A writer writes values in the styles of OpenAPI.
type writer struct {
	escape func(string) string
}

func (w writer) parameter(p *contract.Parameter, v any) ([]Pair, error) {
	if p.MediaType != "" {
		text, err := jsonText(v)
		return []Pair{{w.name(p), w.escape(string(text))}}, err
	}
	style := p.Style
	if style == "" {
		style = usualStyles[p.In]
	}
	f := styles[style]
	if f == nil {
		return nil, fmt.Errorf("unknown style %q", style)
	}
	return f(w, w.name(p), v, p.Explode)
}

func (w writer) name(p *contract.Parameter) string {
	if p.In == contract.InHeader || p.In == contract.InPath {
		return p.Name
	}
	return escapeAll(p.Name)
}

var usualStyles = map[contract.In]contract.Style{
	contract.InPath: contract.StyleSimple, contract.InHeader: contract.StyleSimple, contract.InQuery: contract.StyleForm, contract.InCookie: contract.StyleForm,
}

var styles = map[contract.Style]func(w writer, name string, v any, explode bool) ([]Pair, error){
	contract.StyleSimple:         writer.simple,
	contract.StyleLabel:          writer.label,
	contract.StyleMatrix:         writer.matrix,
	contract.StyleForm:           writer.form,
	contract.StyleSpaceDelimited: delimited("%20"),
	contract.StylePipeDelimited:  delimited("%7C"),
	contract.StyleDeepObject:     func(w writer, name string, v any, _ bool) ([]Pair, error) { return w.deepObject(name, v) },
}

func (w writer) simple(name string, v any, explode bool) ([]Pair, error) {
	parts, err := w.list(v, explode, "=")
	return []Pair{{name, strings.Join(parts, ",")}}, err
}

func (w writer) label(name string, v any, explode bool) ([]Pair, error) {
	parts, err := w.list(v, explode, "=")
	separator := ","
	if explode {
		separator = "."
	}
	return []Pair{{name, "." + strings.Join(parts, separator)}}, err
}

func (w writer) matrix(name string, v any, explode bool) ([]Pair, error) {
	parts, err := w.list(v, explode, "=")
	_, isArray := v.([]any)
	_, isObject := v.(map[string]any)
	switch key := ";" + escapeAll(name) + "="; {
	case explode && isArray:
		return []Pair{{name, key + strings.Join(parts, key)}}, err
	case explode && isObject:
		return []Pair{{name, ";" + strings.Join(parts, ";")}}, err
	default:
		return []Pair{{name, key + strings.Join(parts, ",")}}, err
	}
}

func (w writer) form(name string, v any, explode bool) ([]Pair, error) {
	if !explode {
		parts, err := w.list(v, false, "")
		return []Pair{{name, strings.Join(parts, ",")}}, err
	}
	if object, ok := v.(map[string]any); ok {
		return w.members(object, func(member string) string { return w.escape(member) })
	}
	parts, err := w.list(v, false, "")
	pairs := make([]Pair, len(parts))
	for i, part := range parts {
		pairs[i] = Pair{name, part}
	}
	return pairs, err
}

func delimited(by string) func(w writer, name string, v any, explode bool) ([]Pair, error) {
	return func(w writer, name string, v any, explode bool) ([]Pair, error) {
		if explode {
			return w.form(name, v, true)
		}
		parts, err := w.list(v, false, "")
		return []Pair{{name, strings.Join(parts, by)}}, err
	}
}

// deepObject writes name[member]=value. For what is deeper OpenAPI says nothing; name[member][0] and
// name[member][member] are what documents that have it mean.
func (w writer) deepObject(name string, v any) ([]Pair, error) {
	var pairs []Pair
	add := func(token string, v any) error {
		more, err := w.deepObject(name+"%5B"+escapeAll(token)+"%5D", v)
		pairs = append(pairs, more...)
		return err
	}
	switch v := v.(type) {
	case map[string]any:
		for _, member := range sortedKeys(v) {
			if err := add(member, v[member]); err != nil {
				return nil, err
			}
		}
	case []any:
		for i, item := range v {
			if err := add(strconv.Itoa(i), item); err != nil {
				return nil, err
			}
		}
	default:
		text, err := scalarText(v)
		return []Pair{{name, w.escape(text)}}, err
	}
	return pairs, nil
}

// list writes a scalar, items, or members: with explode as member=value, else as member and value
// in turn.
func (w writer) list(v any, explode bool, equals string) ([]string, error) {
	var parts []string
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			text, err := scalarText(item)
			if err != nil {
				return nil, err
			}
			parts = append(parts, w.escape(text))
		}
	case map[string]any:
		pairs, err := w.members(v, w.escape)
		if err != nil {
			return nil, err
		}
		for _, p := range pairs {
			if explode {
				parts = append(parts, p.Name+equals+p.Value)
			} else {
				parts = append(parts, p.Name, p.Value)
			}
		}
	default:
		text, err := scalarText(v)
		return []string{w.escape(text)}, err
	}
	return parts, nil
}

func (w writer) members(object map[string]any, name func(string) string) ([]Pair, error) {
	var pairs []Pair
	for _, member := range sortedKeys(object) {
		text, err := scalarText(object[member])
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, Pair{name(member), w.escape(text)})
	}
	return pairs, nil
}

// scalarText returns the text of a scalar.
func scalarText(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		return strconv.FormatBool(v), nil
	case nil:
		return "", fmt.Errorf("%w: got null", errNoText)
	}
	return "", fmt.Errorf("%w: expected a scalar, got %s", errNoText, kindOf(v))
}

const (
	unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	// reserved are the characters that have a meaning in a URI (RFC 3986, section 2.2), without those
	// that mean something in a query: & = + # and, to readers of arrays, the comma.
	reserved = ":/?@!$'()*;[]"
)

func escapeAll(text string) string         { return escapeBut(text, unreserved) }
func escapeButReserved(text string) string { return escapeBut(text, unreserved+reserved) }

// escapeBut escapes all bytes but the given ones (RFC 3986, section 2.1).
func escapeBut(text, keep string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; strings.IndexByte(keep, c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + digits[c>>4:c>>4+1] + digits[c&15:c&15+1])
		}
	}
	return b.String()
}
