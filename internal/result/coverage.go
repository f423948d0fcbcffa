package result

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
)

// A Coverage says which statuses, error codes, parameters and keywords of the contract
// a run exercised, and why it did not exercise the others. For a client it says which operations,
// statuses and error codes it has taken correctly, of those that it was answered with.
type Coverage struct {
	Operations []OperationCoverage `json:"operations"` // sorted by id
}

// An OperationCoverage is the coverage of one operation.
type OperationCoverage struct {
	Operation  string `json:"operation"`
	Statuses   Share  `json:"statuses"`   // documented statuses, counted by answer
	Codes      Share  `json:"codes"`      // error codes that a refusal may lawfully have, counted by answer
	Parameters Share  `json:"parameters"` // parts of the request, counted by decided case
	Keywords   Share  `json:"keywords"`   // rules for these parts, from schemas or the service, counted by decided case
}

// A Share says which things of one kind were exercised.
type Share struct {
	Exercised []Counted `json:"exercised,omitempty"` // sorted by name
	// Missing has what was not exercised, grouped by reason, the most frequent first.
	Missing []Reason `json:"missing,omitempty"`
}

// A Counted is a thing and how often it was exercised.
type Counted struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// Total returns the number of things, exercised or not.
func (s *Share) Total() int {
	return len(s.Exercised) + CountNames(s.Missing)
}

// The reasons for which no case has a better one.
const (
	notClaimed = "no case can cause it"
	otherwise  = "other answers came instead"
	noneHadIt  = "no answer had it"
)

// Cover sets run.Coverage from the exchanges of the run, and adds the cases that were not
// selected to those of their requirements. all has all cases of the contract, selected or
// not. Call it once, after Summarise.
func (run *Run) Cover(c *contract.Contract, all []*cases.Case) {
	s := surveyOf(run, all)
	unselected := map[string]int{}
	for _, k := range all {
		if s.results[k.ID] == nil {
			unselected[k.Requirement]++
		}
	}
	for i := range run.Requirements {
		run.Requirements[i].Cases += unselected[run.Requirements[i].ID]
	}
	run.decide() // what was not selected makes a run partial
	run.Coverage = &Coverage{}
	for _, op := range c.Operations() {
		run.Coverage.Operations = append(run.Coverage.Operations, s.operation(c, op))
	}
}

// A survey has the counts from which a coverage is made, by operation id.
type survey struct {
	all      []*cases.Case
	results  map[string]*Case
	cases    map[string][]*cases.Case
	decided  map[string]map[string]int // number of decided cases by condition
	statuses map[string]map[int]int
	codes    map[string]map[string]int
}

func surveyOf(run *Run, all []*cases.Case) *survey {
	s := &survey{
		all: all, results: make(map[string]*Case, len(run.Cases)), cases: map[string][]*cases.Case{},
		decided: map[string]map[string]int{}, statuses: map[string]map[int]int{}, codes: map[string]map[string]int{},
	}
	for i := range run.Cases {
		s.results[run.Cases[i].Case] = &run.Cases[i]
	}
	for _, x := range run.DistinctExchanges() {
		if x.Answer != nil && x.SetAside == "" {
			operation := x.Operation()
			countIn(s.statuses, operation, x.Answer.Status)
			countIn(s.codes, operation, x.Code())
		}
	}
	for _, k := range all {
		s.cases[k.Operation] = append(s.cases[k.Operation], k)
		if s.exercised(k) {
			countIn(s.decided, k.Operation, k.Condition)
		}
	}
	return s
}

func (s *survey) exercised(k *cases.Case) bool {
	r := s.results[k.ID]
	return r != nil && r.Verdict.Exercised()
}

func countIn[K comparable](counts map[string]map[K]int, operation string, key K) {
	if counts[operation] == nil {
		counts[operation] = map[K]int{}
	}
	counts[operation][key]++
}

func (s *survey) operation(c *contract.Contract, op *contract.Operation) OperationCoverage {
	parameters, keywords := s.probed(op)
	return OperationCoverage{
		Operation: op.ID, Statuses: s.statusesOf(c, op).share(), Codes: s.codesOf(c, op).share(),
		Parameters: parameters.share(), Keywords: keywords.share(),
	}
}

func (s *survey) statusesOf(c *contract.Contract, op *contract.Operation) *counter {
	n := newCounter()
	for status, times := range s.statuses[op.ID] {
		if r := op.Response(status); r != nil {
			n.add(r.Status, times)
		}
	}
	for _, r := range op.Responses {
		n.missing(r.Status, func() string {
			if r == op.Success() {
				return s.whyNot(s.succeeding(op))
			}
			status, _ := strconv.Atoi(r.Status) // 0 for "default", which no refusal names
			var may []string
			for _, refusal := range op.Refusals() {
				if slices.ContainsFunc(refusal.Answers, func(o contract.Outcome) bool { return o.Covers(status) }) {
					may = append(may, refusal.Condition)
				}
			}
			return s.notAnswered(op, may)
		})
	}
	return n
}

// succeeding returns the cases that need the operation to succeed: the valid requests
// for it or, if there are none, the cases of the lifecycle, which calls all operations.
func (s *survey) succeeding(op *contract.Operation) []*cases.Case {
	var valid, observing []*cases.Case
	for _, k := range s.all {
		switch {
		case k.Observes != "":
			observing = append(observing, k)
		case k.Operation == op.ID && k.Condition == "":
			valid = append(valid, k)
		}
	}
	if len(valid) == 0 {
		return observing
	}
	return valid
}

// codesOf counts the error codes that refusals by the operation may lawfully have.
func (s *survey) codesOf(c *contract.Contract, op *contract.Operation) *counter {
	n := newCounter()
	for code, times := range s.codes[op.ID] {
		n.add(catalogued(c, code), times)
	}
	lawful := map[string][]string{} // by code: the conditions that may be answered with it
	for _, r := range op.Refusals() {
		for _, o := range r.Answers {
			for _, code := range o.Codes {
				code = catalogued(c, code)
				lawful[code] = append(lawful[code], r.Condition)
			}
		}
	}
	all := slices.Sorted(maps.Keys(lawful))
	n.keep(all)
	for _, code := range all {
		n.missing(code, func() string { return s.notAnswered(op, lawful[code]) })
	}
	return n
}

// catalogued returns a code as it is in the catalogue: some codes have a second spelling,
// with another prefix.
func catalogued(c *contract.Contract, code string) string {
	if known := c.Code(code); known != nil {
		return known.Code
	}
	return code
}

// probed counts the decided cases by the parameters and rules that they test.
func (s *survey) probed(op *contract.Operation) (parameters, keywords *counter) {
	parts, rules := map[string]int{}, map[cases.Probe]int{}
	for _, k := range s.cases[op.ID] {
		if !s.exercised(k) {
			continue
		}
		for i, p := range k.Probes {
			if i == 0 || k.Probes[i-1].Part != p.Part {
				parts[p.Part]++
			}
			rules[p]++
		}
	}
	parameters, keywords = newCounter(), newCounter()
	for _, part := range cases.Parts(op) {
		parameters.add(part, parts[part])
		parameters.missing(part, func() string {
			return s.notProbed(op, func(p cases.Probe) bool { return p.Part == part })
		})
	}
	for _, rule := range cases.Rules(op) {
		name := rule.Part + " " + rule.Rule
		keywords.add(name, rules[rule])
		keywords.missing(name, func() string {
			return s.notProbed(op, func(p cases.Probe) bool { return p == rule })
		})
	}
	return parameters, keywords
}

// notProbed returns why none of the cases with such a probe was decided.
func (s *survey) notProbed(op *contract.Operation, does func(cases.Probe) bool) string {
	var able []*cases.Case
	for _, k := range s.cases[op.ID] {
		if slices.ContainsFunc(k.Probes, does) {
			able = append(able, k)
		}
	}
	return s.whyNot(able)
}

// notAnswered returns why no answer had a status or code that is only lawful under the
// given conditions.
func (s *survey) notAnswered(op *contract.Operation, conditions []string) string {
	for _, condition := range conditions {
		if s.decided[op.ID][condition] > 0 {
			return otherwise
		}
	}
	var able []*cases.Case
	for _, k := range s.cases[op.ID] {
		if slices.Contains(conditions, k.Condition) {
			able = append(able, k)
		}
	}
	return s.whyNot(able)
}

// whyNot returns the most frequent reason why none of the cases was decided.
func (s *survey) whyNot(all []*cases.Case) string {
	if len(all) == 0 {
		return notClaimed
	}
	reasons, ids := make([]string, len(all)), make([]string, len(all))
	for i, k := range all {
		reasons[i], ids[i] = noCaseSelected, k.ID
		if r := s.results[k.ID]; r != nil {
			reasons[i] = inShort(r.Reason)
		}
	}
	return ByReason(reasons, ids)[0].Reason
}

// inShort shortens the reason of a masked case to what would decide it or to the
// condition that masked it, so that similar cases have the same reason.
func inShort(reason string) string {
	if because, found := judge.Because(reason); found {
		return because
	}
	if _, by, found := strings.Cut(reason, ": refused as "); found {
		return "refused as " + by
	}
	return cmp.Or(printable.Line(reason), noneHadIt)
}

// A counter collects a Share.
type counter struct {
	counts  map[string]int
	names   []string // of what is missing
	reasons []string // why, at the same index
}

func newCounter() *counter { return &counter{counts: map[string]int{}} }

func (n *counter) add(name string, count int) {
	if count > 0 {
		n.counts[name] += count
	}
}

// keep removes all counts but those of names.
func (n *counter) keep(names []string) {
	for name := range n.counts {
		if !slices.Contains(names, name) {
			delete(n.counts, name)
		}
	}
}

// missing records why a thing is missing, unless it was counted.
func (n *counter) missing(name string, why func() string) {
	if n.counts[name] == 0 {
		n.names, n.reasons = append(n.names, name), append(n.reasons, why())
	}
}

func (n *counter) share() Share {
	var s Share
	for name, count := range n.counts {
		s.Exercised = append(s.Exercised, Counted{name, count})
	}
	slices.SortFunc(s.Exercised, func(a, b Counted) int { return cmp.Compare(a.Name, b.Name) })
	s.Missing = ByReason(n.reasons, n.names)
	return s
}
