package result

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/printable"
)

// A Coverage is what a run exercised of the contract beside the requirements, by
// operation, and what not and why.
type Coverage struct {
	Operations []OperationCoverage `json:"operations"` // sorted by id
}

// An OperationCoverage is what a run exercised of one operation.
type OperationCoverage struct {
	Operation  string `json:"operation"`
	Statuses   Share  `json:"statuses"`   // documented ones, by the answers that had them
	Codes      Share  `json:"codes"`      // those that a refusal may lawfully have, likewise
	Parameters Share  `json:"parameters"` // parts of the request, by the cases that were decided on them
	Keywords   Share  `json:"keywords"`   // rules for these parts, of schema or service, likewise
}

// A Share is the part of things that was exercised.
type Share struct {
	Exercised []Counted `json:"exercised,omitempty"` // in the order of their names
	// Missing is what was not exercised, by the reason; the most frequent first.
	Missing []Reason `json:"missing,omitempty"`
}

// A Counted thing is one with how often it came.
type Counted struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// Total is how many things there are.
func (s *Share) Total() int {
	return len(s.Exercised) + CountNames(s.Missing)
}

// The reasons of what nothing exercised and no case speaks for.
const (
	notClaimed = "no case can cause it"
	otherwise  = "other answers came instead"
	noneHadIt  = "no answer had it"
)

// Cover puts to the run what its exchanges exercised of the contract; all are
// the cases that follow from it, selected or not. It is called after Summarise.
func (run *Run) Cover(c *contract.Contract, all []*cases.Case) {
	s := surveyOf(run, all)
	run.Coverage = &Coverage{}
	for _, op := range c.Operations() {
		run.Coverage.Operations = append(run.Coverage.Operations, s.operation(c, op))
	}
}

// A survey is what there is to be counted, by operation.
type survey struct {
	all      []*cases.Case
	results  map[string]*Case
	cases    map[string][]*cases.Case
	decided  map[string]map[string]int // cases, by condition
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
			status, _ := strconv.Atoi(r.Status) // 0 is default, which no refusal names
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

// succeeding lists the cases that want an operation to succeed: its own, or else
// those of the lifecycle, in which the operations come together.
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

// codesOf counts the error codes that the refusals of an operation may have.
func (s *survey) codesOf(c *contract.Contract, op *contract.Operation) *counter {
	n := newCounter()
	for code, times := range s.codes[op.ID] {
		n.add(catalogued(c, code), times)
	}
	lawful := map[string][]string{} // the conditions that may be answered with a code
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

// catalogued writes a code as the catalogue does: two prefixes of the gateway
// are one.
func catalogued(c *contract.Contract, code string) string {
	if known := c.Code(code); known != nil {
		return known.Code
	}
	return code
}

// probed counts the cases that were decided, by what they put to the test.
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

// notProbed says why no case was decided that puts something to the test.
func (s *survey) notProbed(op *contract.Operation, does func(cases.Probe) bool) string {
	var able []*cases.Case
	for _, k := range s.cases[op.ID] {
		if slices.ContainsFunc(k.Probes, does) {
			able = append(able, k)
		}
	}
	return s.whyNot(able)
}

// notAnswered says why no answer was of a kind that is lawful under some
// conditions.
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

// whyNot says why none of the cases was decided: the most frequent reason.
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

// inShort is what a reason asks for; which answer hid the rule differs from case
// to case.
func inShort(reason string) string {
	if _, asked, found := strings.Cut(reason, "; not decided: "); found {
		return asked
	}
	if _, by, found := strings.Cut(reason, ": refused as "); found {
		return "refused as " + by
	}
	return cmp.Or(printable.Line(reason), noneHadIt)
}

// A counter gathers a share.
type counter struct {
	counts  map[string]int
	names   []string // missing ones
	reasons []string // theirs
}

func newCounter() *counter { return &counter{counts: map[string]int{}} }

func (n *counter) add(name string, count int) {
	if count > 0 {
		n.counts[name] += count
	}
}

// keep forgets what is not among the names.
func (n *counter) keep(names []string) {
	for name := range n.counts {
		if !slices.Contains(names, name) {
			delete(n.counts, name)
		}
	}
}

// missing notes why something was not counted, if it was not.
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
