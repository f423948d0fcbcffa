package implied

import (
	"fmt"
	"net/http"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/values"
)

// A target says what the requests of an operation go to.
type target int

// The targets.
const (
	whatIsThere     target = iota // reads go to what there is
	whatIsAbsent                  // changes go to an id that a read has shown to be absent
	whatIsMade                    // creations make something, which is deleted at the end
	whatHasAParent                // so do these, below something that the run has made, or that the user lets be changed
	belowWhatIsMade               // changes of what is made, if the risk allows them: then the second of these serves for ids alone
)

// changes derives the cases of an operation that changes something.
func (d *deriver) changes(op *contract.Operation) {
	usable := d.o.usable(op)
	if len(usable) == 0 {
		d.gap(op, "needs "+needsCredentials(op), op.SecurityClause())
	}
	if d.lacksBody(op) {
		return
	}
	switch {
	case len(op.ParametersIn(contract.InPath)) == 0 && op.Method == http.MethodPost && d.index.creates(op):
		d.creation(op, usable)
	case len(op.ParametersIn(contract.InPath)) == 0:
		d.gap(op, "its path names nothing that could be absent, and no path is below it that would name what it creates; if it changes nothing, x-risk: inert beside it says so", op.Clause)
	default:
		d.toSomething(op, usable)
	}
}

// toSomething derives the requests of a change whose path names something.
func (d *deriver) toSomething(op *contract.Operation, usable []int) {
	read, below := d.index.reader(op), d.index.createsBelow(op)
	switch {
	case read != nil:
		d.toAbsent(op, usable)
	case !below:
		d.gap(op, "no GET in the document reads what its path names, so that nothing can be shown to be absent", op.Clause)
	}
	if below {
		d.belowParent(op, read == nil)
	}
}

// isHarmless reports whether the document says of an operation that it changes nothing, whatever its method
// (x-risk).
func isHarmless(op *contract.Operation) bool {
	stated, ok := cases.ParseRisk(op.Risk)
	return ok && stated < cases.Destructive
}

// harmless derives the requests of an operation that takes a body as a read takes parameters.
func (d *deriver) harmless(op *contract.Operation) {
	if d.lacksBody(op) {
		return
	}
	d.reads(op)
	d.body(op)
}

// toAbsent derives the requests of a change that go to what is absent.
func (d *deriver) toAbsent(op *contract.Operation, usable []int) {
	d.target = whatIsAbsent
	defer func() { d.target = whatIsThere }()
	last := op.ParametersIn(contract.InPath)[len(op.ParametersIn(contract.InPath))-1]
	if d.index.riskToAbsent(op, false) < cases.Destructive {
		d.add(op, unknownKind, fmt.Sprintf("path %s: unknown", last.Name), last.Clause, variation{absent: last, in: contract.InPath, special: "unknown"})
	}
	d.changed(op)
	d.credentials(op, usable)
	d.body(op)
	d.parameters(op)
}

// parameters derives the cases about the parameters of a request, but for those that name what it goes to.
func (d *deriver) parameters(op *contract.Operation) {
	for _, p := range op.Parameters {
		if p.In != contract.InPath {
			d.parameter(op, p)
		}
	}
}

// body derives the cases about the body of a request.
func (d *deriver) body(op *contract.Operation) {
	if op.Body == nil {
		return
	}
	if op.Body.Required {
		d.add(op, breaking(op), "body: missing", op.Body.Clause+"/required", variation{body: &content{none: true}, in: contract.InBody, special: "missing"})
	}
	if lists(op, "415") {
		d.add(op, mediaTypeKind, "body: of another media type", op.Body.Clause+"/content",
			variation{body: &content{as: "application/vnd.gesconform.unknown"}, in: contract.InBody, special: "media type"})
	}
	for _, m := range op.Body.Content {
		if !d.writable(m) {
			d.gapOf(op, "body "+m.Name, values.Reason{Text: "bodies of this media type are not written", Clause: m.Clause})
			continue
		}
		d.contentOf(op, m)
	}
}

// contentOf derives the bodies of a media type.
func (d *deriver) contentOf(op *contract.Operation, m *contract.MediaType) {
	name := d.nameOf(m)
	if err := d.plainOf(m); err != nil {
		d.gapOf(op, name, values.Reason{Text: "no valid value was found", Detail: err.Error(), Clause: m.Clause})
		return
	}
	if d.target != whatIsAbsent {
		d.acceptedOf(op, m)
	}
	if m.IsJSON() {
		d.add(op, breaking(op), name+": no whole JSON", m.Clause, variation{body: &content{media: m, cut: true}, in: contract.InBody, special: "cut"})
		d.add(op, scalarKind, name+": followed by more", m.Clause, variation{body: &content{media: m, more: true}, in: contract.InBody, special: "more"})
	}
	if m.Schema == nil {
		return
	}
	derived := d.ofBody(m)
	d.limited(op, m, name, m.Clause)
	for _, g := range derived.Gaps {
		d.gapOf(op, name, g)
	}
	own := d.index.ownName(op, m)
	for _, v := range derived.Breaking {
		switch {
		case d.makes() && own != "" && v.Pointer == "/"+own && v.Keyword != "required":
			d.gapOf(op, name, values.Reason{Pointer: v.Pointer, Name: v.Name, Text: "it would name a thing that no read can show to be absent", Clause: v.Clause})
		case v.Name == "type-object" && !m.IsJSON(): // as text it is one of any kind
			d.gapOf(op, name, values.Reason{Pointer: v.Pointer, Name: v.Name, Text: "an object is a text in a form", Clause: v.Clause})
		case v.Keyword == "readOnly": // may be passed over, and is among what is accepted
		case v.Scalar:
			d.valueOfBody(op, scalarKind, m, v)
		default:
			d.valueOfBody(op, breaking(op), m, v)
		}
	}
}

// acceptedOf derives the bodies of a media type that make something.
func (d *deriver) acceptedOf(op *contract.Operation, m *contract.MediaType) {
	if m.Schema == nil {
		return
	}
	if m != d.media {
		if value, err := d.source.Plain(m.Schema, hintsOf(m)...); err == nil {
			d.add(op, acceptedKind, d.nameOf(m)+": plain", m.Clause, variation{body: &content{media: m, value: value, given: true}, in: contract.InBody, special: "plain"})
		}
	}
	derived := d.ofBody(m)
	for _, v := range derived.Valid {
		if v.Name != "plain" {
			d.valueOfBody(op, acceptedKind, m, v)
		}
	}
	for _, v := range derived.Breaking {
		if v.Keyword == "readOnly" && d.makes() && v.Pointer != "/"+d.index.ownName(op, m) {
			d.valueOfBody(op, readOnlyKind, m, v)
		}
	}
}

// makes reports whether the requests that are being derived make something.
func (d *deriver) makes() bool { return d.target == whatIsMade || d.target == whatHasAParent }

// nameOf returns what a body is called in the ids of cases.
func (d *deriver) nameOf(m *contract.MediaType) string {
	if m != d.media {
		return "body " + m.Name
	}
	return "body"
}

// valueOfBody derives a request with a value as its body.
func (d *deriver) valueOfBody(op *contract.Operation, k *kind, m *contract.MediaType, v values.Value) {
	what := d.nameOf(m)
	if v.Pointer != "" {
		what += " " + v.Pointer
	}
	d.add(op, k, what+": "+v.Name, v.Clause, variation{body: &content{media: m, later: v.Later(), given: true, pointer: v.Pointer}, in: contract.InBody, special: v.Name})
}

// preferred returns the media type of an operation's plain body: the first of JSON, or else the first that can be written,
// if possible one of which there is a valid value; nil if there is none.
func (d *deriver) preferred(op *contract.Operation) *contract.MediaType {
	var best *contract.MediaType
	rank := 0
	for _, m := range op.Body.Content {
		if !m.IsJSON() && !d.writable(m) {
			continue
		}
		of := 1
		if m.IsJSON() {
			of++
		}
		if d.plainOf(m) == nil {
			of += 2
		}
		if of > rank {
			best, rank = m, of
		}
	}
	return best
}

// plainOf returns why there is no valid value of a media type.
func (d *deriver) plainOf(m *contract.MediaType) error {
	if m.Schema == nil {
		return nil
	}
	_, err := d.source.Plain(m.Schema, hintsOf(m)...)
	return err
}

// writable reports whether values are written in a media type.
func (d *deriver) writable(m *contract.MediaType) bool {
	if m.Schema == nil {
		return m.IsJSON()
	}
	v, err := d.source.Plain(m.Schema)
	if err != nil {
		return true // the schema is at fault, and its cases say so
	}
	_, _, err = values.Body(m, v, boundary)
	return err == nil
}
