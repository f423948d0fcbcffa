package wire

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
)

// shop is a document with stores that have pets, and with operations whose method does not tell what
// they do.
const shop = `openapi: 3.0.3
info: {title: Shop, version: "1"}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  parameters:
    store: {name: storeId, in: path, required: true, schema: {type: integer}}
    pet: {name: petId, in: path, required: true, schema: {type: string, maxLength: 40}}
  requestBodies:
    pet: {required: true, content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}}}
paths:
  /stores:
    get: {operationId: listStores, responses: {"200": {description: ok}}}
    post: {operationId: addStore, security: [{key: []}], requestBody: {$ref: '#/components/requestBodies/pet'}, responses: {"201": {description: ok}}}
  /stores/{storeId}:
    parameters: [{$ref: '#/components/parameters/store'}]
    get: {operationId: showStore, security: [{key: []}], responses: {"200": {description: ok}, "404": {description: none}}}
    put: {operationId: putStore, requestBody: {$ref: '#/components/requestBodies/pet'}, responses: {"200": {description: ok}}}
    delete: {operationId: deleteStore, responses: {"204": {description: ok}}}
  /stores/{storeId}/pets:
    parameters: [{$ref: '#/components/parameters/store'}]
    get: {operationId: listPets, responses: {"200": {description: ok}}}
    post: {operationId: addPet, security: [{key: []}], requestBody: {$ref: '#/components/requestBodies/pet'}, responses: {"201": {description: ok}}}
  /stores/{storeId}/pets/{petId}:
    parameters: [{$ref: '#/components/parameters/store'}, {$ref: '#/components/parameters/pet'}]
    get: {operationId: showPet, responses: {"200": {description: ok}, "404": {description: none}}}
    put: {operationId: putPet, security: [{key: []}], requestBody: {$ref: '#/components/requestBodies/pet'}, responses: {"200": {description: ok}, "201": {description: made}}}
    patch: {operationId: changePet, requestBody: {$ref: '#/components/requestBodies/pet'}, responses: {"200": {description: ok}}}
    delete: {operationId: deletePet, responses: {"204": {description: ok}}}
  /stores/{storeId}/pets/{petId}/toys:
    parameters: [{$ref: '#/components/parameters/store'}, {$ref: '#/components/parameters/pet'}]
    post: {operationId: addToy, security: [{key: []}], requestBody: {$ref: '#/components/requestBodies/pet'}, responses: {"201": {description: ok}}}
  /stores/{storeId}/close:
    parameters: [{$ref: '#/components/parameters/store'}]
    post: {operationId: closeStore, responses: {"202": {description: ok}}}
    get: {operationId: closeStoreByGet, x-risk: destructive, responses: {"200": {description: ok}}}
  /search:
    post: {operationId: search, x-risk: inert, responses: {"200": {description: ok}}}
    delete: {operationId: forgetSearches, responses: {"204": {description: ok}}}
  /payments:
    get:
      operationId: listPayments
      parameters: [{name: method, in: query, schema: {type: string}}]
      responses: {"200": {description: ok}}
`

func documentGate(t *testing.T, allowed cases.Risk, free ...Free) *DocumentGate {
	t.Helper()
	return gateOf(t, shop, allowed, free...)
}

func gateOf(t *testing.T, document string, allowed cases.Risk, free ...Free) *DocumentGate {
	t.Helper()
	c, err := contract.Parse("shop.yaml", []byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return NewDocumentGate(c, allowed, free, []Credential{{In: contract.InHeader, Name: "X-Key", Value: "the-own-key"}})
}

// request returns a request with the run's own credentials.
func request(method, path, body string, headers ...string) cases.Template {
	r := cases.Template{Method: method, Path: path, Body: cases.Text(body), Headers: []cases.Header{{Name: "X-Key", Value: "the-own-key"}}}
	if body != "" {
		r.Headers = append(r.Headers, cases.Header{Name: "Content-Type", Value: "application/json"})
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Headers = append(r.Headers, cases.Header{Name: headers[i], Value: headers[i+1]})
	}
	return r
}

// answer has the gate observe the answer to a request.
func answer(g *DocumentGate, r cases.Template, status int, body string, headers ...string) {
	a := &contract.Answer{Status: status, Header: http.Header{}, Body: []byte(body)}
	for i := 0; i+1 < len(headers); i += 2 {
		a.Header.Add(headers[i], headers[i+1])
	}
	g.Observe(&r, &exchange.Exchange{Answer: a})
}

const pet = `{"name":"rex"}`

// Store 7 exists, with the pet rex; store 9 is free; store 404 and its pet gone, and pet ghost of store 9, have been
// read and are absent. The run has made store 8 and its pet own.
func prepared(t *testing.T, allowed cases.Risk) *DocumentGate {
	t.Helper()
	g := documentGate(t, allowed, Free{"storeId", "9"})
	prepare(t, g, "")
	return g
}

// prepare has a gate observe all that, where paths have an end of their own.
func prepare(t *testing.T, g *DocumentGate, end string) {
	t.Helper()
	answer(g, request("GET", "/stores"+end, ""), 200, `[{"id": 7, "name": "first"}]`)
	answer(g, request("GET", "/stores/7"+end, ""), 200, `{"name": "first"}`)
	answer(g, request("GET", "/stores/7/pets/rex"+end, ""), 200, pet)
	for _, path := range []string{"/stores/404", "/stores/404/pets/gone", "/stores/404/pets/rex", "/stores/9/pets/ghost"} {
		answer(g, request("GET", path+end, ""), 404, `{}`)
	}
	answer(g, request("POST", "/stores"+end, pet), 201, `{"id": 8}`)
	answer(g, request("POST", "/stores/8/pets"+end, pet), 201, ``, "Location", "/stores/8/pets/own"+end)
	for _, path := range []string{"/stores/8", "/stores/8/pets/own"} {
		if err := g.Made(path + end); err != nil {
			t.Fatal(err)
		}
	}
}

// refused stands for a request that is never sent.
const refused = cases.Risk(-1)

var documentRisks = []struct {
	name    string
	request cases.Template
	want    cases.Risk
}{
	{"a read", request("GET", "/stores", ""), cases.Inert},
	{"a read of what exists", request("GET", "/stores/7", ""), cases.Inert},
	{"HEAD where GET is documented", request("HEAD", "/stores/7", ""), cases.Inert},
	{"OPTIONS", request("OPTIONS", "/stores/7", ""), cases.Inert},
	{"a read that breaks a rule", request("GET", "/stores/seven", ""), cases.Inert},
	{"a read of what is not documented", request("GET", "/admin", ""), cases.Destructive},
	{"a read with another method in a header", request("GET", "/stores/8", "", "X-HTTP-Method-Override", "DELETE"), cases.Destructive},
	{"and of what exists", request("GET", "/stores/7", "", "X-HTTP-Method-Override", "DELETE"), refused},
	{"of what is absent", request("GET", "/stores/404", "", "X-Method-Override", "DELETE"), cases.Destructive},
	{"another method in the query", request("GET", "/stores/7?_method=DELETE", ""), refused},
	{"in a spelling of the query", request("GET", "/stores/7?%5fmethod=delete", ""), refused},
	{"a method that is documented", request("GET", "/payments?method=card", ""), cases.Inert},
	{"that is one of HTTP", request("GET", "/payments?method=delete", ""), refused},
	{"a GET that changes something", request("GET", "/stores/7/close", ""), refused},
	{"of what is absent, too", request("GET", "/stores/404/close", ""), cases.Destructive},
	{"a POST that reads", request("POST", "/search", `{"id": 7}`), cases.Inert},
	{"but with another method in its body", request("POST", "/search", `_method=DELETE`), refused},
	{"a path that leads elsewhere", request("GET", "/stores/7/pets/..", ""), cases.Destructive},
	{"escaped", request("GET", "/stores/%2e%2e", ""), cases.Destructive},
	{"twice", request("GET", "/stores/7/pets/%252e%252e", ""), cases.Destructive},
	{"with a slash", request("GET", "/stores/7/pets/a%2fb", ""), cases.Destructive},
	{"with a parameter", request("GET", "/stores/7/pets/..;a", ""), cases.Destructive},
	{"without an id", request("GET", "/stores/", ""), cases.Destructive},
	{"without an id, to change it", request("DELETE", "/stores/404/pets/", ""), refused},
	{"a slash, to change something", request("DELETE", "/stores/404/pets/gone%2f..%2frex", ""), refused},

	{"a deletion of what is absent", request("DELETE", "/stores/404", ""), cases.Inert},
	{"in another spelling", request("DELETE", "/stores/%340%34", ""), cases.Inert},
	{"of what is below", request("DELETE", "/stores/404/pets/gone", ""), cases.Inert},
	{"whose id exists elsewhere", request("DELETE", "/stores/404/pets/rex", ""), refused},
	{"of what was not read", request("DELETE", "/stores/405", ""), refused},
	{"of what exists", request("DELETE", "/stores/7", ""), refused},
	{"of what the run has made", request("DELETE", "/stores/8", ""), cases.Destructive},
	{"of what is free", request("DELETE", "/stores/9", ""), cases.Destructive},
	{"of what belongs to it, and is not", request("DELETE", "/stores/9/pets/rex", ""), refused},
	{"with the id of what is free, of another kind", request("DELETE", "/stores/7/pets/9", ""), refused},
	{"of everything", request("DELETE", "/stores", ""), refused},
	{"of something else", request("DELETE", "/search", ""), refused},
	{"an action on what is absent", request("POST", "/stores/404/close", ""), cases.Inert},
	{"on what exists", request("POST", "/stores/7/close", ""), refused},
	{"a change of what is absent", request("PATCH", "/stores/404/pets/gone", pet), cases.Inert},
	{"that names what exists in its body", request("PATCH", "/stores/404/pets/gone", `{"name":"a","id":"rex"}`), refused},
	{"in its query", request("PATCH", "/stores/404/pets/gone?pet_id=rex", pet), refused},
	{"in broken JSON", request("PATCH", "/stores/404/pets/gone", `{"petId": "rex"`), refused},
	{"in XML", request("PATCH", "/stores/404/pets/gone", `<pet><id>rex</id></pet>`), refused},
	{"itself", request("PATCH", "/stores/404/pets/gone", `{"name":"a","id":"gone"}`), cases.Inert},
	{"with a blank", request("PATCH", "/stores/404/pets/gone%20", pet), refused},
	{"a method that is not documented", request("PATCH", "/stores/404", pet), cases.Guarded},
	{"where something exists", request("PATCH", "/stores/7", pet), refused},
	{"deletes what is absent", request("DELETE", "/stores/404/close", ""), cases.Inert},

	{"PUT where no 201 is listed", request("PUT", "/stores/404", pet), cases.Guarded},
	{"where it is", request("PUT", "/stores/404/pets/gone", pet), cases.Destructive},
	{"where it breaks a rule", request("PUT", "/stores/404/pets/gone", `{"name":1}`), cases.Guarded},
	{"without credentials", cases.Template{Method: "PUT", Path: "/stores/404/pets/gone", Body: pet, Headers: []cases.Header{{Name: "Content-Type", Value: "application/json"}}}, cases.Guarded},
	{"with made-up ones", cases.Template{Method: "PUT", Path: "/stores/404/pets/gone", Body: pet, Headers: []cases.Header{{Name: "X-Key", Value: "another-key"}, {Name: "Content-Type", Value: "application/json"}}}, cases.Guarded},
	{"of what was just read", request("PUT", "/stores/7/pets/rex", `{ "name": "rex" }`), refused}, // something was made since
	{"of something else than was read", request("PUT", "/stores/7/pets/rex", `{"name":"max"}`), refused},
	{"of what the run has made", request("PUT", "/stores/8/pets/own", pet), cases.Destructive},

	{"a creation", request("POST", "/stores", pet), cases.Destructive},
	{"that breaks a rule", request("POST", "/stores", `{}`), cases.Destructive},
	{"with the id of what exists", request("POST", "/stores", `{"name":"a","id":7}`), refused},
	{"with an id that is absent", request("POST", "/stores", `{"name":"a","storeId":404}`), cases.Destructive},
	{"in several", request("POST", "/stores", `[{"name":"a"},{"id":7}]`), refused},
	{"in what exists", request("POST", "/stores/7/pets", pet), refused},
	{"in what is free", request("POST", "/stores/9/pets", pet), cases.Destructive},
	{"in it, of what exists in no other", request("POST", "/stores/9/pets", `{"name":"a","id":"ghost"}`), cases.Destructive},
	{"in it, of what may exist", request("POST", "/stores/9/pets", `{"name":"a","id":"rex"}`), refused},
	{"in what the run has made", request("POST", "/stores/8/pets", pet), cases.Destructive},
	{"in what the run has made in its own", request("POST", "/stores/8/pets/own/toys", pet), cases.Destructive},
	{"in what is absent", request("POST", "/stores/404/pets", pet), cases.Destructive},
	{"in it, breaking a rule", request("POST", "/stores/404/pets", `{}`), cases.Guarded},

	{"another host by the path", request("GET", "//other/stores", ""), refused},
	{"by no slash", request("GET", "@other/stores", ""), refused},
	{"by a header", request("GET", "/stores", "", "Host", "other"), refused},
	{"another path by a header", request("GET", "/stores", "", "X-Original-URL", "/stores/7/close"), refused},
}

func TestDocumentGateClassifiesByBytes(t *testing.T) {
	for _, tt := range documentRisks {
		t.Run(tt.name, func(t *testing.T) {
			g := prepared(t, cases.Destructive)
			risk, err := g.Admit(&tt.request)
			switch {
			case tt.want == refused && err == nil:
				t.Errorf("%s %s: got risk %s, want it refused", tt.request.Method, tt.request.Path, risk)
			case tt.want != refused && (err != nil || risk != tt.want):
				t.Errorf("%s %s: got risk %s and error %v, want %s", tt.request.Method, tt.request.Path, risk, err, tt.want)
			}
		})
	}
}

// A slash at the end of the paths of a document, as Django has it, makes no difference.
func TestASlashAtTheEndNamesNothingMore(t *testing.T) {
	document := regexp.MustCompile(`(?m)^  (/.*):$`).ReplaceAllString(shop, "  $1/:")
	for _, tt := range documentRisks {
		path, query, asks := strings.Cut(tt.request.Path, "?")
		if !strings.HasPrefix(path, "/s") || strings.HasSuffix(path, "/") {
			continue
		}
		if path += "/"; asks {
			path += "?" + query
		}
		g := gateOf(t, document, cases.Destructive, Free{"storeId", "9"})
		prepare(t, g, "/")
		tt.request.Path = path
		if risk, err := g.Admit(&tt.request); (err != nil) != (tt.want == refused) || err == nil && risk != tt.want {
			t.Errorf("%s: %s %s: got risk %s and error %v, want %s", tt.name, tt.request.Method, path, risk, err, tt.want)
		}
	}
}

func TestDocumentGateKeepsBackWhatIsNotAllowed(t *testing.T) {
	for _, tt := range documentRisks {
		for _, allowed := range []cases.Risk{cases.Inert, cases.Guarded} {
			_, err := prepared(t, allowed).Admit(&tt.request)
			if wanted := tt.want != refused && tt.want <= allowed; (err == nil) != wanted {
				t.Errorf("%s, allowed %s: got error %v, want one: %v", tt.name, allowed, err, !wanted)
			}
		}
	}
}

func TestOnlyAPlainReadShowsThatAThingIsAbsent(t *testing.T) {
	deletion := request("DELETE", "/stores/404", "")
	bare := request("GET", "/stores/404", "")
	bare.Headers = nil
	for _, tt := range []struct {
		name   string
		read   cases.Template
		status int
		want   bool
	}{
		{"404", request("GET", "/stores/404", ""), 404, true},
		{"410", request("GET", "/stores/404", ""), 410, true},
		{"400", request("GET", "/stores/404", ""), 400, false},
		{"403", request("GET", "/stores/404", ""), 403, false},
		{"200", request("GET", "/stores/404", ""), 200, false},
		{"without credentials", bare, 404, false},
		{"HEAD", request("HEAD", "/stores/404", ""), 404, false},
		{"of another", request("GET", "/stores/405", ""), 404, false},
		{"of something in it", request("GET", "/stores/404/pets", ""), 404, false},
		{"with another method", request("GET", "/stores/404", "", "X-HTTP-Method", "PUT"), 404, false},
	} {
		g := documentGate(t, cases.Destructive)
		answer(g, tt.read, tt.status, `{}`)
		if _, err := g.Admit(&deletion); (err == nil) != tt.want {
			t.Errorf("%s: got %v, want it sent: %v", tt.name, err, tt.want)
		}
	}
}

func TestWhatWasAcceptedForAnAbsentThingMayHaveMadeIt(t *testing.T) {
	change := request("POST", "/stores/404/close", "")
	for _, tt := range []struct {
		status int
		want   bool // whether the next is sent
	}{{202, false}, {500, false}, {404, true}, {403, true}} {
		g := prepared(t, cases.Destructive)
		answer(g, change, tt.status, `{}`)
		if _, err := g.Admit(&change); (err == nil) != tt.want {
			t.Errorf("after %d: got %v, want it sent: %v", tt.status, err, tt.want)
		}
	}
	g := prepared(t, cases.Destructive)
	g.Observe(&change, &exchange.Exchange{Failure: &exchange.Failure{Kind: exchange.TimedOut}})
	if _, err := g.Admit(&change); err == nil {
		t.Error("after no answer: want it kept back")
	}
}

func TestPUTOfWhatWasJustReadIsGuarded(t *testing.T) {
	put := request("PUT", "/stores/7/pets/rex", `{"age": 1, "name": "rex"}`)
	read := func(g *DocumentGate) {
		answer(g, request("GET", "/stores/7/pets/rex", ""), 200, `{"name":"rex","age":1}`)
	}
	g := prepared(t, cases.Guarded)
	read(g)
	if risk, err := g.Admit(&put); err != nil || risk != cases.Guarded {
		t.Errorf("got %s and %v", risk, err)
	}
	for name, other := range map[string]cases.Template{
		"another value": request("PUT", "/stores/7/pets/rex", `{"age": 2, "name": "rex"}`),
		"a member less": request("PUT", "/stores/7/pets/rex", `{"name": "rex"}`),
		"a member more": request("PUT", "/stores/7/pets/rex", `{"name": "rex", "age": 1, "a": 1}`),
		"a query":       request("PUT", "/stores/7/pets/rex?force=1", `{"age": 1, "name": "rex"}`),
		"another path":  request("PUT", "/stores/7/pets/max", `{"age": 1, "name": "rex"}`),
		"PATCH":         request("PATCH", "/stores/7/pets/rex", `{"age": 1, "name": "rex"}`),
		"twice":         request("PUT", "/stores/7/pets/rex", `{"age": 1, "name": "rex"}{"name":"max"}`),
	} {
		if _, err := g.Admit(&other); err == nil {
			t.Errorf("%s: want it kept back", name)
		}
	}
	answer(g, request("DELETE", "/stores/404", ""), 404, `{}`)
	if _, err := g.Admit(&put); err == nil {
		t.Error("after another change: want it kept back until it is read again")
	}
}

func TestWhatAnyAnswerHasShownIsNotAbsent(t *testing.T) {
	for name, shows := range map[string]func(*DocumentGate){
		"a list": func(g *DocumentGate) {
			answer(g, request("GET", "/stores/7/pets", ""), 200, `{"pets":[{"x":{"tag":"Gone"}}]}`)
		},
		"a search":           func(g *DocumentGate) { answer(g, request("POST", "/search", ""), 200, `["gone"]`) },
		"a read of its own":  func(g *DocumentGate) { answer(g, request("GET", "/stores/404/pets/gone", ""), 200, ``) },
		"one of another pet": func(g *DocumentGate) { answer(g, request("GET", "/stores/7/pets/rex", ""), 200, `{"friend":"gone"}`) },
	} {
		g := prepared(t, cases.Destructive)
		deletion := request("DELETE", "/stores/404/pets/gone", "")
		if _, err := g.Admit(&deletion); err != nil {
			t.Fatal(err)
		}
		shows(g)
		if _, err := g.Admit(&deletion); err == nil {
			t.Errorf("%s has shown its id: want it kept back", name)
		}
	}
}

func TestWhatIsRefusedShowsNoCredentials(t *testing.T) {
	r := request("DELETE", "/stores/7?key=q7z", "")
	if _, err := prepared(t, cases.Destructive).Admit(&r); err == nil || strings.Contains(err.Error(), "q7z") {
		t.Errorf("got %v", err)
	}
}

const untyped = `openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {}}]
    get: {operationId: show, responses: {"200": {description: ok}}}
    delete: {operationId: remove, responses: {"204": {description: ok}}}
`

// A server may take what only begins with a number for that number.
func TestDocumentGateTakesNoIDForAnother(t *testing.T) {
	c, err := contract.Parse("things.yaml", []byte(untyped))
	if err != nil {
		t.Fatal(err)
	}
	for id, other := range map[string]string{"7x": "7", "7.0": "7", "007": "7", "+7": "7", "7%20": "7", "%097": "7", "7;a": "7", "a%0d%0a": "a"} {
		g := NewDocumentGate(c, cases.Destructive, nil, nil)
		deletion := cases.Template{Method: "DELETE", Path: "/things/" + id}
		answer(g, cases.Template{Method: "GET", Path: "/things/" + id}, 404, `{}`)
		if _, err := g.Admit(&deletion); err == nil {
			t.Errorf("%s: want it kept back while it is not known whether %s exists", id, other)
		}
		answer(g, cases.Template{Method: "GET", Path: "/things/" + other}, 404, `{}`)
		if risk, err := g.Admit(&deletion); err != nil || risk != cases.Inert {
			t.Errorf("%s, when %s is absent: got %s and %v", id, other, risk, err)
		}
	}
}

// Even if a read by the same path has found nothing.
func TestNoChangeGoesByAPathThatTurns(t *testing.T) {
	for _, id := range []string{"%2e%2e", "%252e%252e", "a%2fb", "a%5cb", "..;a"} {
		path := "/stores/404/pets/" + id
		g := prepared(t, cases.Destructive)
		answer(g, request("GET", path, ""), 404, `{}`)
		deletion := request("DELETE", path, "")
		if _, err := g.Admit(&deletion); err == nil {
			t.Errorf("%s: want it kept back", path)
		}
	}
}
