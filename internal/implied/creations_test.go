package implied_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/resources"
)

const notes = `
openapi: 3.0.3
info: {title: Notes, version: "1"}
paths:
  /notes:
    post:
      operationId: makeNote
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
      responses:
        '201':
          description: made
          content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
        '400': {description: invalid}
        '415': {description: another media type}
  /notes/{noteId}:
    parameters:
      - {name: noteId, in: path, required: true, schema: {type: integer, minimum: 1}}
    get:
      operationId: showNote
      responses:
        '200':
          description: a note
          content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
        '404': {description: no such note}
    delete:
      operationId: dropNote
      responses:
        '204': {description: gone}
        '404': {description: no such note}
    patch:
      operationId: changeNote
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
      responses:
        '200': {description: changed}
        '400': {description: invalid}
        '404': {description: no such note}
components:
  schemas:
    Note:
      type: object
      required: [text]
      properties:
        id: {type: integer, readOnly: true}
        text: {type: string, minLength: 2, maxLength: 20}
        stars: {type: integer, minimum: 0, maximum: 5}
        tags: {type: array, items: {type: string, enum: [a, b]}}
`

// A noteServer keeps notes, with the lapses that a test wants.
type noteServer struct {
	mu    sync.Mutex
	last  int
	notes map[int]map[string]any

	lapse string
}

func (s *noteServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /notes", s.create)
	mux.HandleFunc("/notes/{id}", s.one)
	mux.HandleFunc("GET /about", func(http.ResponseWriter, *http.Request) {})
	mux.ServeHTTP(w, r)
}

func (s *noteServer) create(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Content-Type") != "application/json" && s.lapse != "any media type" {
		w.WriteHeader(http.StatusUnsupportedMediaType)
		return
	}
	note, ok := s.read(r)
	if !ok {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.last++
	id := 1000 + s.last
	if given, isNumber := note["id"].(float64); s.lapse == "takes ids" && isNumber {
		id = int(given)
	}
	note["id"] = id
	if s.lapse != "loses" {
		s.notes[id] = note
	}
	tags, _ := note["tags"].([]any)
	switch s.lapse {
	case "loses tags":
		note["tags"] = []any{}
	case "turns tags":
		slices.Reverse(tags)
	}
	w.Header().Set("Content-Type", "application/json")
	switch s.lapse {
	case "Location":
		w.Header().Set("Location", "/note/7")
	case "other Location":
		w.Header().Set("Location", "/about")
	}
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(note)
}

func (s *noteServer) read(r *http.Request) (note map[string]any, ok bool) {
	d := json.NewDecoder(r.Body)
	if err := d.Decode(&note); err != nil || note == nil {
		return nil, false
	}
	if d.More() {
		return nil, false
	}
	text, isText := note["text"].(string)
	ok = isText && len([]rune(text)) >= 2 && (len([]rune(text)) <= 20 || s.lapse == "long texts")
	if stars, given := note["stars"]; given {
		n, isNumber := stars.(float64)
		ok = ok && isNumber && n >= 0 && n <= 5 && n == float64(int(n))
	}
	if tags, given := note["tags"]; given {
		all, isList := tags.([]any)
		ok = ok && isList && !slices.ContainsFunc(all, func(v any) bool { return v != "a" && v != "b" })
	}
	if id, given := note["id"]; given {
		n, isNumber := id.(float64)
		ok = ok && isNumber && n == float64(int(n))
	}
	return note, ok
}

func (s *noteServer) one(w http.ResponseWriter, r *http.Request) {
	var id int
	_, err := fmt.Sscan(r.PathValue("id"), &id)
	note := s.notes[id]
	var change map[string]any
	if r.Method == http.MethodPatch {
		var ok bool
		if change, ok = s.read(r); !ok {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		delete(change, "id")
	}
	switch {
	case r.Method == http.MethodPatch && s.lapse == "patches nothing":
	case err != nil || note == nil:
		w.WriteHeader(http.StatusNotFound)
		return
	}
	switch r.Method {
	case http.MethodPatch:
		if note != nil && s.lapse != "forgets changes" {
			maps.Copy(note, change)
		}
	case http.MethodDelete:
		if s.lapse != "keeps" {
			delete(s.notes, id)
		}
		w.WriteHeader(http.StatusNoContent)
	case http.MethodGet:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(note)
	}
}

// What a run makes is read back and deleted, and what a server does wrong on the way is found.
func TestCreations(t *testing.T) {
	tests := map[string][]string{
		"":                nil,
		"any media type":  {"request.media-type by POST /notes: body: of another media type"},
		"takes ids":       {"value.read-only by POST /notes: body /id: readOnly"},
		"loses":           {"resource.created by POST /notes: shown by GET /notes/{noteId}"},
		"loses tags":      {"resource.created by POST /notes: shown by GET /notes/{noteId}"},
		"turns tags":      nil,
		"other Location":  nil,
		"Location":        {"resource.linked by POST /notes: Location"},
		"long texts":      {"value.refused by PATCH /notes/{noteId}: body /text: maxLength+1", "value.refused by POST /notes: body /text: maxLength+1"},
		"keeps":           {"resource.deleted by DELETE /notes/{noteId}: no longer shown by GET /notes/{noteId}"},
		"forgets changes": {"resource.created by PATCH /notes/{noteId}: what was made, shown by GET /notes/{noteId}"},
		"patches nothing": {"resource.unknown by PATCH /notes/{noteId}: path noteId: unknown"},
	}
	for lapse, want := range tests {
		t.Run(lapse, func(t *testing.T) {
			t.Parallel()
			server := &noteServer{notes: map[int]map[string]any{7: {"id": 7, "text": "not ours"}}, lapse: lapse}
			made := map[string]bool{}
			report := judged(t, notes, server, func(o *implied.Options) {
				o.Risk = cases.Destructive
				o.Made = func(m resources.Made) error {
					made[m.Path] = !m.Deleted
					return nil
				}
			})
			got := broken(report, judge.Deviates)
			got = slices.DeleteFunc(got, func(line string) bool { // a value has several names
				return !slices.Contains(want, line) && slices.ContainsFunc(want, func(w string) bool { return strings.HasPrefix(line, w+"-") })
			})
			if !slices.Equal(got, want) || report.Failure != "" {
				t.Errorf("failure %q, expected %q, got %q", report.Failure, want, got)
			}
			if server.notes[7]["text"] != "not ours" {
				t.Error("something that is not the run's was changed")
			}
			if lapse == "" && (len(server.notes) != 1 || len(report.Left) > 0 || len(made) == 0) {
				t.Errorf("expected that all is deleted, got %d notes, left %q, made %v", len(server.notes), report.Left, made)
			}
			for path, there := range made {
				if there && lapse == "" {
					t.Errorf("%s was not noted as deleted", path)
				}
			}
		})
	}
}

// Where the paths of a document end in a slash, as those of Django do, the same is derived, made and deleted.
func TestASlashAtTheEndOfPaths(t *testing.T) {
	slashed := strings.NewReplacer("/notes:", "/notes/:", "/notes/{noteId}:", "/notes/{noteId}/:").Replace(notes)
	run := func(document string, h http.Handler) implied.Report {
		return judged(t, document, h, func(o *implied.Options) { o.Risk = cases.Destructive })
	}
	server := &noteServer{notes: map[int]map[string]any{}}
	report := run(slashed, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/") {
			http.NotFound(w, r)
			return
		}
		r.URL.Path = strings.TrimSuffix(r.URL.Path, "/")
		server.ServeHTTP(w, r)
	}))
	plain := run(notes, &noteServer{notes: map[int]map[string]any{}})
	if len(report.Results) != len(plain.Results) || len(report.Underived) > 0 || len(server.notes) > 0 || len(report.Left) > 0 {
		t.Errorf("expected %d results, all derived and all deleted, got %d, not derived %v, %d notes, left %v",
			len(plain.Results), len(report.Results), report.Underived, len(server.notes), report.Left)
	}
	for _, r := range plain.Results {
		id := strings.NewReplacer("/notes/{noteId}", "/notes/{noteId}/", "/notes:", "/notes/:").Replace(r.Case)
		if got := verdictOf(t, report, id); got.Verdict != r.Verdict && !strings.HasSuffix(id, ": Location") {
			t.Errorf("%s: expected %s, got %s: %s", id, r.Verdict, got.Verdict, got.Reason)
		}
	}
}

// With a lower risk nothing is made, and nothing that exists is changed.
func TestRiskHolds(t *testing.T) {
	for _, risk := range []cases.Risk{cases.Inert, cases.Guarded} {
		server := &noteServer{notes: map[int]map[string]any{7: {"id": 7, "text": "not ours"}}}
		report := judged(t, notes, server, func(o *implied.Options) {
			o.Risk = risk
			o.Fixtures = []implied.Fixture{{Name: "noteId", Value: "7"}}
		})
		if len(server.notes) != 1 || server.notes[7]["text"] != "not ours" {
			t.Errorf("%s: got %v", risk, server.notes)
		}
		if r := verdictOf(t, report, "POST /notes: plain"); r.Verdict != judge.NotApplicable || !strings.Contains(r.Reason, "destructive") {
			t.Errorf("%s: got %s %s", risk, r.Verdict, r.Reason)
		}
		if r := verdictOf(t, report, "DELETE /notes/{noteId}: path noteId: unknown"); r.Verdict != judge.Conforms {
			t.Errorf("%s: got %s %s", risk, r.Verdict, r.Reason)
		}
	}
}
