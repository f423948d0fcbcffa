package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/selftest/spelt"
)

// A violating is a fake, and what is said of the requests to it.
type violating struct {
	*violationPrinter
	fake *fakeserver.Server
	out  strings.Builder
	time time.Time
	last uint64
}

func newViolating(t *testing.T, options ...fakeserver.Option) *violating {
	t.Helper()
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	v := &violating{fake: fakeserver.New(options...), time: time.Now()}
	v.violationPrinter = newViolationPrinter(&v.out, document, func() time.Time { return v.time })
	return v
}

// send sends a request with {token}, {p} and {g} in it, and returns what is said then.
func (v *violating) send(method, target, body string, header ...string) string {
	f := v.fake.Fixtures()
	known := strings.NewReplacer("{token}", f.Token, "{p}", f.ProjectID, "{g}", f.GraphID)
	r := httptest.NewRequest(method, known.Replace(target), strings.NewReader(known.Replace(body)))
	r.Header = http.Header{"X-Auth-Token": {f.Token}, "Content-Type": {"application/json"}}
	for i := 0; i < len(header); i += 2 {
		r.Header[header[i]] = []string{known.Replace(header[i+1])}
	}
	v.fake.ServeHTTP(httptest.NewRecorder(), r)
	return v.look()
}

func (v *violating) look() string {
	v.out.Reset()
	v.last = v.violationPrinter.look(v.fake, v.last)
	return v.out.String()
}

const upgradePath = "/v2/{p}/graphs/{g}/upgrade"

func TestTheFakeSaysWhatBreaksTheContract(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, method, target, body string
		header                     []string
		want                       []string // a line each: a part of it
	}{
		{"a good one", "POST", upgradePath, `{"upgrade_version":"2.2.9"}`, nil, nil},
		{"a wrong version", "POST", upgradePath, `{"upgrade_version":"1.0.0"}`, nil, nil}, // only the service knows
		{
			"a text", "POST", upgradePath, `{"upgrade_version":"2.2.9","force_upgrade":"true"}`, nil,
			[]string{"upgradeGraph: body /force_upgrade: expected a boolean, got a string with a boolean in it; answered 200 OK (boolean-in-string, which a service MAY refuse; openapi.yaml:"},
		},
		{
			"an unknown member and no version", "POST", upgradePath, `{"version":"2.2.9"}`, nil,
			[]string{`body /upgrade_version: expected the member "upgrade_version"; answered 400 Bad Request (missing-member, which a service MUST refuse; `, `body /version: `},
		},
		{"no credentials", "GET", "/v2/{p}/graphs/{g}", "", []string{"X-Auth-Token", ""}, []string{"showGraph: security X-Auth-Token: expected credentials; answered 401 Unauthorized (missing-credentials, which a service MUST refuse; "}},
		{"a token in the query", "GET", "/v2/{p}/graphs?x={token}", "", nil, []string{"security X-Auth-Token: expected credentials in their header only, got some in the query; answered 200 OK (client.credentials-in-place; openapi.yaml:"}},
		{"another project", "GET", "/v2/{p}/graphs/{g}", "", []string{"X-Project-Id", "other"}, []string{"showGraph: header X-Project-Id: expected the project_id of the path, got another; answered 200 OK (client.request-lawful; openapi.yaml:"}},
		{"two Authorizations and a cookie", "GET", "/v2/{p}/graphs/{g}", "", []string{"Cookie", "a={token}"}, []string{"got some in the header Cookie; "}},
		{"no job", "GET", "/v2/{p}/graphs/{g}/jobs/undefined/status", "", nil, nil},
		{"a placeholder", "GET", "/v2/{p}/graphs/{g}/jobs/%7Bjob_id%7D/status", "", nil, []string{"showJob: path job_id: "}},
		{"a path of nothing", "GET", "/nowhere", "", nil, []string{"GET /nowhere: path: expected the method and the path of an operation; answered 404 Not Found (client.request-lawful; openapi.yaml:"}},
		{"the suite", "GET", "/nowhere", "", []string{"User-Agent", "gesconform/1 (run 7)"}, nil},
		{"the administration", "GET", "/_fake/journal", "", nil, nil},
	} {
		v := newViolating(t)
		said := v.send(tt.method, tt.target, tt.body, tt.header...)
		lines := strings.Split(strings.TrimSuffix(said, "\n"), "\n")
		if said == "" {
			lines = nil
		}
		if len(lines) != len(tt.want) {
			t.Errorf("%s: got %q, want %d lines", tt.name, said, len(tt.want))
			continue
		}
		for i, want := range tt.want {
			if !strings.HasPrefix(lines[i], "request 1 breaks the contract: ") || !strings.Contains(lines[i], want) || strings.HasSuffix(lines[i], ":0)") {
				t.Errorf("%s: got %q, want %q", tt.name, lines[i], want)
			}
		}
	}
}

// What comes again is counted, and a flood of different ones is cut and counted, too.
func TestAFloodOfViolations(t *testing.T) {
	t.Parallel()
	v := newViolating(t)
	said := ""
	for range 1000 {
		said += v.send("GET", "/nowhere", "")
	}
	if lines := strings.Split(strings.TrimSpace(said), "\n"); len(lines) != 4 || !strings.HasPrefix(lines[3], "request 1000 breaks the contract, as 999 others do: GET /nowhere: ") {
		t.Errorf("the same one: got %q", said)
	}
	said = ""
	for i := range 1000 {
		said += v.send("GET", fmt.Sprintf("/nowhere/%d", i), "")
	}
	if n := strings.Count(said, "\n"); n != violationBurst-4 {
		t.Errorf("different ones: got %d lines: %q", n, said)
	}
	v.time = v.time.Add(2 * time.Second)
	said = ""
	for i := range 10 {
		said += v.send("GET", fmt.Sprintf("/nowhere/again/%d", i), "")
	}
	if lines := strings.Split(strings.TrimSpace(said), "\n"); len(lines) != 3 || lines[0] != "984 lines left out" || !strings.Contains(lines[2], "/again/1:") {
		t.Errorf("two seconds later: got %q", said)
	}
	for range 3 * violationMost {
		v.fake.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/nowhere", http.NoBody))
	}
	v.look()
	v.out.Reset()
	v.end()
	if want := fmt.Sprintf("8 lines left out\n%d requests came too fast to be looked at here\n%d requests broke the contract\n", 2*violationMost, 2010+violationMost); v.out.String() != want {
		t.Errorf("in the end: got %q, want %q", v.out.String(), want)
	}
}

// A line is one line, of a bounded length, without credentials and without what a terminal would do.
func TestWhatIsSaidOfViolationsIsSafe(t *testing.T) {
	t.Parallel()
	v := newViolating(t)
	token := v.fake.Fixtures().Token
	for _, target := range []string{
		"/" + strings.Repeat("long", 3000), "/" + token, "/" + base64.RawURLEncoding.EncodeToString([]byte(token)), "/%1b]0;title%07%0d%0a",
		"/?" + token, "/v2/" + token + "/graphs/g/upgrade",
	} {
		for _, method := range []string{"GET", "PUT"} {
			said := v.send(method, target, `{"`+token+`":"\u001b[31m","`+"\u202e"+`":1}`, "X-Project-Id", "\x1b[31m")
			for _, line := range strings.Split(strings.TrimSuffix(said, "\n"), "\n") {
				if len(line) > longestLine+200 || strings.ContainsAny(line, "\x1b\r\x07\u202e") {
					t.Errorf("%s: got %d bytes: %q", target, len(line), line)
				}
				if read, usable := spelt.Usable(line, token); usable {
					t.Errorf("%s: got %q, which says %q", target, line, read)
				}
			}
		}
	}
}

func TestFakeSaysOnStandardErrorWhatBreaksTheContract(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{"": nil, "quiet": {"--quiet"}, "none kept": {"--journal-bytes", "0"}, "no administration": {"--admin=false"}} {
		ctx, cancel := context.WithCancel(t.Context())
		r, w := io.Pipe()
		var stderr strings.Builder
		ended := make(chan int, 1)
		go func() {
			status := execute(ctx, append([]string{"fake"}, args...), nil, w, &stderr)
			_ = w.Close()
			ended <- status
		}()
		var address string
		if _, err := fmt.Fscanln(r, &address); err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = io.Copy(io.Discard, r) }()
		for _, path := range []string{"/nowhere", "/_fake/", "/_fake/journal"} {
			answer, err := http.Get(address + path) //nolint:noctx // it answers at once
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
		}
		cancel()
		status := within(t, ended, "the end of the fake")
		got := stderr.String()
		want := "request 1 breaks the contract: GET /nowhere: "
		switch name {
		case "quiet", "none kept":
			if got != "" || status != exitConforms {
				t.Errorf("%s: got status %d, %q", name, status, got)
			}
		default:
			if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, ")\n1 request broke the contract\n") || strings.Count(got, "\n") != 2 || status != exitConforms {
				t.Errorf("%s: got status %d, %q", name, status, got)
			}
		}
	}
}
