package implied_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

const memos = `
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /notes:
    post:
      requestBody: {required: true, content: {application/json: {schema: &note {type: object, required: [text], properties: {id: {type: string}, text: {type: string}, stars: {type: integer}}}}}}
      responses: {'201': {description: c, content: {application/json: {schema: *note}}}, '409': {description: d}}
  /notes/{noteId}:
    parameters: [{name: noteId, in: path, required: true, schema: {type: string}}]
    get:
      responses: {'200': {description: o, content: {application/json: {schema: *note}}}, '404': {description: n}}
    put:
      requestBody: {required: true, content: {application/json: {schema: *note}}}
      responses: {'200': {description: o}, '400': {description: o}, '404': {description: n}}
    patch:
      requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {text: {type: string}, stars: {type: integer}}}}}}
      responses: {'200': {description: o}, '404': {description: n}}
    delete:
      responses: {'204': {description: d}, '404': {description: n}}
`

// A notebook keeps notes, and is careless about changes by the methods in loses.
type notebook struct {
	mu    sync.Mutex
	notes map[string]map[string]any
	loses string
}

func (b *notebook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	var given map[string]any
	_ = json.NewDecoder(r.Body).Decode(&given)
	id := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/notes"), "/")
	note := b.notes[id]
	switch {
	case r.Method == http.MethodPost:
		id = fmt.Sprintf("n-%d", len(b.notes))
		if given == nil {
			given = map[string]any{}
		}
		given["id"] = id
		b.notes[id] = given
		w.WriteHeader(http.StatusCreated)
		note = given
	case note == nil:
		w.WriteHeader(http.StatusNotFound)
		return
	case r.Method == http.MethodDelete:
		delete(b.notes, id)
		w.WriteHeader(http.StatusNoContent)
		return
	case r.Method != http.MethodGet && !strings.Contains(b.loses, r.Method):
		delete(given, "id")
		maps.Copy(note, given)
	}
	_ = json.NewEncoder(w).Encode(note)
}

// A change that is answered with success is seen in what is read after it.
func TestChanged(t *testing.T) {
	const put, patch = "PUT /notes/{noteId}: what was made, shown by GET /notes/{noteId}", "PATCH /notes/{noteId}: what was made, shown by GET /notes/{noteId}"
	for loses, want := range map[string][]string{"": nil, "PUT": {put}, "PATCH": {patch}} {
		report := judged(t, memos, &notebook{notes: map[string]map[string]any{}, loses: loses}, func(o *implied.Options) { o.Risk = cases.Destructive })
		for _, id := range []string{put, patch} {
			verdict := judge.Conforms
			if slices.Contains(want, id) {
				verdict = judge.Deviates
			}
			if r := verdictOf(t, report, id); r.Verdict != verdict {
				t.Errorf("loses %q: %s: expected %s, got %s: %s %+v", loses, id, verdict, r.Verdict, r.Reason, r.Findings)
			}
		}
		if len(report.Left) > 0 {
			t.Errorf("loses %q: left %q", loses, report.Left)
		}
	}
}

// A service that gives ids of its own, though a request names one, is not accused; and an id that a request names has
// the form of its member, even if the path takes any text.
func TestOwnIDs(t *testing.T) {
	document := strings.ReplaceAll(memos, "id: {type: string}", "id: {type: integer}")
	var named []any
	book := &notebook{notes: map[string]map[string]any{}}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var given map[string]any
		if r.Method == http.MethodPost && json.Unmarshal(body, &given) == nil && given["id"] != nil {
			named = append(named, given["id"])
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		book.ServeHTTP(w, r)
	})
	report := judged(t, document, h, func(o *implied.Options) { o.Risk = cases.Destructive })
	for _, line := range broken(report, judge.Deviates) {
		if strings.HasPrefix(line, "resource.created") {
			t.Errorf("got %q", line)
		}
	}
	if len(named) == 0 || !slices.ContainsFunc(named, func(id any) bool { n, ok := id.(float64); return ok && n > 2 }) {
		t.Errorf("expected fresh numbers as ids, got %v", named)
	}
}
