package fakeserver_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
)

// A request is one that a test sends. By default it is a POST to the path of an upgrade,
// with the token of the fixtures and a JSON Content-Type.
type request struct {
	name, method, path, body string
	header                   http.Header // replaces default headers; nil removes one
	want                     string      // the outcome: status text and error code
}

func (r request) build(f fakeserver.Fixtures) *http.Request {
	replace := strings.NewReplacer("{p}", f.ProjectID, "{g}", f.GraphID, "{stopped}", f.StoppedGraphID, "{foreign}", f.ForeignGraphID,
		"{token}", f.Token, "{short p}", withoutLast(f.ProjectID), "{short g}", withoutLast(f.GraphID))
	method, path := r.method, r.path
	if method == "" {
		method = http.MethodPost
	}
	if path == "" {
		path = "/v2/{p}/graphs/{g}/upgrade"
	}
	out := httptest.NewRequest(method, replace.Replace(path), strings.NewReader(r.body))
	out.Header.Set("X-Auth-Token", f.Token)
	out.Header.Set("Content-Type", "application/json")
	for name, values := range r.header {
		out.Header[name] = nil
		for _, v := range values {
			out.Header.Add(name, strings.NewReplacer("{token}", f.Token, "{readonly}", f.ReadonlyToken, "{expired}", f.ExpiredToken,
				"{short token}", withoutLast(f.Token), "{upper token}", strings.ToUpper(f.Token)).Replace(v))
		}
	}
	if te := out.Header.Values("Transfer-Encoding"); len(te) > 0 { // as net/http has it
		out.TransferEncoding, out.ContentLength = te, -1
		out.Header.Del("Transfer-Encoding")
	}
	return out
}

func withoutLast(s string) string { return s[:max(len(s)-1, 0)] }

func (r request) send(h http.Handler, f fakeserver.Fixtures) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	h.ServeHTTP(finalWriter{recorder}, r.build(f))
	return recorder
}

// A finalWriter passes only the final status on. An httptest.ResponseRecorder takes the first for it.
type finalWriter struct{ *httptest.ResponseRecorder }

func (w finalWriter) WriteHeader(status int) {
	if status >= 200 {
		w.ResponseRecorder.WriteHeader(status)
	}
}

func outcome(r *httptest.ResponseRecorder) string {
	var body struct {
		Code string `json:"error_code"`
	}
	_ = json.Unmarshal(r.Body.Bytes(), &body)
	return strings.TrimSpace(http.StatusText(r.Code) + " " + body.Code)
}

func header(name string, values ...string) http.Header { return http.Header{name: values} }

const good = `{"upgrade_version": "2.2.9"}`

const signature = "SDK-HMAC-SHA256 Access=MADEUP, SignedHeaders=host;x-sdk-date, Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestAnswers(t *testing.T) {
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range corpus {
		t.Run(r.name, func(t *testing.T) {
			server := fakeserver.New()
			got := r.send(server, server.Fixtures())
			if outcome(got) != r.want {
				t.Errorf("got %q, want %q: %s", outcome(got), r.want, got.Body)
			}
			method := r.method
			if method == "" {
				method = http.MethodPost
			}
			op, _, _ := document.Find(method, "/v2/p/graphs/g/upgrade")
			if op == nil {
				op = document.Operation("showGraph")
			}
			answer := &contract.Answer{Status: got.Code, Header: got.Header(), Body: got.Body.Bytes()}
			for _, p := range document.JudgeAnswer(op, method, answer) {
				if got.Code != http.StatusOK || p.In != contract.InBody {
					t.Errorf("the contract finds: %v", p)
				}
			}
			if r.want != "OK" && strings.Contains(r.want, "APIGW.") {
				var body struct {
					ID string `json:"request_id"`
				}
				if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil || len(body.ID) != 32 || got.Header().Get("X-Request-Id") != body.ID {
					t.Errorf("expected the gateway's form, with the request_id of the header, got %s and %v", got.Body, got.Header())
				}
			}
			after := request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}"}.send(server, server.Fixtures())
			if status := stateOf(t, after); (status == "201") != (r.want == "OK" && method == http.MethodPost) {
				t.Errorf("the graph's state afterwards is %s", status)
			}
		})
	}
}

func stateOf(t *testing.T, r *httptest.ResponseRecorder) string {
	t.Helper()
	return member(t, r, "graph", "status")
}

func member(t *testing.T, r *httptest.ResponseRecorder, path ...string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(r.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v: %s", err, r.Body)
	}
	for _, name := range path {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	s, _ := v.(string)
	return s
}

// A clock that only moves when told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestLifecycle(t *testing.T) {
	time0 := newClock()
	server := fakeserver.New(fakeserver.WithClock(time0.Now), fakeserver.WithUpgradeTimes(8*time.Second, 0))
	f := server.Fixtures()
	graph := request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}"}
	upgrade := func(version string) *httptest.ResponseRecorder {
		return request{body: `{"upgrade_version":"` + version + `"}`}.send(server, f)
	}
	id := member(t, upgrade("2.2.9"), "job_id")
	if len(id) < 45 {
		t.Errorf("got the job id %q", id)
	}
	job := request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}/jobs/" + id + "/status"}
	for _, step := range []struct {
		advance                                time.Duration
		job, began, end, state, version, again string
	}{
		{0, "pending", "", "", "201", "2.2.8", "Bad Request GES.7001"},
		{2 * time.Second, "running", "2026-01-02T03:04:05", "", "201", "2.2.8", "Bad Request GES.7001"},
		{6 * time.Second, "success", "2026-01-02T03:04:05", "2026-01-02T03:04:13", "200", "2.2.9", "Bad Request GES.7036"},
		{time.Hour, "success", "2026-01-02T03:04:05", "2026-01-02T03:04:13", "200", "2.2.9", "Bad Request GES.7036"},
	} {
		time0.Advance(step.advance)
		j, g := job.send(server, f), graph.send(server, f)
		got := []string{member(t, j, "status"), member(t, j, "begin_time"), member(t, j, "end_time"), stateOf(t, g), member(t, g, "graph", "data_store_version"), outcome(upgrade("2.2.9"))}
		want := []string{step.job, step.began, step.end, step.state, step.version, step.again}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	j := job.send(server, f)
	for name, want := range map[string]string{
		"job_id": id, "job_type": "GraphManagement", "job_name": "UpgradeGraph", "related_graph": f.GraphName,
		"begin_time": "2026-01-02T03:04:05", "end_time": "2026-01-02T03:04:13",
	} {
		if got := member(t, j, name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	shown := graph.send(server, f)
	for name, want := range map[string]string{"created": "2025-12-03T03:04:05", "updated": "2026-01-02T03:04:13"} {
		if got := member(t, shown, "graph", name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	other := request{method: http.MethodGet, path: "/v2/{p}/graphs/{stopped}/jobs/" + id + "/status"}
	if got := outcome(other.send(server, f)); got != "Bad Request GES.7007" {
		t.Errorf("the job of another graph: got %q", got)
	}
	second := member(t, upgrade("2.2.10"), "job_id")
	if second == id {
		t.Error("two upgrades have the same job id")
	}
	at := request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}/jobs/" + second + "/status"}
	if got := member(t, at.send(server, f), "status"); got != "success" {
		t.Errorf("an upgrade that takes no time: got %q", got)
	}
	if got := outcome(upgrade("2.2.9")); got != "Bad Request GES.7036" {
		t.Errorf("2.2.9 after 2.2.10: got %q", got)
	}
}

func TestOneUpgradeAtATime(t *testing.T) {
	time0 := newClock()
	server := fakeserver.New(fakeserver.WithClock(time0.Now))
	f := server.Fixtures()
	var wait sync.WaitGroup
	outcomes := make([]string, 1000)
	for i := range outcomes {
		wait.Go(func() { outcomes[i] = outcome(request{body: good}.send(server, f)) })
	}
	wait.Wait()
	count := map[string]int{}
	for _, o := range outcomes {
		count[o]++
	}
	if count["OK"] != 1 || count["Bad Request GES.7001"] != len(outcomes)-1 {
		t.Errorf("got %v", count)
	}
}

func TestTooLargeBody(t *testing.T) {
	server := fakeserver.New()
	got := request{body: `{"upgrade_version": "` + strings.Repeat("1", 12<<20) + `"}`}.send(server, server.Fixtures())
	if outcome(got) != "Request Entity Too Large APIGW.0201" {
		t.Errorf("got %q", outcome(got))
	}
	if x := server.Journal(0)[0]; len(x.Judgement.Request) > 0 || !slices.Equal(x.Judgement.Unread, []string{"request"}) {
		t.Errorf("expected the journal not to judge a body that was not read, got %+v", x.Judgement)
	}
	rest := strings.NewReader(strings.Repeat("1", 13<<20))
	whole := request{}.build(server.Fixtures())
	whole.Body = io.NopCloser(rest)
	if server.ServeHTTP(httptest.NewRecorder(), whole); rest.Len() > 0 {
		t.Errorf("%d bytes were not read; a client that sends them all before it reads would never see the answer", rest.Len())
	}
	for _, body := range []string{
		strings.Repeat("[", 1<<20),
		`{"upgrade_version":"2.2.9","more":` + strings.Repeat("[", 1<<16) + strings.Repeat("]", 1<<16) + `}`,
	} {
		got := request{body: body}.send(server, server.Fixtures())
		if outcome(got) != "Bad Request GES.7016" {
			t.Errorf("got %q", outcome(got))
		}
	}
}

func TestSeed(t *testing.T) {
	one, again, two := fakeserver.New().Fixtures(), fakeserver.New().Fixtures(), fakeserver.New(fakeserver.WithSeed(2)).Fixtures()
	if one.Token != again.Token || one.GraphID != again.GraphID {
		t.Error("the same seed gives other fixtures")
	}
	if one.Token == two.Token || one.GraphID == two.GraphID {
		t.Error("another seed gives the same fixtures")
	}
	if len(one.Versions) != 80 || one.Versions[0] != "2.2.9" || one.Versions[1] != "2.2.10" {
		t.Errorf("got the versions %q", one.Versions)
	}
	for _, token := range []string{one.Token, one.ReadonlyToken, one.ExpiredToken} {
		if len(token) < 32 {
			t.Errorf("the token %q is short", token)
		}
	}
}

func TestStart(t *testing.T) {
	running := fakeserver.Start(t)
	f := running.Fixtures()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, running.URL+"/v2/"+f.ProjectID+"/graphs/"+f.GraphID+"/upgrade", bytes.NewReader([]byte(good)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Auth-Token", f.Token)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("got %s, %s, %v", response.Status, body, err)
	}
}

// operation returns the contract's operation for a request. The list of jobs has none,
// although its path looks like that of a graph called jobs.
func operation(document *contract.Contract, r *http.Request) *contract.Operation {
	if strings.HasSuffix(r.URL.Path, "/graphs/jobs") {
		return nil
	}
	op, _, _ := document.Find(r.Method, r.URL.EscapedPath())
	return op
}
