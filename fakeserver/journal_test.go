package fakeserver_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

func TestJournal(t *testing.T) {
	server := fakeserver.New(fakeserver.WithClock(newClock().Now), fakeserver.WithFault(scenario.Fault{
		Name: "odd", Match: scenario.Match{Operation: "showJob"}, Answer: &scenario.Answer{Status: 502, Page: true},
	}))
	f := server.Fixtures()
	for _, r := range []request{
		{body: good},
		{body: `{"upgrade_version":7}`},
		{method: http.MethodGet, path: "/v2/{p}/graphs?limit=1"},
		{method: http.MethodGet, path: "/v2/{p}/graphs/{g}/jobs/none/status"},
		{method: http.MethodGet, path: "/nowhere"},
	} {
		r.send(server, f)
	}
	type line struct {
		operation, condition, fault string
		status                      int
		request, answer             bool // whether the contract finds a problem
	}
	want := []line{
		{"upgradeGraph", "", "", 200, false, false},
		{"upgradeGraph", "scalar-type", "", 400, true, false},
		{"listGraphs", "", "", 200, false, false},
		{"showJob", "fault", "odd", 502, false, true},
		{"", "unknown-path", "", 404, true, false},
	}
	exchanges := server.Journal(0)
	if len(exchanges) != len(want) {
		t.Fatalf("got %d exchanges, want %d", len(exchanges), len(want))
	}
	for i, x := range exchanges {
		got := line{x.Operation, x.Condition, x.Fault, x.Status, len(x.Judgement.Request) > 0, len(x.Judgement.Answer) > 0}
		if got != want[i] || x.Number != uint64(i+1) || !x.Time.Equal(server.Now()) {
			t.Errorf("exchange %d: got %+v, want %+v; %d at %s", i+1, got, want[i], x.Number, x.Time)
		}
	}
	if x := exchanges[0]; x.Method != http.MethodPost || x.Body != good || x.URL != "http://example.com/v2/"+f.ProjectID+"/graphs/"+f.GraphID+"/upgrade" ||
		!strings.HasPrefix(x.Answer, `{"job_id":"`) || x.Size != len(x.Answer) || x.Header.Get("X-Auth-Token") != "[redacted]" {
		t.Errorf("got %+v", x)
	}
	if later := server.Journal(3); len(later) != 2 || later[0].Number != 4 {
		t.Errorf("after 3: got %d exchanges", len(later))
	}
	for _, after := range []uint64{5, 99, math.MaxUint64} {
		if server.Journal(after) == nil || len(server.Journal(after)) != 0 {
			t.Errorf("after %d: got some", after)
		}
	}
}

// The journal must not contain any credential that a request or an answer carries, even
// where something else repeats it.
func TestJournalHasNoCredentials(t *testing.T) {
	leaky, err := fakeserver.LookupDefect("leak-in-error-msg")
	if err != nil {
		t.Fatal(err)
	}
	server := fakeserver.New(fakeserver.WithDefect(leaky))
	f := server.Fixtures()
	const planted = "planted-credential-0123456789"
	login := `{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"` + f.UserName + `","password":"` + f.Password + `"}}}}}`
	var secrets []string
	for _, r := range []request{
		{body: `{"` + planted + `":1}`, header: header("X-Auth-Token", planted)},
		{path: "/v2/" + planted + "/graphs/{g}/upgrade", body: good, header: header("X-Auth-Token", planted)},
		{method: http.MethodGet, path: "/v2/" + planted + "/graphs", header: header("X-Auth-Token", planted)},
		{body: good, header: http.Header{"Authorization": {planted}, "X-Auth-Token": nil}},
		{body: good, header: http.Header{"Authorization": {"Bearer " + planted}, "X-Security-Token": {planted}, "Cookie": {"a=" + planted}}},
		{path: "/v3/auth/tokens", body: login},
		{path: "/v3/auth/tokens", body: login[:len(login)-1]},
		{body: `{"upgrade_version":7}`},
	} {
		got := r.send(server, f)
		if token := got.Header().Get("X-Subject-Token"); token != "" {
			secrets = append(secrets, token)
		}
	}
	if len(secrets) != 1 {
		t.Fatalf("IAM issued %d tokens", len(secrets))
	}
	server.Journal(0) // must not change what the next call returns
	text, err := json.Marshal(server.Journal(0))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range append(secrets, planted, f.Token, f.Password) {
		if strings.Contains(string(text), secret) {
			t.Errorf("the journal has %q: %s", secret, text)
		}
	}
}

// The journal must keep to its limit, whatever the size of the requests.
func TestJournalIsBounded(t *testing.T) {
	const limit = 200_000
	server := fakeserver.New(fakeserver.WithJournal(limit))
	f := server.Fixtures()
	const sent = 40
	for i := range sent {
		request{body: `{"more":"` + strings.Repeat("x", i*3750) + `"}`, header: header("X-Padding", strings.Repeat("y", i*125))}.send(server, f)
	}
	kept := server.Journal(0)
	if len(kept) == 0 || kept[len(kept)-1].Number != sent {
		t.Fatalf("got %d exchanges", len(kept))
	}
	bytes := 0
	for _, x := range kept {
		bytes += len(x.Body) + len(x.Answer) + len(x.Header.Get("X-Padding"))
	}
	if bytes > limit || bytes < limit/4 {
		t.Errorf("got %d bytes in %d exchanges, want at most %d", bytes, len(kept), limit)
	}
	if none := fakeserver.New(fakeserver.WithJournal(0)); func() bool {
		request{body: good}.send(none, none.Fixtures())
		return len(none.Journal(0)) > 0
	}() {
		t.Error("a journal with a limit of 0 keeps exchanges")
	}
}

func TestWatch(t *testing.T) {
	server := fakeserver.New()
	changes, stop := server.Watch()
	for name, change := range map[string]func(){
		"a request":  func() { request{body: good}.send(server, server.Fixtures()) },
		"the clock":  func() { server.Advance(time.Second) },
		"a scenario": func() { server.Reset() },
	} {
		change()
		select {
		case <-changes:
		default:
			t.Errorf("%s: the watcher was not notified", name)
		}
	}
	stop()
	server.Advance(time.Second)
	select {
	case <-changes:
		t.Error("notified after stop")
	default:
	}
}

func TestMetrics(t *testing.T) {
	server := fakeserver.New(fakeserver.WithFault(scenario.Fault{
		Name: `a "b\`, Match: scenario.Match{Calls: []int{2}}, Answer: &scenario.Answer{Status: 503},
	}))
	f := server.Fixtures()
	for range 3 {
		request{body: good}.send(server, f)
	}
	request{method: http.MethodGet, path: "/nowhere"}.send(server, f)
	var text strings.Builder
	if err := server.WriteMetrics(&text); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`gesconform_fake_requests_total{operation="upgradeGraph",status="200"} 1`,
		`gesconform_fake_requests_total{operation="upgradeGraph",status="400"} 1`,
		`gesconform_fake_requests_total{operation="upgradeGraph",status="503"} 1`,
		`gesconform_fake_requests_total{operation="none",status="404"} 1`,
		`gesconform_fake_faults_total{fault="a \"b\\"} 1`,
		"gesconform_fake_upgrades_total 1",
		fmt.Sprintf("gesconform_fake_graphs %d", len(server.Graphs())),
		"gesconform_fake_journal_exchanges 4",
		"# TYPE gesconform_fake_requests_total counter",
	} {
		if !strings.Contains(text.String(), line+"\n") {
			t.Errorf("there is no line %s in\n%s", line, text.String())
		}
	}
}

// A request must not have problems because the journal has not kept its whole body, nor
// because a fault answered it.
func TestJournalBlamesNobodyForItsOwnGaps(t *testing.T) {
	fault := scenario.Fault{Match: scenario.Match{Calls: []int{1}}, Answer: &scenario.Answer{Status: 503}}
	for name, r := range map[string]request{
		"a fault strikes first": {body: good},
		"a long body":           {body: `{"upgrade_version":"2.2.9"` + strings.Repeat(" ", 100<<10) + `}`},
	} {
		server := fakeserver.New(fakeserver.WithFault(fault))
		r.send(server, server.Fixtures())
		r.send(server, server.Fixtures())
		for i, x := range server.Journal(0) {
			if len(x.Judgement.Request) > 0 || !strings.HasPrefix(x.Body, `{"upgrade_version"`) {
				t.Errorf("%s, exchange %d: got %v for the body %.40q", name, i+1, x.Judgement.Request, x.Body)
			}
		}
	}
}

// Requests for operations that the service has but the fake does not must not count as
// problems.
func TestJournalBlamesNobodyForOtherOperations(t *testing.T) {
	server := fakeserver.New()
	request{path: "/v2/{p}/graphs/{g}/stop"}.send(server, server.Fixtures())
	if x := server.Journal(0)[0]; x.Status != http.StatusNotImplemented || len(x.Judgement.Request) > 0 {
		t.Errorf("got %+v", x)
	}
}

// The journal has the whole URL, whether the request line had the host or not.
func TestJournalHasTheURL(t *testing.T) {
	server := fakeserver.New()
	const path = "/v2/p/graphs?limit=1"
	unsent, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://example.com"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"http://example.com" + path, "http://example.com" + path, "https://example.com" + path, "http://example.com" + path}
	for _, r := range []*http.Request{
		httptest.NewRequest(http.MethodGet, path, http.NoBody),
		httptest.NewRequest(http.MethodGet, want[1], http.NoBody),
		httptest.NewRequest(http.MethodGet, want[2], http.NoBody),
		unsent,
	} {
		server.ServeHTTP(httptest.NewRecorder(), r)
	}
	for i, x := range server.Journal(0) {
		if x.URL != want[i] {
			t.Errorf("exchange %d: got %s, want %s", i+1, x.URL, want[i])
		}
	}
}

// Each part of a request whose length a client chooses must count towards the limit.
func TestJournalCountsAllThatItKeeps(t *testing.T) {
	server := fakeserver.New(fakeserver.WithJournal(100_000))
	long := strings.Repeat("A", 20_000)
	for name, change := range map[string]func(*http.Request){
		"method": func(r *http.Request) { r.Method = long },
		"host":   func(r *http.Request) { r.Host = long },
	} {
		server.Reset()
		for range 20 {
			r := httptest.NewRequest(http.MethodGet, "/nowhere", http.NoBody)
			change(r)
			server.ServeHTTP(httptest.NewRecorder(), r)
		}
		if kept := len(server.Journal(0)); kept > 5 {
			t.Errorf("%s: %d times 20,000 bytes are kept, with a limit of 100,000", name, kept)
		}
	}
}

// Each fault is counted by its own name, even if others strike the same request.
func TestMetricsCountEachFault(t *testing.T) {
	server := fakeserver.New(
		fakeserver.WithFault(scenario.Fault{Name: "late, at times", Match: scenario.Match{Calls: []int{1}}, Delay: &scenario.Delay{From: 1}}),
		fakeserver.WithFault(scenario.Fault{Name: "down", Answer: &scenario.Answer{Status: 503}}),
	)
	for range 2 {
		request{body: good}.send(server, server.Fixtures())
	}
	var text strings.Builder
	if err := server.WriteMetrics(&text); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`faults_total{fault="late, at times"} 1`, `faults_total{fault="down"} 2`} {
		if !strings.Contains(text.String(), line+"\n") {
			t.Errorf("there is no line %s in\n%s", line, text.String())
		}
	}
	if x := server.Journal(0)[0]; x.Fault != "late, at times, down" {
		t.Errorf("got the faults %q", x.Fault)
	}
}
