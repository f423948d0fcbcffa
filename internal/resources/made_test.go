package resources_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/resources"
)

// What a creation was answered with, and the path of what counts as made; "" for nothing.
var creations = []struct {
	name, operation, path, request string
	status                         int
	body, location, want           string
}{
	{"by its id", "addStore", "/stores", `{"name": "a"}`, 201, `{"id": 5}`, "", "/stores/5"},
	{"in a wrapper", "addStore", "/stores", `{"name": "a"}`, 201, `{"data": {"id": 5}}`, "", "/stores/5"},
	{"by its address", "addStore", "/stores", `{"name": "a"}`, 201, ``, "/api/stores/5", "/stores/5"},
	{"by both", "addStore", "/stores", `{"name": "a"}`, 201, `{"id": 6}`, "/api/stores/5", "/stores/5"},
	{"below another", "addPet", "/stores/2/pets", `{}`, 201, `{"id": "rex"}`, "", "/stores/2/pets/rex"},
	{"by the address of what it belongs to", "addPet", "/stores/2/pets", `{}`, 201, ``, "/api/stores/2", ""},
	{"what was given", "addStore", "/stores", `{"name": "a"}`, 201, `{"id": 77}`, "", ""},
	{"without an id", "addStore", "/stores", `{"name": "a"}`, 201, `{"name": "a"}`, "", ""},
	{"with one that no path can carry", "addOrder", "/orders", `{"name": "a"}`, 201, `{"id": "a/../b"}`, "", ""},
	{"refused", "addStore", "/stores", `{"name": "a"}`, 409, `{"id": 5}`, "", ""},
	{"sent elsewhere", "addStore", "/stores", `{"name": "a"}`, 303, ``, "/api/stores/5", ""},
	{"what a list had shown", "addStore", "/stores", `{"name": "a"}`, 201, `{"id": 1}`, "", ""},
	{"by its address, what a list had shown", "addStore", "/stores", `{"name": "a"}`, 201, ``, "/api/stores/1", ""},
	{"late in the list", "addStore", "/stores", `{"name": "a"}`, 201, `{"id": 30}`, "", ""},
	{"that was absent", "addStore", "/stores", `{"id": 404}`, 201, `{"id": 404}`, "", "/stores/404"},
}

func TestWhatCountsAsMade(t *testing.T) {
	for _, tt := range creations {
		c := parse(t, shop)
		s := store(t, c, resources.Fixture{Name: "store_id", Value: "77"})
		var list []string
		for id := range 30 {
			list = append(list, fmt.Sprintf(`{"id": %d}`, 100+id))
		}
		answered(t, c, s, "listStores", "/stores", 200, `[{"id": 1},`+strings.Join(list, ",")+`,{"id": 30}]`)
		answered(t, c, s, "showStore", "/stores/404", 404, `{}`)
		op := c.Operation(tt.operation)
		a := &contract.Answer{Status: tt.status, Header: http.Header{}, Body: []byte(tt.body)}
		if tt.location != "" {
			a.Header.Set("Location", tt.location)
		}
		made, ok := s.Made(op, &contract.Request{Method: op.Method, Path: tt.path, Body: []byte(tt.request)}, a)
		if ok != (tt.want != "") || made.Path != tt.want {
			t.Errorf("%s: got %v and %+v, want %q", tt.name, ok, made, tt.want)
		}
		if ok && (made.By != tt.operation || made.URL != endpoint+tt.want || made.Doubt != "") {
			t.Errorf("%s: got %+v", tt.name, made)
		}
	}
}

func TestTheJournalIsWrittenAsItHappens(t *testing.T) {
	var file flushed
	j := resources.NewJournal(&file)
	pet := resources.Made{By: "addPet", Delete: "deletePet", Path: "/stores/2/pets/rex", URL: endpoint + "/stores/2/pets/rex"}
	branch := resources.Made{By: "addStore", Delete: "deleteStore", Path: "/stores/2", URL: endpoint + "/stores/2"}
	note := resources.Made{By: "addNote", Path: "/notes/1", URL: endpoint + "/notes/1"}
	for i, m := range []resources.Made{note, branch, pet} {
		if err := j.Add(m); err != nil || file.flushes != i+1 || strings.Count(file.String(), "\n") != i+1 {
			t.Fatalf("after %d: %d flushes, error %v, and %q", i+1, file.flushes, err, file.String())
		}
	}
	if err := j.Delete(pet.Path); err != nil {
		t.Fatal(err)
	}
	read, err := resources.ReadJournal(strings.NewReader(file.String() + `{"by": "cut`))
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]resources.Made{"the journal": j.Left(), "one that was read": read.Left()} {
		if len(got) != 2 || got[0].Path != branch.Path || got[1].Path != note.Path {
			t.Errorf("%s: got %+v, want the store, then the note", name, got)
		}
	}
	for _, doubt := range []string{"it is an old one", ""} { // the last word counts
		branch.Doubt = doubt
		if err := j.Add(branch); err != nil {
			t.Fatal(err)
		}
		if read, err = resources.ReadJournal(strings.NewReader(file.String())); err != nil {
			t.Fatal(err)
		}
		for name, got := range map[string][]resources.Made{"the journal": j.Left(), "one that was read": read.Left()} {
			if len(got) != 2 || got[0].Doubt != doubt || got[1].Doubt != "" {
				t.Errorf("%s: expected the doubt %q of the store alone, got %+v", name, doubt, got)
			}
		}
	}
	if _, err := resources.ReadJournal(strings.NewReader("{\n{}\n")); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a broken line: got %v", err)
	}
}

// A flushed counts how often it was flushed.
type flushed struct {
	bytes.Buffer
	flushes int
}

func (f *flushed) Sync() error { f.flushes++; return nil }

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestAJournalThatCannotBeWritten(t *testing.T) {
	j := resources.NewJournal(full{})
	err := j.Add(resources.Made{Path: "/stores/2", URL: endpoint + "/stores/2"})
	if err == nil || err.Error() != "write what was made (http://127.0.0.1:8080/api/stores/2): no space left" {
		t.Errorf("got %v", err)
	}
	if len(j.Left()) != 1 {
		t.Error("what was made is left, though it could not be written")
	}
}

func TestCurlOfWhatIsLeft(t *testing.T) {
	made := resources.Made{Delete: "deleteStore", URL: endpoint + "/stores/5"}
	got := made.Curl(http.Header{"Authorization": {"Bearer $SHOP_TOKEN"}}, "key=$SHOP_KEY")
	want := `curl -sS -i -X DELETE "http://127.0.0.1:8080/api/stores/5?key=$(printf %s "$SHOP_KEY" | jq -sRr @uri)" -H "Authorization: Bearer $SHOP_TOKEN"`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got := (resources.Made{URL: endpoint}).Curl(nil, ""); got != "" {
		t.Errorf("what no operation deletes: got %q", got)
	}
}

func TestNamesOfWhatWasMade(t *testing.T) {
	op := &contract.Operation{Path: "/stores/{storeId}/pets/{petId}.json"}
	for path, want := range map[string]bool{"/stores/7/pets/r%20x.json": true, "/stores/7/pets/rex.json": false, "/stores/8/pets/r%20x.json": false, "/stores/7/pets/r%20x": false} {
		if got := (resources.Made{Path: path, IDs: []string{"7", "r x"}}).Names(op); got != want {
			t.Errorf("%s: expected %t, got %t", path, want, got)
		}
	}
	for _, id := range []string{"", ".", "..", "a/b"} {
		if (resources.Made{Path: "/stores/7/pets/" + url.PathEscape(id) + ".json", IDs: []string{"7", id}}).Names(op) {
			t.Errorf("%q leads elsewhere, and is taken", id)
		}
	}
	if (resources.Made{Path: "/stores/7/pets/x.json", IDs: []string{"x"}}).Names(op) {
		t.Error("with an id too few it is taken")
	}
}

// What belongs to something that was deleted has gone with it.
func TestWhatGoesWithAnother(t *testing.T) {
	j := resources.NewJournal(nil)
	for _, path := range []string{"/stores/7", "/stores/7/pets/rex", "/stores/77/pets/rex"} {
		if err := j.Add(resources.Made{Path: path}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Delete("/stores/7"); err != nil {
		t.Fatal(err)
	}
	if left := j.Left(); len(left) != 1 || left[0].Path != "/stores/77/pets/rex" {
		t.Errorf("expected the pet of store 77, got %v", left)
	}
}
