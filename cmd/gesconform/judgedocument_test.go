package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/fakedocument"
)

// What the gate has kept back is the same when a run is judged again, and no limit has cut it off.
func TestJudgeAgainWhatWasKeptBack(t *testing.T) {
	t.Parallel()
	spec := written(t, "named.yaml", `openapi: 3.0.3
info: {title: named, version: 1.0.0}
paths:
  /pets:
    post:
      operationId: addPet
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}, '400': {description: refused}}
  /pets/{petId}:
    parameters: [{name: petId, in: path, required: true, schema: {type: integer, format: int64}}]
    get:
      operationId: showPet
      responses: {'200': {description: a pet, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}, '400': {description: refused}, '404': {description: none}}
    delete:
      operationId: deletePet
      responses: {'404': {description: none}}
components:
  schemas:
    Pet: {type: object, required: [name], properties: {id: {type: integer, format: int64}, name: {type: string}}}
`)
	c, err := contract.Load(spec)
	if err != nil {
		t.Fatal(err)
	}
	fake, err := fakedocument.New(fakedocument.Options{Contract: c, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	dir := filepath.Join(t.TempDir(), "report")
	run := call(t, nil, "run", "--spec", spec, "--endpoint", server.URL, "--risk", "destructive", "--seed", "1", "--output", dir)
	if run.status != exitConforms || !strings.Contains(run.stdout, "not sent: it names … by its id, which no read has shown to be absent\n") || strings.Contains(run.stdout, "--max-requests or --time") {
		t.Fatalf("expected requests that were kept back, got %d\n%s%s", run.status, run.stdout, run.stderr)
	}
	if again := call(t, nil, "judge", dir, "--spec", spec); again.status != exitConforms || again.stderr != "" {
		t.Errorf("expected the same, got %d %s", again.status, again.stderr)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "results.json")); err != nil || !strings.Contains(string(text), `"kept_back"`) {
		t.Errorf("expected the reasons in results.json, got %v", err)
	}
}
