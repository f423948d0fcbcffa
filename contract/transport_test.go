package contract_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/gesconform/gesconform/contract"
)

// echo answers with the status of the request's X-Status and the body of X-Answer, and
// keeps the request's body.
type echo struct {
	mu   sync.Mutex
	body map[string]string // by X-Number
}

func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	e.mu.Lock()
	e.body[r.Header.Get("X-Number")] = fmt.Sprintf("%d %v %s", r.ContentLength, err, body)
	e.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	var status int
	if _, err := fmt.Sscan(r.Header.Get("X-Status"), &status); err == nil {
		w.WriteHeader(status)
	}
	_, _ = io.WriteString(w, r.Header.Get("X-Answer"))
}

type sent struct {
	method, path, token, contentType, body string
	status                                 int
	answer                                 string
}

func (s sent) request(t *testing.T, server *httptest.Server, number int) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), s.method, server.URL+s.path, strings.NewReader(s.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Number", fmt.Sprint(number))
	r.Header.Set("X-Status", fmt.Sprint(s.status))
	r.Header.Set("X-Answer", s.answer)
	if s.token != "" {
		r.Header.Set("X-Auth-Token", s.token)
	}
	if s.contentType != "" {
		r.Header.Set("Content-Type", s.contentType)
	}
	return r
}

func keywords(problems []contract.Problem) string {
	var all []string
	for _, p := range problems {
		all = append(all, p.Keyword)
	}
	return strings.Join(all, " ")
}

func TestTransport(t *testing.T) {
	handler := &echo{body: map[string]string{}}
	server := httptest.NewServer(handler)
	defer server.Close()
	const taken, refused = `{"job_id":"1"}`, `{"error_code":"GES.8011","error_msg":"m"}`
	for i, test := range []struct {
		name string
		sent
		operation, request, response string
	}{
		{"good", sent{"POST", upgradePath, "t", js, goodBody, 200, taken}, "upgradeGraph", "", ""},
		{"bad request", sent{"POST", upgradePath, "", "text/plain", `{"upgrade_version":7}`, 400, refused}, "upgradeGraph", "required content scalar", ""},
		{"bad answer", sent{"POST", upgradePath, "t", js, goodBody, 200, refused}, "upgradeGraph", "", "required"},
		{"undocumented", sent{"POST", upgradePath, "t", js, goodBody, 202, taken}, "upgradeGraph", "", "status"},
		{"no body", sent{"POST", upgradePath, "t", js, "", 400, refused}, "upgradeGraph", "required", ""},
		{"read", sent{"GET", "/v2/p/graphs/g", "t", "", "", 200, `{"graph":{}}`}, "showGraph", "", "required required required required"},
		{"query", sent{"GET", "/v2/p/graphs/g?a=b", "t", "", "", 404, refused}, "showGraph", "", ""},
		{"another path", sent{"POST", "/v1/p/graphs/g/upgrade", "", "", "x", 200, "y"}, "", "", ""},
		{"another method", sent{"PUT", upgradePath, "", "", "x", 200, "y"}, "", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var reports []contract.Judgement
			client := &http.Client{Transport: &contract.Transport{Report: func(j contract.Judgement) { reports = append(reports, j) }}}
			request := test.sent.request(t, server, i)
			headers, body := len(request.Header), request.Body
			answer, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = answer.Body.Close() }()
			got, err := io.ReadAll(answer.Body)
			if err != nil || string(got) != test.answer || answer.StatusCode != test.status {
				t.Errorf("the answer was changed: got %d %s, %v", answer.StatusCode, got, err)
			}
			if want := fmt.Sprintf("%d <nil> %s", len(test.body), test.body); handler.body[fmt.Sprint(i)] != want {
				t.Errorf("the request was changed: got %q, want %q", handler.body[fmt.Sprint(i)], want)
			}
			if len(request.Header) != headers || request.Body != body {
				t.Error("the caller's request was changed")
			}
			if len(reports) != 1 {
				t.Fatalf("got %d reports", len(reports))
			}
			j := reports[0]
			path, _, _ := strings.Cut(test.path, "?")
			if j.Operation != test.operation || keywords(j.Request) != test.request || keywords(j.Answer) != test.response ||
				j.Status != test.status || j.Method != test.method || j.Path != path || j.Unread != nil {
				t.Errorf("got %+v", j)
			}
		})
	}
}

func exchange(t *testing.T, base http.RoundTripper, r *http.Request) (j contract.Judgement, body string, err error) {
	t.Helper()
	reports := 0
	transport := &contract.Transport{Base: base, Contract: load(t), Report: func(got contract.Judgement) { j = got; reports++ }}
	answer, err := transport.RoundTrip(r)
	if reports != 1 {
		t.Errorf("got %d reports", reports)
	}
	if answer == nil {
		return j, "", err
	}
	text, err := io.ReadAll(answer.Body)
	if closeErr := answer.Body.Close(); closeErr != nil {
		t.Error(closeErr)
	}
	return j, string(text), err
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answering(status int, body io.Reader, header ...string) roundTrip {
	return func(*http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json"}}
		for i := 0; i < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(body)}, nil
	}
}

func good(t *testing.T, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://ges.example"+upgradePath, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Auth-Token", "a-very-secret-token")
	r.Header.Set("Content-Type", "application/json")
	return r
}

func TestTransportPassesLongBodies(t *testing.T) {
	t.Parallel() // net/http waits half a second before it closes such a connection
	long := `{"upgrade_version":"` + strings.Repeat("1", 1<<20) + `"}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.Copy(w, r.Body)
	}))
	defer server.Close()
	r := good(t, strings.NewReader(long))
	r.URL.Host = strings.TrimPrefix(server.URL, "http://")
	j, body, err := exchange(t, nil, r)
	if err != nil || body != long {
		t.Errorf("got %d bytes of %d, %v", len(body), len(long), err)
	}
	if !slices.Equal(j.Unread, []string{"request", "answer"}) || len(j.Request) > 0 || len(j.Answer) > 0 {
		t.Errorf("got %v, %v, %v", j.Unread, j.Request, j.Answer)
	}
	// A body of exactly the limit is judged.
	fits := `{"job_id":"1"` + strings.Repeat(" ", 1<<20-14) + "}"
	if j, _, _ := exchange(t, answering(200, strings.NewReader(fits)), good(t, strings.NewReader(goodBody))); j.Unread != nil || len(fits) != 1<<20 {
		t.Errorf("%d bytes: got %v", len(fits), j.Unread)
	}
}

func TestTransportAnswersThatFail(t *testing.T) {
	broken := errors.New("connection reset")
	j, _, err := exchange(t, roundTrip(func(*http.Request) (*http.Response, error) { return nil, broken }), good(t, strings.NewReader(goodBody)))
	if !errors.Is(err, broken) || j.Status != 0 || j.Operation != "upgradeGraph" || len(j.Answer) > 0 {
		t.Errorf("got %+v, %v", j, err)
	}
	half := io.MultiReader(strings.NewReader(`{"job_`), iotest.ErrReader(broken))
	j, body, err := exchange(t, answering(200, half), good(t, strings.NewReader(goodBody)))
	if !errors.Is(err, broken) || body != `{"job_` || !slices.Equal(j.Unread, []string{"answer"}) || len(j.Answer) > 0 {
		t.Errorf("got %q, %+v, %v", body, j, err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = io.WriteString(w, `{"job_id":"1"}`)
	_ = w.Close()
	j, body, err = exchange(t, answering(200, bytes.NewReader(packed.Bytes()), "Content-Encoding", "gzip"), good(t, strings.NewReader(goodBody)))
	if err != nil || body != packed.String() || !slices.Equal(j.Unread, []string{"answer"}) || len(j.Answer) > 0 {
		t.Errorf("got %+v, %v", j, err)
	}
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

// A body that cannot be read is closed, and nothing is sent.
func TestTransportRequestThatFails(t *testing.T) {
	broken := errors.New("disk gone")
	body := &closing{Reader: iotest.ErrReader(broken)}
	r := good(t, nil)
	r.Body = body
	transport := &contract.Transport{Base: roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("the request was sent")
		return nil, io.EOF
	})}
	if _, err := transport.RoundTrip(r); !errors.Is(err, broken) || !body.closed {
		t.Errorf("got %v, closed %v", err, body.closed)
	}
}

func TestTransportReportsNoCredentials(t *testing.T) {
	const secret = "a-very-secret-token"
	r := good(t, strings.NewReader(`{"upgrade_version":"1.1.8","`+secret+`":1}`))
	r.Header.Set("Content-Type", "text/"+secret)
	r.Header.Set("X-Security-Token", "another-secret")
	r.URL.Path = "/v2/" + secret + "/graphs/another-secret/upgrade"
	j, _, err := exchange(t, answering(200, strings.NewReader(`{"job_id":1}`), "Content-Type", "text/"+secret), r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte(secret)) || bytes.Contains(text, []byte("another-secret")) || !bytes.Contains(text, []byte("[redacted]")) {
		t.Errorf("got %s", text)
	}
	if len(j.Request) < 2 || len(j.Answer) < 2 {
		t.Errorf("expected problems that contain the secrets, got %s", text)
	}
}

func TestTransportConcurrently(t *testing.T) {
	handler := &echo{body: map[string]string{}}
	server := httptest.NewServer(handler)
	defer server.Close()
	var mu sync.Mutex
	count := map[string]int{}
	client := &http.Client{Transport: &contract.Transport{Report: func(j contract.Judgement) {
		mu.Lock()
		defer mu.Unlock()
		count[fmt.Sprint(j.Operation, " ", keywords(j.Request), " ", keywords(j.Answer))]++
	}}}
	defer client.CloseIdleConnections()
	var wait sync.WaitGroup
	for i := range 60 {
		s := sent{"POST", upgradePath, "t", "application/json", goodBody, 200, `{"job_id":"1"}`}
		switch i % 3 {
		case 1:
			s.body = "{}"
		case 2:
			s.answer = "{}"
		}
		request := s.request(t, server, i)
		wait.Go(func() {
			answer, err := client.Do(request)
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
		})
	}
	wait.Wait()
	if fmt.Sprint(count) != "map[upgradeGraph  :20 upgradeGraph  required:20 upgradeGraph required :20]" {
		t.Errorf("got %v", count)
	}
}

func TestTransportDefaults(t *testing.T) {
	transport := &contract.Transport{Base: answering(200, strings.NewReader(""))}
	answer, err := transport.RoundTrip(good(t, nil)) // without Report
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	transport.CloseIdleConnections() // the base has none
}

func ExampleTransport() {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}")
	}))
	defer service.Close()

	client := &http.Client{Transport: &contract.Transport{Report: func(j contract.Judgement) {
		fmt.Println(j.Operation, j.Status)
		for _, p := range j.Request {
			fmt.Println("request:", p.In, p.Pointer+p.Name, p.Message)
		}
		for _, p := range j.Answer {
			fmt.Println("answer:", p.In, p.Pointer+p.Name, p.Message)
		}
	}}}
	body := strings.NewReader(`{"upgrade_version": 1.1}`)
	answer, err := client.Post(service.URL+"/v2/0123456789abcdef/graphs/53205529/upgrade", "application/json", body)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = answer.Body.Close()
	// Output:
	// upgradeGraph 200
	// request: security X-Auth-Token expected credentials
	// request: body /upgrade_version expected a string, got a number
	// answer: body /job_id expected the member "job_id"
}

// One credential may be a prefix of another, and neither may leave a trace. A word that
// is too short to be a credential stays.
func TestRedactor(t *testing.T) {
	hide := load(t).Redactor(
		http.Header{"X-Auth-Token": {"abcd"}, "Authorization": {"abcdefgh"}, "X-Security-Token": {"e"}, "X-Other": {"other"}},
		http.Header{"X-Subject-Token": {"issued-token"}},
	)
	const text, want = "abcdefgh and abcd, issued-token, e, other", "[redacted] and [redacted], [redacted], e, other"
	if got := hide(text); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for name, carries := range map[string]bool{"X-Auth-Token": true, "X-Subject-Token": true, "Authorization": true, "Content-Type": false} {
		if load(t).CarriesCredentials(name) != carries {
			t.Errorf("%s carries credentials: %t", name, !carries)
		}
	}
}
