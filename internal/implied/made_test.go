package implied_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// rooms is a document of which nothing shows the things that there are, but for a POST.
const rooms = `
openapi: 3.0.3
info: {title: Rooms, version: "1"}
paths:
  /rooms:
    post:
      operationId: makeRoom
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Room'}}}}
      responses: {'200': {description: a room}, '201': {description: made}, '202': {description: to be made}, '400': {description: invalid}}
  /rooms/{roomId}:
    parameters: [{name: roomId, in: path, required: true, schema: {type: string}}]
    get: {operationId: showRoom, responses: {'200': {description: a room, content: {application/json: {schema: {$ref: '#/components/schemas/Room'}}}}, '404': {description: none}}}
    patch:
      operationId: changeRoom
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Room'}}}}
      responses: {'200': {description: changed}, '400': {description: invalid}, '404': {description: none}}
    delete: {operationId: dropRoom, responses: {'204': {description: gone}, '404': {description: none}}}
components:
  schemas:
    Room:
      type: object
      required: [name, kind]
      properties:
        name: {type: string, minLength: 1, maxLength: 40}
        kind: {type: string, enum: [large, small]}
`

// A house has rooms. What POST does and says is a test's.
type house struct {
	mu       sync.Mutex
	last     int
	rooms    map[string]map[string]any
	disturb  []string // what was asked of the rooms that were there, but for reads
	status   int
	finds    func(given map[string]any) string // the id of the room that POST answers with; "" to make one
	says     func(id string, room map[string]any) map[string]any
	replaces bool // what is found is given what the request has
}

func (h *house) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := strings.TrimPrefix(r.URL.Path, "/rooms/")
	var given map[string]any
	if r.Method == http.MethodPost || r.Method == http.MethodPatch {
		name, kind := "", ""
		if json.NewDecoder(r.Body).Decode(&given) == nil {
			name, _ = given["name"].(string)
			kind, _ = given["kind"].(string)
		}
		if name == "" || len([]rune(name)) > 40 || kind != "large" && kind != "small" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodPost {
		if id = h.finds(given); id == "" {
			h.last++
			id = fmt.Sprintf("new-%d", h.last)
			h.rooms[id] = given
		} else if h.replaces {
			h.rooms[id] = given
		}
		w.WriteHeader(h.status)
		_ = json.NewEncoder(w).Encode(h.says(id, h.rooms[id]))
		return
	}
	if h.rooms[id] == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if r.Method != http.MethodGet && !strings.HasPrefix(id, "new-") {
		h.disturb = append(h.disturb, r.Method+" "+r.URL.Path)
	}
	switch r.Method {
	case http.MethodDelete:
		delete(h.rooms, id)
		w.WriteHeader(http.StatusNoContent)
	case http.MethodPatch:
		h.rooms[id] = given
	default:
		_ = json.NewEncoder(w).Encode(h.rooms[id])
	}
}

func onlyID(id string, _ map[string]any) map[string]any { return map[string]any{"id": id} }

func withID(id string, room map[string]any) map[string]any {
	all := map[string]any{"id": id}
	for name, value := range room {
		all[name] = value
	}
	return all
}

// Whatever a POST does and says, what was there before the run is only read; what the run has made is deleted if it is
// certain, and else named.
func TestOnlyWhatTheRunHasMadeIsDeleted(t *testing.T) {
	never := func(map[string]any) string { return "" }
	one := func(map[string]any) string { return "old" }
	byKind := func(given map[string]any) string { return "old-" + given["kind"].(string) }
	for _, tt := range []struct {
		name     string
		status   int
		finds    func(map[string]any) string
		says     func(string, map[string]any) map[string]any
		replaces bool
		left     string // a part of what is left; "" for nothing
		shown    judge.Verdict
	}{
		{"201 and an id", 201, never, onlyID, false, "", judge.Conforms},
		{"201 and the room", 201, never, withID, false, "", judge.Conforms},
		{"200 and the room", 200, never, withID, false, "", judge.Conforms},
		{"200 and an id, which a read proves", 200, never, onlyID, false, "", judge.Conforms},
		{"a search", 200, one, withID, false, "two different creations were answered with the same id", judge.NotApplicable},
		{"a search that answers 201", 201, one, withID, false, "two different creations were answered with the same id", judge.NotApplicable},
		{"a login", 200, one, onlyID, false, "two different creations were answered with the same id", judge.NotApplicable},
		{"a login that answers 202", 202, one, onlyID, false, "two different creations were answered with the same id", judge.NotApplicable},
		{"one for each kind, and 200", 200, byKind, withID, false, "two different creations were answered with the same id", judge.NotApplicable},
		{"one for each kind, and 201", 201, byKind, withID, false, "two different creations were answered with the same id", judge.NotApplicable},
		{"one that is there, and 201 with an id", 201, one, onlyID, false, "two different creations were answered with the same id", ""},
		{"one that is replaced", 200, one, withID, true, "two different creations", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := &house{status: tt.status, finds: tt.finds, says: tt.says, replaces: tt.replaces, rooms: map[string]map[string]any{}}
			for _, id := range []string{"old", "old-large", "old-small"} {
				h.rooms[id] = map[string]any{"name": "an old room", "kind": "large"}
			}
			report := inEarnest(t, rooms, h)
			h.disturb = slices.DeleteFunc(h.disturb, func(what string) bool { return strings.HasPrefix(what, "PATCH") && tt.shown == "" }) // before it could be known
			if len(h.disturb) > 0 || h.rooms["old"] == nil || h.rooms["old-large"] == nil || h.rooms["old-small"] == nil {
				t.Errorf("what was there was changed: %q", h.disturb)
			}
			left := strings.Join(report.Left, "\n")
			if tt.left == "" && (left != "" || len(h.rooms) != 3) || !strings.Contains(left, tt.left) || tt.left != "" && !strings.Contains(left, "look before you delete it: curl -sS -i -X DELETE '") {
				t.Errorf("expected %q to be left, got %s and %d rooms", tt.left, left, len(h.rooms))
			}
			r := verdictOf(t, report, "POST /rooms: shown by GET /rooms/{roomId}")
			if tt.shown != "" && r.Verdict != tt.shown {
				t.Errorf("shown by a read: expected %s, got %s %s", tt.shown, r.Verdict, r.Reason)
			}
			if all := broken(report, judge.Deviates); tt.left == "" && len(all) > 0 || report.Failure != "" {
				t.Errorf("accused: %q, failure %q", all, report.Failure)
			}
		})
	}
}

// What the gate doubts is not deleted, and is named.
func TestWhatTheGateDoubtsIsNotDeleted(t *testing.T) {
	h := &house{status: 201, finds: func(map[string]any) string { return "" }, says: withID, rooms: map[string]map[string]any{}}
	deleted := 0
	report := judged(t, rooms, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/rooms/new-") && r.Method != http.MethodGet {
			deleted++
		}
		h.ServeHTTP(w, r)
	}), func(o *implied.Options) {
		o.Risk = cases.Destructive
		o.Made = func(resources.Made) error { return errors.New("the bytes say nothing") }
	})
	if left := strings.Join(report.Left, "\n"); deleted > 0 || len(h.rooms) == 0 || strings.Count(left, "made by makeRoom (the bytes say nothing)") != len(h.rooms) {
		t.Errorf("expected %d rooms to be named and none to be touched, got %d changes and %s", len(h.rooms), deleted, left)
	}
}

// What has no path of its own is made, and said to be left.
func TestWhatHasNoPathIsSaidToBeLeft(t *testing.T) {
	collection, _, _ := strings.Cut(rooms, "  /rooms/{roomId}:")
	_, components, _ := strings.Cut(rooms, "components:")
	without := collection + "components:" + components
	h := &house{status: 201, finds: func(map[string]any) string { return "" }, says: withID, rooms: map[string]map[string]any{}}
	report := inEarnest(t, without, h)
	want := fmt.Sprintf("what POST /rooms was answered with success for, %d times: no path of the document names it, so that it can be neither read nor deleted", len(h.rooms))
	if len(h.rooms) == 0 || !slices.Equal(report.Left, []string{want}) {
		t.Errorf("expected %q, got %q", want, report.Left)
	}
}

// What is named in its metadata has a name of its own each time, and is found, read back and deleted by it.
func TestThingsNamedInTheirMetadata(t *testing.T) {
	const pods = `
openapi: 3.0.3
info: {title: Pods, version: "1"}
paths:
  /pods:
    get: {responses: {'200': {description: pods, content: {application/json: {schema: {type: object, properties: {items: {type: array, items: &pod {type: object, required: [metadata], properties: {metadata: {type: object, required: [name], properties: {name: {type: string}}}}}}}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: *pod}}}
      responses: {'201': {description: made, content: {application/json: {schema: *pod}}}, '409': {description: taken}, '422': {description: invalid}}
  /pods/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: a pod, content: {application/json: {schema: *pod}}}, '404': {description: none}}}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
`
	type pod struct {
		Metadata *struct{ Name *string }
	}
	all := map[string]string{"web": `{"metadata": {"name": "web"}}`}
	report := inEarnest(t, pods, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		name := strings.TrimPrefix(r.URL.Path, "/pods/")
		switch {
		case r.Method == http.MethodPost:
			var given pod
			body, _ := io.ReadAll(r.Body)
			switch err := json.Unmarshal(body, &given); {
			case err != nil || given.Metadata == nil || given.Metadata.Name == nil || *given.Metadata.Name == "":
				w.WriteHeader(http.StatusUnprocessableEntity)
			case all[*given.Metadata.Name] != "":
				w.WriteHeader(http.StatusConflict)
			default:
				all[*given.Metadata.Name] = string(body)
				w.WriteHeader(http.StatusCreated)
				_, _ = w.Write(body)
			}
		case r.URL.Path == "/pods":
			_, _ = w.Write([]byte(`{"items": [` + all["web"] + `]}`))
		case all[name] == "":
			w.WriteHeader(http.StatusNotFound)
		case r.Method == http.MethodDelete:
			delete(all, name)
			w.WriteHeader(http.StatusNoContent)
		default:
			_, _ = w.Write([]byte(all[name]))
		}
	}))
	for _, id := range []string{"GET /pods/{name}: plain", "POST /pods: plain", "POST /pods: shown by GET /pods/{name}", "DELETE /pods/{name}: no longer shown by GET /pods/{name}"} {
		if r := verdictOf(t, report, id); r.Verdict != judge.Conforms && r.Verdict != judge.Observed {
			t.Errorf("%s: got %s %s %+v", id, r.Verdict, r.Reason, r.Findings)
		}
	}
	if all["web"] == "" || report.Failure != "" {
		t.Errorf("what was there is gone, or the run failed: %v, %q", all, report.Failure)
	}
}
