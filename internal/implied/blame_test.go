package implied_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

const parcels = `
openapi: 3.0.3
info: {title: Parcels, version: "1"}
paths:
  /parcels:
    post:
      operationId: makeParcel
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [weight]
              properties: {weight: {type: integer, minimum: 1, maximum: 9}, extra: EXTRA}
      responses: {'201': {description: made}, '400': {description: invalid}}
  /parcels/{parcelId}:
    delete:
      parameters: [{name: parcelId, in: path, required: true, schema: {type: integer}}]
      responses: {'204': {description: gone}, '404': {description: no such parcel}}
`

// A text or an id that comes with what a case varies may be refused for itself. Whether it is shows another request with
// it: a server that goes on refusing is not accused, and one that refuses only what the case varies is.
func TestWhatIsToBlame(t *testing.T) {
	type object = map[string]any
	number := func(v any) float64 { n, _ := v.(object)["n"].(float64); return n }
	holds := func(name string) func(any) bool {
		return func(v any) bool { return v.(object)[name] != nil }
	}
	for _, tt := range []struct {
		name, extra string
		strict      func(extra any) bool // refuses what the document allows
		want        string               // the case that finds it
		choosy      func(extra any) bool // refuses what comes with it; nil if nothing does
	}{
		{
			"a text beside a number", `{type: object, required: [n, city], properties: {n: {type: integer, minimum: -3, maximum: 9}, city: {type: string}}}`,
			func(v any) bool { return number(v) < 0 }, "/extra/n: minimum", holds("city"),
		},
		{
			"an id beside a number", `{type: object, required: [n, cityId], properties: {n: {type: integer, minimum: -3, maximum: 9}, cityId: {type: integer}}}`,
			func(v any) bool { return number(v) < 0 }, "/extra/n: minimum", holds("cityId"),
		},
		{
			"a text beside a list", `{type: object, required: [n, city], properties: {n: {type: array, minItems: 1, maxItems: 3, items: {type: boolean}}, city: {type: string}}}`,
			func(v any) bool { return len(v.(object)["n"].([]any)) > 2 }, "/extra/n: maxItems", holds("city"),
		},
		{
			"texts of a list", `{type: array, maxItems: 4, uniqueItems: true, items: {type: string}}`,
			func(v any) bool { return len(v.([]any)) > 3 }, "/extra: maxItems", func(v any) bool { return len(v.([]any)) > 0 },
		},
		{
			"nothing beside null", `{type: string, nullable: true, pattern: '^[a-z]{3}$'}`,
			func(v any) bool { return v == nil }, "/extra: null", nil,
		},
		{
			"nothing beside a list", `{type: array, maxItems: 4, items: {type: boolean}}`,
			func(v any) bool { return len(v.([]any)) > 3 }, "/extra: maxItems", nil,
		},
		{
			"nothing beside an object", `{type: object, minProperties: 1, anyOf: [{required: [a]}, {required: [b]}], properties: {a: {type: boolean}, b: {type: boolean}}}`,
			func(v any) bool { return v.(object)["a"] == nil }, "/extra: anyOf-1", nil,
		},
	} {
		document := strings.ReplaceAll(parcels, "EXTRA", tt.extra)
		for who, refuses := range map[string]func(any) bool{"strict": tt.strict, "choosy": tt.choosy} {
			if refuses == nil {
				continue
			}
			t.Run(tt.name+"/"+who, func(t *testing.T) {
				t.Parallel()
				op, _, _ := load(t, document).Find(http.MethodPost, "/parcels")
				server := &parcelServer{schema: op.Body.Content[0].Schema, refuses: refuses, kept: map[string]bool{}}
				report := judged(t, document, server, func(o *implied.Options) { o.Risk = cases.Destructive })
				got := slices.DeleteFunc(broken(report, judge.Deviates), func(line string) bool { return !strings.HasPrefix(line, "value.accepted") })
				if who == "choosy" && len(got) > 0 || report.Failure != "" {
					t.Errorf("expected no deviation, got %q and failure %q", got, report.Failure)
				}
				if who == "strict" && !slices.ContainsFunc(got, func(line string) bool { return strings.HasSuffix(line, tt.want) }) {
					t.Errorf("expected a deviation at %s, got %q", tt.want, got)
				}
			})
		}
	}
}

// A parcelServer takes what a schema allows, but for what refuses says of the member extra.
type parcelServer struct {
	schema  *contract.Schema
	refuses func(extra any) bool

	mu   sync.Mutex
	last int
	kept map[string]bool
}

func (s *parcelServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method == http.MethodDelete {
		status := http.StatusNotFound
		if s.kept[r.URL.Path] {
			status = http.StatusNoContent
		}
		delete(s.kept, r.URL.Path)
		w.WriteHeader(status)
		return
	}
	var body any
	err := json.NewDecoder(r.Body).Decode(&body)
	object, _ := body.(map[string]any)
	extra, there := object["extra"]
	if err != nil || len(s.schema.Check(contract.ValueOf(body), contract.Client)) > 0 || there && s.refuses(extra) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.last++
	path := fmt.Sprint("/parcels/", s.last)
	s.kept[path] = true
	w.Header().Set("Location", path)
	w.WriteHeader(http.StatusCreated)
}
