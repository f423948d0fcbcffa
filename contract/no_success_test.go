package contract_test

import (
	"testing"

	"github.com/gesconform/gesconform/contract"
)

// An operation that lists refusals only says nothing about success, so that none is wrong.
func TestNoSuccessListed(t *testing.T) {
	for responses, want := range map[string]int{
		`{'404': {description: n}}`:                          0,
		`{'404': {description: n}, '204': {description: d}}`: 1,
		`{default: {description: e}}`:                        0,
	} {
		c, err := contract.Parse("test.yaml", []byte("openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /pets:\n    delete:\n      operationId: clear\n      responses: "+responses))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.JudgeAnswer(c.Operation("clear"), "DELETE", &contract.Answer{Status: 200}); len(got) != want {
			t.Errorf("%s: expected %d problems, got %v", responses, want, got)
		}
	}
}
