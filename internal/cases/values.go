package cases

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// values breaks what is said of a member's value besides its type: the allowed
// ones, the bounds, that it is whole.
func (d *deriver) values(p contract.Property, with func(name, value string)) {
	s := p.Schema
	if len(s.Enum) > 0 && s.Type == contract.KindString {
		with("not-listed", quote(notListed))
	}
	if s.Minimum != nil {
		with("below-minimum", number(*s.Minimum-1))
	}
	if s.Maximum != nil {
		with("above-maximum", number(*s.Maximum+1))
	}
	if s.Integer {
		with("not-whole", number(wholeAt(s)+0.5))
	}
}

// notListed is a text that no list of allowed ones holds.
const notListed = "gesconform-not-listed"

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// wholeAt is a whole number within the bounds.
func wholeAt(s *contract.Schema) float64 {
	switch {
	case s.Minimum != nil:
		return *s.Minimum
	case s.Maximum != nil:
		return *s.Maximum - 1
	}
	return 1
}

// headers breaks the header parameters.
func (d *deriver) headers() {
	for _, p := range d.op.Parameters {
		if p.In != contract.InHeader {
			continue
		}
		subject := "header/" + strings.ToLower(p.Name)
		if p.Required {
			d.addIfRefused(subject, "missing", d.base.without(p.Name))
		}
		d.addIfRefused(subject, "empty", d.base.with(p.Name, ""))
		d.addIfRefused(subject, "not-listed", d.base.with(p.Name, notListed))
	}
}

// headerValue is a value that a header parameter takes.
func headerValue(p *contract.Parameter) string {
	switch {
	case p.Example != nil:
		return fmt.Sprint(p.Example)
	case p.Schema != nil && p.Schema.Example != nil:
		return fmt.Sprint(p.Schema.Example)
	case p.Schema != nil && len(p.Schema.Enum) > 0:
		return fmt.Sprint(p.Schema.Enum[0])
	}
	return "a"
}
