package fakeserver

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/suggest"
)

// maxBody is how many bytes the gateway accepts in a body; it refuses more with 413.
const maxBody = 12 << 20

// locate finds the operation that a call is for.
func (s *service) locate(c *call) {
	r := c.request
	c.judged = contract.Request{Method: r.Method, Path: r.URL.EscapedPath(), Header: r.Header}
	if c.extra, c.values = s.findExtraRoute(r.Method, c.judged.Path); c.extra != nil {
		if c.operation = c.extra.id; s.withholds(c.operation) {
			c.extra, c.operation = nil, ""
		}
		return
	}
	for i := range s.routes {
		if s.withholds(s.routes[i].ID) {
			continue
		}
		values, ok := c.judged.Match(s.routes[i].Operation)
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

func (s *service) withholds(operation string) bool { return slices.Contains(s.withheld, operation) }

// checkWithheld reports an operation that cannot be withheld, since there is none.
func (s *service) checkWithheld() error {
	known := []string{}
	for i := range s.routes {
		known = append(known, s.routes[i].ID)
	}
	for i := range s.extraRoutes {
		if id := s.extraRoutes[i].id; id != "" && !slices.Contains(known, id) {
			known = append(known, id)
		}
	}
	for _, id := range s.withheld {
		if !slices.Contains(known, id) {
			return fmt.Errorf("withhold operations: unknown operation %q%s", id, suggest.DidYouMean(id, known, "there are "+strings.Join(known, ", ")))
		}
	}
	return nil
}

// serve answers a call that has been located, by the contract and the policy. c.condition
// then says why it was refused, if it was.
func (s *service) serve(c *call) {
	switch {
	case c.extra != nil && c.extra.answer == nil:
		s.answerUnimplemented(c)
		return
	case c.extra != nil:
		c.extra.answer(s, c)
		return
	case c.route == nil && c.variant.redirect(c):
		return
	case c.route == nil:
		s.answer(c, "unknown-path", http.StatusNotFound, noSuchAPI, "")
		return
	}
	c.readBody()
	s.judgeStatic(c)
	if c.operation == "" && c.variant.answersHead(c) {
		c.operation = c.route.ID
	}
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

// readBody reads the body, unless it has been read. It sets c.unreadable for a body that
// could not be read or is too large. It discards some more of one that is too large, so
// that the client can read the answer.
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
		_, _ = io.CopyN(io.Discard, r.Body, maxBody) // it does not matter whether there is so much
	default:
		c.body = body
	}
}

// An extraRoute is an operation that real deployments have but the contract does not.
type extraRoute struct {
	id     string
	at     string                // method and path; ?* is any segment that is not empty
	answer func(*service, *call) // nil if it is not implemented

	method   string   // of at
	segments []string // of at
}

// extraRoutes are those of the service and of IAM.
var extraRoutes = []extraRoute{
	{id: "listGraphs", at: "GET /v2/?*/graphs", answer: (*service).listGraphs},
	{id: "createToken", at: "POST /v3/auth/tokens", answer: (*service).createToken},
	{id: "listVersions", at: "GET /", answer: (*service).listVersions},
	{id: "showVersion", at: "GET /v3", answer: (*service).showVersion},
	{id: "showVersion", at: "GET /v3/", answer: (*service).showVersion},
	{at: "POST /v2/?*/graphs"},
	{at: "DELETE /v2/?*/graphs/?*"},
	{at: "GET /v2/?*/graphs/backups"},
	{at: "GET /v2/?*/graphs/metadatas"},
	{at: "POST /v2/?*/graphs/metadatas"},
	{at: "GET /v2/?*/graphs/metadatas/?*"},
	{at: "DELETE /v2/?*/graphs/metadatas/?*"},
	{at: "POST /v2/?*/graphs/metadata/upload-from-obs"},
	{at: "GET /v2/?*/graphs/quotas"},
	{at: "GET /v2/?*/graphs/?*/backups"},
	{at: "POST /v2/?*/graphs/?*/backups"},
	{at: "DELETE /v2/?*/graphs/?*/backups/?*"},
	{at: "POST /v2/?*/graphs/?*/bind-eip"},
	{at: "POST /v2/?*/graphs/?*/clear-graph"},
	{at: "POST /v2/?*/graphs/?*/expand"},
	{at: "POST /v2/?*/graphs/?*/export-graph"},
	{at: "POST /v2/?*/graphs/?*/import-graph"},
	{at: "POST /v2/?*/graphs/?*/resize"},
	{at: "POST /v2/?*/graphs/?*/restart"},
	{at: "GET /v2/?*/graphs/?*/scenes"},
	{at: "POST /v2/?*/graphs/?*/scenes/register"},
	{at: "POST /v2/?*/graphs/?*/scenes/unregister"},
	{at: "POST /v2/?*/graphs/?*/start"},
	{at: "POST /v2/?*/graphs/?*/stop"},
	{at: "POST /v2/?*/graphs/?*/unbind-eip"},
	{at: "POST /v1.0/?*/graphs/?*/action"},
}

// extraRoutesFor returns the extra routes without those that a contract has itself, which
// are served by the contract.
func extraRoutesFor(document *contract.Contract) []extraRoute {
	var own []string
	for _, op := range document.Operations() {
		own = append(own, op.Method+" "+parameter.ReplaceAllString(op.Path, anySegment))
	}
	routes := slices.DeleteFunc(slices.Clone(extraRoutes), func(e extraRoute) bool { return slices.Contains(own, e.at) })
	for i := range routes {
		method, path, _ := strings.Cut(routes[i].at, " ")
		routes[i].method, routes[i].segments = method, strings.Split(path, "/")
	}
	return routes
}

const anySegment = "?*"

var parameter = regexp.MustCompile(`\{[^{}/]*\}`)

// matches reports whether a method and the segments of an escaped path lead to e.
func (e *extraRoute) matches(method string, segments []string) bool {
	return e.method == method && slices.EqualFunc(e.segments, segments, func(own, segment string) bool {
		return own == segment || own == anySegment && segment != ""
	})
}

// findExtraRoute returns the extra route for a method and an escaped path, or nil, and
// the project_id of the path, if it has one.
func (s *service) findExtraRoute(method, escapedPath string) (*extraRoute, map[string]string) {
	if method == http.MethodPost && strings.HasSuffix(escapedPath, "/upgrade") {
		return nil, nil // a shortcut for the most common case
	}
	segments := strings.Split(escapedPath, "/")
	i := slices.IndexFunc(s.extraRoutes, func(e extraRoute) bool { return e.matches(method, segments) })
	if i < 0 {
		return nil, nil
	}
	found := &s.extraRoutes[i]
	if !slices.Contains(found.segments, anySegment) {
		return found, nil
	}
	project, err := url.PathUnescape(segments[2])
	if err != nil {
		return found, nil // cannot happen: net/http rejects such a path
	}
	return found, map[string]string{"project_id": project}
}
