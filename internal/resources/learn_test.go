package resources_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/resources"
)

func TestIDsThatBelongTogetherStayTogether(t *testing.T) {
	c := parse(t, shop)
	s := store(t, c)
	answered(t, c, s, "listStores", "/stores", 200, `{"items": [{"id": 1}, {"id": 2}]}`)
	answered(t, c, s, "listPets", "/stores/2/pets", 200, `[{"id": "rex"}]`)
	expect(t, "stores", texts(c, s, "showStore"), [][]string{{"1"}, {"2"}})
	expect(t, "the lists of pets", texts(c, s, "listPets"), [][]string{{"1"}, {"2"}})
	expect(t, "pets", texts(c, s, "showPet"), [][]string{{"2", "rex"}})
	expect(t, "orders, which are called alike", texts(c, s, "showOrder"), [][]string{{"example"}})
}

func expect(t *testing.T, what string, got, want [][]string) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// What an answer may look like, and the ids of stores that it shows.
var storesIn = []struct {
	name, operation, path, body string
	want                        string
}{
	{"a list", "listStores", "/stores", `[{"id": 1}, {"id": 2}]`, "[[1] [2]]"},
	{"of ids", "listStores", "/stores", `[1, 2]`, "[[1] [2]]"},
	{"called as they are", "listStores", "/stores", `{"total": 2, "stores": [{"id": 1}]}`, "[[1]]"},
	{"in items", "listStores", "/stores", `{"items": [{"id": 1}], "next": null}`, "[[1]]"},
	{"in data", "listStores", "/stores", `{"data": {"stores": [{"id": 1}]}}`, "[[1]]"},
	{"embedded", "listStores", "/stores", `{"_embedded": {"stores": [{"id": 1}]}}`, "[[1]]"},
	{"beside another list", "listStores", "/stores", `{"items": [{"id": 3}], "stores": [{"id": 1}]}`, "[[1]]"},
	{"empty", "listStores", "/stores", `[]`, "[]"},
	{"null", "listStores", "/stores", `null`, "[]"},
	{"the name of the parameter", "listStores", "/stores", `[{"id": 1, "store_id": 4}]`, "[[4]]"},
	{"in another case", "listStores", "/stores", `[{"StoreID": 4}]`, "[[4]]"},
	{"with hyphens", "listStores", "/stores", `[{"store-id": 4}]`, "[[4]]"},
	{"in letters", "listStores", "/stores", `[{"id": "4"}]`, "[[4]]"},
	{"a slug for a number", "listStores", "/stores", `[{"id": "main"}, {"id": 1.5}, {"id": true}, {"id": {"a": 1}}]`, "[]"},
	{"what is no object", "listStores", "/stores", `[null, [1], 2]`, "[[2]]"},
	{"created", "addStore", "/stores", `{"id": 5, "name": "a"}`, "[[5]]"},
	{"created, in a wrapper", "addStore", "/stores", `{"data": {"id": 5}}`, "[[5]]"},
	{"created, called as it is", "addStore", "/stores", `{"store": {"id": 5}}`, "[[5]]"},
	{"a member elsewhere", "showOrder", "/orders/a", `{"id": "a", "storeId": 6}`, "[[6]]"},
	{"in the metadata of items", "listStores", "/stores", `{"metadata": {"version": 9}, "items": [{"kind": "Store", "metadata": {"name": "4"}}]}`, "[[4]]"},
	{"created, in its metadata", "addStore", "/stores", `{"kind": "Store", "metadata": {"id": 4}}`, "[[4]]"},
	{"deep in it", "showOrder", "/orders/a", `{"lines": [{"from": {"store_id": 6}}]}`, "[[6]]"},
	{"an object elsewhere", "showOrder", "/orders/a", `{"store": {"id": 6}}`, "[[6]]"},
	{"a list elsewhere", "showOrder", "/orders/a", `{"stores": [{"id": 6}, {"id": 7}]}`, "[[6] [7]]"},
	{"ids elsewhere", "showOrder", "/orders/a", `{"storeIds": [6, 7]}`, "[[6] [7]]"},
	{"an address", "showOrder", "/orders/a", `{"links": {"store": {"href": "/api/stores/6"}}}`, "[[6]]"},
	{"of another host", "showOrder", "/orders/a", `{"url": "http://elsewhere/api/stores/6"}`, "[]"},
	{"the one of the caller", "ownStore", "/stores/own", `{"id": 8, "name": "a"}`, "[[8]]"},
	{"a count", "ownStore", "/stores/own", `{"count": 8}`, "[]"},
	{"an id of the order", "showOrder", "/orders/a", `{"id": 9, "name": "b", "number": 3}`, "[]"},
}

func TestWhereIDsAreFound(t *testing.T) {
	c := parse(t, shop)
	for _, tt := range storesIn {
		s := store(t, c)
		answered(t, c, s, tt.operation, tt.path, 200, tt.body)
		if got := fmt.Sprint(texts(c, s, "showStore")); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestThingsInThingsBelongToThem(t *testing.T) {
	c := parse(t, shop)
	s := store(t, c)
	answered(t, c, s, "listStores", "/stores", 200, `[{"id": 1, "pets": [{"id": "rex"}]}, {"id": 2, "pets": ["max", "tom"]}]`)
	answered(t, c, s, "showStore", "/stores/3", 200, `{"pets": [{"id": "kim"}]}`)
	expect(t, "pets", texts(c, s, "showPet"), [][]string{{"1", "rex"}, {"2", "max"}, {"2", "tom"}, {"3", "kim"}})
}

func TestErrorsShowNoIDs(t *testing.T) {
	c := parse(t, shop)
	for _, status := range []int{400, 404, 500} {
		s := store(t, c)
		answered(t, c, s, "listStores", "/stores", status, `[{"id": 1}]`, "Location", "/api/stores/1")
		expect(t, fmt.Sprint(status), texts(c, s, "showStore"), nil)
	}
}

func TestWhatIsGoneIsNotUsedAgain(t *testing.T) {
	c := parse(t, shop)
	for _, status := range []int{404, 410} {
		s := store(t, c)
		answered(t, c, s, "listStores", "/stores", 200, `[{"id": 1}, {"id": 2}]`)
		answered(t, c, s, "listPets", "/stores/1/pets", 200, `["rex"]`)
		answered(t, c, s, "showStore", "/stores/1", status, `{}`)
		expect(t, "stores", texts(c, s, "showStore"), [][]string{{"2"}})
		expect(t, "pets of a store that is gone", texts(c, s, "showPet"), nil)
		answered(t, c, s, "listStores", "/stores", 200, `[{"id": 1}]`)
		answered(t, c, s, "deleteStore", "/stores/2", 204, ``)
		expect(t, "a store that is back, one that was deleted", texts(c, s, "showStore"), [][]string{{"1"}})
	}
}

func TestAnExampleThatIsAbsentIsNotUsedAgain(t *testing.T) {
	c := parse(t, shop)
	s := store(t, c)
	answered(t, c, s, "showOrder", "/orders/example", 404, `{}`)
	expect(t, "orders", texts(c, s, "showOrder"), nil)
	if got := s.Needs(c.Operation("showOrder")); got != "--fixture showOrder.id=…" {
		t.Errorf("got %q", got)
	}
	s = store(t, c, fixture("showOrder.id", "given"))
	answered(t, c, s, "showOrder", "/orders/given", 404, `{}`)
	expect(t, "what was given", texts(c, s, "showOrder"), [][]string{{"given"}})
}

func TestWhatWasReadExists(t *testing.T) {
	c := parse(t, shop)
	s := store(t, c)
	answered(t, c, s, "showStore", "/stores/4", 200, `{}`)
	answered(t, c, s, "listPets", "/stores/5/pets", 200, `[]`)
	expect(t, "stores", texts(c, s, "showStore"), [][]string{{"4"}})
}

// What no path can carry safely, or no parameter takes.
var hostile = []string{
	"", ".", "..", "...", "a/b", `a\b`, "%2e%2e", "a\nb", "a\x00b", "a b\t", " a", "a;b", "a?b", "a#b", "a\u202eb", "\ufeffa", strings.Repeat("x", 257),
}

func TestHostileIDsAreNeverUsed(t *testing.T) {
	c := parse(t, shop)
	for _, id := range hostile {
		s := store(t, c)
		c.Operation("showOrder").Parameter("id").Example = nil
		quoted := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\x00", `\u0000`, "\t", `\t`).Replace(id)
		answered(t, c, s, "addOrder", "/orders", 201, `{"id": "`+quoted+`"}`)
		answered(t, c, s, "listOrders", "/orders", 200, `["`+quoted+`"]`)
		if got := texts(c, s, "showOrder"); got != nil {
			t.Errorf("%q: got %q", id, got)
		}
	}
	s := store(t, c)
	answered(t, c, s, "addOrder", "/orders", 201, `{"id": "`+strings.Repeat("x", 256)+`"}`)
	if got := texts(c, s, "showOrder"); len(got) != 1 {
		t.Errorf("an id of 256 bytes: got %q", got)
	}
}

func TestMuchIsNotKept(t *testing.T) {
	c := parse(t, shop)
	s := store(t, c)
	var list strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&list, `{"id": %d},`, i+1)
	}
	answered(t, c, s, "listStores", "/stores", 200, "["+list.String()+`{"id": 0}]`)
	if got := texts(c, s, "showStore"); len(got) != 8 {
		t.Errorf("a long list: got %d ids, want 8", len(got))
	}
	for i := range 100 {
		answered(t, c, s, "showStore", fmt.Sprintf("/stores/%d", 60_000+i), 200, `{}`)
	}
	if got := texts(c, s, "showStore"); len(got) != 16 {
		t.Errorf("many reads: got %d ids, want 16", len(got))
	}
	answered(t, c, s, "showStore", "/stores/1", 200, strings.Repeat(`{"store":`, 5000)+`{"id": 77}`+strings.Repeat("}", 5000))
	for _, got := range texts(c, s, "showStore") {
		if got[0] == "77" {
			t.Error("an id at a depth of 5,000 is not looked for")
		}
	}
}

func TestPreferences(t *testing.T) {
	c := parse(t, shop)
	s := store(t, c, resources.Fixture{Name: "showOrder.id", Value: "given", Free: true})
	answered(t, c, s, "listOrders", "/orders", 200, `["item"]`)
	answered(t, c, s, "addOrder", "/orders", 201, `{"id": "member"}`)
	expect(t, "where one is given", texts(c, s, "showOrder"), [][]string{{"given"}})
	if v := s.Choices(c.Operation("showOrder"))[0][0]; !v.Free || v.Source != resources.FromFixture {
		t.Errorf("got %+v, want a free fixture", v)
	}
	s = store(t, c)
	answered(t, c, s, "listOrders", "/orders", 200, `["item"]`)
	answered(t, c, s, "showOrder", "/orders/a", 200, `{"order": {"id": "member"}}`)
	answered(t, c, s, "addOrder", "/orders", 201, ``, "Location", "/api/orders/located")
	link(c, "findOrder", "showOrder", map[string]any{"id": "$response.body#/found"})
	answered(t, c, s, "findOrder", "/find", 200, `{"found": "linked"}`)
	expect(t, "of all sources", texts(c, s, "showOrder"), [][]string{{"linked"}, {"located"}, {"a"}, {"member"}, {"item"}, {"example"}})
}

const atTheTop = `openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /:
    get: {operationId: list, responses: {"200": {description: ok}}}
    post: {operationId: add, responses: {"201": {description: ok}}}
  /{id}:
    get:
      operationId: show
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: ok}}
  /{id}/{part}.{kind}:
    get:
      operationId: showPart
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: part, in: path, required: true, schema: {type: string}}
        - {name: kind, in: path, required: true, schema: {type: string, enum: [csv, pdf]}}
      responses: {"200": {description: ok}}
  /other:
    get: {operationId: other, responses: {"200": {description: ok}}}
`

func TestThingsAtTheTop(t *testing.T) {
	c := parse(t, atTheTop)
	s := store(t, c)
	answered(t, c, s, "other", "/other", 200, `["a", {"id": "b"}]`)
	expect(t, "what another list has", texts(c, s, "show"), nil)
	answered(t, c, s, "list", "/", 200, `["a", {"id": "b"}]`)
	answered(t, c, s, "add", "/", 201, `{"id": "c"}`)
	expect(t, "what the list has", texts(c, s, "show"), [][]string{{"c"}, {"a"}, {"b"}})
	if got := s.Needs(c.Operation("showPart")); got != "--fixture part=…" {
		t.Errorf("got %q", got)
	}
	s = store(t, c, fixture("id", "a"), fixture("part", "x"), fixture("kind", "pdf"))
	expect(t, "several in a segment", texts(c, s, "showPart"), [][]string{{"a", "x", "pdf"}})
	answered(t, c, s, "showPart", "/a/x.pdf", 200, ``)
	expect(t, "once they were read", texts(c, s, "showPart"), [][]string{{"a", "x", "pdf"}})
}
