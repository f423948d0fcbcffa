package implied_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

const pets = `
openapi: 3.0.3
info: {title: Pets, version: "1"}
security: [{key: []}]
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 50}}
        - {name: sort, in: query, schema: {type: string, enum: [name, age]}}
      responses:
        '200':
          description: a page
          content:
            application/json:
              schema:
                type: array
                items: {$ref: '#/components/schemas/Pet'}
        '400': {description: invalid}
        '401': {description: no credentials}
  /pets/{petId}:
    get:
      operationId: showPet
      parameters:
        - {name: petId, in: path, required: true, schema: {type: integer, minimum: 1}}
      responses:
        '200':
          description: a pet
          content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
        '400': {description: invalid}
        '401': {description: no credentials}
        '404': {description: no such pet}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
  schemas:
    Pet:
      type: object
      required: [id, name]
      properties:
        id: {type: integer}
        name: {type: string}
        age: {type: integer, minimum: 0}
`

const petKey = "k3y-of-the-pets-7281"

// A petServer keeps to the document, but for what a test changes.
type petServer struct {
	accepts func(key string) bool
	list    func(w http.ResponseWriter, r *http.Request) bool // answers, if it returns true
	show    func(w http.ResponseWriter, r *http.Request) bool
}

func (s petServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	accepts := s.accepts
	if accepts == nil {
		accepts = func(key string) bool { return key == petKey }
	}
	if !accepts(r.Header.Get("X-Key")) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /pets", func(w http.ResponseWriter, r *http.Request) {
		limit := r.URL.Query().Get("limit")
		if n, err := strconv.Atoi(limit); limit != "" && (err != nil || n < 1 || n > 50) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if sort := r.URL.Query().Get("sort"); r.URL.Query().Has("sort") && !slices.Contains([]string{"name", "age"}, sort) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if s.list != nil && s.list(w, r) {
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `[{"id": 7, "name": "Rex", "age": 3}, {"id": 8, "name": "Tom"}]`)
	})
	mux.HandleFunc("GET /pets/{id}", func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.PathValue("id"))
		switch {
		case err != nil || n < 1:
			w.WriteHeader(http.StatusBadRequest)
		case s.show != nil && s.show(w, r):
		case n != 7 && n != 8:
			w.WriteHeader(http.StatusNotFound)
		default:
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"id": %d, "name": "Rex"}`, n)
		}
	})
	mux.ServeHTTP(w, r)
}

func withKey(o *implied.Options) { o.Credentials = map[string]string{"key": petKey} }

// A server that keeps to the document is not accused, and what there is to judge is judged.
func TestReadsOfACorrectServer(t *testing.T) {
	report := judged(t, pets, petServer{}, func(o *implied.Options) {
		withKey(o)
		o.Fixtures = []implied.Fixture{{Name: "petId", Value: "7"}}
	})
	if got := append(broken(report, judge.Deviates), broken(report, judge.Advisory)...); len(got) > 0 || report.Failure != "" {
		t.Errorf("failure %q, broken: %q", report.Failure, got)
	}
	for _, r := range report.Results {
		if r.Verdict != judge.Conforms {
			t.Errorf("%s: got %s, %s %q", r.Case, r.Verdict, r.Reason, fmt.Sprint(r.Findings))
		}
	}
	if len(report.Results) < 10 {
		t.Errorf("got %d results", len(report.Results))
	}
}

// What is wrong with a server is found at its requirement, once a cause.
func TestReadsOfIncorrectServers(t *testing.T) {
	reply := func(status int, contentType, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			fmt.Fprint(w, body)
			return true
		}
	}
	tests := map[string]struct {
		server petServer
		want   []string
	}{
		"an answer that breaks its schema, in every request": {
			petServer{list: reply(200, "application/json", `[{"id": "seven", "name": "Rex"}]`)},
			[]string{"answer.schema by GET /pets: plain"},
		},
		"a server error": {
			petServer{show: reply(500, "text/plain", "oops")},
			[]string{"request.answered by GET /pets/{petId}: plain"},
		},
		"an id of nothing is shown": {
			petServer{show: reply(200, "application/json", `{"id": 7, "name": "Rex"}`)},
			[]string{"resource.unknown by GET /pets/{petId}: path petId: unknown"},
		},
		"credentials are not needed": {
			petServer{accepts: func(string) bool { return true }},
			[]string{
				"credentials.required by GET /pets/{petId}: without credentials", "credentials.required by GET /pets: without credentials",
				"credentials.valid by GET /pets/{petId}: credentials key: made up: a character longer",
				"credentials.valid by GET /pets/{petId}: credentials key: made up: another character at the end",
				"credentials.valid by GET /pets/{petId}: credentials key: made up: another character in the middle",
				"credentials.valid by GET /pets: credentials key: made up: a character longer",
				"credentials.valid by GET /pets: credentials key: made up: another character at the end",
				"credentials.valid by GET /pets: credentials key: made up: another character in the middle",
			},
		},
		"a key is known by its beginning": {
			petServer{accepts: func(key string) bool { return len(key) >= len(petKey) && key[:len(petKey)] == petKey }},
			[]string{
				"credentials.valid by GET /pets/{petId}: credentials key: made up: a character longer",
				"credentials.valid by GET /pets: credentials key: made up: a character longer",
			},
		},
		"a valid value is called invalid": {
			petServer{list: func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Query().Get("sort") == "" {
					return false
				}
				return reply(400, "", "")(w, r)
			}},
			[]string{
				"value.accepted by GET /pets: all optional parameters", "value.accepted by GET /pets: query sort: enum-age",
				"value.accepted by GET /pets: query sort: enum-name", "value.accepted by GET /pets: query sort: given",
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			report := judged(t, pets, tt.server, func(o *implied.Options) {
				withKey(o)
				o.Fixtures = []implied.Fixture{{Name: "petId", Value: "7"}}
			})
			if got := broken(report, judge.Deviates); !slices.Equal(got, tt.want) || report.Failure != "" {
				t.Errorf("failure %q, expected %q, got %q", report.Failure, tt.want, got)
			}
		})
	}
}
