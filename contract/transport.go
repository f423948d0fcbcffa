package contract

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// bodyLimit is how many bytes of a body a Transport reads in order to judge it.
const bodyLimit = 1 << 20

// A Transport is an http.RoundTripper that judges each request and each answer passing
// through it. It changes neither, and is safe for concurrent use.
//
// It reads a body, or its first MiB, before passing it on. A longer body is passed on
// whole but not judged.
type Transport struct {
	Base     http.RoundTripper // http.DefaultTransport if nil
	Contract *Contract         // the result of Default if nil
	// Report, if not nil, is called once for each exchange, before RoundTrip returns.
	// Concurrent requests call it concurrently.
	Report func(Judgement)
	// Endpoint is the URL of the service. Credentials that a request carries to another origin are a
	// problem. If it is "", the origin of a request that a redirect has led elsewhere is that of
	// the first request.
	Endpoint string
}

// A Judgement is what a contract says about one exchange. It contains no credentials:
// those that headers of the request carry are replaced with [redacted].
type Judgement struct {
	Operation string    `json:"operation"` // id; "" if the contract has none for the method and path
	Method    string    `json:"method"`
	Path      string    `json:"path"`   // escaped, without the query
	Status    int       `json:"status"` // 0 if no answer came
	Request   []Problem `json:"request,omitempty"`
	Answer    []Problem `json:"answer,omitempty"`
	// Unread lists the bodies ("request", "answer") that were not judged, because they
	// are longer than 1 MiB, were cut off or are compressed.
	Unread []string `json:"unread,omitempty"`
}

// RoundTrip sends a request through Base, judges the exchange and returns the answer.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	c := t.Contract
	if c == nil {
		var err error
		if c, err = Default(); err != nil {
			return nil, errors.Join(err, closeBody(r))
		}
	}
	endpoint, err := t.endpoint(r)
	if err != nil {
		return nil, errors.Join(err, closeBody(r))
	}
	request := &Request{Method: cmp.Or(r.Method, http.MethodGet), Path: r.URL.EscapedPath(), Header: r.Header}
	if r.URL.RawQuery != "" {
		request.Path += "?" + r.URL.RawQuery
	}
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
			answer.Body, answerRead, response.Body, _ = readUpToLimit(response.Body) // the error is returned to whoever reads on
			coding := answer.Header.Get("Content-Encoding")
			answerRead = answerRead && (coding == "" || strings.EqualFold(coding, "identity"))
		}
	}
	if t.Report != nil {
		j := c.Judge(request, answer)
		j.Request = append(j.Request, c.judgeOrigin(r.Header, r.URL, endpoint)...)
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

// CloseIdleConnections closes the idle connections of Base, if it can do that.
func (t *Transport) CloseIdleConnections() {
	if closer, ok := t.base().(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// endpoint returns a URL of the service for which a request was made first.
func (t *Transport) endpoint(r *http.Request) (*url.URL, error) {
	if t.Endpoint != "" {
		u, err := url.Parse(t.Endpoint)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("read Endpoint of a contract.Transport: expected a URL with a host, got %q", t.Endpoint)
		}
		return u, nil
	}
	for r.Response != nil && r.Response.Request != nil { // the one that was redirected here
		r = r.Response.Request
	}
	return r.URL, nil
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

// readUpToLimit reads a body up to the limit. replay returns the same bytes, and the
// same error if there was one, as the body would have.
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

// withoutBody drops the problems that only a whole body can show. A stack trace is also
// wrong in a part of it.
func withoutBody(problems []Problem) []Problem {
	return slices.DeleteFunc(problems, func(p Problem) bool { return p.In == InBody && p.Aspect != AspectNoStackTrace })
}

// Judge judges an exchange whose bodies are complete. An answer with status 0 means
// that none came.
func (c *Contract) Judge(r *Request, a *Answer) Judgement {
	path, query, _ := strings.Cut(r.Path, "?")
	j := Judgement{Method: r.Method, Path: path, Status: a.Status}
	op, _, _ := c.Find(r.Method, r.Path)
	if op != nil {
		j.Operation = op.ID
		j.Request = c.JudgeRequest(op, r)
		if a.Status != 0 {
			j.Answer = c.JudgeAnswer(op, r.Method, a)
		}
	}
	judged := j.Request
	for _, p := range slices.Concat(c.judgePlaces(r, path, query), c.judgePathHeaders(op, r)) {
		if !slices.ContainsFunc(judged, func(known Problem) bool {
			return known.In == p.In && known.Name == p.Name && known.Keyword == p.Keyword
		}) {
			j.Request = append(j.Request, p)
		}
	}
	return c.redacted(j, r.Header)
}

// redacted removes the credentials in header from every text of j that may repeat them.
func (c *Contract) redacted(j Judgement, header http.Header) Judgement {
	texts := []*string{&j.Path}
	for _, problems := range [][]Problem{j.Request, j.Answer} {
		for i := range problems {
			p := &problems[i]
			texts = append(texts, &p.Message, &p.Pointer, &p.Name)
		}
	}
	c.Redact([]http.Header{header}, texts...)
	return j
}
