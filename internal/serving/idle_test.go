//go:build unix

package serving_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A watched listener can wait until all connections that it has accepted are closed.
type watched struct {
	net.Listener
	open sync.WaitGroup
}

type watchedConn struct {
	net.Conn
	closed func()
}

func (l *watched) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.open.Add(1)
	return &watchedConn{conn, sync.OnceFunc(l.open.Done)}, nil
}

func (c *watchedConn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}

// idle returns how many connections the test keeps open: 2,000, or fewer if the process
// may not open that many files. Each connection takes two, one for each end.
func idle(t *testing.T) int {
	t.Helper()
	want := 2000
	if testing.Short() {
		want = 200
	}
	var limit syscall.Rlimit // the Go runtime has raised it to the maximum
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if most := int(min(limit.Cur, 1<<20)/2) - 100; most < want {
		t.Logf("the process may open %d files: %d connections instead of %d", limit.Cur, most, want)
		want = max(1, most)
	}
	return want
}

func TestThousandsOfIdleConnectionsSurvive(t *testing.T) {
	before := runtime.NumGoroutine()
	listener := &watched{Listener: listen(t)}
	server := startOn(t, listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") }))
	clients := make([]client, 0, idle(t))
	for range cap(clients) {
		conn := dial(t, server.address)
		clients = append(clients, client{conn, bufio.NewReader(conn)})
		clients[len(clients)-1].ask(t)
	}
	fresh := dial(t, server.address)
	clients = append(clients, client{fresh, bufio.NewReader(fresh)})
	for i := range clients { // the idle ones and the fresh one
		clients[i].ask(t)
	}
	for i := range clients {
		_ = clients[i].conn.Close()
	}
	listener.open.Wait()
	server.end()
	server.returned(t)
	// A goroutine ends a moment after it has closed its connection.
	for deadline := time.Now().Add(patience); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("expected %d goroutines as before, got %d", before, runtime.NumGoroutine())
		}
	}
}

// A client has one open connection.
type client struct {
	conn   net.Conn
	reader *bufio.Reader
}

// ask sends a request and reads its answer.
func (c *client) ask(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(c.conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || response.Close || string(body) != "here" {
		t.Fatalf("expected an answer on a connection that stays open, got %s %q, %v", response.Status, body, err)
	}
	_ = response.Body.Close()
}
