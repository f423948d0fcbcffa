package contract

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
)

// bodyLimit is how many bytes of a body a Transport reads before it hands it on.
const bodyLimit = 1 << 20

// A Transport judges each request and each answer that passes through it, and
// changes neither. It may be used by several goroutines.
//
// It holds an exchange back until its bodies have come, or the first MiB of
// them; longer ones are handed on whole but not judged.
type Transport struct {
	Base     http.RoundTripper // http.DefaultTransport if nil
	Contract *Contract         // that of Default if nil
	// Report is called once for each exchange, before the answer is handed on.
	Report func(Judgement)
}

// A Judgement is what a contract says of one exchange. It carries no
// credentials: where a header of the request that does is repeated elsewhere,
// [redacted] stands in its place.
type Judgement struct {
	Operation string    `json:"operation"` // id; "" if the contract knows none for the method and path
	Method    string    `json:"method"`
	Path      string    `json:"path"`   // escaped, without the query
	Status    int       `json:"status"` // 0 if no answer came
	Request   []Problem `json:"request,omitempty"`
	Answer    []Problem `json:"answer,omitempty"`
	// Unread names the bodies that were not judged, request or answer: they
	// are longer than a MiB, were cut off or are compressed.
	Unread []string `json:"unread,omitempty"`
}

// RoundTrip passes a request on and hands back its answer.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	c := t.Contract
	if c == nil {
		var err error
		if c, err = Default(); err != nil {
			return nil, errors.Join(err, closeBody(r))
		}
	}
	request := &Request{Method: cmp.Or(r.Method, http.MethodGet), Path: r.URL.EscapedPath(), Header: r.Header}
	op, _, _ := c.Find(request.Method, request.Path)
	requestRead, answerRead := true, true
	if op != nil {
		body, whole, replay, err := readUpToLimit(r.Body)
		if err != nil {
			return nil, errors.Join(err, closeBody(r))
		}
		if replay != r.Body {
			r = r.WithContext(r.Context()) // a copy: the caller's request stays as it is
			r.Body = replay
		}
		request.Body, requestRead = body, whole
	}
	response, err := t.base().RoundTrip(r)
	answer := &Answer{}
	if response != nil {
		answer.Status, answer.Header = response.StatusCode, response.Header
		if op != nil && answer.Status != http.StatusSwitchingProtocols {
			answer.Body, answerRead, response.Body, _ = readUpToLimit(response.Body) // whoever reads on gets the error
			coding := answer.Header.Get("Content-Encoding")
			answerRead = answerRead && (coding == "" || strings.EqualFold(coding, "identity"))
		}
	}
	if t.Report != nil {
		j := c.Judge(request, answer)
		if answer.Status == http.StatusSwitchingProtocols {
			j.Answer = nil // what follows is not HTTP
		}
		if !requestRead {
			j.Request, j.Unread = withoutBody(j.Request), append(j.Unread, "request")
		}
		if !answerRead {
			j.Answer, j.Unread = withoutBody(j.Answer), append(j.Unread, "answer")
		}
		t.Report(j)
	}
	return response, err
}

// CloseIdleConnections closes those of the base.
func (t *Transport) CloseIdleConnections() {
	if closer, ok := t.base().(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

func (t *Transport) base() http.RoundTripper {
	if t.Base == nil {
		return http.DefaultTransport
	}
	return t.Base
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func closeBody(r *http.Request) error {
	if r.Body == nil {
		return nil
	}
	return r.Body.Close()
}

// readUpToLimit reads a body up to the limit. What is returned as replay reads as
// the body did before, an error among it.
func readUpToLimit(body io.ReadCloser) (part []byte, whole bool, replay io.ReadCloser, err error) {
	if body == nil || body == http.NoBody {
		return nil, true, body, nil
	}
	part, err = io.ReadAll(io.LimitReader(body, bodyLimit+1))
	rest := io.Reader(body)
	if err != nil {
		rest = failing{err}
	}
	return part, err == nil && len(part) <= bodyLimit, struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(part), rest), body}, err
}

// withoutBody drops the problems that only the whole body can show. What must not
// stand there at all is as wrong in a part of it.
func withoutBody(problems []Problem) []Problem {
	return slices.DeleteFunc(problems, func(p Problem) bool { return p.In == InBody && p.Aspect != AspectNoStackTrace })
}

// Judge judges one exchange that is at hand as a whole. An answer with status 0
// is one that did not come.
func (c *Contract) Judge(r *Request, a *Answer) Judgement {
	j := Judgement{Method: r.Method, Path: r.Path, Status: a.Status}
	op, _, _ := c.Find(r.Method, r.Path)
	if op != nil {
		j.Operation = op.ID
		j.Request = c.JudgeRequest(op, r)
		if a.Status != 0 {
			j.Answer = c.JudgeAnswer(op, r.Method, a)
		}
	}
	return c.redacted(j, r.Header)
}

// redacted takes the values of headers that carry credentials out of all that
// the other side, or the caller, can have repeated.
func (c *Contract) redacted(j Judgement, header http.Header) Judgement {
	hide := c.Redactor(header)
	j.Path = hide(j.Path)
	for _, problems := range [][]Problem{j.Request, j.Answer} {
		for i := range problems {
			p := &problems[i]
			p.Message, p.Pointer, p.Name = hide(p.Message), hide(p.Pointer), hide(p.Name)
		}
	}
	return j
}
