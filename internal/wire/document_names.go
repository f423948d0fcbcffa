package wire

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
)

// A pair is a name and a value in a query or body.
type pair struct{ name, value string }

// given returns the names and values in a request's query, and at the top of its body. Of a body that
// is no JSON, all that could be one is.
func given(r *cases.Template) (all []pair) {
	_, query, _ := strings.Cut(r.Path, "?")
	all = append(all, formPairs(query)...)
	body, ok := r.Plain()
	if !ok {
		body = string(r.Body)
	}
	v, problems := contract.ReadJSON([]byte(body))
	if v == nil || len(problems) > 0 {
		for _, m := range looksLikePair.FindAllStringSubmatch(body, -1) {
			all = append(all, pair{m[1], unquoted(m[2])})
		}
		for _, m := range looksLikeElement.FindAllStringSubmatch(body, -1) {
			all = append(all, pair{m[1], m[2]})
		}
		return append(all, formPairs(body)...)
	}
	for _, item := range append(slices.Clone(v.Items), v) {
		for _, m := range item.Members {
			if m.Value.Kind == contract.KindString || m.Value.Kind == contract.KindNumber {
				all = append(all, pair{m.Name, m.Value.Text})
			}
		}
	}
	return all
}

var (
	looksLikePair    = regexp.MustCompile(`([\p{L}\p{N}_-]+)["']?\s*[:=]\s*("[^"]*"|'[^']*'|[^"'&,;}\]\s]+)`)
	looksLikeElement = regexp.MustCompile(`<([\p{L}\p{N}_-]+)[^>]*>([^<]*)`)
)

func unquoted(text string) string { return strings.Trim(text, `"'`) }

func formPairs(text string) (all []pair) {
	for field := range strings.SplitSeq(text, "&") {
		name, value, found := strings.Cut(field, "=")
		if !found {
			continue
		}
		n, err := url.QueryUnescape(name)
		v, wrong := url.QueryUnescape(value)
		if err == nil && wrong == nil {
			all = append(all, pair{n, v})
		}
	}
	return all
}

// overridesOf returns the methods that a request may be read as instead of its own: by headers and query
// parameters that are called so, unless op has a parameter of that name and the value is no method, and
// by members of its body.
func overridesOf(r *cases.Template, op *contract.Operation) (all []string) {
	add := func(in contract.In, name, value string) {
		value = strings.ToUpper(strings.TrimSpace(value))
		isMethod := slices.Contains(methods, value)
		documented := op != nil && slices.ContainsFunc(op.Parameters, func(p *contract.Parameter) bool { return p.In == in && strings.EqualFold(p.Name, name) })
		if value != r.Method && (isMethod || !documented) {
			all = append(all, value)
		}
	}
	path, query, _ := strings.Cut(r.Path, "?")
	for _, h := range r.Headers {
		if overrideName(h.Name) {
			add(contract.InHeader, h.Name, h.Value)
		}
	}
	for _, p := range formPairs(query) {
		if overrideName(p.name) {
			add(contract.InQuery, p.name, p.value)
		}
	}
	body := cases.Template{Method: r.Method, Path: path, Body: r.Body}
	for _, p := range given(&body) {
		if p.name == "_method" || strings.Contains(lettersAndDigits(p.name), "override") && slices.Contains(methods, strings.ToUpper(p.value)) {
			add(contract.InBody, p.name, p.value)
		}
	}
	return all
}

// overrideName reports whether a server may read a method from what has a name.
func overrideName(name string) bool {
	plain := lettersAndDigits(name)
	return strings.Contains(plain, "method") || strings.Contains(plain, "override")
}
