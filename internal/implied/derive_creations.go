package implied

import (
	"net/http"

	"github.com/gesconform/gesconform/contract"
)

// creation derives the requests that make something, what is shown of it, and its deletion.
func (d *deriver) creation(op *contract.Operation, usable []int) {
	d.target = whatIsMade
	defer func() { d.target = whatIsThere }()
	d.creations(op)
	d.credentials(op, usable)
	d.optional(op)
	d.body(op)
	for _, p := range op.Parameters {
		d.parameter(op, p)
	}
}

// creations derives the plain creation, what is shown of what it makes, and the deletion of that.
func (d *deriver) creations(op *contract.Operation) {
	d.add(op, plainKind, "plain", op.Clause, variation{})
	read, remove := d.index.item(op, http.MethodGet), d.index.item(op, http.MethodDelete)
	if read != nil && d.media != nil && d.media.Schema != nil {
		d.add(op, createdKind, "shown by "+label(read), op.Clause, variation{special: "created"})
	}
	d.add(op, linkedKind, "Location", op.Clause+"/responses", variation{special: "Location"})
	if remove != nil && read != nil {
		before := d.target
		d.target = whatIsMade
		d.deletions(remove)
		d.add(remove, deletedKind, "no longer shown by "+label(read), remove.Clause, variation{special: "deleted"})
		d.target = before
	}
}

// deletions derives deletions of what was made that must be refused for their credentials.
func (d *deriver) deletions(remove *contract.Operation) {
	usable := d.o.usable(remove)
	if remove.Anonymous() || len(usable) == 0 {
		return
	}
	alternative := remove.Security[usable[0]]
	if !enough(remove, nil) {
		d.add(remove, missingKind, "what was made, without credentials", remove.SecurityClause(),
			variation{attempt: &attempt{alternative: usable[0], lapse: missing}, special: "missing, made"})
	}
	for _, s := range alternative {
		if !enough(remove, without(alternative, s)) {
			d.add(remove, madeUpKind, "what was made, with credentials "+s.ID+" "+string(atEnd), s.Clause,
				variation{attempt: &attempt{alternative: usable[0], scheme: s.ID, lapse: atEnd}, special: "made up, made"})
		}
	}
}
