package fakeserver_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// overTCP sends a request over TCP, on a connection of its own.
func overTCP(t *testing.T, running *fakeserver.Running, r request) (status int, header http.Header, body string, err error) {
	t.Helper()
	in := r.build(running.Fixtures())
	out, err := http.NewRequestWithContext(t.Context(), in.Method, running.URL+in.URL.EscapedPath(), strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	out.Header, out.Close = in.Header, true
	client := *running.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Do(out)
	if err != nil {
		return 0, nil, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, answer.Header, string(text), err
}

func version(fake *fakeserver.Server) string {
	for _, g := range fake.Graphs() {
		if g.ID == fake.Fixtures().GraphID {
			return g.Version
		}
	}
	return ""
}

func TestFaults(t *testing.T) {
	usual := fakeserver.New().Fixtures() // the same in each server with the default seed
	id, project := usual.GraphID, usual.ProjectID
	for _, test := range []struct {
		name    string
		fault   scenario.Fault
		status  int    // 0 for none
		answer  string // a part of it
		header  http.Header
		failure error
		acted   bool // whether the upgrade takes place
	}{
		{
			name:  "status and code",
			fault: scenario.Fault{Answer: &scenario.Answer{Status: 500, Code: "GES.7006"}}, status: 500,
			answer: `{"error_code":"GES.7006","error_msg":"An internal error occurs in the underlying service of the graph engine."}`,
		},
		{
			name:  "status with its usual code",
			fault: scenario.Fault{Answer: &scenario.Answer{Status: 503, RetryAfter: new(1500 * time.Millisecond)}}, status: 503,
			answer: `"error_code":"APIGW.0613"`, header: http.Header{"Retry-After": {"2"}, "Content-Type": {"application/json"}},
		},
		{
			name:  "throttled",
			fault: scenario.Fault{Answer: &scenario.Answer{Status: 429, Message: "slow down", RetryAfter: new(time.Second)}}, status: 429,
			answer: `{"error_code":"APIGW.0308","error_msg":"slow down","request_id":"`, header: http.Header{"Retry-After": {"1"}},
		},
		{
			name:  "a page",
			fault: scenario.Fault{Answer: &scenario.Answer{Status: 502, Page: true}}, status: 502,
			answer: "<title>502 Bad Gateway</title>", header: http.Header{"Content-Type": {"text/html"}},
		},
		{
			name:  "an answer after the upgrade",
			fault: scenario.Fault{After: true, Answer: &scenario.Answer{Status: 504}}, status: 504, answer: "APIGW.0201", acted: true,
		},
		{name: "a delay", fault: scenario.Fault{Delay: &scenario.Delay{From: time.Millisecond, To: 2 * time.Millisecond}}, status: 200, answer: "job_id", acted: true},
		{name: "a reset", fault: scenario.Fault{Break: scenario.Reset}, failure: syscall.ECONNRESET},
		{name: "a reset after the upgrade", fault: scenario.Fault{After: true, Break: scenario.Reset}, failure: syscall.ECONNRESET, acted: true},
		{name: "half an answer", fault: scenario.Fault{Break: scenario.Truncate}, status: 200, answer: `{"job_id`, failure: io.ErrUnexpectedEOF, acted: true},
		{name: "half a failure", fault: scenario.Fault{Answer: &scenario.Answer{Status: 500}, Break: scenario.Truncate}, status: 500, answer: `{"error`, failure: io.ErrUnexpectedEOF},
		{name: "a reset before the body", fault: scenario.Fault{Break: scenario.ResetEarly}, failure: syscall.ECONNRESET},
		{name: "a close", fault: scenario.Fault{Break: scenario.Close}, failure: io.EOF},
		{name: "a close after the upgrade", fault: scenario.Fault{After: true, Break: scenario.Close}, failure: io.EOF, acted: true},
		{name: "drop by drop", fault: scenario.Fault{Break: scenario.Drip}, status: 200, answer: `"}`, acted: true},
		{
			name:  "a failure drop by drop",
			fault: scenario.Fault{Answer: &scenario.Answer{Status: 500}, Break: scenario.Drip}, status: 500, answer: `"error_msg"`,
		},
		{
			name:  "throttled for no time",
			fault: scenario.Fault{Answer: &scenario.Answer{Status: 429, RetryAfter: new(time.Duration)}}, status: 429, header: header("Retry-After", "0"),
		},
		{
			name:  "a redirect to the same origin",
			fault: scenario.Fault{Answer: &scenario.Answer{Status: 307, Location: "{target}?again"}}, status: 307,
			header: header("Location", "/v2/"+project+"/graphs/"+id+"/upgrade?again"),
		},
		{
			name:  "a redirect to another origin, after the upgrade",
			fault: scenario.Fault{After: true, Answer: &scenario.Answer{Status: 302, Location: "http://other.test{target}"}}, status: 302,
			header: header("Location", "http://other.test/v2/"+project+"/graphs/"+id+"/upgrade"), acted: true,
		},
		{
			name:  "a large answer",
			fault: scenario.Fault{Enlarge: &scenario.Enlarge{Bytes: 100_000}}, status: 200, answer: strings.Repeat("x", 100_000) + `"}`, acted: true,
		},
		{
			name:  "a deep answer",
			fault: scenario.Fault{Enlarge: &scenario.Enlarge{Depth: 5000}}, status: 200, answer: strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}", acted: true,
		},
		{name: "none for other operations", fault: scenario.Fault{Match: scenario.Match{Operation: "showJob"}, Break: scenario.Reset}, status: 200, acted: true},
		{name: "none for other graphs", fault: scenario.Fault{Match: scenario.Match{Graph: "ges_stopped"}, Break: scenario.Reset}, status: 200, acted: true},
		{
			name:  "the prefix of other services' gateways",
			fault: scenario.Fault{Answer: &scenario.Answer{Status: 401, Code: "APIG.0301"}}, status: 401,
			answer: `{"error_code":"APIG.0301","error_msg":"IAM authentication information is missing or wrong","request_id":"`,
		},
		{name: "for the graph by its id", fault: scenario.Fault{Match: scenario.Match{Graph: id}, Answer: &scenario.Answer{Status: 500}}, status: 500},
		{name: "for the graph by its name", fault: scenario.Fault{Match: scenario.Match{Graph: "ges_demo"}, Answer: &scenario.Answer{Status: 500}}, status: 500},
	} {
		t.Run(test.name, func(t *testing.T) {
			running := fakeserver.Start(t, fakeserver.WithFault(test.fault), fakeserver.WithUpgradeTimes(0))
			status, header, body, err := overTCP(t, running, request{body: good})
			if status != test.status || !strings.Contains(body, test.answer) || !errors.Is(err, test.failure) {
				t.Errorf("got %d, %s, %v", status, body, err)
			}
			for name := range test.header {
				if got, want := header.Get(name), test.header.Get(name); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
			if acted := version(running.Server) == "2.2.9"; acted != test.acted {
				t.Errorf("the graph has the version %s", version(running.Server))
			}
		})
	}
}

// startArriving is a server of a fake with a fault, which holds each request
// back, and tells when it has one.
func startArriving(t *testing.T, http2 bool, fault scenario.Fault) (fake *fakeserver.Server, server *httptest.Server, arrived <-chan struct{}) {
	t.Helper()
	fake = fakeserver.New(fakeserver.WithUpgradeTimes(0), fakeserver.WithFault(fault))
	arrivals := make(chan struct{}, 1)
	server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body) // all of it, or the end of its client would end it, too
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		arrivals <- struct{}{}
		fake.ServeHTTP(w, r)
	}))
	if server.EnableHTTP2 = http2; http2 {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return fake, server, arrivals
}

// giveUp sends a request, and gives it up when it has arrived.
func giveUp(t *testing.T, r request, fake *fakeserver.Server, server *httptest.Server, arrived <-chan struct{}) {
	t.Helper()
	in := r.build(fake.Fixtures())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, err := http.NewRequestWithContext(ctx, in.Method, server.URL+in.URL.EscapedPath(), in.Body)
	if err != nil {
		t.Fatal(err)
	}
	out.Header = in.Header
	failed := make(chan error, 1)
	go func() {
		answer, err := server.Client().Do(out)
		if err == nil {
			_ = answer.Body.Close()
		}
		failed <- err
	}()
	select {
	case <-arrived:
	case err := <-failed:
		t.Fatalf("expected no answer and no error, got %v", err)
	}
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestHang(t *testing.T) {
	fake, server, arrived := startArriving(t, false, scenario.Fault{Name: "stuck", Break: scenario.Hang})
	changes, stop := fake.Watch()
	defer stop()
	giveUp(t, request{method: http.MethodGet, path: "/v2/p/graphs/g"}, fake, server, arrived)
	<-changes
	if x := fake.Journal(0); len(x) != 1 || x[0].Status != 0 || x[0].Fault != "stuck" {
		t.Errorf("got the journal %+v", x)
	}
}

// Which calls a fault strikes depends on their number or, if it has a probability, on the
// seed.
func TestWhichCallsAreStruck(t *testing.T) {
	const calls = 200
	struck := func(m scenario.Match, seed int64) (list []int) {
		server := fakeserver.New(fakeserver.WithSeed(seed), fakeserver.WithFault(scenario.Fault{Match: m, Answer: &scenario.Answer{Status: 500}}))
		f := server.Fixtures()
		for i := range calls {
			if (request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}"}).send(server, f).Code == http.StatusInternalServerError {
				list = append(list, i+1)
			}
			request{method: http.MethodGet, path: "/v2/{p}/graphs"}.send(server, f) // does not match
		}
		return list
	}
	shown := scenario.Match{Operation: "showGraph"}
	numbered := shown
	numbered.Calls = []int{2, 5, 300}
	if got := struck(numbered, 1); !slices.Equal(got, []int{2, 5}) {
		t.Errorf("by number: got %v", got)
	}
	chance := shown
	chance.Probability = 0.3
	one, again, two := struck(chance, 1), struck(chance, 1), struck(chance, 2)
	if !slices.Equal(one, again) || slices.Equal(one, two) {
		t.Errorf("expected the seed to decide: got %v and %v with one seed, %v with another", one, again, two)
	}
	if len(one) < calls/5 || len(one) > calls*2/5 {
		t.Errorf("got %d of %d with a probability of 0.3", len(one), calls)
	}
}

// If several faults strike a request, their delays add up, and the first answer counts.
func TestSeveralFaults(t *testing.T) {
	const delay = time.Hour
	synctest.Test(t, func(t *testing.T) {
		server := fakeserver.New(
			fakeserver.WithFault(scenario.Fault{Delay: &scenario.Delay{From: delay}}),
			fakeserver.WithFault(scenario.Fault{Delay: &scenario.Delay{From: delay}, Answer: &scenario.Answer{Status: 503}}),
			fakeserver.WithFault(scenario.Fault{Answer: &scenario.Answer{Status: 500}}),
		)
		started := time.Now()
		got := request{body: good}.send(server, server.Fixtures())
		if took := time.Since(started); got.Code != http.StatusServiceUnavailable || took != 2*delay {
			t.Errorf("got %d after %s", got.Code, took)
		}
	})
}

func TestPrefer(t *testing.T) {
	for _, test := range []struct {
		allowed bool
		prefer  string
		want    string
		applied string
	}{
		{true, "code=503", "Service Unavailable APIGW.0613", "code=503"},
		{true, `return=minimal; code="404", wait=10`, "Not Found APIGW.0101", "code=404"},
		{true, "code=408", "Request Timeout GES.7005", "code=408"},
		{true, "code=200", "OK", ""},
		{true, "code=99999", "OK", ""},
		{true, "code=", "OK", ""},
		{false, "code=503", "OK", ""},
	} {
		s := scenario.Default()
		s.Prefer = test.allowed
		server := fakeserver.New(fakeserver.WithScenario(s))
		got := request{body: good, header: header("Prefer", test.prefer)}.send(server, server.Fixtures())
		if outcome(got) != test.want || got.Header().Get("Preference-Applied") != test.applied {
			t.Errorf("%q, allowed %v: got %q and %v", test.prefer, test.allowed, outcome(got), got.Header())
		}
		if x := server.Journal(0)[0]; (x.Fault == "preferred") != (test.applied != "") {
			t.Errorf("%q: the journal has the fault %q", test.prefer, x.Fault)
		}
	}
}

// The layers must also serve a request whose Body is nil, as http.NewRequest makes it.
func TestFaultsOnRequestsWithoutABody(t *testing.T) {
	server := fakeserver.New(fakeserver.WithFault(scenario.Fault{Answer: &scenario.Answer{Status: 503}}))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/v2/p/graphs/g", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	server.ServeHTTP(answer, r)
	if got := outcome(answer); got != "Service Unavailable APIGW.0613" {
		t.Errorf("got %q", got)
	}
}

// A delayed upgrade takes place even if the client gives up waiting, both over HTTP/1.1
// and over HTTP/2.
func TestDelayedUpgradesTakePlace(t *testing.T) {
	for name, http2 := range map[string]bool{"HTTP-1.1": false, "HTTP-2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, server, arrived := startArriving(t, http2, scenario.Fault{Delay: &scenario.Delay{From: time.Hour}})
			changes, stop := fake.Watch()
			defer stop()
			giveUp(t, request{body: good}, fake, server, arrived)
			<-changes
			if got := version(fake); got != "2.2.9" {
				t.Errorf("the graph has the version %s", got)
			}
			if x := fake.Journal(0); len(x) != 1 || x[0].Status != 0 {
				t.Errorf("got the journal %+v", x)
			}
		})
	}
}

// A fault that could never strike, or that does nothing, is an error.
func TestFaultsThatMakeNoSense(t *testing.T) {
	for want, fault := range map[string]scenario.Fault{
		`operation "upgrade"`: {Match: scenario.Match{Operation: "upgrade"}, Break: scenario.Hang},
		"status 0":            {Answer: &scenario.Answer{Code: "GES.7006"}},
		"status 199":          {Answer: &scenario.Answer{Status: 199}},
		"neither page":        {Answer: &scenario.Answer{Status: 200, Body: "{}", Page: true}},
		"has no body":         {Answer: &scenario.Answer{Status: 204, Body: "{}"}},
		"only the fake":       {Answer: &scenario.Answer{Status: 200, Headers: []string{"A: b", "content-length: 7"}}},
		`break "closed"`:      {Break: "closed"},
		`no graph "ges_dmo"`:  {Match: scenario.Match{Graph: "ges_dmo"}, Break: scenario.Hang},
		"got none":            {Name: "idle"},
	} {
		s := scenario.Default()
		s.Faults = []scenario.Fault{fault}
		for name, option := range map[string]fakeserver.Option{"option": fakeserver.WithFault(fault), "scenario": fakeserver.WithScenario(s)} {
			if _, err := fakeserver.Build(option); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", name, err, want)
			}
		}
	}
}

// Over HTTP/2 a connection cannot be hijacked: only the stream is broken.
func TestBreaksOverHTTP2(t *testing.T) {
	for name, test := range map[string]struct {
		fault  scenario.Fault
		status int
	}{
		"reset":    {scenario.Fault{Break: scenario.Reset}, 0},
		"truncate": {scenario.Fault{Break: scenario.Truncate}, http.StatusOK},
	} {
		running := fakeserver.StartTLS(t, fakeserver.WithFault(test.fault))
		status, _, body, err := overTCP(t, running, request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}"})
		if status != test.status || err == nil || strings.HasSuffix(body, "}\n") {
			t.Errorf("%s: got %d, %q, %v", name, status, body, err)
		}
	}
}

// With TLS, it is the TCP connection below that must be reset.
func TestResetBelowTLS(t *testing.T) {
	running := fakeserver.StartTLS(t, fakeserver.WithFault(scenario.Fault{Break: scenario.Reset}))
	transport, ok := running.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatalf("the client has a %T", running.Client().Transport)
	}
	transport = transport.Clone()
	transport.TLSNextProto, transport.TLSClientConfig.NextProtos = map[string]func(string, *tls.Conn) http.RoundTripper{}, []string{"http/1.1"}
	answer, err := (&http.Client{Transport: transport}).Get(running.URL)
	if err == nil {
		_ = answer.Body.Close()
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v", err)
	}
}
