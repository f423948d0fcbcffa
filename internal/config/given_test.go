package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/config"
)

// aDocument has a security scheme, and parameters in three places.
const aDocument = `openapi: 3.0.3
info: {title: t, version: "1"}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
paths:
  /pets/{petId}:
    get:
      operationId: showPet
      security: [{key: []}]
      parameters:
        - {name: petId, in: path, required: true, schema: {type: string}}
        - {name: X-Trace, in: header, schema: {type: string}}
        - {name: fields, in: query, schema: {type: string}}
      responses: {'200': {description: ok}}
`

func documentOf(t *testing.T, text string) *contract.Contract {
	t.Helper()
	c, err := contract.Parse("pets.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// settings returns what flags give, NAME VALUE in turn.
func settings(t *testing.T, flags ...string) *config.Document {
	t.Helper()
	c := config.Default()
	for i := 0; i < len(flags); i += 2 {
		at := slices.IndexFunc(config.Options, func(o *config.Option) bool { return o.Name == flags[i] })
		if err := config.Options[at].Set(&c, flags[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	return &c.Document
}

func placed(in contract.In, name, value string) config.Placed {
	return config.Placed{In: in, Named: config.Named{Name: name, Value: value}}
}

// A certificate is of the connection, and no credential of a request.
func TestMutualTLSIsNoCredential(t *testing.T) {
	c := documentOf(t, strings.NewReplacer("{key: []}", "{key: []}, {certificate: []}", "  securitySchemes:\n", "  securitySchemes:\n    certificate: {type: mutualTLS}\n").Replace(aDocument))
	if got := config.SchemesOf(c); !slices.Equal(got, []string{"key"}) {
		t.Errorf("expected the scheme key alone, got %q", got)
	}
	_, err := settings(t, "credential", "certificate=SECRET-1").For(c, nil)
	if err == nil || !strings.Contains(err.Error(), "set --client-cert and --client-key") || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("got %v", err)
	}
}

func TestGivenIsFoundInTheDocument(t *testing.T) {
	environ := []string{"KEY=k-1"}
	for _, tt := range []struct {
		name string
		args []string
		want config.Given
	}{
		{"credential", []string{"credential", "key=k=1"}, config.Given{Credentials: map[string]string{"key": "k=1"}}},
		{"variable", []string{"credential", "key=${KEY}"}, config.Given{Credentials: map[string]string{"key": "k-1"}}},
		{"header of a scheme", []string{"header", "x-key: $KEY"}, config.Given{Credentials: map[string]string{"key": "k-1"}}},
		{"header that is a parameter", []string{"header", "x-trace: 1"}, config.Given{Parameters: []config.Placed{placed(contract.InHeader, "X-Trace", "1")}}},
		{"query that is a parameter", []string{"query", "fields=a"}, config.Given{Parameters: []config.Placed{placed(contract.InQuery, "fields", "a")}}},
		{"others", []string{"header", "X-Tenant: a: b", "query", "v=1", "cookie", "c=2", "query", "Fields=3"}, config.Given{
			Others: []config.Placed{placed(contract.InHeader, "X-Tenant", "a: b"), placed(contract.InQuery, "v", "1"), placed(contract.InQuery, "Fields", "3"), placed(contract.InCookie, "c", "2")},
		}},
		{"fixtures", []string{"fixture", "petId=7!", "fixture", "showPet.petId=8"}, config.Given{Fixtures: []config.Fixture{{Name: "petId", Value: "7", Free: true}, {Name: "showPet.petId", Value: "8"}}}},
	} {
		got, err := settings(t, tt.args...).For(documentOf(t, aDocument), environ)
		if tt.want.Credentials == nil {
			tt.want.Credentials = map[string]string{}
		}
		if err != nil || !reflect.DeepEqual(got, &tt.want) {
			t.Errorf("%s: expected %+v, got %+v, %v", tt.name, tt.want, got, err)
		}
	}
}

func TestGivenThatTheDocumentDoesNotHave(t *testing.T) {
	folder := t.TempDir()
	ids := filepath.Join(folder, "ids.yaml")
	if err := os.WriteFile(ids, []byte("petId: 7\npetid: 8\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"credential", "kee=SECRET-1"}, `credential: expected a security scheme of the document (key), got "kee", did you mean "key"?`},
		{[]string{"credential", "key=$NONE"}, "credential: key: the variable $NONE is not set"},
		{[]string{"credential", "key=SECRET-1", "credential", "key=SECRET-2"}, `credential: expected one value for the scheme "key", got two`},
		{[]string{"fixture", "petId=1", "fixture", "petId=2"}, `fixture: expected one value for "petId", got two`},
		{[]string{"fixture", "petID=1"}, `fixture: expected the name of a parameter of the document or of a member of a body, or OPERATION.NAME, got "petID", did you mean "petId"?`},
		{[]string{"fixtures", ids}, `ids.yaml:2: unknown key "petid", did you mean "petId"?`},
		{[]string{"fixtures", filepath.Join(folder, "none")}, "fixtures: expected a YAML file with values by the names of parameters, got: "},
		{[]string{"operation", "del*", "operation", "show*"}, `operation: expected a pattern that matches an operation of the document, got "del*", which matches none; `},
	} {
		_, err := settings(t, tt.args...).For(documentOf(t, aDocument), nil)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%q: expected %q and no secret, got %v", tt.args, tt.want, err)
		}
	}
	anonymous := documentOf(t, "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {/a: {get: {operationId: a, responses: {'200': {description: ok}}}}}\n")
	if _, err := settings(t, "credential", "key=SECRET").For(anonymous, nil); err == nil || !strings.Contains(err.Error(), "credential: expected none") {
		t.Errorf("expected a sentence about a document that needs no credentials, got %v", err)
	}
}

func TestOperationsArePickedByIDOrPath(t *testing.T) {
	op := documentOf(t, aDocument).Operation("showPet")
	for pattern, want := range map[string]bool{"showPet": true, "show*": true, "GET /pets/*": true, "GET /pets/{petId}": true, "* /pets/*": true, "GET *": true, "GET*": true, "POST /pets/*": false, "pets": false, "list*": false} {
		if got := config.MatchesOperation(pattern, op); got != want {
			t.Errorf("%q: expected %t, got %t", pattern, want, got)
		}
	}
}

func TestEachSecretHasAVariable(t *testing.T) {
	for got, want := range map[string]string{
		config.CredentialVariable("api-key"):                         "GESCONFORM_CREDENTIAL_API_KEY",
		placed(contract.InHeader, "X-Tenant", "t").Variable():        "GESCONFORM_HEADER_X_TENANT",
		placed(contract.InCookie, "session.id", "secret").Variable(): "GESCONFORM_COOKIE_SESSION_ID",
	} {
		if got != want {
			t.Errorf("expected %s, got %s", want, got)
		}
	}
}

// What is for one kind of contract is an error with the other one.
func TestOptionsOfTheOtherKindOfContract(t *testing.T) {
	for _, tt := range []struct {
		given  []string
		stated bool
		want   string // "" for no error
	}{
		{[]string{"endpoint", "risk", "fixture", "seed", "strict"}, false, ""},
		{[]string{"endpoint", "risk", "graph-id", "token"}, true, ""},
		{[]string{"endpoint", "graph-id", "project-id"}, false, "--project-id and --graph-id: are for the built-in contract, "},
		{[]string{"max-upgrades"}, false, "--max-upgrades: is for the built-in contract, "},
		{[]string{"fixture", "graph-id"}, true, "--fixture: is for a document that states no requirements of its own; "},
	} {
		err := config.Misplaced(tt.given, tt.stated)
		if (err != nil) != (tt.want != "") || err != nil && !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%q, stated %t: expected %q, got %v", tt.given, tt.stated, tt.want, err)
		}
	}
}

// A run by a document needs an address, and nothing of the service of the built-in contract.
func TestCheckDocument(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		want string // "" for no error
	}{
		{"no endpoint", nil, "endpoint: expected the URL of a server to judge by the document, got none; set --endpoint "},
		{"with a path", []string{"endpoint", "http://127.0.0.1:1/v2/shop"}, ""},
		{"no scheme", []string{"endpoint", "127.0.0.1:1"}, `endpoint: expected http://HOST[:PORT] or https://HOST[:PORT], got "127.0.0.1:1"`},
		{"plain, anonymous", []string{"endpoint", "http://pets.example.com"}, ""},
		{"plain, with a credential", []string{"endpoint", "http://pets.example.com", "credential", "key=SECRET"}, "allow-http: pets.example.com is not a loopback address"},
		{"plain, allowed", []string{"endpoint", "http://pets.example.com", "credential", "key=SECRET", "allow-http", "true"}, ""},
		{"plain, with a header", []string{"endpoint", "http://pets.example.com", "header", "X-Any: SECRET"}, "allow-http: "},
		{"a line break in a secret", []string{"endpoint", "http://127.0.0.1", "credential", "key=SECRET\x01"}, "credential: key: expected the value alone"},
		{"a header that is none", []string{"endpoint", "http://127.0.0.1", "header", "X Y: SECRET"}, "header: expected 'Name: value'"},
		{"a limit", []string{"endpoint", "http://127.0.0.1", "concurrency", "0"}, "concurrency: expected 1 to 1000"},
	} {
		c := config.Default()
		for i := 0; i < len(tt.args); i += 2 {
			at := slices.IndexFunc(config.Options, func(o *config.Option) bool { return o.Name == tt.args[i] })
			if err := config.Options[at].Set(&c, tt.args[i+1]); err != nil {
				t.Fatal(err)
			}
		}
		err := c.CheckDocument()
		if (err != nil) != (tt.want != "") || err != nil && (!strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "SECRET")) {
			t.Errorf("%s: expected %q, got %v", tt.name, tt.want, err)
		}
	}
}

// A login at the service of the built-in contract goes to no other.
func TestForDocumentLeavesOutTheService(t *testing.T) {
	c := config.Default()
	if _, err := config.FromEnvironment(&c, []string{
		"GESCONFORM_ENDPOINT=http://127.0.0.1:1", "GESCONFORM_TOKEN=t", "GESCONFORM_GRAPH_ID=g", "GESCONFORM_SEED=7", "GESCONFORM_FIXTURE=a=1", "OS_AUTH_URL=https://iam", "OS_USERNAME=u", "OS_PASSWORD=p",
	}, nil); err != nil {
		t.Fatal(err)
	}
	own := c.ForDocument()
	if own.HasToken() || own.Signs() || own.GraphID != "" || own.Endpoint != "http://127.0.0.1:1" || own.Seed != 7 || len(own.Document.Fixtures) != 1 {
		t.Errorf("got %+v", own)
	}
}
