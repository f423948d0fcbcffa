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
