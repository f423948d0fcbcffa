package bigdoc

import (
	"fmt"
	"strings"
)

// Illustrated returns a document of about so many bytes, of the make of a code host's: JSON bodies with nullable
// members and alternatives, answers by reference, and an example for each, which together are most of it.
func Illustrated(size int) []byte {
	one := illustratedOperations(0) + illustratedSchemas(0)
	var paths, schemas []string
	for i := range max(1, size/len(one)) {
		paths = append(paths, illustratedOperations(i))
		schemas = append(schemas, illustratedSchemas(i))
	}
	return document(paths, schemas)
}

// illustratedMembers is how many members of each sort an answer has.
const illustratedMembers = 12

func illustratedSchemas(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `      "user%d": {"title": "User", "description": "A user, or nobody.", "type": "object", "nullable": true, "required": ["login", "id"], "properties": {"login": {"type": "string", "example": "octocat"}, "id": {"type": "integer", "format": "int64"}, "email": {"type": "string", "format": "email", "nullable": true}, "url": {"type": "string", "format": "uri"}, "type": {"type": "string", "enum": ["User", "Bot", "Organization"]}}},`+"\n", n)
	fmt.Fprintf(&b, `      "issue%d": {"title": "Issue", "type": "object", "required": ["id", "title"], "properties": {"id": {"type": "integer", "format": "int64", "readOnly": true}, "title": {"type": "string"}`, n)
	for i := range illustratedMembers {
		fmt.Fprintf(&b, `, "url%d": {"type": "string", "format": "uri", "description": "Where it is."}, "at%d": {"type": "string", "format": "date-time", "nullable": true, "example": "2011-04-10T20:09:31Z"}`, i, i)
		fmt.Fprintf(&b, `, "by%d": {"anyOf": [{"$ref": "#/components/schemas/user%d"}, {"type": "string"}]}, "count%d": {"type": "integer", "example": %d}`, i, (n*7+i)%(n+1), i, i)
	}
	fmt.Fprintf(&b, `, "parent": {"allOf": [{"$ref": "#/components/schemas/issue%d"}], "nullable": true}}}`, n/2)
	return b.String()
}

func illustratedExample(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"id": %d, "title": "Found a bug"`, n)
	for i := range illustratedMembers {
		fmt.Fprintf(&b, `, "url%d": "https://api.example.com/repos/octocat/hello-world/issues/%d", "at%d": "2011-04-22T13:33:48Z", "by%d": {"login": "octocat", "id": %d, "email": null, "url": "https://api.example.com/users/octocat", "type": "User"}, "count%d": %d`, i, n, i, i, i, i, i)
	}
	return b.String() + "}"
}

func illustratedOperations(n int) string {
	answer := func(status, schema string) string {
		return fmt.Sprintf(`"responses": {%q: {"description": "Response", "content": {"application/json": {"schema": %s, "examples": {"default": {"value": %s}}}}}, "404": {"description": "Not found"}, "422": {"description": "Validation failed", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}}`, status, schema, illustratedExample(n))
	}
	one := fmt.Sprintf(`{"$ref": "#/components/schemas/issue%d"}`, n)
	body := func(required string) string {
		return fmt.Sprintf(`"requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"%s, "properties": {
        "title": {"description": "The title.", "oneOf": [{"type": "string"}, {"type": "integer"}]}, "body": {"type": "string", "maxLength": 65536, "description": "What it says."},
        "assignee": {"type": "string", "nullable": true}, "milestone": {"nullable": true, "oneOf": [{"type": "string"}, {"type": "integer", "description": "Its number."}]},
        "labels": {"type": "array", "items": {"oneOf": [{"type": "string"}, {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "description": {"type": "string", "nullable": true}, "color": {"type": "string", "nullable": true}}}]}},
        "assignees": {"type": "array", "maxItems": 10, "items": {"type": "string"}}, "state": {"type": "string", "enum": ["open", "closed"]},
        "config": {"type": "object", "properties": {"url": {"type": "string", "format": "uri"}, "content_type": {"type": "string", "default": "json"}, "insecure": {"oneOf": [{"type": "string"}, {"type": "number"}]}}, "additionalProperties": {"type": "string"}}
      }}, "example": {"title": "Found a bug", "labels": ["bug"]}}}}`, required)
	}
	return fmt.Sprintf(`    "/repos/{owner}/{repo}/issues%d": {"parameters": [{"name": "owner", "in": "path", "required": true, "schema": {"type": "string"}}, {"name": "repo", "in": "path", "required": true, "schema": {"type": "string"}}],
      "get": {"operationId": "issues/list%d", "parameters": [{"name": "per_page", "in": "query", "schema": {"type": "integer", "default": 30}}, {"name": "since", "in": "query", "schema": {"type": "string", "format": "date-time"}}, {"name": "sort", "in": "query", "schema": {"type": "string", "enum": ["created", "updated", "comments"], "default": "created"}}], %s},
      "post": {"operationId": "issues/create%d", %s, %s}},
    "/repos/{owner}/{repo}/issues%d/{number}": {"parameters": [{"name": "owner", "in": "path", "required": true, "schema": {"type": "string"}}, {"name": "repo", "in": "path", "required": true, "schema": {"type": "string"}}, {"name": "number", "in": "path", "required": true, "schema": {"type": "integer"}}],
      "get": {"operationId": "issues/get%d", %s},
      "patch": {"operationId": "issues/update%d", %s, %s}}`,
		n, n, answer("200", `{"type": "array", "items": `+one+`}`), n, body(`, "required": ["title"]`), answer("201", one), n, n, answer("200", one), n, body(""), answer("200", one))
}
