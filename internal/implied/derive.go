package implied

import (
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/values"
)

// Cases derives the cases of the operations that are to be judged, in the order in which they are
// sent. It sends nothing, and gives the same for the same options.
func Cases(o Options) (all []*Case, underived []Underived, err error) {
	d := &deriver{o: &o, source: values.New(contract.Client), derived: map[written]values.Derived{}, index: indexOf(o.Contract)}
	var selected []*contract.Operation
	for _, op := range o.Contract.Operations() {
		is, err := o.selects(op)
		if err != nil {
			return nil, nil, err
		}
		if is {
			selected = append(selected, op)
		}
	}
	d.share = shareOf(selected, o.MaxPlaces)
	for _, op := range selected {
		d.operation(op)
	}
	sortCases(d.all, d.makingOrder(d.all))
	for _, k := range d.all {
		k.Line = o.Contract.Line(k.Clause)
	}
	return d.all, d.underived, d.unique()
}

// selects reports whether an operation is to be judged.
func (o *Options) selects(op *contract.Operation) (bool, error) {
	for _, pattern := range o.Operations {
		if config.MatchesOperation(pattern, op) {
			return true, nil
		}
		if _, err := path.Match(pattern, ""); err != nil {
			return false, fmt.Errorf("operation %q: %w", pattern, err)
		}
	}
	return len(o.Operations) == 0, nil
}

// A deriver collects the cases of a document.
type deriver struct {
	o         *Options
	index     *index
	share     *share // nil for all places
	source    *values.Source
	target    target              // of the requests that are being derived
	media     *contract.MediaType // of plain bodies
	derived   map[written]values.Derived
	all       []*Case
	underived []Underived
}

// operation derives the cases of one operation.
func (d *deriver) operation(op *contract.Operation) {
	d.media = nil
	if len(op.Unsupported) == 0 && !slices.ContainsFunc(op.Responses, func(r *contract.Response) bool { return r.Status < "4" || r.Status == "default" }) {
		d.gap(op, "it lists no status of success, so that none is judged; list one, such as 204", op.Clause+"/responses")
	}
	switch {
	case len(op.Unsupported) > 0:
		for _, u := range op.Unsupported {
			d.underived = append(d.underived, Underived{Operation: op.ID, Unsupported: u})
		}
	case d.lacksParameter(op):
	case op.Method == http.MethodGet || op.Method == http.MethodHead:
		d.reads(op)
	case isHarmless(op):
		d.harmless(op)
	case op.Method == http.MethodOptions || op.Method == http.MethodTrace:
		d.gap(op, "OPTIONS and TRACE are not derived", op.Clause)
	default:
		d.changes(op)
	}
}

// gap says why an operation has no case, or none of a kind.
func (d *deriver) gap(op *contract.Operation, reason, clause string) {
	d.gapOf(op, "", values.Reason{Text: reason, Clause: clause})
}

// gapOf says the same of a part of its requests.
func (d *deriver) gapOf(op *contract.Operation, part string, r values.Reason) {
	if r.Pointer != "" {
		part += " " + r.Pointer
	}
	if r.Name != "" {
		part += ": " + r.Name
	}
	d.underived = append(d.underived, Underived{Operation: op.ID, Part: part, Unsupported: contract.Unsupported{Reason: r.Text, Clause: r.Clause, Line: d.o.Contract.Line(r.Clause)}, Detail: r.Detail})
}

// add adds a case, unless the document has no requirement for its kind.
func (d *deriver) add(op *contract.Operation, k *kind, what, clause string, change variation) *Case {
	r := d.o.Contract.RequirementTesting(k.rule)
	if r == nil {
		return nil
	}
	c := &Case{
		ID: label(op) + ": " + what, Operation: op, Requirement: r.ID, Level: r.Level, Clause: clause,
		Risk: d.riskOf(op, k), Why: k.why, kind: k, change: change, Needs: d.o.needs(op), o: d.o, source: d.source, index: d.index,
		target: d.target, media: d.media,
	}
	c.Lawful = k.lawful(c)
	d.all = append(d.all, c)
	return c
}

// riskOf returns the risk of a request.
func (d *deriver) riskOf(op *contract.Operation, k *kind) cases.Risk {
	switch d.target {
	case whatIsAbsent:
		return d.index.riskToAbsent(op, k != unknownKind && k != acceptedKind)
	case whatIsMade, whatHasAParent:
		return cases.Destructive
	default:
		stated, _ := cases.ParseRisk(op.Risk)
		return stated
	}
}

// label names an operation as people do.
func label(op *contract.Operation) string { return op.Method + " " + op.Path }

// unique makes sure that no two cases have the same id.
func (d *deriver) unique() error {
	var errs []error
	seen := map[string]bool{}
	for _, k := range d.all {
		if seen[k.ID] {
			errs = append(errs, fmt.Errorf("derive cases: expected each id once, got %q twice", k.ID))
		}
		seen[k.ID] = true
	}
	return errors.Join(errs...)
}

// needs says what must be given for an operation, as far as that is known before anything is sent.
func (o *Options) needs(op *contract.Operation) string {
	if len(o.usable(op)) == 0 {
		return needsCredentials(op)
	}
	if op.Method != http.MethodGet && op.Method != http.MethodHead {
		return "" // it goes to ids of nothing, or of what the run makes
	}
	var flags []string
	for _, p := range op.ParametersIn(contract.InPath) {
		if _, known := o.stated(op, p); !known {
			flags = append(flags, "--fixture "+p.Name)
		}
	}
	return strings.Join(flags, " ")
}
