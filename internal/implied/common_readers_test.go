package implied_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

const ferries = `
openapi: 3.0.3
info: {title: Ferries, version: "1"}
paths:
  /ferries:
    get:
      operationId: listFerries
      parameters:
        - {name: since, in: query, schema: {type: string, format: date-time}}
        - {name: colour, in: query, schema: {type: string, enum: [red, blue]}}
        - {name: harbour, in: query, required: true, schema: {type: string, minLength: 1}}
        - {name: limit, in: query, schema: {type: integer}}
      responses: {'200': {description: some}, '400': {description: invalid}}
    post:
      operationId: makeFerry
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/NewFerry'}}}
      responses:
        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Ferry'}}}}
        '400': {description: invalid}
        '500': {description: broken, content: {application/json: {schema: {type: object}}}}
  /ferries/{ferryId}:
    delete:
      parameters: [{name: ferryId, in: path, required: true, schema: {type: integer}}]
      responses: {'204': {description: gone}, '404': {description: no such ferry}}
components:
  schemas:
    NewFerry: {type: object, required: [name], properties: {name: {type: string}, cars: {type: integer, minimum: 0, maximum: 99}, home: {type: string}}}
    Ferry: {type: object, required: [id], properties: {id: {type: integer}, name: {type: string}, cars: {type: integer, minimum: 0, maximum: 99}, home: {type: string, nullable: true}}}
`

// ferryServer takes whatever object it is given, and shows it.
func ferryServer(refuses func(w http.ResponseWriter, r *http.Request, body map[string]any) bool) http.HandlerFunc {
	var next atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		_ = json.NewDecoder(r.Body).Decode(&body)
		switch {
		case refuses != nil && refuses(w, r, body):
		case r.Method == http.MethodPost && body == nil:
			w.WriteHeader(http.StatusBadRequest)
		case r.Method == http.MethodDelete && next.Load() > 0:
			w.WriteHeader(http.StatusNoContent)
		case r.Method == http.MethodPost:
			body["id"] = next.Add(1)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusCreated)
			_ = json.NewEncoder(w).Encode(body)
		}
	}
}

// What common readers take unasked is no more than a SHOULD, wherever it stands: in a parameter as in a body.
func TestWhatCommonReadersTake(t *testing.T) {
	report := judged(t, ferries, ferryServer(nil), atAnyRisk)
	for _, tt := range []struct {
		name string
		want judge.Verdict
	}{
		{"GET /ferries: query since: format-seconds-since-1970", judge.Advisory},
		{"GET /ferries: query since: format-month-13", judge.Deviates},
		{"GET /ferries: query colour: enum-empty", judge.Advisory},
		{"GET /ferries: query colour: enum-other", judge.Deviates},
		{"GET /ferries: query harbour: minLength-1", judge.Deviates},
		{"GET /ferries: query limit: type-string", judge.Deviates},
		{"POST /ferries: body /home: type-null", judge.Advisory},
		{"POST /ferries: body /name: type-null", judge.Deviates},
	} {
		if r := verdictOf(t, report, tt.name); r.Verdict != tt.want {
			t.Errorf("%s: expected %s, got %s %s", tt.name, tt.want, r.Verdict, r.Reason)
		}
	}
}

// An answer that shows what was taken though it breaks the document is no second finding, even if answers have a schema of
// their own; nor is the body of an error of the server.
func TestOneCauseOneFinding(t *testing.T) {
	crashes := func(w http.ResponseWriter, r *http.Request, body map[string]any) bool {
		if _, is := body["cars"].([]any); is {
			w.WriteHeader(http.StatusInternalServerError)
			return true
		}
		return false
	}
	report := judged(t, ferries, ferryServer(crashes), atAnyRisk)
	for _, line := range broken(report, judge.Deviates) {
		if requirement, _, _ := strings.Cut(line, " "); requirement != "value.refused" && requirement != "request.answered" {
			t.Errorf("expected what was taken and the error alone, got %s", line)
		}
	}
	if r := verdictOf(t, report, "POST /ferries: body /cars: maximum+1"); r.Verdict != judge.Deviates {
		t.Errorf("expected a deviation, got %s %s", r.Verdict, r.Reason)
	}
	if r := verdictOf(t, report, "POST /ferries: body /cars: type-array"); r.Verdict != judge.Deviates {
		t.Errorf("expected a deviation, got %s %s", r.Verdict, r.Reason)
	}
}

func atAnyRisk(o *implied.Options) { o.Risk = cases.Destructive }
