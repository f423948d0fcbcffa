// Package bigdoc makes large OpenAPI documents for benchmarks, as varied as those of real services. The
// same call returns the same bytes.
package bigdoc

import (
	"bytes"
	"fmt"
	"strings"
)

// Document returns an OpenAPI 3.0 document in JSON with so many operations: lists with filters and pages,
// creations, reads, changes by JSON and by forms, and deletions. For every five there are three schemas,
// nested, with enumerations and references to each other.
func Document(operations int) []byte {
	var paths, schemas []string
	for i := 0; len(paths) == 0 || i*len(kindsOfOperation) < operations; i++ {
		n := min(len(kindsOfOperation), operations-i*len(kindsOfOperation))
		paths = append(paths, pathsOf(i, max(n, 0)))
		schemas = append(schemas, fill(resourceSchemas, i))
	}
	return document(paths, schemas)
}

func document(paths, schemas []string) []byte {
	var b bytes.Buffer
	b.WriteString(head)
	b.WriteString(strings.Join(paths, ",\n"))
	b.WriteString("\n  },\n  \"components\": {" + sharedComponents + ",\n    \"schemas\": {" + sharedSchemas)
	for _, s := range schemas {
		b.WriteString(",\n")
		b.WriteString(s)
	}
	b.WriteString("\n    }\n  }\n}\n")
	return b.Bytes()
}

// pathsOf returns the paths of a resource, with the first n of its operations.
func pathsOf(resource, n int) string {
	var collection, item []string
	for _, kind := range kindsOfOperation[:n] {
		text := fill(kind.text, resource)
		if kind.ofItem {
			item = append(item, text)
		} else {
			collection = append(collection, text)
		}
	}
	path := fmt.Sprintf(`    "/v1/{tenant}/things%d": {%s}`, resource, strings.Join(append([]string{tenantParameter}, collection...), ","))
	if len(item) > 0 {
		path += fmt.Sprintf(",\n    \"/v1/{tenant}/things%d/{thing_id}\": {%s}", resource, strings.Join(append([]string{itemParameters}, item...), ","))
	}
	return path
}

// fill replaces N by the number of a resource, and P by that of another.
func fill(template string, n int) string {
	return strings.NewReplacer("«N»", fmt.Sprint(n), "«P»", fmt.Sprint(n*7/10)).Replace(template)
}

const head = `{
  "openapi": "3.0.3",
  "info": {"title": "Things", "version": "1"},
  "servers": [{"url": "https://api.example.com"}],
  "security": [{"bearer": []}, {"key": [], "session": []}],
  "paths": {
`

const (
	tenantParameter = `"parameters": [{"$ref": "#/components/parameters/Tenant"}]`
	itemParameters  = `"parameters": [{"$ref": "#/components/parameters/Tenant"}, {"name": "thing_id", "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}}]`
	errors          = `"400": {"$ref": "#/components/responses/Error"}, "401": {"$ref": "#/components/responses/Error"}, "default": {"$ref": "#/components/responses/Error"}`
)

// kindsOfOperation are the operations of a resource, in the order in which they are added.
var kindsOfOperation = []struct {
	ofItem bool
	text   string
}{
	{false, `
      "get": {
        "operationId": "listThings«N»", "summary": "List things", "description": "Lists the things that a filter leaves, the newest first, a page at a time.",
        "parameters": [
          {"name": "limit", "in": "query", "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 100, "default": 20}},
          {"name": "cursor", "in": "query", "schema": {"type": "string", "maxLength": 200}},
          {"name": "states", "in": "query", "explode": false, "schema": {"type": "array", "maxItems": 5, "items": {"$ref": "#/components/schemas/State«N»"}}},
          {"name": "created", "in": "query", "style": "deepObject", "explode": true, "schema": {"type": "object", "properties": {"gte": {"type": "integer"}, "lt": {"type": "integer"}}}},
          {"name": "X-Request-Id", "in": "header", "schema": {"type": "string", "pattern": "^[a-z0-9-]{8,40}$"}}
        ],
        "responses": {
          "200": {"description": "A page.", "headers": {"X-Total": {"schema": {"type": "integer"}}}, "content": {"application/json": {"schema": {"type": "object", "required": ["data", "has_more"], "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/Thing«N»"}}, "has_more": {"type": "boolean"}}}}}},
          ` + errors + `
        }
      }`},
	{false, `
      "post": {
        "operationId": "createThing«N»", "description": "Creates a thing.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ThingInput«N»"}, "example": {"name": "one", "kind": "small"}}}},
        "responses": {
          "201": {"description": "It.", "headers": {"Location": {"required": true, "schema": {"type": "string", "format": "uri-reference"}}}, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing«N»"}}}, "links": {"it": {"operationId": "listThings«N»"}}},
          "422": {"$ref": "#/components/responses/Error"}, ` + errors + `
        }
      }`},
	{true, `
      "get": {"operationId": "showThing«N»", "responses": {"200": {"description": "It.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing«N»"}}}}, "404": {"$ref": "#/components/responses/Error"}, ` + errors + `}}`},
	{true, `
      "post": {
        "operationId": "changeThing«N»", "description": "Changes a thing, by a form.",
        "requestBody": {"content": {"application/x-www-form-urlencoded": {
          "encoding": {"metadata": {"style": "deepObject", "explode": true}, "tags": {"style": "form", "explode": false}},
          "schema": {"type": "object", "properties": {
            "name": {"type": "string", "maxLength": 500}, "tags": {"type": "array", "items": {"type": "string", "maxLength": 50}},
            "metadata": {"anyOf": [{"type": "object", "additionalProperties": {"type": "string"}}, {"type": "string", "enum": [""]}]},
            "schedule": {"type": "object", "required": ["interval"], "properties": {"interval": {"type": "string", "enum": ["day", "week", "month", "year"]}, "count": {"type": "integer", "minimum": 1}, "ends": {"oneOf": [{"type": "string", "format": "date"}, {"type": "integer"}]}}},
            "owner": {"type": "object", "properties": {"email": {"type": "string", "format": "email"}, "address": {"$ref": "#/components/schemas/Address"}}}
          }}
        }}},
        "responses": {"200": {"description": "It.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing«N»"}}}}, ` + errors + `}
      }`},
	{true, `
      "delete": {"operationId": "deleteThing«N»", "security": [{"basic": []}], "responses": {"204": {"description": "Gone."}, "4XX": {"$ref": "#/components/responses/Error"}}}`},
}

const sharedComponents = `
    "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}, "basic": {"type": "http", "scheme": "basic"}, "key": {"type": "apiKey", "in": "query", "name": "key"}, "session": {"type": "apiKey", "in": "cookie", "name": "session"}},
    "parameters": {"Tenant": {"name": "tenant", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[a-z][a-z0-9-]{2,30}$"}}},
    "responses": {"Error": {"description": "Why not.", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Error"}}}}}`

const sharedSchemas = `
      "Error": {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}, "status": {"type": "integer"}, "errors": {"type": "array", "items": {"type": "object", "properties": {"pointer": {"type": "string"}, "message": {"type": "string"}}}}}},
      "Address": {"type": "object", "additionalProperties": false, "properties": {"line1": {"type": "string", "maxLength": 200}, "city": {"type": "string", "maxLength": 100}, "country": {"type": "string", "pattern": "^[A-Z]{2}$"}, "postal_code": {"type": "string", "minLength": 3, "maxLength": 12}}}`

const resourceSchemas = `      "State«N»": {"type": "string", "enum": ["new", "active", "suspended", "closed«N»"]},
      "ThingInput«N»": {"type": "object", "required": ["name", "kind"], "additionalProperties": false, "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 80}, "kind": {"type": "string", "enum": ["small", "medium", "large"]},
        "size": {"type": "number", "minimum": 0, "exclusiveMinimum": true, "maximum": 1000}, "address": {"$ref": "#/components/schemas/Address"},
        "parts": {"type": "array", "maxItems": 20, "uniqueItems": true, "items": {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"}, "count": {"type": "integer", "minimum": 1, "default": 1}}}},
        "secret": {"type": "string", "writeOnly": true}
      }},
      "Thing«N»": {"description": "A thing, as it is shown.", "allOf": [{"type": "object", "required": ["id", "state"], "properties": {
        "id": {"type": "string", "format": "uuid", "readOnly": true}, "state": {"$ref": "#/components/schemas/State«N»"}, "created": {"type": "string", "format": "date-time", "readOnly": true},
        "parent": {"nullable": true, "anyOf": [{"type": "string", "maxLength": 5000}, {"$ref": "#/components/schemas/Thing«P»"}]}, "children": {"type": "array", "items": {"$ref": "#/components/schemas/Thing«N»"}}
      }}, {"type": "object", "properties": {"name": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 500}}}}]}`
