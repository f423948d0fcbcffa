package contract_test

import (
	"fmt"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

const routesDocument = `openapi: 3.0.3
info: {title: t, version: v}
paths:
  /a/{x}: {get: {operationId: one}}
  /a/{y}: {put: {operationId: other-name}}
  /a/b: {get: {operationId: fixed}}
  /a/{x}/: {get: {operationId: slash}}
  /r/{n}.csv: {get: {operationId: csv}}
  /r/{n}: {get: {operationId: any}}
  /{a}-{b}/c%20d: {get: {operationId: two}}
  "/u('{id}')": {get: {operationId: quoted}}
  /: {get: {operationId: root}}
`

func TestFindInAnyDocument(t *testing.T) {
	c, err := contract.Parse("r.yaml", []byte(routesDocument))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		method, path, want string
	}{
		{"GET", "/a/7", "one map[x:7]"},
		{"PUT", "/a/7", "other-name map[y:7]"},
		{"POST", "/a/7", "known"},
		{"GET", "/a/b", "fixed map[]"},
		{"GET", "/a/%62?x=/y/z", "fixed map[]"},
		{"PUT", "/a/b", "other-name map[y:b]"},
		{"GET", "/a/7/", "slash map[x:7]"},
		{"GET", "/a", "unknown"},
		{"GET", "/r/x.csv", "csv map[n:x]"},
		{"GET", "/r/x%2ecsv", "csv map[n:x]"},
		{"GET", "/r/x.csv.csv", "csv map[n:x.csv]"},
		{"GET", "/r/.csv", "any map[n:.csv]"},
		{"GET", "/r/xcsv", "any map[n:xcsv]"},
		{"GET", "/x-y-z/c d", "two map[a:x b:y-z]"},
		{"GET", "/x-y/c%20d", "two map[a:x b:y]"},
		{"GET", "/x-/c%20d", "unknown"},
		{"GET", "/u('a%27b')", "quoted map[id:a'b]"},
		{"GET", "/u('')", "unknown"},
		{"GET", "/", "root map[]"},
		{"GET", "/%zz", "unknown"},
	} {
		op, values, known := c.Find(test.method, test.path)
		got := "unknown"
		switch {
		case op != nil:
			got = fmt.Sprint(op.ID, " ", values)
		case known:
			got = "known"
		}
		if got != test.want {
			t.Errorf("%s %s: got %s, want %s", test.method, test.path, got, test.want)
		}
	}
}
