package values

import (
	"reflect"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/selftest/bigdoc"
)

// A survey has all places at which Derive looks.
func TestSurveyIsWhole(t *testing.T) {
	for name, document := range map[string][]byte{"operations": bigdoc.Document(20), "expandable": bigdoc.Expandable(30_000)} {
		n := 0
		for _, op := range loadedFrom(t, document).Operations() {
			if op.Body == nil {
				continue
			}
			for _, m := range op.Body.Content {
				places := Survey(m.Schema)
				n += len(places)
				known := map[*contract.Schema]bool{}
				for _, p := range places {
					known[p.Schema] = true
				}
				all := New(contract.Client).Derive(m.Schema, Options{})
				some := New(contract.Client).Derive(m.Schema, Options{Only: func(s *contract.Schema) bool { return known[s] }})
				whole := New(contract.Client).Derive(m.Schema, Options{Only: func(*contract.Schema) bool { return false }})
				if len(some.Breaking) != len(all.Breaking) || len(some.Valid) != len(all.Valid) || !reflect.DeepEqual(some.Gaps, all.Gaps) {
					t.Errorf("%s, %s: %d valid and %d breaking values of %d and %d", name, op.ID, len(some.Valid), len(some.Breaking), len(all.Valid), len(all.Breaking))
				}
				if len(whole.Breaking) >= len(all.Breaking) || len(whole.Breaking) == 0 {
					t.Errorf("%s, %s: %d values break something in the whole itself, of %d", name, op.ID, len(whole.Breaking), len(all.Breaking))
				}
			}
		}
		if n < 20 {
			t.Errorf("%s: got %d places", name, n)
		}
	}
}
