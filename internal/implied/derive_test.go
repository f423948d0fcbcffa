package implied_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/selftest/bigdoc"
)

// The same document gives the same cases, in an order that sends each clause once before any is sent twice.
func TestCasesAreOrdered(t *testing.T) {
	derive := func() []*implied.Case {
		o := implied.Options{Contract: load(t, pets)}
		withKey(&o)
		all, underived, err := implied.Cases(o)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range underived {
			if u.Reason == "" || u.Clause == "" || u.Line == 0 {
				t.Errorf("got no reason, clause or line: %+v", u)
			}
		}
		return all
	}
	ids := func(all []*implied.Case) (ids []string) {
		for _, k := range all {
			ids = append(ids, k.ID)
		}
		return ids
	}
	all := derive()
	if got := ids(derive()); !slices.Equal(got, ids(all)) {
		t.Errorf("expected the same cases, got %q and %q", got, ids(all))
	}
	if !strings.HasSuffix(all[0].ID, ": plain") || !strings.HasSuffix(all[1].ID, ": plain") {
		t.Errorf("expected the plain requests first, got %q", ids(all)[:2])
	}
	for _, k := range all {
		if k.Clause == "" || k.Line == 0 || len(k.Lawful) == 0 || k.Why == "" || k.Requirement == "" || k.Level == "" {
			t.Errorf("%s lacks something: %+v", k.ID, *k)
		}
	}
}

// A case shows its request before anything is known, without credentials.
func TestRequestOfACase(t *testing.T) {
	o := implied.Options{Contract: load(t, pets)}
	withKey(&o)
	all, _, err := implied.Cases(o)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"GET /pets/{petId}: plain":                                          "GET /pets/{petId} X-Key=$GESCONFORM_CREDENTIAL_KEY",
		"GET /pets: query limit: maximum+1":                                 "GET /pets?limit=51 X-Key=$GESCONFORM_CREDENTIAL_KEY",
		"GET /pets: without credentials":                                    "GET /pets ",
		"GET /pets/{petId}: path petId: unknown":                            "GET /pets/{petId} X-Key=$GESCONFORM_CREDENTIAL_KEY",
		"GET /pets: credentials key: made up: another character at the end": "GET /pets X-Key=$GESCONFORM_CREDENTIAL_KEY_MADE_UP",
	}
	for _, k := range all {
		request, err := k.Request()
		if err != nil {
			t.Errorf("%s: %s", k.ID, err)
			continue
		}
		got := request.Method + " " + request.Path + " "
		for _, h := range request.Headers {
			if strings.Contains(h.Value, petKey) {
				t.Errorf("%s: shows the credentials: %s", k.ID, h.Value)
			}
			if h.Name == "X-Key" {
				got += h.Name + "=" + h.Value
			}
		}
		if w, listed := want[k.ID]; listed && w != got {
			t.Errorf("%s: expected %q, got %q", k.ID, w, got)
		}
		delete(want, k.ID)
	}
	if len(want) > 0 {
		t.Errorf("expected cases %v", reflect.ValueOf(want).MapKeys())
	}
}

// A request of a read has no body, whatever stands beside it in the document.
func TestReadsHaveNoBody(t *testing.T) {
	all, _, err := implied.Cases(implied.Options{Contract: load(t, notes), Risk: cases.Destructive})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range all {
		if r, err := k.Request(); err != nil || r.Method == http.MethodGet && r.Body != "" || r.Method == http.MethodPost && r.Body == "" && !strings.HasSuffix(k.ID, "body: missing") {
			t.Errorf("%s: got body %q, error %v", k.ID, r.Body, err)
		}
	}
}

// Only the operations that are asked for are judged.
func TestSelection(t *testing.T) {
	for pattern, want := range map[string]int{"showPet": 1, "GET /pets": 1, "*Pet*": 2, "GET /pets/*": 1, "nothing": 0} {
		all, _, err := implied.Cases(implied.Options{Contract: load(t, pets), Operations: []string{pattern}})
		if err != nil {
			t.Fatal(err)
		}
		of := map[*contract.Operation]bool{}
		for _, k := range all {
			of[k.Operation] = true
		}
		if len(of) != want {
			t.Errorf("%q: expected %d operations, got %d", pattern, want, len(of))
		}
	}
	if _, _, err := implied.Cases(implied.Options{Contract: load(t, pets), Operations: []string{"["}}); err == nil {
		t.Error("a pattern that is none was taken")
	}
}

// What deriving costs grows with the document and no faster.
func TestDerivingIsLinear(t *testing.T) {
	allocations := func(operations int) float64 {
		c, err := contract.Parse("big.yaml", bigdoc.Document(operations))
		if err != nil {
			t.Fatal(err)
		}
		return testing.AllocsPerRun(1, func() {
			if _, _, err := implied.Cases(implied.Options{Contract: c, Risk: cases.Destructive}); err != nil {
				t.Error(err)
			}
		})
	}
	if few, many := allocations(10), allocations(100); many > 13*few {
		t.Errorf("expected at most 13 times the allocations for 10 times the operations, got %.0f and %.0f", few, many)
	}
}
