package result

import (
	"slices"
	"strconv"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
)

// A Document is what a run by an OpenAPI document that states no requirements of its own was told,
// and what it left out.
type Document struct {
	// Operations are the patterns of the operations that were to be judged; none for all.
	Operations  []string      `json:"operations,omitempty"`
	Fixtures    []string      `json:"fixtures,omitempty"`    // as --fixture has them
	Credentials []string      `json:"credentials,omitempty"` // the ids of the security schemes for which some were given
	Added       []string      `json:"added,omitempty"`       // names of what each request had besides: "header X-Tenant"
	MaxRequests int           `json:"max_requests,omitempty"`
	Time        time.Duration `json:"time_ns,omitempty"`    // how long the run might take; 0 for no limit
	MaxPlaces   int           `json:"max_places,omitempty"` // of bodies and parameters at which values were derived; 0 for no limit
	// Underived has the operations, or parts of them, for which there is no case.
	Underived []Underived `json:"underived,omitempty"`
	// Without are the operations for which there is no case at all.
	Without []string `json:"operations_without_cases,omitempty"`
	// Unsent are the ids of cases that --max-requests or --time has cut off.
	Unsent []string `json:"unsent,omitempty"`
	// Limit is the reason of those cases.
	Limit string `json:"limit,omitempty"`
	// KeptBack has why requests were kept back for what they could change, by the ids of their cases.
	KeptBack map[string]string `json:"kept_back,omitempty"`
	// Left is what the run has made and could not delete, as commands that do.
	Left []string `json:"left,omitempty"`
}

// An Underived is an operation, or a part of one, for which there is no case.
type Underived struct {
	Operation string `json:"operation"`
	Part      string `json:"part,omitempty"` // of its requests, such as "body /id: type-null"; "" for the whole
	Reason    string `json:"reason"`
	Detail    string `json:"detail,omitempty"` // what is so of this part alone
	Clause    string `json:"clause,omitempty"` // JSON pointer into the document
	Line      int    `json:"line,omitempty"`   // in the document
	Limit     string `json:"limit,omitempty"`  // the option that has left it out; "" if it cannot be derived
}

// name tells what has no case from what else has none for the same reason.
func (u *Underived) name() string {
	name := u.Operation + printable.Prefixed(": ", u.Part)
	if u.Line > 0 {
		name += " (line " + strconv.Itoa(u.Line) + ")"
	}
	return name + printable.Prefixed(": ", u.Detail)
}

// leftOut reports whether something of the document was not tested that was to be. A value that cannot
// be derived, for it would be another one on the wire, is no part of a test.
func (d *Document) leftOut() bool {
	return d != nil && (len(d.Without)+len(d.Unsent)+len(d.Operations) > 0 || slices.ContainsFunc(d.Underived, func(u Underived) bool { return u.Limit != "" }))
}

// NotDerived returns the operations, or parts of them, for which there is no case, by reason; only
// those for which is true.
func (d *Document) NotDerived(which func(operation string) bool) []LeftOut {
	if d == nil {
		return nil
	}
	return LeftOutByReason(slices.DeleteFunc(slices.Clone(d.Underived), func(u Underived) bool { return !which(u.Operation) }))
}

// A LeftOut says why some operations, or parts of them, have no case.
type LeftOut struct {
	Reason     string
	Parts      []string // which part of which operation, and where that stands
	Operations []string // each once
}

// LeftOutByReason groups what has no case, what is most first.
func LeftOutByReason(underived []Underived) []LeftOut {
	var reasons, names, operations []string
	for i := range underived {
		u := &underived[i]
		reasons, names, operations = append(reasons, u.Reason), append(names, u.name()), append(operations, u.Operation)
	}
	var all []LeftOut
	of := ByReason(reasons, operations)
	for i, r := range ByReason(reasons, names) {
		slices.Sort(of[i].Names)
		all = append(all, LeftOut{r.Reason, r.Names, slices.Compact(of[i].Names)})
	}
	return all
}

// A DerivedCase is a case that was derived from a document, whether it was sent or not.
type DerivedCase struct {
	ID, Operation, Requirement string
	Part                       string // of the request that it is about, such as "query limit"; "" for none
	Rule                       string // the keyword that it tests, or ""
}

// DocumentNames returns what an expectation of a run by a document may name.
func DocumentNames(c *contract.Contract, derived []DerivedCase) Names {
	known := Names{requirements: idsFor(c, contract.Server), listed: "`gesconform cases --spec FILE` lists them"}
	for _, k := range derived {
		known.cases = append(known.cases, Scenario{ID: k.ID, Requirement: k.Requirement})
	}
	return known
}

// notSent is why a case has no result.
const notSent = "not sent"

// withoutCases returns the document with the operations for which there is no case, of those that were
// to be judged.
func (d *Document) withoutCases(c *contract.Contract, derived []DerivedCase) *Document {
	with, why := map[string]bool{}, map[string]bool{}
	for i := range derived {
		with[derived[i].Operation] = true
	}
	for _, u := range d.Underived {
		why[u.Operation] = true
	}
	own := *d // that of the caller may be summarised again
	own.Without = nil
	for _, op := range c.Operations() {
		if !with[op.ID] && (len(d.Operations) == 0 || why[op.ID]) {
			own.Without = append(own.Without, op.ID)
		}
	}
	return &own
}

// SummariseDocument does what Summarise, Expect and Cover do for a run by a document that states no
// requirements. derived has all cases, sent or not.
func SummariseDocument(c *contract.Contract, run Run, results []judge.Result, derived []DerivedCase, expected Expectations) Run {
	run.Document = run.Document.withoutCases(c, derived)
	run = Summarise(c, run, results)
	run.Expect(expected)
	s := documentSurvey{run: &run, results: make(map[string]*Case, len(run.Cases)), answered: map[string]map[string]int{}}
	for i := range run.Cases {
		s.results[run.Cases[i].Case] = &run.Cases[i]
	}
	unsent, ofOperation := map[string]int{}, map[string][]DerivedCase{}
	for i := range derived {
		ofOperation[derived[i].Operation] = append(ofOperation[derived[i].Operation], derived[i])
		if s.results[derived[i].ID] == nil {
			unsent[derived[i].Requirement]++
		}
	}
	for i := range run.Requirements {
		r := &run.Requirements[i]
		if r.Cases == 0 && unsent[r.ID] > 0 {
			r.Reason = notSent
		}
		r.Cases += unsent[r.ID]
	}
	run.Requirements = slices.DeleteFunc(run.Requirements, func(r Requirement) bool { // nothing in the document is about it
		known := c.Requirement(r.ID)
		return r.Cases == 0 && known != nil && known.Tests != ""
	})
	run.decide() // what was not sent makes a run partial
	s.countAnswers(c)
	run.Coverage = &Coverage{Operations: []OperationCoverage{}}
	for _, op := range c.Operations() {
		own := ofOperation[op.ID]
		if len(own) == 0 && len(s.answered[op.ID]) == 0 {
			continue
		}
		run.Coverage.Operations = append(run.Coverage.Operations, OperationCoverage{
			Operation: op.ID, Statuses: s.statuses(op),
			Parameters: s.probed(own, func(k DerivedCase) string { return k.Part }),
			Keywords: s.probed(own, func(k DerivedCase) string {
				if k.Part == "" || k.Rule == "" {
					return ""
				}
				return k.Part + " " + k.Rule
			}),
		})
	}
	return run
}

// A documentSurvey has the counts of the coverage of a run by a document.
type documentSurvey struct {
	run      *Run
	results  map[string]*Case
	answered map[string]map[string]int // by operation and documented status
}

func (s *documentSurvey) countAnswers(c *contract.Contract) {
	for _, x := range s.run.DistinctExchanges() {
		if x.Answer == nil || x.SetAside != "" {
			continue
		}
		op := c.Operation(x.Operation())
		if op == nil {
			continue
		}
		if r := op.Response(x.Answer.Status); r != nil {
			countIn(s.answered, op.ID, r.Status)
		}
	}
}

func (s *documentSurvey) statuses(op *contract.Operation) Share {
	n := newCounter()
	for _, r := range op.Responses {
		n.add(r.Status, s.answered[op.ID][r.Status])
		n.missing(r.Status, func() string { return noneHadIt })
	}
	return n.share()
}

// probed counts the decided cases by what they are about. What no case decides comes with the reason
// of the first case that could have.
func (s *documentSurvey) probed(own []DerivedCase, about func(DerivedCase) string) Share {
	n, why, names := newCounter(), map[string]string{}, []string(nil)
	for _, k := range own {
		name := about(k)
		if name == "" {
			continue
		}
		if _, known := why[name]; !known {
			why[name], names = s.whyNot(k.ID), append(names, name)
		}
		if r := s.results[k.ID]; r != nil && r.Verdict.Exercised() {
			n.add(name, 1)
		}
	}
	for _, name := range names {
		n.missing(name, func() string { return why[name] })
	}
	return n.share()
}

// whyNot says why a case was not decided.
func (s *documentSurvey) whyNot(id string) string {
	if r := s.results[id]; r != nil {
		return inShort(r.Reason)
	}
	return notSent
}
