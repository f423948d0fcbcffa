package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever is wrong with the document or with what is beside it, the run says so in a sentence, sends
// nothing that nobody asked for, and ends with 2.
func TestBadInputOfARunByADocument(t *testing.T) {
	t.Parallel()
	endpoint, spec := petsServer(t, ""), petsFile(t)
	with := func(args ...string) []string {
		return append([]string{"--spec", spec, "--endpoint", endpoint}, args...)
	}
	of := func(text string) []string {
		return []string{"--spec", written(t, "bad.yaml", text), "--endpoint", endpoint}
	}
	const head = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\n"
	bomb := head + "x-a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += fmt.Sprintf("x-%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"a YAML bomb":            {of(bomb + "paths: {}\n"), "bad.yaml"},
		"no endpoint":            {[]string{"--spec", spec}, "endpoint: expected the URL of a server to judge by the document, got none; set --endpoint "},
		"no such document":       {[]string{"--spec", "no-such.yaml", "--endpoint", endpoint}, "no-such.yaml"},
		"a folder":               {[]string{"--spec", t.TempDir(), "--endpoint", endpoint}, "expected a file, got a folder"},
		"no document":            {of("Dear reader,\n"), "bad.yaml:1: expected an OpenAPI document"},
		"a list":                 {of("[1, 2]\n"), "bad.yaml:1: expected an OpenAPI document"},
		"not text":               {of("\x00\x01\x02"), "bad.yaml"},
		"version 3.2":            {of("openapi: 3.2.0\ninfo: {title: t, version: '1'}\npaths: {}\n"), "bad.yaml:1: openapi: "},
		"no operation":           {of(head + "paths: {}\n"), "bad.yaml: expected operations to judge a server by, got none"},
		"two names of it":        {append(with(), "--contract", "other.yaml"), "spec: expected one document, got another one with --contract"},
		"a fixture of nothing":   {with("--fixture", "petsId=7"), `fixture: expected the name of a parameter of the document or of a member of a body, or OPERATION.NAME, got "petsId", did you mean "petId"?`},
		"a fixture that is none": {with("--fixture", "petId"), "expected NAME=VALUE"},
		"fixtures of nothing":    {with("--fixtures", written(t, "ids.yaml", "petId: 7\nowner: 8\n")), `ids.yaml:2: unknown key "owner"`},
		"no scheme":              {with("--credential", "token="+markedKey), `credential: expected a security scheme of the document (key), got "token"`},
		"no credential":          {with("--credential", markedKey), "expected NAME=VALUE"},
		"an unset variable":      {with("--credential", "key=$PETS_NONE"), "credential: key: the variable $PETS_NONE is not set"},
		"an operation of none":   {with("--operation", "destroy*"), `operation: expected a pattern that matches an operation of the document, got "destroy*"`},
		"a pattern that is none": {with("--operation", "[a"), "expected a pattern such as 'list*'"},
		"a flag of the service":  {with("--graph-id", "g", "--upgrade-version", "2.2.9"), "--graph-id and --upgrade-version: are for the built-in contract"},
		"a plan":                 {with("--plan", "plan.json"), "plan: expected no --plan beside the --spec of a document that states no requirements"},
		"a shard":                {with("--shard", "0/2"), "shard: expected no --shard"},
		"targets":                {[]string{"--spec", spec, "--targets", "targets.yaml"}, "targets: expected no --targets"},
		"no document beside it":  {[]string{"--fixture", "petId=7"}, "--fixture: is for a document that states no requirements of its own; name one with --spec FILE"},
		"no credentials":         {with(), "no request could be sent: needs --credential key="},
		"nobody there":           {[]string{"--spec", spec, "--endpoint", "http://" + closedPort(t), "--credential", "key=" + markedKey}, "refuses connections"},
		"an address elsewhere":   {[]string{"--spec", spec, "--endpoint", "http://pets.example.com", "--credential", "key=" + markedKey}, "allow-http: pets.example.com is not a loopback address"},
		"a limit":                {with("--time", "0s"), "expected a duration above 0"},
		"nothing known":          {with("--expect", written(t, "known.yaml", "- requirement: upgrade.target-later\n  reason: a\n  ticket: b\n  expires: 2099-01-01\n")), "unknown requirement \"upgrade.target-later\""},
		"another's baseline":     {with("--baseline", t.TempDir()), "baseline: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := call(t, nil, append([]string{"run", "--recovery-timeout", "0s", "--quiet"}, tt.args...)...)
			if c.status != exitNotJudged {
				t.Errorf("expected status 2, got %d", c.status)
			}
			oneSentence(t, c, tt.want)
		})
	}
}

// A server of something else is not accused, and nothing is a success: nothing was judged.
func TestAnEndpointOfAnotherService(t *testing.T) {
	t.Parallel()
	status := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		advice string
	}{
		"nothing there":  {http.NotFound, "check --endpoint, with the path"},
		"a login":        {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) }, "check --endpoint"},
		"no credentials": {status(http.StatusUnauthorized), "check --credential"},
		"no rights":      {status(http.StatusForbidden), "check what the credentials permit"},
		"no such method": {status(http.StatusMethodNotAllowed), "check --endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tt.answer)
			defer server.Close()
			c := call(t, nil, petsArgs(t, server.URL, "--recovery-timeout", "0s", "-q")...)
			if c.status != exitNotJudged {
				t.Errorf("expected status 2, got %d: %s", c.status, c.stdout)
			}
			oneSentence(t, c, tt.advice)
		})
	}
}

// A document of gigabytes is not read.
func TestGigabytesAreNotRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "big.yaml")
	f, err := os.Create(path)
	if err == nil {
		err = f.Truncate(8 << 30) // a sparse file
	}
	if err != nil || f.Close() != nil {
		t.Skipf("no sparse files here: %v", err)
	}
	c := call(t, nil, "run", "--spec", path, "--endpoint", "http://127.0.0.1:1")
	if c.status != exitNotJudged || !strings.Contains(c.stderr, "MiB") {
		t.Errorf("expected status 2 and the limit, got %d: %s", c.status, c.stderr)
	}
	oneSentence(t, c, "big.yaml")
}

// What of a document cannot be used is said, and the rest is judged.
func TestNotesOnADocument(t *testing.T) {
	t.Parallel()
	answer := func(ref string) string { return "  schemas:\n    Other: {$ref: " + ref + "}" }
	for name, tt := range map[string]struct{ spec, want string }{
		"Swagger 2.0":       {written(t, "old.yaml", "swagger: '2.0'\ninfo: {title: t, version: '1'}\npaths: {/pets: {get: {operationId: listPets, responses: {'200': {description: ok}}}}}\n"), "converted to OpenAPI 3.0"},
		"nothing there":     {petsFile(t, "$ref: '#/components/schemas/Pet'", "$ref: '#/components/schemas/Dog'"), `this document has nothing at "#/components/schemas/Dog"`},
		"in a circle":       {petsFile(t, "  schemas:", answer("'#/components/schemas/Other'"), "#/components/schemas/Pet", "#/components/schemas/Other"), "leads to itself"},
		"out of the folder": {petsFile(t, "#/components/schemas/Pet", "../secret.yaml"), "leads out of it"},
		"over the network":  {petsFile(t, "#/components/schemas/Pet", "https://example.com/pet.yaml"), "nothing is read over the network"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listed := call(t, nil, "cases", "--spec", tt.spec)
			if listed.status != exitConforms || !strings.Contains(listed.stdout, "\nnote: ") || !strings.Contains(listed.stdout, tt.want) {
				t.Errorf("cases: status %d, expected %q in\n%s%s", listed.status, tt.want, listed.stdout, listed.stderr)
			}
			c := call(t, nil, "run", "--spec", tt.spec, "--endpoint", petsServer(t, ""), "--header", "X-Key: "+markedKey)
			if c.status != exitConforms || !strings.Contains(c.stdout, "\nnotes\n") || !strings.Contains(strings.Join(strings.Fields(c.stdout), " "), tt.want) {
				t.Errorf("run: status %d, expected %q in\n%s%s", c.status, tt.want, c.stdout, c.stderr)
			}
			plain(t, c)
		})
	}
}
