package contract

import (
	"cmp"
	"fmt"
	"net/http"
	"weak"
)

// A Request is an HTTP request as it was sent or received. It is not safe for
// concurrent use, because it keeps its body as JSON once it has been read.
type Request struct {
	Method string
	Path   string // escaped, with the query, if there is one
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

func (c *Contract) located(problems []Problem) []Problem {
	for i := range problems {
		if problems[i].Line == 0 && problems[i].Clause != "" {
			problems[i].Line = c.Line(problems[i].Clause)
		}
	}
	return problems
}
