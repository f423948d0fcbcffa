package wire

import (
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
)

func TestWhatPUTHasMadeIsTheRunsOwn(t *testing.T) {
	put, deletion := request("PUT", "/stores/404/pets/gone", pet), request("DELETE", "/stores/404/pets/gone", "")
	g := prepared(t, cases.Destructive)
	answer(g, put, 201, `{}`)
	if risk, err := g.Admit(&deletion); err != nil || risk != cases.Destructive {
		t.Errorf("got %s and %v", risk, err)
	}
	g = prepared(t, cases.Destructive)
	answer(g, request("PUT", "/stores/7/pets/rex", pet), 200, `{}`)
	other := request("DELETE", "/stores/7/pets/rex", "")
	if _, err := g.Admit(&other); err == nil {
		t.Error("what was there before is not the run's own")
	}
}

// Something is made in what is free only if all that this belongs to is free, or the run's own.
func TestNothingIsMadeBelowWhatIsNotFree(t *testing.T) {
	toy, change := request("POST", "/stores/7/pets/rex/toys", pet), request("PATCH", "/stores/7/pets/rex", pet)
	for _, tt := range []struct {
		free []Free
		want string
	}{
		{[]Free{{"petId", "rex"}}, "it would create something below /stores/7, which may exist, and this run has not made it; set --fixture 'storeId=7!'"},
		{[]Free{{"petId", "rex"}, {"storeId", "8"}}, "it would create something below /stores/7"},
		{[]Free{{"storeId", "7"}}, "/stores/7/pets/rex may exist"},
		{[]Free{{"petId", "rex"}, {"storeId", "7"}}, ""},
	} {
		g := documentGate(t, cases.Destructive, tt.free...)
		_, err := g.Admit(&toy)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%v: got %v, want %q", tt.free, err, tt.want)
		}
		if _, err := g.Admit(&change); err != nil && tt.free[0].Parameter == "petId" {
			t.Errorf("%v: a change of it: %v", tt.free, err)
		}
	}
	g := documentGate(t, cases.Destructive, Free{"petId", "rex"})
	answer(g, request("POST", "/stores", pet), 201, `{"id": 7}`)
	if err := g.Made("/stores/7"); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Admit(&toy); err != nil {
		t.Errorf("in the run's own store: %v", err)
	}
}

// What a creation went to was there before, wherever its Location leads.
func TestACreationHasNotMadeWhatItWentTo(t *testing.T) {
	g := documentGate(t, cases.Destructive)
	answer(g, request("POST", "/stores/9/pets/rex/toys", pet), 201, `{"id": "rex"}`, "Location", "/stores/9")
	answer(g, request("POST", "/stores/9/pets/rex/toys", pet), 201, ``, "Location", "/stores/9/pets/rex")
	for _, path := range []string{"/stores/9", "/stores/9/pets/rex"} {
		if err := g.Made(path); err == nil {
			t.Errorf("%s counts as made", path)
		}
	}
}

func TestMadeNeedsTheAnswerToACreation(t *testing.T) {
	for _, tt := range []struct {
		path, want string
	}{
		{"/stores/8", ""},
		{"/stores/8/pets/own", ""},
		{"/stores/7", "a read has shown it before"},
		{"/stores/9/pets/8", "no creation was answered with its id"}, // it is that of a store
		{"/stores/21", "no creation was answered with its id"},       // a search and an action have shown it
		{"/stores/12", "no creation was answered with its id"},
		{"/stores", "it names nothing that the document has"},
		{"/stores/8/pets", "it names nothing that the document has"},
	} {
		g := prepared(t, cases.Destructive)
		answer(g, request("POST", "/search", ""), 200, `[{"id": 21}]`)
		answer(g, request("POST", "/stores/8/close", ""), 202, `{"id": 21}`)
		err := g.Made(tt.path)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", tt.path, err, tt.want)
		}
	}
}

// What shows that a creation has made what its answer names, and what does not.
func TestWhatShowsThatACreationMadeIt(t *testing.T) {
	const own, other = `{"name": "a-10100001"}`, `{"name": "a-10100002"}`
	for _, tt := range []struct {
		name, request string
		status        int
		body          string
		location      string
		want          string
	}{
		{"201 and an id", own, 201, `{"id": 5}`, "", ""},
		{"201 and a Location", own, 201, ``, "/stores/5", ""},
		{"202 and a Location", own, 202, ``, "/stores/5", ""},
		{"202 and an id", own, 202, `{"id": 5}`, "", "the answer is 202, and shows nothing that only this request has"},
		{"200 and an id", own, 200, `{"id": 5}`, "", "the answer is 200, and shows nothing that only this request has"},
		{"200 and a Location", own, 200, ``, "/stores/5", "the answer is 200"},
		{"200 and its own text", own, 200, `{"id": 5, "slug": "A_10100001"}`, "", ""},
		{"200 and its own text that is no JSON", own, 200, `<name>a-10100001</name>`, "/stores/5", ""},
		{"200 and the text of another", own, 200, `{"id": 5, "name": "a-10100009"}`, "", "another name"},
		{"200 and a number that is no text", own, 200, `{"id": 5, "size": 10100001}`, "", "the answer is 200"},
		{"a number that a request had before", other, 200, `{"id": 5, "name": "a-10100002"}`, "", "the answer is 200"},
		{"a number that an answer had before", `{"name": "a-10100003"}`, 200, `{"id": 5, "name": "a-10100003"}`, "", "the answer is 200"},
		{"a number that the user gives", `{"name": "a-10100004"}`, 200, `{"id": 5, "name": "a-10100004"}`, "", "the answer is 200"},
		{"201 and another text", own, 201, `{"id": 5, "name": "main"}`, "", "the answer shows another name than the request has"},
		{"201 and another text in a wrapper", own, 201, `{"data": {"id": 5, "name": "main"}}`, "", "another name"},
		{"201 and a mask", own, 201, `{"id": 5, "name": "***"}`, "", ""},
		{"200 and what was absent", pet, 200, `{"id": 404}`, "", ""},
		{"201 and what the user gives", own, 201, `{"id": 6, "name": "a-10100001"}`, "", "the user has given it"},
		{"201 and what a list has shown", own, 201, `{"id": 3, "name": "a-10100001"}`, "", "a read has shown it before"},
		{"201 and what the metadata of a list have shown", own, 201, `{"id": 1, "name": "a-10100001"}`, "", "a read has shown it before"},
		{"201 and what something in a list has as its id", own, 201, `{"id": 2}`, "", ""},
	} {
		g := documentGate(t, cases.Destructive)
		g.Keep([]Free{{"showStore.storeId", "6"}, {"name", "a-10100004"}})
		answer(g, request("GET", "/stores", ""), 200, `{"data": {"items": [{"id": 3, "name": "a-10100003", "owner": {"id": 2}}, {"metadata": {"storeId": 1}}]}}`)
		answer(g, request("GET", "/stores/404", ""), 404, `{}`)
		answer(g, request("POST", "/stores", `{"name": "x", "note": "a-10100002"}`), 400, `{}`)
		answer(g, request("POST", "/stores", tt.request), tt.status, tt.body, "Location", tt.location)
		path := "/stores/5"
		for _, id := range []string{"404", "6", "3", "2", "1,"} {
			if strings.Contains(tt.body, `"id": `+id) {
				path = "/stores/" + strings.Trim(id, ",")
			}
		}
		err := g.Made(path)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}

// What two different creations are answered with may have been there before either of them.
func TestWhatIsAnsweredTwiceIsNotMade(t *testing.T) {
	change := request("DELETE", "/stores/5", "")
	for _, tt := range []struct {
		name, second, answer string
		made                 bool
	}{
		{"to another request", `{"name": "large"}`, `{"id": 5}`, false},
		{"in a wrapper", `{"name": "large"}`, `{"store": {"store_id": "5"}}`, false},
		{"as another number", `{"name": "large"}`, `{"id": 6, "size": 5}`, true},
		{"to the same request", `{"name": "small"}`, `{"id": 5}`, true},
	} {
		g := documentGate(t, cases.Destructive)
		answer(g, request("POST", "/stores", `{"name": "small"}`), 201, `{"id": 5}`)
		if err := g.Made("/stores/5"); err != nil {
			t.Fatal(err)
		}
		answer(g, request("POST", "/stores", tt.second), 201, tt.answer)
		if _, err := g.Admit(&change); (err == nil) != tt.made {
			t.Errorf("%s: expected that it counts as made is %t, got %v", tt.name, tt.made, err)
		}
		if err := g.Made("/stores/5"); (err == nil) != tt.made {
			t.Errorf("%s: noted once more: expected %t, got %v", tt.name, tt.made, err)
		}
	}
}

// A read that shows what only the creation had is as good as an answer that does.
func TestAReadShowsThatACreationMadeIt(t *testing.T) {
	for _, tt := range []struct {
		before, after string
		made          bool
	}{
		{"", `{"id": 5, "name": "a-10100001"}`, true},
		{"", `{"id": 5, "name": "a-10100002"}`, false},
		{`{"id": 5, "name": "main"}`, `{"id": 5, "name": "a-10100001"}`, false}, // it was there, and was changed
	} {
		g := documentGate(t, cases.Destructive)
		if tt.before != "" {
			answer(g, request("GET", "/stores/5", ""), 200, tt.before)
		}
		answer(g, request("POST", "/stores", `{"name": "a-10100001"}`), 200, `{"id": 5}`)
		answer(g, request("GET", "/stores/5", ""), 200, tt.after)
		if err := g.Made("/stores/5"); (err == nil) != tt.made {
			t.Errorf("%s, then %s: expected that it counts as made is %t, got %v", tt.before, tt.after, tt.made, err)
		}
	}
}

// Where things are known to be made, the same request once more tells what it has made from what was there.
func TestTheSameRequestOnceMore(t *testing.T) {
	const small = `{"name": "small"}`
	for _, tt := range []struct {
		name    string
		known   bool // whether things are known to be made there
		request string
		status  int
		body    string
		made    bool
	}{
		{"another id", true, small, 200, `{"id": 7}`, true},
		{"refused as taken", true, small, 409, `{}`, true},
		{"the same id", true, small, 200, `{"id": 6}`, false},
		{"throttled", true, small, 429, `{}`, false},
		{"a broken server", true, small, 500, `{"id": 7}`, false},
		{"another request", true, `{"name": "large"}`, 200, `{"id": 7}`, false},
		{"where nothing is known to be made", false, small, 200, `{"id": 7}`, false},
	} {
		g := documentGate(t, cases.Destructive)
		if tt.known {
			answer(g, request("POST", "/stores", `{"name": "a-10100001"}`), 200, `{"id": 5, "name": "a-10100001"}`)
		}
		answer(g, request("POST", "/stores", small), 200, `{"id": 6}`)
		answer(g, request("POST", "/stores", tt.request), tt.status, tt.body)
		if err := g.Made("/stores/6"); (err == nil) != tt.made {
			t.Errorf("%s: expected that it counts as made is %t, got %v", tt.name, tt.made, err)
		}
	}
}
