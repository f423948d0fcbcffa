package resources_test

import (
	"reflect"
	"testing"
)

func TestIDsThatBelongTogetherStayTogether(t *testing.T) {
	c := parse(t, shop)
	s := store(t, c)
	answered(t, c, s, "listStores", "/stores", 200, `{"items": [{"id": 1}, {"id": 2}]}`)
	answered(t, c, s, "listPets", "/stores/2/pets", 200, `[{"id": "rex"}]`)
	if got, want := texts(c, s, "showStore"), [][]string{{"1"}, {"2"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("stores: got %v, want %v", got, want)
	}
	if got, want := texts(c, s, "showPet"), [][]string{{"2", "rex"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("pets: got %v, want %v", got, want)
	}
}
