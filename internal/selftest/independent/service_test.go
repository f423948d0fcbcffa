// Package independent_test judges servers that share nothing with this module:
// a graph engine service written by hand from the public pages, in many lawful
// variations and with many defects.
package independent_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// knobs are the behaviour that a row of the tables changes. The zero value of most is the
// plainest behaviour.
type knobs struct {
	version string   // of the graph, before any upgrade
	name    string   // of the graph
	offered []string // where not nil, only these may be upgraded to
	given   []string // what the suite is told to be on offer

	took, pending time.Duration // how long an upgrade takes, and how much of it the job is pending
	jobLag        time.Duration // until the job can be asked for
	versionLag    time.Duration // from the job's end until the graph shows the version
	statusLag     time.Duration // from the job's end until the graph runs again
	ends          string        // how a job ends
	failures      int           // how many upgrades fail before the first success
	slow          time.Duration // until any answer
	patience      time.Duration // of the suite
	order         []string      // of the checks of an upgrade
	answers       map[string]reply
	skip          map[string]bool                   // checks and refusals that are left out
	forgives      []func(c *call, kind string) bool // likewise, for some calls
	bare          bool                              // no fixtures but the graph and the token
	handRouted    bool                              // JSON answers of its own where nothing is routed, after the token
	read          func(body []byte) (wanted, string)
	formed        func(string) bool
	later         func(a, b string) bool
	jobID         func(n int) string
	installs      func(target string) string // what an upgrade brings
	edit          func(c *call, r *reply)    // has the last word on an answer
	deliver       func(c *call, w http.ResponseWriter, r *reply) bool
	before        func(c *call, w http.ResponseWriter, r *http.Request) bool
	describe      func(s *service, g *graph, now time.Time) object
	report        func(s *service, j *job, now time.Time) object
	accepted      func(c *call)            // does more than an upgrade should
	allowed       func(status string) bool // whether an upgrade may start all the same
	token         string
	chunked       bool
	rewrite       func(r *http.Request)
	instead       func(w http.ResponseWriter, r *http.Request) bool
}

type object = map[string]any

// A reply is the answer to be sent.
type reply struct {
	status int
	code   string // of an error
	header map[string]string
	body   any // []byte leaves as it is
}

// wanted is what a request asks for.
type wanted struct {
	version string
	force   bool
}

// A call is a request on its way through the checks.
type call struct {
	s                        *service
	r                        *http.Request
	op                       string // upgrade, graph, job
	project, graphID, job    string
	body                     []byte
	want                     wanted
	g                        *graph
	kind                     string // why it is refused; "" where it is not
	token                    string
	number                   int
	acceptedID, versionAsked string
}

type graph struct {
	id, name, project, version, status string
	job                                *job
}

type job struct {
	id             string
	g              *graph
	began, ends    time.Time
	from, to, fate string
}

// service is the server. Its clock is the real one; nothing runs in the
// background.
type service struct {
	knobs
	mu     sync.Mutex
	graphs map[string]*graph
	jobs   map[string]*job
	calls  int
	made   int    // jobs
	warm   bool   // an upgrade was accepted
	kept   *reply // to the first upgrade
}

const (
	ownProject   = "8c1f4a20b7de4bd2a41d5a3e6f7b9c00"
	otherProject = "77aa00bb11cc22dd33ee44ff55aa66bb"
	ownGraph     = "0d9a7f6e-1c2b-4a3d-9e8f-7a6b5c4d3e2f"
	stoppedGraph = "1e8b6f5d-2d3c-4b4e-8f9a-6b5c4d3e2f10"
	foreignGraph = "2f7c5e4c-3e4d-4c5f-9a0b-5c4d3e2f1021"
	goodToken    = "MIIPAgYJKoZIhvcNAQcCoIIO8zCCDu8CAQExDTALBglghkgBZQMEAgEw"
	readToken    = "MIIRReadOnlyJKoZIhvcNAQcCoIIO8zCCDu8CAQExDTALBglghkgBZQ"
	staleToken   = "MIIXExpiredZIhvcNAQcCoIIO8zCCDu8CAQExDTALBglghkgBZQMEAg"
)

func newService(k knobs) *service {
	s := &service{knobs: k, graphs: map[string]*graph{}, jobs: map[string]*job{}}
	for _, g := range []*graph{
		{id: ownGraph, name: s.name, project: ownProject, version: s.version, status: "200"},
		{id: stoppedGraph, name: "ges_stopped", project: ownProject, version: s.version, status: "900"},
		{id: foreignGraph, name: "ges_foreign", project: otherProject, version: s.version, status: "200"},
	} {
		s.graphs[g.id] = g
	}
	return s
}

// handler routes as the standard library does, or by hand.
func (s *service) handler() http.Handler {
	if s.handRouted {
		return http.HandlerFunc(s.route)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/{project}/graphs/{graph}/upgrade", s.serve("upgrade"))
	mux.HandleFunc("GET /v2/{project}/graphs/{graph}", s.serve("graph"))
	mux.HandleFunc("GET /v2/{project}/graphs/{graph}/jobs/{job}/status", s.serve("job"))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.rewrite != nil {
			s.rewrite(r)
		}
		if s.instead == nil || !s.instead(w, r) {
			mux.ServeHTTP(w, r)
		}
	})
}

// route does what a gateway does: it checks the token, then the path.
func (s *service) route(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	op := ""
	switch {
	case len(parts) < 4 || parts[0] != "v2" || parts[2] != "graphs" || parts[3] == "":
	case len(parts) == 5 && parts[4] == "upgrade" && r.Method == http.MethodPost:
		op = "upgrade"
	case len(parts) == 4 && r.Method == http.MethodGet:
		op = "graph"
	case len(parts) == 7 && parts[4] == "jobs" && parts[6] == "status" && r.Method == http.MethodGet:
		op = "job"
		r.SetPathValue("job", parts[5])
	}
	if op == "" {
		c := &call{s: s, r: r, op: "none"}
		if kind := s.credentials(c); kind != "" {
			s.send(c, w, s.refusal(c, kind))
			return
		}
		s.send(c, w, s.refusal(c, "no-api"))
		return
	}
	r.SetPathValue("project", parts[1])
	r.SetPathValue("graph", parts[3])
	s.serve(op)(w, r)
}

func (s *service) serve(op string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.calls++
		c := &call{
			s: s, r: r, op: op, body: body, number: s.calls,
			project: r.PathValue("project"), graphID: r.PathValue("graph"), job: r.PathValue("job"),
		}
		s.mu.Unlock()
		time.Sleep(s.slow)
		if s.before != nil && s.before(c, w, r) {
			return
		}
		s.mu.Lock()
		answer := s.handle(c)
		if s.edit != nil {
			s.edit(c, &answer)
		}
		s.mu.Unlock()
		s.send(c, w, answer)
	}
}

// handle runs the checks on a call.
func (s *service) handle(c *call) reply {
	checks := map[string][]string{
		"upgrade": s.order,
		"graph":   {"token", "project-id", "project", "graph"},
		"job":     {"token", "project-id", "project", "graph", "job"},
	}[c.op]
	for _, name := range checks {
		if kind := s.check(name, c); kind != "" && !s.skip[kind] && !s.forgiven(c, kind) {
			c.kind = kind
			return s.refusal(c, kind)
		}
	}
	now := time.Now()
	switch c.op {
	case "graph":
		return reply{status: 200, body: object{"graph": s.describe(s, c.g, now)}}
	case "job":
		return reply{status: 200, body: s.report(s, s.jobs[c.job], now)}
	default:
		return s.upgrade(c, now)
	}
}

func (s *service) forgiven(c *call, kind string) bool {
	return slices.ContainsFunc(s.forgives, func(f func(*call, string) bool) bool { return f(c, kind) })
}

func (s *service) upgrade(c *call, now time.Time) reply {
	s.made++
	j := &job{
		id: s.jobID(s.made), g: c.g, began: now, ends: now.Add(s.took), from: c.g.shows(s, now), to: s.installs(c.want.version), fate: s.ends,
	}
	if s.made <= s.failures {
		j.fate = "failed"
	}
	if c.g.job != nil {
		c.g.version = c.g.job.version(s, now)
	}
	c.g.job, s.jobs[j.id] = j, j
	c.acceptedID, c.versionAsked = j.id, c.want.version
	if s.accepted != nil {
		s.accepted(c)
	}
	return reply{status: 200, body: object{"job_id": j.id}}
}

// state returns the progress of a job.
func (j *job) state(s *service, now time.Time) string {
	switch {
	case !now.Before(j.ends):
		return j.fate
	case now.Sub(j.began) < s.pending:
		return "pending"
	}
	return "running"
}

// version returns the version that the graph of a job shows.
func (j *job) version(s *service, now time.Time) string {
	if j.fate == "success" && !now.Before(j.ends.Add(s.versionLag)) {
		return j.to
	}
	return j.from
}

func (g *graph) shows(s *service, now time.Time) string {
	if g.job == nil {
		return g.version
	}
	return g.job.version(s, now)
}

func (g *graph) state(s *service, now time.Time) string {
	if g.job != nil && now.Before(g.job.ends.Add(s.statusLag)) {
		if !now.Before(g.job.ends) && g.job.fate != "success" {
			return "203"
		}
		return "201"
	}
	return g.status
}

// send writes an answer.
func (s *service) send(c *call, w http.ResponseWriter, a reply) {
	if s.deliver != nil && s.deliver(c, w, &a) {
		return
	}
	body, raw := a.body.([]byte)
	if !raw && a.body != nil {
		var err error
		if body, err = json.Marshal(a.body); err != nil {
			panic(fmt.Sprintf("marshal %v: %v", a.body, err))
		}
	}
	w.Header().Set("Content-Type", "application/json")
	for name, value := range a.header {
		w.Header().Set(name, value)
		if value == "" {
			w.Header()[http.CanonicalHeaderKey(name)] = nil // nor one that is guessed
		}
	}
	w.WriteHeader(a.status)
	if s.chunked && len(body) > 1 {
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		body = body[len(body)/2:]
	}
	_, _ = w.Write(body)
}
