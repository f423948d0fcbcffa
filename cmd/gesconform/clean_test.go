package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const shelfDocument = `openapi: 3.0.3
info: {title: shelf, version: 1.0.0}
components:
  schemas:
    Book: {type: object, required: [id, title], properties: {id: {type: string, readOnly: true}, title: {type: string, minLength: 1, maxLength: 40}}}
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
security: [{key: []}]
paths:
  /books:
    post:
      operationId: addBook
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
      responses:
        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
        '400': {description: refused}
        '401': {description: no key}
  /books/{bookId}:
    parameters: [{name: bookId, in: path, required: true, schema: {type: string, pattern: '^b-[0-9]+$'}}]
    get:
      operationId: showBook
      responses:
        '200': {description: a book, content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
        '400': {description: refused}
        '401': {description: no key}
        '404': {description: none}
    delete:
      operationId: deleteBook
      responses: {'204': {description: gone}, '400': {description: refused}, '401': {description: no key}, '404': {description: none}}
`

// pagesDocument has pages of books, too.
const pagesDocument = shelfDocument + `  /books/{bookId}/pages:
    parameters: [{name: bookId, in: path, required: true, schema: {type: string, pattern: '^b-[0-9]+$'}}]
    post:
      operationId: addPage
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
      responses:
        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
        '400': {description: refused}
        '401': {description: no key}
        '404': {description: no such book}
  /books/{bookId}/pages/{pageId}:
    parameters:
      - {name: bookId, in: path, required: true, schema: {type: string, pattern: '^b-[0-9]+$'}}
      - {name: pageId, in: path, required: true, schema: {type: string, pattern: '^b-[0-9]+$'}}
    get: {operationId: showPage, responses: {'200': {description: a page}, '401': {description: no key}, '404': {description: none}}}
    delete: {operationId: deletePage, responses: {'204': {description: gone}, '401': {description: no key}, '404': {description: none}}}
`

const shelfKey = "MARKED-shelf-key-0007"

// A shelf keeps books, and their pages by paths. Once it has made as many as it holds after, it answers no creation until it
// is told to.
type shelf struct {
	mu      sync.Mutex
	books   map[string]string // titles by id
	made    int
	deleted []string
	refuse  bool // deletions
	held    chan struct{}
	release chan struct{}
	after   int // 0 for never
}

func newShelf(t *testing.T, after int) (*shelf, string) {
	t.Helper()
	s := &shelf{books: map[string]string{"b-1": "not of the run"}, made: 1, after: after, held: make(chan struct{}, 1), release: make(chan struct{})}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(s.release) }) // before the server is closed, which waits for its requests
	return s, server.URL
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, body := s.answer(r)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if status != http.StatusNoContent {
		fmt.Fprint(w, body)
	}
}

func (s *shelf) answer(r *http.Request) (status int, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := strings.TrimPrefix(r.URL.Path, "/books/")
	if r.Method == http.MethodPost { // what it will begin with
		id = strings.TrimPrefix(r.URL.Path+"/", "/books/")
	}
	title, there := s.books[id]
	switch {
	case r.Header.Get("X-Key") != shelfKey:
		return 401, `{}`
	case r.Method == http.MethodPost:
		var book struct{ ID, Title any }
		if err := json.NewDecoder(r.Body).Decode(&book); err != nil {
			return 400, `{}`
		}
		title, isText := book.Title.(string)
		if !isText || title == "" || len(title) > 40 {
			return 400, `{}`
		}
		if s.after > 0 && s.made > s.after {
			s.held <- struct{}{}
			s.mu.Unlock()
			<-s.release
			s.mu.Lock()
		}
		s.made++
		own := fmt.Sprintf("b-%d", s.made)
		s.books[id+own] = title
		id = own
		return 201, fmt.Sprintf(`{"id":%q,"title":%q}`, id, title)
	case !there:
		return 404, `{}`
	case r.Method == http.MethodDelete && (s.refuse || s.hasPages(id)):
		return 409, `{}`
	case r.Method == http.MethodDelete:
		delete(s.books, id)
		s.deleted = append(s.deleted, id)
		return 204, ``
	}
	return 200, fmt.Sprintf(`{"id":%q,"title":%q}`, id, title)
}

func (s *shelf) hasPages(id string) bool {
	for other := range s.books {
		if strings.HasPrefix(other, id+"/") {
			return true
		}
	}
	return false
}

// killed runs against a shelf until a creation is held, kills the run there, and returns the output folder.
func killed(t *testing.T, s *shelf, spec, endpoint string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "report")
	command, _, stderr := started(t, t.TempDir(), "run", "--spec", spec, "--endpoint", endpoint, "--credential", "key="+shelfKey, "--risk", "destructive", "--concurrency", "1", "--output", dir)
	ended := make(chan struct{})
	go func() { _ = command.Wait(); close(ended) }()
	select {
	case <-s.held:
	case <-ended:
		t.Fatalf("expected a creation to be held, got the end of the run: %s", stderr)
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended
	return dir
}

// What a run has made by the time it is killed is deleted later, and nothing else.
func TestCleanAfterAKill(t *testing.T) {
	t.Parallel()
	spec := written(t, "shelf.yaml", shelfDocument)
	s, endpoint := newShelf(t, 1)
	dir := killed(t, s, spec, endpoint)
	clean := []string{"clean", dir, "--spec", spec, "--endpoint", endpoint, "--credential", "key=" + shelfKey}

	c := call(t, nil, append(clean, "--dry-run")...)
	if c.status != exitConforms || !strings.HasPrefix(c.stdout, "would delete /books/b-2, made ") || strings.Count(c.stdout, "\n") != 1 || len(s.deleted) > 0 {
		t.Errorf("--dry-run: expected one book and no request, got %d %q %s, deleted %q", c.status, c.stdout, c.stderr, s.deleted)
	}
	again := call(t, nil, "run", "--spec", spec, "--endpoint", endpoint, "--credential", "key="+shelfKey, "--output", dir, "--force")
	if again.status != exitNotJudged || !strings.Contains(again.stderr, "has left 1 thing that `gesconform clean` deletes") {
		t.Errorf("a run into the same folder: expected it to be refused, got %d %s", again.status, again.stderr)
	}
	s.refuse = true
	c = call(t, nil, clean...)
	for _, want := range []string{"not deleted: /books/b-2: the answer is 409 Conflict\n", "\ncurl -sS -i -X DELETE '" + endpoint + "/books/b-2' -H \"X-Key: $GESCONFORM_CREDENTIAL_KEY\"\n"} {
		if c.status != exitNotJudged || !strings.Contains(c.stdout, want) || strings.Contains(c.stdout+c.stderr, shelfKey) {
			t.Errorf("refused: expected status 2 and %q, got %d %s %s", want, c.status, c.stdout, c.stderr)
		}
	}
	s.refuse = false
	c = call(t, nil, clean...)
	if c.status != exitConforms || c.stdout != "deleted /books/b-2: 204\n" || !slices.Equal(s.deleted, []string{"b-2"}) {
		t.Errorf("expected the book of the run to be deleted, got %d %q %s, deleted %q", c.status, c.stdout, c.stderr, s.deleted)
	}
	c = call(t, nil, clean...)
	if c.status != exitConforms || !strings.HasPrefix(c.stdout, "nothing is left") || len(s.deleted) != 1 {
		t.Errorf("again: expected nothing to be left, got %d %q %s", c.status, c.stdout, c.stderr)
	}
}

// A journal that others have written deletes nothing but what the document deletes at the endpoint of the run.
func TestCleanRefuses(t *testing.T) {
	t.Parallel()
	spec := written(t, "shelf.yaml", shelfDocument)
	s, endpoint := newShelf(t, 1)
	dir := killed(t, s, spec, endpoint)
	own := read(t, filepath.Join(dir, "made.jsonl"))
	for _, tt := range []struct{ name, old, with, says string }{
		{"another endpoint", "", "", "expected the endpoint of the run, " + endpoint},
		{"a URL elsewhere", `"url":"` + endpoint, `"url":"http://192.0.2.1`, "expected only what is below " + endpoint},
		{"another path", "/books/b-2", "/books/b-1", "expected /books/b-1 to be what deleteBook of the document deletes"},
		{"a path that turns", "b-2", "..", "expected /books/.. to be what deleteBook"},
		{"another operation", "deleteBook", "addBook", "expected /books/b-2 to be what addBook"},
		{"made by a read", "addBook", "showBook", `expected an operation of the document that makes /books/b-2, got "showBook"`},
		{"no JSON", "{", "", "made.jsonl: read what was made: line 1"},
	} {
		journal := own
		if tt.old != "" {
			journal = strings.ReplaceAll(own, tt.old, tt.with) + own
		}
		write(t, filepath.Join(dir, "made.jsonl"), journal)
		to := endpoint
		if tt.old == "" {
			to = "http://127.0.0.1:1"
		}
		c := call(t, nil, "clean", dir, "--spec", spec, "--endpoint", to, "--credential", "key="+shelfKey)
		if c.status != exitNotJudged || !strings.Contains(c.stderr, tt.says) || len(s.deleted) > 0 {
			t.Errorf("%s: expected status 2 and %q, got %d %s %s, deleted %q", tt.name, tt.says, c.status, c.stdout, c.stderr, s.deleted)
		}
	}
	write(t, filepath.Join(dir, "made.jsonl"), own+`{"by":"addBo`) // as a killed run leaves it
	if c := call(t, nil, "clean", dir, "--spec", spec, "--endpoint", endpoint, "--credential", "key="+shelfKey); c.status != exitConforms {
		t.Errorf("a last line that is not whole: got %d %s", c.status, c.stderr)
	}
	if lines := strings.Split(strings.TrimSpace(read(t, filepath.Join(dir, "made.jsonl"))), "\n"); len(lines) != 2 || !json.Valid([]byte(lines[1])) || !strings.Contains(lines[1], `"deleted":true`) {
		t.Errorf("expected the deletion behind what was made, got %q", lines)
	}
}

// After a kill, what belongs to something is deleted before that.
func TestCleanDeletesWhatBelongsToSomethingFirst(t *testing.T) {
	t.Parallel()
	spec := written(t, "pages.yaml", pagesDocument)
	s, endpoint := newShelf(t, 2)
	dir := killed(t, s, spec, endpoint)
	c := call(t, nil, "clean", dir, "--spec", spec, "--endpoint", endpoint, "--credential", "key="+shelfKey)
	if want := "b-2/pages/b-3 b-2"; c.status != exitConforms || strings.Join(s.deleted, " ") != want {
		t.Errorf("expected %s to be deleted, got %d %s %s, deleted %q", want, c.status, c.stdout, c.stderr, s.deleted)
	}
	if len(s.books) != 1 {
		t.Errorf("expected the one book that is not of the run, got %v", s.books)
	}
}

// A run that ends by itself has deleted what it made, and its journal says so.
func TestARunKeepsAJournal(t *testing.T) {
	t.Parallel()
	spec, dir := written(t, "shelf.yaml", shelfDocument), filepath.Join(t.TempDir(), "report")
	s, endpoint := newShelf(t, 0)
	c := call(t, nil, "run", "--spec", spec, "--endpoint", endpoint, "--credential", "key="+shelfKey, "--risk", "destructive", "--output", dir)
	text, err := os.ReadFile(filepath.Join(dir, "made.jsonl"))
	if err != nil || len(s.deleted) == 0 || strings.Count(string(text), `"deleted":true`) != len(s.deleted) || strings.Count(string(text), "\n") != 2*len(s.deleted) {
		t.Errorf("expected each of %d books with its deletion, got %s, %v: %d %s %s", len(s.deleted), text, err, c.status, c.stdout, c.stderr)
	}
	if c := call(t, nil, "clean", dir, "--spec", spec, "--endpoint", endpoint); c.status != exitConforms || !strings.HasPrefix(c.stdout, "nothing is left") {
		t.Errorf("expected nothing to be left, got %d %s %s", c.status, c.stdout, c.stderr)
	}
	if c := call(t, nil, "judge", dir, "--spec", spec); strings.Contains(c.stderr, "made.jsonl") {
		t.Errorf("judge: got %s", c.stderr)
	}
}

// What no operation deletes is listed once, and does not keep a run out of the folder: nothing could ever let it in.
func TestCleanWhereNothingDeletes(t *testing.T) {
	t.Parallel()
	document, _, _ := strings.Cut(shelfDocument, "    delete:\n")
	spec, dir := written(t, "shelf.yaml", document), filepath.Join(t.TempDir(), "report")
	_, endpoint := newShelf(t, 0)
	run := []string{"run", "--spec", spec, "--endpoint", endpoint, "--credential", "key=" + shelfKey, "--risk", "destructive", "--output", dir, "--force"}
	call(t, nil, run...)
	c := call(t, nil, "clean", dir, "--spec", spec, "--endpoint", endpoint, "--credential", "key="+shelfKey)
	if c.status != exitNotJudged || strings.Count(c.stdout, "/books/b-2, which no operation deletes\n") != 1 || strings.Contains(c.stdout, "not deleted") {
		t.Errorf("expected each book once, got %d\n%s%s", c.status, c.stdout, c.stderr)
	}
	if c := call(t, nil, run...); strings.Contains(c.stderr, "has left") {
		t.Errorf("expected the folder to be replaced, got %d %s", c.status, c.stderr)
	}
}

// What the run has perhaps not made is named, with a line that deletes it, and nothing else is done to it.
func TestCleanLeavesWhatIsDoubtful(t *testing.T) {
	t.Parallel()
	spec := written(t, "shelf.yaml", shelfDocument)
	s, endpoint := newShelf(t, 1)
	dir := killed(t, s, spec, endpoint)
	own := read(t, filepath.Join(dir, "made.jsonl"))
	write(t, filepath.Join(dir, "made.jsonl"), own+strings.ReplaceAll(own, `"at":`, `"doubt":"the answer is 200, and shows nothing","at":`))
	c := call(t, nil, "clean", dir, "--spec", spec, "--endpoint", endpoint, "--credential", "key="+shelfKey)
	want := "may have been made by addBook (the answer is 200, and shows nothing), look before you delete it: curl -sS -i -X DELETE '" + endpoint + "/books/b-2'"
	if c.status != exitNotJudged || !strings.Contains(c.stdout, want) || len(s.deleted) > 0 {
		t.Errorf("expected status 2 and %q, got %d %s %s, deleted %q", want, c.status, c.stdout, c.stderr, s.deleted)
	}
	dry := call(t, nil, "clean", dir, "--spec", spec, "--endpoint", endpoint, "--credential", "key="+shelfKey, "--dry-run")
	if want := "cannot be deleted: delete /books/b-2: it is not certain that the run has made it"; !strings.Contains(dry.stdout, want) {
		t.Errorf("--dry-run: expected %q, got %s", want, dry.stdout)
	}
	again := call(t, nil, "run", "--spec", spec, "--endpoint", endpoint, "--credential", "key="+shelfKey, "--output", dir, "--force")
	if strings.Contains(again.stderr, "that `gesconform clean` deletes") {
		t.Errorf("a run into the same folder is refused for what clean does not delete: %s", again.stderr)
	}
}
