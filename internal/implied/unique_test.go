package implied_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

const parts = `
openapi: 3.0.3
info: {title: Parts, version: "1"}
paths:
  /parts:
    post:
      operationId: makePart
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Part'}}, application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Part'}}}
      responses:
        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Part'}}}}
        '400': {description: invalid}
  /parts/{partId}:
    parameters:
      - {name: partId, in: path, required: true, schema: {type: integer}}
    get:
      operationId: showPart
      responses:
        '200': {description: a part, content: {application/json: {schema: {$ref: '#/components/schemas/Part'}}}}
        '404': {description: no such part}
    delete:
      operationId: dropPart
      responses: {'204': {description: gone}, '404': {description: no such part}}
components:
  schemas:
    Part:
      type: object
      required: [NAME]
      properties:
        id: {type: integer, readOnly: true}
        NAME: SCHEMA
        colour: {type: string, enum: [red, blue]}
`

// What must be unique, and the document cannot say so, is no reason to accuse a server that refuses it with 400 when
// it comes again; and what the server does wrong is found nevertheless.
func TestWhatMustBeUnique(t *testing.T) {
	for _, tt := range []struct{ name, schema, valid string }{
		{"number", `{type: string, pattern: '^\d{13}$'}`, `^\d{13}$`},
		{"sku", `{type: string, pattern: '^[A-Z]{2}-[0-9]{6}$', example: AB-000017}`, `^[A-Z]{2}-[0-9]{6}$`},
		{"page", `{type: string, format: uri}`, `^[a-z]+:`},
		{"name", `{type: string, minLength: 1, maxLength: 8}`, `^.{1,8}$`},
		{"mail", `{type: string, format: email, maxLength: 40}`, `^.*@.{1,40}$`},
	} {
		document := strings.NewReplacer("NAME", tt.name, "SCHEMA", tt.schema).Replace(parts)
		for _, lapse := range []string{"", "any colour"} {
			t.Run(tt.name+lapse, func(t *testing.T) {
				t.Parallel()
				server := &partServer{unique: tt.name, valid: regexp.MustCompile(tt.valid), lapse: lapse, parts: map[string]map[string]any{}}
				report := judged(t, document, server, func(o *implied.Options) { o.Risk = cases.Destructive })
				got := broken(report, judge.Deviates)
				if lapse == "" && len(got) > 0 || report.Failure != "" {
					t.Errorf("expected no deviation, got %q and failure %q", got, report.Failure)
				}
				if lapse != "" && !strings.Contains(strings.Join(got, " "), "value.refused by POST /parts: body /colour: enum-other") {
					t.Errorf("expected a colour that is none, got %q", got)
				}
				if r := verdictOf(t, report, "POST /parts: body /colour: enum-blue"); r.Verdict != judge.Conforms {
					t.Errorf("expected that cases are decided, got %s: %s", r.Verdict, r.Reason)
				}
				for _, r := range report.Results {
					if r.Verdict == judge.Error {
						t.Errorf("%s: could not be judged: %s", r.Case, r.Reason)
					}
				}
			})
		}
	}
}

// Where no other value is found, the cases say why they are not decided.
func TestWhatPassesOnlyOnce(t *testing.T) {
	document := strings.NewReplacer("NAME", "place", "SCHEMA", `{type: integer, minimum: 1, maximum: 9}`).Replace(parts)
	server := &partServer{unique: "place", valid: regexp.MustCompile(`^[1-9]$`), parts: map[string]map[string]any{}}
	report := judged(t, document, server, func(o *implied.Options) { o.Risk = cases.Destructive })
	if got := broken(report, judge.Deviates); len(got) > 0 || report.Failure != "" {
		t.Errorf("expected no deviation, got %q and failure %q", got, report.Failure)
	}
	if r := verdictOf(t, report, "POST /parts: body /colour: enum-blue"); r.Verdict != judge.Masked || !strings.Contains(r.Reason, "had to be unique") {
		t.Errorf("expected masked, got %s: %s", r.Verdict, r.Reason)
	}
}

// A partServer keeps parts, of which no two have the same of something.
type partServer struct {
	mu   sync.Mutex
	last int

	unique, lapse string
	valid         *regexp.Regexp
	takes         func(string) bool // of notes; nil for all
	parts         map[string]map[string]any
	note          string // the last one
}

func (s *partServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := strings.TrimPrefix(r.URL.Path, "/parts/")
	switch {
	case r.Method == http.MethodPost:
		s.create(w, r)
	case s.parts[id] == nil:
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodDelete:
		delete(s.parts, id)
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.parts[id])
	}
}

func (s *partServer) create(w http.ResponseWriter, r *http.Request) {
	part := map[string]any{}
	if r.Header.Get("Content-Type") == "application/json" {
		body, _ := io.ReadAll(r.Body)
		if json.Unmarshal(body, &part) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
	} else if r.ParseForm() == nil {
		for name := range r.PostForm {
			part[name] = r.PostForm.Get(name)
		}
	}
	colour, coloured := part["colour"]
	_, isNumber := part["place"]
	text, isText := part[s.unique].(string)
	if isNumber {
		text, isText = fmt.Sprint(part["place"]), true
	}
	bad := !isText || !s.valid.MatchString(text) || coloured && colour != "red" && colour != "blue" && s.lapse == ""
	note, noted := part["note"].(string)
	if s.lapse == "goes on showing it" && !noted && s.note != "" && part != nil {
		part["note"] = s.note
	}
	bad = bad || noted && s.takes != nil && !s.takes(note)
	for _, other := range s.parts {
		bad = bad || fmt.Sprint(other[s.unique]) == text
	}
	if bad {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if noted {
		s.note = note
	}
	s.last++
	part["id"] = 1000 + s.last
	s.parts[fmt.Sprint(part["id"])] = part
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(part)
}
