package main

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
)

// wholeReports makes sure that all reports of a run exist and are complete, and returns the
// run.
func wholeReports(t *testing.T, dir string) result.Run {
	t.Helper()
	run, err := evidence.ReadDir(dir) // results.json with exchanges.jsonl
	if err != nil {
		t.Fatal(err)
	}
	for name, end := range map[string]string{result.PageFile: "</html>", result.JUnitFile: "</testsuites>", result.SummaryFile: ""} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.HasSuffix(bytes.TrimSpace(text), []byte(end)) {
			t.Errorf("%s: expected a whole file, got %d bytes, %v", name, len(text), err)
		}
		if name == result.JUnitFile {
			if err := xml.Unmarshal(text, new(struct{})); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	return run
}

// exchangesOf returns all exchanges of a run.
func exchangesOf(t *testing.T, dir string) []exchange.Exchange {
	t.Helper()
	file, err := os.Open(filepath.Join(dir, result.ExchangesFile))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	exchanges, err := evidence.ReadExchanges(file)
	if err != nil {
		t.Fatal(err)
	}
	return exchanges
}

// withVerdict returns the number of cases with the given verdict.
func withVerdict(run result.Run, v judge.Verdict) (n int) {
	for i := range run.Cases {
		if run.Cases[i].Verdict == v {
			n++
		}
	}
	return n
}

var page404 = "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{"

// brokenAnswers are faults with which no complete answer arrives.
var brokenAnswers = []struct {
	name  string
	fault fault
	kind  exchange.FailureKind
	says  string
}{
	{"reset", onWire(func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }), exchange.Dropped, "ended without an answer: read: connection reset by peer"},
	{"closed", onWire(func(net.Conn) {}), exchange.Dropped, "ended without an answer: EOF"},
	{"hangs before the answer", hangsAfter(""), exchange.TimedOut, "no answer within 2s"},
	{"hangs in the head", hangsAfter("HTTP/1.1 404 Not Found\r\nX-"), exchange.TimedOut, "no answer within 2s"},
	{"hangs in the body", hangsAfter(page404), exchange.TimedOut, "the answer's body did not end within 2s"},
	{"drips", onWire(func(c net.Conn) { drip(page404 + strings.Repeat(" ", 80))(c) }), exchange.TimedOut, "within 2s"},
	{"noise", writes("\x00\x01\x02\x1b[31mnoise\n\n"), exchange.Garbled, `not HTTP as it should be: malformed HTTP response "\x00\x01`},
	{"noise without an end", onWire(func(c net.Conn) { endless("", strings.Repeat("\x1b[31mnoise", 5000))(c) }), exchange.Garbled, "not HTTP as it should be"},
	{"a long line of noise", writes(strings.Repeat("\x01", 50_000) + "\n\n"), exchange.Garbled, "malformed HTTP response"},
	{"TLS on the plain port", writes("\x15\x03\x01\x00\x02\x02\x0a"), exchange.Garbled, `malformed HTTP response "\x15\x03\x01`},
	{"endless head", onWire(func(c net.Conn) { endless("HTTP/1.1 200 OK\r\n", "X-More: "+strings.Repeat("x", 5000)+"\r\n")(c) }), exchange.Garbled, "server response headers exceeded 65536 bytes"},
	{"length too long", writes(page404 + "}"), exchange.Cut, "the answer's body ended too early: unexpected EOF"},
	{"cut in a chunk", writes("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{"), exchange.Cut, "the answer's body ended too early: unexpected EOF"},
	{"two lengths", writes("HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}"), exchange.Garbled, "Content-Length"},
}

// judgeFaulty judges a server with a fault. It is served in memory, where waiting takes no
// time, unless it depends on how TCP ends a connection.
func judgeFaulty(t *testing.T, affected affected, fault fault, kind exchange.FailureKind, args ...string) (e *faultyServer, c outcome, dir string) {
	t.Helper()
	dir = t.TempDir()
	args = append(args, "--output", dir)
	if kind == exchange.Dropped {
		e = startFaulty(t, affected, fault)
		return e, call(t, nil, e.args(append(args, "--request-timeout", "20s")...)...), dir
	}
	synctest.Test(t, func(t *testing.T) {
		e = startInMemory(t, affected, fault)
		c = call(t, nil, e.args(args...)...)
	})
	return e, c, dir
}

// A fault that does not happen again is not a deviation: the request is repeated, and the
// run judges everything that it would have judged without the fault.
func TestPassingFaultsAreOvercome(t *testing.T) {
	t.Parallel()
	for i, tt := range brokenAnswers {
		if testing.Short() && i%6 != 2 {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, c, dir := judgeFaulty(t, some, tt.fault, tt.kind, "--label-filter", someCases)
			if c.status != exitConforms || c.stderr != "" {
				t.Errorf("expected status 0 and nothing on standard error, got %d: %.500s %.500s", c.status, c.stdout, c.stderr)
			}
			plain(t, c)
			run := wholeReports(t, dir)
			if n := withVerdict(run, judge.Error); n > 0 || withVerdict(run, judge.Conforms)+withVerdict(run, judge.Advisory) < 60 {
				t.Errorf("expected that all is judged, got %d of %d cases that are not, and %d that conform", n, len(run.Cases), withVerdict(run, judge.Conforms))
			}
			came, faulty := e.counts()
			failed, superseded := 0, 0
			exchanges := exchangesOf(t, dir)
			for _, x := range exchanges {
				if x.Failure == nil {
					continue
				}
				if x.Superseded != "" {
					superseded++
					continue
				}
				if failed++; x.Failure.Kind != tt.kind || !strings.Contains(x.Failure.Message, tt.says) || len(x.Failure.Message) > 400 {
					t.Errorf("expected %s, %q, got %+v", tt.kind, tt.says, x.Failure)
				}
			}
			// net/http itself repeats a GET whose connection ends before an answer.
			if faulty < 15 || failed+superseded != faulty || came != len(exchanges) || superseded > 0 && tt.kind != exchange.Dropped {
				t.Errorf("%d of %d requests got the fault; %d of %d exchanges failed, and %d were sent again", faulty, came, failed, len(exchanges), superseded)
			}
		})
	}
}

// A fault that persists ends the run, which cannot tell whose it is. Cases that were judged before
// keep their verdicts, and few requests are sent after it.
func TestLastingFaultsAreNamed(t *testing.T) {
	t.Parallel()
	for i, tt := range brokenAnswers {
		if testing.Short() && i%6 != 0 {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, c, dir := judgeFaulty(t, every, tt.fault, tt.kind, "--label-filter", "showGraph || showJob", "--recovery-timeout", "1s")
			if c.status != exitNotJudged || !strings.Contains(c.stdout, "\ncould not judge: ") || !strings.Contains(c.stdout, "; the endpoint no longer answers: since ") {
				t.Errorf("expected status 2 and since when there are no answers, got %d: %.500s %.500s", c.status, c.stdout, c.stderr)
			}
			if !strings.Contains(c.stdout, tt.says) {
				t.Errorf("expected %q in the report", tt.says)
			}
			plain(t, c)
			run := wholeReports(t, dir)
			if n := withVerdict(run, judge.Conforms); n < servedWell/2 {
				t.Errorf("expected the first cases to stay judged, got %d", n)
			}
			came, _ := e.counts()
			most := servedWell + 2*(32+40) // the requests under way, and the controls; net/http itself repeats a GET whose connection ends before an answer
			if came > most {
				t.Errorf("expected at most %d requests, got %d", most, came)
			}
		})
	}
}

// bomb returns a small gzip file of a JSON object of 64 MiB.
func bomb() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	blank := bytes.Repeat([]byte(" "), 1<<20)
	for range 64 {
		_, _ = z.Write(blank) // a bytes.Buffer takes everything
	}
	_, _ = io.WriteString(z, "{}")
	_ = z.Close()
	return b.Bytes()
}

// Answers that are valid HTTP, but that the service would never give, are judged as they
// are: redirects are not followed, and bodies not decompressed.
func TestStrangeAnswersAreJudged(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int64
	other := httptest.NewUnstartedServer(http.NotFoundHandler())
	other.Config.ConnState = func(net.Conn, http.ConnState) { elsewhere.Add(1) } // a connection alone is too much
	other.Start()
	t.Cleanup(other.Close)
	inflated := string(bomb())
	for _, tt := range []struct {
		name    string
		fault   fault
		status  int
		body    string // as it is kept
		failure exchange.FailureKind
	}{
		{"redirect loop", func(_ *faultyServer, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", r.RequestURI)
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, 307, "", ""},
		{"redirect to another host", answers(302, "", "Location", other.URL+"/"), 302, "", ""},
		{"redirect to another host that keeps the method", answers(308, "", "Location", other.URL+"/"), 308, "", ""},
		{"gzip bomb", answers(404, inflated, "Content-Encoding", "gzip", "Content-Type", "application/json"), 404, strings.Repeat(" ", 64<<10), exchange.TooLong},
		{"length too short", writes("HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\n{}"), 404, "{", exchange.Garbled}, // the rest may be read as an answer to the next request
		{"endless body", onWire(func(c net.Conn) { endless("HTTP/1.1 404 Not Found\r\n\r\n", strings.Repeat(" ", 64<<10))(c) }), 404, strings.Repeat(" ", 64<<10), exchange.TooLong},
		{"HTML", answers(404, "<html><h1>Not Found</h1></html>", "Content-Type", "text/html"), 404, "<html><h1>Not Found</h1></html>", ""},
		{"101, and nothing more", hangsAfter("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"), 101, "", ""},
		{"500", answers(500, `{"error_code":"GES.0009","error_msg":"no"}`, "Content-Type", "application/json"), 500, `{"error_code":"GES.0009","error_msg":"no"}`, ""},
	} {
		if testing.Short() && tt.name != "redirect to another host" {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, dir := startFaulty(t, third, tt.fault), t.TempDir()
			c := call(t, nil, e.args("--output", dir, "--request-timeout", "20s", "--concurrency", "1", "--seed", "1", "--label-filter", someCases)...) // a megabyte may take a while
			if c.status != exitDeviates || c.stderr != "" {
				t.Errorf("expected status 1, got %d: %.500s %.500s", c.status, c.stdout, c.stderr)
			}
			plain(t, c)
			run := wholeReports(t, dir)
			if withVerdict(run, judge.Error) > 0 || withVerdict(run, judge.Conforms) <= len(run.Cases)/2 {
				t.Errorf("expected that all is judged and most conforms, got %d that are not, %d that conform", withVerdict(run, judge.Error), withVerdict(run, judge.Conforms))
				for i := range run.Cases {
					if run.Cases[i].Verdict == judge.Error {
						t.Errorf("%s: %s", run.Cases[i].Case, run.Cases[i].Reason)
					}
				}
			}
			strange := 0
			for _, x := range exchangesOf(t, dir) {
				if x.Status() == tt.status && (string(x.Answer.Body) == tt.body || x.Request.Method == http.MethodHead) {
					strange++
				}
				if x.Failure != nil && x.Failure.Kind != tt.failure {
					t.Errorf("expected failures of kind %q, got %+v", tt.failure, x.Failure)
				}
			}
			if came, faulty := e.counts(); strange < faulty || came > servedWell+6*len(run.Cases) {
				t.Errorf("of %d requests %d got the fault, and %d such answers are kept", came, faulty, strange)
			}
		})
	}
	t.Cleanup(func() {
		if n := elsewhere.Load(); n > 0 {
			t.Errorf("the other host was called: %d", n)
		}
	})
}

const (
	throttled429 = `{"error_code":"APIGW.0308","error_msg":"The throttling threshold has been reached"}`
	throttled503 = `{"error_code":"APIGW.0613","error_msg":"no"}`
)

func constant(text string) func() string { return func() string { return text } }

// storms are the answers of a gateway that throttles, with valid and invalid values of
// Retry-After. Whatever the value, --request-timeout limits the wait.
var storms = []struct {
	name   string
	status int
	body   string
	after  func() string // what Retry-After says
	whole  bool          // also tested as the answer to every request
}{
	{"429", 429, throttled429, constant(""), true},
	{"503", 503, throttled503, constant(""), true},
	{"429, at once", 429, throttled429, constant("0"), true},
	{"503, in a second", 503, throttled503, constant("1"), false},
	{"429, at a date", 429, throttled429, func() string { return time.Now().Add(time.Minute).UTC().Format(http.TimeFormat) }, false},
	{"503, at a date that is over", 503, throttled503, constant("Fri, 01 Jan 1999 00:00:00 GMT"), false},
	{"429, garbage", 429, throttled429, constant("soon; maybe"), false},
	{"503, a negative number", 503, throttled503, constant("-5"), false},
	{"429, in a year", 429, throttled429, constant("31536000"), true},
	{"503, what overflows", 503, throttled503, constant("9223372036854775807"), false},
	{"429, more than a number", 429, throttled429, constant("99999999999999999999"), false},
}

// storm returns a fault that refuses a request, with a Retry-After.
func storm(status int, body string, after func() string) func(*faultyServer, http.ResponseWriter, *http.Request) {
	return func(e *faultyServer, w http.ResponseWriter, r *http.Request) {
		var header []string
		if text := after(); text != "" {
			header = []string{"Retry-After", text}
		}
		answers(status, body, append(header, "Content-Type", "application/json")...)(e, w, r)
	}
}

// If each request passes the second time, throttling has no effect on the verdicts. If it
// does not end, the cases cannot be judged, nothing deviates, and at most five requests are
// sent for each.
func TestThrottlingStorms(t *testing.T) {
	t.Parallel()
	for _, tt := range storms {
		if testing.Short() && !tt.whole {
			continue
		}
		t.Run(tt.name+", every request once", func(t *testing.T) {
			t.Parallel()
			e, c, dir := judgeFaulty(t, first, storm(tt.status, tt.body, tt.after), exchange.TimedOut, "--label-filter", "showGraph || showJob")
			if c.status != exitConforms || c.stderr != "" {
				t.Errorf("expected status 0 and no word, got %d: %.500s %.500s", c.status, c.stdout, c.stderr)
			}
			if n := withVerdict(wholeReports(t, dir), judge.Error); n > 0 {
				t.Errorf("expected that all is judged, got %d cases that are not", n)
			}
			if came, faulty := e.counts(); faulty < 20 || came > servedWell+2*faulty+50 {
				t.Errorf("%d requests came, %d of which were refused", came, faulty)
			}
		})
		if !tt.whole || testing.Short() && tt.status == http.StatusServiceUnavailable {
			continue
		}
		t.Run(tt.name+", every request", func(t *testing.T) {
			t.Parallel()
			e, c, dir := judgeFaulty(t, every, storm(tt.status, tt.body, tt.after), exchange.TimedOut, "--label-filter", "showGraph")
			if c.status != exitNotJudged {
				t.Errorf("expected status 2, got %d: %.500s", c.status, c.stdout)
			}
			oneSentence(t, c, "could not judge: ", http.StatusText(tt.status))
			run := wholeReports(t, dir)
			for i := range run.Cases {
				if k := &run.Cases[i]; k.Verdict == judge.Error && len(k.Findings) > 0 && !strings.Contains(k.Findings[0].Hint, "lower --rate or --concurrency, or try again later") {
					t.Errorf("%s: expected advice, got %+v", k.Case, k.Findings)
				}
			}
			if withVerdict(run, judge.Deviates) > 0 || withVerdict(run, judge.Conforms) < servedWell/2 {
				t.Errorf("expected no deviation, and the first cases to stay judged, got %d and %d", withVerdict(run, judge.Deviates), withVerdict(run, judge.Conforms))
			}
			if came, _ := e.counts(); came > servedWell+5*(len(run.Cases)+2) {
				t.Errorf("expected at most five requests a case, got %d for %d cases", came, len(run.Cases))
			}
		})
	}
}
