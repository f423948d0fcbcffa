package serving_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"
	"testing"
)

func TestHTTP2IsSpokenOverTLS(t *testing.T) {
	t.Parallel()
	option, client := secure(t)
	server := start(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }, option)
	response, err := client.Get(server.url)
	if got := read(t, response, err); got != "HTTP/2.0" || response.Proto != got {
		t.Errorf("expected HTTP/2.0, got %s and %s", got, response.Proto)
	}
	client.Transport.(*http.Transport).CloseIdleConnections()
	only1 := client.Transport.(*http.Transport).Clone()
	only1.ForceAttemptHTTP2, only1.TLSClientConfig.NextProtos = false, nil
	only1.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	t.Cleanup(only1.CloseIdleConnections)
	response, err = (&http.Client{Transport: only1, Timeout: patience}).Get(server.url)
	if got := read(t, response, err); got != "HTTP/1.1" {
		t.Errorf("expected HTTP/1.1 for a client that asks for it, got %s", got)
	}
}

// The limits are the same over both protocols, up to the hard limit of net/http.
func TestLimitsOverTheWire(t *testing.T) {
	t.Parallel()
	option, client := secure(t)
	handler := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	for _, tt := range []struct {
		proto  string
		client *http.Client
		url    string
	}{
		{"HTTP/1.1", plainClient(t), start(t, handler).url},
		{"HTTP/2.0", client, start(t, handler, option).url},
	} {
		for size, want := range map[int]int{30 << 10: 204, 33 << 10: 494, 900 << 10: 494} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tt.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("X-Large", strings.Repeat("x", size))
			response, err := tt.client.Do(request)
			if body := read(t, response, err); response.StatusCode != want || response.Proto != tt.proto || want == 494 && !strings.Contains(body, "APIGW.0201") {
				t.Errorf("%s, %d bytes: expected %d, got %s %s %s", tt.proto, size, want, response.Proto, response.Status, body)
			}
		}
	}
}

func TestFarTooLargeHeads(t *testing.T) {
	t.Parallel()
	server := start(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	conn := dial(t, server.address)
	go func() { // ends when the server closes
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: h\r\nX-Large: "+strings.Repeat("x", 1<<20+8<<10))
	}()
	if status, _, err := answerOf(conn); status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("expected 431, got %d, %v", status, err)
	}
}

// A buffer collects what is logged. It is safe for concurrent use.
type buffer struct {
	mutex sync.Mutex
	bytes bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.bytes.Write(p)
}

func (b *buffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.bytes.String()
}

// A client that uses the wrong protocol learns that at once, and nothing is logged.
func TestTheWrongProtocol(t *testing.T) {
	var logged buffer
	before := log.Writer()
	log.SetOutput(&logged)
	defer log.SetOutput(before)
	option, client := secure(t)
	hello := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }

	t.Run("plain to TLS", func(t *testing.T) {
		conn := dial(t, start(t, hello, option).address)
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: MARKED\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if status, _, err := answerOf(conn); status != http.StatusBadRequest {
			t.Errorf("expected 400, got %d, %v", status, err)
		}
	})
	t.Run("TLS to plain", func(t *testing.T) {
		address := start(t, hello).address
		conn := dial(t, address)
		// It has no line end, so a server that waits for one waits for a long time.
		if _, err := io.WriteString(conn, "\x16\x03\x01\x00\xf0MARKED"); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(conn); err != nil || len(got) > 0 {
			t.Errorf("expected the end and nothing else, got %q, %v", got, err)
		}
		response, err := client.Get("https://" + address)
		if err == nil {
			_ = response.Body.Close()
			t.Error("expected an error")
		}
	})
	t.Run("without the authority", func(t *testing.T) {
		response, err := plainClient(t).Get(start(t, hello, option).url)
		if err == nil {
			_ = response.Body.Close()
			t.Error("expected the client not to trust the certificate")
		}
	})
	t.Run("panic", func(t *testing.T) {
		url := start(t, func(http.ResponseWriter, *http.Request) { panic("MARKED") }).url
		response, err := plainClient(t).Get(url)
		if err == nil {
			_ = response.Body.Close()
			t.Error("expected the connection to end")
		}
	})
	if got := logged.String(); got != "" {
		t.Errorf("expected nothing in the log, got %q", got)
	}
}

// Only the first byte of a connection tells its protocol; a body may contain any bytes.
func TestABodyMayBeginAsAHandshakeDoes(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	server := start(t, func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		_, _ = io.Copy(w, r.Body)
	})
	conn := dial(t, server.address)
	if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-arrived // so that the body comes with a read of its own
	if _, err := io.WriteString(conn, "\x16\x03"); err != nil {
		t.Fatal(err)
	}
	if status, body, err := answerOf(conn); status != http.StatusOK || body != "\x16\x03" {
		t.Errorf("expected the body, got %d %q, %v", status, body, err)
	}
}
