package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gesconform/gesconform/gen"
)

// maxBody is how many bytes of a body are read.
const maxBody = 16 << 20

// newClient returns a client that sends the token with each request. It follows no redirects, which
// could lead the token anywhere.
func (u *upgrade) newClient() (*gen.Client, error) {
	base, err := url.Parse(u.endpoint)
	switch {
	case err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.User != nil:
		return nil, errors.New("expected an endpoint like https://HOST[:PORT]") // it is not shown: it may have a password
	case !isSegment(u.project) || !isSegment(u.graph):
		return nil, fmt.Errorf("expected ids, got project %q and graph %q", u.project, u.graph)
	}
	plain := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return gen.NewClient(u.endpoint, gen.WithHTTPClient(plain), gen.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("X-Auth-Token", u.token)
		return nil
	}))
}

// isSegment reports whether an id can be a segment of a path. The client escapes what must be; but
// nothing keeps dot segments from being removed (RFC 3986, section 5.2.4).
func isSegment(id string) bool { return id != "" && id != "." && id != ".." }

// An answer is what came back for a request. Its zero value is no answer.
type answer struct {
	status  int
	header  http.Header
	members map[string]any // of the object that is its body
	unsent  bool           // there was no connection on which the request could have been sent
}

// ask sends a request and reads the answer, within the time for one. Any answer but a 200 with JSON
// is an error. The generated code could read it, too, but without a limit, taking JOB_ID for
// job_id, and keeping nothing of an answer whose body is bad, not even the status.
func (u *upgrade) ask(ctx context.Context, send func(context.Context) (*http.Response, error)) (a answer, err error) {
	ctx, cancel := context.WithTimeout(ctx, u.requestTimeout)
	defer cancel()
	r, err := send(ctx)
	if err != nil {
		var op *net.OpError
		a.unsent = errors.As(err, &op) && op.Op == "dial"
		return a, err
	}
	defer func() { _ = r.Body.Close() }()
	a.status, a.header = r.StatusCode, r.Header
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody)) // what is longer is cut, and then no JSON
	if err == nil {
		err = json.Unmarshal(body, &a.members)
	}
	if r.StatusCode != http.StatusOK {
		return a, fmt.Errorf("HTTP %d %s%s", a.status, http.StatusText(a.status), u.code(a))
	}
	if err != nil {
		return answer{}, fmt.Errorf("HTTP 200, but its body cannot be read: %w", err)
	}
	return a, nil
}

// text returns a member that is a string, or else "".
func (a answer) text(name string) string {
	s, _ := a.members[name].(string)
	return s
}

// retryable reports whether nothing was done, and the same request may be taken later.
func (a answer) retryable() bool {
	code := a.text("error_code")
	switch a.status {
	case http.StatusTooManyRequests:
		return true
	case http.StatusServiceUnavailable:
		return a.header.Get("Retry-After") != "" || strings.HasPrefix(code, "APIGW.") || strings.HasPrefix(code, "APIG.")
	case http.StatusRequestTimeout: // any other may be of a proxy that has passed the request on
		return code == "GES.7005"
	}
	return a.unsent
}

// refused reports whether the request was refused for good.
func (a answer) refused() bool {
	return a.status/100 == 3 || a.status/100 == 4 && a.status != http.StatusRequestTimeout && !a.retryable()
}

// delay returns how long to wait after the nth failure in a row: as long as the answer asks, or else
// twice as long each time; and a little more, at random, so that those who were refused together do
// not come back together.
func (a answer) delay(first time.Duration, n int) time.Duration {
	d := retryAfter(a.header)
	if d <= 0 {
		d = first << (n - 1)
	}
	return d + rand.N(first/2+1)
}

// retryAfter returns the time that an answer asks for, or 0.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date")) // by the same clock
	if err != nil {
		now = time.Now()
	}
	return until.Sub(now)
}

// code returns the error that an answer names, if it does.
func (u *upgrade) code(a answer) string {
	if a.text("error_code") == "" {
		return ""
	}
	return fmt.Sprintf(" (%s: %s)", u.printable(a.text("error_code")), u.printable(a.text("error_msg")))
}

// printable returns a text of the service as it can be printed: short, on one line, without what a
// terminal would obey, and without the token.
func (u *upgrade) printable(s string) string {
	s = strconv.Quote(fmt.Sprintf("%.300s", u.redact(s)))
	return s[1 : len(s)-1]
}
