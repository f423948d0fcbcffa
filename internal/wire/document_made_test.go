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
	g := documentGate(t, cases.Destructive, Free{"petId", "rex"}, Free{"storeId", "9"})
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
