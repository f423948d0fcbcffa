package contract

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// JudgeRequest returns the problems of a request to op, in this order: path and method,
// parameters, credentials, body. Whether the ids in it exist is not judged: only the
// service knows. Parameters of a query that op does not describe are only advice. A document with requirements of its own
// says by them what of a query matters; of its requests, no query is judged.
func (c *Contract) JudgeRequest(op *Operation, r *Request) []Problem {
	values, ok := r.Match(op)
	var problems []Problem
	switch {
	case !ok:
		problems = append(problems, Problem{In: InPath, Keyword: "required", Message: "expected " + op.Path, Clause: op.Clause})
	case r.Method != op.Method:
		problems = append(problems, Problem{In: InMethod, Keyword: "method", Message: "expected " + op.Method + ", got " + r.Method, Clause: op.Clause})
	}
	path, query, _ := strings.Cut(r.Path, "?")
	for _, p := range op.Parameters {
		switch p.In {
		case InPath:
			problems = append(problems, op.judgePath(p, path, values)...)
		case InQuery:
			if c.implied {
				problems = append(problems, p.judgeText(query)...)
			}
		case InHeader:
			problems = append(problems, p.judgeHeader(r.Header)...)
		default:
			problems = append(problems, p.judgeText(strings.Join(r.Header["Cookie"], ";"))...)
		}
	}
	if c.implied && query != "" {
		problems = append(problems, op.judgeUnknown(query)...)
	}
	problems = append(problems, op.judgeCredentials(r.Header, query)...)
	if op.Body != nil {
		problems = append(problems, op.Body.judge(r)...)
	}
	return c.located(problems)
}

func (p *Parameter) problem(keyword, message, under string) []Problem {
	return []Problem{{In: p.In, Name: p.Name, Keyword: keyword, Message: message, Clause: p.Clause + under}}
}

// judgePath judges the value of a parameter of the path. If it is missing, the whole path has been reported.
func (op *Operation) judgePath(p *Parameter, path string, values map[string]string) []Problem {
	value, present := values[p.Name]
	switch {
	case strings.Contains(value, "/"):
		return p.problem("slash", "expected no slash in a path segment", "")
	case !present:
		return nil
	case p.isPlain():
		return p.check(p.Schema.read(value))
	}
	if escaped, found := op.escapedValue(p.Name, path); found {
		return p.checkDecoded(p.decode(escaped, true))
	}
	return p.checkDecoded(p.decode(value, false))
}

// escapedValue returns what stands in a path for a parameter that is a whole segment, as it is sent: a comma that
// is escaped separates nothing.
func (op *Operation) escapedValue(name, path string) (text string, found bool) {
	rest := strings.TrimPrefix(path, "/")
	for i := range op.segments {
		text, rest, _ = strings.Cut(rest, "/")
		if s := &op.segments[i]; s.isParameter() && s.names[0] == name {
			return text, true
		}
	}
	return "", false
}

// isPlain reports whether the text of the parameter is the value, and nothing else.
func (p *Parameter) isPlain() bool {
	return p.MediaType == "" && (p.Style == "" || p.Style == StyleSimple) &&
		(p.Schema == nil || isScalar(p.Schema.Type) && !p.Schema.hasSeveral())
}

func (p *Parameter) judgeHeader(header http.Header) []Problem {
	lines := header[http.CanonicalHeaderKey(p.Name)]
	switch {
	case len(lines) == 0 && p.Required:
		return p.problem("required", "expected the header", "")
	case len(lines) == 0:
		return nil
	case p.isPlain():
		return p.check(p.Schema.read(lines[0]))
	default:
		return p.checkDecoded(p.decode(strings.Join(lines, ","), false))
	}
}

// judgeText judges a parameter in a query or among the cookies.
func (p *Parameter) judgeText(wire string) []Problem {
	v, problems := p.decode(wire, true)
	switch {
	case v == nil && len(problems) == 0 && p.Required:
		return p.problem("required", "expected the "+p.kind(), "")
	case v != nil && p.AllowEmptyValue && v.Kind == KindString && v.Text == "":
		return nil
	default:
		return p.checkDecoded(v, problems)
	}
}

func (p *Parameter) kind() string {
	if p.In == InCookie {
		return "cookie"
	}
	return "parameter of the query"
}

func (p *Parameter) checkDecoded(v *Value, problems []Problem) []Problem {
	if v == nil || len(problems) > 0 {
		return problems
	}
	return p.check(v)
}

// check checks a value by the schema.
func (p *Parameter) check(v *Value) []Problem {
	if p.Schema == nil {
		return nil
	}
	problems := p.Schema.checkFrom(v, "")
	for i := range problems {
		problems[i].In, problems[i].Name = p.In, p.Name
	}
	return problems
}

// judgeUnknown reports the parameters of a query that op does not describe.
func (op *Operation) judgeUnknown(query string) []Problem {
	d := decoder{unescape: leniently(url.QueryUnescape)}
	var problems []Problem
	for _, pair := range d.split(query, "&") {
		keys, _ := bracketed(pair.name)
		if !op.namesQuery(pair.name, keys[0]) && len(problems) < mostListed {
			problems = append(problems, Problem{
				In: InQuery, Name: cut(pair.name), Keyword: KeywordUnknown, Clause: op.Clause, onlyAdvice: true,
				Message: fmt.Sprintf("unknown parameter %q", cut(pair.name)),
			})
		}
	}
	return problems
}

// namesQuery reports whether a name in a query means something: key is the part of it before a bracket.
func (op *Operation) namesQuery(name, key string) bool {
	return slices.ContainsFunc(op.Parameters, func(p *Parameter) bool {
		if p.In != InQuery {
			return false
		}
		spread := p.Style == StyleForm && p.Explode && p.MediaType == "" && p.Schema.takesShape(KindObject)
		return p.Name == name || p.Style == StyleDeepObject && p.Name == key || spread && p.Schema.member(name) != nil
	}) || slices.ContainsFunc(op.Schemes(), func(s *SecurityScheme) bool { return s.In == InQuery && s.Name == name })
}

func (b *Body) judge(r *Request) []Problem {
	contentType := r.Header.Get("Content-Type")
	media := matchOf(b.Content, contentType)
	if len(r.Body) == 0 {
		switch {
		case contentType != "" && media != nil && !isJSON(contentType) && mediaTypeOf(contentType) != multipartType:
			return media.judge(contentType, r.Body) // an empty form or text is one, too
		case b.Required:
			return []Problem{{In: InBody, Keyword: "required", Message: "expected a body", Clause: b.Clause + "/required"}}
		}
		return nil
	}
	var problems []Problem
	switch {
	case contentType == "":
		problems = append(problems, Problem{In: InHeader, Name: "Content-Type", Keyword: "required", Message: "expected the header", Clause: b.Clause + "/content"})
	case media == nil:
		problems = append(problems, Problem{
			In: InHeader, Name: "Content-Type", Keyword: "content",
			Message: fmt.Sprintf("expected %s, got %q", strings.Join(b.MediaTypes(), " or "), contentType), Clause: b.Clause + "/content",
		})
	}
	switch {
	case media != nil && !isJSON(contentType):
		return append(problems, media.judge(contentType, r.Body)...)
	case media == nil:
		if media = first(b.Content, (*MediaType).IsJSON); media == nil {
			return problems
		}
	}
	v, faults := r.JSON()
	if contentType != "" && len(problems) > 0 && v == nil {
		return problems // it does not claim to be JSON
	}
	for _, p := range faults {
		p.Clause = b.Clause + "/content"
		problems = append(problems, p)
	}
	if v != nil && media.Schema != nil {
		problems = append(problems, media.Schema.checkFrom(v, Client)...)
	}
	return problems
}

// judge judges the body of a request that is not JSON.
func (m *MediaType) judge(contentType string, body []byte) []Problem {
	v, problems := m.Decode(contentType, body)
	for i := range problems {
		problems[i].Clause = m.Clause
	}
	if v != nil && m.Schema != nil {
		problems = append(problems, m.Schema.checkFrom(v, Client)...)
	}
	return problems
}
