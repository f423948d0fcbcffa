package resources_test

import (
	"fmt"
	"testing"

	"github.com/gesconform/gesconform/internal/resources"
)

// Only what the user has given, and marked, is free; what else there is to give is said.
func TestFree(t *testing.T) {
	c := parse(t, shop)
	fixture := func(name, value string, free bool) resources.Fixture {
		return resources.Fixture{Name: name, Value: value, Free: free}
	}
	for _, tt := range []struct {
		operation string
		fixtures  []resources.Fixture
		want      string
	}{
		{"addPet", nil, "--fixture storeId=…!"},
		{"addPet", []resources.Fixture{fixture("storeId", "7", false)}, "--fixture storeId=7!"},
		{"addPet", []resources.Fixture{fixture("storeId", "7", true)}, "map[storeId:7]"},
		{"addPet", []resources.Fixture{fixture("store_id", "7", true)}, "map[storeId:7]"},
		{"deletePet", []resources.Fixture{fixture("storeId", "7", true)}, "--fixture deletePet.id=…!"},
		{"deletePet", []resources.Fixture{fixture("deletePet.id", "rex", true)}, "--fixture storeId=…!"},
		{"deletePet", []resources.Fixture{fixture("deletePet.id", "rex", true), fixture("storeId", "7", false)}, "--fixture storeId=7!"},
	} {
		s := store(t, c, tt.fixtures...)
		answered(t, c, s, "listStores", "/stores", 200, `[{"id": 1}]`)
		ids, got := s.Free(c.Operation(tt.operation))
		if got == "" {
			got = fmt.Sprint(ids)
		}
		if got != tt.want {
			t.Errorf("%s with %v: got %s, want %s", tt.operation, tt.fixtures, got, tt.want)
		}
	}
}
