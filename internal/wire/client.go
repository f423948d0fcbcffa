// Package wire sends requests to a deployment. It adds credentials, refuses requests that
// are riskier than allowed, limits the rate, and redacts what comes back.
package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/limits"
	"github.com/gesconform/gesconform/internal/secrets"
)

// userAgent returns the User-Agent of all requests.
func userAgent(c *config.Config) string {
	if c.RunID == "" {
		return "gesconform/" + config.ToolVersion
	}
	return "gesconform/" + config.ToolVersion + " (run " + c.RunID + ")"
}

// A Client sends requests to a deployment. It may be used by several goroutines.
type Client struct {
	config   *config.Config
	base     string // the endpoint without a slash at the end
	client   *http.Client
	fresh    *http.Client    // uses each connection once
	head     *http.Client    // sends HEAD
	held     *http.Transport // is cloned for requests that wait for each other
	unusable error           // why the TLS configuration cannot be used; then nothing is sent
	gate     Gate
	graphs   *gate // what is known of graphs; the gate, unless there is another
	limiter  *rate.Limiter
	budget   atomic.Int64 // requests that may still be sent
	tokens   tokenKeeper
	secrets  []secrets.Credential // guarded by tokens
	placed   placedCredentials
	redactor atomic.Pointer[redactor]
	sequence atomic.Int64
	header   atomic.Pointer[http.Header] // of the last request, as recorded
	answered atomic.Pointer[http.Header] // of the last answer, as recorded
	urls     sync.Map                    // those of the requests so far, by their text, so that each is kept once

	connection atomic.Pointer[Connection] // of the last answer
	superseded func(exchange.Exchange)    // see OnSuperseded
}

// New returns a client for the deployment that c describes. Its gate knows GES, unless an option gives
// another.
func New(c *config.Config, options ...Option) *Client {
	security, unusable := c.TLS() // again: a file may be gone since Check
	dial := c.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: c.RequestTimeout}).DialContext
	}
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		OnProxyConnectResponse: refusedConnect,
		DialContext:            dial,
		TLSHandshakeTimeout:    c.RequestTimeout,
		MaxResponseHeaderBytes: limits.ReadHeader,
		MaxIdleConnsPerHost:    c.Concurrency,
		IdleConnTimeout:        90 * time.Second,
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
		TLSClientConfig:        security,
	}
	once := transport.Clone()
	once.MaxIdleConnsPerHost = -1
	graphs := newGate(c)
	t := &Client{
		config: c, unusable: unusable, base: strings.TrimRight(c.Endpoint, "/"), gate: graphs, graphs: graphs, limiter: newLimiter(c),
		client: clientOf(transport), fresh: clientOf(once), head: clientOf(headTransport(transport)), held: transport.Clone(),
	}
	t.tokens = tokenKeeper{config: c, known: t.learn, now: time.Now}
	t.secrets = secretsOf(c, security)
	for _, set := range options {
		set(t)
	}
	t.redactor.Store(newRedactor(t.secrets...))
	t.budget.Store(int64(c.MaxRequests))
	return t
}

func clientOf(transport *http.Transport) *http.Client {
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // a redirect would forward the token
	}}
}

// newLimiter spaces requests evenly: a burst would exceed the limit of a gateway that
// counts per second.
func newLimiter(c *config.Config) *rate.Limiter {
	if r := c.RequestRate(); r > 0 {
		return rate.NewLimiter(rate.Limit(r), 1)
	}
	return rate.NewLimiter(rate.Inf, 0)
}

// learn adds a fetched token to the secrets.
func (t *Client) learn(token string) {
	t.secrets = append([]secrets.Credential{credential(config.Variable("token"), token)}, t.secrets...)
	t.redactor.Store(newRedactor(t.secrets...))
}

// Close closes idle connections.
func (t *Client) Close() {
	t.client.CloseIdleConnections()
	t.fresh.CloseIdleConnections()
	t.head.CloseIdleConnections()
}

// ProveAbsent records that a read has shown a graph not to exist, so that any request to
// it is inert.
func (t *Client) ProveAbsent(graph string) { t.graphs.proveAbsent(graph) }

// Vouch records that no read can show whether a graph exists, but that the user vouches that
// it does not. If it is the graph of --absent-graph-id, any request to it is inert; nothing that
// is not inert is sent any more.
func (t *Client) Vouch(graph string) { t.graphs.vouch(graph) }

// IsAbsent reports whether ProveAbsent or Vouch has been called for a graph.
func (t *Client) IsAbsent(graph string) bool { return t.graphs.isAbsent(graph) }

// NoteVersion records the current version of a graph, as just read.
func (t *Client) NoteVersion(graph, version string) { t.graphs.noteVersion(graph, version) }

// Send sends a request whose placeholders have been filled, unless the gate refuses it.
// It returns the exchange, redacted; errors are part of it. If the token is refused and
// a new one can be fetched, the request is sent again. One that could start an upgrade goes on a
// connection of its own.
func (t *Client) Send(ctx context.Context, caseID, aim string, r cases.Template) exchange.Exchange {
	return t.send(ctx, t.client, caseID, aim, r)
}

// SendFresh does the same on a connection of its own.
func (t *Client) SendFresh(ctx context.Context, caseID, aim string, r cases.Template) exchange.Exchange {
	return t.send(ctx, t.fresh, caseID, aim, r)
}

func (t *Client) send(ctx context.Context, client *http.Client, caseID, aim string, r cases.Template) exchange.Exchange {
	x := t.sendOnce(ctx, client, caseID, aim, r)
	t.gate.Observe(&r, &x)
	return x
}

func (t *Client) sendOnce(ctx context.Context, client *http.Client, caseID, aim string, r cases.Template) exchange.Exchange {
	redactor, address := t.redactor.Load(), t.address(t.shownPath(r.Path))
	x := exchange.Exchange{
		Sequence: int(t.sequence.Add(1)), Case: caseID, Aim: aim, Attempt: 1, Started: time.Now().UTC(),
		URL:     redactor.text(address),
		Request: contract.Request{Method: r.Method, Path: address[len(t.base):], Header: http.Header{}, Body: []byte(redactor.text(string(r.Body)))},
	}
	risk, err := t.gate.Admit(&r)
	x.Risk = risk.String()
	if err = errors.Join(err, t.unusable); err == nil && t.config.Token == "" && t.config.HasToken() {
		_, err = t.tokens.current(ctx) // may take longer than a request
	}
	if err == nil {
		err = t.wait(ctx)
	}
	if err != nil {
		x.Failure = &exchange.Failure{Kind: exchange.NotSent, Message: t.redactor.Load().text(err.Error())}
		if ctx.Err() != nil {
			x.Failure = &exchange.Failure{Kind: exchange.Interrupted, Message: exchange.Interruption}
		}
		return x
	}
	if risk > cases.Inert && client == t.client {
		client = t.fresh // so that nobody has to guess whether the request arrived
	}
	token, stale := t.exchange(ctx, client, &x, &r)
	if stale && risk == cases.Inert && t.wait(ctx) == nil {
		t.supersede(&x, "sent again on a fresh connection, because the server may have closed the one before in the same moment")
		token, _ = t.exchange(ctx, t.fresh, &x, &r)
	}
	if token == "" || !refusedByGateway(&x) {
		return x
	}
	switch renewed := t.tokens.renew(ctx, token); {
	case renewed && t.wait(ctx) == nil:
		leaked := x.Leaked // by the refusal, which decides nothing
		t.supersede(&x, "sent again with a new token")
		t.exchange(ctx, client, &x, &r)
		x.Leaked = slices.Compact(slices.Sorted(slices.Values(append(leaked, x.Leaked...))))
	case !renewed && t.tokens.failure() != nil:
		x.SetAside = t.redactor.Load().text(fmt.Sprintf("the token could not be renewed: %s", t.tokens.failure()))
	}
	return x
}

// refusedByGateway reports whether the gateway in front of the service refused the
// credentials, so that the service cannot have acted. For a read it does not matter who
// refused.
func refusedByGateway(x *exchange.Exchange) bool {
	if x.Answer == nil || x.Answer.Status != http.StatusUnauthorized {
		return false
	}
	return x.Request.Method == http.MethodGet || ges.FromGateway(x.Code())
}

// exchange sends the request and records the answer. It returns the token that the request
// carried, if it is the target's own. stale is whether the request went on a connection that
// had been used before and ended without an answer: the server may have closed it in the same
// moment, which says nothing about the request.
func (t *Client) exchange(ctx context.Context, client *http.Client, x *exchange.Exchange, r *cases.Template) (token string, stale bool) {
	x.Started = time.Now().UTC()
	ctx, cancel := context.WithTimeout(ctx, t.config.RequestTimeout)
	defer cancel()
	request, token, err := t.request(ctx, r)
	redactor := t.redactor.Load()
	if request != nil {
		redactor = redactor.with(signatureOf(request.Header))
	}
	if err != nil {
		x.Failure = &exchange.Failure{Kind: exchange.NotSent, Message: redactor.text(err.Error())}
		return "", false
	}
	var connected, reused bool
	var heard *headConn
	var sent tries
	request = request.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) {
		sent.begin()
		connected, reused = true, c.Reused && !multiplexed(c.Conn)
		if heard, _ = c.Conn.(*headConn); heard != nil {
			heard.hold()
		}
	}, WroteRequest: sent.wrote}))
	if r.Method == http.MethodHead {
		client = t.head
	}
	x.Request.Header = t.shared(t.placed.header(placedShown(redactor.header(withTransfer(request, request.Header)), r)))
	x.Proxy = proxyOf(request)
	response, err := client.Do(request)
	t.supersedeTries(x, &sent)
	if heard != nil {
		defer heard.release()
	}
	if err != nil {
		x.Duration = time.Since(x.Started)
		x.Failure = t.failure(ctx, redactor, err, nil, connected)
		if x.Failure.Kind == exchange.Garbled {
			_, x.Leaked = redactor.clean(false, plain(err)) // has what came
		}
		return token, reused && x.Failure.Kind == exchange.Dropped
	}
	t.receive(ctx, redactor, x, response, heard)
	return token, false
}

// placedShown shows the headers in which the token was placed with a variable instead, however
// short the token is.
func placedShown(h http.Header, r *cases.Template) http.Header {
	for _, own := range r.Headers {
		if strings.Contains(own.Value, PlacedToken) {
			h[http.CanonicalHeaderKey(own.Name)] = []string{Shown(own.Value)}
		}
	}
	return h
}

// withTransfer adds the header that net/http sends for a body in chunks.
func withTransfer(r *http.Request, h http.Header) http.Header {
	if r.ContentLength >= 0 {
		return h
	}
	shown := h.Clone()
	shown.Set("Transfer-Encoding", "chunked")
	return shown
}

// multiplexed reports whether a connection has HTTP/2, in which a server resets a stream by
// itself, and says which streams it has not seen when it closes the connection.
func multiplexed(c net.Conn) bool {
	secure, ok := c.(*tls.Conn)
	return ok && secure.ConnectionState().NegotiatedProtocol == "h2"
}

// shared returns the header of the request before if h is equal to it, as it mostly is:
// that of every request is kept until the reports are written. It must not be changed.
func (t *Client) shared(h http.Header) http.Header {
	if last := t.header.Load(); last != nil && maps.EqualFunc(*last, h, slices.Equal[[]string]) {
		return *last
	}
	t.header.Store(&h)
	return h
}

// sharedValues replaces the values in the header of an answer with those in the one before, if they
// are equal. They must not be changed.
func (t *Client) sharedValues(h http.Header) http.Header {
	if last := t.answered.Load(); last != nil {
		for name, values := range h {
			if same := (*last)[name]; slices.Equal(same, values) {
				h[name] = same
			}
		}
	}
	t.answered.Store(&h)
	return h
}

// address returns the URL for a path: the same text for the same path.
func (t *Client) address(path string) string {
	if known, ok := t.urls.Load(path); ok {
		return known.(string)
	}
	address := t.base + path
	if len(path) < longestSharedPath {
		t.urls.Store(address[len(t.base):], address)
	}
	return address
}

const longestSharedPath = 512

// wait takes the request out of the budget, and waits for the rate limit.
func (t *Client) wait(ctx context.Context) error {
	if t.budget.Add(-1) < 0 {
		return fmt.Errorf("max-requests: all %d requests have been sent; allow more with --max-requests", t.config.MaxRequests)
	}
	if err := t.limiter.Wait(ctx); err != nil {
		return fmt.Errorf("wait for the request's turn: %w", err)
	}
	return nil
}

func (t *Client) request(ctx context.Context, r *cases.Template) (request *http.Request, token string, err error) {
	request, err = http.NewRequestWithContext(ctx, r.Method, t.base, nil)
	if err != nil {
		return nil, "", fmt.Errorf("make request: %w", err)
	}
	escaped := request.URL.EscapedPath() + r.Path
	escaped, request.URL.RawQuery, _ = strings.Cut(escaped, "?")
	path, err := url.PathUnescape(escaped)
	if err != nil {
		return nil, "", fmt.Errorf("make request: path %q: %w", escaped, err)
	}
	request.URL.Path, request.URL.RawPath = path, escaped
	if request.URL.EscapedPath() != escaped {
		request.URL.Opaque = escaped // sent as it is
	}
	for _, h := range r.Headers {
		request.Header[http.CanonicalHeaderKey(h.Name)] = append(request.Header.Values(h.Name), h.Value)
	}
	request.Header.Set("User-Agent", userAgent(t.config))
	if request.Header.Get("Accept") == "" {
		request.Header.Set("Accept", "application/json")
	}
	request.Header.Set("Accept-Encoding", "identity") // without it, any content coding would be acceptable
	if token, err = t.authenticate(request, escaped, []byte(r.Body)); err != nil {
		return nil, "", err
	}
	if err := t.place(request); err != nil {
		return nil, "", err
	}
	if len(r.Body) > 0 || r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch {
		request.ContentLength = int64(len(r.Body))
		request.Body = http.NoBody
		if len(r.Body) > 0 {
			request.Body = io.NopCloser(bytes.NewReader([]byte(r.Body)))
			request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader([]byte(r.Body))), nil }
		}
		if r.Chunked && len(r.Body) > 0 {
			request.ContentLength = -1
		}
	}
	return request, token, nil
}
