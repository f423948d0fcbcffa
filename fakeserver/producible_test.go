package fakeserver_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// inFile is the beginning of the scenario files.
const inFile = `
projects: [{name: p, id: "0123456789abcdef0123456789abcdef"}]
users: [{name: operator, tokens: [{project: p, value: a-token-0123456789}]}]
graphs: [{name: g, id: g1, project: p}]
`

// raw sends a request over TCP, on a connection of its own, and returns the first bytes of what comes, as they
// come, up to a limit or the end of the connection.
func raw(t *testing.T, running *fakeserver.Running, method, target, body string, limit int64) string {
	t.Helper()
	address := strings.TrimPrefix(running.URL, "http://")
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	_ = connection.SetDeadline(time.Now().Add(time.Minute)) // for a server that hangs; no test waits for it
	request, err := http.NewRequestWithContext(t.Context(), method, running.URL+"/v2/0123456789abcdef0123456789abcdef/graphs/g1"+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = http.Header{"X-Auth-Token": {"a-token-0123456789"}, "Content-Type": {"application/json"}, "Accept-Encoding": {"gzip"}}
	request.Close = true
	if err := request.Write(connection); err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(io.LimitReader(connection, limit)) // a reset is an end, too
	return string(got)
}

// Everything that a client may have to cope with can be told in a scenario file, and is on the wire then.
func TestWhatAScenarioFileCanProduce(t *testing.T) {
	t.Parallel()
	const upgrade, job = `POST /upgrade`, `GET /jobs/j1/status`
	const own = "upgrades: [{job-id: j1}]\n" // the job can be asked for
	const jobID = `"job_id":"j1"`
	for _, test := range []struct {
		name, file string
		calls      []string // the last one's answer counts
		want       []string // parts of it
		not        string
		upgraded   bool // whether an upgrade has begun
	}{
		{"201 with a job", own + "defects: [{name: accepted-201}]", []string{upgrade}, []string{"HTTP/1.1 201 Created\r\n", jobID}, "", true},
		{"202 with a job", own + "defects: [{name: accepted-202}]", []string{upgrade}, []string{"HTTP/1.1 202 Accepted\r\n", jobID}, "", true},
		{"201 without a job", own + "defects: [{name: accepted-201}, {name: job-id-missing}]", []string{upgrade}, []string{"HTTP/1.1 201 Created\r\n", "\r\n\r\n{}"}, "", true},
		{"202 without a job", own + "defects: [{name: accepted-202}, {name: job-id-missing}]", []string{upgrade}, []string{"HTTP/1.1 202 Accepted\r\n", "\r\n\r\n{}"}, "", true},
		{"202 without an upgrade", "faults: [{answer: {status: 202, body: '{}'}}]", []string{upgrade}, []string{"HTTP/1.1 202 Accepted\r\n", "\r\n\r\n{}"}, "", false},
		{"204", own + "defects: [{name: accepted-204}]", []string{upgrade}, []string{"HTTP/1.1 204 No Content\r\n"}, "Content-Length", true},
		{"204 without an upgrade", "faults: [{answer: {status: 204}}]", []string{upgrade}, []string{"HTTP/1.1 204 No Content\r\n"}, "Content-Length", false},
		{"a numeric job id", "upgrades: [{job-id: '168232'}]\ndefects: [{name: job-id-number}]", []string{upgrade}, []string{"200 OK", `{"job_id":168232}`}, "", true},
		{"and its job", "upgrades: [{job-id: '168232'}]\ndefects: [{name: job-id-number}]", []string{upgrade, "GET /jobs/168232/status"}, []string{"200 OK", `"status":"success"`}, "", true},
		{"{}", "defects: [{name: job-id-missing}]", []string{upgrade}, []string{"200 OK", "\r\n\r\n{}"}, "", true},
		{"null", "defects: [{name: accepted-null-body}]", []string{upgrade}, []string{"200 OK", "\r\n\r\nnull"}, "", true},
		{"an empty body", "defects: [{name: accepted-empty-body}]", []string{upgrade}, []string{"200 OK", "Content-Length: 0\r\n"}, "job", true},
		{"an error body with 200", "defects: [{name: accepted-error-body}]", []string{upgrade}, []string{"200 OK", `{"error_code":"GES.7006"`}, "", true},
		{"an error body with 200 without an upgrade", `faults: [{answer: {status: 200, body: '{"error_code":"GES.7000","error_msg":"no"}'}}]`, []string{upgrade}, []string{"200 OK", `{"error_code":"GES.7000","error_msg":"no"}`}, "", false},
		{"HTML with 200", "defects: [{name: accepted-html-page}]", []string{upgrade}, []string{"200 OK", "Content-Type: text/html\r\n", "<html>"}, "", true},
		{"cut JSON with 200", own + "defects: [{name: accepted-cut-json}]", []string{upgrade}, []string{"200 OK", `{"job_id":"j1"`}, "}", true},
		{"a byte order mark", own + `faults: [{after: true, answer: {status: 200, body: "\uFEFF{\"job_id\":\"j1\"}"}}]`, []string{upgrade}, []string{"200 OK", "\r\n\r\n\ufeff{" + jobID + "}"}, "", true},
		{"a bogus charset", own + `faults: [{after: true, answer: {status: 200, body: '{"job_id":"j1"}', headers: ['Content-Type: application/json; charset=x-none']}}]`, []string{upgrade}, []string{"200 OK", "Content-Type: application/json; charset=x-none\r\n", jobID}, "", true},
		{"a charset that is another", own + "defects: [{name: charset-wrong}]", []string{upgrade}, []string{"200 OK", "charset=utf-16\r\n", jobID}, "", true},
		{"deep", own + "faults: [{enlarge: {depth: 5000}}]", []string{upgrade}, []string{"200 OK", jobID, strings.Repeat("[", 5000) + strings.Repeat("]", 5000)}, "", true},
		{"huge", own + "faults: [{enlarge: {bytes: 300000}}]", []string{upgrade}, []string{"200 OK", jobID, strings.Repeat("x", 300_000)}, "", true},
		{"endless", "faults: [{break: endless}]", []string{upgrade}, []string{"200 OK", strings.Repeat(" ", 10_000)}, "", true},
		{"unknown members", own + "vary: [unknown-members]\nvary-always: true", []string{upgrade}, []string{"200 OK", jobID}, "{" + jobID + "}\n", true},
		{"gzip", own + "vary: [compressed]\nvary-always: true", []string{upgrade}, []string{"200 OK", "Content-Encoding: gzip\r\n", "\x1f\x8b"}, "", true},
		{"103 before 200", own + "vary: [early-hints]\nvary-always: true", []string{upgrade}, []string{"HTTP/1.1 103 Early Hints\r\n", "HTTP/1.1 200 OK\r\n", jobID}, "", true},
		{"cookies", own + "faults: [{after: true, answer: {status: 200, body: '{\"job_id\":\"j1\"}', headers: ['Set-Cookie: a=b; Path=/', 'Set-Cookie: c=d']}}]", []string{upgrade}, []string{"Set-Cookie: a=b; Path=/\r\n", "Set-Cookie: c=d\r\n", jobID}, "", true},
		{"cookies of the gateway", own + "vary: [headers]\nvary-always: true", []string{upgrade}, []string{"Set-Cookie: HWWAFSESID=1; Path=/\r\n"}, "", true},

		{"429 while polling", own + "faults: [{match: {operation: showJob, calls: [2]}, answer: {status: 429, retry-after: 2s}}]", []string{upgrade, job, job}, []string{"HTTP/1.1 429 Too Many Requests\r\n", "Retry-After: 2\r\n", "APIGW.0308"}, "", true},
		{"503 while polling", own + "faults: [{match: {operation: showJob, calls: [2]}, answer: {status: 503, retry-after: 0s}}]", []string{upgrade, job, job}, []string{"HTTP/1.1 503 Service Unavailable\r\n", "Retry-After: 0\r\n"}, "", true},
		{"and after it", own + "faults: [{match: {operation: showJob, calls: [2]}, answer: {status: 503}}]", []string{upgrade, job, job, job}, []string{"200 OK", `"status":"success"`}, "", true},
		{"a date to wait for", "faults: [{answer: {status: 503, retry-after: 2s, retry-date: true}}]", []string{upgrade}, []string{"Retry-After: ", " GMT\r\n"}, "", false},
		{"a failed job", "upgrades: [{job-id: j1, fails: no space}]", []string{upgrade, job}, []string{`"status":"failed"`, `"fail_reason":"no space"`}, "", true},
		{"a partly failed job", "upgrades: [{job-id: j1, fails: no space, partly: true}]", []string{upgrade, job}, []string{`"status":"partiallyFailed"`}, "", true},
		{"an upgrade that succeeds after one that failed", "upgrades: [{fails: no space}, {job-id: j1}]", []string{upgrade, upgrade, job}, []string{`"status":"success"`}, "", true},
		{"a job that failed and then has succeeded", own + `faults: [{match: {operation: showJob, calls: [1]}, answer: {status: 200, body: '{"job_id":"j1","status":"failed"}'}}]`, []string{upgrade, job, job}, []string{`"status":"success"`}, "", true},
		{"an unknown job", own + "defects: [{name: job-forgotten}]", []string{upgrade, job}, []string{"HTTP/1.1 400 Bad Request\r\n", "GES.7007"}, "", true},
		{"a status that no page has", own + "defects: [{name: job-status-unknown}]", []string{upgrade, job}, []string{"200 OK", `"status":"`}, `"status":"success"`, true},
		{"a status in the second call only", own + "defects: [{name: job-status-unknown, calls: [2]}]", []string{upgrade, job}, []string{`"status":"success"`}, "", true},

		{"301 to the same origin", "faults: [{answer: {status: 301, location: '{target}?again'}}]", []string{upgrade}, []string{"HTTP/1.1 301 Moved Permanently\r\n", "Location: /v2/0123456789abcdef0123456789abcdef/graphs/g1/upgrade?again\r\n"}, "", false},
		{"302", "faults: [{answer: {status: 302, location: 'http://127.0.0.2:1{target}'}}]", []string{upgrade}, []string{"HTTP/1.1 302 Found\r\n", "Location: http://127.0.0.2:1/v2/"}, "", false},
		{"303", "faults: [{answer: {status: 303, location: 'http://127.0.0.2:1{target}'}}]", []string{upgrade}, []string{"HTTP/1.1 303 See Other\r\n", "Location: http://127.0.0.2:1/v2/"}, "", false},
		{"307", "faults: [{answer: {status: 307, location: 'http://127.0.0.2:1{target}'}}]", []string{upgrade}, []string{"HTTP/1.1 307 Temporary Redirect\r\n", "Location: http://127.0.0.2:1/v2/"}, "", false},
		{"308 after the upgrade, with a cookie", "faults: [{after: true, answer: {status: 308, location: 'https://other.test{target}', headers: ['Set-Cookie: a=b']}}]", []string{upgrade}, []string{"HTTP/1.1 308 Permanent Redirect\r\n", "Location: https://other.test/v2/", "Set-Cookie: a=b\r\n"}, "", true},

		{"an id with characters of paths", `upgrades: [{job-id: "a/b?c#d %2f .."}]`, []string{upgrade}, []string{"200 OK", `{"job_id":"a/b?c#d %2f .."}`}, "", true},
		{"and its job", `upgrades: [{job-id: "a/b?c#d %2f .."}]`, []string{upgrade, "GET /jobs/a%2Fb%3Fc%23d%20%252f%20../status"}, []string{"200 OK", `"job_id":"a/b?c#d %2f .."`, `"status":"success"`}, "", true},
		{"and the job of one who does not escape it", `upgrades: [{job-id: "a/b"}]`, []string{upgrade, "GET /jobs/a/b/status"}, []string{"HTTP/1.1 404 Not Found\r\n"}, "", true},

		{"a close", "faults: [{break: close}]", []string{upgrade}, nil, "", false},
		{"a reset after the upgrade", "faults: [{after: true, break: reset}]", []string{upgrade}, nil, "", true},
		{"a reset before the body is read", "faults: [{break: reset-early}]", []string{upgrade}, nil, "", false},
		{"half a head", "faults: [{after: true, break: half-head}]", []string{upgrade}, []string{"HTTP/1.1 200 OK\r\n"}, "\r\n\r\n", true},
		{"half a body", own + "faults: [{break: truncate}]", []string{upgrade}, []string{"200 OK", `{"job`}, "}", true},
		{"two lengths", own + "faults: [{break: two-lengths}]", []string{upgrade}, []string{"Content-Length: 16\r\n", "Content-Length: 23\r\n"}, "", true},
		{"no HTTP", "faults: [{after: true, break: not-http}]", []string{upgrade}, []string{"SSH-2.0-"}, "HTTP", true},
		{"drop by drop", own + "faults: [{break: drip}]", []string{upgrade}, []string{"Transfer-Encoding: chunked\r\n", "1\r\n{\r\n1\r\n\"\r\n"}, "", true},
		{"several at once", own + "defects: [{name: accepted-202}, {name: job-status-upper-case}]\nvary: [charset]\nvary-always: true\nfaults: [{match: {operation: showJob, calls: [1]}, answer: {status: 503}}]", []string{upgrade, job, job}, []string{"200 OK", `"status":"SUCCESS"`, "charset="}, "", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := scenario.Parse("file.yaml", []byte(inFile+test.file))
			if err != nil {
				t.Fatal(err)
			}
			running := fakeserver.Start(t, fakeserver.WithScenario(s), fakeserver.WithUpgradeTimes(0))
			got := ""
			for i, call := range test.calls {
				method, target, _ := strings.Cut(call, " ")
				body := ""
				if method == http.MethodPost {
					body = strings.Replace(good, "2.2.9", []string{"2.2.9", "2.2.10", "2.2.11"}[i], 1)
				}
				got = raw(t, running, method, target, body, 400_000)
			}
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("expected %.100q in %.1000q", want, got)
				}
			}
			if test.want == nil && got != "" || test.not != "" && strings.Contains(got, test.not) {
				t.Errorf("expected no %q in %.1000q", test.not, got)
			}
			if jobs := running.Jobs(10); (len(jobs) > 0) != test.upgraded {
				t.Errorf("expected an upgrade: %v, got %+v", test.upgraded, jobs)
			}
		})
	}
}

// Nothing is sent by an answer that hangs, or stops half-way, and the connection stays open until the client leaves.
func TestWhatStaysOpen(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"hang": "", "stall": `{"job`} {
		s, err := scenario.Parse("file.yaml", []byte(inFile+"upgrades: [{job-id: j1}]\nfaults: [{break: "+name+"}]"))
		if err != nil {
			t.Fatal(err)
		}
		running := fakeserver.Start(t, fakeserver.WithScenario(s))
		connection, err := net.Dial("tcp", strings.TrimPrefix(running.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, running.URL+"/v2/0123456789abcdef0123456789abcdef/graphs/g1/upgrade", strings.NewReader(good))
		if err != nil {
			t.Fatal(err)
		}
		request.Header = http.Header{"X-Auth-Token": {"a-token-0123456789"}, "Content-Type": {"application/json"}}
		if err := request.Write(connection); err != nil {
			t.Fatal(err)
		}
		var got []byte
		for piece := make([]byte, 512); !bytes.Contains(got, []byte(want)); { // until it has come, however late
			n, err := connection.Read(piece)
			if got = append(got, piece[:n]...); err != nil {
				t.Fatalf("%s: got %q, %v", name, got, err)
			}
		}
		_ = connection.SetReadDeadline(time.Now().Add(50 * time.Millisecond)) // too short for a fault to be seen each time, never for a false one
		more, err := io.ReadAll(connection)
		if !errors.Is(err, os.ErrDeadlineExceeded) || want == "" && len(more) > 0 || bytes.Contains(append(got, more...), []byte("}")) {
			t.Errorf("%s: got %q and %q, %v", name, got, more, err)
		}
		_ = connection.Close()
	}
}
