package implied_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

const orders = `
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /orders:
    get:
      parameters:
        - {name: cursor, in: query, schema: {type: string, maxLength: 50}}
        - {name: limit, in: query, schema: {type: integer}}
        - {name: text, in: query, schema: {type: string, maxLength: 5}}
        - {name: filter, in: query, schema: {type: string}}
      responses: {'200': {description: o}, '400': {description: b}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {note: {type: string}, customerId: {type: integer}}}}}}
      responses: {'201': {description: c}, '400': {description: b}}
  /orders/{orderId}:
    get:
      parameters: [{name: orderId, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: o}, '404': {description: n}}
    delete:
      parameters: [{name: orderId, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: d}, '404': {description: n}}
`

// A server that wants a cursor of its own, or the id of a customer that it has, is not accused, though the document
// takes any. One that refuses a text where it takes others is.
func TestWhatTheDocumentLeavesFree(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		var body struct {
			CustomerID int `json:"customerId"`
		}
		malformed := r.Method == http.MethodPost && json.NewDecoder(r.Body).Decode(&body) != nil
		switch {
		case q.Get("cursor") != "", q.Get("limit") == "0", strings.HasPrefix(q.Get("limit"), "-"), len(q.Get("text")) == 5, strings.ContainsAny(q.Get("filter"), `"'😀`), body.CustomerID != 0, malformed:
			w.WriteHeader(http.StatusBadRequest)
		case r.Method == http.MethodPost:
			w.Header().Set("Location", "/orders/a")
			w.WriteHeader(http.StatusCreated)
		case r.URL.Path != "/orders":
			w.WriteHeader(http.StatusNotFound)
		}
	})
	report := judged(t, orders, h, func(o *implied.Options) { o.Risk = cases.Destructive })
	got := slices.DeleteFunc(broken(report, judge.Deviates), func(line string) bool { return !strings.HasPrefix(line, "value.accepted") })
	if want := []string{"value.accepted by GET /orders: query text: maxLength"}; !slices.Equal(got, want) {
		t.Errorf("expected %q, got %q", want, got)
	}
	if r := verdictOf(t, report, "GET /orders: query limit: zero"); r.Verdict != judge.Advisory || !strings.Contains(r.Findings[0].Hint, "no bound") {
		t.Errorf("zero: expected an advisory about the bound, got %s: %+v", r.Verdict, r.Findings)
	}
	for _, special := range []string{"astral", "punctuation"} {
		if r := verdictOf(t, report, "GET /orders: query filter: "+special); r.Verdict != judge.Advisory || !strings.Contains(r.Findings[0].Hint, "no pattern") {
			t.Errorf("filter: expected an advisory about the pattern, got %s: %+v", r.Verdict, r.Findings)
		}
	}
	for id, reason := range map[string]string{
		"GET /orders: query cursor: given":     "--fixture cursor",
		"GET /orders: query cursor: maxLength": "--fixture cursor",
		"POST /orders: body: with-customerId":  "customerId may have to be the id",
	} {
		if r := verdictOf(t, report, id); r.Verdict != judge.Masked || !strings.Contains(r.Reason, reason) {
			t.Errorf("%s: expected masked with %q, got %s: %s", id, reason, r.Verdict, r.Reason)
		}
	}
}
