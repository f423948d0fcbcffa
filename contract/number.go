package contract

import (
	"cmp"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// number returns the value of a number, or an infinity if a float64 cannot hold it.
func (v *Value) number() float64 {
	f, _ := strconv.ParseFloat(v.Text, 64)
	return f
}

// compare compares a number with a bound: exactly, as far as a float64 holds the bound.
func (v *Value) compare(bound float64) int {
	if order := cmp.Compare(v.number(), bound); order != 0 || len(v.Text) < wholeDigits {
		return order
	}
	b := new(big.Rat).SetFloat64(bound) // an integer is that one,
	if bound != math.Trunc(bound) {
		b, _ = exact(strconv.FormatFloat(bound, 'g', -1, 64)) // and a fraction the decimal that is meant
	}
	if n, ok := exact(v.Text); ok && b != nil {
		return n.Cmp(b)
	}
	return 0
}

// wholeDigits is the length from which on a float64 may have to round a number.
const wholeDigits = 16

// mostDigits is how many digits a number may have before or after the full stop for
// calculations to be exact. There is a limit because the sender of a body chooses how
// many there are.
const mostDigits = 1000

// exact returns the exact value of a number, which a float64 may have to round. It
// returns false for a number with too many digits.
func exact(text string) (*big.Rat, bool) {
	_, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	n, err := strconv.Atoi(exponent)
	if exponent != "" && err != nil || len(text) > mostDigits || n > mostDigits || n < -mostDigits {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// isInteger reports whether a number is an integer, as 1.0 is.
func (v *Value) isInteger() bool {
	if r, ok := exact(v.Text); ok {
		return r.IsInt()
	}
	f := v.number()
	return f == math.Trunc(f)
}

// isMultipleOf divides exactly, unless there are too many digits.
func (v *Value) isMultipleOf(divisor float64) bool {
	n, nOK := exact(v.Text)
	d, dOK := exact(strconv.FormatFloat(divisor, 'g', -1, 64))
	if !nOK || !dOK || d.Sign() == 0 {
		return math.Mod(v.number(), divisor) == 0
	}
	return n.Quo(n, d).IsInt()
}
