package resulttest

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
)

const sampleDocument = `openapi: 3.0.3
info: {title: pets, version: 1.2.3}
components:
  parameters:
    limit:
      name: limit
      in: query
      schema:
        type: integer
        maximum: 100
paths:
  /owners:
    get:
      operationId: listOwners
      parameters: [{$ref: '#/components/parameters/limit'}]
      responses: {'200': {description: all}, '400': {description: refused}}
  /pets:
    get:
      operationId: listPets
      parameters: [{$ref: '#/components/parameters/limit'}]
      responses: {'200': {description: all}, '400': {description: refused}}
    post:
      operationId: makePet
      responses: {'201': {description: made}}
  /pets/{petId}:
    get:
      operationId: showPet
      parameters: [{name: petId, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: one}, '404': {description: none}}
  /tags:
    get:
      operationId: listTags
      parameters: [{$ref: '#/components/parameters/limit'}]
      responses: {'200': {description: all}, '400': {description: refused}}
  /visits:
    get:
      operationId: listVisits
      responses: {'200': {description: all}}
`

var parsedDocument = sync.OnceValues(func() (*contract.Contract, error) {
	return contract.Parse("pets.yaml", []byte(sampleDocument))
})

// DocumentContract returns a sample document that states no requirements.
func DocumentContract(t *testing.T) *contract.Contract {
	t.Helper()
	c, err := parsedDocument()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Where the bound is that three operations of the sample document share.
const (
	maximumClause = "/components/parameters/limit/schema/maximum"
	maximumLine   = 10
)

// sampleDerived are cases of the sample document. The last one is not sent.
func sampleDerived() []result.DerivedCase {
	var all []result.DerivedCase
	for _, op := range []struct{ id, path string }{{"listOwners", "/owners"}, {"listPets", "/pets"}, {"listTags", "/tags"}} {
		all = append(all, result.DerivedCase{ID: "GET " + op.path + ": plain", Operation: op.id, Requirement: "value.accepted"},
			result.DerivedCase{ID: "GET " + op.path + ": query limit: maximum+1", Operation: op.id, Requirement: "value.refused", Part: "query limit", Rule: "maximum"})
	}
	return append(all,
		result.DerivedCase{ID: "GET /pets/{petId}: plain", Operation: "showPet", Requirement: "value.accepted"},
		result.DerivedCase{ID: "GET /visits: plain", Operation: "listVisits", Requirement: "value.accepted"},
		result.DerivedCase{ID: "GET /tags: query limit: type text", Operation: "listTags", Requirement: "value.scalar", Part: "query limit", Rule: "type"})
}

// documentResults are the results of the sample document: three operations break one clause, and
// one each lacks a fixture and credentials.
func documentResults() []judge.Result {
	accepted := []string{"200, the request was accepted", "200, the request was accepted", "204, the request was accepted"}
	var all []judge.Result
	for i, k := range sampleDerived() {
		r := judge.Result{Case: k.ID, Operation: k.Operation, Requirement: k.Requirement, Aim: "plain"}
		switch {
		case k.Operation == "showPet":
			r.Verdict, r.Reason = judge.NotApplicable, "needs --fixture petId"
		case k.Operation == "listVisits":
			r.Verdict, r.Reason = judge.Error, "credentials: 403 Forbidden to a plain request with the scheme key"
			r.Exchanges = []exchange.Exchange{documentExchange(i+1, &k, http.StatusForbidden)}
		case k.Requirement == "value.scalar":
			continue
		case k.Requirement == "value.accepted":
			r.Verdict = judge.Conforms
			r.Exchanges = []exchange.Exchange{documentExchange(i+1, &k, http.StatusOK)}
			r.Findings = []judge.Finding{{Requirement: k.Requirement, Level: contract.Must, Verdict: judge.Conforms}, {Requirement: "answer.status", Level: contract.Must, Verdict: judge.Conforms}}
		default:
			r.Verdict, r.Aim = judge.Deviates, ""
			r.Exchanges = []exchange.Exchange{documentExchange(i+1, &k, http.StatusOK)}
			r.Findings = []judge.Finding{{
				Requirement: k.Requirement, Level: contract.Must, Verdict: judge.Deviates, Lawful: []string{"400", "422"}, Got: accepted[0],
				Hint: "compare limit with the maximum", Clause: maximumClause, Line: maximumLine,
			}}
			accepted = accepted[1:]
		}
		all = append(all, r)
	}
	return all
}

func documentExchange(sequence int, k *result.DerivedCase, status int) exchange.Exchange {
	path := "/" + strings.ToLower(k.Operation[len("list"):]) + "?limit=101"
	return exchange.Exchange{
		Sequence: sequence, Case: k.ID, Risk: "inert", Attempt: 1, Operation: k.Operation,
		Started: time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC), Duration: 20 * time.Millisecond,
		URL:     "http://127.0.0.1:8080/shop" + path,
		Request: contract.Request{Method: http.MethodGet, Path: path, Header: http.Header{"X-Key": {"$GESCONFORM_CREDENTIAL_KEY"}}},
		Answer:  &contract.Answer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: fmt.Appendf(nil, "[%d]", sequence)},
	}
}

// DocumentRun returns a run by the sample document.
func DocumentRun(t *testing.T) result.Run {
	t.Helper()
	run := result.Run{
		ID: "0123456789ab", Tool: result.Tool{Name: "gesconform", Version: "0.1.0"},
		Target:  result.Target{Endpoint: "http://127.0.0.1:8080/shop", Risk: "inert", Seed: 1},
		Started: time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC), Ended: time.Date(2025, 6, 1, 12, 0, 1, 0, time.UTC), Duration: time.Second,
		Plan: result.Plan{Cases: 9, Inert: 9},
		Document: &result.Document{
			Fixtures: []string{"ownerId=7"}, Credentials: []string{"key"}, Added: []string{"header X-Tenant"}, MaxRequests: 8, Time: time.Minute,
			Underived: []result.Underived{
				{Operation: "makePet", Reason: "changes are not derived", Clause: "/paths/~1pets/post", Line: 22},
				{Operation: "listTags", Part: "query sort", Reason: "the pattern cannot be read", Detail: "(?<=a)", Clause: "/paths/~1tags/get/parameters/1/schema/pattern", Line: 36},
			},
			Unsent: []string{"GET /tags: query limit: type text"},
			Left:   []string{"curl -sS -i -X DELETE 'http://127.0.0.1:8080/shop/pets/17' -H \"X-Key: $GESCONFORM_CREDENTIAL_KEY\""},
		},
	}
	return result.SummariseDocument(DocumentContract(t), run, documentResults(), sampleDerived(), result.Expectations{})
}
