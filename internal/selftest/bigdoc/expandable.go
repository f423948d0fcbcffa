package bigdoc

import (
	"fmt"
	"strings"
)

// Expandable returns a document of about so many bytes, of the make of a payment service's: hundreds of
// schemas in which each reference is either an id or the whole object, so that all refer to each
// other in rings, and form bodies that are nested deeply.
func Expandable(size int) []byte {
	resources := max(1, size/len(expandableOperations(0)+expandableSchema(0)))
	var paths, schemas []string
	for i := range resources {
		paths = append(paths, expandableOperations(i))
		schemas = append(schemas, expandableSchema(i))
	}
	return document(paths, schemas)
}

// expandableMembers is how many members of an object may be expanded.
const expandableMembers = 8

func expandableSchema(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `      "object%d": {"type": "object", "title": "Object%d", "description": "An object of the service, with what belongs to it.", "required": ["id", "livemode"], "x-expandableFields": ["owner0"], "properties": {`, n, n)
	b.WriteString(`"id": {"type": "string", "maxLength": 5000, "description": "Unique identifier for the object."}, "livemode": {"type": "boolean"}`)
	for i := range expandableMembers {
		other := (n*31 + i*17) % (n + 1 + i)
		if other > n {
			other = n
		}
		fmt.Fprintf(&b, `, "owner%d": {"nullable": true, "description": "The owner, or its id.", "anyOf": [{"type": "string", "maxLength": 5000}, {"$ref": "#/components/schemas/object%d"}], "x-expansionResources": {"oneOf": [{"$ref": "#/components/schemas/object%d"}]}}`, i, other, other)
		fmt.Fprintf(&b, `, "amount%d": {"type": "integer", "nullable": true, "format": "unix-time", "description": "An amount in the smallest unit of its currency."}`, i)
		fmt.Fprintf(&b, `, "status%d": {"type": "string", "enum": ["draft", "open", "paid%d", "void"]}`, i, i)
	}
	fmt.Fprintf(&b, `, "items": {"type": "object", "required": ["data", "has_more"], "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/object%d"}}, "has_more": {"type": "boolean"}, "url": {"type": "string", "maxLength": 5000, "pattern": "^/v1/objects"}}}`, n/2)
	b.WriteString("}}")
	return b.String()
}

func expandableOperations(n int) string {
	expand := `{"name": "expand", "in": "query", "style": "deepObject", "explode": true, "schema": {"type": "array", "items": {"type": "string", "maxLength": 5000}}}`
	answers := fmt.Sprintf(`"responses": {"200": {"description": "OK", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/object%d"}}}}, "default": {"description": "Error", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}}`, n)
	var members []string
	for i := range 6 {
		members = append(members, fmt.Sprintf(`"option%d": {"description": "How it is done.", "anyOf": [{"type": "object", "title": "param", "properties": %s}, {"type": "string", "enum": [""]}]}`, i, nestedMembers(3)))
	}
	form := fmt.Sprintf(`"requestBody": {"required": false, "content": {"application/x-www-form-urlencoded": {"encoding": {"expand": {"style": "deepObject", "explode": true}}, "schema": {"type": "object", "properties": {"expand": {"type": "array", "items": {"type": "string", "maxLength": 5000}}, %s}}}}}`, strings.Join(members, ", "))
	return fmt.Sprintf(`    "/v1/objects%d/{id}": {"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "maxLength": 5000}}],
      "get": {"operationId": "GetObject%d", "parameters": [%s], %s},
      "post": {"operationId": "PostObject%d", %s, %s}}`, n, n, expand, answers, n, form, answers)
}

// nestedMembers returns the properties of an object that contains others in so many levels.
func nestedMembers(levels int) string {
	own := `"enabled": {"type": "boolean"}, "kind": {"type": "string", "enum": ["automatic", "manual", "none"]}, "amount": {"type": "integer"}, "name": {"type": "string", "maxLength": 500}`
	if levels > 1 {
		own += `, "details": {"type": "object", "required": ["kind"], "properties": ` + nestedMembers(levels-1) + `}`
	}
	return "{" + own + "}"
}
