package contract_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/contract"
)

func load(tb testing.TB) *contract.Contract {
	tb.Helper()
	c, err := contract.Default()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// lineOf finds texts in openapi.yaml, each after the one before, and returns the line
// of the last.
func lineOf(tb testing.TB, texts ...string) int {
	tb.Helper()
	return lineIn(tb, gesconform.OpenAPI, texts...)
}

func lineIn(tb testing.TB, document []byte, texts ...string) int {
	tb.Helper()
	at := 0
	for i, text := range texts {
		found := bytes.Index(document[at:], []byte(text))
		if found < 0 {
			tb.Fatalf("the document has no %q after %q", text, texts[:i])
		}
		at += found
		if i < len(texts)-1 {
			at += len(text)
		}
	}
	// A text may start with the end of the line before.
	at += len(texts[len(texts)-1]) - len(strings.TrimLeft(texts[len(texts)-1], " \n"))
	return 1 + bytes.Count(document[:at], []byte("\n"))
}

// edit returns openapi.yaml with old replaced, which must occur just once.
func edit(tb testing.TB, old, with string) []byte {
	tb.Helper()
	if n := bytes.Count(gesconform.OpenAPI, []byte(old)); n != 1 {
		tb.Fatalf("the document has %q %d times, expected once", old, n)
	}
	return bytes.Replace(gesconform.OpenAPI, []byte(old), []byte(with), 1)
}

const (
	upgradePath = "/v2/0123456789abcdef0123456789abcdef/graphs/53205529-026b-455a-9e07-228fae4b12b9/upgrade"
	goodBody    = `{"upgrade_version": "1.1.8", "force_upgrade": true}`
)

func goodRequest() *contract.Request {
	return &contract.Request{
		Method: http.MethodPost, Path: upgradePath, Body: []byte(goodBody),
		Header: http.Header{"X-Auth-Token": {"t"}, "Content-Type": {"application/json"}},
	}
}

func jsonAnswer(status int, body string) *contract.Answer {
	return &contract.Answer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
}

// withOddities returns openapi.yaml with another operation, which has what the real ones
// do not: a header and a numeric path parameter, optional credentials, a class of
// statuses, answers without a schema or a body.
func withOddities(tb testing.TB) *contract.Contract {
	tb.Helper()
	c, err := contract.Parse("odd.yaml", edit(tb, "paths:\n", `paths:
  /odd/{n}/{kind}:
    parameters:
      - {name: n, in: path, required: true, schema: {type: string}, x-source: [samples]}
      - {name: kind, in: path, required: true, schema: {type: boolean}, x-source: [samples]}
    put:
      operationId: odd
      security: [{}, {akSk: []}]
      parameters:
        - {name: n, in: path, required: true, schema: {type: integer, minimum: 1}, x-source: [samples]}
        - {name: x-mode, in: header, required: true, schema: {type: string, enum: [a, b]}, x-source: [samples]}
        - {name: X-More, in: header, schema: {type: number}, x-source: [samples]}
      requestBody:
        content: {application/merge-patch+json: {schema: {type: object}}}
      responses:
        '200': {description: d, content: {application/json: {}}}
        '204': {description: d}
        '4XX': {description: d, content: {application/json: {schema: {type: array, items: {}}}}}
  /odd/1/true:
    get:
      operationId: plain
      security: []
      responses: {'200': {description: d}}
`))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}
