package fakeadmin

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// onlyChanges are intervals with which a stream only sends changes.
var onlyChanges = intervals{least: time.Millisecond, tick: time.Hour, keepAlive: time.Hour, writeTimeout: time.Minute}

// A listener reads a stream of events.
type listener struct {
	t      *testing.T
	answer *http.Response
	lines  *bufio.Scanner
}

// serve serves the administration of a fake over a network in memory, with HTTP/2 over TLS if
// secure. It returns a function that listens to the events, and one that shuts the server down.
func serve(t *testing.T, s *fakeserver.Server, p intervals, secure bool, configure ...func(*http.Server)) (listen func(context.Context) *listener, end func()) {
	t.Helper()
	h := newHandler(s)
	h.intervals = p
	network := inprocess.Listen()
	server := &httptest.Server{Listener: network, Config: &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}, EnableHTTP2: true}
	for _, set := range configure {
		set(server.Config)
	}
	if secure {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	server.Client().Transport.(*http.Transport).DialContext = network.Dial
	end = func() {
		if err := server.Config.Shutdown(t.Context()); err != nil {
			t.Errorf("expected the server to shut down without an error, got %v", err)
		}
	}
	return func(ctx context.Context) *listener {
		t.Helper()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/_fake/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = answer.Body.Close() })
		if got := answer.Header.Get("Content-Type"); got != "text/event-stream" || answer.ProtoMajor != map[bool]int{false: 1, true: 2}[secure] {
			t.Errorf("expected a stream of events, got %q over %s", got, answer.Proto)
		}
		return &listener{t, answer, bufio.NewScanner(answer.Body)}
	}, end
}

// next waits for the next line that begins with prefix, and returns the rest of it.
func (l *listener) next(prefix string) string {
	l.t.Helper()
	for l.lines.Scan() {
		if rest, ok := strings.CutPrefix(l.lines.Text(), prefix); ok {
			return rest
		}
	}
	l.t.Fatalf("expected a line %q…, got the end of the stream: %v", prefix, l.lines.Err())
	return ""
}

// change waits for the next event.
func (l *listener) change() (c struct {
	First, Last uint64
	Now         time.Time
}) {
	l.t.Helper()
	l.next("event: change")
	if err := json.Unmarshal([]byte(l.next("data: ")), &c); err != nil {
		l.t.Fatal(err)
	}
	return c
}

func bothProtocols(t *testing.T, test func(t *testing.T, secure bool)) {
	t.Parallel()
	for name, secure := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, secure)
		})
	}
}

func TestEventsTellOfChanges(t *testing.T) {
	bothProtocols(t, func(t *testing.T, secure bool) {
		s := newSite(t, still)
		listen, _ := serve(t, s.Server, onlyChanges, secure)
		l := listen(t.Context())
		if got := l.change(); got.First != 1 || got.Last != 0 || got.Now.Hour() != 4 {
			t.Errorf("expected an event at once, got %+v", got)
		}
		s.upgrade(`{}`)
		if got := l.change(); got.Last != 1 {
			t.Errorf("expected an event for a request, got %+v", got)
		}
		s.Advance(time.Hour)
		if got := l.change(); got.Now.Hour() != 5 {
			t.Errorf("expected an event for the clock, got %+v", got)
		}
		s.Reset()
		if got := l.change(); got.First != 2 || got.Now.Hour() != 4 {
			t.Errorf("expected an event for a reset, got %+v", got)
		}
	})
}

// While a job is under way, events are sent although nothing else changes, and one more
// when it has ended. Then only comments are sent, to keep the connection open.
func TestEventsTickWhileJobsMove(t *testing.T) {
	t.Parallel()
	s := newSite(t, fakeserver.WithUpgradeTimes(time.Hour))
	p := onlyChanges
	p.tick = time.Millisecond
	listen, _ := serve(t, s.Server, p, false)
	s.upgrade(`{"upgrade_version":"2.2.9"}`)
	l := listen(t.Context())
	for range 5 {
		l.change()
	}
	s.Advance(2 * time.Hour)
	for now := s.Now(); l.change().Now.Before(now); {
		continue
	}
	if s.Jobs(1)[0].Status != "success" {
		t.Error("expected the job to have ended")
	}
	quiet := p
	quiet.keepAlive = 20 * time.Millisecond
	listen, _ = serve(t, s.Server, quiet, false)
	l = listen(t.Context())
	l.change()
	for l.lines.Scan() {
		if line := l.lines.Text(); line == "event: change" {
			t.Error("expected no events when nothing moves")
		} else if line == ": still here" {
			break
		}
	}
}

// Many changes in a short time make few events, and the last change is never missed.
func TestEventsAreFew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const changes = 500
		s := newSite(t)
		p := onlyChanges
		p.least = 50 * time.Millisecond
		listen, _ := serve(t, s.Server, p, false)
		l := listen(t.Context())
		l.change()
		go func() {
			for range changes {
				s.ask(http.MethodGet, "/", "")
				time.Sleep(time.Millisecond)
			}
		}()
		events := 1
		for ; l.change().Last < changes; events++ {
			continue
		}
		if events > changes/10 {
			t.Errorf("expected few events for %d changes, got %d", changes, events)
		}
	})
}

// The server's time limits do not end a stream.
func TestEventsOutliveTheTimeLimit(t *testing.T) {
	bothProtocols(t, func(t *testing.T, secure bool) {
		synctest.Test(t, func(t *testing.T) {
			s := newSite(t)
			const limit = 2 * time.Second
			p := onlyChanges
			p.writeTimeout, p.keepAlive = limit, limit+100*time.Millisecond
			listen, _ := serve(t, s.Server, p, secure, func(s *http.Server) {
				s.ReadHeaderTimeout, s.ReadTimeout, s.WriteTimeout = limit, limit, limit
			})
			l := listen(t.Context())
			l.change()
			l.next(": still here")
			s.upgrade(`{}`)
			l.change()
		})
	})
}

func TestEventsEndWithTheServer(t *testing.T) {
	bothProtocols(t, func(t *testing.T, secure bool) {
		s := newSite(t)
		listen, end := serve(t, s.Server, onlyChanges, secure)
		l := listen(t.Context())
		l.change()
		ended := make(chan struct{})
		go func() {
			end() // would not return if the stream went on
			close(ended)
		}()
		defer func() { <-ended }()
		if rest, err := io.ReadAll(l.answer.Body); len(rest) > 0 && err == nil && !strings.HasPrefix(string(rest), "\n") {
			t.Errorf("expected the end of the stream, got %q", rest)
		}
	})
}

func TestEventsEndWithTheClient(t *testing.T) {
	bothProtocols(t, func(t *testing.T, secure bool) {
		h := newHandler(fakeserver.New())
		h.intervals = onlyChanges
		ended := make(chan struct{})
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(w, r)
			close(ended)
		}))
		server.EnableHTTP2 = true
		if secure {
			server.StartTLS()
		} else {
			server.Start()
		}
		t.Cleanup(server.Close)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/_fake/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		(&listener{t, answer, bufio.NewScanner(answer.Body)}).change()
		cancel()
		<-ended
	})
}
