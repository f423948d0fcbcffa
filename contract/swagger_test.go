package contract_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

const swaggerDocument = `swagger: '2.0'
info: {title: t, version: v}
host: pets.example
basePath: /v1
consumes: [application/json]
security: [{key: []}]
securityDefinitions:
  key: {type: apiKey, in: header, name: X-Key}
parameters:
  Limit: {name: limit, in: query, type: integer, maximum: 10}
paths:
  /pets/{id}:
    parameters:
      - {name: id, in: path, required: true, type: string}
    put:
      operationId: put
      parameters:
        - $ref: '#/parameters/Limit'
        - {name: tags, in: query, type: array, items: {type: string}, collectionFormat: tsv}
        - name: pet
          in: body
          schema: {$ref: '#/definitions/Pet'}
      responses:
        200:
          description: d
          schema: {$ref: '#/definitions/Pet'}
definitions:
  Pet:
    type: object
    properties:
      name: {type: string, maxLength: 3}
`

// A document of Swagger 2.0 is converted, and says so; its lines stay what they are.
func TestSwagger(t *testing.T) {
	c, err := contract.Parse("pets.yaml", []byte(swaggerDocument))
	if err != nil {
		t.Fatal(err)
	}
	op := c.Operation("put")
	want := "PUT /pets/{id} put\nparameter path id required simple string\nparameter query limit form explode number\nsecurity [key: apiKey in header X-Key]\nbody\n  application/json object\nresponse 200\n  application/json object"
	if got := outlineOf(op); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if notes := strings.Join(c.Notes(), "\n"); !strings.Contains(notes, "line 1: the document is written by Swagger 2.0, and was converted") || !strings.Contains(notes, "parameter tags: collectionFormat: expected csv, ssv, pipes or multi, got tsv") {
		t.Errorf("got the notes %q", notes)
	}
	for clause, line := range map[string]int{
		op.Clause: 15, op.Body.Clause: 20, op.Parameters[1].Clause + "/schema/maximum": 10, op.Responses[0].Clause: 24,
		op.Responses[0].Schema().Clause: 28, op.Responses[0].Schema().Property("name").Clause + "/maxLength": 31, "/components/securitySchemes/key": 8,
	} {
		if got := c.Line(clause); got != line {
			t.Errorf("line of %s: got %d, want %d", clause, got, line)
		}
	}
	use(c)
}

// What is in others' files is found there, as it is written there.
func TestSwaggerInFiles(t *testing.T) {
	folder := write(t, map[string]string{"common.yaml": "definitions:\n  Pet: {type: object, properties: {friend: {$ref: '#/definitions/Pet'}}}\n"})
	path := filepath.Join(folder, "root.yaml")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(swaggerDocument, "'#/definitions/Pet'", "'common.yaml#/definitions/Pet'")), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := contract.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if pet := c.Operation("put").Success().Schema(); pet.Clause != "common.yaml#/definitions/Pet" || pet.Property("friend") != pet {
		t.Errorf("got %+v", pet)
	}
}
