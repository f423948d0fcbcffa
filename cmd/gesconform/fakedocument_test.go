package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/fakedocument"
	"github.com/gesconform/gesconform/internal/selftest/services"
)

// documentsToServe are documents of different make, by name.
func documentsToServe(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{"shelf": shelfDocument, "pets": petsDocument, "books": booksDocument(t)}
	for _, s := range services.All() {
		all[s.Name] = string(s.Document)
	}
	return all
}

// booksDocument is the document of the guide.
func booksDocument(t *testing.T) string { t.Helper(); return guideBlock(t, "## Five minutes", "yaml") }

// guideBlock returns the first block of a kind below a line of the guide.
func guideBlock(t *testing.T, below, kind string) string {
	t.Helper()
	_, rest, _ := strings.Cut(read(t, filepath.Join("..", "..", "docs", "any-document.md")), below+"\n")
	_, rest, _ = strings.Cut(rest, "```"+kind+"\n")
	block, _, found := strings.Cut(rest, "```\n")
	if !found {
		t.Fatalf("expected a block of %s below %q, got none", kind, below)
	}
	return block
}

// The guide shows what the fake says.
func TestGuideToTheFakeOfADocument(t *testing.T) {
	t.Parallel()
	const section = "## A server of the document"
	folder := t.TempDir()
	write(t, filepath.Join(folder, "books.yaml"), booksDocument(t))
	_, stdout, stderr := started(t, folder, strings.Fields(guideBlock(t, section, "sh"))[1:]...)
	credential := regexp.MustCompile(`fake-[0-9a-f]{24}`)
	for _, want := range strings.Split(strings.TrimSpace(guideBlock(t, section, "text")), "\n") {
		got, err := stdout.ReadString('\n')
		if got = credential.ReplaceAllString(strings.TrimSpace(got), "fake-CREDENTIAL"); strings.HasPrefix(want, "http://") {
			got = want
		}
		if err != nil || got != want {
			t.Fatalf("expected %q, got %q, %v: %s", want, got, err, stderr)
		}
	}
}

// What judges servers finds nothing wrong with a fake of any document, whatever it may send.
func TestAFakeOfADocumentConforms(t *testing.T) {
	t.Parallel()
	for name, document := range documentsToServe(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := written(t, name+".yaml", document)
			c, err := contract.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			fake, err := fakedocument.New(fakedocument.Options{Contract: c, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range fake.Unserved() {
				t.Errorf("%s is not served: %s", u.Operation, u.Reason)
			}
			server := httptest.NewServer(kinJudged(t, c, document, fake))
			defer server.Close()
			args := []string{"run", "--spec", path, "--endpoint", server.URL, "--risk", "destructive", "--seed", "1"}
			for scheme, value := range fake.Credentials() {
				args = append(args, "--credential", scheme+"="+value)
			}
			for _, f := range fake.Fixtures() {
				args = append(args, "--fixture", f.Name+"="+f.Value)
			}
			got := call(t, nil, args...)
			if got.status != exitConforms || strings.Contains(got.stdout, " advisory ") {
				t.Errorf("expected it to conform, got %d: %s\n%s", got.status, got.stdout, got.stderr)
			}
		})
	}
}

// kinJudged has kin-openapi judge each answer of a server.
func kinJudged(t *testing.T, c *contract.Contract, document string, next http.Handler) http.Handler {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		if op, _, _ := c.Find(r.Method, r.URL.EscapedPath()); op != nil {
			item := doc.Paths.Value(op.Path)
			o := item.GetOperation(op.Method)
			input := &openapi3filter.ResponseValidationInput{
				RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: &routers.Route{Spec: doc, Path: op.Path, PathItem: item, Method: op.Method, Operation: o}},
				Status:                 answer.Code, Header: answer.Header(), Body: io.NopCloser(bytes.NewReader(answer.Body.Bytes())),
				Options: &openapi3filter.Options{IncludeResponseStatus: true, ExcludeResponseBody: r.Method == http.MethodHead || answer.Code == http.StatusNoContent},
			}
			unlisted := answer.Code >= 400 && o.Responses.Status(answer.Code) == nil && o.Responses.Default() == nil
			if err := openapi3filter.ValidateResponse(r.Context(), input); err != nil && !unlisted {
				t.Errorf("%s %s: %d %.300s: %v", r.Method, r.URL, answer.Code, answer.Body, err)
			}
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()) // a run that has gone does not matter
	})
}

// What the fake says when it starts is what a run needs.
func TestFakeOfADocumentSaysWhatARunNeeds(t *testing.T) {
	t.Parallel()
	spec := petsFile(t)
	command, stdout, stderr := started(t, t.TempDir(), "fake", "--spec", spec, "--seed", "3")
	var args []string
	endpoint, err := stdout.ReadString('\n')
	for line := ""; err == nil && !strings.HasPrefix(line, "has: --fixture toyId="); {
		line, err = stdout.ReadString('\n')
		if _, flag, found := strings.Cut(strings.TrimSpace(line), ": --"); found {
			args = append(args, strings.Fields("--"+flag)...)
		}
	}
	if err != nil || len(args) != 6 || args[2] != "--fixture" {
		t.Fatalf("expected credentials and two ids, got %q, %v: %s", args, err, stderr)
	}
	got := call(t, nil, append([]string{"run", "--spec", spec, "--endpoint", strings.TrimSpace(endpoint)}, args...)...)
	if got.status != exitConforms || !strings.Contains(got.stdout, "\n  ✓ conforms        showToy ") {
		t.Errorf("expected it to conform, got %d: %s %s", got.status, got.stdout, got.stderr)
	}
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if status := statusOf(t, command, stdout); status != exitConforms || stderr.Len() > 0 {
		t.Errorf("expected status 0 and no word, got %d: %s", status, stderr)
	}
}

func TestFakeOfADocumentRefusesFlags(t *testing.T) {
	t.Parallel()
	spec := petsFile(t)
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"--env-file", "fake.env", "--defect", "none"}, "--env-file and --defect: are for the fake Graph Engine Service, which is served without --spec"},
		{[]string{"--upgrade-time", "1s"}, "--upgrade-time: is for the fake Graph Engine Service"},
		{[]string{"--addr", "nowhere"}, "serve on nowhere: "},
		{[]string{"--tls-cert", "c.pem"}, "expected --tls-key with --tls-cert"},
	} {
		c := call(t, nil, append([]string{"fake", "--spec", spec}, tt.args...)...)
		if c.status != exitNotJudged || !strings.Contains(c.stderr, tt.says) || c.stdout != "" {
			t.Errorf("%q: expected status 2 and %q, got %d %q %s", tt.args, tt.says, c.status, c.stdout, c.stderr)
		}
	}
	for file, says := range map[string]string{
		filepath.Join("..", "..", "openapi.yaml"):                                                 "expected a document that states no requirements of its own",
		written(t, "none.yaml", "openapi: 3.0.3\ninfo: {title: none, version: '1'}\npaths: {}\n"): "expected operations that can be served, got none",
	} {
		if c := call(t, nil, "fake", "--spec", file); c.status != exitNotJudged || !strings.Contains(c.stderr, says) {
			t.Errorf("%s: expected status 2 and %q, got %d %s", file, says, c.status, c.stderr)
		}
	}
}
