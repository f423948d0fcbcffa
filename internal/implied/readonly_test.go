package implied_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

const tickets = `
openapi: 3.0.3
info: {title: Tickets, version: "1"}
paths:
  /tickets:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Ticket'}}}}
      responses: {'201': {description: made}, '400': {description: invalid}}
  /tickets/{ticketId}:
    parameters: [{name: ticketId, in: path, required: true, schema: {type: string}}]
    get:
      responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Ticket'}}}}, '404': {description: none}}
    delete:
      responses: {'204': {description: gone}, '404': {description: none}}
components:
  schemas:
    Ticket:
      type: object
      required: [title]
      properties: {title: {type: string}, state: {type: string, enum: [new, closed], readOnly: true}, kind: {type: string, enum: [ticket], readOnly: true}}
`

// A ticketServer answers a creation with the ticket, or only with where it is.
type ticketServer struct {
	echoes, takesState, shows bool

	mu      sync.Mutex
	last    int
	tickets map[string]map[string]any
}

func (s *ticketServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	kept := s.tickets[r.URL.Path]
	switch {
	case r.Method == http.MethodPost:
		var given map[string]any
		err := json.NewDecoder(r.Body).Decode(&given)
		if _, ok := given["title"].(string); err != nil || !ok {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if !s.takesState || given["state"] == nil {
			given["state"] = "new"
		}
		given["kind"] = "ticket"
		if !s.shows {
			delete(given, "state")
		}
		s.last++
		path := fmt.Sprint("/tickets/t", s.last)
		s.tickets[path] = given
		w.Header().Set("Location", path)
		w.WriteHeader(http.StatusCreated)
		if s.echoes {
			_ = json.NewEncoder(w).Encode(given)
		}
	case kept == nil:
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodDelete:
		delete(s.tickets, r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
	default:
		_ = json.NewEncoder(w).Encode(kept)
	}
}

// A value that is only read is taken from a client if it is shown as given and is not the one that the server gives by
// itself, whether the creation or a read shows that. What nothing shows is not decided.
func TestReadOnlyValues(t *testing.T) {
	for name, test := range map[string]struct {
		server *ticketServer
		want   judge.Verdict
	}{
		"taken, echoed":              {&ticketServer{echoes: true, takesState: true, shows: true}, judge.Deviates},
		"taken, shown by a read":     {&ticketServer{takesState: true, shows: true}, judge.Deviates},
		"not taken, echoed":          {&ticketServer{echoes: true, shows: true}, judge.Conforms},
		"not taken, shown by a read": {&ticketServer{shows: true}, judge.Conforms},
		"not shown":                  {&ticketServer{echoes: true}, judge.Masked},
	} {
		test.server.tickets = map[string]map[string]any{}
		report := judged(t, tickets, test.server, func(o *implied.Options) { o.Risk = cases.Destructive })
		i := slices.IndexFunc(report.Results, func(r judge.Result) bool { return strings.HasSuffix(r.Case, "/state: readOnly") })
		if i < 0 {
			t.Fatalf("%s: expected a case about the state", name)
		}
		if r := report.Results[i]; r.Verdict != test.want {
			t.Errorf("%s: expected %s, got %s %s", name, test.want, r.Verdict, r.Reason)
		}
		if r := verdictOf(t, report, "POST /tickets: body /kind: readOnly"); r.Verdict != judge.Masked || !strings.Contains(r.Reason, "by itself") {
			t.Errorf("%s: expected that the one kind that there is decides nothing, got %s %s", name, r.Verdict, r.Reason)
		}
	}
}
