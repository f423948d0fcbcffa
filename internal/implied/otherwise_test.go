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

	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

const lamps = `
openapi: 3.0.3
info: {title: Lamps, version: '1'}
components:
  schemas:
    Lamp:
      type: object
      properties:
        colour: {type: string, enum: [red, green], default: red}
        lit: {type: boolean, default: false}
        level: {type: integer, minimum: 10, maximum: 50, multipleOf: 10}
        roomId: {type: integer}
paths:
  /lamps:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Lamp'}}}}
      responses: {'201': {description: made}, '400': {description: invalid}, '422': {description: not so}}
  /lamps/{lampId}:
    parameters: [{name: lampId, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        '200': {description: a lamp, content: {application/json: {schema: {$ref: '#/components/schemas/Lamp'}}}}
        '404': {description: no such lamp}
    patch:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Lamp'}}}}
      responses: {'204': {description: changed}, '400': {description: invalid}, '404': {description: no such lamp}, '422': {description: not so}}
    delete:
      responses: {'204': {description: gone}, '404': {description: no such lamp}}
`

// A lampServer keeps lamps. It passes a member over, or refuses what is not usual of it, by one method.
type lampServer struct {
	mu                      sync.Mutex
	lamps                   map[string]map[string]any
	last                    int
	method, passes, refuses string
}

var usualLamp = map[string]any{"colour": "red", "lit": false, "level": 10.0}

func (s *lampServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := strings.TrimPrefix(r.URL.Path, "/lamps/")
	var given map[string]any
	if r.Method == http.MethodPost || r.Method == http.MethodPatch {
		_ = json.NewDecoder(r.Body).Decode(&given)
		if given == nil || !keepsToLamp(given) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if r.Method == s.method {
			if v, is := given[s.refuses]; is && v != usualLamp[s.refuses] {
				w.WriteHeader(http.StatusUnprocessableEntity)
				return
			}
			delete(given, s.passes)
		}
	}
	lamp := s.lamps[id]
	switch {
	case r.Method == http.MethodPost:
		s.last++
		id, lamp = fmt.Sprint(s.last), maps.Clone(usualLamp)
		maps.Copy(lamp, given)
		s.lamps[id] = lamp
		w.Header().Set("Location", "/lamps/"+id)
		w.WriteHeader(http.StatusCreated)
	case lamp == nil:
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodGet:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(lamp)
	case r.Method == http.MethodPatch:
		maps.Copy(lamp, given)
		w.WriteHeader(http.StatusNoContent)
	default:
		delete(s.lamps, id)
		w.WriteHeader(http.StatusNoContent)
	}
}

func keepsToLamp(given map[string]any) bool {
	isWhole := func(v any) bool { n, is := v.(float64); return is && n == float64(int64(n)) }
	for name, v := range given {
		level, _ := v.(float64)
		_, isBool := v.(bool)
		if name == "colour" && v != "red" && v != "green" || name == "lit" && !isBool ||
			name == "level" && !(isWhole(v) && level >= 10 && level <= 50 && int(level)%10 == 0) || name == "roomId" && !isWhole(v) {
			return false
		}
	}
	return true
}

// A choice that a server passes over is found out though the first that comes to mind is what it assumes anyhow; one that it
// refuses is not held against it here.
func TestChoicesAreMadeOtherwise(t *testing.T) {
	cases := map[string]string{
		http.MethodPost:  "POST /lamps: shown by GET /lamps/{lampId}",
		http.MethodPatch: "PATCH /lamps/{lampId}: what was made, shown by GET /lamps/{lampId}",
	}
	verdicts := func(s *lampServer) implied.Report {
		s.lamps = map[string]map[string]any{}
		return judged(t, lamps, s, atAnyRisk)
	}
	for method, id := range cases {
		for name := range usualLamp {
			if r := verdictOf(t, verdicts(&lampServer{method: method, passes: name}), id); r.Verdict != judge.Deviates {
				t.Errorf("%s passes %s over: expected a deviation, got %s %s", method, name, r.Verdict, r.Reason)
			}
			if r := verdictOf(t, verdicts(&lampServer{method: method, refuses: name}), id); r.Verdict != judge.Conforms {
				t.Errorf("%s refuses another %s: expected what it takes to be shown, got %s %s %+v", method, name, r.Verdict, r.Reason, r.Findings)
			}
		}
	}
	report := verdicts(&lampServer{})
	if all := broken(report, judge.Deviates); len(all) > 0 || len(report.Left) > 0 {
		t.Errorf("expected nothing, got %q, left %q", all, report.Left)
	}
	if !slices.ContainsFunc(report.Results, func(r judge.Result) bool { return r.Case == cases[http.MethodPatch] && r.Verdict == judge.Conforms }) {
		t.Error("expected the change to be shown")
	}
}
