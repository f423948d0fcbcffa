package values

import (
	"encoding/json"
	"math/big"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// breakEnum changes an option a little: its letter case, one character more, the number beside it.
func breakEnum(at *spot) []candidate {
	var all []candidate
	for _, option := range []any{at.plain, kindPlain(at.shape.kinds)} {
		switch option := option.(type) {
		case string:
			all = append(all, candidate{name: "enum-letter-case", value: swapped(option)}, candidate{name: "enum-other", value: option + "x"})
			for n := range at.src.lengths(at.shape) {
				if text, ok := at.src.text(at.shape, n); ok {
					all = append(all, candidate{name: "enum-other", value: text})
				}
			}
			all = append(all, candidate{name: "enum-empty", value: ""})
		case json.Number:
			if r := number(option); r != nil {
				for _, d := range []int64{1, -1, 1000, -1000} {
					all = append(all, candidate{name: "enum-other", value: written(plus(r, big.NewRat(d, 1)))})
				}
			}
		case bool:
			all = append(all, candidate{name: "enum-other", value: !option})
		case map[string]any:
			other := with(option, surplus, "text")
			all = append(all, candidate{name: "enum-other", value: other}, candidate{name: "enum-other", value: map[string]any{}})
		case []any:
			all = append(all, candidate{name: "enum-other", value: append(append([]any{}, option...), "text")})
		}
	}
	return all
}

// kindPlain is any value of the first kind.
func kindPlain(kinds []contract.Kind) any {
	for _, k := range kinds {
		for _, c := range otherKinds {
			if kindOf(c.value) == k {
				return c.value
			}
		}
	}
	return nil
}

// swapped changes the letter case of a text.
func swapped(text string) string {
	if upper := strings.ToUpper(text); upper != text {
		return upper
	}
	return strings.ToLower(text)
}

// formatNumbers gives the bounds of a format of integers, or with beyond 1 what is just outside.
// A float64 cannot tell the neighbours of int64's bounds from them, so numbers follow that are far outside.
func (at *spot) formatNumbers(beyond int64) []candidate {
	bounds := formatBounds[at.part.schema.Format]
	var all []candidate
	for i, name := range []string{"least", "most"} {
		sign := int64(2*i - 1)
		edge := number(json.Number(bounds[i]))
		if beyond == 0 {
			all = append(all, numeric("format-"+name, edge)...)
			continue
		}
		all = append(all, numeric("format-beyond-"+name, plus(edge, big.NewRat(sign, 1)))...)
		all = append(all, numeric("format-beyond-"+name, new(big.Rat).Mul(edge, big.NewRat(4, 1)))...)
	}
	return all
}
