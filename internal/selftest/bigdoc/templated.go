package bigdoc

import (
	"fmt"
	"strings"
)

// Templated returns a document with so many kinds of things, of the make of a cluster manager's: all kinds hold the
// same deep template by reference, and each is made, replaced and changed by JSON.
func Templated(kinds int) []byte {
	paths, schemas := make([]string, kinds), templateSchemas()
	for i := range kinds {
		body := fmt.Sprintf(`"requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/kind%d"}}}}, "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/kind%d"}}}}, "400": {"description": "Bad request"}, "404": {"description": "Not found"}}`, i, i)
		paths[i] = fmt.Sprintf(`    "/apis/{namespace}/kind%d": {"parameters": [{"name": "namespace", "in": "path", "required": true, "schema": {"type": "string"}}], "post": {"operationId": "create%d", %s}},
    "/apis/{namespace}/kind%d/{name}": {"parameters": [{"name": "namespace", "in": "path", "required": true, "schema": {"type": "string"}}, {"name": "name", "in": "path", "required": true, "schema": {"type": "string"}}],
      "get": {"operationId": "read%d", "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/kind%d"}}}}, "404": {"description": "Not found"}}},
      "put": {"operationId": "replace%d", %s}, "patch": {"operationId": "patch%d", %s}}`, i, i, body, i, i, i, i, body, i, body)
		schemas = append(schemas, fmt.Sprintf(`      "kind%d": {"type": "object", "required": ["spec"], "properties": {"kind": {"type": "string", "enum": ["Kind%d"]}, "replicas": {"type": "integer", "format": "int32", "minimum": 0}, "spec": {"type": "object", "required": ["template"], "properties": {"template": {"$ref": "#/components/schemas/template0"}, "paused": {"type": "boolean"}}}}}`, i, i))
	}
	return document(paths, schemas)
}

// Each part of the template holds some others, templateBranches of them, down to the last.
const (
	templateParts    = 60
	templateBranches = 3
)

func templateSchemas() []string {
	var all []string
	for i := range templateParts {
		var b strings.Builder
		fmt.Fprintf(&b, `      "template%d": {"type": "object", "description": "A part of what runs.", "properties": {"name": {"type": "string", "maxLength": 63, "pattern": "^[a-z0-9]+$"}, "args": {"type": "array", "items": {"type": "string"}}, "labels": {"type": "object", "additionalProperties": {"type": "string"}}, "port": {"type": "integer", "minimum": 1, "maximum": 65535}, "policy": {"type": "string", "enum": ["Always", "Never"]}`, i)
		for j := range templateBranches {
			if part := i*templateBranches + j + 1; part < templateParts {
				fmt.Fprintf(&b, `, "part%d": {"$ref": "#/components/schemas/template%d"}`, j, part)
			}
		}
		all = append(all, b.String()+"}}")
	}
	return all
}
