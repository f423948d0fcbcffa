package client

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/limits"
	"github.com/gesconform/gesconform/internal/secrets"
)

const (
	readRequest = 1 << 20  // how much of a request's body is judged
	readAnswer  = 12 << 20 // how much of an answer's body is looked at
	most        = 2000     // how many requests of a scenario are kept,
	mostBytes   = 32 << 20 // and about how many bytes of them
)

var signaturePattern = regexp.MustCompile(`(?i)\bsignature="?([0-9a-z+/=_-]{16,})`)

// An arrival is a request as it arrived, and what was answered, with the credentials.
type arrival struct {
	elsewhere            bool // whether it arrived at the other origin
	began                time.Time
	method, host, target string
	header               http.Header
	body                 bytes.Buffer
	bodyEnded, cut       bool          // whether all of the body was read, and not all was kept
	kept                 *atomic.Int64 // of the stage
	noHTTP               bool
	ended                chan struct{} // closed when nothing more is recorded
	writer               answerWriter
}

// record serves a request and records it.
func (g *stage) record(w http.ResponseWriter, r *http.Request, elsewhere bool, serve func(http.ResponseWriter)) {
	a := &arrival{elsewhere: elsewhere, began: time.Now(), method: r.Method, host: r.Host, target: r.URL.RequestURI(), header: r.Header.Clone(), kept: &g.kept, ended: make(chan struct{})}
	a.writer = answerWriter{ResponseWriter: w}
	r.Body = &bodyReader{ReadCloser: r.Body, arrival: a}
	defer close(a.ended)
	g.keep(a)
	defer g.noteAnswered()
	serve(&a.writer)
	if !a.writer.hijacked && !a.bodyEnded {
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, readRequest))
	}
}

// keep takes an arrival down.
func (g *stage) keep(a *arrival) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.arrivals) < most && g.kept.Add(int64(len(a.target)+sizeOf(a.header))) < mostBytes && !g.stopped {
		g.arrivals = append(g.arrivals, a)
	}
	g.noteAsked()
}

// sizeOf returns the bytes of a header, as far as they count.
func sizeOf(header http.Header) (size int) {
	for name, values := range header {
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	return size
}

// A bodyReader keeps the beginning of a body as it is read.
type bodyReader struct {
	io.ReadCloser
	arrival *arrival
}

func (b *bodyReader) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	room := max(0, readRequest-b.arrival.body.Len())
	if b.arrival.kept.Add(int64(min(n, room))) > mostBytes {
		room = 0
	}
	b.arrival.body.Write(p[:min(n, room)])
	b.arrival.cut = b.arrival.cut || n > room
	if err == io.EOF {
		b.arrival.bodyEnded = true
	}
	return n, err
}

// An answerWriter passes an answer on, and keeps it.
type answerWriter struct {
	http.ResponseWriter
	at       time.Time
	status   int
	head     http.Header
	body     bytes.Buffer
	size     int
	hijacked bool
}

func (w *answerWriter) begin(status int) {
	w.status, w.at, w.head = status, time.Now(), w.Header().Clone()
}

// WriteHeader notes the time before the client can have the answer.
func (w *answerWriter) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.begin(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write keeps the beginning of the body.
func (w *answerWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.begin(http.StatusOK)
	}
	if room := readAnswer - w.body.Len(); room > 0 {
		w.body.Write(b[:min(len(b), room)])
	}
	w.size += len(b)
	return w.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (w *answerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Hijack notes that what follows is no answer.
func (w *answerWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	connection, buffer, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.hijacked, w.at = true, time.Now()
	}
	return connection, buffer, err
}

// answer returns the answer, or nil, and why it did not arrive as it should.
func (a *arrival) answer(g *stage, operation string) (*contract.Answer, *exchange.Failure) {
	w := &a.writer
	failure := &exchange.Failure{Kind: exchange.TimedOut, Message: "the client did not wait for an answer"}
	if broken := g.broken(operation); broken != nil {
		failure = broken
	}
	switch {
	case a.noHTTP:
		return a.refusedAnswer()
	case w.hijacked, w.status == 0:
		return nil, failure
	}
	answer := &contract.Answer{Status: w.status, Header: w.head, Body: w.body.Bytes()}
	if length, err := strconv.Atoi(w.head.Get("Content-Length")); err == nil && length > w.size && a.method != http.MethodHead || w.size > readAnswer {
		return answer, failure
	}
	if strings.EqualFold(w.head.Get("Content-Encoding"), "gzip") {
		if plain, err := gunzip(answer.Body); err == nil {
			answer.Body = plain
		}
	}
	return answer, nil
}

func gunzip(body []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, readAnswer))
}

// exchange returns the exchange without credentials.
func (a *arrival) exchange(g *stage, known *secrets.Set) exchange.Exchange {
	request := &contract.Request{Method: a.method, Path: a.target, Header: a.header, Body: a.body.Bytes()}
	op, _, pathKnown := g.contract.Find(a.method, a.target)
	x := exchange.Exchange{Started: a.began, URL: "http://" + a.host + a.target}
	if op != nil {
		x.Operation = op.ID
	}
	x.Problems = a.judge(g, request, op, pathKnown, known)
	x.Answer, x.Failure = a.answer(g, x.Operation)
	x.Duration = max(0, a.writer.at.Sub(a.began))
	if x.Answer != nil {
		x.Answer = g.contract.Abridge(x.Answer, limits.KeptBody)
	}
	a.redact(&x, request, known)
	return x
}

// judge returns what a request breaks in the contract. It is judged as it arrived.
func (a *arrival) judge(g *stage, request *contract.Request, op *contract.Operation, pathKnown bool, set *secrets.Set) []contract.Problem {
	switch {
	case a.elsewhere:
		return a.judgeElsewhere(g, set)
	case a.noHTTP:
		return []contract.Problem{noHTTP}
	}
	problems := g.contract.Judge(request, &contract.Answer{}).Request
	if !a.bodyEnded || a.cut {
		problems = slices.DeleteFunc(problems, func(p contract.Problem) bool { return p.In == contract.InBody })
	}
	if message := tooLarge[a.writer.status]; message != "" {
		problems = append(problems, contract.Problem{In: contract.InHeader, Keyword: "maxLength", Message: message})
	}
	if op == nil && a.unknown(pathKnown) {
		problems = append(problems, contract.Problem{In: contract.InPath, Keyword: "operation", Message: "expected an operation of the contract, got another method or path"})
	}
	if !slices.ContainsFunc(problems, isMisplaced) {
		for _, name := range set.Find(a.texts(func(header string) bool { return !g.contract.CarriesCredentials(header) })...).Names() {
			problems = append(problems, contract.Problem{In: contract.InSecurity, Name: name, Keyword: contract.KeywordPlace, Message: "expected credentials in their header only, got some elsewhere in the request"})
		}
	}
	return problems
}

// tooLarge says what is wrong with what the gateway does not pass on, by the status with which it says so.
var tooLarge = map[int]string{
	http.StatusRequestURITooLong: "expected a request line that the gateway takes, got a longer one",
	494:                          "expected headers that the gateway takes, got larger ones", // nginx's status
}

// unknown reports whether a request asks for something that no operation is, and that no other one
// of the service could be: reads of something else are nobody's business.
func (a *arrival) unknown(pathKnown bool) bool {
	switch a.method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return pathKnown || a.writer.status == http.StatusNotFound || a.writer.status == http.StatusMethodNotAllowed
}

// judgeElsewhere finds credentials in a request to another origin.
func (a *arrival) judgeElsewhere(g *stage, set *secrets.Set) []contract.Problem {
	var names []string
	for name := range a.header {
		if name != "Cookie" && g.contract.CarriesCredentials(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		names = set.Find(a.texts(func(string) bool { return true })...).Names()
	}
	var problems []contract.Problem
	for _, name := range names {
		problems = append(problems, contract.Problem{
			In: contract.InSecurity, Name: name, Keyword: contract.KeywordOrigin, Message: "expected credentials to go to the endpoint only, got some for another origin",
		})
	}
	return problems
}

// texts returns the texts of a request: the target, the values of headers, the body.
func (a *arrival) texts(which func(header string) bool) []string {
	all := []string{a.target}
	for name, values := range a.header {
		if which(name) {
			all = append(append(all, name), values...)
		}
	}
	return append(all, a.body.String())
}

// redact completes the exchange with a request without credentials, and removes them elsewhere.
func (a *arrival) redact(x *exchange.Exchange, request *contract.Request, set *secrets.Set) {
	clean := func(text string) string { return set.FindCut(text).Clean()[0] } // problems quote the beginning of something
	cleanHeader := func(h http.Header) http.Header {
		all := http.Header{}
		for name, values := range h {
			for _, value := range values {
				all[clean(name)] = append(all[clean(name)], clean(value))
			}
		}
		return all
	}
	x.URL = clean(x.URL)
	x.Request = contract.Request{Method: request.Method, Path: clean(request.Path), Header: cleanHeader(request.Header)}
	x.Request.Body = []byte(set.Find(string(request.Body)).CleanPart(0, 0, min(len(request.Body), limits.KeptBody)))
	if x.Answer != nil {
		x.Answer.Header, x.Answer.Body = cleanHeader(x.Answer.Header), []byte(clean(string(x.Answer.Body)))
		if x.Answer.Abridged != nil {
			x.Answer.Abridged.JSON = clean(x.Answer.Abridged.JSON)
		}
	}
	for i := range x.Problems {
		p := &x.Problems[i]
		p.Message, p.Pointer, p.Name = clean(p.Message), clean(p.Pointer), clean(p.Name)
	}
}
