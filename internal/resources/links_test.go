package resources_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

var addresses = []struct{ name, location, want string }{
	{"absolute", "http://127.0.0.1:8080/api/stores/3", "[[3]]"},
	{"in other letters", "HTTP://127.0.0.1:8080/api/stores/3", "[[3]]"},
	{"absolute path", "/api/stores/3", "[[3]]"},
	{"absolute path, without what is in front of the service", "/stores/3", "[[3]]"},
	{"relative", "stores/3", "[[3]]"},
	{"relative, with dots", "./stores/3", "[[3]]"},
	{"with a query", "/api/stores/3?fresh=1#top", "[[3]]"},
	{"escaped", "/api/stores/%33", "[[3]]"},
	{"of another host", "http://elsewhere/api/stores/3", "[]"},
	{"of another port", "http://127.0.0.1:81/api/stores/3", "[]"},
	{"of no operation", "/api/nothing/3", "[]"},
	{"of no id", "/api/stores", "[]"},
	{"that no parameter takes", "/api/stores/three", "[]"},
	{"that leads out", "/api/stores/%2e%2e", "[]"},
	{"that is none", "http://[", "[]"},
	{"empty", "", "[]"},
}

func TestLocation(t *testing.T) {
	c := parse(t, shop)
	for _, tt := range addresses {
		s := store(t, c)
		leads := answered(t, c, s, "addStore", "/stores", 201, ``, "Location", tt.location)
		if got := fmt.Sprint(texts(c, s, "showStore")); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
		if found := len(leads) == 1 && leads[0].Operation.ID == "showStore" && leads[0].Choice[0].Text == "3"; found != (tt.want != "[]") {
			t.Errorf("%s: leads to %+v", tt.name, leads)
		}
	}
}

var expressions = []struct {
	expression any
	want       string // "" for none
}{
	{"$url", ""}, // no id
	{"$method", "POST"},
	{"$statusCode", "201"},
	{"$request.path.storeId", "7"},
	{"$request.path.nothing", ""},
	{"$request.query.tag", "a-b"},
	{"$request.query.nothing", ""},
	{"$request.header.x-trace", "trace-1"},
	{"$request.header.x-nothing", ""},
	{"$request.body#/owner/id", "o1"},
	{"$request.body", ""},
	{"$response.header.X-Order", "order-1"},
	{"$response.body#/id", "o2"},
	{"$response.body#/items/1/id", "second"},
	{"$response.body#/items/7/id", ""},
	{"$response.body#/a~1b/c~0d", "escaped"},
	{"$response.body#/nothing", ""},
	{"$response.query.tag", ""},
	{"$response.path.storeId", ""},
	{"$nonsense", ""},
	{"fixed", "fixed"},
	{5, "5"},
	{"o-{$request.path.storeId}-{$response.body#/id}", "o-7-o2"},
	{"o-{$response.body#/nothing}", ""},
}

func TestRuntimeExpressions(t *testing.T) {
	for _, tt := range expressions {
		c := parse(t, shop)
		link(c, "addPet", "showOrder", map[string]any{"id": tt.expression})
		s := store(t, c)
		leads := s.Learn(c.Operation("addPet"), &contract.Request{
			Method: "POST", Path: "/stores/7/pets?tag=a-b", Header: http.Header{"X-Trace": {"trace-1"}}, Body: []byte(`{"owner": {"id": "o1"}}`),
		}, &contract.Answer{
			Status: 201, Header: http.Header{"X-Order": {"order-1"}}, Body: []byte(`{"id": "o2", "items": [{}, {"id": "second"}], "a/b": {"c~d": "escaped"}}`),
		})
		got := ""
		if len(leads) > 0 {
			got = leads[0].Choice[0].Text
		}
		if got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.expression, got, tt.want)
		}
	}
}

func TestLinksAreFilledUp(t *testing.T) {
	c := parse(t, shop)
	link(c, "addPet", "showPet", map[string]any{"path.id": "$response.body#/id"})
	link(c, "addPet", "findOrder", map[string]any{"storeId": "$request.path.storeId"})
	link(c, "addPet", "showOrder", map[string]any{"id": "$response.body#/missing"})
	s := store(t, c)
	leads := answered(t, c, s, "addPet", "/stores/7/pets", 201, `{"id": "rex"}`)
	if len(leads) != 2 {
		t.Fatalf("got %d leads, want 2: %+v", len(leads), leads)
	}
	answered(t, c, s, "listStores", "/stores", 200, `[{"id": 7}]`)
	expect(t, "a pet whose store the link does not give", texts(c, s, "showPet"), [][]string{{"7", "rex"}})
	expect(t, "a query", texts(c, s, "findOrder")[:1], [][]string{{"7"}})
}

func TestQueriesTakeMembersOfTheirName(t *testing.T) {
	c := parse(t, shop)
	s := store(t, c)
	expect(t, "at first", texts(c, s, "findOrder"), [][]string{nil})
	answered(t, c, s, "showOrder", "/orders/a", 200, `{"store_id": "none", "lines": [{"store_id": 6}]}`)
	expect(t, "then", texts(c, s, "findOrder"), [][]string{{"6"}})
}
