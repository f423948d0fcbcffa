package fakeserver

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// maxBody is how much of a body the gateway takes; it refuses more with 413.
const maxBody = 12 << 20

// locate finds the operation that a call asks for.
func (s *service) locate(c *call) {
	r := c.request
	c.path = r.URL.EscapedPath()
	if c.extra = s.findExtraRoute(r.Method, c.path); c.extra != nil {
		c.operation, c.values = c.extra.id, c.extra.values(c.path)
		return
	}
	for i := range s.routes {
		values, ok := s.routes[i].Match(c.path)
		if !ok {
			continue
		}
		c.route, c.values = &s.routes[i], values
		if c.route.Method == r.Method {
			c.operation = c.route.ID
			return
		}
	}
}

// serve answers a call that has been located by the contract and the policy, and
// notes in it why it was answered so.
func (s *service) serve(c *call) {
	switch {
	case c.extra != nil:
		c.extra.answer(s, c)
		return
	case c.route == nil:
		s.answer(c, "unknown-path", http.StatusNotFound, noSuchAPI, "")
		return
	}
	c.readBody()
	s.judgeStatic(c, c.path)
	switch r := s.chosen(c); {
	case (c.operation == "" || c.unreadable != 0) && r != nil && r.First:
		s.writeRefusal(c, r)
	case c.operation == "":
		s.answerWrongMethod(c)
	case c.unreadable != 0:
		s.answerUnreadable(c)
	case c.route.serve == nil:
		s.answerUnimplemented(c)
	default:
		c.route.serve(c)
	}
}

// readBody reads the body, unless it has been read. Of one that is too large it
// discards some more, so that the client gets to read the answer. A body that
// could not be read sets c.unreadable.
func (c *call) readBody() {
	r := c.request
	if c.bodyRead || r.Body == nil || r.Body == http.NoBody {
		return
	}
	c.bodyRead = true
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	switch {
	case err != nil:
		c.unreadable = http.StatusBadRequest
	case len(body) > maxBody:
		c.unreadable = http.StatusRequestEntityTooLarge
		_, _ = io.CopyN(io.Discard, r.Body, maxBody) // whether there is so much does not matter
	default:
		c.body = body
	}
}

// An extraRoute is an operation that a real deployment has and the contract does
// not.
type extraRoute struct {
	id       string
	method   string
	segments []string // {} stands for any
	answer   func(*service, *call)
}

// extraRoutes lists those of the service and of IAM. Those without an id are not
// implemented.
var extraRoutes = slices.Concat(
	[]extraRoute{
		newExtraRoute("listGraphs", "GET /v2/{}/graphs", (*service).listGraphs),
		newExtraRoute("listJobs", "GET /v2/{}/graphs/jobs", (*service).listJobs),
		newExtraRoute("createToken", "POST /v3/auth/tokens", (*service).createToken),
		newExtraRoute("listVersions", "GET /", (*service).listVersions),
		newExtraRoute("showVersion", "GET /v3", (*service).showVersion),
		newExtraRoute("showVersion", "GET /v3/", (*service).showVersion),
	},
	notImplementedYet(
		"POST /v2/{}/graphs",
		"DELETE /v2/{}/graphs/{}",
		"GET /v2/{}/graphs/backups",
		"GET /v2/{}/graphs/metadatas",
		"POST /v2/{}/graphs/metadatas",
		"GET /v2/{}/graphs/metadatas/{}",
		"DELETE /v2/{}/graphs/metadatas/{}",
		"POST /v2/{}/graphs/metadata/upload-from-obs",
		"GET /v2/{}/graphs/quotas",
		"GET /v2/{}/graphs/{}/backups",
		"POST /v2/{}/graphs/{}/backups",
		"DELETE /v2/{}/graphs/{}/backups/{}",
		"POST /v2/{}/graphs/{}/bind-eip",
		"POST /v2/{}/graphs/{}/clear-graph",
		"POST /v2/{}/graphs/{}/expand",
		"POST /v2/{}/graphs/{}/export-graph",
		"POST /v2/{}/graphs/{}/import-graph",
		"POST /v2/{}/graphs/{}/resize",
		"POST /v2/{}/graphs/{}/restart",
		"GET /v2/{}/graphs/{}/scenes",
		"POST /v2/{}/graphs/{}/scenes/register",
		"POST /v2/{}/graphs/{}/scenes/unregister",
		"POST /v2/{}/graphs/{}/start",
		"POST /v2/{}/graphs/{}/stop",
		"POST /v2/{}/graphs/{}/unbind-eip",
		"POST /v1.0/{}/graphs/{}/action",
	),
)

func newExtraRoute(id, at string, answer func(*service, *call)) extraRoute {
	method, path, _ := strings.Cut(at, " ")
	return extraRoute{id, method, strings.Split(path, "/"), answer}
}

func notImplementedYet(at ...string) []extraRoute {
	list := make([]extraRoute, len(at))
	for i, line := range at {
		list[i] = newExtraRoute("", line, (*service).answerUnimplemented)
	}
	return list
}

// extraRoutesFor lists those that a contract does not have itself: what is added
// to the contract is served by it.
func extraRoutesFor(document *contract.Contract) []extraRoute {
	operations := document.Operations()
	return slices.DeleteFunc(slices.Clone(extraRoutes), func(b extraRoute) bool {
		return slices.ContainsFunc(operations, func(op *contract.Operation) bool {
			return op.Method == b.method && parameter.ReplaceAllString(op.Path, "{}") == strings.Join(b.segments, "/")
		})
	})
}

var parameter = regexp.MustCompile(`\{[^{}/]*\}`)

// findExtraRoute returns the extra route that a method and an escaped path lead
// to, or nil.
func (s *service) findExtraRoute(method, path string) *extraRoute {
	if method == http.MethodPost && strings.HasSuffix(path, "/upgrade") {
		return nil // the common case, quickly
	}
	segments := strings.Split(path, "/")
	for i := range s.extraRoutes {
		if b := &s.extraRoutes[i]; b.method == method && b.matches(segments) {
			return b
		}
	}
	return nil
}

func (b *extraRoute) matches(segments []string) bool {
	if len(b.segments) != len(segments) {
		return false
	}
	for i, want := range b.segments {
		if want != segments[i] && (want != "{}" || segments[i] == "") {
			return false
		}
	}
	return true
}

// values are those of the path's parameters: a project, if there is one.
func (b *extraRoute) values(path string) map[string]string {
	if len(b.segments) < 3 || b.segments[2] != "{}" {
		return nil
	}
	project, err := url.PathUnescape(strings.Split(path, "/")[2])
	if err != nil {
		return nil // net/http lets no such path through
	}
	return map[string]string{"project_id": project}
}
