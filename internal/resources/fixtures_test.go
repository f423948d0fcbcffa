package resources_test

import (
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/resources"
)

func fixture(name, value string) resources.Fixture {
	return resources.Fixture{Name: name, Value: value}
}

func TestFixtures(t *testing.T) {
	c := parse(t, shop)
	s := store(t, c, fixture("storeId", "5"), fixture("showPet.id", "rex"))
	expect(t, "by its name, where others call it otherwise", texts(c, s, "showStore"), [][]string{{"5"}})
	expect(t, "of an operation", texts(c, s, "showPet"), [][]string{{"5", "rex"}})
	expect(t, "the same thing in another", texts(c, s, "deletePet"), [][]string{{"5", "rex"}})
	expect(t, "something else of that name", texts(c, s, "showOrder"), [][]string{{"example"}})
	expect(t, "a query of that name", texts(c, s, "findOrder"), [][]string{{"5"}})
	answered(t, c, s, "listPets", "/stores/5/pets", 200, `["max", "rex"]`)
	answered(t, c, s, "listPets", "/stores/6/pets", 200, `["rex"]`)
	expect(t, "nothing but what was given", texts(c, s, "showPet"), [][]string{{"5", "rex"}})
}

func TestAFixtureStaysWithWhatItBelongsTo(t *testing.T) {
	c := parse(t, shop)
	s := store(t, c, fixture("showPet.id", "rex"))
	answered(t, c, s, "listStores", "/stores", 200, `[1, 2]`)
	answered(t, c, s, "listPets", "/stores/2/pets", 200, `["max", "rex"]`)
	expect(t, "the store that has the pet first", texts(c, s, "showPet"), [][]string{{"2", "rex"}, {"1", "rex"}})
}

func TestAGivenStoreHasItsOwnPets(t *testing.T) {
	c := parse(t, shop)
	s := store(t, c, fixture("storeId", "2"))
	answered(t, c, s, "listPets", "/stores/1/pets", 200, `["max"]`)
	expect(t, "pets of another store", texts(c, s, "showPet"), nil)
	answered(t, c, s, "listPets", "/stores/2/pets", 200, `["rex"]`)
	expect(t, "its own", texts(c, s, "showPet"), [][]string{{"2", "rex"}})
}

func TestWrongFixtures(t *testing.T) {
	c := parse(t, shop)
	_, err := resources.New(c, endpoint, []resources.Fixture{
		fixture("storID", "1"), fixture("storeId", "main"), fixture("showPet.storeId", "1"), fixture("id", ".."), fixture("nothing.at.all", "x"),
	}, 1)
	want := []string{
		`fixture storID: no operation has a parameter of this name, did you mean "storeId"?`,
		`fixture storeId: value "main": expected an integer, got a string (line `,
		`fixture id: value "..": expected an id that a path can carry (line `,
		`fixture nothing.at.all: no operation has a parameter of this name`,
	}
	if err == nil {
		t.Fatal("want an error")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != len(want) {
		t.Fatalf("got %q", lines)
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, want[i]) {
			t.Errorf("got %q, want %q", line, want[i])
		}
	}
}

func TestNeeds(t *testing.T) {
	c := parse(t, shop)
	for _, tt := range []struct {
		operation string
		fixtures  []resources.Fixture
		want      string
	}{
		{"listStores", nil, ""},
		{"showStore", nil, "--fixture store_id=…"},
		{"listPets", nil, "--fixture storeId=…"},
		{"showPet", nil, "--fixture storeId=… --fixture showPet.id=…"},
		{"showPet", []resources.Fixture{fixture("storeId", "1")}, "--fixture showPet.id=…"},
		{"showPet", []resources.Fixture{fixture("deletePet.id", "1")}, "--fixture storeId=…"},
		{"showPet", []resources.Fixture{fixture("showPet.id", "1"), fixture("store_id", "1")}, ""},
		{"showOrder", nil, ""}, // has an example
		{"showKind", nil, ""},  // an enum
	} {
		if got := store(t, c, tt.fixtures...).Needs(c.Operation(tt.operation)); got != tt.want {
			t.Errorf("%s with %v: got %q, want %q", tt.operation, tt.fixtures, got, tt.want)
		}
	}
	s := store(t, c)
	answered(t, c, s, "listPets", "/stores/2/pets", 200, `["rex"]`)
	expect(t, "a store that shows pets", texts(c, s, "showPet"), [][]string{{"2", "rex"}})
	if got := s.Needs(c.Operation("showPet")); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}

func TestValuesOfTheDocument(t *testing.T) {
	c := parse(t, shop)
	expect(t, "an enum", texts(c, store(t, c), "showKind"), [][]string{{"cat"}, {"dog"}})
}
