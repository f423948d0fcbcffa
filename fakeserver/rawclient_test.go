package fakeserver_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
)

// A peer may still have the versions of earlier runs. To be later than those, a version
// has the time of this run in it, and then a number that only grows.
var (
	versions   = "2." + strconv.Itoa(int(time.Since(time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)).Seconds())) + "."
	versionsBy atomic.Int64
)

// A caller upgrades one graph over and over on one connection. It does as little work as
// possible, so that the time measured is that of the server.
type caller struct {
	conn   net.Conn
	reader *bufio.Reader
	head   []byte // up to the length of the body
	body   []byte
	out    []byte
}

func newCaller(b *testing.B, addr, graph string, f fakeserver.Fixtures) *caller {
	b.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	head := fmt.Sprintf("POST /v2/%s/graphs/%s/upgrade HTTP/1.1\r\nHost: %s\r\nX-Auth-Token: %s\r\nContent-Type: application/json\r\nContent-Length: ",
		f.ProjectID, graph, addr, f.Token)
	return &caller{conn: conn, reader: bufio.NewReader(conn), head: []byte(head)}
}

func (c *caller) upgrade() error {
	c.body = append(append(c.body[:0], `{"upgrade_version":"`...), versions...)
	c.body = append(strconv.AppendInt(c.body, versionsBy.Add(1), 10), `","force_upgrade":false}`...)
	c.out = append(c.out[:0], c.head...)
	c.out = strconv.AppendInt(c.out, int64(len(c.body)), 10)
	c.out = append(append(c.out, "\r\n\r\n"...), c.body...)
	if _, err := c.conn.Write(c.out); err != nil {
		return err
	}
	return c.answer()
}

// The headers that determine the length of an answer's body (RFC 9112, section 6).
var (
	contentLength    = []byte("Content-Length")
	transferEncoding = []byte("Transfer-Encoding")
)

// answer reads an answer and discards its body.
func (c *caller) answer() error {
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 2")) {
		rest, _ := io.ReadAll(io.LimitReader(c.reader, int64(c.reader.Buffered())))
		return fmt.Errorf("expected a 2xx, got %s%s", line, rest)
	}
	length, chunked := -1, false
	for {
		if line, err = c.reader.ReadSlice('\n'); err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, contentLength):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		case bytes.EqualFold(name, transferEncoding):
			chunked = bytes.EqualFold(bytes.TrimSpace(value), []byte("chunked"))
		}
	}
	switch {
	case chunked:
		return c.discardChunks()
	case length < 0:
		return fmt.Errorf("expected a body of known length or in chunks, got neither")
	}
	_, err = c.reader.Discard(length)
	return err
}

// discardChunks discards a chunked body and its trailers (RFC 9112, section 7.1).
func (c *caller) discardChunks() error {
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, _, _ := bytes.Cut(bytes.TrimSpace(line), []byte(";"))
		length, err := strconv.ParseUint(string(size), 16, 31)
		if err != nil {
			return fmt.Errorf("expected the size of a chunk, got %q", line)
		}
		if length == 0 {
			break
		}
		if _, err := c.reader.Discard(int(length) + len("\r\n")); err != nil {
			return err
		}
	}
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil || len(line) <= 2 {
			return err
		}
	}
}

// The benchmark's client must also understand the answers of other servers.
func TestRawClientAnswers(t *testing.T) {
	t.Parallel()
	const next = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	for _, tt := range []struct{ name, answer, err string }{
		{name: "length", answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"},
		{name: "other letter case, no space", answer: "HTTP/1.1 202 Accepted\r\nX: y\r\ncontent-length:2\r\n\r\n{}"},
		{name: "chunks", answer: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\nA;x=y\r\n012345678}\r\n0\r\nTrailer: z\r\n\r\n"},
		{name: "refused", answer: "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}", err: "expected a 2xx, got HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}"},
		{name: "no end", answer: "HTTP/1.1 200 OK\r\n\r\n{}", err: "expected a body of known length or in chunks, got neither"},
		{name: "no chunk", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}\r\n", err: `expected the size of a chunk, got "{}\r\n"`},
	} {
		c := &caller{reader: bufio.NewReader(bytes.NewBufferString(tt.answer + next))}
		err := c.answer()
		switch {
		case tt.err == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.err == "":
			if err := c.answer(); err != nil || c.reader.Buffered() > 0 {
				t.Errorf("%s: the next answer: %v, %d bytes are left", tt.name, err, c.reader.Buffered())
			}
		case err == nil || err.Error() != tt.err && err.Error() != tt.err+next:
			t.Errorf("%s: expected %q, got %v", tt.name, tt.err, err)
		}
	}
}
