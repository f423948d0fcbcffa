package implied

import (
	"slices"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/selftest/bigdoc"
	"github.com/gesconform/gesconform/internal/selftest/services"
)

// ordered returns the cases of a document, with credentials for all its schemes.
func ordered(t *testing.T, name string, document []byte) []*Case {
	t.Helper()
	c, err := contract.Parse(name, document)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Contract: c, Credentials: map[string]string{}}
	for _, op := range c.Operations() {
		for _, s := range op.Schemes() {
			o.Credentials[s.ID] = "user:secret"
		}
	}
	all, _, err := Cases(o)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Wherever a run ends, it has sent what others rest on, then each clause of the document once, at its shallowest place, and
// of those that are as deep as each other about as many at each operation.
func TestAnyBeginningHasMostOfTheDocument(t *testing.T) {
	documents := map[string][]byte{"operations": bigdoc.Document(40), "expandable": bigdoc.Expandable(40_000), "templated": bigdoc.Templated(10)}
	for _, s := range services.All() {
		documents[s.Name] = s.Document
	}
	for name, document := range documents {
		all := ordered(t, name, document)
		if same := slices.EqualFunc(all, ordered(t, name, document), func(a, b *Case) bool { return a.ID == b.ID }); !same {
			t.Errorf("%s: another order the second time", name)
		}
		rest := slices.IndexFunc(all, func(k *Case) bool { return !isGround(k) })
		if rest < 1 || slices.ContainsFunc(all[rest:], isGround) {
			t.Errorf("%s: expected what others rest on before all others", name)
		}
		all = all[rest:]
		shallowest := map[clauseTried]int{}
		for _, k := range all {
			least, known := shallowest[triedBy(k)]
			if depth := depthOf(k, nil); !known || depth < least {
				shallowest[triedBy(k)] = depth
			}
		}
		first := all[:len(shallowest)]
		met := map[clauseTried]bool{}
		for i, k := range first {
			switch clause := triedBy(k); {
			case met[clause]:
				t.Fatalf("%s: %s is sent again before each of %d clauses was sent once", name, clause.clause, len(shallowest))
			case depthOf(k, nil) != shallowest[clause]:
				t.Errorf("%s: %s: %s is not its shallowest place", name, k.ID, clause.clause)
			case i > 0 && depthOf(k, nil) < depthOf(first[i-1], nil):
				t.Errorf("%s: %s comes after what is deeper", name, k.ID)
			default:
				met[clause] = true
			}
		}
		inTurns(t, name, first)
		proved(t, name, all)
	}
}

// inTurns expects that no operation has two cases more than one that still has some as deep.
func inTurns(t *testing.T, name string, all []*Case) {
	t.Helper()
	for depth := 0; len(all) > 0; depth++ {
		n := 0
		for n < len(all) && depthOf(all[n], nil) == depth {
			n++
		}
		left, had := map[*contract.Operation]int{}, map[*contract.Operation]int{}
		for _, k := range all[:n] {
			left[k.Operation]++
		}
		for _, k := range all[:n] {
			for op := range left {
				if left[op] > 0 && had[k.Operation] > had[op] {
					t.Fatalf("%s: %s comes before the turn of %s %s", name, k.ID, op.Method, op.Path)
				}
			}
			had[k.Operation]++
			left[k.Operation]--
		}
		all = all[n:]
	}
}

// proved expects that credentials are tried before what is made of them.
func proved(t *testing.T, name string, all []*Case) {
	t.Helper()
	type alternative struct {
		op *contract.Operation
		i  int
	}
	tried := map[alternative]bool{}
	for _, k := range all {
		a := k.change.attempt
		if a == nil {
			continue
		}
		at := alternative{k.Operation, a.alternative}
		if k.kind == proofKind && tried[at] {
			t.Errorf("%s: %s comes after what rests on it", name, k.ID)
		}
		tried[at] = true
	}
}
