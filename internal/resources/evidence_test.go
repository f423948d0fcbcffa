package resources_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/resources"
)

// own is the text of a request that nothing else has: OWN in what follows.
func own(s *resources.Store, n int) string { return "a-" + strconv.Itoa(s.Number(n)) }

// What is doubted of what a POST was answered with.
var evidence = []struct {
	name, request  string
	status         int
	body, location string
	want           string // a part of the doubt; "" for none
}{
	{"201 and an id", `{"name": "OWN"}`, 201, `{"id": 5}`, "", ""},
	{"201 and a Location", `{"name": "OWN"}`, 201, ``, "/api/stores/5", ""},
	{"202 and a Location", `{"name": "OWN"}`, 202, ``, "/api/stores/5", ""},
	{"202 and an id", `{"name": "OWN"}`, 202, `{"id": 5}`, "", "the answer is 202"},
	{"200 and an id", `{"name": "OWN"}`, 200, `{"id": 5}`, "", "the answer is 200, and shows nothing that only this request has"},
	{"200 and a Location", `{"name": "OWN"}`, 200, ``, "/api/stores/5", "the answer is 200"},
	{"200 and its own text", `{"name": "OWN"}`, 200, `{"id": 5, "name": "OWN"}`, "", ""},
	{"in other letters", `{"name": "OWN"}`, 200, `{"id": 5, "slug": "A_NUMBER"}`, "", ""},
	{"in a form", `name=OWN`, 200, `{"id": 5, "name": "OWN"}`, "", ""},
	{"in a wrapper", `{"name": "OWN"}`, 200, `{"data": {"id": 5, "about": {"name": "OWN"}}}`, "", ""},
	{"where its text is not beside the id", `{"name": "OWN"}`, 200, `{"request": {"name": "OWN"}, "data": {"id": 5}}`, "", "shows nothing"},
	{"a text that others may have", `{"name": "a"}`, 200, `{"id": 5, "name": "a"}`, "", "shows nothing"},
	{"the text of another request", `{"name": "OWN"}`, 200, `{"id": 5, "name": "OTHER"}`, "", "another name"},
	{"a number that is longer ago", `{"name": "b"}`, 200, `{"id": 5, "name": "OWN"}`, "", "shows nothing"},
	{"201 and another text", `{"name": "OWN"}`, 201, `{"id": 5, "name": "main"}`, "", "the answer shows another name than the request has"},
	{"201 and another text, by its address", `{"name": "OWN"}`, 201, `{"name": "main"}`, "/api/stores/5", "another name"},
	{"201, another text and its own", `{"name": "OWN", "note": "OWN"}`, 201, `{"id": 5, "name": "main", "note": "OWN"}`, "", ""},
	{"201 and a mask", `{"pin": "OWN"}`, 201, `{"id": 5, "pin": "****"}`, "", ""},
	{"201 and nothing of its own to show", `{"kind": "small"}`, 201, `{"id": 5, "kind": "large"}`, "", ""},
	{"201 and an id that was sent", `{"id": 5}`, 201, `{"id": 5}`, "", "the request has its id, and no read had shown that there was none"},
	{"in a form", `id=5`, 201, `{"id": 5}`, "", "the request has its id"},
	{"deep in it, as a text", `{"metadata": {"name": "5"}}`, 201, `{"metadata": {"name": "5"}}`, "/api/stores/5", "the request has its id"},
	{"as another number deep in it", `{"size": {"height": 5}}`, 201, `{"id": 5}`, "", ""},
	{"200 and what was absent", `{"id": 404}`, 200, `{"id": 404}`, "", ""},
}

func TestWhatShowsThatSomethingWasMade(t *testing.T) {
	for _, tt := range evidence {
		c := parse(t, shop)
		s := store(t, c)
		answered(t, c, s, "showStore", "/stores/404", 404, `{}`)
		made, ok := posted(t, c, s, tt.request, tt.status, tt.body, tt.location)
		if !ok || tt.want == "" && made.Doubt != "" || !strings.Contains(made.Doubt, tt.want) {
			t.Errorf("%s: expected the doubt %q, got %t and %q", tt.name, tt.want, ok, made.Doubt)
		}
	}
}

// posted returns what a creation has made.
func posted(t *testing.T, c *contract.Contract, s *resources.Store, request string, status int, body, location string) (resources.Made, bool) {
	t.Helper()
	texts := strings.NewReplacer("OWN", own(s, 1), "OTHER", own(s, 2), "NUMBER", strconv.Itoa(s.Number(1)))
	op := c.Operation("addStore")
	a := &contract.Answer{Status: status, Header: http.Header{}, Body: []byte(texts.Replace(body))}
	if location != "" {
		a.Header.Set("Location", location)
	}
	r := &contract.Request{Method: op.Method, Path: "/stores", Body: []byte(texts.Replace(request))}
	made, ok := s.Made(op, r, a)
	s.Learn(op, r, a)
	return made, ok
}

// What two different creations are answered with may have been there before either of them.
func TestWhatIsAnsweredTwiceIsDoubted(t *testing.T) {
	for _, tt := range []struct {
		name, first, second string
		answer              string
		doubted             bool
	}{
		{"for different requests", `{"kind": "small"}`, `{"kind": "large"}`, `{"id": 5}`, true},
		{"though it shows a text of the first", `{"name": "OWN"}`, `{"name": "OTHER"}`, `{"id": 5, "name": "OWN"}`, true},
		{"for the same request", `{"kind": "small"}`, `{"kind": "small"}`, `{"id": 5}`, false},
		{"what was absent before", `{"id": 404}`, `{"id": 404, "kind": "large"}`, `{"id": 404}`, false},
	} {
		c := parse(t, shop)
		s := store(t, c)
		answered(t, c, s, "showStore", "/stores/404", 404, `{}`)
		if made, ok := posted(t, c, s, tt.first, 201, tt.answer, ""); !ok || made.Doubt != "" {
			t.Fatalf("%s: the first: got %t and %+v", tt.name, ok, made)
		}
		made, ok := posted(t, c, s, tt.second, 201, tt.answer, "")
		if ok != tt.doubted || ok && made.Doubt != "two different creations were answered with the same id" {
			t.Errorf("%s: expected that it is doubted is %t, got %t and %+v", tt.name, tt.doubted, ok, made)
		}
		if _, ok := posted(t, c, s, tt.second, 201, tt.answer, ""); ok {
			t.Errorf("%s: it is told once more", tt.name)
		}
	}
}

// A read that shows what only the creation had ends the doubt.
func TestAReadProvesThatSomethingWasMade(t *testing.T) {
	c := parse(t, shop)
	s := store(t, c)
	made, _ := posted(t, c, s, `{"name": "OWN"}`, 200, `{"id": 5}`, "")
	if !s.Provable(&made) || s.Proves(&made, &contract.Answer{Status: 200, Body: []byte(`{"id": 5, "name": "` + own(s, 2) + `"}`)}) || made.Doubt == "" {
		t.Errorf("what another request had proves it: %+v", made)
	}
	if !s.Proves(&made, &contract.Answer{Status: 200, Body: []byte(`{"id": 5, "name": "` + own(s, 1) + `"}`)}) || made.Doubt != "" {
		t.Errorf("what only its creation had does not prove it: %+v", made)
	}
	if made, _ = posted(t, c, s, `{"kind": "small"}`, 200, `{"id": 6}`, ""); s.Provable(&made) {
		t.Error("nothing could prove it, and it is read all the same")
	}
}

func TestNumbersOfARun(t *testing.T) {
	c := parse(t, shop)
	for _, seed := range []int64{0, 1, -1, 899, 900, 1 << 52} {
		s, err := resources.New(c, endpoint, nil, seed)
		if err != nil {
			t.Fatal(err)
		}
		first, last := strconv.Itoa(s.Number(1)), strconv.Itoa(s.Number(99_999))
		if len(first) != 8 || len(last) != 8 || first[:3] != last[:3] {
			t.Errorf("seed %d: expected numbers of eight digits that begin alike, got %s and %s", seed, first, last)
		}
	}
}

// All that the user gives for a place of a path was there before, whatever operation it is for.
func TestFixturesOfOneOperationAreNotMade(t *testing.T) {
	c := parse(t, shop)
	for _, id := range []string{"5", "6"} {
		s := store(t, c, resources.Fixture{Name: "showStore.store_id", Value: "6"}, resources.Fixture{Name: "deleteStore.store_id", Value: "5"})
		if made, ok := posted(t, c, s, `{"name": "OWN"}`, 201, `{"id": `+id+`, "name": "OWN"}`, ""); ok {
			t.Errorf("got %+v", made)
		}
	}
}

// Where things are known to be made, the same request once more tells what it has made from what was there.
func TestTheSameRequestOnceMore(t *testing.T) {
	const small = `{"kind": "small"}`
	for _, tt := range []struct {
		name     string
		known    bool // whether the operation is known to make things
		request  string
		status   int
		body     string
		repeated bool
	}{
		{"another id", true, small, 200, `{"id": 7}`, true},
		{"refused as taken", true, small, 409, `{}`, true},
		{"the same id", true, small, 200, `{"id": 6}`, false},
		{"no id", true, small, 200, `{}`, false},
		{"throttled", true, small, 429, `{}`, false},
		{"another request", true, `{"kind": "large"}`, 200, `{"id": 7}`, false},
		{"where nothing is known to be made", false, small, 200, `{"id": 7}`, false},
	} {
		c := parse(t, shop)
		s := store(t, c)
		if tt.known {
			posted(t, c, s, `{"name": "OWN"}`, 200, `{"id": 5, "name": "OWN"}`, "")
		}
		made, _ := posted(t, c, s, small, 200, `{"id": 6}`, "")
		if made.Doubt == "" || s.Repeatable(&made) != tt.known {
			t.Errorf("%s: expected a doubt, repeatable %t, got %+v", tt.name, tt.known, made)
		}
		op := c.Operation("addStore")
		r := &contract.Request{Method: op.Method, Path: "/stores", Body: []byte(tt.request)}
		a := &contract.Answer{Status: tt.status, Header: http.Header{}, Body: []byte(tt.body)}
		if other, ok := s.Made(op, r, a); ok && (other.Doubt == "") != tt.repeated {
			t.Errorf("%s: expected that the other counts as made is %t, got %+v", tt.name, tt.repeated, other)
		}
		if got := s.Repeated(&made, op, r, a); got != tt.repeated || (made.Doubt == "") != tt.repeated {
			t.Errorf("%s: expected %t, got %t and %+v", tt.name, tt.repeated, got, made)
		}
	}
}
