package resources_test

import (
	"fmt"
	"testing"
)

// forge is a document with repositories of owners, whose paths have two ids one after the other.
const forge = `openapi: 3.0.3
info: {title: Forge, version: "1"}
paths:
  /user/repos:
    get: {operationId: listRepos, responses: {"200": {description: ok}}}
  /search/repos:
    get: {operationId: searchRepos, responses: {"200": {description: ok}}}
  /user:
    get: {operationId: showUser, responses: {"200": {description: ok}}}
  /repos/{owner}/{repo}:
    parameters: &repo
      - {name: owner, in: path, required: true, schema: {type: string}}
      - {name: repo, in: path, required: true, schema: {type: string}}
    get: {operationId: showRepo, responses: {"200": {description: ok}, "404": {description: none}}}
  /repos/{owner}/{repo}/issues:
    parameters: *repo
    get: {operationId: listIssues, responses: {"200": {description: ok}}}
  /repos/{owner}/{repo}/issues/{number}:
    parameters:
      - {name: owner, in: path, required: true, schema: {type: string}}
      - {name: repo, in: path, required: true, schema: {type: string}}
      - {name: number, in: path, required: true, schema: {type: integer}}
    get: {operationId: showIssue, responses: {"200": {description: ok}, "404": {description: none}}}
  /machines:
    get:
      operationId: listMachines
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object, additionalProperties: {type: object, properties: {cores: {type: integer}}}}}}}
  /machines/{machineId}:
    get:
      operationId: showMachine
      parameters: [{name: machineId, in: path, required: true, schema: {type: string, pattern: "^m-[0-9]+$"}}]
      responses: {"200": {description: ok}, "404": {description: none}}
  /machines/{machineId}/disks/{diskId}:
    get:
      operationId: showDisk
      parameters:
        - {name: machineId, in: path, required: true, schema: {type: string, pattern: "^m-[0-9]+$"}}
        - {name: diskId, in: path, required: true, schema: {type: integer}}
      responses: {"200": {description: ok}, "404": {description: none}}
  /disks:
    get: {operationId: listDisks, responses: {"200": {description: ok}}}
`

// A thing shows the ids of all of its path: in members, in members of those, in addresses, or as the key of a map.
func TestIDsOfAWholePath(t *testing.T) {
	c := parse(t, forge)
	for _, tt := range []struct {
		name, operation, path, body, of, want string
	}{
		{"nested", "listRepos", "/user/repos", `[{"id": 12, "name": "tests", "owner": {"id": 3, "login": "noor"}}]`, "showRepo", "[[noor tests]]"},
		{"in a wrapper", "searchRepos", "/search/repos", `{"total": 1, "items": [{"id": 12, "name": "tests", "owner": {"login": "noor"}}]}`, "showRepo", "[[noor tests]]"},
		{"by their names", "listRepos", "/user/repos", `[{"owner": "noor", "repo": "tests"}]`, "showRepo", "[[noor tests]]"},
		{"and what they list", "listRepos", "/user/repos", `[{"name": "tests", "owner": {"login": "noor"}}]`, "listIssues", "[[noor tests]]"},
		{"without one", "listRepos", "/user/repos", `[{"name": "tests"}]`, "showRepo", "[]"},
		{"of something else", "showUser", "/user", `{"name": "tests", "owner": {"login": "noor"}}`, "showRepo", "[]"},
		{"by a number alone", "listRepos", "/user/repos", `[{"id": 12, "owner": {"id": 3}}]`, "showRepo", "[]"},
		{"by an address", "showUser", "/user", `{"repo_url": "/api/repos/noor/tests"}`, "showRepo", "[[noor tests]]"},
		{"by a template of one", "showUser", "/user", `{"issues_url": "http://127.0.0.1:8080/api/repos/noor/tests/issues{/number}"}`, "showRepo", "[[noor tests]]"},
		{"by a template whose ids are not there", "showUser", "/user", `{"repo_url": "/api/repos/noor/{repo}"}`, "showRepo", "[]"},
		{"by a link of HAL", "showUser", "/user", `{"_links": {"self": {"href": "/api/user"}, "issue": {"href": "/api/repos/noor/tests/issues/4"}}}`, "showIssue", "[[noor tests 4]]"},
		{"by a link of JSON:API", "showUser", "/user", `{"data": {"type": "repos", "links": {"self": "/api/repos/noor/tests"}}}`, "showRepo", "[[noor tests]]"},
		{"listed elsewhere", "listDisks", "/disks", `[{"id": 5, "machineId": "m-1"}, {"id": 6, "machine": {"id": "m-2"}}, {"id": 7}]`, "showDisk", "[[m-1 5] [m-2 6]]"},
		{"keys of a map", "listMachines", "/machines", `{"m-1": {"cores": 2}, "m-2": {"cores": 4}}`, "showMachine", "[[m-1] [m-2]]"},
		{"keys that are no ids", "listMachines", "/machines", `{"m-1": {"cores": 2}, "total": {"cores": 6}}`, "showMachine", "[]"},
		{"a map of numbers", "listMachines", "/machines", `{"m-1": 2}`, "showMachine", "[]"},
	} {
		s := store(t, c)
		answered(t, c, s, tt.operation, tt.path, 200, tt.body)
		if got := fmt.Sprint(texts(c, s, tt.of)); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}
