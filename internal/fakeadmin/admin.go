// Package fakeadmin is the administration of a fake server, below /_fake/. It controls the
// server, and shows its state and the exchanges with clients, as JSON for programs and as
// a live page for people.
//
// It shows no credentials, and refuses requests from pages of other origins.
package fakeadmin

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/serving"
)

// Root is the path of the administration's page; its other paths are below Root.
const Root = "/_fake/"

// An Option configures the administration.
type Option func(*handler)

// WithHosts allows requests whose Host is one of these names (without a port), in addition
// to localhost and IP addresses. Only allow names that belong to the fake: the owner of
// another name could point it at this server, and so let a page of that name read what the
// administration shows (DNS rebinding).
func WithHosts(hosts ...string) Option {
	return func(h *handler) { h.hosts = append(h.hosts, hosts...) }
}

// A handler serves the administration of one fake.
type handler struct {
	fake       *fakeserver.Server
	hosts      []string
	origin     *http.CrossOriginProtection
	routes     map[string]route // by path
	instance   string           // differs for each handler, so that an open page notices a restart
	violations violationCounter
	intervals  intervals
	registered sync.Once     // ends has been registered with the HTTP server
	ends       chan struct{} // closed when the HTTP server shuts down
}

// A route has a function for each method that a path supports.
type route map[string]func(http.ResponseWriter, *http.Request) error

func newHandler(s *fakeserver.Server, options ...Option) *handler {
	h := &handler{
		fake: s, origin: http.NewCrossOriginProtection(), instance: rand.Text(),
		intervals: defaultIntervals, ends: make(chan struct{}),
	}
	for _, option := range options {
		option(h)
	}
	const get, post, put = http.MethodGet, http.MethodPost, http.MethodPut
	h.routes = map[string]route{
		"":                {get: h.page, post: h.submit},
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
	for _, r := range h.routes {
		if r[get] != nil {
			r[http.MethodHead] = r[get] // net/http omits the body
		}
	}
	return h
}

// Mount returns the fake with its administration below [Root].
func Mount(s *fakeserver.Server, options ...Option) http.Handler {
	administration := newHandler(s, options...)
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

// protect sets the headers that keep browsers from caching, framing or sniffing an
// answer, and the page from loading anything from elsewhere.
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
	if err := h.checkOrigin(r); err != nil {
		return err
	}
	if r.URL.Path+"/" == Root {
		http.Redirect(w, r, Root, http.StatusMovedPermanently)
		return nil
	}
	path, below := strings.CutPrefix(r.URL.Path, Root)
	found := h.routes[path]
	if !below || found == nil {
		return refuse(http.StatusNotFound, "unknown path %q; %s has links to the others", r.URL.Path, Root)
	}
	serve := found[r.Method]
	if serve == nil {
		allowed := slices.Sorted(maps.Keys(found))
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return refuse(http.StatusMethodNotAllowed, "expected %s, got %q", strings.Join(allowed, " or "), r.Method)
	}
	return serve(w, r)
}

// checkOrigin refuses requests from pages of other origins: those that would change
// something, and all with a Host that is not allowed (DNS rebinding).
func (h *handler) checkOrigin(r *http.Request) error {
	if !serving.IsOwnHost(r.Host, h.hosts...) {
		return refuse(http.StatusForbidden, "expected a host that is localhost, an IP address or a name in --admin-hosts, got %q", r.Host)
	}
	if h.origin.Check(r) != nil {
		return refuse(http.StatusForbidden, "expected a request from this origin, got one from another origin")
	}
	return nil
}

// A refusal is an error with the HTTP status for the answer.
type refusal struct {
	status int
	reason string
}

func (r *refusal) Error() string { return r.reason }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// fail writes an error as the answer.
func fail(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	if r, ok := errors.AsType[*refusal](err); ok {
		status = r.status
	}
	_ = writeJSON(w, status, map[string]string{"error": err.Error()}) // fails if the client is gone
}

// writeJSON answers with a value as JSON. If it returns an error, nothing has been written.
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
