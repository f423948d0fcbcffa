package fakeserver

import (
	"net"
	"net/http"
	"time"
)

// TB is what Start needs of a *testing.T or *testing.B.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Running is a server that listens.
type Running struct {
	*Server
	URL string // http://127.0.0.1:PORT
}

// Start makes a server that listens on a free port of the loopback interface
// until the test has ended.
func Start(tb TB, options ...Option) *Running {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("start the fake server: %v", err)
		return nil
	}
	running := &Running{New(options...), "http://" + listener.Addr().String()}
	server := &http.Server{Handler: running.Server, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends when the server is closed
	tb.Cleanup(func() { _ = server.Close() })
	return running
}
