package contract

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// number is the value of a number; what does not fit is infinite.
func (v *Value) number() float64 {
	f, _ := strconv.ParseFloat(v.Text, 64)
	return f
}

// mostDigits is how many digits a number may have, before or after the full stop, to be
// reckoned with exactly. Whoever sends a body chooses how many there are.
const mostDigits = 1000

// exact is the value of a number, of which a float64 may lose some digits. It is false
// for a number of too many.
func exact(text string) (*big.Rat, bool) {
	_, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	n, err := strconv.Atoi(exponent)
	if exponent != "" && err != nil || len(text) > mostDigits || n > mostDigits || n < -mostDigits {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// isInteger reports whether a number has no fraction: 1.0 has none.
func (v *Value) isInteger() bool {
	if r, ok := exact(v.Text); ok {
		return r.IsInt()
	}
	f := v.number()
	return f == math.Trunc(f)
}

// isMultipleOf divides exactly, unless that would take too many digits.
func (v *Value) isMultipleOf(divisor float64) bool {
	n, nOK := exact(v.Text)
	d, dOK := exact(strconv.FormatFloat(divisor, 'g', -1, 64))
	if !nOK || !dOK || d.Sign() == 0 {
		return math.Mod(v.number(), divisor) == 0
	}
	return n.Quo(n, d).IsInt()
}
