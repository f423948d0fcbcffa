package cases_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/ges"
)

// Each condition whose request has an object that can be read, or that is about something else
// than the body, is tried with force_upgrade; nothing forced is guarded.
func TestPairs(t *testing.T) {
	c := shipped(t)
	all := derive(t, c)
	with := map[string][]string{}
	for _, k := range all {
		_, member, paired := strings.Cut(k.ID, "-and-force_upgrade-")
		if !paired {
			continue
		}
		with[k.Condition] = append(with[k.Condition], member)
		plain := strings.TrimSuffix(k.ID, "-and-force_upgrade-"+member)
		i := slices.IndexFunc(all, func(other *cases.Case) bool { return other.ID == plain })
		switch {
		case i < 0:
			t.Errorf("%s: expected the case %s, too", k.ID, plain)
		case all[i].Condition != k.Condition || all[i].Requirement != k.Requirement:
			t.Errorf("%s: expected the condition %s of %s, got %s of %s", k.ID, all[i].Condition, all[i].Requirement, k.Condition, k.Requirement)
		}
		if want := "upgradeGraph/valid/force_upgrade-" + member; k.RestsOn != want {
			t.Errorf("%s: expected it to rest on %s, got %q", k.ID, want, k.RestsOn)
		}
		if strings.Count(string(k.Request.Body), `"force_upgrade":`+member) != 1 {
			t.Errorf("%s: expected force_upgrade once, got %s", k.ID, k.Request.Body)
		}
		for _, aim := range k.Aims {
			if aim.Risk == cases.Guarded && (member == "true" || !ges.Guardable(string(k.Request.Body))) {
				t.Errorf("%s: aim %s: expected it not to be guarded", k.ID, aim.Name)
			}
		}
	}
	unpaired := []string{ // no object, or none that can be read plainly
		"absent-body", "malformed-body", "trailing-bytes", "utf16-body", "invalid-utf8", "body-not-object", "extended-json", "graph-not-running", "upgrade-under-way",
	}
	for _, r := range c.Operation(ges.UpgradeGraph).Refusals() {
		var want []string
		switch looksUp := slices.ContainsFunc(r.When, func(w contract.When) bool { return w.Relation != "" }); {
		case r.Level == contract.May || slices.Contains(unpaired, r.Condition):
		case looksUp && !r.First:
			want = []string{"false", "true"}
		default:
			want = []string{"true"}
		}
		if got := slices.Compact(slices.Sorted(slices.Values(with[r.Condition]))); !slices.Equal(got, want) {
			t.Errorf("%s: expected pairs with %q, got %q", r.Condition, want, got)
		}
	}
}

// The members and their values come from the document.
func TestPairsOfAnotherDocument(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "second.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := contract.Parse("second.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, k := range derive(t, c) {
		if _, pair, paired := strings.Cut(k.ID, "/unknown-and-"); paired && strings.Contains(k.ID, "/volume/") {
			got = append(got, pair)
		}
	}
	if want := []string{"_note-a", "keep-false", "keep-true", "label-a", "tier-gold", "tier-silver"}; !slices.Equal(got, want) {
		t.Errorf("expected an unknown volume with each optional member at each value, %q, got %q", want, got)
	}
}
