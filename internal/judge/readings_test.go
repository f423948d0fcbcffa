package judge_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/judge"
)

// What one reader takes for a wrong member and another for the version may be refused as either.
// An acceptance that is among the lawful outcomes conforms, and no other is.
func TestReadings(t *testing.T) {
	c := shipped(t)
	all, err := cases.Of(c)
	if err != nil {
		t.Fatal(err)
	}
	const body = "upgradeGraph/body/"
	for id, want := range map[string]struct {
		accepted judge.Verdict
		codes    []string // that are right
		wrong    string   // that is not
	}{
		body + "upgrade_version/duplicate-older-last":     {judge.Advisory, []string{"GES.7016", "GES.7036"}, "GES.7018"},
		body + "upgrade_version/duplicate-older-first":    {judge.Advisory, []string{"GES.7016", "GES.7036"}, "GES.7018"},
		body + "upgrade_version/letter-case-older-beside": {judge.Conforms, []string{"GES.7049", "GES.7036"}, "GES.7018"},
		body + "upgrade_version/letter-case-later-beside": {judge.Advisory, []string{"GES.7049", "GES.7036"}, "GES.7018"},
		body + "upgrade_version/letter-case-upper":        {judge.Advisory, []string{"GES.7049"}, "GES.7018"},
		body + "force_upgrade/letter-case-upper":          {judge.Conforms, []string{"GES.7049"}, "GES.7018"},
		body + "upgrade_version/not-later-equal-padded":   {judge.Deviates, []string{"GES.7036", "GES.0001", "GES.8000"}, "GES.7018"},
		body + "upgrade_version/wrong-type-number-older":  {judge.Advisory, []string{"GES.7016", "GES.7036", "GES.0001"}, "GES.7018"},
	} {
		i := slices.IndexFunc(all, func(k *cases.Case) bool { return k.ID == id })
		if i < 0 {
			t.Fatalf("there is no case %s", id)
		}
		k := all[i]
		j, aim := judge.New(c), k.Aims[len(k.Aims)-1]
		f := j.Decide(k, aim, answer(200, ""))
		if f.Verdict != want.accepted {
			t.Errorf("%s, accepted: expected %s, got %+v", id, want.accepted, f)
		}
		if listed := slices.ContainsFunc(f.Lawful, func(s string) bool { return strings.HasPrefix(s, "200") }); listed != (f.Verdict == judge.Conforms) {
			t.Errorf("%s: expected 200 among the lawful outcomes only if it conforms, got %s and %q", id, f.Verdict, f.Lawful)
		}
		for _, code := range want.codes {
			x := answer(400, code)
			f := j.Decide(k, aim, x)
			if also, wrong := j.Code(k, f, x); f.Verdict != judge.Conforms || wrong {
				t.Errorf("%s, %s: expected it to conform, got %+v and %+v", id, code, f, also)
			}
		}
		if f := j.Decide(k, aim, answer(400, want.wrong)); f.Verdict == judge.Conforms {
			t.Errorf("%s, %s: expected it not to conform", id, want.wrong)
		}
	}
}
