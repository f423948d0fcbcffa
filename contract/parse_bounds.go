package contract

import (
	"strings"

	"github.com/gesconform/gesconform/internal/docfile"
)

func readMinimum(_ *compiler, s *Schema, at docfile.Place) (err error) {
	s.Minimum, s.ExclusiveMinimum, err = bound(s, at, "minimum", "exclusiveMinimum", func(n, than float64) bool { return n < than })
	return err
}

func readMaximum(_ *compiler, s *Schema, at docfile.Place) (err error) {
	s.Maximum, s.ExclusiveMaximum, err = bound(s, at, "maximum", "exclusiveMaximum", func(n, than float64) bool { return n > than })
	return err
}

// bound reads a bound, which stands at one of two keywords, together with the other. exclusive is true or
// false in OpenAPI 3.0, and a number in 3.1; of two numbers the stricter one counts.
func bound(s *Schema, at docfile.Place, plain, exclusive string, looser func(n, than float64) bool) (*float64, bool, error) {
	own := at.Node
	if isFlag := own.Is(docfile.Bool) && strings.HasSuffix(at.Pointer, "/"+exclusive); !isFlag && !own.Is(docfile.Number) {
		return nil, false, expected("a number", at)
	}
	var least *float64
	strict := false
	if v := s.place.At(plain); v.Node.Is(docfile.Number) {
		n, err := number(v)
		if err != nil {
			return nil, false, err
		}
		least = &n
	}
	switch v := s.place.At(exclusive); {
	case v.Node.Is(docfile.Bool):
		strict = v.Node.Text == "true" && least != nil
	case v.Node.Is(docfile.Number):
		n, err := number(v)
		if err != nil {
			return nil, false, err
		}
		if least == nil || !looser(n, *least) {
			least, strict = &n, true
		}
	}
	return least, strict, nil
}
