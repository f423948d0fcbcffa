package contract

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// JudgeAnswer returns the problems of an answer of op to a request with the given
// method, in this order: stack traces, headers that stand twice, status, headers, media type, body. Whether it is the right
// answer to that request is not judged.
func (c *Contract) JudgeAnswer(op *Operation, method string, a *Answer) []Problem {
	problems := slices.Concat(stackTraces(a), repeatedHeaders(a))
	response := op.Response(a.Status)
	if response == nil && a.Status < 300 && !op.listsSuccess() {
		return c.located(problems) // it lists refusals only, and says nothing of success
	}
	if response == nil || a.Status < 400 && response.Status == "default" && op.listsSuccess() {
		aspect := AspectStatus
		if a.Status >= 400 && a.Status < 500 {
			aspect = AspectStatusListed
		}
		problems = append(problems, Problem{
			In: InStatus, Keyword: "status", Aspect: aspect,
			Message: fmt.Sprintf("status %d is not documented", a.Status), Clause: op.Clause + "/responses",
		})
		return c.located(problems)
	}
	mayLack := method == http.MethodHead && op.Method != http.MethodHead
	problems = append(problems, response.judgeHeaders(mayLack, a)...)
	if method == http.MethodHead || len(response.Content) == 0 || hasNoContent(a.Status) {
		return c.located(problems)
	}
	return c.located(append(problems, response.judge(a)...))
}

// listsSuccess reports whether the operation lists a status of success. Then `default` is for the errors, as
// nearly all documents mean it.
func (op *Operation) listsSuccess() bool {
	return slices.ContainsFunc(op.Responses, func(r *Response) bool { return r.Status < "4" })
}

// hasNoContent reports whether answers with a status have none (RFC 9110, sections 6.4.1 and 15.3.6).
func hasNoContent(status int) bool {
	return status == http.StatusNoContent || status == http.StatusResetContent || status == http.StatusNotModified || status < 200
}

// judge judges the media type and the body.
func (r *Response) judge(a *Answer) []Problem {
	var problems []Problem
	contentType := a.Header.Get("Content-Type")
	media := matchOf(r.Content, contentType)
	if media == nil {
		if contentType == "" && a.Length() == 0 && !slices.ContainsFunc(r.Content, (*MediaType).IsJSON) {
			return nil // an empty text, for example
		}
		problems = append(problems, Problem{
			In: InHeader, Name: "Content-Type", Keyword: "media-type", Aspect: AspectMediaType,
			Message: fmt.Sprintf("expected %s, got %s", strings.Join(r.MediaTypes(), " or "), gotMediaType(a)), Clause: r.Clause + "/content",
		})
		if media = first(r.Content, (*MediaType).IsJSON); media == nil || !isJSON(contentType) && slices.ContainsFunc(r.Content, func(m *MediaType) bool { return !m.IsJSON() }) {
			return problems
		}
	} else if !isJSON(contentType) {
		return append(problems, r.judgeOther(media, contentType, a)...)
	}
	v, faults := a.JSON()
	if v == nil && isEncoded(a) {
		return problems
	}
	for _, p := range faults {
		if p.Keyword == "depth" {
			continue // RFC 8259 sets no limit
		}
		p.Aspect, p.Clause = AspectJSON, r.Clause+"/content"
		problems = append(problems, p)
	}
	if v == nil || media.Schema == nil {
		return problems
	}
	return append(problems, judgeValue(media.Schema, v, a)...)
}

// gotMediaType is the media type of an answer in words.
func gotMediaType(a *Answer) string {
	contentType := a.Header.Get("Content-Type")
	switch {
	case contentType != "":
		return strconv.Quote(contentType)
	case a.Length() == 0:
		return "none, and no body"
	}
	return "none"
}

// judgeOther judges a body that is not JSON, unless only a part of it is known.
func (r *Response) judgeOther(media *MediaType, contentType string, a *Answer) []Problem {
	if isEncoded(a) || a.Abridged != nil && a.Abridged.Length > len(a.Body) {
		return nil
	}
	v, problems := media.Decode(contentType, a.Body)
	for i := range problems {
		problems[i].Aspect, problems[i].Clause = AspectSchema, media.Clause
	}
	if v == nil || media.Schema == nil {
		return problems
	}
	return append(problems, judgeValue(media.Schema, v, a)...)
}

// isEncoded reports whether the body has a content coding, such as gzip, so that it is not what the schema is about.
func isEncoded(a *Answer) bool {
	coding := a.Header.Get("Content-Encoding")
	return coding != "" && !strings.EqualFold(coding, "identity")
}

// aspectOf maps the keywords of problems with a body that have an aspect of their own.
var aspectOf = map[string]Aspect{"format": AspectFormat, KeywordWriteOnly: AspectWriteOnly}

// judgeValue judges the value of a body. What the schema does not forbid is no problem: an answer may have
// members that the contract does not list.
func judgeValue(s *Schema, v *Value, a *Answer) []Problem {
	aspect := AspectSchemaOfSuccess
	if a.Status >= 400 {
		aspect = AspectSchemaOfError
	}
	c := checker{from: Server, cut: a.Abridged != nil}
	c.check(s, v, nil)
	problems := slices.DeleteFunc(c.problems, Problem.OnlyAdvice)
	for i := range problems {
		p := &problems[i]
		p.Aspect = cmp.Or(aspectOf[p.Keyword], aspect)
		if p.Pointer == "/error_code" && p.IsKeyword("pattern") {
			p.Aspect = AspectCodeForm
		}
	}
	return problems
}

// judgeHeaders judges the headers that are documented. Those of an answer to HEAD may be missing where only GET is
// documented (RFC 9110, section 9.3.2), and those that were not kept are not known.
func (r *Response) judgeHeaders(mayLack bool, a *Answer) []Problem {
	var problems []Problem
	for _, h := range r.Headers {
		name := http.CanonicalHeaderKey(h.Name)
		if name == "Content-Type" {
			continue // the media types say what it is (OpenAPI 3.0.4, section 4.8.17.1)
		}
		_, present := a.Header[name]
		switch {
		case !present && (mayLack || a.Abridged != nil && a.Abridged.FieldsLeftOut > 0):
		case present && (name == "Set-Cookie" || a.Abridged != nil && a.Abridged.FieldsCut > 0):
		default:
			for _, p := range h.judgeHeader(a.Header) {
				if p.binding() {
					p.Aspect = AspectHeaders
					problems = append(problems, p)
				}
			}
		}
	}
	return problems
}
