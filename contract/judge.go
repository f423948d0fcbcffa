package contract

import (
	"cmp"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"weak"
)

// A Request is an HTTP request as it was sent or received. It is not safe for
// concurrent use, because it keeps its body as JSON once it has been read.
type Request struct {
	Method string
	Path   string // escaped; of a query, only credentials in it are judged
	Header http.Header
	Body   []byte

	json    readOnce
	matched *Operation        // by Match
	values  map[string]string // of the path's parameters, of matched
}

// Match compares the path with op's template, as [Operation.Match] does, and keeps the
// values for judging. The path must not change afterwards.
func (r *Request) Match(op *Operation) (values map[string]string, ok bool) {
	if r.matched == op {
		return r.values, true
	}
	if values, ok = op.Match(r.Path); ok {
		r.matched, r.values = op, values
	}
	return values, ok
}

// JSON returns what ReadJSON returns for the body, which is read only once. A body that is only
// JSON to a reader that accepts extensions is read as that reader does, and has a problem with the
// keyword extension.
func (r *Request) JSON() (*Value, []Problem) { return r.json.of(r.Body, readExtended) }

// An Answer is an HTTP response as it was received. Like a Request, it is not safe for
// concurrent use.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte

	// Abridged is set if Header or Body is only a part of what came.
	Abridged *Abridged

	json readOnce
}

// JSON returns what ReadJSON returns for the body, which is read only once. Of a body that was
// abridged, parts of the value may be missing.
func (a *Answer) JSON() (*Value, []Problem) {
	if a.Abridged == nil {
		return a.json.of(a.Body, ReadJSON)
	}
	return a.json.of([]byte(a.Abridged.JSON), a.Abridged.read)
}

// A readOnce keeps what was read of a body: of a long one, whose value can take fifty times as
// much memory, only until the garbage collector needs it.
type readOnce struct {
	short *reading
	long  weak.Pointer[reading]
}

// A reading is what was read of a body.
type reading struct {
	value    *Value
	problems []Problem
}

const longBody = 4 << 10

func (o *readOnce) of(body []byte, read func([]byte) (*Value, []Problem)) (*Value, []Problem) {
	if r := cmp.Or(o.short, o.long.Value()); r != nil {
		return r.value, r.problems
	}
	r := &reading{}
	r.value, r.problems = read(body)
	if len(body) > longBody {
		o.long = weak.Make(r)
	} else {
		o.short = r
	}
	return r.value, r.problems
}

// ErrorCode returns the string error_code of the body, or "".
func (a *Answer) ErrorCode() string {
	v, _ := a.JSON()
	return v.Member("error_code").String()
}

// A Problem is one way in which a request or an answer breaks the contract, with the
// place where it does.
type Problem struct {
	In      In     `json:"in"`
	Name    string `json:"name,omitempty"`    // of the parameter, header or security scheme
	Pointer string `json:"pointer,omitempty"` // into the body (RFC 6901)
	Keyword string `json:"keyword"`           // what is broken: a keyword of JSON Schema, or one of ours such as syntax
	Aspect  Aspect `json:"aspect,omitempty"`  // of an answer; "" for a request
	Message string `json:"message"`
	Clause  string `json:"clause,omitempty"` // JSON pointer into the document
	Line    int    `json:"line,omitempty"`   // in the document

	onlyAdvice bool // the schema allows it, but a strict server may not
}

// String returns the place, the message and the line of the contract:
// "body /upgrade_version: expected a string, got a number (line 7)".
func (p Problem) String() string {
	where := string(p.In)
	switch {
	case p.Name != "":
		where += " " + p.Name
	case p.Pointer != "":
		where += " " + p.Pointer
	}
	if p.Line > 0 {
		return fmt.Sprintf("%s: %s (line %d)", where, p.Message, p.Line)
	}
	return where + ": " + p.Message
}

// binding reports whether the schema forbids what was found.
func (p Problem) binding() bool { return !p.onlyAdvice }

// OnlyAdvice reports whether the schema allows what was found, though a strict server may not:
// a member that it does not name, for example.
func (p Problem) OnlyAdvice() bool { return p.onlyAdvice }

// JudgeRequest returns the problems of a request to op, in this order: path and method,
// parameters, credentials, body. Whether the ids in it exist is not judged: only the
// service knows.
func (c *Contract) JudgeRequest(op *Operation, r *Request) []Problem {
	values, ok := r.Match(op)
	var problems []Problem
	switch {
	case !ok:
		problems = append(problems, Problem{In: InPath, Keyword: "required", Message: "expected " + op.Path, Clause: op.Clause})
	case r.Method != op.Method:
		problems = append(problems, Problem{In: InMethod, Keyword: "method", Message: "expected " + op.Method + ", got " + r.Method, Clause: op.Clause})
	}
	for _, p := range op.Parameters {
		if p.In == InQuery {
			continue // what a query says is not judged
		}
		problems = append(problems, p.judge(values, r.Header)...)
	}
	problems = append(problems, op.judgeCredentials(r.Header)...)
	if op.Body != nil {
		problems = append(problems, op.Body.judge(r)...)
	}
	return c.located(problems)
}

func (c *Contract) located(problems []Problem) []Problem {
	for i := range problems {
		if problems[i].Line == 0 && problems[i].Clause != "" {
			problems[i].Line = c.Line(problems[i].Clause)
		}
	}
	return problems
}

func (p *Parameter) judge(values map[string]string, header http.Header) []Problem {
	value, present := values[p.Name]
	if p.In == InHeader {
		value, present = header.Get(p.Name), len(header.Values(p.Name)) > 0
	}
	switch {
	case p.In == InPath && strings.Contains(value, "/"):
		return []Problem{{In: p.In, Name: p.Name, Keyword: "slash", Message: "expected no slash in a path segment", Clause: p.Clause}}
	case p.In == InHeader && p.Required && !present:
		return []Problem{{In: p.In, Name: p.Name, Keyword: "required", Message: "expected the header", Clause: p.Clause}}
	case !present:
		return nil // missing from a path: the whole path has been reported
	}
	problems := p.Schema.check(p.Schema.parse(value))
	for i := range problems {
		problems[i].In, problems[i].Name = p.In, p.Name
	}
	return problems
}

// parse reads a parameter's text as the type that its schema expects. If it cannot be
// read as JSON it stays a string, whose type check then reports.
func (s *Schema) parse(text string) *Value {
	if s.Type == KindString || s.Type == "" {
		return &Value{Kind: KindString, Text: text}
	}
	if v, problems := ReadJSON([]byte(text)); len(problems) == 0 {
		return v
	}
	return &Value{Kind: KindString, Text: text}
}

func (op *Operation) judgeCredentials(header http.Header) []Problem {
	if len(op.Security) == 0 || op.Anonymous() && !op.carriesCredentials(header) {
		return nil
	}
	var problems []Problem
	for _, scheme := range op.Schemes() {
		values := header.Values(scheme.Name)
		switch {
		case len(values) > 1:
			problems = append(problems, Problem{In: InSecurity, Name: scheme.Name, Keyword: "repeated", Message: "expected the header once", Clause: scheme.Clause})
		case len(values) == 0 || values[0] == "":
			continue
		case scheme.Pattern != nil && !scheme.Pattern.MatchString(values[0]):
			problems = append(problems, Problem{In: InSecurity, Name: scheme.Name, Keyword: "pattern", Message: "expected the form " + scheme.Pattern.String(), Clause: scheme.Clause + "/x-pattern"})
		default:
			return nil
		}
	}
	if len(problems) == 0 {
		scheme := op.Schemes()[0]
		return []Problem{{In: InSecurity, Name: scheme.Name, Keyword: "required", Message: "expected credentials", Clause: scheme.Clause}}
	}
	return problems[:1]
}

func (op *Operation) carriesCredentials(header http.Header) bool {
	return slices.ContainsFunc(op.Schemes(), func(s *SecurityScheme) bool { return header.Get(s.Name) != "" })
}

func (b *Body) judge(r *Request) []Problem {
	if len(r.Body) == 0 {
		if b.Required {
			return []Problem{{In: InBody, Keyword: "required", Message: "expected a body", Clause: b.Clause + "/required"}}
		}
		return nil
	}
	var problems []Problem
	otherType := false
	types := r.Header.Values("Content-Type")
	switch {
	case len(types) == 0 || types[0] == "":
		problems = append(problems, Problem{In: InHeader, Name: "Content-Type", Keyword: "required", Message: "expected the header", Clause: b.Clause + "/content"})
	case !isOneOf(types[0], b.MediaTypes()):
		otherType = true
		problems = append(problems, Problem{
			In: InHeader, Name: "Content-Type", Keyword: "content",
			Message: fmt.Sprintf("expected %s, got %q", strings.Join(b.MediaTypes(), " or "), types[0]), Clause: b.Clause + "/content",
		})
	}
	v, faults := r.JSON()
	if otherType && v == nil {
		return problems // it does not claim to be JSON
	}
	for _, p := range faults {
		p.Clause = b.Clause + "/content"
		problems = append(problems, p)
	}
	if v != nil && b.Schema() != nil {
		problems = append(problems, b.Schema().check(v)...)
	}
	return problems
}

// isOneOf reports whether a Content-Type is one of the media types, whatever its
// parameters.
func isOneOf(contentType string, mediaTypes []string) bool {
	if slices.Contains(mediaTypes, contentType) {
		return true // the usual case, quickly
	}
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && slices.ContainsFunc(mediaTypes, func(m string) bool { return strings.EqualFold(m, mediaType) })
}

// JudgeAnswer returns the problems of an answer of op to a request with the given
// method, in this order: stack traces, headers that stand twice, status, media type, body. Whether it is the right
// answer to that request is not judged.
func (c *Contract) JudgeAnswer(op *Operation, method string, a *Answer) []Problem {
	problems := slices.Concat(stackTraces(a), repeatedHeaders(a))
	response := op.Response(a.Status)
	if response == nil || a.Status < 400 && response.Status == "default" {
		problems = append(problems, Problem{
			In: InStatus, Keyword: "status", Aspect: AspectStatus,
			Message: fmt.Sprintf("status %d is not documented", a.Status), Clause: op.Clause + "/responses",
		})
		return c.located(problems)
	}
	if method == http.MethodHead || len(response.Content) == 0 {
		return c.located(problems)
	}
	return c.located(append(problems, response.judge(a)...))
}

func (r *Response) judge(a *Answer) []Problem {
	var problems []Problem
	if got := a.Header.Get("Content-Type"); !isOneOf(got, r.MediaTypes()) {
		problems = append(problems, Problem{
			In: InHeader, Name: "Content-Type", Keyword: "media-type", Aspect: AspectMediaType,
			Message: fmt.Sprintf("expected %s, got %q", strings.Join(r.MediaTypes(), " or "), got), Clause: r.Clause + "/content",
		})
	}
	v, faults := a.JSON()
	for _, p := range faults {
		if p.Keyword == "depth" {
			continue // RFC 8259 sets no limit
		}
		p.Aspect, p.Clause = AspectJSON, r.Clause+"/content"
		problems = append(problems, p)
	}
	if v == nil || r.Schema() == nil {
		return problems
	}
	aspect := AspectSchemaOfSuccess
	if a.Status >= 400 {
		aspect = AspectSchemaOfError
	}
	for _, p := range r.Schema().check(v) {
		if !p.binding() {
			continue // an answer may have members that the contract does not list
		}
		p.Aspect = aspect
		if p.Pointer == "/error_code" && p.IsKeyword("pattern") {
			p.Aspect = AspectCodeForm
		}
		problems = append(problems, p)
	}
	return problems
}
