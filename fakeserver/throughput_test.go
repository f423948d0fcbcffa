package fakeserver_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// connections is the number of concurrent clients. Each upgrades a graph of its own, of
// the scenario many-graphs.yaml.
const connections = 16

// manyGraphs returns a scenario with the given number of graphs, beside the default ones.
func manyGraphs(graphs int) *scenario.Scenario {
	s := scenario.Default()
	s.Upgrades = []scenario.Upgrade{{}} // they take no time, so that each request is accepted
	for i := range graphs {
		s.Graphs = append(s.Graphs, scenario.Graph{Name: fmt.Sprintf("graph_%d", i), ID: fmt.Sprintf("graph-%d", i), Project: s.Projects[0].Name})
	}
	return s
}

// bare is the handler to compare with: it only decodes the body and answers with a job_id.
func bare(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Version string `json:"upgrade_version"`
		Force   bool   `json:"force_upgrade"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"job_id": "f99f60f1-bba6-4cde-bd1a-ff4bdd1fd500000168232"})
}

// A side is a server that is measured.
type side struct {
	name    string
	callers []*caller
	took    []float64 // seconds, each round
}

func newSide(b *testing.B, name, addr string, f fakeserver.Fixtures) *side {
	b.Helper()
	s := &side{name: name}
	for i := range connections {
		s.callers = append(s.callers, newCaller(b, addr, fmt.Sprintf("graph-%d", i), f))
	}
	return s
}

// serve serves in this process and returns the address.
func serve(b *testing.B, h http.Handler) string {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// round sends the given number of requests on each connection, and records the time.
func (s *side) round(b *testing.B, requests int) {
	b.Helper()
	errs := make([]error, len(s.callers))
	start := time.Now()
	var all sync.WaitGroup
	for i, c := range s.callers {
		all.Go(func() {
			for n := 0; n < requests && errs[i] == nil; n++ {
				errs[i] = c.upgrade()
			}
		})
	}
	all.Wait()
	s.took = append(s.took, time.Since(start).Seconds())
	for _, err := range errs {
		if err != nil {
			b.Fatalf("%s: %v", s.name, err)
		}
	}
}

// A peer is a server that already runs in a process of its own.
type peer struct{ name, addr string }

// peersVariable is the environment variable that lists peers to measure, too, as in
// `prism=http://127.0.0.1:4010,…`.
const peersVariable = "GESCONFORM_BENCH_PEERS"

// barePeer is the name of the peer with which the other peers are compared, because like
// them it does not share a process with the client.
const barePeer = "bare-process"

var peerName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// readPeers parses the value of peersVariable. Only loopback addresses are allowed.
func readPeers(text string) ([]peer, error) {
	var peers []peer
	for entry := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(entry) == "" {
			continue
		}
		name, address, _ := strings.Cut(strings.TrimSpace(entry), "=")
		u, err := url.Parse(address)
		switch {
		case !peerName.MatchString(name) || err != nil || u.Scheme != "http" || u.Port() == "" || strings.Trim(u.Path, "/") != "":
			return nil, fmt.Errorf("%s: expected name=http://127.0.0.1:PORT, got %q", peersVariable, entry)
		case !net.ParseIP(u.Hostname()).IsLoopback():
			return nil, fmt.Errorf("%s: expected an address of this machine alone (127.0.0.1, ::1), got %q", peersVariable, u.Host)
		}
		peers = append(peers, peer{name, u.Host})
	}
	return peers, nil
}

// BenchmarkThroughput measures the fake with all that it does (judging, state, jobs,
// journal), in turns with a handler that does almost nothing.
func BenchmarkThroughput(b *testing.B) {
	sc, err := scenario.Load(filepath.Join("testdata", "many-graphs.yaml"))
	peers, peersErr := readPeers(os.Getenv(peersVariable))
	if err := errors.Join(err, peersErr); err != nil {
		b.Fatal(err)
	}
	fake := fakeserver.New(fakeserver.WithScenario(sc))
	f := fake.Fixtures()
	ours, floor := newSide(b, "fake", serve(b, fake), f), newSide(b, "bare", serve(b, http.HandlerFunc(bare)), f)
	sides := []*side{floor, ours}
	for _, p := range peers {
		sides = append(sides, newSide(b, p.name, p.addr, f))
	}
	const requests = 200
	for _, s := range sides {
		s.round(b, requests)
		s.took = nil
	}
	for b.Loop() {
		for _, s := range sides {
			s.round(b, requests)
		}
	}
	const sent = connections * requests
	b.ReportMetric(sent/median(ours.took), "req/s")
	b.ReportMetric(sent/median(floor.took), "bare-req/s")
	b.ReportMetric(ours.rateOf(floor), "of-bare")
	for _, s := range sides[2:] {
		if s.name == barePeer {
			floor = s
		}
	}
	for _, s := range sides[2:] {
		b.ReportMetric(sent/median(s.took), s.name+"-req/s")
		b.ReportMetric(s.rateOf(floor), s.name+"-of-bare")
	}
}

// rateOf returns the throughput of s relative to that of floor: the median over pairs of
// consecutive rounds. Other load on the machine affects both rounds of a pair.
func (s *side) rateOf(floor *side) float64 {
	ratios := make([]float64, len(s.took))
	for i := range ratios {
		ratios[i] = floor.took[i] / s.took[i]
	}
	return median(ratios)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

func TestPeersAreOfThisMachine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want, err string }{
		{text: "", want: "[]"},
		{text: "prism=http://127.0.0.1:4010, bare-process=http://[::1]:80/", want: "[{prism 127.0.0.1:4010} {bare-process [::1]:80}]"},
		{text: "http://127.0.0.1:4010", err: `expected name=http://127.0.0.1:PORT, got "http://127.0.0.1:4010"`},
		{text: "prism=https://127.0.0.1:4010", err: "expected name=http://127.0.0.1:PORT"},
		{text: "prism=http://127.0.0.1", err: "expected name=http://127.0.0.1:PORT"},
		{text: "prism=http://192.0.2.1:4010", err: `expected an address of this machine alone (127.0.0.1, ::1), got "192.0.2.1:4010"`},
		{text: "prism=http://localhost.example:80", err: "expected an address of this machine alone"},
	} {
		got, err := readPeers(tt.text)
		if tt.err == "" && (err != nil || fmt.Sprint(got) != tt.want) {
			t.Errorf("%q: expected %s, got %v, %v", tt.text, tt.want, got, err)
		}
		if tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%q: expected error %q, got %v", tt.text, tt.err, err)
		}
	}
}
