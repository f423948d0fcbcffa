package result_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestSummariseRequirements(t *testing.T) {
	type row struct {
		verdict        judge.Verdict
		reason         string
		cases, decided int
	}
	want := map[string]row{
		"upgrade.later":  {judge.Deviates, "", 3, 2},
		"upgrade.advice": {judge.Advisory, "", 1, 1},
		"upgrade.effect": {judge.NotApplicable, "risk destructive is not allowed", 1, 0},
		"answer.json":    {judge.Conforms, "", 1, 1},
		"auth.permitted": {judge.Error, "unreachable: connection refused", 1, 0},
	}
	got := map[string]row{}
	for _, r := range resulttest.Run(t).Requirements {
		got[r.ID] = row{r.Verdict, r.Reason, r.Cases, r.Decided}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("expected %v\ngot      %v", want, got)
	}
}

func TestSummariseKeepsWhatTheContractDoesNotBindAServerTo(t *testing.T) {
	run := result.Summarise(resulttest.Contract(t), result.Run{}, []judge.Result{
		resulttest.Case("a", "upgrade.client", judge.Conforms, "", resulttest.Finding("upgrade.client", contract.Must, judge.Conforms, "")),
		resulttest.Case("b", "gone", judge.Deviates, "", resulttest.Finding("gone", contract.Must, judge.Deviates, "x")),
	})
	if len(run.Requirements) != 7 || run.Requirements[6].ID != "gone" || run.Verdict != judge.Deviates {
		t.Errorf("expected the requirements of both cases, got %+v", run.Requirements)
	}
}

// What was judged has the requirements that are about it: a server or a client.
func TestSummariseTheSideThatWasJudged(t *testing.T) {
	c, _ := resulttest.Shipped(t)
	for _, tc := range []struct {
		run  result.Run
		side contract.Side
	}{{result.Run{}, contract.Server}, {result.Run{Client: &result.Client{}}, contract.Client}} {
		var got, want []string
		for _, r := range result.Summarise(c, tc.run, nil).Requirements {
			got = append(got, r.ID)
		}
		for _, r := range c.RequirementsFor(tc.side) {
			if r.Judges != contract.AspectInTime { // which nobody asked for
				want = append(want, r.ID)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", tc.side, got, want)
		}
	}
}

func TestHeadline(t *testing.T) {
	mixed := func(change func(rs []judge.Result)) []judge.Result {
		rs := resulttest.Each(judge.Conforms)
		change(rs)
		return rs
	}
	set := func(r *judge.Result, v judge.Verdict, reason string) {
		r.Verdict, r.Reason, r.Findings = v, reason, nil
	}
	apart := func(r *judge.Result, kind judge.Apart) {
		set(r, judge.NotApplicable, kind.Because("why"))
		r.Apart = kind
	}
	find := func(r *judge.Result, v judge.Verdict) { r.Findings[0].Verdict = v }
	for name, tc := range map[string]struct {
		run      result.Run
		results  []judge.Result
		verdict  judge.Verdict
		headline string
	}{
		"all":     {result.Run{}, resulttest.Each(judge.Conforms), judge.Conforms, "conforms"},
		"in part": {result.Run{}, resulttest.Each(judge.Conforms)[:2], judge.Conforms, "partial: conforms as far as exercised: 2 of 5 requirements"},
		"masked": {result.Run{}, mixed(func(rs []judge.Result) { set(&rs[0], judge.Masked, "m") }), judge.Conforms,
			"partial: conforms as far as exercised: 4 of 5 requirements"},
		"a requirement in part": {result.Run{}, append(resulttest.Each(judge.Conforms), resulttest.Case("z", "answer.json", judge.Masked, "m")), judge.Conforms,
			"partial: conforms as far as exercised: 5 of 5 requirements, 1 of them in part"},
		"counted apart": {result.Run{}, mixed(func(rs []judge.Result) {
			apart(&rs[0], judge.CannotBeBroughtAbout)
			apart(&rs[1], judge.RuledOutByLimits)
			apart(&rs[2], judge.RuledOutByLimits)
		}), judge.Conforms, "conforms (counted apart: 1 case cannot be brought about, 2 cases ruled out by limits)"},
		"counted apart and undecided": {result.Run{}, mixed(func(rs []judge.Result) {
			apart(&rs[0], judge.CannotBeBroughtAbout)
			set(&rs[1], judge.NotApplicable, "needs --risk destructive")
		}), judge.Conforms, "partial: conforms as far as exercised: 3 of 5 requirements"},
		"one made up": {result.Run{Upgrades: result.Upgrades{Accepted: 1, Invented: 1}}, resulttest.Each(judge.Deviates), judge.Deviates,
			"deviates: 5 of 5 requirements are broken; 1 request was accepted for graphs that do not exist"},
		"some made up": {result.Run{Upgrades: result.Upgrades{Accepted: 30, Invented: 23}, Interrupted: true}, resulttest.Each(judge.Conforms), judge.Conforms,
			"partial: conforms as far as exercised: 5 of 5 requirements; 23 requests were accepted for graphs that do not exist (interrupted)"},
		"all counted apart": {result.Run{}, func() []judge.Result {
			rs := resulttest.Each(judge.Conforms)
			for i := range rs {
				apart(&rs[i], judge.RuledOutByLimits)
			}
			return rs
		}(), judge.Error, "could not judge: no requirement was exercised"},
		"advisory": {result.Run{}, mixed(func(rs []judge.Result) { find(&rs[1], judge.Advisory) }), judge.Conforms, "conforms"},
		"strict": {result.Run{Target: result.Target{Strict: true}}, mixed(func(rs []judge.Result) { find(&rs[1], judge.Advisory) }), judge.Deviates,
			"deviates: 1 of 5 requirements is broken"},
		"deviates": {result.Run{}, resulttest.Each(judge.Deviates), judge.Deviates, "deviates: 5 of 5 requirements are broken"},
		"error": {result.Run{}, mixed(func(rs []judge.Result) {
			set(&rs[0], judge.Error, "rare")
			set(&rs[1], judge.Error, "often\nand long")
			set(&rs[2], judge.Error, "often\nand long")
		}), judge.Error, "could not judge: 3 of 5 cases; often and long"},
		"error beside a conforming case": {result.Run{}, append(resulttest.Each(judge.Conforms), resulttest.Case("z", "answer.json", judge.Error, "why")),
			judge.Error, "could not judge: 1 of 6 cases; why"},
		"error in a finding": {result.Run{}, mixed(func(rs []judge.Result) { find(&rs[0], judge.Error) }), judge.Error,
			"could not judge: 1 of 5 cases"},
		"deviates beats error": {result.Run{Failure: "cut off"}, mixed(func(rs []judge.Result) {
			find(&rs[0], judge.Deviates)
			set(&rs[1], judge.Error, "x")
		}), judge.Deviates, "deviates: 1 of 5 requirements is broken"},
		"failure":        {result.Run{Failure: "the credentials were refused"}, resulttest.Each(judge.Conforms), judge.Error, "could not judge: the credentials were refused"},
		"nothing":        {result.Run{}, nil, judge.Error, "could not judge: no case was selected"},
		"only masked":    {result.Run{}, []judge.Result{resulttest.Case("a", "answer.json", judge.Masked, "m")}, judge.Error, "could not judge: no requirement was exercised"},
		"interrupted":    {result.Run{Interrupted: true}, resulttest.Each(judge.Conforms), judge.Conforms, "partial: conforms as far as exercised: 5 of 5 requirements (interrupted)"},
		"broken and cut": {result.Run{Interrupted: true}, resulttest.Each(judge.Deviates)[:1], judge.Deviates, "deviates: 1 of 5 requirements is broken (interrupted)"},
		"a verdict without a finding proves nothing": {result.Run{}, []judge.Result{resulttest.Case("a", "answer.json", judge.Conforms, "")},
			judge.Error, "could not judge: no requirement was exercised"},
	} {
		t.Run(name, func(t *testing.T) {
			run := result.Summarise(resulttest.Contract(t), tc.run, tc.results)
			if run.Verdict != tc.verdict || run.Headline != tc.headline {
				t.Errorf("expected %s, %q\ngot %s, %q", tc.verdict, tc.headline, run.Verdict, run.Headline)
			}
		})
	}
}

func TestStable(t *testing.T) {
	a, b := resulttest.Run(t), resulttest.Run(t)
	b.Started, b.Duration = b.Started.Add(time.Hour), 1
	b.Target.Endpoint = "http://127.0.0.1:54321"
	for i := range b.Cases {
		b.Cases[i].Duration++
		for j := range b.Cases[i].Sequences {
			b.Cases[i].Sequences[j] += 100
		}
	}
	a.Cases[1].Reason, b.Cases[1].Reason = "dial 127.0.0.1:1: refused", "dial 127.0.0.1:22222: refused"
	a.Cases[0].Findings[0].Got, b.Cases[0].Findings[0].Got = "read [::1]:80->[::1]:44: reset", "read [::1]:9->[::1]:4: reset"
	if reflect.DeepEqual(a, b) {
		t.Fatal("expected two runs that differ")
	}
	before := b.Cases[0].Findings[0].Got
	if got, want := resulttest.Stable(b), resulttest.Stable(a); !reflect.DeepEqual(got, want) {
		t.Errorf("expected %+v\ngot      %+v", want, got)
	}
	if b.Cases[0].Findings[0].Got != before || b.Cases[3].Sequences == nil {
		t.Error("Stable changed its argument")
	}
	b.Cases[0].Verdict = judge.Observed
	if reflect.DeepEqual(resulttest.Stable(a), resulttest.Stable(b)) {
		t.Error("expected Stable to keep the verdict")
	}
	if got := resulttest.Stable(a).Cases[1].Reason; got != "dial 127.0.0.1: refused" {
		t.Errorf("expected the reason without the port, got %q", got)
	}
}
