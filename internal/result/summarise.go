package result

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
)

// The reasons of requirements that were not exercised if no case has a better one.
const (
	noCaseSelected  = "no case was selected"
	noAnswerDecided = "no answer decided"
	noAnswerShowed  = "no answer that it applies to"
)

// Summarise completes run from the results, one per case: it sets SchemaVersion, Contract,
// Cases, Requirements, ResponseTimes, Sources, Verdict, Headline, Partial and Target.Certificates,
// and for a client Coverage. The caller sets the other fields before, among them Interrupted and, if
// the run broke off or did not exercise what --require names, Failure.
func Summarise(c *contract.Contract, run Run, results []judge.Result) Run {
	run.SchemaVersion = SchemaVersion
	run.Contract = ContractVersion{Name: c.Name(), Version: c.Version(), SHA256: c.SHA256()}
	run.Cases = casesOf(results)
	run.Target.Certificates = certificatesOf(run.Cases)
	run.Requirements = run.requirementsOf(c)
	if run.Target.MaxResponseTime == 0 { // nobody asked for it
		run.Requirements = slices.DeleteFunc(run.Requirements, func(r Requirement) bool {
			return c.Requirement(r.ID) != nil && c.Requirement(r.ID).Judges == contract.AspectInTime
		})
	}
	if run.Client == nil {
		run.ResponseTimes = responseTimesOf(run.Cases, run.Target.MaxResponseTime)
	} else {
		run.Coverage = run.taken(c)
	}
	if run.Target.OnlyDocumented { // the findings are lowered already
		run.lowerOurs()
	}
	run.Sources = sourcesOf(c, &run)
	run.decide()
	return run
}

func casesOf(results []judge.Result) []Case {
	cases := make([]Case, 0, len(results))
	for _, r := range results {
		c := Case{Result: r}
		c.read()
		cases = append(cases, c)
	}
	slices.SortStableFunc(cases, func(a, b Case) int { return cmp.Compare(a.Case, b.Case) })
	return cases
}

// A tally collects what the cases say about one requirement.
type tally struct {
	level          contract.Level // from the findings, for one that the contract does not have
	verdict        judge.Verdict
	reason         string
	cases, decided int
	apart, because []string // the cases that are counted apart, and why
}

type tallies map[string]*tally

func (t tallies) of(id string) *tally {
	if t[id] == nil {
		t[id] = &tally{}
	}
	return t[id]
}

func (t *tally) weigh(v judge.Verdict, reason string) {
	if t.verdict == "" || judge.Worse(t.verdict, v) != t.verdict {
		t.verdict, t.reason = v, reason
	}
}

// add counts a case for the requirement that it is about and for those of its findings.
func (t tallies) add(c *Case) {
	bears, decided := make([]string, 0, 16), make([]string, 0, 16)
	if c.Requirement != "" {
		bears = append(bears, c.Requirement)
	}
	for _, f := range c.Findings {
		if !slices.Contains(bears, f.Requirement) {
			bears = append(bears, f.Requirement)
		}
		if f.Verdict.Exercised() && !slices.Contains(decided, f.Requirement) {
			decided = append(decided, f.Requirement)
		}
		of := t.of(f.Requirement)
		of.level = f.Level
		of.weigh(f.Verdict, f.Got)
	}
	if c.Requirement != "" && (c.Verdict == judge.Masked || c.Verdict == judge.NotApplicable || c.Verdict == judge.Error) {
		t.of(c.Requirement).weigh(c.Verdict, c.Reason)
	}
	for _, id := range bears {
		t.of(id).cases++
	}
	for _, id := range decided {
		t.of(id).decided++
	}
	if c.Apart != "" && c.Requirement != "" && !slices.Contains(decided, c.Requirement) {
		own := t.of(c.Requirement)
		own.apart, own.because = append(own.apart, c.Case), append(own.because, inShort(c.Reason))
	}
}

// requirementsOf returns the requirements of the contract that apply to what is judged, followed
// by all others that the cases have findings about, so that no finding is lost.
func (run *Run) requirementsOf(c *contract.Contract) []Requirement {
	found := tallies{}
	for i := range run.Cases {
		found.add(&run.Cases[i])
	}
	all := []Requirement{}
	for _, r := range c.Requirements() {
		t := found[r.ID]
		delete(found, r.ID)
		if t == nil && !run.applies(r) {
			continue
		}
		summary := t.requirement(Requirement{
			ID: r.ID, Operation: r.Operation, Level: r.Level, Text: r.Text, Line: r.Line,
			Source: idsOf(c.Sources(r.Source...)), Ours: r.Level == contract.Must && !c.Documented(r),
		})
		switch {
		case t == nil && run.Client != nil:
			summary.Reason = run.noneSelected()
		case t == nil && r.Judges != "":
			summary.Reason = noAnswerShowed
		}
		all = append(all, summary)
	}
	first := len(all)
	for id, t := range found {
		all = append(all, t.requirement(Requirement{ID: id, Level: t.level, Text: "(not in the contract)"}))
	}
	slices.SortFunc(all[first:], func(a, b Requirement) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func (t *tally) requirement(r Requirement) Requirement {
	switch {
	case t == nil:
		r.Verdict, r.Reason = judge.NotApplicable, noCaseSelected
		return r
	case t.verdict == "":
		r.Verdict, r.Reason = judge.NotApplicable, noAnswerDecided
	case t.verdict.Exercised():
		r.Verdict = t.verdict
	default:
		r.Verdict, r.Reason = t.verdict, t.reason
	}
	r.Extent = Extent{t.cases, t.decided, ByReason(t.because, t.apart)}
	return r
}

// Broken returns the requirements with a deviation that is not a known one. In a strict
// run, that includes the level SHOULD.
func (run *Run) Broken() []Requirement {
	counts := map[string]bool{}
	for i := range run.Cases {
		c := &run.Cases[i]
		for _, f := range c.Findings {
			if run.Breaks(c, f) {
				counts[f.Requirement] = true
			}
		}
	}
	return run.requirements(func(r *Requirement) bool { return counts[r.ID] })
}

// Exercised returns the requirements that an answer decided.
func (run *Run) Exercised() []Requirement {
	return run.requirements(func(r *Requirement) bool { return r.Verdict.Exercised() })
}

// InPart returns the requirements of which some cases were decided, but not all that could be.
func (run *Run) InPart() []Requirement {
	return run.requirements(func(r *Requirement) bool { return r.Verdict.Exercised() && r.Undecided() > 0 })
}

func (run *Run) requirements(which func(*Requirement) bool) []Requirement {
	var all []Requirement
	for i := range run.Requirements {
		if which(&run.Requirements[i]) {
			all = append(all, run.Requirements[i])
		}
	}
	return all
}

// decide sets the verdict and the headline and, if nothing was judged, the failure.
func (run *Run) decide() {
	broken, exercised, total := len(run.Broken()), len(run.Exercised()), len(run.Requirements)
	notJudged := run.NotJudged()
	run.Partial = run.Interrupted || run.Shard != "" || run.Document.leftOut() || slices.ContainsFunc(run.Requirements, func(r Requirement) bool { return !r.whole() })
	switch {
	case run.Failure != "" || len(notJudged) > 0 || broken > 0:
	case len(run.Cases) == 0:
		run.Failure = run.noneSelected()
	case exercised == 0 && run.Shard == "": // other shards may exercise some
		run.Failure = "no requirement was exercised"
	}
	known := run.KnownInShort()
	switch {
	case broken > 0:
		run.Verdict = judge.Deviates
		run.Headline = fmt.Sprintf("deviates: %d of %d requirements %s broken%s", broken, total, printable.Plural(broken, "is", "are"), printable.Prefixed(" in addition to ", known))
	case run.Failure != "":
		run.Verdict = judge.Error
		run.Headline = "could not judge: " + printable.Line(run.Failure)
	case len(notJudged) > 0:
		run.Verdict = judge.Error
		run.Headline = "could not judge: " + run.notJudgedInShort(notJudged)
	case run.Partial:
		run.Verdict = judge.Conforms
		run.Headline = fmt.Sprintf("partial: conforms as far as exercised%s: %d of %d requirements", printable.Prefixed(" except for ", known), exercised, total)
		if n := len(run.InPart()); n > 0 {
			run.Headline += fmt.Sprintf(", %d of them in part", n)
		}
	default:
		run.Verdict = judge.Conforms
		run.Headline = "conforms" + printable.Prefixed(" except for ", known) + inBrackets("counted apart: ", run.apartInShort())
	}
	if n := run.Upgrades.Invented; n > 0 {
		run.Headline += fmt.Sprintf("; %d %s accepted for graphs that do not exist", n, printable.Plural(n, "request was", "requests were"))
	}
	if run.Target.OnlyDocumented {
		run.Headline += " (counting as MUST only what is documented)"
	}
	run.Headline += run.outdated() + inBrackets("shard ", run.Shard)
	if run.Interrupted {
		run.Headline += " (interrupted)"
	}
}

// apartInShort returns the number of cases that are counted apart, by kind.
func (run *Run) apartInShort() string {
	counts := map[judge.Apart]int{}
	for i := range run.Cases {
		counts[run.Cases[i].Apart]++
	}
	var parts []string
	for _, kind := range []judge.Apart{judge.CannotBeBroughtAbout, judge.RuledOutByLimits} {
		if n := counts[kind]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s %s", n, run.CaseWord(n), kind))
		}
	}
	return strings.Join(parts, ", ")
}

// inBrackets returns a text in brackets to append to a headline, or "" for an empty text.
func inBrackets(prefix, s string) string {
	if s == "" {
		return ""
	}
	return " (" + prefix + s + ")"
}

// notJudgedInShort returns the number of cases that could not be judged, and the most
// frequent reason.
func (run *Run) notJudgedInShort(reasons []Reason) string {
	cases := len(run.Cases)
	short := fmt.Sprintf("%d of %d %s", CountNames(reasons), cases, run.CaseWord(cases))
	if most := reasons[0].Reason; most != "" {
		short += "; " + printable.Line(most)
	}
	return short
}
