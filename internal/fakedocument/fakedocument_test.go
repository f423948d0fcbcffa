package fakedocument_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/fakedocument"
)

// zoo has what the documents of other tests do not: lists and things in wrappers, pages, PUT that creates, a form, ids of a
// label, and operations that cannot be served.
const zoo = `openapi: 3.0.3
info: {title: zoo, version: "1"}
components:
  securitySchemes:
    key: {type: apiKey, in: query, name: key}
    login: {type: http, scheme: basic}
  schemas:
    Animal:
      type: object
      required: [id, name]
      properties:
        id: {type: integer, minimum: 10, readOnly: true, example: 40}
        name: {type: string, minLength: 2, maxLength: 20, example: Tembo}
        legs: {type: integer, default: 4, maximum: 8}
        chip: {type: string, writeOnly: true}
        diet: {type: string, nullable: true}
        keeper: {type: object, properties: {name: {type: string}, pin: {type: string, writeOnly: true}}}
        born: {type: string, format: date-time, readOnly: true}
    Fault:
      type: object
      required: [code, message]
      properties: {code: {type: integer}, message: {type: string}}
  responses:
    fault: {description: why not, content: {application/json: {schema: {$ref: '#/components/schemas/Fault'}}}}
paths:
  /animals:
    get:
      operationId: listAnimals
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 50, default: 2}}
        - {name: offset, in: query, schema: {type: integer, minimum: 0}}
      responses:
        '200':
          description: animals
          headers: {X-Total-Count: {required: true, schema: {type: integer}}}
          content: {application/json: {schema: {type: object, required: [animals, total], properties: {animals: {type: array, items: {$ref: '#/components/schemas/Animal'}}, total: {type: integer}}}}}
        default: {$ref: '#/components/responses/fault'}
    post:
      operationId: addAnimal
      security: [{key: []}, {login: []}]
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Animal'}}
          application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Animal'}}
      responses:
        '201': {description: made, headers: {Location: {schema: {type: string, format: uri}}}, content: {application/json: {schema: {type: object, properties: {data: {$ref: '#/components/schemas/Animal'}}}}}}
        '401': {description: no credentials}
        '415': {description: another form}
        '422': {$ref: '#/components/responses/fault'}
  /animals/{animalId}:
    parameters: [{name: animalId, in: path, required: true, schema: {type: integer, minimum: 10}}]
    get:
      operationId: showAnimal
      responses:
        '200': {description: one, content: {application/json: {schema: {type: object, required: [data], properties: {data: {$ref: '#/components/schemas/Animal'}}}}, text/plain: {schema: {type: string, example: an animal}}}}
        '404': {$ref: '#/components/responses/fault'}
        '406': {description: another form}
    put:
      operationId: putAnimal
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Animal'}}}}
      responses: {'200': {description: replaced, content: {application/json: {schema: {type: object, properties: {data: {$ref: '#/components/schemas/Animal'}}}}}}, '201': {description: made}}
    patch:
      operationId: changeAnimal
      requestBody: {content: {application/merge-patch+json: {schema: {type: object}}}}
      responses: {'204': {description: changed}}
    delete: {operationId: removeAnimal, responses: {'204': {description: gone}, '404': {description: none}}}
  /animals/{id}/visits:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: listVisits, responses: {'200': {description: all, content: {application/json: {schema: {type: array, items: {type: object, required: [who], properties: {who: {type: string}}}}}}}}}
    post:
      operationId: addVisit
      requestBody: {content: {application/json: {schema: {type: object, properties: {who: {type: string}}}}}}
      responses: {'201': {description: made}}
  /cages/{cage}:
    get:
      operationId: showCage
      parameters: [{name: cage, in: path, required: true, style: label, example: A0, schema: {type: string, pattern: '^[A-C][0-9]$'}}]
      responses: {'200': {description: one, content: {application/json: {schema: {type: object, properties: {cage: {type: string}}}}}}}
  /settings:
    get: {operationId: showSettings, responses: {'200': {description: all, content: {application/json: {schema: {type: object, required: [open], properties: {open: {type: boolean}, motto: {type: string}}}}}}}}
    put:
      operationId: putSettings
      requestBody: {content: {application/json: {schema: {type: object, required: [open], properties: {open: {type: boolean}, motto: {type: string}}}}}}
      responses: {'204': {description: kept}}
  /odd:
    get: {operationId: odd, responses: {'200': {description: none, content: {application/json: {schema: {type: string, minLength: 5, maxLength: 2}}}}}}
    head: {operationId: failing, responses: {'404': {description: always}}}
    delete: {operationId: forget, responses: {'404': {description: none}}}
`

type zooFake struct {
	*fakedocument.Server
	t *testing.T
}

func newZoo(t *testing.T, seed int64) zooFake {
	t.Helper()
	c, err := contract.Parse("zoo.yaml", []byte(zoo))
	if err != nil {
		t.Fatal(err)
	}
	s, err := fakedocument.New(fakedocument.Options{Contract: c, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return zooFake{s, t}
}

// do sends a request, with headers as "Name: value".
func (z zooFake) do(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	z.t.Helper()
	path = strings.ReplaceAll(path, "KEY", z.Credentials()["key"])
	r := httptest.NewRequestWithContext(z.t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	z.ServeHTTP(w, r)
	return w
}

// decoded returns the value of a body; numbers are float64.
func decoded(t *testing.T, w *httptest.ResponseRecorder) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	return v
}

// names returns the names of the animals that are listed.
func (z zooFake) names(query string) (names []string, total any) {
	z.t.Helper()
	list, _ := decoded(z.t, z.do("GET", "/animals"+query, "")).(map[string]any)
	all, _ := list["animals"].([]any)
	for _, a := range all {
		names = append(names, fmt.Sprint(a.(map[string]any)["name"])) //nolint:forcetypeassert // the test fails
	}
	return names, list["total"]
}

func TestWhatIsGivenIsKept(t *testing.T) {
	z := newZoo(t, 1)
	made := z.do("POST", "/animals?key=KEY", `{"name":"Zola","chip":"c-1","id":99,"keeper":{"name":"Ann","pin":"1"}}`)
	location := made.Header().Get("Location")
	if made.Code != 201 || !strings.HasPrefix(location, "http://example.com/animals/") {
		t.Fatalf("got %d %q %s", made.Code, location, made.Body)
	}
	path := strings.TrimPrefix(location, "http://example.com")
	want, _ := decoded(t, made).(map[string]any)["data"].(map[string]any)
	if want["name"] != "Zola" || want["legs"] != 4.0 || want["chip"] != nil || want["id"] == 99.0 || !reflect.DeepEqual(want["keeper"], map[string]any{"name": "Ann"}) {
		t.Errorf("expected the default, an id of the server's own and nothing that is only written, got %v", want)
	}
	if got := decoded(t, z.do("GET", path, "")); !reflect.DeepEqual(got, map[string]any{"data": want}) {
		t.Errorf("expected what was made, %v, got %v", want, got)
	}
	if names, total := z.names("?limit=50"); total != 4.0 || names[len(names)-1] != "Zola" {
		t.Errorf("expected Zola as the last of 4, got %q of %v", names, total)
	}
	if w := z.do("PATCH", path, `{"diet":"hay","legs":null}`, "Content-Type: application/merge-patch+json"); w.Code != 204 || w.Body.Len() > 0 {
		t.Errorf("PATCH: got %d %s", w.Code, w.Body)
	}
	got, _ := decoded(t, z.do("GET", path, "")).(map[string]any)["data"].(map[string]any)
	if got["diet"] != "hay" || got["name"] != "Zola" || got["id"] != want["id"] {
		t.Errorf("PATCH: got %v", got)
	}
	if w := z.do("PUT", path, `{"name":"Zorro","legs":3}`); w.Code != 200 {
		t.Errorf("PUT: got %d %s", w.Code, w.Body)
	}
	got, _ = decoded(t, z.do("GET", path, "")).(map[string]any)["data"].(map[string]any)
	if got["diet"] != nil || got["name"] != "Zorro" || got["legs"] != 3.0 || got["id"] != want["id"] {
		t.Errorf("PUT: got %v", got)
	}
	if w := z.do("POST", path+"/visits", `{"who":"Ann"}`); w.Code != 201 {
		t.Errorf("below it: got %d %s", w.Code, w.Body)
	}
	if all := z.do("GET", path+"/visits", "").Body.String(); all != `[{"who":"Ann"}]` {
		t.Errorf("below it: got %s", all)
	}
	for _, step := range []struct {
		method string
		status int
	}{{"DELETE", 204}, {"DELETE", 404}, {"GET", 404}} {
		if w := z.do(step.method, path, ""); w.Code != step.status {
			t.Errorf("%s: expected %d, got %d", step.method, step.status, w.Code)
		}
	}
	if w := z.do("GET", path+"/visits", ""); w.Code != 404 {
		t.Errorf("below what is gone: got %d %s", w.Code, w.Body)
	}
	if w := z.do("PUT", "/animals/777", `{"name":"New"}`); w.Code != 201 || z.do("GET", "/animals/777", "").Code != 200 {
		t.Errorf("PUT of a new one: got %d", w.Code)
	}
	if w := z.do("PUT", "/settings", `{"open":false,"motto":"m"}`); w.Code != 204 || z.do("GET", "/settings", "").Body.String() != `{"motto":"m","open":false}` {
		t.Errorf("what is alone: got %d, then %s", w.Code, z.do("GET", "/settings", "").Body)
	}
	if w := z.do("POST", "/animals?key=KEY", "name=Form&legs=2", "Content-Type: application/x-www-form-urlencoded"); !strings.Contains(w.Body.String(), `"legs":2`) {
		t.Errorf("a form: got %d %s", w.Code, w.Body)
	}
}

func TestRefusals(t *testing.T) {
	z := newZoo(t, 1)
	basic := "Authorization: Basic " + base64Of(z.Credentials()["login"])
	for _, tt := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		says                     string
	}{
		{"no credentials", "POST", "/animals", `{"name":"Zola"}`, nil, 401, ""},
		{"made-up credentials", "POST", "/animals?key=KEYx", `{"name":"Zola"}`, nil, 401, ""},
		{"the other alternative", "POST", "/animals", `{"name":"Zola"}`, []string{basic}, 201, "Zola"},
		{"a member too short", "POST", "/animals?key=KEY", `{"name":"Z"}`, nil, 422, `{"code":422,"message":"body /name`},
		{"another media type", "POST", "/animals?key=KEY", `<a/>`, []string{"Content-Type: text/xml"}, 415, ""},
		{"a bound of a query", "GET", "/animals?limit=51", "", nil, 400, `"code":400`},
		{"an unknown parameter", "GET", "/animals?other=1", "", nil, 200, ""},
		{"an unknown id", "GET", "/animals/999", "", nil, 404, `{"code":404,"message":"there is no /animals/999"}`},
		{"an id of another form", "GET", "/animals/x", "", nil, 404, `"code":404`},
		{"another method", "PATCH", "/animals", "", nil, 405, "expected GET, HEAD, POST"},
		{"an unknown path", "GET", "/plants", "", nil, 404, ""},
		{"nothing acceptable", "GET", "/animals/40", "", []string{"Accept: image/png"}, 406, ""},
		{"as text", "GET", "/animals/40", "", []string{"Accept: application/json;q=0.1, text/*"}, 200, "an animal"},
		{"nothing acceptable, unlisted", "GET", "/settings", "", []string{"Accept: image/png"}, 200, `"open"`},
		{"too long", "PUT", "/settings", `{"motto":"` + strings.Repeat("m", 1<<20) + `"}`, nil, 413, ""},
		{"a label", "GET", "/cages/.A0", "", nil, 200, `{"cage":"A0"}`},
		{"not served", "GET", "/odd", "", nil, 501, ""},
	} {
		w := z.do(tt.method, tt.path, tt.body, tt.headers...)
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s: expected %d %q, got %d %s", tt.name, tt.status, tt.says, w.Code, w.Body)
		}
		if w.Code == 401 && w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s: expected a challenge, got none", tt.name)
		}
	}
	if allow := z.do("PATCH", "/animals", "").Header().Get("Allow"); allow != "GET, HEAD, POST" {
		t.Errorf("Allow: got %q", allow)
	}
	if w := z.do("HEAD", "/animals/40", ""); w.Code != 200 {
		t.Errorf("HEAD: got %d", w.Code)
	}
}

func base64Of(text string) string {
	r, _ := http.NewRequest(http.MethodGet, "/", nil) //nolint:noctx // is not sent
	user, password, _ := strings.Cut(text, ":")
	r.SetBasicAuth(user, password)
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Basic ")
}

func TestPages(t *testing.T) {
	z := newZoo(t, 1)
	for query, want := range map[string]int{"": 2, "?limit=1": 1, "?limit=50": 3, "?offset=2": 1, "?offset=9223372036854775807": 0, "?limit=1&offset=1": 1} {
		if names, total := z.names(query); len(names) != want || total != 3.0 {
			t.Errorf("%s: expected %d of 3, got %q of %v", query, want, names, total)
		}
	}
	if got := z.do("GET", "/animals?limit=1", "").Header().Get("X-Total-Count"); got != "3" {
		t.Errorf("X-Total-Count: expected 3, got %s", got)
	}
}

// What there is from the start, and what is made, depends on the seed alone.
func TestTheSameSeed(t *testing.T) {
	tell := func(seed int64) []string {
		z := newZoo(t, seed)
		all := []string{fmt.Sprint(z.Credentials(), z.Fixtures(), z.Unserved(), z.Served())}
		for _, path := range []string{"/animals?limit=50", "/animals/40", "/animals/40/visits"} {
			all = append(all, z.do("GET", path, "").Body.String())
		}
		return append(all, z.do("POST", "/animals?key=KEY", `{"name":"Zola"}`).Body.String())
	}
	first := tell(1)
	if again := tell(1); !slices.Equal(first, again) {
		t.Errorf("expected %q, got %q", first, again)
	}
	if other := tell(2); first[0] == other[0] {
		t.Errorf("expected other credentials for another seed, got %s", other[0])
	}
	z := newZoo(t, 1)
	if want := []fakedocument.Fixture{{Name: "animalId", Value: "40"}, {Name: "cage", Value: "A0"}}; !slices.Equal(z.Fixtures(), want) {
		t.Errorf("expected %v, got %v", want, z.Fixtures())
	}
	if all := z.Unserved(); z.Served() != 12 || len(all) != 2 || all[0].Operation != "failing" && all[1].Operation != "failing" {
		t.Errorf("expected 12 operations and two that are not served, got %d, %v", z.Served(), all)
	}
}

// Many documents list no success of what changes something; that is answered with nothing.
func TestAChangeWithoutASuccess(t *testing.T) {
	if w := newZoo(t, 1).do("DELETE", "/odd", ""); w.Code != http.StatusNoContent || w.Body.Len() > 0 {
		t.Errorf("expected 204, got %d %s", w.Code, w.Body)
	}
}

// What no path names one of has ids, too, of whatever form; if no id can be made up, the list is empty.
func TestIDsThatNoPathNames(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string]bool{
		"{type: string}": true, "{type: string, format: uuid}": true, "{type: integer}": true, "{type: integer, minimum: 5, maximum: 9}": true,
		"{type: string, pattern: '^n-[0-9]{4}$'}": true, "{type: string, enum: [one, two, three]}": true, "{type: string, minLength: 12}": true,
		"{type: boolean}": true, "{type: array, items: {type: string}}": false, "{not: {}}": false,
	} {
		c, err := contract.Parse("notes.yaml", []byte(`{openapi: 3.0.3, info: {title: notes, version: "1"}, paths: {/notes: {get: {operationId: listNotes, responses: {'200': {description: notes, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}}}}},
  post: {operationId: addNote, requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}, responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}}}},
  components: {schemas: {Note: {type: object, required: [id], properties: {id: `+schema+`}}}}}`))
		if err != nil {
			t.Fatal(err)
		}
		started := make(chan *fakedocument.Server, 1)
		go func() {
			fake, err := fakedocument.New(fakedocument.Options{Contract: c, Seed: 1})
			if err != nil {
				t.Error(err)
			}
			started <- fake
		}()
		select {
		case fake := <-started:
			w := httptest.NewRecorder()
			fake.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/notes", http.NoBody))
			if notes, ok := decoded(t, w).([]any); !ok || want && len(notes) == 0 {
				t.Errorf("id %s: expected notes: %t, got %d %s", schema, want, w.Code, w.Body)
			}
		case <-time.After(time.Minute):
			t.Fatalf("id %s: expected the fake to start, got none within a minute", schema)
		}
	}
}

func TestNothingToServe(t *testing.T) {
	c, err := contract.Parse("none.yaml", []byte(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{"/a":{"get":{"responses":{"404":{"description":"d"}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fakedocument.New(fakedocument.Options{Contract: c}); err == nil || !strings.Contains(err.Error(), "GET /a: the document has no success for it") {
		t.Errorf("got %v", err)
	}
}

// However much is made, the server keeps no more than it says, and goes on answering.
func TestKeepsNoMoreThanItSays(t *testing.T) {
	z := newZoo(t, 1)
	body := `{"who":"` + strings.Repeat("w", 1<<20-20) + `"}`
	var last int
	for range 70 {
		last = z.do("POST", "/animals/40/visits", body).Code
	}
	if last != http.StatusInsufficientStorage {
		t.Errorf("expected %d in the end, got %d", http.StatusInsufficientStorage, last)
	}
	if w := z.do("DELETE", "/animals/40", ""); w.Code != 204 {
		t.Errorf("DELETE: got %d", w.Code)
	}
	if w := z.do("POST", "/animals/41/visits", body); w.Code != 201 {
		t.Errorf("after something has gone: expected 201, got %d %s", w.Code, w.Body)
	}
}

// Things that are made at once have ids of their own.
func TestAtOnce(t *testing.T) {
	z := newZoo(t, 1)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if w := z.do("POST", "/animals?key=KEY", `{"name":"Zola"}`); w.Code != 201 {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
			z.do("POST", "/animals/40/visits", `{"who":"Ann"}`)
		})
	}
	all.Wait()
	if _, total := z.names(""); total != 23.0 {
		t.Errorf("expected 23 animals, got %v", total)
	}
	if got := strings.Count(z.do("GET", "/animals/40/visits", "").Body.String(), "Ann"); got != 18 { // 20 are shown, 2 were there
		t.Errorf("expected 18 visits of Ann, got %d", got)
	}
}

// What the server tells of itself is what a request needs: ids that belong together, and credentials that a request carries.
func TestWhatARequestNeeds(t *testing.T) {
	c, err := contract.Parse("rooms.yaml", []byte(`
openapi: 3.1.0
info: {title: Rooms, version: "1"}
security: [{certificate: [], key: []}]
paths:
  /houses:
    get: {responses: {'200': {description: h, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Named'}}}}}}}
    post: {responses: {'201': {description: made}}}
  /houses/{houseId}:
    parameters: [{name: houseId, in: path, required: true, schema: {type: string, format: uuid}}]
    get: {responses: {'200': {description: h, content: {application/json: {schema: {$ref: '#/components/schemas/Named'}}}}, '404': {description: none}}}
  /houses/{houseId}/rooms/{roomId}:
    parameters:
      - {name: houseId, in: path, required: true, schema: {type: string, format: uuid}}
      - {name: roomId, in: path, required: true, schema: {type: integer}}
    get: {responses: {'200': {description: r, content: {application/json: {schema: {$ref: '#/components/schemas/Named'}}}}, '404': {description: none}}}
components:
  schemas: {Named: {type: object, properties: {name: {type: string}}}}
  securitySchemes: {certificate: {type: mutualTLS}, key: {type: apiKey, in: header, name: X-Key}}
`))
	if err != nil {
		t.Fatal(err)
	}
	for seed := range int64(20) {
		s, err := fakedocument.New(fakedocument.Options{Contract: c, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]string{}
		for _, f := range s.Fixtures() {
			ids[f.Name] = f.Value
		}
		r := httptest.NewRequest(http.MethodGet, "/houses/"+ids["houseId"]+"/rooms/"+ids["roomId"], nil)
		r.Header.Set("X-Key", s.Credentials()["key"])
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != http.StatusOK || len(s.Credentials()) != 1 {
			t.Errorf("seed %d: expected 200 for %s and one credential, got %d and %v", seed, r.URL.Path, w.Code, s.Credentials())
		}
	}
}
