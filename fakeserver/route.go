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

// locate finds out what a call asks for.
func (s *service) locate(c *call) {
	r := c.request
	c.path = r.URL.EscapedPath()
	if c.beside = s.findBeside(r.Method, c.path); c.beside != nil {
		c.operation, c.values = c.beside.id, c.beside.values(c.path)
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

// serve answers a call that has been located as the contract says, but for the
// policy, and leaves in it how it came to the answer.
func (s *service) serve(c *call) {
	switch {
	case c.beside != nil:
		c.beside.answer(s, c)
		return
	case c.route == nil:
		s.answerNoSuchAPI(c)
		return
	}
	c.readBody()
	s.judgeStatic(c, c.path)
	switch {
	case c.operation == "":
		s.answerWrongMethod(c)
	case c.unreadable != 0:
		s.answerUnreadable(c)
	case c.route.serve == nil:
		s.answerUnimplemented(c)
	default:
		c.route.serve(s, c)
	}
}

// readBody reads the body, unless it has been read, and drains a larger one for
// a bit, so that its sender is there to read the answer. What could not be read
// is c.unreadable.
func (c *call) readBody() {
	r := c.request
	if c.read || r.Body == nil || r.Body == http.NoBody {
		return
	}
	c.read = true
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

// A beside is an operation that a real deployment offers beside the contract.
type beside struct {
	id       string
	method   string
	segments []string // {} stands for any
	answer   func(*service, *call)
}

// besides lists them. Those without an id are not implemented.
var besides = slices.Concat(
	[]beside{
		besideOf("listGraphs", "GET /v2/{}/graphs", (*service).listGraphs),
		besideOf("listJobs", "GET /v2/{}/graphs/jobs", (*service).listJobs),
		besideOf("createToken", "POST /v3/auth/tokens", (*service).createToken),
		besideOf("listVersions", "GET /", (*service).listVersions),
		besideOf("showVersion", "GET /v3", (*service).showVersion),
		besideOf("showVersion", "GET /v3/", (*service).showVersion),
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

func besideOf(id, at string, answer func(*service, *call)) beside {
	method, path, _ := strings.Cut(at, " ")
	return beside{id, method, strings.Split(path, "/"), answer}
}

func notImplementedYet(at ...string) []beside {
	list := make([]beside, len(at))
	for i, line := range at {
		list[i] = besideOf("", line, (*service).answerUnimplemented)
	}
	return list
}

// besidesOf lists those that a document does not have itself.
func besidesOf(document *contract.Contract) []beside {
	operations := document.Operations()
	return slices.DeleteFunc(slices.Clone(besides), func(b beside) bool {
		return slices.ContainsFunc(operations, func(op *contract.Operation) bool {
			return op.Method == b.method && parameter.ReplaceAllString(op.Path, "{}") == strings.Join(b.segments, "/")
		})
	})
}

var parameter = regexp.MustCompile(`\{[^{}/]*\}`)

// findBeside returns the operation beside the contract that a method and an
// escaped path lead to, or nil.
func (s *service) findBeside(method, path string) *beside {
	if method == http.MethodPost && strings.HasSuffix(path, "/upgrade") {
		return nil // the common case, quickly
	}
	segments := strings.Split(path, "/")
	for i := range s.besides {
		if b := &s.besides[i]; b.method == method && b.matches(segments) {
			return b
		}
	}
	return nil
}

func (b *beside) matches(segments []string) bool {
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
func (b *beside) values(path string) map[string]string {
	if len(b.segments) < 3 || b.segments[2] != "{}" {
		return nil
	}
	project, err := url.PathUnescape(strings.Split(path, "/")[2])
	if err != nil {
		return nil // net/http lets no such path through
	}
	return map[string]string{"project_id": project}
}
