package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/services"
)

// petsDocument states no requirements of its own.
const petsDocument = `openapi: 3.0.3
info: {title: pets, version: 1.0.0}
components:
  schemas:
    Pet: {type: object, required: [id, name], properties: {id: {type: string}, name: {type: string}}}
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
security: [{key: []}]
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}
      responses:
        '200': {description: pets, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}}
        '400': {description: refused}
        '401': {description: no key}
  /pets/{petId}:
    get:
      operationId: showPet
      parameters:
        - {name: petId, in: path, required: true, schema: {type: string}}
      responses:
        '200': {description: a pet, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
        '401': {description: no key}
        '404': {description: none}
  /toys/{toyId}:
    get:
      operationId: showToy
      parameters:
        - {name: toyId, in: path, required: true, schema: {type: string}}
      responses:
        '200': {description: a toy}
        '401': {description: no key}
        '404': {description: none}
`

const markedKey = "MARKED-pets-key-0004"

// petsFile writes the document, changed by pairs of old and new texts, and returns its path.
func petsFile(t *testing.T, change ...string) string {
	t.Helper()
	return written(t, "pets.yaml", strings.NewReplacer(change...).Replace(petsDocument))
}

func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// petsServer serves pets. A wrong is something that it gets wrong: "limit" accepts any limit, "name" leaves
// out a required member, "key" takes any key, "forbidden" refuses every toy.
func petsServer(t *testing.T, wrong string) string {
	t.Helper()
	mux := http.NewServeMux()
	show := func(w http.ResponseWriter, status int, text string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}
	pet := `{"id":"p-7","name":"Rex"}`
	if wrong == "name" {
		pet = `{"id":"p-7"}`
	}
	mux.HandleFunc("GET /shop/pets", func(w http.ResponseWriter, r *http.Request) {
		if limit := r.URL.Query().Get("limit"); r.URL.Query().Has("limit") && wrong != "limit" {
			if n, err := strconv.Atoi(limit); err != nil || n < 1 || n > 100 {
				show(w, http.StatusBadRequest, `{}`)
				return
			}
		}
		show(w, http.StatusOK, "["+pet+"]")
	})
	mux.HandleFunc("GET /shop/pets/{petId}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("petId") != "p-7" {
			show(w, http.StatusNotFound, `{}`)
			return
		}
		show(w, http.StatusOK, pet)
	})
	mux.HandleFunc("GET /shop/toys/{toyId}", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case wrong == "forbidden":
			show(w, http.StatusForbidden, `{}`)
		case r.PathValue("toyId") != "t-1":
			show(w, http.StatusNotFound, `{}`)
		default:
			show(w, http.StatusOK, `{}`)
		}
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if key := r.Header.Get("X-Key"); key == "" || key != markedKey && wrong != "key" {
			show(w, http.StatusUnauthorized, `{}`)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/shop"
}

// petsArgs are the arguments of a run by the document.
func petsArgs(t *testing.T, endpoint string, more ...string) []string {
	return append([]string{"run", "--spec", petsFile(t), "--endpoint", endpoint, "--credential", "key=" + markedKey, "--fixture", "toyId=t-1"}, more...)
}

func TestRunByADocumentOfACorrectServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	spec, endpoint := petsFile(t), petsServer(t, "")
	c := call(t, nil, "run", "--spec", spec, "--endpoint", endpoint, "--header", "X-Key: "+markedKey, "--fixture", "toyId=t-1", "--output", dir)
	if c.status != exitConforms || c.stderr != "" {
		t.Fatalf("expected status 0, got %d: %s %s", c.status, c.stdout, c.stderr)
	}
	plain(t, c)
	for _, want := range []string{"plan: ", " cases against " + endpoint, "\n  ✓ conforms        showPet ", "\n  ✓ conforms        MUST    credentials.required"} {
		if !strings.Contains(c.stdout, want) {
			t.Errorf("expected %q in\n%s", want, c.stdout)
		}
	}
	if word := regexp.MustCompile(`(?i)\b(graph|upgrade|GES)\b`).FindString(strings.ReplaceAll(c.stdout, dir, "")); word != "" {
		t.Errorf("expected no word of the built-in contract's service, got %q in\n%s", word, c.stdout)
	}
	noSecret(t, dir, markedKey)
	again := call(t, nil, "judge", dir, "--spec", spec)
	if again.status != exitConforms || again.stderr != "" {
		t.Errorf("judge: status %d: %s %s", again.status, again.stdout, again.stderr)
	}
	if run := resultsIn(t, dir); run.Document == nil || run.Verdict != judge.Conforms {
		t.Errorf("got %+v", run.Document)
	}
}

// noSecret makes sure that no file of a folder has a secret.
func noSecret(t *testing.T, dir, secret string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 6 {
		t.Fatalf("expected the files of a run, got %v, %v", files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil || strings.Contains(string(text), secret) {
			t.Errorf("%s has a credential, or %v", f.Name(), err)
		}
	}
}

func TestRunByADocumentFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for wrong, want := range map[string]string{"name": "answer.schema", "key": "credentials.valid"} {
		t.Run(wrong, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c := call(t, nil, petsArgs(t, petsServer(t, wrong), "--output", dir)...)
			if c.status != exitDeviates || !strings.Contains(c.stdout, "\n  "+want+" (MUST) ") {
				t.Errorf("expected status 1 and %s, got %d: %s %s", want, c.status, c.stdout, c.stderr)
			}
			plain(t, c)
			noSecret(t, dir, markedKey)
		})
	}
}

// What is refused with the credentials that were given is no deviation, and the others are judged.
func TestCredentialsThatSomeOperationsRefuse(t *testing.T) {
	t.Parallel()
	c := call(t, nil, petsArgs(t, petsServer(t, "forbidden"))...)
	if c.status != exitNotJudged || !strings.Contains(c.stdout, "\n  ? error           showToy ") || !strings.Contains(c.stdout, "\n  ✓ conforms        showPet ") {
		t.Errorf("expected status 2 with showToy not judged, got %d: %s", c.status, c.stdout)
	}
	oneSentence(t, c, "could not judge: ", "credentials")
}

// Known deviations and a baseline are for a document as for any contract.
func TestKnownDeviationsByADocument(t *testing.T) {
	t.Parallel()
	endpoint, dir, expect := petsServer(t, "name"), t.TempDir(), filepath.Join(t.TempDir(), "known.yaml")
	first := call(t, nil, petsArgs(t, endpoint, "--output", dir, "--write-expect", expect)...)
	text, err := os.ReadFile(expect)
	if first.status != exitDeviates || err != nil || !strings.Contains(string(text), "requirement: answer.schema") {
		t.Fatalf("status %d: %s %v %s", first.status, first.stderr, err, text)
	}
	entry := "- requirement: answer.schema\n  reason: old\n  ticket: T-1\n  expires: 2099-01-01\n"
	known := call(t, nil, petsArgs(t, endpoint, "--expect", written(t, "known.yaml", entry))...)
	if known.status != exitConforms || !strings.Contains(known.stdout, "except for 1 known deviation") {
		t.Errorf("known: status %d: %s %s", known.status, known.stdout, known.stderr)
	}
	same := call(t, nil, petsArgs(t, endpoint, "--baseline", dir)...)
	mended := call(t, nil, petsArgs(t, petsServer(t, ""), "--baseline", dir, "--fail-on-change")...)
	if same.status != exitDeviates || !strings.Contains(same.stdout, "no difference") || mended.status != exitDeviates || !strings.Contains(mended.stdout, "answer.schema") {
		t.Errorf("baseline: status %d and %d: %s\n%s", same.status, mended.status, same.stdout, mended.stdout)
	}
	github := call(t, nil, petsArgs(t, endpoint, "--github")...)
	if n := strings.Count(github.stdout, "\n::error title=answer.schema"); github.status != exitDeviates || n != 1 {
		t.Errorf("github: status %d, expected one annotation, got %d: %s", github.status, n, github.stdout)
	}
}

// Limits end a run, and the report says what was left. It is judged again as it was.
func TestLimitsOfARunByADocument(t *testing.T) {
	t.Parallel()
	dir, spec := t.TempDir(), petsFile(t)
	c := call(t, nil, "run", "--spec", spec, "--endpoint", petsServer(t, ""), "--credential", "key="+markedKey, "--max-requests", "3", "--concurrency", "1", "--output", dir)
	run := resultsIn(t, dir)
	if len(run.Document.Unsent) == 0 || !strings.Contains(c.stdout, "not sent for --max-requests or --time: ") || run.CountExchanges() > 3 || c.status == exitConforms && !run.Partial {
		t.Errorf("status %d, %d exchanges: %s", c.status, run.CountExchanges(), c.stdout)
	}
	if again := call(t, nil, "judge", dir, "--spec", spec); again.status != c.status || strings.Contains(again.stderr, "expected") {
		t.Errorf("judge: status %d: %s", again.status, again.stderr)
	}
}

// A label filter picks cases by operation, place, requirement, level or risk.
func TestLabelFilterOfARunByADocument(t *testing.T) {
	t.Parallel()
	for filter, want := range map[string]string{
		"credentials && showPet": "GET /pets/{petId}: ", "query": "GET /pets: query limit", "value.refused && !GET || value.refused": "GET /pets: query limit: ",
	} {
		dir := t.TempDir()
		args := petsArgs(t, petsServer(t, ""), "--label-filter", filter, "--output", dir)
		c := call(t, nil, args...)
		run := resultsIn(t, dir)
		if c.status != exitConforms || !run.Partial || len(run.Cases) == 0 || len(run.Cases) != run.Plan.Cases {
			t.Errorf("%q: status %d, %d cases: %s %s", filter, c.status, len(run.Cases), c.stdout, c.stderr)
		}
		for _, k := range run.Cases {
			if !strings.Contains(k.Case, want) {
				t.Errorf("%q: got the case %q", filter, k.Case)
			}
		}
		if again := call(t, nil, "judge", dir, "--spec", args[2]); again.status != exitConforms {
			t.Errorf("%q: judge: status %d: %s", filter, again.status, again.stderr)
		}
	}
	none := call(t, nil, petsArgs(t, petsServer(t, ""), "--label-filter", "nothing")...)
	oneSentence(t, none, `label-filter "nothing": selects none of `)
	if none.status != exitNotJudged {
		t.Errorf("expected status 2, got %d", none.status)
	}
}

func TestDryRunByADocumentSendsNothing(t *testing.T) {
	t.Parallel()
	sent := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { sent++ }))
	defer server.Close()
	c := call(t, nil, petsArgs(t, server.URL, "--dry-run")...)
	if c.status != exitConforms || sent > 0 || !strings.Contains(c.stdout, "plan: ") || !strings.Contains(c.stdout, "GET /pets: plain") {
		t.Errorf("status %d, %d requests: %s %s", c.status, sent, c.stdout, c.stderr)
	}
}

// A variable of a run of the built-in contract does not disturb one by a document, and its credentials
// are not sent.
func TestVariablesOfTheOtherContract(t *testing.T) {
	t.Parallel()
	environ := []string{"GESCONFORM_TOKEN=" + markedToken, "GESCONFORM_GRAPH_ID=g", "PETS_KEY=" + markedKey}
	c := call(t, environ, "run", "--spec", petsFile(t), "--endpoint", petsServer(t, ""), "--credential", "key=$PETS_KEY", "--fixture", "toyId=t-1", "-q")
	if c.status != exitConforms {
		t.Errorf("status %d: %s %s", c.status, c.stdout, c.stderr)
	}
	loud := call(t, environ, "run", "--spec", petsFile(t), "--endpoint", petsServer(t, ""), "--credential", "key=$PETS_KEY", "--fixture", "toyId=t-1")
	if !strings.Contains(loud.stderr, "warning: ignored: graph-id and token: are for the built-in contract") {
		t.Errorf("expected a warning, got %q", loud.stderr)
	}
	plain(t, loud)
}

func TestDocumentFromAURL(t *testing.T) {
	t.Parallel()
	document := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/openapi.yaml" {
			http.NotFound(w, r)
			return
		}
		text, _ := os.ReadFile(petsFile(t))
		_, _ = w.Write(text)
	}))
	defer document.Close()
	c := call(t, nil, "cases", "--spec", document.URL+"/openapi.yaml")
	if c.status != exitConforms || !strings.Contains(c.stdout, "showToy, GET /toys/{toyId}") {
		t.Errorf("status %d: %s %s", c.status, c.stdout, c.stderr)
	}
	for spec, want := range map[string]string{
		document.URL + "/none":              "got 404 Not Found",
		"https://pets.example.com/api.yaml": "expected a file, or a URL on a loopback address, got https://pets.example.com/api.yaml",
		"http://127.0.0.1.example.com/a":    "expected a file, or a URL on a loopback address",
	} {
		c := call(t, nil, "cases", "--spec", spec)
		oneSentence(t, c, want)
		if c.status != exitNotJudged {
			t.Errorf("%s: expected status 2, got %d", spec, c.status)
		}
	}
}

// What a run makes it deletes, and made.jsonl says so as it happens.
func TestRunByADocumentMakesAndDeletes(t *testing.T) {
	t.Parallel()
	all := services.All()
	workshop := all[slices.IndexFunc(all, func(s *services.Service) bool { return s.Name == "workshop" })]
	server := httptest.NewServer(workshop.New("", 1))
	defer server.Close()
	dir, spec := t.TempDir(), written(t, "workshop.yaml", string(workshop.Document))
	args := []string{"run", "--spec", spec, "--endpoint", server.URL, "--risk", "destructive", "--operation", "*Bike", "--output", dir}
	for scheme, value := range workshop.Credentials {
		args = append(args, "--credential", scheme+"="+value)
	}
	c := call(t, nil, args...)
	run := resultsIn(t, dir)
	if c.status != exitConforms || len(run.Document.Left) > 0 {
		t.Fatalf("status %d, left %q: %s %s", c.status, run.Document.Left, c.stdout, c.stderr)
	}
	text, err := os.ReadFile(filepath.Join(dir, "made.jsonl"))
	made, deleted := strings.Count(string(text), "\n")-strings.Count(string(text), `"deleted":true`), strings.Count(string(text), `"deleted":true`)
	if err != nil || made == 0 || made != deleted {
		t.Errorf("expected that all that was made is deleted, got %d and %d, %v", made, deleted, err)
	}
	for _, value := range workshop.Credentials {
		noSecret(t, dir, value)
	}
	if again := call(t, nil, "judge", dir, "--spec", spec); again.status != exitConforms {
		t.Errorf("judge: status %d: %s", again.status, again.stderr)
	}
}

// A run that is interrupted reports what it has done, and that can be judged again.
func TestInterruptedRunByADocument(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) > 2 {
			interrupt()
			<-r.Context().Done()
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `[{"id":"p-7","name":"Rex"}]`)
	}))
	defer server.Close()
	dir, args := t.TempDir(), petsArgs(t, server.URL, "--concurrency", "1")
	if c := callIn(ctx, t, nil, append(args, "--output", dir)...); c.status != exitInterrupted || !strings.Contains(c.stdout, "(interrupted)\n") {
		t.Errorf("expected status 130 and a report, got %d: %s %s", c.status, c.stdout, c.stderr)
	}
	if run := resultsIn(t, dir); !run.Interrupted {
		t.Errorf("expected that the results say so, got %s", run.Headline)
	}
	again := call(t, nil, "judge", dir, "--spec", args[2])
	if !strings.Contains(again.stdout, "(interrupted)\n") || strings.Contains(again.stderr, "results.json:") {
		t.Errorf("judge: status %d: %s %s", again.status, again.stdout, again.stderr)
	}
}
