package serving_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/serving"
)

// patience is how long a test waits before it fails.
const patience = 30 * time.Second

// running is a server that a test has started.
type running struct {
	url, address string
	end          context.CancelFunc // ends the context of Serve
	ended        <-chan error       // receives the result of Serve
}

// start serves a handler until the test ends. Connections are then cut off at once, unless
// the options have another grace.
func start(t *testing.T, handler http.HandlerFunc, options ...serving.Option) running {
	t.Helper()
	return startOn(t, listen(t), handler, append([]serving.Option{serving.WithGrace(0)}, options...)...)
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

func startOn(t *testing.T, listener net.Listener, handler http.Handler, options ...serving.Option) running {
	t.Helper()
	server := serving.New(listener, handler, options...)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	var once sync.WaitGroup
	once.Go(func() { ended <- server.Serve(ctx) })
	t.Cleanup(func() {
		cancel()
		once.Wait()
	})
	return running{url: server.URL(), address: listener.Addr().String(), end: cancel, ended: ended}
}

// returned waits for Serve to return nil.
func (r running) returned(t *testing.T) {
	t.Helper()
	select {
	case err := <-r.ended:
		if err != nil {
			t.Errorf("expected Serve to return nil, got %v", err)
		}
	case <-time.After(patience):
		t.Fatal("Serve did not return")
	}
}

// dial opens a connection for a test to write to.
func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return conn
}

// secure returns an option with a certificate, and a client that trusts it.
func secure(t *testing.T) (serving.Option, *http.Client) {
	t.Helper()
	certificate, authority, err := serving.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		t.Fatalf("expected the CA's certificate, got %s", authority)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return serving.WithCertificate(certificate), &http.Client{Transport: transport, Timeout: patience}
}

func plainClient(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

func read(t *testing.T, response *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// A protocol is a client that uses a protocol, and the options with which the server
// supports it.
type protocol struct {
	client  *http.Client
	options []serving.Option
}

func protocols(t *testing.T) map[string]protocol {
	t.Helper()
	option, client := secure(t)
	return map[string]protocol{
		"HTTP/1.1": {client: plainClient(t)},
		"HTTP/2":   {client: client, options: []serving.Option{option}},
	}
}

func TestARequestUnderWayIsAnsweredAtTheEnd(t *testing.T) {
	t.Parallel()
	for name, tt := range protocols(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			arrived, release := make(chan struct{}), make(chan struct{})
			server := start(t, func(w http.ResponseWriter, r *http.Request) {
				close(arrived)
				select {
				case <-release:
					_, _ = io.WriteString(w, "done")
				case <-r.Context().Done():
				}
			}, append(tt.options, serving.WithGrace(patience))...)
			answered := make(chan string, 1)
			go func() {
				response, err := tt.client.Get(server.url)
				if err != nil {
					answered <- err.Error()
					return
				}
				body, _ := io.ReadAll(response.Body)
				_ = response.Body.Close()
				answered <- response.Proto + " " + string(body)
			}()
			<-arrived
			server.end()
			for { // until it accepts no more connections, which shows that the shutdown has begun
				conn, err := net.Dial("tcp", server.address)
				if err != nil {
					break
				}
				_ = conn.Close()
			}
			close(release)
			if got := <-answered; !strings.HasSuffix(got, " done") || !strings.HasPrefix(got, name) {
				t.Errorf("expected an answer over %s, got %q", name, got)
			}
			server.returned(t)
		})
	}
}

func TestWhatHangsIsCutOffAtTheEnd(t *testing.T) {
	t.Parallel()
	option, client := secure(t)
	for name, tt := range map[string]struct {
		client  *http.Client
		options []serving.Option
	}{
		"HTTP/1.1": {client: plainClient(t), options: []serving.Option{serving.WithGrace(time.Millisecond)}},
		"HTTP/2":   {client: client, options: []serving.Option{option, serving.WithGrace(time.Millisecond)}},
		"at once":  {client: plainClient(t)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			arrived, left := make(chan struct{}), make(chan struct{})
			server := start(t, func(_ http.ResponseWriter, r *http.Request) {
				close(arrived)
				<-r.Context().Done()
				close(left)
			}, tt.options...)
			answered := make(chan error, 1)
			go func() {
				response, err := tt.client.Get(server.url)
				if err == nil {
					_ = response.Body.Close()
				}
				answered <- err
			}()
			<-arrived
			server.end()
			server.returned(t)
			if err := <-answered; err == nil || strings.Contains(err.Error(), "Timeout exceeded") {
				t.Errorf("expected the connection to be cut, got %v", err)
			}
			<-left
			again, err := net.Listen("tcp", server.address)
			if err != nil {
				t.Fatalf("the port is not free: %v", err)
			}
			_ = again.Close()
		})
	}
}

func TestEndBeforeTheBeginning(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := serving.New(listener, http.NotFoundHandler()).Serve(ctx); err != nil {
		t.Errorf("expected nil, got %v", err)
	}
	again, err := net.Listen("tcp", listener.Addr().String())
	if err != nil {
		t.Fatalf("the port is not free: %v", err)
	}
	_ = again.Close()
}

// brokenListener fails to accept connections.
type brokenListener struct{ net.Listener }

func (brokenListener) Accept() (net.Conn, error) { return nil, errors.New("no more") }

func TestAListenerThatFails(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	err := serving.New(brokenListener{listener}, http.NotFoundHandler()).Serve(t.Context())
	if want := "serve on " + listener.Addr().String() + ": no more"; err == nil || err.Error() != want {
		t.Errorf("expected %q, got %v", want, err)
	}
}

// everywhere is a listener whose address is that of all interfaces.
type everywhere struct{ net.Listener }

func (everywhere) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv6zero, Port: 7} }

func TestURLIsWhereThisMachineFindsTheServer(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	defer listener.Close()
	option, _ := secure(t)
	for want, server := range map[string]*serving.Server{
		"http://" + listener.Addr().String():  serving.New(listener, nil),
		"https://" + listener.Addr().String(): serving.New(listener, nil, option),
		"http://127.0.0.1:7":                  serving.New(everywhere{listener}, nil),
		"https://127.0.0.1:7":                 serving.New(everywhere{listener}, nil, option),
	} {
		if got := server.URL(); got != want {
			t.Errorf("expected %s, got %s", want, got)
		}
	}
}

// answerOf reads one answer from a connection.
func answerOf(conn net.Conn) (status int, body string, err error) {
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}
