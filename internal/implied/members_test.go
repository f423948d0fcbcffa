package implied_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

// trades name a customer, who must exist.
const (
	trades = `
openapi: 3.0.3
info: {title: Orders, version: "1"}
components:
  schemas:
    Order:
      type: object
      required: [for, state]
      properties:
        id: {type: string, readOnly: true}
        state: {type: string, enum: [open, paid]}
        for:
          type: object
          required: [customerId]
          properties: {customerId: {type: integer, minimum: 1}, note: {type: string, maxLength: 10}}
paths:
  /orders:
    get:
      parameters: [{name: state, in: query, schema: {type: string}}]
      responses: {'200': {description: all}}
    post:
      operationId: order
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
      responses:
        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
        '400': {description: invalid}
        '422': {description: there is no such customer}
  /orders/{orderId}:
    parameters: [{name: orderId, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: an order, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}, '404': {description: none}}}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
`
	buyers = `
  /customers:
    get: {responses: {'200': {description: all, content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: integer}}}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {type: object, properties: {id: {type: integer}}}}}}}
  /customers/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {description: a customer}, '404': {description: none}}}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
`
)

// A trader takes orders for customers. Customer 7 is there from the start.
type trader struct {
	mu     sync.Mutex
	last   int
	kept   map[string]any // by path
	strict bool           // about notes
	orders []string       // the customers of all orders that were taken
}

func (s *trader) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	thing, there := s.kept[r.URL.Path]
	switch {
	case r.Method == http.MethodPost:
		s.create(w, r)
		return
	case r.URL.Path == "/orders":
		thing = []any{}
	case r.URL.Path == "/customers":
		thing = []any{map[string]any{"id": 7}}
	case !there:
		w.WriteHeader(http.StatusNotFound)
		return
	case r.Method == http.MethodDelete:
		delete(s.kept, r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	_ = json.NewEncoder(w).Encode(thing)
}

func (s *trader) create(w http.ResponseWriter, r *http.Request) {
	var given map[string]any
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	if d.Decode(&given) != nil || d.More() || given == nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if r.URL.Path == "/orders" {
		buyer, _ := given["for"].(map[string]any)
		note, hasNote := buyer["note"].(string)
		id, isNumber := buyer["customerId"].(json.Number)
		switch state := given["state"]; {
		case state != "open" && state != "paid" || !isNumber || buyer["note"] != nil && !hasNote || s.strict && len(note) > 10:
			w.WriteHeader(http.StatusBadRequest)
			return
		case s.kept["/customers/"+id.String()] == nil:
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		s.orders = append(s.orders, id.String())
	}
	s.last++
	given["id"] = s.last
	if r.URL.Path == "/orders" {
		given["id"] = fmt.Sprint("o-", s.last)
	}
	s.kept[fmt.Sprint(r.URL.Path, "/", given["id"])] = given
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(given)
}

// Members of bodies that name something else have the value that the user gives, or the id of what the run has made, and
// never that of what a list has shown.
func TestMembersThatNameSomethingElse(t *testing.T) {
	const plain, over = "POST /orders: plain", "POST /orders: body /for/note: maxLength+1"
	for name, test := range map[string]struct {
		document string
		fixtures []implied.Fixture
		customer string // of all orders
		needs    string
	}{
		"nothing is known":      {trades, nil, "", "needs --fixture customerId=…"},
		"given":                 {trades, []implied.Fixture{{Name: "customerId", Value: "7"}}, "7", ""},
		"for the operation":     {trades, []implied.Fixture{{Name: "order.customerId", Value: "7"}, {Name: "customerId", Value: "8"}}, "7", ""},
		"of another form":       {trades, []implied.Fixture{{Name: "customerId", Value: "seven"}}, "", ""},
		"made":                  {trades + buyers, nil, "101", ""},
		"given, though made":    {trades + buyers, []implied.Fixture{{Name: "customerId", Value: "7"}}, "7", ""},
		"given, beside a query": {trades, []implied.Fixture{{Name: "customerId", Value: "7"}, {Name: "state", Value: "closed"}}, "7", ""},
		"for a place alone":     {trades, []implied.Fixture{{Name: "customerId", Value: "7", Placed: true}}, "", "needs --fixture customerId=…"},
	} {
		s := &trader{last: 100, kept: map[string]any{"/customers/7": map[string]any{"id": 7}}}
		report := inEarnest(t, test.document, s, test.fixtures...)
		r := verdictOf(t, report, plain)
		if test.customer == "" {
			if r.Verdict != judge.Masked || !strings.Contains(r.Reason, test.needs) {
				t.Errorf("%s: expected %q, got %s %s", name, test.needs, r.Verdict, r.Reason)
			}
			continue
		}
		if r.Verdict != judge.Conforms || len(s.orders) == 0 {
			t.Errorf("%s: expected that orders are taken, got %s %s", name, r.Verdict, r.Reason)
		}
		for _, id := range s.orders {
			if id != test.customer && id != "1" { // the least that there may be, which a case asks for, nobody has
				t.Errorf("%s: expected orders for %s, got one for %s", name, test.customer, id)
			}
		}
		if r := verdictOf(t, report, over); r.Verdict != judge.Deviates {
			t.Errorf("%s: %s: got %s %s", name, over, r.Verdict, r.Reason)
		}
		if len(report.Left) > 0 || len(s.kept) != 1 {
			t.Errorf("%s: left %q, %v", name, report.Left, s.kept)
		}
	}
}
