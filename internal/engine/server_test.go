package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

const (
	project    = "0123456789abcdef0123456789abcdef"
	named      = "53205529-026b-455a-9e07-228fae4b12b9"
	foreign    = "f0000000-026b-455a-9e07-228fae4b12b9"
	stopped    = "57000000-026b-455a-9e07-228fae4b12b9"
	ownVersion = "2.2.8"
	ownAddress = "127.0.0.1:80"
)

// An arrival is a request that a server received, with its answer.
type arrival struct {
	method, path, graph string
	header              http.Header
	body                string
	status              int
	accepted            bool // an upgrade was accepted
}

// safe reports whether the method only reads (RFC 9110, section 9.2.1).
func (a *arrival) safe() bool { return a.method == http.MethodGet || a.method == http.MethodHead }

// A naive server is a broken deployment: it accepts every upgrade that answer does not refuse.
type naive struct {
	network *inprocess.Listener
	server  *httptest.Server // once it has been started
	handler http.Handler
	strays  atomic.Int64 // connections that were meant for another server

	// knows reports whether a read finds a graph; nil for only the named one.
	knows func(graph string) bool
	// answer returns the answer to a request that is not a read; nil accepts all.
	answer func(w http.ResponseWriter, a *arrival) (done bool)
	// version is the graph's version in reads. An accepted upgrade does not change it.
	version string

	mu       sync.Mutex
	arrivals []arrival
}

func newNaive() *naive {
	s := &naive{version: ownVersion}
	s.handler = s
	return s
}

// start starts the server in memory, until the test or its bubble ends.
func (s *naive) start(t *testing.T) {
	t.Helper()
	s.network = inprocess.Listen()
	s.server = &httptest.Server{Listener: s.network, Config: &http.Server{Handler: s.handler, ReadHeaderTimeout: time.Minute}}
	s.server.Start()
	t.Cleanup(s.server.Close)
}

func (s *naive) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if address != ownAddress {
		s.strays.Add(1)
		return nil, fmt.Errorf("expected a connection to %s, got one to %s", ownAddress, address)
	}
	return s.network.Dial(ctx, network, address)
}

func (s *naive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a := arrival{method: r.Method, path: r.URL.EscapedPath(), header: r.Header, body: string(body), status: http.StatusOK}
	if _, rest, found := strings.Cut(a.path, "/graphs/"); found {
		a.graph, _, _ = strings.Cut(rest, "/")
	}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.arrivals = append(s.arrivals, a)
	}()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case a.safe() && strings.Contains(a.path, "/jobs/"):
		fmt.Fprint(w, `{"job_id":"j","status":"success"}`)
	case a.safe() && !strings.HasSuffix(a.path, "/upgrade"):
		s.show(w, &a)
	case s.answer != nil && s.answer(w, &a):
	default:
		a.accepted = true
		fmt.Fprint(w, `{"job_id":"j"}`)
	}
}

func (s *naive) show(w http.ResponseWriter, a *arrival) {
	known := a.graph == named
	if s.knows != nil {
		known = s.knows(a.graph)
	}
	if !known {
		a.status = http.StatusNotFound
		w.WriteHeader(a.status)
		fmt.Fprint(w, `{"error_code":"GES.0047","error_msg":"there is no such graph"}`)
		return
	}
	answer, _ := json.Marshal(map[string]any{"graph": map[string]any{"id": a.graph, "name": "g", "status": "200", "data_store_version": s.version}})
	_, _ = w.Write(answer)
}

// refuse answers with an error.
func refuse(w http.ResponseWriter, status int, code string) bool {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error_code":%q,"error_msg":"no"}`, code)
	return true
}

// came returns a copy of the arrivals.
func (s *naive) came() []arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]arrival(nil), s.arrivals...)
}

// acceptances returns the number of accepted upgrades, by graph.
func (s *naive) acceptances() map[string]int {
	counts := map[string]int{}
	for _, a := range s.came() {
		if a.accepted {
			counts[a.graph]++
		}
	}
	return counts
}

// configure returns the simplest configuration for a server, with changes.
func configure(s *naive, changes ...func(*config.Config)) *config.Config {
	c := config.Default()
	c.Endpoint, c.Dial = "http://"+ownAddress, s.dial
	c.ProjectID, c.GraphID, c.Token = project, named, "a-token-of-some-length"
	c.ReadonlyToken, c.ExpiredToken = "a-readonly-token", "an-expired-token"
	c.UpgradeVersions = []string{"2.2.9", "2.2.10", "2.2.11", "2.3.0", "3.0.0", "3.0.1"}
	c.RequestTimeout, c.JobTimeout, c.Seed = 20*time.Second, 20*time.Millisecond, 1
	for _, change := range changes {
		change(&c)
	}
	return &c
}

func risk(r cases.Risk) func(*config.Config) { return func(c *config.Config) { c.Risk = r } }

func maxUpgrades(n int) func(*config.Config) { return func(c *config.Config) { c.MaxUpgrades = n } }

func keepGoing(c *config.Config) { c.KeepGoing = true }

// finished is an engine that has run.
type finished struct {
	*engine.Engine

	results []judge.Result
}

// Results are the engine's, whose channels belong to its bubble.
func (f *finished) Results() []judge.Result { return f.results }

// run starts the server in a bubble of testing/synctest and sends it the selected cases,
// all by default. No time limit passes there because the machine is busy.
func (s *naive) run(t *testing.T, cfg *config.Config, hooks engine.Hooks, selected ...*cases.Case) (f *finished) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		t.Helper()
		f = s.runHere(t, cfg, hooks, selected...)
	})
	return f
}

// runHere is run within a bubble that there is already.
func (s *naive) runHere(t *testing.T, cfg *config.Config, hooks engine.Hooks, selected ...*cases.Case) *finished {
	t.Helper()
	if err := cfg.Check(); err != nil {
		t.Fatal(err)
	}
	all := derived(t)
	if len(selected) == 0 {
		selected = all
	}
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	s.start(t)
	e := engine.New(c, cfg, all, selected, hooks)
	t.Cleanup(e.Close) // before the server's
	ctx, cancel := context.WithTimeout(t.Context(), 1000*time.Hour)
	defer cancel()
	e.Run(ctx, selected)
	if ctx.Err() != nil {
		t.Fatal("the run did not end")
	}
	for _, k := range selected {
		if r := e.Await(ctx, k.ID); r.Verdict == "" {
			t.Errorf("case %s: no verdict", k.ID)
		}
	}
	return &finished{e, e.Results()}
}

func derived(t *testing.T) []*cases.Case {
	t.Helper()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	all, err := cases.Of(c)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// find returns the case with an id.
func find(t *testing.T, id string) *cases.Case {
	t.Helper()
	for _, k := range derived(t) {
		if k.ID == id {
			return k
		}
	}
	t.Fatalf("there is no case %s", id)
	return nil
}

// result returns the result of a case after a run.
func result(t *testing.T, e *finished, id string) judge.Result {
	t.Helper()
	for _, r := range e.Results() {
		if r.Case == id {
			return r
		}
	}
	t.Fatalf("there is no result of %s", id)
	return judge.Result{}
}
