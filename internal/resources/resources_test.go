package resources_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/resources"
)

const endpoint = "http://127.0.0.1:8080/api"

// shop is a document with stores that have pets, and orders with addresses of their own.
const shop = `openapi: 3.0.3
info: {title: Shop, version: "1"}
paths:
  /stores:
    get:
      operationId: listStores
      responses: {"200": {description: ok, content: {application/json: {schema: {}}}}}
    post:
      operationId: addStore
      requestBody: {content: {application/json: {schema: {}}}}
      responses: {"201": {description: ok}}
  /stores/own:
    get: {operationId: ownStore, responses: {"200": {description: ok}}}
  /stores/{store_id}:
    get:
      operationId: showStore
      parameters: [{name: store_id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: ok}, "404": {description: none}}
    delete:
      operationId: deleteStore
      parameters: [{name: store_id, in: path, required: true, schema: {type: integer}}]
      responses: {"204": {description: ok}}
  /stores/{storeId}/pets:
    get:
      operationId: listPets
      parameters: [{name: storeId, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {}}}}}
    post:
      operationId: addPet
      parameters: [{name: storeId, in: path, required: true, schema: {type: integer}}]
      requestBody: {content: {application/json: {schema: {}}}}
      responses: {"201": {description: ok}}
  /stores/{storeId}/pets/{id}:
    get:
      operationId: showPet
      parameters:
        - {name: storeId, in: path, required: true, schema: {type: integer}}
        - {name: id, in: path, required: true, schema: {type: string, pattern: "^[a-z0-9-]+$"}}
      responses: {"200": {description: ok}, "404": {description: none}}
    delete:
      operationId: deletePet
      parameters:
        - {name: storeId, in: path, required: true, schema: {type: integer}}
        - {name: id, in: path, required: true, schema: {type: string, pattern: "^[a-z0-9-]+$"}}
      responses: {"204": {description: ok}}
  /orders:
    get: {operationId: listOrders, responses: {"200": {description: ok}}}
    post: {operationId: addOrder, responses: {"201": {description: ok}}}
  /orders/{id}:
    get:
      operationId: showOrder
      parameters: [{name: id, in: path, required: true, schema: {type: string}, example: example}]
      responses: {"200": {description: ok}}
  /find:
    get:
      operationId: findOrder
      parameters: [{name: storeId, in: query, schema: {type: integer}}]
      responses:
        "200":
          description: ok
  /kinds/{kind}:
    get:
      operationId: showKind
      parameters: [{name: kind, in: path, required: true, schema: {type: string, enum: [cat, dog]}}]
      responses: {"200": {description: ok}}
`

func parse(t *testing.T, document string) *contract.Contract {
	t.Helper()
	c, err := contract.Parse("shop.yaml", []byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func store(t *testing.T, c *contract.Contract, fixtures ...resources.Fixture) *resources.Store {
	t.Helper()
	s, err := resources.New(c, endpoint, fixtures, 1)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// answered has the store learn from an answer: a status and a body, and fields of its header.
func answered(t *testing.T, c *contract.Contract, s *resources.Store, operation, path string, status int, body string, header ...string) []resources.Lead {
	t.Helper()
	op := c.Operation(operation)
	a := &contract.Answer{Status: status, Header: http.Header{}, Body: []byte(body)}
	for i := 0; i+1 < len(header); i += 2 {
		a.Header.Add(header[i], header[i+1])
	}
	return s.Learn(op, &contract.Request{Method: op.Method, Path: path, Header: http.Header{}}, a)
}

// texts returns the values of the choices of an operation.
func texts(c *contract.Contract, s *resources.Store, operation string) [][]string {
	var all [][]string
	for _, choice := range s.Choices(c.Operation(operation)) {
		var one []string
		for _, v := range choice {
			one = append(one, v.Text)
		}
		all = append(all, one)
	}
	return all
}

// link gives the first answer of an operation a link.
func link(c *contract.Contract, from, to string, parameters map[string]any) {
	response := c.Operation(from).Responses[0]
	response.Links = append(response.Links, &contract.Link{Name: to, Operation: to, Parameters: parameters, Clause: "/links/" + to})
}

// A text is read as the schema wants it, and is sent as it is where it is nothing of the kind.
func TestAsJSON(t *testing.T) {
	for _, tt := range []struct {
		schema *contract.Schema
		text   string
		want   any
	}{
		{nil, "7", "7"},
		{&contract.Schema{}, "7", "7"},
		{&contract.Schema{Type: contract.KindString}, "7", "7"},
		{&contract.Schema{Type: contract.KindNumber}, "36893488147419103228", json.Number("36893488147419103228")},
		{&contract.Schema{Type: contract.KindNumber}, "7 8", "7 8"},
		{&contract.Schema{Type: contract.KindBoolean}, "true", true},
		{&contract.Schema{Type: contract.KindBoolean}, "yes", "yes"},
		{&contract.Schema{Type: contract.KindArray}, `["a",1]`, []any{"a", json.Number("1")}},
		{&contract.Schema{Type: contract.KindArray}, "a", []any{"a"}},
		{&contract.Schema{Type: contract.KindObject}, `{"a":1}`, map[string]any{"a": json.Number("1")}},
	} {
		if got := resources.AsJSON(tt.schema, tt.text); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%+v, %q: expected %#v, got %#v", tt.schema, tt.text, tt.want, got)
		}
	}
}
