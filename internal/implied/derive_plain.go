package implied

import (
	"fmt"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// What the plain request of an operation lacks, so that none is sent.

// sendable is like plain, but only returns a value that can be sent. What the user gives is sent as it is.
func (o *Options) sendable(source *values.Source, op *contract.Operation, p *contract.Parameter) (any, error) {
	value, err := o.plain(source, op, p)
	if _, given := o.given(op, p); err == nil && !given && p.Schema != nil {
		err = values.Sendable(p, value)
	}
	return value, err
}

// lacksParameter says of an operation that has to have a parameter for which there is no value that it is not derived.
func (d *deriver) lacksParameter(op *contract.Operation) bool {
	lacks := false
	for _, p := range op.Parameters {
		if !p.Required || p.In == contract.InPath {
			continue
		}
		if _, err := d.o.sendable(d.source, op, p); err != nil {
			lacks = true
			d.gapOf(op, "", values.Reason{
				Text: fmt.Sprintf("no value of %s %s can be sent; give --fixture %s=…", p.In, p.Name, p.Name), Detail: err.Error(), Clause: p.Clause,
			})
		}
	}
	return lacks
}

// lacksBody chooses the media type of an operation's plain body, and says of an operation whose body cannot be made that
// it is not derived.
func (d *deriver) lacksBody(op *contract.Operation) bool {
	if op.Body == nil {
		return false
	}
	if d.media = d.preferred(op); d.media == nil {
		d.gap(op, "none of its media types can be written: those of JSON, forms, multipart and plain text can", op.Body.Clause+"/content")
		return true
	}
	err := d.plainOf(d.media)
	if err != nil {
		d.gapOf(op, "", values.Reason{Text: "no valid value of its body was found; an example that is valid would do", Detail: err.Error(), Clause: d.media.Clause})
	}
	return err != nil
}
