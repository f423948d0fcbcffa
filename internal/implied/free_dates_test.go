package implied_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

const bookings = `
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /bookings:
    get:
      parameters:
        - {name: since, in: query, schema: {type: string, format: date-time}}
        - {name: room, in: query, schema: {type: string, enum: [single, double]}}
        - {name: page, in: query, schema: {type: integer, format: int32}}
      responses: {'200': {description: o}, '400': {description: b}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [from], properties: {from: {type: string, format: date, example: '2031-05-01'}}}}}}
      responses: {'201': {description: c}, '400': {description: b}}
  /bookings/{bookingId}:
    get:
      parameters: [{name: bookingId, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: o}, '404': {description: n}}
`

// bookingServer takes times in UTC and days after 2030, and an empty room for none.
func bookingServer(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	var body struct{ From string }
	malformed := r.Method == http.MethodPost && json.NewDecoder(r.Body).Decode(&body) != nil
	_, err := time.Parse(time.DateOnly, body.From)
	room := q.Get("room")
	switch {
	case q.Has("since") && !strings.HasSuffix(q.Get("since"), "Z"), strings.HasPrefix(q.Get("page"), "-"), malformed,
		room != "" && room != "single" && room != "double",
		r.Method == http.MethodPost && (err != nil || body.From < "2030-01-01"):
		w.WriteHeader(http.StatusBadRequest)
	case r.Method == http.MethodPost:
		w.Header().Set("Location", "/bookings/a")
		w.WriteHeader(http.StatusCreated)
	case r.URL.Path != "/bookings":
		w.WriteHeader(http.StatusNotFound)
	}
}

// A server that wants a date of the future is not accused, as a document cannot say so; one that does not take a way to
// write a time is. What fits into a number is not what a server must take, and an empty value may be none.
func TestDatesThatAServerWants(t *testing.T) {
	report := judged(t, bookings, http.HandlerFunc(bookingServer), func(o *implied.Options) { o.Risk = cases.Destructive })
	got := slices.DeleteFunc(broken(report, judge.Deviates), func(line string) bool { return !strings.HasPrefix(line, "value.accepted") })
	want := []string{"value.accepted by GET /bookings: query since: format-offset", "value.accepted by GET /bookings: query since: format-offset-west"}
	if !slices.Equal(got, want) {
		t.Errorf("expected %q, got %q", want, got)
	}
	for id, want := range map[string]judge.Verdict{
		"POST /bookings: body /from: format-plain":    judge.Masked,
		"POST /bookings: body /from: format-leap-day": judge.Masked,
		"POST /bookings: body /from: format-month-13": judge.Conforms,
		"GET /bookings: query page: format-least":     judge.Advisory,
		"GET /bookings: query page: format-most":      judge.Conforms,
		"GET /bookings: query room: enum-empty":       judge.Advisory,
		"GET /bookings: query room: enum-other":       judge.Conforms,
	} {
		if r := verdictOf(t, report, id); r.Verdict != want {
			t.Errorf("%s: expected %s, got %s: %s", id, want, r.Verdict, r.Reason)
		}
	}
}
