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

const owners = `
openapi: 3.0.3
info: {title: Owners, version: "1"}
paths:
  /owners:
    post:
      operationId: addOwner
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Owner'}}}}
      responses:
        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Owner'}}}}
        '400': {description: invalid}
  /owners/{ownerId}:
    parameters:
      - {name: ownerId, in: path, required: true, schema: {type: integer}}
    get:
      operationId: showOwner
      responses:
        '200': {description: an owner, content: {application/json: {schema: {$ref: '#/components/schemas/Owner'}}}}
        '404': {description: no such owner}
    put:
      operationId: putOwner
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Owner'}}}}
      responses:
        '200': {description: changed, content: {application/json: {schema: {$ref: '#/components/schemas/Owner'}}}}
        '400': {description: invalid}
        '404': {description: no such owner}
    delete:
      operationId: dropOwner
      responses: {'204': {description: gone}, '404': {description: no such owner}}
components:
  schemas:
    Owner:
      type: object
      required: [name]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string, maxLength: 40}
        email: {type: string}
        telephone: {type: string}
        visits: {type: integer, minimum: 0, maximum: 1000}
        tier: {type: string, enum: [free, paid]}
        address: {type: object, required: [street], properties: {street: {type: string}, town: {type: string}}}
`

// An ownerServer keeps owners, and wants something of them that the document does not say.
type ownerServer struct {
	mu     sync.Mutex
	last   int
	owners map[string]map[string]any

	wants  func(map[string]any) string // what is wrong; "" for nothing
	silent bool                        // whether refusals do not say that
	lapse  string
}

func (s *ownerServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := strings.TrimPrefix(r.URL.Path, "/owners/")
	var given map[string]any
	if r.Method == http.MethodPost || r.Method == http.MethodPut {
		body, _ := io.ReadAll(r.Body)
		why := "no JSON"
		if json.Unmarshal(body, &given) == nil && given != nil {
			why = s.wrong(given)
		}
		if why != "" { // before it looks whether there is such an owner
			w.WriteHeader(http.StatusBadRequest)
			if !s.silent {
				fmt.Fprint(w, why)
			}
			return
		}
	}
	status := http.StatusOK
	switch {
	case r.Method == http.MethodPost:
		s.last++
		id, status = fmt.Sprint(1000+s.last), http.StatusCreated
	case s.owners[id] == nil:
		w.WriteHeader(http.StatusNotFound)
		return
	case r.Method == http.MethodDelete:
		delete(s.owners, id)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if given != nil {
		given["id"] = json.Number(id)
		s.owners[id] = given
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(s.owners[id])
}

// wrong says what is wrong with an owner.
func (s *ownerServer) wrong(o map[string]any) string {
	for name, value := range o {
		_, isNumber := value.(float64)
		address, isObject := value.(map[string]any)
		_, isText := value.(string)
		switch {
		case name == "visits" && (!isNumber || value.(float64) < 0 || value.(float64) > 1000 || value.(float64) != float64(int(value.(float64)))),
			name == "tier" && value != "free" && (value != "paid" || s.lapse == "free only") && (s.lapse != "any tier" || !isText),
			(name == "name" || name == "email" || name == "telephone") && !isText,
			name == "address" && (!isObject || !isString(address["street"]) || address["town"] != nil && !isString(address["town"])):
			return name + " is invalid"
		}
		if name == "address" && isObject {
			if town, there := address["town"]; there && !isString(town) {
				return "town is invalid"
			}
		}
	}
	if name, ok := o["name"].(string); !ok || len([]rune(name)) > 40 {
		return "name is invalid"
	}
	return s.wants(o)
}

func isString(v any) bool { _, ok := v.(string); return ok }

// The plain body of an operation has what the document requires. A server that wants more, or a text of a kind, is judged
// by bodies that have that; it is told what the document should say, and accused of nothing.
func TestServersThatWantMoreThanTheDocumentSays(t *testing.T) {
	matches := func(of string) func(any) bool {
		re := regexp.MustCompile(of)
		return func(v any) bool { text, ok := v.(string); return ok && re.MatchString(text) }
	}
	mail, phone := matches(`^[^@ ]+@[^@ ]+\.[a-z]+$`), matches(`^[0-9]{10}$`)
	for _, tt := range []struct {
		name, wants string
		want        func(map[string]any) string
	}{
		{"a number", "/visits", func(o map[string]any) string {
			if o["visits"] == nil {
				return "visits is missing"
			}
			return ""
		}},
		{"one after the other", "/tier and /visits", func(o map[string]any) string {
			switch {
			case o["visits"] == nil:
				return "visits is missing"
			case o["tier"] == nil:
				return "tier is missing"
			}
			return ""
		}},
		{"an address of mail", "/email", func(o map[string]any) string {
			if !mail(o["email"]) {
				return "email is invalid"
			}
			return ""
		}},
		{"either of two", "/", func(o map[string]any) string {
			if o["telephone"] != nil && !phone(o["telephone"]) || o["email"] != nil && !mail(o["email"]) || o["email"] == nil && o["telephone"] == nil {
				return "no contact"
			}
			return ""
		}},
		{"a part of a part", "/address", func(o map[string]any) string {
			if a, _ := o["address"].(map[string]any); a["town"] == nil {
				return "town is missing"
			}
			return ""
		}},
	} {
		for _, silent := range []bool{false, true} {
			for _, lapse := range []string{"", "any tier", "free only"} {
				if silent && strings.HasPrefix(tt.name, "one after") {
					continue // nobody could find that out
				}
				t.Run(fmt.Sprintf("%s silent %t %s", tt.name, silent, lapse), func(t *testing.T) {
					t.Parallel()
					server := &ownerServer{owners: map[string]map[string]any{}, wants: tt.want, silent: silent, lapse: lapse}
					report, _, _ := recorded(t, server, implied.Options{Contract: load(t, owners), Risk: cases.Destructive})
					got := broken(report, judge.Deviates)
					want := map[string]string{"any tier": "value.refused by POST /owners: body /tier: enum-other", "free only": "value.accepted by POST /owners: body /tier: enum-paid"}[lapse]
					if lapse == "" && len(got) > 0 || !strings.Contains(strings.Join(got, "\n"), want) || report.Failure != "" {
						t.Errorf("expected %q, got %q and failure %q", want, got, report.Failure)
					}
					plain := verdictOf(t, report, "POST /owners: plain")
					if f := plain.Findings[len(plain.Findings)-1]; plain.Verdict != judge.Advisory || !strings.Contains(f.Hint, "with "+tt.wants) {
						t.Errorf("expected that the plain request is an advisory about %s, got %s: %q", tt.wants, plain.Verdict, f.Hint)
					}
					for _, id := range []string{"POST /owners: body /visits: maximum", "POST /owners: body /name: type-array", "PUT /owners/{ownerId}: body /visits: maximum+1", "PUT /owners/{ownerId}: path ownerId: unknown"} {
						if r := verdictOf(t, report, id); r.Verdict != judge.Conforms {
							t.Errorf("%s: expected that it conforms, got %s: %s", id, r.Verdict, r.Reason)
						}
					}
				})
			}
		}
	}
}

const payments = `
openapi: 3.0.3
info: {title: Payments, version: "1"}
paths:
  /payments:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              oneOf:
                - {type: object, required: [card], properties: {card: {type: string}, holder: {type: string}}}
                - {type: object, required: [iban], additionalProperties: false, properties: {iban: {type: string}}}
      responses: {'201': {description: made}, '400': {description: invalid}}
  /payments/{paymentId}:
    get:
      parameters: [{name: paymentId, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: one}, '404': {description: none}}
`

// What cannot have what the server wants says nothing if it is refused, and is seen if it is accepted.
func TestBodiesThatCannotHaveWhatTheServerWants(t *testing.T) {
	for takes, want := range map[bool]judge.Verdict{false: judge.Masked, true: judge.Conforms} {
		report := judged(t, payments, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var p struct{ Card, Holder, IBAN *string }
			switch err := json.NewDecoder(r.Body).Decode(&p); {
			case r.Method == http.MethodGet:
				w.WriteHeader(http.StatusNotFound)
			case err != nil || (p.Card == nil || p.Holder == nil) && (p.IBAN == nil || !takes):
				w.WriteHeader(http.StatusBadRequest)
			default:
				w.WriteHeader(http.StatusCreated)
			}
		}), func(o *implied.Options) { o.Risk = cases.Destructive })
		if r := verdictOf(t, report, "POST /payments: body: oneOf-1"); r.Verdict != want {
			t.Errorf("takes an IBAN %t: expected %s, got %s: %s", takes, want, r.Verdict, r.Reason)
		}
		if r := verdictOf(t, report, "POST /payments: body: oneOf-0"); r.Verdict != judge.Conforms {
			t.Errorf("takes an IBAN %t: expected that a card conforms, got %s: %s", takes, r.Verdict, r.Reason)
		}
	}
}

// The refusal of a body does not say that the id of what there is not has another form.
func TestABodyIsRefusedBeforeAnIDIsLookedUp(t *testing.T) {
	server := &ownerServer{owners: map[string]map[string]any{"7": {"name": "Ann"}}, wants: func(map[string]any) string { return "never" }}
	report := judged(t, owners, server, func(o *implied.Options) {
		o.Risk, o.Fixtures = cases.Guarded, []implied.Fixture{{Name: "ownerId", Value: "7"}}
	})
	r := verdictOf(t, report, "PUT /owners/{ownerId}: path ownerId: unknown")
	if got := broken(report, judge.Deviates); len(got) > 0 || r.Verdict != judge.Masked {
		t.Errorf("expected masked and no deviation, got %s: %s, and %q", r.Verdict, r.Reason, got)
	}
}
