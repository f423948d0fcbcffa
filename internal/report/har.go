package report

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/limits"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// harTime is ISO 8601 with milliseconds, in UTC.
const harTime = "2006-01-02T15:04:05.000Z"

// The values that HAR 1.2 and browsers use for what is unknown.
const (
	unknownSize     = -1
	unknownProtocol = "unknown"
	unknownType     = "x-unknown"
)

// A harHead has the members of the log before the entries.
type harHead struct {
	Version string     `json:"version"`
	Creator harCreator `json:"creator"`
	Comment string     `json:"comment"`
}

// A harCreator is the tool that wrote the archive.
type harCreator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Comment string `json:"comment,omitempty"`
}

// A harEntry is an exchange. The names of members that HAR 1.2 does not define begin with
// an underscore, as it prescribes.
type harEntry struct {
	Started  string      `json:"startedDateTime"`
	Time     float64     `json:"time"`
	Request  harRequest  `json:"request"`
	Response harResponse `json:"response"`
	Cache    struct{}    `json:"cache"`
	Timings  harTimings  `json:"timings"`

	Sequence int    `json:"_sequence"`
	Case     string `json:"_case"`
	Aim      string `json:"_aim"`
	Risk     string `json:"_risk"`
	Attempt  int    `json:"_attempt"`
	SetAside string `json:"_setAside,omitempty"`
	Comment  string `json:"comment,omitempty"`
	// Problems are what a client's request breaks in the contract.
	Problems []string `json:"_problems,omitempty"`
}

type harRequest struct {
	Method      string       `json:"method"`
	URL         string       `json:"url"`
	HTTPVersion string       `json:"httpVersion"`
	Cookies     []harPair    `json:"cookies"`
	Headers     []harPair    `json:"headers"`
	QueryString []harPair    `json:"queryString"`
	PostData    *harPostData `json:"postData,omitempty"`
	HeadersSize int          `json:"headersSize"`
	BodySize    int          `json:"bodySize"`
}

// A harPair is a header or a query parameter.
type harPair struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Comment string `json:"comment,omitempty"`
}

// harPostData is the body of a request. HAR 1.2 only defines an encoding for the body of an
// answer, hence the underscore.
type harPostData struct {
	MimeType string `json:"mimeType"`
	Text     string `json:"text"`
	Encoding string `json:"_encoding,omitempty"`
	Comment  string `json:"comment,omitempty"`
}

type harResponse struct {
	Status      int        `json:"status"`
	StatusText  string     `json:"statusText"`
	HTTPVersion string     `json:"httpVersion"`
	Cookies     []harPair  `json:"cookies"`
	Headers     []harPair  `json:"headers"`
	Content     harContent `json:"content"`
	RedirectURL string     `json:"redirectURL"`
	HeadersSize int        `json:"headersSize"`
	BodySize    int        `json:"bodySize"`
	Comment     string     `json:"comment,omitempty"`
	Error       string     `json:"_error,omitempty"`
}

type harContent struct {
	Size     int    `json:"size"`
	MimeType string `json:"mimeType"`
	Text     string `json:"text"`
	Encoding string `json:"encoding,omitempty"`
	Comment  string `json:"comment,omitempty"`
}

// harTimings are in milliseconds. Only the total is known, and it is given as the wait.
type harTimings struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

// WriteHAR writes the exchanges of the cases of a run as an HTTP Archive (HAR 1.2,
// http://www.softwareishard.com/blog/har-12-spec/): one entry per line, in the order in
// which the requests were sent, without duplicates. Exchanges are redacted already, and of
// the rest of the run only the tool and the headline are written.
func WriteHAR(w io.Writer, run result.Run) error {
	out := bufio.NewWriter(w)
	if err := writeHAR(out, &run); err != nil {
		return fmt.Errorf("write HAR: %w", err)
	}
	return nil
}

func writeHAR(out *bufio.Writer, run *result.Run) error {
	head, err := json.Marshal(harHead{Version: "1.2", Creator: harCreator{run.Tool.Name, run.Tool.Version, printable.Prefixed("sha256 ", run.Tool.SHA256)}, Comment: run.Headline})
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, `{"log":%s,"entries":[`, head[:len(head)-1]) // without its closing brace; Flush returns the errors
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	separator, left := "\n", limits.HARFile
	for _, x := range run.DistinctExchanges() {
		_, _ = out.WriteString(separator)
		separator = ","
		entry := harEntryOf(x.Exchange)
		err := e.Encode(entry)
		if left -= line.Len(); left < 0 { // as only in a run that was merged from several
			line.Reset()
			entry.leaveOut()
			err = e.Encode(entry)
		}
		if err != nil {
			return fmt.Errorf("exchange %d of case %s: %w", x.Sequence, x.Case, err)
		}
		_, _ = line.WriteTo(out)
	}
	_, _ = out.WriteString("]}}\n")
	return out.Flush()
}

func harEntryOf(x *exchange.Exchange) *harEntry {
	took := float64(x.Duration) / float64(time.Millisecond)
	return &harEntry{
		Started: x.Started.UTC().Format(harTime), Time: took, Timings: harTimings{Wait: took},
		Request: harRequestOf(x), Response: harResponseOf(x),
		Sequence: x.Sequence, Case: x.Case, Aim: x.Aim, Risk: x.Risk, Attempt: x.Attempt, SetAside: x.SetAside,
		Problems: each(x.Problems, contract.Problem.String),
	}
}

// leaveOut leaves out headers and bodies, and says so.
func (e *harEntry) leaveOut() {
	e.Comment = fmt.Sprintf("headers and bodies are left out, since this file would be longer than %d MiB; they are in %s", limits.HARFile>>20, result.ExchangesFile)
	e.Request.Headers, e.Request.PostData = []harPair{}, nil
	e.Response.Headers, e.Response.Content.Text, e.Response.Content.Encoding = []harPair{}, "", ""
}

func harRequestOf(x *exchange.Exchange) harRequest {
	r := harRequest{
		Method: x.Request.Method, URL: x.URL, HTTPVersion: unknownProtocol,
		Cookies: []harPair{}, Headers: harHeaders(x.Request.Header), QueryString: harQuery(x.URL),
		HeadersSize: unknownSize, BodySize: len(x.Request.Body),
	}
	mimeType := x.Request.Header.Get("Content-Type")
	if len(x.Request.Body) == 0 && mimeType == "" {
		return r
	}
	r.PostData = &harPostData{MimeType: cmp.Or(mimeType, unknownType)}
	if r.PostData.Text, r.PostData.Encoding = harText(x.Request.Body); r.PostData.Encoding != "" {
		r.PostData.Comment = "the body is not UTF-8, so the text is base64"
	}
	return r
}

func harResponseOf(x *exchange.Exchange) harResponse {
	r := harResponse{
		HTTPVersion: unknownProtocol, Cookies: []harPair{}, Headers: []harPair{},
		Content: harContent{MimeType: unknownType}, HeadersSize: unknownSize, BodySize: unknownSize,
	}
	if x.Failure != nil {
		r.Error = fmt.Sprintf("%s: %s", x.Failure.Kind, x.Failure.Message)
	}
	if x.Answer == nil {
		return r
	}
	h := x.Answer.Header
	r.Status, r.StatusText, r.Headers = x.Answer.Status, http.StatusText(x.Answer.Status), harHeaders(h)
	r.RedirectURL = h.Get("Location")
	r.Content.Size, r.Content.MimeType = x.Answer.Length(), cmp.Or(h.Get("Content-Type"), unknownType)
	r.Content.Text, r.Content.Encoding = harText(x.Answer.Body)
	if x.Failure == nil {
		r.BodySize = x.Answer.Length() // otherwise the body is incomplete
	}
	if whole := x.Answer.Abridged; whole != nil {
		r.Content.Comment = fmt.Sprintf("the first %d of %d bytes, whose sha256 is %s", len(x.Answer.Body), whole.Length, whole.SHA256)
		if n := whole.FieldsLeftOut + whole.FieldsCut; n > 0 {
			r.Comment = fmt.Sprintf("%d header fields are left out or cut", n)
		}
	}
	return r
}

// harText returns a body as a string, in base64 if it is not UTF-8.
func harText(body []byte) (written, encoding string) {
	if utf8.Valid(body) {
		return string(body), ""
	}
	return base64.StdEncoding.EncodeToString(body), "base64"
}

// harHeaders returns the headers sorted by name; those with the same name keep their order.
func harHeaders(h http.Header) []harPair {
	pairs := make([]harPair, 0, len(h))
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			p := harPair{Name: name, Value: value}
			if !utf8.ValidString(value) {
				p.Value, p.Comment = printable.Escape(value), `the value is not UTF-8; its invalid bytes are written as \xNN`
			}
			pairs = append(pairs, p)
		}
	}
	return pairs
}

// harQuery returns the query parameters of a URL in their order. What cannot be decoded is
// returned as it is.
func harQuery(address string) []harPair {
	pairs := []harPair{}
	_, query, _ := strings.Cut(address, "?")
	for parameter := range strings.SplitSeq(query, "&") {
		if parameter != "" {
			name, value, _ := strings.Cut(parameter, "=")
			pairs = append(pairs, harPair{Name: queryText(name), Value: queryText(value)})
		}
	}
	return pairs
}

func queryText(escaped string) string {
	s, err := url.QueryUnescape(escaped)
	if err != nil || !utf8.ValidString(s) {
		return escaped
	}
	return s
}
