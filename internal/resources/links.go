package resources

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// An address is that of the service.
type address struct {
	text string // without a slash at the end
	url  *url.URL
}

func addressOf(endpoint string) address {
	text := strings.TrimRight(endpoint, "/")
	u, err := url.Parse(text)
	if err != nil {
		u = &url.URL{}
	}
	return address{text, u}
}

// located returns the operation that an address in an answer leads to, and what it names. An
// address is relative to that of the request (RFC 9110, section 10.2.2). What is at another host, or
// has a path that a router may read as another, leads nowhere.
func (s *Store) located(r *contract.Request, reference string) (op *contract.Operation, at found, ok bool) {
	if reference == "" || len(reference) > 8*longestID {
		return nil, found{}, false
	}
	base, err := url.Parse(s.address.text + r.Path)
	if err != nil {
		return nil, found{}, false
	}
	to, err := base.Parse(reference)
	if err != nil || !strings.EqualFold(to.Host, s.address.url.Host) {
		return nil, found{}, false
	}
	path := to.EscapedPath()
	candidates := []string{path}
	if below, cut := strings.CutPrefix(path, s.address.url.EscapedPath()); cut && below != path {
		candidates = []string{below, path} // the service may not know what is in front of it
	}
	for _, path := range candidates {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodDelete, http.MethodPut, http.MethodPatch, http.MethodPost} {
			if op, at, ok = s.leadsTo(method, path); ok {
				return op, at, true
			}
		}
	}
	return nil, found{}, false
}

// leadsTo returns the operation at an escaped path, and the thing that it names.
func (s *Store) leadsTo(method, path string) (*contract.Operation, found, bool) {
	op, _, _ := s.contract.Find(method, path)
	if op == nil || len(s.routes[op]) == 0 {
		return nil, found{}, false
	}
	ids, ok := s.idsOf(op, &contract.Request{Path: path})
	if !ok || slices.ContainsFunc(ids, func(text string) bool { return !usable(text) }) {
		return nil, found{}, false
	}
	return op, found{s.routes[op].last(), ids}, true
}

// follow returns what the links of an answer lead to.
func (s *Store) follow(op *contract.Operation, r *contract.Request, a *contract.Answer) []Lead {
	response := op.Response(a.Status)
	if response == nil {
		return nil
	}
	var leads []Lead
	for _, link := range response.Links {
		to := s.contract.Operation(link.Operation)
		if to == nil {
			continue
		}
		var c Choice
		for name, expression := range link.Parameters {
			p := parameterNamed(to, name)
			if p == nil {
				continue
			}
			text, ok := s.evaluate(expression, op, r, a)
			if ok && fault(p, text) == "" {
				c = append(c, Value{Parameter: p, Text: text, Source: FromLink})
			}
		}
		if len(c) == 0 || len(c) < len(link.Parameters) {
			continue
		}
		slices.SortFunc(c, func(a, b Value) int {
			return slices.Index(to.Parameters, a.Parameter) - slices.Index(to.Parameters, b.Parameter)
		})
		s.linked[to] = unique(append([]Choice{c}, s.linked[to]...))
		s.linked[to] = s.linked[to][:min(len(s.linked[to]), mostThings)]
		leads = append(leads, Lead{Operation: to, Choice: c, Clause: link.Clause})
		s.keepLinked(to, c)
	}
	return leads
}

// keepLinked remembers what a link names, if it gives all of its path.
func (s *Store) keepLinked(to *contract.Operation, c Choice) {
	r := s.routes[to]
	var ids []string
	for n, st := range r {
		for _, p := range st.parameters {
			v, ok := c.Of(p)
			if !ok {
				return
			}
			ids = append(ids, v.Text)
		}
		s.keep(found{r[:n+1].last(), ids}, FromLink)
	}
}

// parameterNamed returns the parameter of a link: petId, or with its place, path.petId.
func parameterNamed(op *contract.Operation, name string) *contract.Parameter {
	for _, p := range op.Parameters {
		if name == p.Name || name == string(p.In)+"."+p.Name {
			return p
		}
	}
	return nil
}

// evaluate returns the text of a link's parameter (OpenAPI 3.0.4, section 4.8.20.3): a runtime
// expression, or a value as it is. Expressions within a text, in braces, count as well.
func (s *Store) evaluate(expression any, op *contract.Operation, r *contract.Request, a *contract.Answer) (string, bool) {
	text, isText := expression.(string)
	if !isText {
		return scalar(contract.ValueOf(expression))
	}
	if strings.HasPrefix(text, "$") {
		return s.expression(text, op, r, a)
	}
	var whole strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{$")
		whole.WriteString(before)
		inner, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			return whole.String(), !found
		}
		value, ok := s.expression("$"+inner, op, r, a)
		if !ok {
			return "", false
		}
		whole.WriteString(value)
		text = after
	}
}

// expression returns the value of a runtime expression.
func (s *Store) expression(text string, op *contract.Operation, r *contract.Request, a *contract.Answer) (string, bool) {
	switch text {
	case "$url":
		return s.address.text + r.Path, true
	case "$method":
		return r.Method, true
	case "$statusCode":
		return strconv.Itoa(a.Status), true
	}
	what, rest, _ := strings.Cut(text, ".")
	header := r.Header
	if what == "$response" {
		header = a.Header
	}
	if pointer, ok := strings.CutPrefix(rest, "body"); ok && (pointer == "" || pointer[0] == '#') {
		v, _ := r.JSON()
		if what == "$response" {
			v, _ = a.JSON()
		}
		return scalar(v.At(pointer))
	}
	place, name, _ := strings.Cut(rest, ".")
	switch {
	case what != "$request" && what != "$response":
		return "", false
	case place == "header":
		return header.Get(name), len(header.Values(name)) > 0
	case what == "$request" && place == "path":
		values, _ := op.Match(r.Path)
		value, ok := values[name]
		return value, ok
	case what == "$request" && place == "query":
		_, query, _ := strings.Cut(r.Path, "?")
		values, err := url.ParseQuery(query)
		return values.Get(name), err == nil && values.Has(name)
	}
	return "", false
}
