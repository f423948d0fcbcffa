package fakeserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
)

// Of a thousand upgrades at once, each graph accepts one, each accepted one has a job of
// its own, and each job ends.
func TestParallelUpgrades(t *testing.T) {
	const graphs, each = 50, 20
	server := fakeserver.New(fakeserver.WithScenario(manyGraphs(graphs)), fakeserver.WithClock(newClock().Now))
	scenario := manyGraphs(graphs)
	scenario.Upgrades[0].Takes = 10 * 1e9
	if err := server.Load(scenario); err != nil {
		t.Fatal(err)
	}
	f := server.Fixtures()
	jobs := make([][]string, graphs)
	var mu sync.Mutex
	var all sync.WaitGroup
	for g := range graphs {
		for range each {
			all.Go(func() {
				path := fmt.Sprintf("/v2/{p}/graphs/graph-%d", g)
				got := request{path: path + "/upgrade", body: good}.send(server, f)
				shown := request{method: http.MethodGet, path: path}.send(server, f)
				if got.Code != http.StatusOK && outcome(got) != "Bad Request GES.7001" || stateOf(t, shown) != "201" {
					t.Errorf("got %s, then %s", got.Body, shown.Body)
				}
				if got.Code == http.StatusOK {
					mu.Lock()
					defer mu.Unlock()
					jobs[g] = append(jobs[g], member(t, got, "job_id"))
				}
			})
		}
	}
	all.Wait()
	server.Advance(10 * 1e9)
	seen := map[string]bool{}
	for g, ids := range jobs {
		if len(ids) != 1 || seen[ids[0]] {
			t.Fatalf("graph %d: got the jobs %q", g, ids)
		}
		seen[ids[0]] = true
		shown := request{method: http.MethodGet, path: fmt.Sprintf("/v2/{p}/graphs/graph-%d/jobs/%s/status", g, ids[0])}.send(server, f)
		if member(t, shown, "status") != "success" {
			t.Errorf("graph %d: got %s", g, shown.Body)
		}
	}
	if got := len(server.Jobs(10_000)); got != graphs {
		t.Errorf("the server has %d jobs, want %d", got, graphs)
	}
}

// heap returns the bytes in use after garbage collection.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // for what finalizers released
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// discard is an http.ResponseWriter that keeps only the status.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }

// After a million upgrades the server must be as large as after 12,000, when it has as
// many jobs as it keeps, and its journal is full. With smaller limits, fewer upgrades
// show the same.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("sends 20,000 requests; the whole test runs without -short")
	}
	s := manyGraphs(1)
	options := []fakeserver.Option{fakeserver.WithScenario(s), fakeserver.WithJournal(1 << 20)}
	s.KeptJobs = 1000
	kept, early, late := s.KeptJobs, 3000, 20_000
	if os.Getenv("GESCONFORM_TEST_ALL") != "" { // the limits of a server that was not told any
		s.KeptJobs, options = 0, options[:1]
		kept, early, late = 10_000, 12_000, 1_000_000
	}
	server := fakeserver.New(options...)
	f := server.Fixtures()
	next := 9
	path := "/v2/" + f.ProjectID + "/graphs/graph-0/upgrade"
	// sizeAfter is the size of the heap after a number of upgrades.
	sizeAfter := func(upgrades int) uint64 {
		for ; next < upgrades; next++ {
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(fmt.Sprintf(`{"upgrade_version":"2.2.%d"}`, next)))
			r.Header["X-Auth-Token"], r.Header["Content-Type"] = []string{f.Token}, []string{"application/json"}
			w := &discard{header: http.Header{}}
			if server.ServeHTTP(w, r); w.status != http.StatusOK {
				t.Fatalf("upgrade to 2.2.%d: got %d", next, w.status)
			}
		}
		return heap()
	}
	before, after := sizeAfter(early), sizeAfter(late)
	if after > before+128<<10 { // some seven bytes for each upgrade between the two
		t.Errorf("the heap has %d bytes after %d upgrades and %d after %d", before, early, after, late)
	}
	t.Logf("the heap has %d bytes after %d upgrades and %d after %d", before, early, after, late)
	if got := len(server.Jobs(1 << 30)); got != kept {
		t.Errorf("the server keeps %d jobs, want %d", got, kept)
	}
}

// Whatever the headers that carry credentials contain, the request is refused with a
// lawful answer.
func FuzzAuthorization(f *testing.F) {
	f.Add(signature, "20261123T085320Z", "", "")
	f.Add("SDK-HMAC-SHA256 Access=, SignedHeaders=, Signature=", "", "x", "y")
	for _, text := range []string{"Bearer x", "Basic eDp5", "SDK-HMAC-SHA256", "SDK-HMAC-SHA256 Access=A,SignedHeaders=;;,Signature=0"} {
		f.Add(text, "20261123T085320Z", "token", "project")
	}
	server := fakeserver.New()
	fixtures := server.Fixtures()
	f.Add("SDK-HMAC-SHA256 Access="+fixtures.AccessKey+", SignedHeaders=x-sdk-date, Signature="+strings.Repeat("0", 64), "20261123T085320Z", "", fixtures.ProjectID)
	f.Fuzz(func(t *testing.T, authorization, date, securityToken, project string) {
		got := request{body: good, header: http.Header{
			"X-Auth-Token": nil, "Authorization": {authorization}, "X-Sdk-Date": {date}, "X-Security-Token": {securityToken}, "X-Project-Id": {project},
		}}.send(server, fixtures)
		var body struct {
			Code    string `json:"error_code"`
			Message string `json:"error_msg"`
		}
		if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil || outcome(got) != notAuthorized || body.Message == "" {
			t.Errorf("got %d %s", got.Code, got.Body)
		}
	})
}

// Whatever the body of a request for a token, the answer is one that Keystone gives.
func FuzzLogin(f *testing.F) {
	for _, body := range []string{
		``, `{}`, `[]`, `{"auth":null}`, `{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"operator","password":"Operate-1"}}},"scope":{"project":{}}}}`,
		`{"auth":{"identity":{"methods":["token"]}}}`, `{"auth":{"scope":{"domain":{"id":"x"}}}}`,
	} {
		f.Add(body)
	}
	server := fakeserver.New()
	f.Fuzz(func(t *testing.T, body string) {
		got := request{path: "/v3/auth/tokens", body: body}.send(server, fakeserver.Fixtures{})
		switch got.Code {
		case http.StatusCreated, http.StatusBadRequest, http.StatusUnauthorized:
		default:
			t.Errorf("got %d %s", got.Code, got.Body)
		}
		if issued := got.Header().Get("X-Subject-Token") != ""; issued != (got.Code == http.StatusCreated) || !json.Valid(got.Body.Bytes()) {
			t.Errorf("got %d %s", got.Code, got.Body)
		}
	})
}
