package implied_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/selftest/bigdoc"
)

// idsOf returns the ids of the cases of a document with a limit, and what the limit has left out.
func idsOf(t *testing.T, c *contract.Contract, places int) (ids []string, limited []implied.Underived) {
	t.Helper()
	all, underived, err := implied.Cases(implied.Options{Contract: c, MaxPlaces: places, Credentials: map[string]string{"bearer": "t"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range all {
		ids = append(ids, k.ID)
	}
	for _, u := range underived {
		if u.Limit != "" {
			limited = append(limited, u)
		}
	}
	return ids, limited
}

func count(ids []string, part string) (n int) {
	for _, id := range ids {
		if strings.Contains(id, part) {
			n++
		}
	}
	return n
}

// A document with few places has all its cases. Of one with many, each body has its shallow places, and what is left
// out is said.
func TestPlacesAreShared(t *testing.T) {
	c, err := contract.Parse("big.json", bigdoc.Expandable(60_000))
	if err != nil {
		t.Fatal(err)
	}
	all, none := idsOf(t, c, 0)
	enough, none2 := idsOf(t, c, 10_000)
	if !slices.Equal(all, enough) || len(none)+len(none2) > 0 {
		t.Errorf("a limit that is far away: expected the same %d cases, got %d; left out: %v %v", len(all), len(enough), none, none2)
	}
	some, limited := idsOf(t, c, 100)
	again, _ := idsOf(t, c, 100)
	changes := 0
	for _, op := range c.Operations() {
		if op.Method != http.MethodPost {
			continue
		}
		changes++
		if n := count(some, op.Method+" "+op.Path+": body /option5: "); n == 0 {
			t.Errorf("%s %s: expected values for the last of its members, got none", op.Method, op.Path)
		}
	}
	if changes < 3 || len(limited) != changes || !strings.Contains(limited[0].Reason, "--max-places is 100") || limited[0].Line == 0 {
		t.Errorf("expected one line for each of %d changes, got %v", changes, limited)
	}
	if len(some) >= len(all)/2 || !slices.Equal(some, again) || count(some, "/details/details/") > 0 {
		t.Errorf("expected fewer than %d cases, the shallow ones, got %d", len(all), len(some))
	}
	for _, id := range some {
		if !slices.Contains(all, id) {
			t.Errorf("%s is no case without the limit", id)
		}
	}
}

// What many operations refer to leaves room for what only one has.
func TestSharedSchemasAreTriedAtAFewOperations(t *testing.T) {
	var paths []string
	for i := range 8 {
		paths = append(paths, change(i, `{"$ref":"#/components/schemas/Spec"}`))
	}
	paths = append(paths, change(8, `{"type":"object","properties":{"own":{"type":"object","properties":{"depth":{"type":"integer","maximum":9}}}}}`))
	c, err := contract.Parse("shared.json", fmt.Appendf(nil, `{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{%s},"components":{"schemas":{
		"Spec":{"type":"object","properties":{"a":{"type":"string","maxLength":5},"b":{"type":"object","properties":{"c":{"type":"integer","maximum":7}}}}}}}}`, strings.Join(paths, ",")))
	if err != nil {
		t.Fatal(err)
	}
	ids, limited := idsOf(t, c, 24) // 9 bodies, 3 times the three places of Spec, 2 of the last, and 4 to spare
	if got := count(ids, "body /own/depth: maximum+1"); got != 1 {
		t.Errorf("what only one operation has is tried at %d", got)
	}
	if got := count(ids, "body /b/c: maximum+1"); got < 3 || got > 4 {
		t.Errorf("what many refer to is tried at %d operations", got)
	}
	if len(limited) < 3 {
		t.Errorf("left out: %v", limited)
	}
}

// Kinds that hold the same deep template do not give a case for each of its places at each of them.
func TestATemplateIsNotTriedEverywhere(t *testing.T) {
	few, _ := contract.Parse("few.json", bigdoc.Templated(2))
	many, err := contract.Parse("many.json", bigdoc.Templated(20))
	if err != nil {
		t.Fatal(err)
	}
	all, _ := idsOf(t, few, 0)
	some, _ := idsOf(t, many, 1_000)
	if len(some) > 3*len(all) {
		t.Errorf("2 kinds: %d cases, 20: %d", len(all), len(some))
	}
	for _, op := range many.Operations() {
		if op.Method == http.MethodPut && count(some, "PUT "+op.Path+": body /replicas: ") == 0 {
			t.Errorf("PUT %s: expected cases for the member that only it has", op.Path)
		}
	}
}

// Deep parameters are shared in the same way as bodies.
func TestPlacesOfParametersAreShared(t *testing.T) {
	var paths []string
	for i := range 8 {
		paths = append(paths, fmt.Sprintf(`"/lists%d":{"get":{"parameters":[{"name":"filter","in":"query","content":{"application/json":{"schema":
			{"type":"object","properties":{"top":{"type":"object","properties":{"deep":{"type":"integer","maximum":%d}}}}}}}},
			{"name":"page","in":"query","schema":{"type":"integer","maximum":9}}],"responses":{"200":{"description":"d"},"400":{"description":"d"}}}}`, i, i+5))
	}
	c, err := contract.Parse("lists.json", fmt.Appendf(nil, `{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{%s}}`, strings.Join(paths, ",")))
	if err != nil {
		t.Fatal(err)
	}
	all, none := idsOf(t, c, 1_000)
	if n := count(all, "query filter /top/deep: maximum+1"); n != 8 || len(none) > 0 {
		t.Errorf("with enough places: expected the deep ones of all, got %d, left out %v", n, none)
	}
	some, limited := idsOf(t, c, 16) // the whole of each, and one level
	if n := count(some, "query filter /top/deep: "); n != 0 || len(limited) != 8 {
		t.Errorf("expected no deep place and a line for each of 8 parameters, got %d and %v", n, limited)
	}
	if n := count(some, "query filter /top: type-string"); n != 8 {
		t.Errorf("expected the shallow places of all, got %d", n)
	}
	if n := count(some, "query page: maximum+1"); n != 8 {
		t.Errorf("expected the parameters that have no places below them, got %d", n)
	}
}

func change(i int, schema string) string {
	return fmt.Sprintf(`"/things%d/{id}":{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
		"get":{"operationId":"get%d","responses":{"200":{"description":"d"},"404":{"description":"d"}}},
		"put":{"operationId":"put%d","requestBody":{"content":{"application/json":{"schema":%s}}},"responses":{"200":{"description":"d"},"400":{"description":"d"}}}}`, i, i, i, schema)
}
