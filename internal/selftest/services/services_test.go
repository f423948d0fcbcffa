package services

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// A got is an answer as a caller sees it.
type got struct {
	path   string // of the request, as it was sent
	status int
	header http.Header
	body   string
	closed bool // the connection
	err    error
}

func (g got) String() string {
	if g.err != nil {
		return "no answer"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d, closed: %t\n", g.status, g.closed)
	_ = g.header.Write(&b)
	return b.String() + "\n" + g.body
}

// exchange sends requests one after the other to a server, and returns the answers.
func exchange(t *testing.T, h http.Handler, requests []Request) []got {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	answers, made := []got{}, "/nothing-was-made"
	for _, q := range requests {
		q.Path = strings.ReplaceAll(q.Path, "{made}", made)
		g := sendOne(t, server, q)
		g.path = q.Path
		if l := g.header.Get("Location"); l != "" {
			made = resolved(t, q.Path, l)
		}
		answers = append(answers, g)
	}
	return answers
}

// resolved returns the path that a Location names.
func resolved(t *testing.T, path, location string) string {
	t.Helper()
	base, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	named, err := base.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	return named.Path
}

func sendOne(t *testing.T, server *httptest.Server, q Request) got {
	t.Helper()
	request := q.on(t, server.URL)
	answer, err := server.Client().Transport.RoundTrip(request)
	if err != nil {
		return got{err: err}
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return got{err: err}
	}
	answer.Header.Del("Date")
	return got{status: answer.StatusCode, closed: answer.Close, header: answer.Header, body: strings.ReplaceAll(string(body), server.URL, "http://service")}
}

// on makes the request to a server.
func (q Request) on(t *testing.T, server string) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), q.Method, server+q.Path, strings.NewReader(q.Body))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range q.Header {
		name, value, _ := strings.Cut(line, ": ")
		request.Header.Add(name, value)
	}
	return request
}

func document(t *testing.T, s *Service) *openapi3.T {
	t.Helper()
	knowFormats()
	doc, err := openapi3.NewLoader().LoadFromData(s.Document)
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	return doc
}

// TestDocuments checks that the documents are valid, examples included, and that the tables of the servers have the
// same operations, parameters and statuses.
func TestDocuments(t *testing.T) {
	t.Parallel()
	for _, s := range All() {
		doc := document(t, s)
		if err := doc.Validate(t.Context()); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		documented := 0
		for path, item := range doc.Paths.Map() {
			for method, o := range item.Operations() {
				documented++
				compareOperation(t, s, method+" "+strings.TrimSuffix(path, ".csv"), item, o)
			}
		}
		if server := s.build(0); len(server.ops) != documented {
			t.Errorf("%s: expected the %d operations of the document, got %d", s.Name, documented, len(server.ops))
		}
		for name := range s.Credentials {
			if doc.Components.SecuritySchemes[name] == nil {
				t.Errorf("%s: credentials for %q, which is no security scheme", s.Name, name)
			}
		}
		if len(s.Credentials) != len(doc.Components.SecuritySchemes) {
			t.Errorf("%s: expected credentials for each security scheme, got %d of %d", s.Name, len(s.Credentials), len(doc.Components.SecuritySchemes))
		}
	}
}

func compareOperation(t *testing.T, s *Service, route string, item *openapi3.PathItem, o *openapi3.Operation) {
	t.Helper()
	ops := s.build(0).ops
	i := slices.IndexFunc(ops, func(own *operation) bool { return own.route == route })
	if i < 0 {
		t.Errorf("%s: the server has no %s", s.Name, route)
		return
	}
	own := ops[i]
	if o.OperationID != "" && own.name != o.OperationID {
		t.Errorf("%s: %s: expected the name %q, got %q", s.Name, route, o.OperationID, own.name)
	}
	for status := range o.Responses.Map() {
		n := 0
		_, _ = fmt.Sscan(strings.ReplaceAll(status, "4XX", "0"), &n) // a default is 0, too
		if refused := n == 0 || n >= 400; refused != own.lists(n) {
			t.Errorf("%s: %s: status %s: expected that the server knows of it", s.Name, route, status)
		}
	}
	parameters := append(slices.Clone(item.Parameters), o.Parameters...)
	if len(parameters) != len(own.params) {
		t.Errorf("%s: %s: expected %d parameters, got %d", s.Name, route, len(parameters), len(own.params))
	}
	for _, p := range parameters {
		if mine := own.param(p.Value.Name); mine.in != p.Value.In || p.Value.Required != (mine.required || mine.in == "path") {
			t.Errorf("%s: %s: %s: expected it as in the document", s.Name, route, mine.name)
		}
	}
	if (o.RequestBody != nil) != own.takes() {
		t.Errorf("%s: %s: expected a body: %t", s.Name, route, o.RequestBody != nil)
	}
	for media := range own.bodies {
		if o.RequestBody.Value.Content[media] == nil {
			t.Errorf("%s: %s: the document has no body of %s", s.Name, route, media)
		}
	}
}

// jsonOf reads a JSON body.
func jsonOf(t *testing.T, body string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Errorf("%v in %q", err, body)
	}
	return v
}

// TestTwists checks that each variation and each defect shows in the answers to the requests that are named for it.
func TestTwists(t *testing.T) {
	t.Parallel()
	for _, s := range All() {
		names := map[string]bool{}
		show := func(name string, trigger []Request) {
			if names[name] || name == "" {
				t.Errorf("%s: %q: expected a name of its own", s.Name, name)
			}
			t.Run(s.Name+"/"+name, func(t *testing.T) {
				t.Parallel()
				plain, twisted := exchange(t, s.New("", 6), trigger), exchange(t, s.New(name, 6), trigger)
				if fmt.Sprint(plain) == fmt.Sprint(twisted) {
					t.Errorf("expected other answers than those of the plain service, got %s", plain)
				}
			})
			names[name] = true
		}
		for _, v := range s.Variations {
			show(v.Name, v.trigger)
		}
		for _, d := range s.Defects {
			show(d.Name, d.trigger)
		}
	}
}

// An expectation is what the plain service answers to a request.
type expectation struct {
	request Request
	status  int
	has     string // in the headers or in the body
}

func requestsOf(expectations []expectation) []Request {
	requests := make([]Request, len(expectations))
	for i, e := range expectations {
		requests[i] = e.request
	}
	return requests
}

func answersAsExpected(t *testing.T, s *Service, expectations []expectation) {
	t.Helper()
	for i, g := range exchange(t, s.New("", 1), requestsOf(expectations)) {
		if e := expectations[i]; g.status != e.status || !strings.Contains(strings.ReplaceAll(g.String(), "\r", ""), e.has) {
			t.Errorf("%s %s: expected %d with %q, got %s", e.request.Method, e.request.Path, e.status, e.has, g)
		}
	}
}
