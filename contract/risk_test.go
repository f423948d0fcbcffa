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

// A risk that stands where it is not read is a mistake, and not passed over: what its writer holds for dangerous would be sent.
func TestMisplacedRisk(t *testing.T) {
	for name, test := range map[string]struct{ old, place, want string }{
		"beside the path":    {"  /search:\n", "  /search:\n    x-risk: destructive\n", "search.yaml:5: path /search: expected x-risk"},
		"at the top":         {"paths:\n", "x-risk: destructive\npaths:\n", "search.yaml:3: document: expected x-risk"},
		"in capital letters": {"      x-risk: inert\n", "      X-Risk: destructive\n", "search.yaml:7: operation search: expected x-risk, in small letters"},
	} {
		document := strings.Replace(searching, test.old, test.place, 1)
		if _, err := contract.Parse("search.yaml", []byte(document)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}
