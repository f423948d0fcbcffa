package implied_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/resources"
	"github.com/gesconform/gesconform/internal/wire"
)

// books belong to shelves, which the paths call by different names. What follows makesShelves makes shelves.
const (
	books = `
openapi: 3.0.3
info: {title: Books, version: "1"}
components:
  schemas:
    Book:
      type: object
      required: [title]
      properties: {id: {type: string, readOnly: true}, title: {type: string, minLength: 1, maxLength: 20}}
paths:
  /shelves/{shelf}/books:
    parameters: [{name: shelf, in: path, required: true, schema: {type: string}}]
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
      responses:
        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
        '400': {description: invalid}
        '404': {description: no such shelf}
  /shelves/{shelfId}/books/{bookId}:
    parameters:
      - {name: shelfId, in: path, required: true, schema: {type: string}}
      - {name: bookId, in: path, required: true, schema: {type: string}}
    get:
      responses:
        '200': {description: a book, content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
        '404': {description: none}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
  /shelves/{shelfId}:
    parameters: [{name: shelfId, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: a shelf}, '404': {description: none}}}
    delete: {responses: {'204': {description: gone}, '404': {description: none}, '409': {description: not empty}}}
  /shelves:
    get: {responses: {'200': {description: all, content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: string}}}}}}}}}
`
	makesShelves = `
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}}}
`
)

// A room has shelves with books. The shelf s-1 is there from the start, with a book.
type room struct {
	mu      sync.Mutex
	last    int
	shelves map[string]map[string]string // titles by the ids of books
	lapse   string
	changed []string // what was not refused, by method and path
}

func newRoom(lapse string) *room {
	return &room{last: 1, shelves: map[string]map[string]string{"s-1": {"b-1": "Middlemarch"}}, lapse: lapse}
}

func (m *room) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	status, answer := m.answer(r)
	if r.Method != http.MethodGet && status < 300 {
		m.changed = append(m.changed, r.Method+" "+r.URL.Path)
	}
	w.WriteHeader(status)
	if status < 300 && status != http.StatusNoContent {
		_ = json.NewEncoder(w).Encode(answer)
	}
}

func (m *room) answer(r *http.Request) (int, any) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	m.last++
	if len(parts) == 1 {
		if r.Method == http.MethodPost {
			id := fmt.Sprintf("s-%d", m.last)
			m.shelves[id] = map[string]string{}
			return http.StatusCreated, map[string]string{"id": id}
		}
		return http.StatusOK, []map[string]string{{"id": "s-1"}}
	}
	shelf := m.shelves[parts[1]]
	title, there := "", shelf != nil
	if len(parts) == 4 {
		title, there = shelf[parts[3]]
	}
	switch {
	case !there:
		return http.StatusNotFound, nil
	case r.Method == http.MethodPost:
		return m.put(r, shelf)
	case r.Method == http.MethodDelete && len(parts) == 4:
		if m.lapse != "keeps" {
			delete(shelf, parts[3])
		}
		return http.StatusNoContent, nil
	case r.Method == http.MethodDelete && len(shelf) > 0 && m.lapse == "":
		return http.StatusConflict, nil
	case r.Method == http.MethodDelete:
		delete(m.shelves, parts[1])
		return http.StatusNoContent, nil
	}
	return http.StatusOK, map[string]string{"id": parts[len(parts)-1], "title": title}
}

func (m *room) put(r *http.Request, shelf map[string]string) (int, any) {
	var given struct{ Title string }
	d := json.NewDecoder(r.Body)
	if d.Decode(&given) != nil || d.More() || given.Title == "" || len([]rune(given.Title)) > 20 && m.lapse != "long titles" {
		return http.StatusBadRequest, nil
	}
	id := fmt.Sprintf("b-%d", m.last)
	if m.lapse != "loses" {
		shelf[id] = given.Title
	}
	return http.StatusCreated, map[string]string{"id": id, "title": given.Title}
}

// inEarnest judges a server by a client with its gate.
func inEarnest(t *testing.T, document string, h http.Handler, fixtures ...implied.Fixture) implied.Report {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	o := implied.Options{Contract: load(t, document), Endpoint: server.URL, Fixtures: fixtures, Risk: cases.Destructive, Recovery: time.Millisecond}
	var free []wire.Free
	for _, f := range fixtures {
		if f.Free {
			free = append(free, wire.Free{Parameter: f.Name, Value: f.Value})
		}
	}
	gate := wire.NewDocumentGate(o.Contract, o.Risk, free, nil)
	client := wire.New(&config.Config{Endpoint: server.URL, Risk: o.Risk, RequestTimeout: 10 * time.Second, Concurrency: 4, MaxRequests: 10_000}, wire.WithGate(gate))
	defer client.Close()
	o.Sender = client
	o.Made = func(m resources.Made) error {
		if m.Deleted || m.Doubt != "" {
			return nil
		}
		err := gate.Made(m.Path)
		if err != nil {
			t.Error(err)
		}
		return err
	}
	report, err := implied.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// What belongs to something is made in what the run has made, read back, and deleted before that; what a server does
// wrong on the way is found.
func TestCreationsBelowWhatIsMade(t *testing.T) {
	for lapse, want := range map[string][]string{
		"":            nil,
		"loses":       {"resource.created by POST /shelves/{shelf}/books: shown by GET /shelves/{shelfId}/books/{bookId}"},
		"keeps":       {"resource.deleted by DELETE /shelves/{shelfId}/books/{bookId}: no longer shown by GET /shelves/{shelfId}/books/{bookId}"},
		"long titles": {"value.refused by POST /shelves/{shelf}/books: body /title: maxLength+1"},
	} {
		for _, document := range []string{books + makesShelves, unread + makesShelves} {
			m := newRoom(lapse)
			report := inEarnest(t, document, m)
			got := slices.DeleteFunc(broken(report, judge.Deviates), func(line string) bool { return strings.Contains(line, "maxLength+1-") })
			if !slices.Equal(got, want) || report.Failure != "" {
				t.Errorf("%s: failure %q, expected %q, got %q", lapse, report.Failure, want, got)
			}
			if r := verdictOf(t, report, "POST /shelves/{shelf}/books: plain"); r.Verdict != judge.Conforms {
				t.Errorf("%s: expected that a book is made, got %s %s", lapse, r.Verdict, r.Reason)
			}
			if len(m.shelves) != 1 || len(m.shelves["s-1"]) != 1 || len(report.Left) > 0 {
				t.Errorf("%s: expected that all is deleted but what was there, got %v, left %q", lapse, m.shelves, report.Left)
			}
			if i := slices.IndexFunc(m.changed, func(line string) bool { return strings.Contains(line+"/", "/s-1/") }); i >= 0 {
				t.Errorf("%s: what is not the run's was changed: %s", lapse, m.changed[i])
			}
		}
	}
}

// unread is the same document without a read of a shelf, which nobody could show to be absent.
var unread = strings.Replace(books, "    get: {responses: {'200': {description: a shelf}, '404': {description: none}}}\n", "", 1)

// What exists gets something new only if the user lets it be changed.
func TestCreationsBelowWhatIsFree(t *testing.T) {
	const plain = "POST /shelves/{shelf}/books: plain"
	for name, test := range map[string]struct {
		fixtures []implied.Fixture
		needs    string // "" if it is sent
	}{
		"a list alone":        {nil, "needs --fixture shelf=…!"},
		"not to be changed":   {[]implied.Fixture{{Name: "shelf", Value: "s-1"}}, "needs --fixture shelf=s-1!"},
		"free":                {[]implied.Fixture{{Name: "shelf", Value: "s-1", Free: true}}, ""},
		"by its other name":   {[]implied.Fixture{{Name: "shelfId", Value: "s-1", Free: true}}, ""},
		"there is none of it": {[]implied.Fixture{{Name: "shelf", Value: "s-0", Free: true}}, "the plain request finds nothing"},
	} {
		m := newRoom("long titles")
		report := inEarnest(t, books, m, test.fixtures...)
		r := verdictOf(t, report, plain)
		if test.needs != "" {
			if r.Verdict != judge.NotApplicable || !strings.Contains(r.Reason, test.needs) || len(m.changed) > 0 {
				t.Errorf("%s: expected %q, got %s %s; changed %q", name, test.needs, r.Verdict, r.Reason, m.changed)
			}
			continue
		}
		if r.Verdict != judge.Conforms || !slices.Contains(broken(report, judge.Deviates), "value.refused by POST /shelves/{shelf}/books: body /title: maxLength+1") {
			t.Errorf("%s: expected the defect to be found, got %s %s: %q", name, r.Verdict, r.Reason, broken(report, judge.Deviates))
		}
		if !slices.Equal(slices.Collect(maps.Keys(m.shelves["s-1"])), []string{"b-1"}) || len(report.Left) > 0 {
			t.Errorf("%s: expected that all is deleted but what was there, got %v, left %q", name, m.shelves, report.Left)
		}
	}
}

// Where nothing is deleted, nothing is made that must be refused, and what is made is said.
func TestCreationsBelowThatNothingDeletes(t *testing.T) {
	m := newRoom("long titles")
	undeleted := strings.NewReplacer("    delete: {responses: {'204': {description: gone}, '404': {description: none}}}\n", "")
	report := inEarnest(t, undeleted.Replace(books), m, implied.Fixture{Name: "shelf", Value: "s-1", Free: true})
	if r := verdictOf(t, report, "POST /shelves/{shelf}/books: plain"); r.Verdict != judge.Conforms {
		t.Errorf("got %s %s", r.Verdict, r.Reason)
	}
	for id, title := range m.shelves["s-1"] {
		if len(title) > 20 {
			t.Errorf("%s was made, which should have been refused: %s", id, title)
		}
	}
	if n := len(m.shelves["s-1"]); n < 2 || n > 4 || len(report.Left) != n-1 || !strings.Contains(report.Left[0], "which no operation deletes") {
		t.Errorf("expected few books, all of them said, got %v, left %q", m.shelves["s-1"], report.Left)
	}
}
