package contract_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

// write writes files below a new folder, which it returns.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

const rootOfSeveral = `openapi: 3.0.3
info: {title: t, version: v}
paths:
  /pets: {$ref: paths/pets.yaml}
  /owners: {get: {operationId: owners, responses: {'200': {description: d, content: {application/json: {schema: {$ref: './schemas/all.json#/Owner'}}}}}}}
components:
  schemas:
    Id: {type: integer}
`

// A document may consist of several files, which refer to each other in rings; clauses and lines are
// those of the file that a thing stands in.
func TestSeveralFiles(t *testing.T) {
	folder := write(t, map[string]string{
		"api/root.yaml":             rootOfSeveral,
		"api/paths/pets.yaml":       "parameters:\n  - $ref: ../schemas/all.json#/Limit\nget:\n  operationId: pets\n  responses:\n    '200':\n      description: d\n      content:\n        application/json:\n          schema: {$ref: '../schemas/all.json#/Pet'}\n",
		"api/schemas/all.json":      "{\n  \"Limit\": {\"name\": \"limit\", \"in\": \"query\", \"schema\": {\"type\": \"integer\"}},\n  \"Pet\": {\n    \"type\": \"object\",\n    \"properties\": {\"id\": {\"$ref\": \"../root.yaml#/components/schemas/Id\"},\n      \"owner\": {\"$ref\": \"#/Owner\"}, \"we%20ird\": {\"$ref\": \"odd%20name.yaml\"}}\n  },\n  \"Owner\": {\"type\": \"object\", \"properties\": {\"pets\": {\"type\": \"array\", \"items\": {\"$ref\": \"all.json#/Pet\"}}}}\n}\n",
		"api/schemas/odd name.yaml": "# one schema\ntype: string\nmaxLength: 3\n",
	})
	c, err := contract.Load(filepath.Join(folder, "api", "root.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	pets, owners := c.Operation("pets"), c.Operation("owners")
	if pets == nil || owners == nil || len(c.Notes()) > 0 {
		t.Fatalf("got %v and %v, notes %q", pets, owners, c.Notes())
	}
	pet := pets.Success().Schema()
	if owners.Success().Schema() != pet.Property("owner") || pet.Property("owner").Property("pets").Items != pet {
		t.Error("what several files refer to is not loaded once")
	}
	if odd := pet.Property("we%20ird"); odd == nil || odd.MaxLength != 3 || odd.Clause != "schemas/odd name.yaml#" {
		t.Errorf("got %+v", odd)
	}
	for _, test := range []struct {
		clause, want string
		line         int
	}{
		{pets.Clause, "paths/pets.yaml#/get", 3},
		{pets.Parameters[0].Clause, "schemas/all.json#/Limit", 2},
		{pet.Clause, "schemas/all.json#/Pet", 3},
		{pet.Clause + "/properties", "schemas/all.json#/Pet/properties", 5},
		{pet.Property("id").Clause, "/components/schemas/Id", 8},
		{pet.Clause + "/nothing/below", "schemas/all.json#/Pet/nothing/below", 3},
	} {
		if got := c.Line(test.clause); test.clause != test.want || got != test.line {
			t.Errorf("got clause %s at line %d, want %s at line %d", test.clause, got, test.want, test.line)
		}
	}
	if pets.Line != 3 {
		t.Errorf("operation: got line %d", pets.Line)
	}
	use(c)
}

// What a reference may not lead to is not supported where it stands; the rest is loaded.
func TestReferencesOut(t *testing.T) {
	for _, test := range []struct{ ref, want string }{
		{"../secret.yaml#/Pet", `expected a file below the folder of the document, got "../secret.yaml", which leads out of it`},
		{"a/../../secret.yaml", "which leads out of it"},
		{"%2e%2e/secret.yaml", "which leads out of it"},
		{"FOLDER/secret.yaml", "which leads out of it"},
		{"link.yaml#/Pet", `"link.yaml": path escapes from parent`},
		{"out/secret.yaml#/Pet", `"out/secret.yaml": path escapes from parent`},
		{"http://127.0.0.1:1/a.yaml", "nothing is read over the network"},
		{"//127.0.0.1:1/a.yaml", "nothing is read over the network"},
		{"file:///etc/passwd", "nothing is read over the network"},
		{"none.yaml#/Pet", `there is no file "none.yaml"`},
		{"sub", `"sub": expected a file, got a folder, a pipe or a device`},
		{"sub/pet.yaml#Pet", `expected a JSON pointer after #, got "sub/pet.yaml#Pet"`},
		{"sub/pet.yaml#/Cat", `the file sub/pet.yaml has nothing at "#/Cat"`},
		{"sub/broken.yaml#/Cat", "sub/broken.yaml:2: did not find expected"},
		{"sub/ring.yaml#/a", "expected a reference that ends somewhere, got one that leads to itself"},
	} {
		t.Run(test.ref, func(t *testing.T) {
			folder := write(t, map[string]string{
				"secret.yaml":         "Pet: {type: string}\n",
				"api/sub/pet.yaml":    "Pet: {type: string}\n",
				"api/sub/broken.yaml": "Cat: [\n",
				"api/sub/ring.yaml":   "a: {$ref: '#/b'}\nb: {$ref: 'ring.yaml#/a'}\n",
			})
			for link, to := range map[string]string{"api/link.yaml": "../secret.yaml", "api/out": ".."} {
				if err := os.Symlink(to, filepath.Join(folder, link)); err != nil {
					t.Skip("this system has no links: ", err)
				}
			}
			ref := strings.ReplaceAll(test.ref, "FOLDER", filepath.ToSlash(folder))
			path := filepath.Join(folder, "api", "root.yaml")
			document := "openapi: 3.0.3\ninfo: {title: t, version: v}\npaths:\n  /a:\n    post: {operationId: a, requestBody: {content: {application/json: {schema: {$ref: '" + ref + "'}}}}}\n  /b: {get: {operationId: b}}\n"
			if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := contract.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			broken := c.Operation("a").Unsupported
			if len(broken) != 1 || !strings.Contains(broken[0].Reason, test.want) || broken[0].Line != 5 || len(c.Operation("b").Unsupported) > 0 {
				t.Errorf("got %v, want %q at line 5", broken, test.want)
			}
		})
	}
}

// A link within the folder is as good as what it leads to.
func TestLinkWithin(t *testing.T) {
	folder := write(t, map[string]string{
		"root.yaml": "openapi: 3.0.3\ninfo: {title: t, version: v}\npaths: {/a: {get: {responses: {'200': {$ref: 'link.yaml#/R'}}}}}\n",
		"real.yaml": "R: {description: d, content: {text/csv: {}}}\n",
	})
	if err := os.Symlink("real.yaml", filepath.Join(folder, "link.yaml")); err != nil {
		t.Skip("this system has no links: ", err)
	}
	c, err := contract.Load(filepath.Join(folder, "root.yaml"))
	if err != nil || len(c.Notes()) > 0 || c.Operation("GET /a").Response(200).MediaTypes()[0] != "text/csv" {
		t.Errorf("got %v, notes %q", err, c.Notes())
	}
}

// People keep the parts of a document in files of their own, by a $ref in place of anything that has members or items; a
// reference leads through it.
func TestReferencesInPlaceOfAnything(t *testing.T) {
	folder := write(t, map[string]string{
		"root.yaml":            "openapi: 3.0.3\ninfo: {title: t, version: v}\nsecurity: [{key: []}]\npaths: {$ref: 'paths.yaml#/all'}\ncomponents: {$ref: components.yaml}\n",
		"paths.yaml":           "all:\n  '/pets/{id}':\n    put: {$ref: 'operations/put.yaml'}\n",
		"operations/put.yaml":  "operationId: put\nparameters: {$ref: '../parts.yaml#/parameters'}\nrequestBody: {content: {$ref: '../parts.yaml#/content'}}\nresponses: {$ref: '../parts.yaml#/responses'}\n",
		"parts.yaml":           "parameters: [{$ref: 'root.yaml#/components/parameters/Id'}]\ncontent: {application/json: {schema: {$ref: 'root.yaml#/components/schemas/Pet'}, examples: {$ref: '#/examples'}}}\nresponses: {'200': {headers: {$ref: '#/headers'}, description: d, links: {$ref: '#/links'}}}\nheaders: {X-A: {schema: {type: integer}}}\nlinks: {self: {operationId: put}}\nexamples: {e: {value: {name: Rex}}}\n",
		"components.yaml":      "schemas: {$ref: schemas.yaml}\nparameters: {Id: {name: id, in: path, required: true, schema: {type: integer}}}\nsecuritySchemes: {$ref: 'schemes.yaml'}\n",
		"schemas.yaml":         "Pet: {type: object, properties: {$ref: '#/properties'}, required: [name]}\nproperties: {name: {type: string}}\n",
		"schemes.yaml":         "key: {type: apiKey, in: header, name: X-Pets-Key}\n",
		"operations/none.yaml": "",
	})
	c, err := contract.Load(filepath.Join(folder, "root.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var got string
	for _, op := range c.Operations() {
		got += outlineOf(op)
	}
	const want = "PUT /pets/{id} put\nparameter path id required simple number\nsecurity [key: apiKey in header X-Pets-Key]\nbody\n  application/json object such as map[name:Rex]\nresponse 200\n  header header X-A simple number\n  link self to put with map[]"
	if got != want || len(c.Notes()) > 0 {
		t.Errorf("got\n%s\nwant\n%s\nnotes %q", got, want, c.Notes())
	}
	put := c.Operation("put")
	if pet := put.Body.Content[0].Schema; pet.Property("name") == nil || pet.Clause != "schemas.yaml#/Pet" || c.Line(pet.Property("name").Clause) != 2 {
		t.Errorf("got %s at line %d", pet.Clause, c.Line(pet.Clause))
	}
	if !c.CarriesCredentials("X-Pets-Key") {
		t.Error("the header of a scheme in another file is taken for one without credentials")
	}
	use(c)
}
