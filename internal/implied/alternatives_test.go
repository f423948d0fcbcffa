package implied_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/resources"
)

const threeWays = `
openapi: 3.0.3
info: {title: Three ways, version: "1"}
security: [{left: [], right: []}, {token: []}, {cookie: []}]
paths:
  /things:
    get:
      responses: &listed
        '200': {description: things, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Thing'}}}}}
        '401': {description: no credentials, content: {application/json: {schema: {type: object, required: [why]}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
      responses:
        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
        '400': {description: wrong}
        '401': {description: no credentials}
  /things/{thingId}:
    parameters: [{name: thingId, in: path, required: true, schema: {type: string}}]
    get:
      responses: &shown
        '200': {description: a thing, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
        '401': {description: no credentials}
        '404': {description: none}
    delete:
      responses:
        '204': {description: deleted}
        '401': {description: no credentials}
        '404': {description: none}
  /open:
    get:
      security: [{token: []}, {}]
      responses:
        '200': {description: open to all}
components:
  schemas:
    Thing: {type: object, required: [name], properties: {id: {type: string, readOnly: true}, name: {type: string, minLength: 1}}}
  securitySchemes:
    left: {type: apiKey, in: header, name: X-Left}
    right: {type: apiKey, in: query, name: right}
    token: {type: oauth2, flows: {}}
    cookie: {type: apiKey, in: cookie, name: session}
`

// wayOf returns which alternative of threeWays a request has; "" for none, or made-up ones.
func wayOf(r *http.Request) string {
	if session, err := r.Cookie("session"); err == nil && session.Value == "session-3333" {
		return "cookie"
	}
	switch {
	case r.Header.Get("Authorization") == "Bearer t0ken-2222":
		return "token"
	case r.Header.Get("X-Left") == "left-1111" && r.URL.Query().Get("right") == "right-1111":
		return "both"
	}
	return ""
}

// thingServer keeps things. refuses says with which status it refuses a way to read or write, 0 for none.
func thingServer(refuses func(way string, r *http.Request) int) http.Handler {
	things := map[string]string{"t-1": `{"id":"t-1","name":"one"}`}
	answer := func(w http.ResponseWriter, status int, body string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /things", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, "["+things["t-1"]+"]") })
	mux.HandleFunc("POST /things", func(w http.ResponseWriter, r *http.Request) {
		name, ok := nameIn(r)
		if !ok {
			answer(w, 400, "{}")
			return
		}
		id := fmt.Sprintf("n-%d", len(things))
		for things[id] != "" {
			id += "0"
		}
		text, _ := json.Marshal(map[string]string{"id": id, "name": name})
		things[id] = string(text)
		answer(w, 201, things[id])
	})
	mux.HandleFunc("/things/{id}", func(w http.ResponseWriter, r *http.Request) {
		thing, ok := things[r.PathValue("id")]
		switch {
		case !ok:
			answer(w, 404, "{}")
		case r.Method == http.MethodDelete:
			delete(things, r.PathValue("id"))
			w.WriteHeader(http.StatusNoContent)
		default:
			answer(w, 200, thing)
		}
	})
	mux.HandleFunc("GET /open", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, "{}") })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		way := wayOf(r)
		carries := r.Header.Get("Authorization") != ""
		switch status := refuses(way, r); {
		case way == "" && (r.URL.Path != "/open" || carries):
			answer(w, 401, `{"why":"no"}`)
		case way != "" && status != 0:
			answer(w, status, `{"why":"because"}`)
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

func threeGiven(o *implied.Options) {
	o.Credentials = map[string]string{"left": "left-1111", "right": "right-1111", "token": "t0ken-2222", "cookie": "session-3333"}
	o.Risk, o.Concurrency = cases.Destructive, 1
}

// The first alternative that the server accepts is that of the plain request, for each operation. Nobody is accused
// for refusing the others; they are said not to be proved.
func TestTheFirstAlternativeThatPasses(t *testing.T) {
	writes := func(r *http.Request) bool { return r.Method != http.MethodGet }
	all := []string{"GET /things: plain", "GET /things/{thingId}: plain", "POST /things: plain", "GET /open: plain"}
	for name, tt := range map[string]struct {
		refuses   func(way string, r *http.Request) int
		conforms  []string
		notProved []string // cases
		notes     []string // parts of them
	}{
		"none is refused": {func(string, *http.Request) int { return 0 }, all, nil, nil},
		"the first is refused": {
			func(way string, _ *http.Request) int { return map[string]int{"both": 401}[way] },
			append(all, "GET /things: without credentials", "GET /things: credentials token: made up: a character longer", "POST /things: without credentials", "DELETE /things/{thingId}: no longer shown by GET /things/{thingId}"),
			[]string{"GET /things: credentials left beside right: made up: a character longer", "POST /things: credentials right beside left: made up: a character longer"},
			[]string{"left and right not proved"},
		},
		"only the last is accepted": {
			func(way string, _ *http.Request) int { return map[string]int{"both": 401, "token": 403}[way] },
			append(all, "GET /things: without credentials", "GET /things: credentials cookie: made up: a character longer", "DELETE /things/{thingId}: no longer shown by GET /things/{thingId}"),
			[]string{"GET /things: with credentials token", "GET /things: credentials token: made up: a character longer"},
			[]string{"left and right not proved", "token not proved"},
		},
		"the first may not write": {
			func(way string, r *http.Request) int {
				if writes(r) && way == "both" {
					return 403
				}
				return 0
			},
			append(all, "POST /things: without credentials", "DELETE /things/{thingId}: no longer shown by GET /things/{thingId}", "GET /things: credentials left beside right: made up: a character longer"),
			[]string{"POST /things: credentials left beside right: made up: a character longer"},
			[]string{"left and right not proved: the server refuses it for "},
		},
		"things are hidden from the first": {
			func(way string, r *http.Request) int {
				if strings.HasPrefix(r.URL.Path, "/things/") && way == "both" {
					return 404
				}
				return 0
			},
			all, []string{"GET /things/{thingId}: credentials left beside right: made up: a character longer"}, []string{"GET /things/{thingId}"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			report := judged(t, threeWays, thingServer(tt.refuses), threeGiven)
			if got := append(broken(report, judge.Deviates), broken(report, judge.Advisory)...); len(got) > 0 || report.Failure != "" || len(report.Left) > 0 {
				t.Errorf("failure %q, left %q, got %q", report.Failure, report.Left, got)
			}
			for _, id := range tt.conforms {
				if r := verdictOf(t, report, id); r.Verdict != judge.Conforms {
					t.Errorf("%s: got %s %s", id, r.Verdict, r.Reason)
				}
			}
			for _, id := range tt.notProved {
				if r := verdictOf(t, report, id); r.Verdict != judge.Error || !strings.HasPrefix(r.Reason, "credentials: ") {
					t.Errorf("%s: got %s %s", id, r.Verdict, r.Reason)
				}
			}
			for _, want := range tt.notes {
				if !slices.ContainsFunc(report.Notes, func(n string) bool { return strings.Contains(n, want) }) {
					t.Errorf("expected a note with %q, got %q", want, report.Notes)
				}
			}
			if len(tt.notes) == 0 && len(report.Notes) > 0 {
				t.Errorf("expected no note, got %q", report.Notes)
			}
		})
	}
}

// What the server refuses with all credentials is not judged, whichever operations these are and however it refuses;
// the others are.
func TestWhatAllCredentialsAreRefusedFor(t *testing.T) {
	is := func(method, prefix string) func(*http.Request) bool {
		return func(r *http.Request) bool { return r.Method == method && strings.HasPrefix(r.URL.Path, prefix) }
	}
	const list, show, makes, removes = "GET /things: plain", "GET /things/{thingId}: plain", "POST /things: plain", "DELETE /things/{thingId}: no longer shown by GET /things/{thingId}"
	for name, tt := range map[string]struct {
		which    func(*http.Request) bool
		refused  string
		conforms []string
	}{
		"lists":     {is("GET", "/things"), list, nil},
		"things":    {is("GET", "/things/"), show, []string{list, makes}},
		"creations": {is("POST", "/things"), makes, []string{list, show}},
		"deletions": {is("DELETE", "/things/"), removes, []string{list, show, makes}},
		"writes":    {func(r *http.Request) bool { return r.Method != http.MethodGet }, makes, []string{list, show}},
	} {
		for _, status := range []int{401, 403, 404} {
			refuses := func(_ string, r *http.Request) int {
				if tt.which(r) {
					return status
				}
				return 0
			}
			report := judged(t, threeWays, thingServer(refuses), func(o *implied.Options) {
				threeGiven(o)
				o.Fixtures = []implied.Fixture{{Name: "thingId", Value: "t-1"}}
			})
			for _, line := range broken(report, judge.Deviates) {
				if status != 404 { // a thing that was made and is not found, or a list that is not there, is another matter
					t.Errorf("%s, %d: got %s", name, status, line)
				}
			}
			r := verdictOf(t, report, tt.refused)
			if want := map[bool]judge.Verdict{true: judge.Error, false: judge.NotApplicable}[status != 404]; r.Verdict != want && tt.refused != removes {
				t.Errorf("%s, %d: expected %s, got %s %s", name, status, want, r.Verdict, r.Reason)
			}
			if r.Verdict == judge.Conforms {
				t.Errorf("%s, %d: %s conforms", name, status, tt.refused)
			}
			for _, id := range tt.conforms {
				if r := verdictOf(t, report, id); r.Verdict != judge.Conforms {
					t.Errorf("%s, %d: %s: got %s %s", name, status, id, r.Verdict, r.Reason)
				}
			}
		}
	}
}

// nameIn returns the name of the thing in a body, if it is one.
func nameIn(r *http.Request) (string, bool) {
	var v map[string]any
	d := json.NewDecoder(r.Body)
	if err := d.Decode(&v); err != nil || d.More() || r.Header.Get("Content-Type") != "application/json" {
		return "", false
	}
	name, ok := v["name"].(string)
	return name, ok && name != ""
}

// What is left is deleted with the credentials that the server takes, not with the first that the document names; a
// journal names their schemes, and no credentials.
func TestWhatIsLeftIsDeletedWithWhatIsTaken(t *testing.T) {
	var o implied.Options
	var made resources.Made
	report := judged(t, threeWays, thingServer(func(way string, r *http.Request) int {
		switch {
		case way == "both":
			return 401
		case r.Method == http.MethodDelete:
			return 409
		}
		return 0
	}), func(of *implied.Options) {
		threeGiven(of)
		of.Endpoint = "http://127.0.0.1"
		of.Made = func(m resources.Made) error { made = m; return nil }
		o = *of
	})
	if len(report.Left) == 0 || !slices.Equal(made.With, []string{"token"}) {
		t.Fatalf("expected something left, with the token, got %q and %+v", report.Left, made)
	}
	for _, line := range append(report.Left, implied.LeftOver(o, made)) {
		if !strings.Contains(line, "Authorization: Bearer $GESCONFORM_CREDENTIAL_TOKEN") || strings.Contains(line, "X-Left") {
			t.Errorf("expected the token, got %s", line)
		}
	}
	request, err := implied.Removal(o, made)
	if err != nil || !slices.Contains(request.Headers, cases.Header{Name: "Authorization", Value: "Bearer t0ken-2222"}) || strings.Contains(request.Path, "right") {
		t.Errorf("expected a deletion with the token, got %+v and %v", request, err)
	}
	if text, err := json.Marshal(made); err != nil || strings.Contains(string(text), "2222") {
		t.Errorf("expected no credentials, got %s and %v", text, err)
	}
}
