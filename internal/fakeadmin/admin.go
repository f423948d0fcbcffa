// Package fakeadmin steers a fake server and shows what it holds and what was asked
// of it, below /_fake/: for programs as JSON, for people as a page that follows
// what happens.
//
// It shows no credentials, and takes no orders from the pages of other origins.
package fakeadmin

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
)

// Root is the path that all of the administration is below.
const Root = "/_fake/"

// An Option changes what a handler allows.
type Option func(*handler)

// WithHosts names hosts, without ports, that requests may be for beside
// localhost and IP addresses. Name those that belong to the fake: for any other
// name, a page of that name could have it point at this server, and read what
// the administration shows.
func WithHosts(hosts ...string) Option {
	return func(h *handler) {
		for _, host := range hosts {
			h.hosts = append(h.hosts, strings.ToLower(host))
		}
	}
}

// A handler serves the administration of one fake.
type handler struct {
	fake   *fakeserver.Server
	hosts  []string
	origin *http.CrossOriginProtection
	routes map[string]route // by path
	run    string           // differs from that of any other handler
	tally  tally
	pace   pace
	ends   shutdowns
}

// A route is what is served at a path, by method.
type route map[string]func(http.ResponseWriter, *http.Request) error

// Handler returns the administration of a fake. It answers what is below
// [Root], and everything else with 404.
func Handler(s *fakeserver.Server, options ...Option) http.Handler {
	return newHandler(s, options...)
}

func newHandler(s *fakeserver.Server, options ...Option) *handler {
	h := &handler{fake: s, hosts: []string{"localhost"}, origin: http.NewCrossOriginProtection(), run: newRun(), pace: usualPace}
	for _, option := range options {
		option(h)
	}
	const get, post, put = http.MethodGet, http.MethodPost, http.MethodPut
	h.routes = map[string]route{
		"":                {get: h.page, post: h.act},
		"style.css":       {get: asset("style.css", "text/css; charset=utf-8")},
		"page.js":         {get: asset("page.js", "text/javascript; charset=utf-8")},
		"icon.svg":        {get: asset("icon.svg", "image/svg+xml")},
		"reset":           {post: h.reset},
		"scenario":        {put: h.load},
		"scenario/schema": {get: h.schema},
		"clock":           {get: h.showClock, post: h.advance},
		"state":           {get: h.state},
		"journal":         {get: h.journal},
		"metrics":         {get: h.metrics},
		"events":          {get: h.events},
	}
	return h
}

// Mount returns the fake with its administration in front.
func Mount(s *fakeserver.Server, options ...Option) http.Handler {
	administration := Handler(s, options...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path+"/", Root) {
			administration.ServeHTTP(w, r)
			return
		}
		s.ServeHTTP(w, r)
	})
}

// ServeHTTP answers a request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protect(w.Header())
	if err := h.serve(w, r); err != nil {
		fail(w, err)
	}
}

// protect keeps what is served from being kept, framed, misread or read by
// others, and pages from loading anything but what is served here.
func protect(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request) error {
	if err := h.admit(r); err != nil {
		return err
	}
	if r.URL.Path+"/" == Root {
		http.Redirect(w, r, Root, http.StatusMovedPermanently)
		return nil
	}
	path, below := strings.CutPrefix(r.URL.Path, Root)
	found := h.routes[path]
	if !below || found == nil {
		return refuse(http.StatusNotFound, "nothing is at %q; %s lists what there is", r.URL.Path, Root)
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet // net/http leaves the body out
	}
	serve := found[method]
	if serve == nil {
		allowed := found.methods()
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return refuse(http.StatusMethodNotAllowed, "expected %s, got %q", strings.Join(allowed, " or "), r.Method)
	}
	return serve(w, r)
}

func (r route) methods() []string {
	methods := slices.Sorted(maps.Keys(r))
	if r[http.MethodGet] != nil {
		methods = slices.Insert(methods, slices.Index(methods, http.MethodGet)+1, http.MethodHead)
	}
	return methods
}

// admit refuses requests that pages of other origins have made: those that
// would change something, and all that are for a host that is not known to be
// this one (with DNS rebinding, a page's own name leads here).
func (h *handler) admit(r *http.Request) error {
	host := hostOf(r.Host)
	if _, err := netip.ParseAddr(host); err != nil && !slices.Contains(h.hosts, strings.ToLower(host)) {
		return refuse(http.StatusForbidden, "expected a host that is localhost, an IP address or allowed by name, got %q", r.Host)
	}
	if h.origin.Check(r) != nil {
		return refuse(http.StatusForbidden, "expected a request of this origin, got one of another")
	}
	return nil
}

// hostOf takes the port and the brackets off a host.
func hostOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

// A refusal is an error with the status that it is answered with.
type refusal struct {
	status int
	reason string
}

func (r *refusal) Error() string { return r.reason }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// fail answers with an error.
func fail(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	var r *refusal
	if errors.As(err, &r) {
		status = r.status
	}
	_ = writeJSON(w, status, map[string]string{"error": err.Error()}) // fails if the client is gone
}

// writeJSON answers with a value as JSON. It fails before anything was written,
// or because the client is gone.
func writeJSON(w http.ResponseWriter, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // fails if the client is gone
	return nil
}

// A clockFace is what the clock shows.
type clockFace struct {
	Now time.Time `json:"now"`
}
