package services

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// A param is a parameter of an operation. A query parameter whose rule is an object and whose style is "" is one in
// which each member is a parameter.
type param struct {
	name     string
	in       string // path, query, header or cookie
	style    string // label, matrix, space, pipe, deep, comma; "" is what the place has by default
	required bool
	rule     *rule
	suffix   string // what follows the parameter in its segment of the path
}

var numberForm = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// scalar reads the text of a scalar; what does not look like the type that is wanted stays a text, and breaks the rule.
func scalar(r *rule, s string) any {
	switch {
	case r == nil:
	case r.loose != nil:
		return r.loose(s)
	case r.kind&(isInteger|isNumber) != 0 && numberForm.MatchString(s):
		if r.kind&isNumber == 0 && strings.ContainsAny(s, ".eE") {
			return s // in a query, 2.0 is no integer
		}
		return json.Number(s)
	case r.kind&isBoolean != 0 && (s == "true" || s == "false"):
		return s == "true"
	}
	return s
}

func (p *param) list(texts []string) any {
	items := make([]any, len(texts))
	for i, s := range texts {
		items[i] = scalar(p.rule.items, s)
	}
	return items
}

// pairs makes an object of name=value.
func (p *param) pairs(pairs []string) any {
	members := map[string]any{}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		members[name] = p.member(name, value)
	}
	return members
}

func (p *param) member(name, value string) any { return scalar(p.rule.fields[name], value) }

// one reads a parameter whose text came once.
func (p *param) one(text, separator string) any {
	switch {
	case p.rule.kind&isList != 0:
		return p.list(strings.Split(text, separator))
	case p.rule.kind&isObject != 0:
		parts, pairs := strings.Split(text, separator), []string{}
		for i := 0; i+1 < len(parts); i += 2 {
			pairs = append(pairs, parts[i]+"="+parts[i+1])
		}
		if len(parts)%2 != 0 {
			return text
		}
		return p.pairs(pairs)
	}
	return scalar(p.rule, text)
}

// read returns the value that a request has for the parameter.
func (p *param) read(r *http.Request, query url.Values) (value any, there bool) {
	switch p.in {
	case "path":
		return p.segment(strings.TrimSuffix(r.PathValue(p.name), p.suffix)), true
	case "header":
		if values := r.Header.Values(p.name); len(values) > 0 {
			return p.one(strings.ReplaceAll(strings.Join(values, ","), ", ", ","), ","), true
		}
	case "cookie":
		if cookie, err := r.Cookie(p.name); err == nil {
			return p.one(cookie.Value, ","), true
		}
	case "query":
		return p.query(query)
	}
	return nil, false
}

// segment reads a parameter of the path; what lacks the mark of its style is a text, and no value.
func (p *param) segment(text string) any {
	switch p.style {
	case "label":
		rest, marked := strings.CutPrefix(text, ".")
		if !marked {
			return nil
		}
		return p.one(rest, ".")
	case "matrix":
		rest, marked := strings.CutPrefix(text, ";")
		switch {
		case !marked:
			return nil
		case p.rule.kind&isObject != 0:
			return p.pairs(strings.Split(rest, ";"))
		}
		value, named := strings.CutPrefix(rest, p.name+"=")
		if !named {
			return nil
		}
		return p.one(value, ",")
	}
	return p.one(text, ",")
}

var separators = map[string]string{"space": " ", "pipe": "|", "comma": ","}

func (p *param) query(query url.Values) (value any, there bool) {
	texts := query[p.name]
	switch {
	case p.style == "deep":
		return p.deep(query)
	case p.style == "" && p.rule.kind&isObject != 0:
		pairs := []string{}
		for _, name := range slices.Sorted(maps.Keys(p.rule.fields)) {
			for _, s := range query[name] {
				pairs = append(pairs, name+"="+s)
			}
		}
		return p.pairs(pairs), len(pairs) > 0
	case len(texts) == 0:
		return nil, false
	case p.style == "" && p.rule.kind&isList != 0:
		return p.list(texts), true
	case len(texts) > 1:
		return nil, true // a value that may come once came several times
	}
	return p.one(texts[0], separators[p.style]), true
}

// deep reads name[member]=value.
func (p *param) deep(query url.Values) (value any, there bool) {
	pairs := []string{}
	for key, texts := range query {
		member, ok := strings.CutPrefix(key, p.name+"[")
		if member, closed := strings.CutSuffix(member, "]"); ok && closed {
			pairs = append(pairs, member+"="+texts[0])
		}
	}
	if _, plain := query[p.name]; plain && len(pairs) == 0 {
		return nil, true
	}
	return p.pairs(pairs), len(pairs) > 0
}
