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

// A decimal is a JSON number as it was written: digits without zeros at either
// end, times ten to the power of exp. Zero has no digits. It is exact where a
// float64 is not.
type decimal struct {
	negative bool
	digits   string
	exp      int64
}

// readDecimal reads a number in the form of JSON. It is false where the
// exponent is beyond all reason.
func readDecimal(text string) (d decimal, ok bool) {
	text, d.negative = strings.CutPrefix(text, "-")
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	if exponent != "" {
		n, err := strconv.ParseInt(exponent, 10, 32)
		if err != nil {
			return d, false
		}
		d.exp = n
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	d.exp -= int64(len(fraction))
	d.digits = strings.TrimRight(digits, "0")
	d.exp += int64(len(digits) - len(d.digits))
	if d.digits = strings.TrimLeft(d.digits, "0"); d.digits == "" {
		return decimal{}, true
	}
	return d, true
}

func (d decimal) integer() bool { return d.exp >= 0 }

// canonical is the same text for equal numbers.
func (d decimal) canonical() string {
	sign := ""
	if d.negative {
		sign = "-"
	}
	return sign + d.digits + "e" + strconv.FormatInt(d.exp, 10)
}

// isInteger reports whether a number has no fraction: 1.0 has none.
func (v *Value) isInteger() bool {
	if d, ok := readDecimal(v.Text); ok {
		return d.integer()
	}
	f := v.number()
	return f == math.Trunc(f)
}

// isMultipleOf divides exactly, as decimals, unless that would take too many digits.
func (v *Value) isMultipleOf(divisor float64) bool {
	n, nOK := readDecimal(v.Text)
	m, mOK := readDecimal(strconv.FormatFloat(divisor, 'g', -1, 64))
	shift := n.exp - m.exp
	if !nOK || !mOK || shift > 1000 || shift < -1000 || len(n.digits) > 1000 {
		return math.Mod(v.number(), divisor) == 0
	}
	a, okA := new(big.Int).SetString("0"+n.digits, 10)
	b, okB := new(big.Int).SetString("0"+m.digits, 10)
	if !okA || !okB || b.Sign() == 0 {
		return false
	}
	scale := func(x *big.Int, power int64) {
		x.Mul(x, new(big.Int).Exp(big.NewInt(10), big.NewInt(power), nil))
	}
	if shift > 0 {
		scale(a, shift)
	} else {
		scale(b, -shift)
	}
	return new(big.Int).Rem(a, b).Sign() == 0
}
