package contract_test

import (
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

const searching = `openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /search:
    post:
      operationId: search
      x-risk: inert
      responses: {"200": {description: ok}}
  /things:
    post:
      operationId: add
      responses: {"201": {description: ok}}
`

func TestRiskOfAnOperation(t *testing.T) {
	c, err := contract.Parse("search.yaml", []byte(searching))
	if err != nil {
		t.Fatal(err)
	}
	if got, other := c.Operation("search").Risk, c.Operation("add").Risk; got != "inert" || other != "" {
		t.Errorf("got %q and %q, want inert and none", got, other)
	}
	for _, said := range []string{"harmless", "[inert]", "Inert", "null", "1"} {
		_, err := contract.Parse("search.yaml", []byte(strings.Replace(searching, "x-risk: inert", "x-risk: "+said, 1)))
		if err == nil || !strings.Contains(err.Error(), "search.yaml:7:") || !strings.Contains(err.Error(), "operation search: x-risk: expected inert, guarded or destructive, got") {
			t.Errorf("x-risk: %s: got %v", said, err)
		}
	}
}
