package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/services"
)

// A groundless is a document with what a run of it is given.
type groundless struct {
	document string
	given    []string
}

// documentsWithoutGround are documents of several makes: with credentials or without, refusals with a schema that hardly an
// answer fits, and refusals that are not listed.
func documentsWithoutGround() map[string]groundless {
	const open = `openapi: 3.0.3
info: {title: open, version: 1.0.0}
paths:
  /notes:
    get:
      responses:
        '200': {description: notes, content: {application/json: {schema: {type: array, items: {type: string}}}}}
        default: {description: refused, content: {application/problem+json: {schema: {type: object, required: [title], properties: {title: {type: string}}}}}}
`
	strict := strings.NewReplacer(
		"'401': {description: no key}", "'401': {description: no key, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}",
		"'404': {description: none}", "'404': {description: none, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}\n        '403': {$ref: '#/components/responses/No'}",
		"components:\n", "components:\n  responses: {No: {description: no, headers: {X-Why: {required: true, schema: {type: string}}}}}\n").Replace(petsDocument)
	key := []string{"--credential", "key=" + markedKey, "--fixture", "toyId=t-1", "--fixture", "petId=p-7"}
	all := map[string]groundless{"open": {open, nil}, "pets": {petsDocument, key}, "strict pets": {strict, key}}
	for _, s := range services.All() {
		var given []string
		for scheme, value := range s.Credentials {
			given = append(given, "--credential", scheme+"="+value)
		}
		all[s.Name] = groundless{string(s.Document), given}
	}
	return all
}

// What answers every request in the same way, and passes none, is not the server of the document, or does not know the
// credentials: whatever the answer looks like, that is no deviation, and the sentence says what to do.
func TestNothingPasses(t *testing.T) {
	t.Parallel()
	const page = "<!DOCTYPE html><title>Sign in</title>"
	bodies := map[string][2]string{
		"none": {}, "another object": {"application/json", `{"oops":[1]}`}, "a page": {"text/html; charset=utf-8", page},
		"no JSON": {"application/json", "<oops>"},
	}
	if os.Getenv("GESCONFORM_TEST_ALL") == "" {
		bodies = map[string][2]string{"another object": bodies["another object"], "a page": bodies["a page"]}
	}
	statuses := map[int]string{
		400: "check --endpoint", 401: "check --credential", 403: "check what the credentials permit", 404: "check --endpoint", 405: "check --endpoint",
		407: "a proxy wants credentials", 410: "check --endpoint", 418: "check --endpoint", 429: "try again later", 302: "redirects are not followed", 308: "redirects are not followed",
		502: "is up", 503: "is up", 504: "is up", 511: "the network wants a login", 521: "is up",
	}
	for name, d := range documentsWithoutGround() {
		spec := written(t, "document.yaml", d.document)
		for status, advice := range statuses {
			for what, body := range bodies {
				t.Run(fmt.Sprintf("%s, %d, %s", name, status, what), func(t *testing.T) {
					t.Parallel()
					isNotJudged(t, spec, d.given, status, body, advice)
				})
			}
		}
		t.Run(name+", a page for everything", func(t *testing.T) {
			t.Parallel()
			isNotJudged(t, spec, d.given, 200, bodies["a page"], "check --endpoint")
		})
	}
}

func isNotJudged(t *testing.T, spec string, given []string, status int, body [2]string, advice string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if w.Header().Set("Location", "/login"); body[0] != "" {
			w.Header().Set("Content-Type", body[0])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body[1])
	}))
	defer server.Close()
	c := call(t, nil, append([]string{"run", "--spec", spec, "--endpoint", server.URL}, given...)...)
	if c.status != exitNotJudged || !strings.Contains(c.stdout, "\ncould not judge: ") {
		t.Errorf("expected status 2, got %d: %s", c.status, c.stdout)
	}
	oneSentence(t, c, "no plain request has passed: ", advice)
}

// What the server does itself is held against it, whether or not anything passes: each operation broken in a way of
// its own, or failing. What it says to credentials of which nothing is known is not.
func TestWhatIsTheServersOwn(t *testing.T) {
	t.Parallel()
	all := documentsWithoutGround()
	withHealth := all["strict pets"]
	withHealth.document = strings.Replace(withHealth.document, "paths:\n", "paths:\n  /health:\n    get: {security: [], responses: {'200': {description: up}}}\n", 1)
	oops := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if r.URL.Path != "/health" {
				w.WriteHeader(status)
			}
			_, _ = io.WriteString(w, `{"oops":[1]}`)
		}
	}
	for name, tt := range map[string]struct {
		of     groundless
		answer http.HandlerFunc
		want   int
		says   string
	}{
		"a wrong body for everything":      {all["strict pets"], oops(200), exitDeviates, "answer.schema (MUST)"},
		"a status of success of its own":   {all["open"], oops(207), exitDeviates, "answer."},
		"fails":                            {all["strict pets"], oops(500), exitDeviates, "500 Internal Server Error"},
		"refuses all":                      {all["strict pets"], oops(401), exitNotJudged, "answer.schema by GET /pets: plain"},
		"only its health needs no key":     {withHealth, oops(401), exitNotJudged, "credentials: the server refuses key"},
		"only its health, and it forbids":  {withHealth, oops(403), exitNotJudged, "credentials: the server refuses key"},
		"only its health, and it is lost":  {withHealth, oops(407), exitNotJudged, "407 Proxy Authentication Required"},
		"only its health, and it is moved": {withHealth, oops(302), exitNotJudged, "302 Found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tt.answer)
			defer server.Close()
			spec, dir := written(t, "document.yaml", tt.of.document), t.TempDir()
			c := call(t, nil, append([]string{"run", "--spec", spec, "--endpoint", server.URL, "--output", dir}, tt.of.given...)...)
			if c.status != tt.want || !strings.Contains(c.stdout, tt.says) {
				t.Errorf("expected status %d and %q, got %d: %s", tt.want, tt.says, c.status, c.stdout)
			}
			if again := call(t, nil, "judge", dir, "--spec", spec); again.status != c.status || !strings.Contains(again.stdout, tt.says) {
				t.Errorf("judged again: expected status %d, got %d: %s", c.status, again.status, again.stderr)
			}
		})
	}
}

// A credential that the server refuses where it accepts another of the document is not proved: the run ends with 2 and
// a sentence, the operations are judged with the other one, and so they are when the run is judged again.
func TestOneOfTwoCredentialsIsRefused(t *testing.T) {
	t.Parallel()
	const token = "MARKED-token-0007"
	spec := petsFile(t, "security: [{key: []}]", "security: [{token: []}, {key: []}]", "  securitySchemes:\n", "  securitySchemes:\n    token: {type: openIdConnect, openIdConnectUrl: 'https://example.com'}\n")
	for name, tt := range map[string]struct {
		wrong string
		want  int
	}{"a correct server": {"", exitNotJudged}, "one that takes any key": {"key", exitDeviates}} {
		dir := t.TempDir()
		c := call(t, nil, "run", "--spec", spec, "--endpoint", petsServer(t, tt.wrong), "--credential", "key="+markedKey, "--credential", "token="+token, "--fixture", "toyId=t-1", "--output", dir)
		if c.status != tt.want || !strings.Contains(c.stdout, "credentials: token not proved: the server refuses it for GET /pets, GET /toys/{toyId}, GET /pets/{petId} (401 Unauthorized)") {
			t.Errorf("%s: expected status %d and a note, got %d: %s", name, tt.want, c.status, c.stdout)
		}
		if tt.want == exitNotJudged {
			oneSentence(t, c, "could not judge: ", "credentials: the plain request with token did not pass")
		}
		for _, k := range resultsIn(t, dir).Cases {
			own := strings.Contains(k.Case, "credentials token")
			if own && k.Verdict != judge.Error || !own && !k.Verdict.Exercised() {
				t.Errorf("%s: %s: got %s %s", name, k.Case, k.Verdict, k.Reason)
			}
		}
		noSecret(t, dir, markedKey)
		noSecret(t, dir, token)
		again := call(t, nil, "judge", dir, "--spec", spec)
		if again.status != c.status || strings.Count(again.stdout, "token not proved") != strings.Count(c.stdout, "token not proved") {
			t.Errorf("%s: judged again: status %d: %s %s", name, again.status, again.stdout, again.stderr)
		}
	}
}
