package services

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// oddBodies are what nobody should send.
var oddBodies = []string{
	"", " ", "{", "{}", "[]", "null", "true", "0", `""`, `"\ud800"`, "\xff", "\xef\xbb\xbf{}", `{"a":1}{"b":2}`, `{"id":{"id":[]}}`, "1e999",
	`{"kind":["city"],"wheels":1e400}`, `{"kind":"electric","battery":null}`, `{"tasks":[null],"contact":[],"labels":[1],"budget":{"amount":-1e999}}`,
	`{"hours":1e308,"parts":{},"discount":"x"}`, `{"sku":null,"stock":null,"size":{},"price":[]}`, `{"isbn":7,"branch":null,"formats":[{}]}`,
	strings.Repeat("[", 9000), strings.Repeat(`{"steps":[`, 3000), "a=%zz", "amount=1&amount=2", "=&=&", "--x\r\n\r\n", "--b\r\nContent-Disposition: form-data; name=\"about\"\r\n\r\nx",
}

// TestPlainNeverFails sends odd requests to all operations: the plain services refuse them, or not, but they answer.
func TestPlainNeverFails(t *testing.T) {
	t.Parallel()
	media := []string{"", "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "multipart/form-data",
		"text/plain; charset=utf-16", "a/b/c", "application/merge-patch+json", estimateType, "text/plain"}
	headers := []string{"Accept: ;;q=x,*/*;q=-1", "Accept: ,", "X-Columns: ,,", "Cookie: locale=%", "If-None-Match: \"x", "X-Reason: \xff\xfe\xfd\xfc\xfb"}
	queries := []string{"", "?", "?page=&limit=%00", "?year[=1&year]=2&year[]=3&year[from][x]=4", "?within=,,,&ids=%20&branches=%7C", "?limit=1e9&page=9e99", "?%zz", "?a;b"}
	for _, s := range All() {
		credentials := []string{withKey, withWorkshopKey, withStaff}
		if s.Name == "workshop" {
			credentials[2] = withMechanic
		}
		h := s.New("", 1)
		for i, o := range s.build(1).ops {
			method, route, _ := strings.Cut(o.route, " ")
			for j, path := range oddPaths(route) {
				for k, body := range oddBodies {
					q := Request{Method: method, Path: path + queries[(i+j+k)%len(queries)], Body: body, Header: slices.Concat(credentials,
						[]string{"Content-Type: " + media[(i+j+k)%len(media)], headers[(i+k)%len(headers)]})}
					if o.takes() && k%2 == 0 {
						for name := range o.bodies {
							q.Header[3] = "Content-Type: " + name
						}
					}
					w := httptest.NewRecorder()
					h.ServeHTTP(w, q.on(t, "http://service"))
					if w.Code >= 500 {
						t.Errorf("%s %s %q: expected a refusal, got %d", method, q.Path, body, w.Code)
					}
				}
			}
		}
	}
}

// oddPaths fills a route with values that are odd.
func oddPaths(route string) []string {
	paths := []string{}
	for _, value := range []string{"x", "%00", "%2F", ".", ";", ";room=", ".A12", "-1", "99999999999999999999", "%F0%9F%98%80", strings.Repeat("9", 400)} {
		path := route
		for strings.Contains(path, "{") {
			open, end := strings.Index(path, "{"), strings.Index(path, "}")
			path = path[:open] + value + path[end+1:]
		}
		paths = append(paths, path)
		if path == route {
			break // it has no parameter
		}
	}
	return paths
}

// TestSeeds checks that a seed makes the same service again, and another one other ids.
func TestSeeds(t *testing.T) {
	t.Parallel()
	for _, requests := range [][]Request{{post("/holds", order, withReader)}, {toCustomer(newCustomer), toBike(cityBike), toJob(newJob), toPayment(newPayment), newPhoto}} {
		s := All()[min(len(requests)-1, 1)]
		first, again, other := exchange(t, s.New("", 1), requests), exchange(t, s.New("", 1), requests), exchange(t, s.New("", 2), requests)
		for i := range requests {
			if first[i].String() != again[i].String() {
				t.Errorf("%s: expected the same answer, got %s and %s", s.Name, first[i], again[i])
			}
			if first[i].header.Get("Location") == other[i].header.Get("Location") {
				t.Errorf("%s: expected another id, got %s", s.Name, other[i].header.Get("Location"))
			}
		}
	}
}

// TestHeadWithBody looks at the bytes that follow the head.
func TestHeadWithBody(t *testing.T) {
	t.Parallel()
	for twist, want := range map[string]bool{"": false, "head-with-body": true} {
		server := httptest.NewServer(library().New(twist, 1))
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(connection, "HEAD /health HTTP/1.1\r\nHost: library\r\nConnection: close\r\n\r\n")
		r := bufio.NewReader(connection)
		answer, err := http.ReadResponse(r, &http.Request{Method: http.MethodHead})
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		rest, _ := io.ReadAll(r)
		if got := len(rest) > 0; got != want || answer.StatusCode != http.StatusOK {
			t.Errorf("%q: expected a body: %t, got %q", twist, want, rest)
		}
		connection.Close()
		server.Close()
	}
}

// requirements are what a document that has no extensions gets.
var requirements = strings.Fields(`request.answered answer.status answer.status-listed answer.media-type answer.json answer.schema answer.format
	answer.headers answer.write-only answer.no-credentials answer.no-stack-trace answer.header-once answer.head-without-body
	credentials.required credentials.valid value.accepted value.refused value.refused-unlisted value.scalar value.read-only
	resource.unknown resource.linked resource.created resource.deleted request.media-type request.acceptable`)

// TestTables checks what the tables promise: how many there are, that each requirement is broken, and that what a run
// may find with reads alone is found with reads, or with a DELETE of what there is not.
func TestTables(t *testing.T) {
	t.Parallel()
	broken := map[string]bool{}
	for _, s := range All() {
		if len(s.Variations) < 20 || len(s.Defects) < 40 {
			t.Errorf("%s: expected 20 variations and 40 defects, got %d and %d", s.Name, len(s.Variations), len(s.Defects))
		}
		for _, d := range s.Defects {
			broken[d.Requirement] = true
			reads := !slices.ContainsFunc(d.trigger, func(q Request) bool { return q.Method != http.MethodGet && q.Method != http.MethodHead })
			removes := len(d.trigger) == 1 && d.trigger[0].Method == http.MethodDelete
			allowed := map[string]bool{inert: reads || removes, guarded: !reads && len(d.trigger) == 1, destructive: !reads}
			if !slices.Contains(requirements, d.Requirement) || !allowed[d.Risk] || d.Summary == "" {
				t.Errorf("%s: %s: expected a known requirement, a risk that suits the requests, and a summary, got %+v", s.Name, d.Name, d)
			}
		}
		for _, v := range s.Variations {
			if v.Advisory != "" && !slices.Contains(requirements, v.Advisory) {
				t.Errorf("%s: %s: %q is no requirement", s.Name, v.Name, v.Advisory)
			}
		}
	}
	for _, id := range requirements {
		if !broken[id] {
			t.Errorf("expected a defect that breaks %s", id)
		}
	}
}

// TestUnknownTwist checks that a misspelled twist does not pass for the plain service.
func TestUnknownTwist(t *testing.T) {
	t.Parallel()
	defer func() {
		if said := fmt.Sprint(recover()); !strings.Contains(said, `"limit-102"`) {
			t.Errorf("expected a panic that names the twist, got %s", said)
		}
	}()
	library().New("limit-102", 1)
}

// TestFixtures reads what the fixtures name, with the credentials of the service.
func TestFixtures(t *testing.T) {
	t.Parallel()
	for _, s := range All() {
		used := map[string]bool{}
		for _, o := range s.build(1).ops {
			path, read := strings.CutPrefix(o.route, "GET ")
			for _, p := range o.params {
				if value, named := s.Fixtures[p.name]; named && p.in == "path" {
					used[p.name] = true
					mark := map[string]string{"label": ".", "matrix": ";" + p.name + "="}[p.style]
					path = strings.Replace(path, "{"+p.name+"}", mark+value, 1)
				}
			}
			if !read || strings.Contains(path, "{") {
				continue
			}
			for _, schemes := range o.access {
				header, query := s.credentials(schemes)
				header = append(header, "X-Reason: lost card", "X-App-Version: 4.11.0")
				if g := exchange(t, s.New("", 1), []Request{get(path+query, header...)})[0]; g.status != http.StatusOK {
					t.Errorf("%s: %s with %v: expected 200, got %s", s.Name, path, schemes, g)
				}
			}
		}
		for name := range s.Fixtures {
			if !used[name] {
				t.Errorf("%s: %s is no parameter of a path", s.Name, name)
			}
		}
	}
}

// credentials returns the headers and the query that have the credentials of some schemes.
func (s *Service) credentials(schemes []string) (header []string, query string) {
	for _, name := range schemes {
		value := s.Credentials[name]
		switch name {
		case "libraryKey":
			header = append(header, "X-Library-Key: "+value)
		case "workshopKey":
			header = append(header, "X-Workshop-Key: "+value)
		case "staff":
			user, password, _ := strings.Cut(value, ":")
			header = append(header, basic(user, password))
		case "feedKey":
			query = "?feed_key=" + value
		default:
			header = append(header, "Authorization: Bearer "+value)
		}
	}
	return header, query
}
