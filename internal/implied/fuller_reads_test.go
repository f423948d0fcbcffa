package implied_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

const places = `
openapi: 3.0.3
info: {title: Places, version: "1"}
paths:
  /places:
    get:
      parameters:
        - {name: text, in: query, schema: {type: string, maxLength: 20}}
        - {name: lat, in: query, schema: {type: number, minimum: -90, maximum: 90}}
        - {name: lon, in: query, schema: {type: number, minimum: -180, maximum: 180}}
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 50}}
      responses: {'200': {description: places}, '400': {description: invalid}}
  /about:
    get: {responses: {'200': {description: about}}}
`

// A read may want parameters that the document calls optional: the cases rest on a request with them.
func TestReadsThatWantOptionalParameters(t *testing.T) {
	for _, tt := range []struct{ name, wants, says, more string }{
		{"one of them", "text", "", "text"},
		{"two that the refusal names", "lat,lon", "lat and lon are missing", "lat and lon"},
		{"two, unsaid", "lat,lon", "", "text, lat, lon and limit"},
		{"something else", "nothing", "", ""},
	} {
		for _, lapse := range []bool{false, true} {
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				q := r.URL.Query()
				bad := len([]rune(q.Get("text"))) > 20
				for name, most := range map[string]float64{"lat": 90, "lon": 180, "limit": 50} {
					var n float64
					if q.Has(name) && !lapse {
						_, err := fmt.Sscanf(q.Get(name), "%g", &n)
						bad = bad || err != nil || n > most || n < -most || name == "limit" && (n < 1 || n != float64(int(n)))
					}
				}
				for name := range strings.SplitSeq(tt.wants, ",") {
					bad = bad || !q.Has(name) && r.URL.Path == "/places"
				}
				if bad {
					w.WriteHeader(http.StatusBadRequest)
					fmt.Fprint(w, tt.says)
				}
			})
			report, _, _ := recorded(t, h, implied.Options{Contract: load(t, places)})
			over := slices.Contains(broken(report, judge.Deviates), "value.refused by GET /places: query limit: maximum+1")
			plain := verdictOf(t, report, "GET /places: plain")
			if tt.more == "" {
				if over || plain.Verdict != judge.Masked || !strings.Contains(plain.Reason, "one of these would help: text, lat, lon, limit") {
					t.Errorf("%s: got %s: %s", tt.name, plain.Verdict, plain.Reason)
				}
				continue
			}
			if over != lapse || !lapse && len(broken(report, judge.Deviates)) > 0 {
				t.Errorf("%s: lapse %t, got %q", tt.name, lapse, broken(report, judge.Deviates))
			}
			if f := plain.Findings[len(plain.Findings)-1]; plain.Verdict != judge.Advisory || !strings.Contains(f.Hint, "the same with "+tt.more+" is accepted") {
				t.Errorf("%s: expected an advisory about %s, got %s: %q", tt.name, tt.more, plain.Verdict, f.Hint)
			}
		}
	}
}
