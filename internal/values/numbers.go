package values

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// mostExponent is how large an exponent a number may have to be calculated with.
const mostExponent = 400

// number returns the exact value of a number, nil if it has too many digits.
func number(n json.Number) *big.Rat {
	_, exponent, _ := strings.Cut(strings.ToLower(string(n)), "e")
	if e, err := strconv.Atoi(exponent); exponent != "" && (err != nil || e > mostExponent || e < -mostExponent) || len(n) > mostExponent {
		return nil
	}
	r, ok := new(big.Rat).SetString(string(n))
	if !ok {
		return nil
	}
	return r
}

// written writes a number exactly, if that can be done with decimals.
func written(r *big.Rat) json.Number {
	if r.IsInt() {
		return json.Number(r.Num().String())
	}
	digits, exact := r.FloatPrec()
	if !exact {
		digits = 17
	}
	return json.Number(strings.TrimRight(r.FloatString(min(digits, mostExponent)), "0"))
}

var (
	zero = new(big.Rat)
	one  = big.NewRat(1, 1)
	half = big.NewRat(1, 2)
)

func plus(a, b *big.Rat) *big.Rat  { return new(big.Rat).Add(a, b) }
func minus(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }

// grid returns the distance between numbers of the shape, nil if they are dense.
func (sh *shape) grid() *big.Rat {
	switch {
	case sh.integer && sh.step != nil:
		return commonMultiple(sh.step, one)
	case sh.integer:
		return one
	}
	return sh.step
}

// aligned returns the nearest multiple of the grid that is not below r, or with sign -1 not
// above. strictly leaves out r itself.
func (sh *shape) aligned(r *big.Rat, sign int, strictly bool) *big.Rat {
	grid := sh.grid()
	if grid == nil {
		if !strictly {
			return r
		}
		return plus(r, big.NewRat(int64(sign), 100))
	}
	quotient := new(big.Rat).Quo(r, grid)
	n := new(big.Int).Div(quotient.Num(), quotient.Denom()) // rounds down
	if sign > 0 && !quotient.IsInt() {
		n.Add(n, big.NewInt(1))
	}
	if strictly && quotient.IsInt() {
		n.Add(n, big.NewInt(int64(sign)))
	}
	return new(big.Rat).Mul(new(big.Rat).SetInt(n), grid)
}

// lowest and highest return the numbers of the shape at its bounds, nil if it has none.
func (sh *shape) lowest() *big.Rat  { return sh.atBound(sh.least, sh.most, 1) }
func (sh *shape) highest() *big.Rat { return sh.atBound(sh.most, sh.least, -1) }

func (sh *shape) atBound(b, other bound, sign int) *big.Rat {
	if b.at == nil {
		return nil
	}
	r := sh.aligned(b.at, sign, b.exclusive)
	if other.at != nil && (r.Cmp(other.at)*sign > 0 || r.Cmp(other.at) == 0 && other.exclusive) && sh.grid() == nil {
		r = new(big.Rat).Mul(plus(b.at, other.at), half)
	}
	return r
}

// formatBounds are those of the formats of integers.
var formatBounds = map[string][2]string{
	"int32": {"-2147483648", "2147483647"},
	"int64": {"-9223372036854775808", "9223372036854775807"},
}

// numbers lists some that suit the shape, the plainest first.
func (sh *shape) numbers() []*big.Rat {
	var all []*big.Rat
	add := func(r *big.Rat) {
		if r != nil {
			all = append(all, r)
		}
	}
	add(sh.aligned(one, 1, false))
	add(sh.lowest())
	add(sh.highest())
	add(zero)
	if low := sh.lowest(); low != nil {
		add(sh.aligned(low, 1, true))
	}
	if high := sh.highest(); high != nil {
		add(sh.aligned(high, -1, true))
	}
	return all
}

func numberOf(v any) *big.Rat {
	n, ok := v.(json.Number)
	if !ok {
		return nil
	}
	return number(n)
}

// candidates for the keywords of numbers

func numeric(name string, r *big.Rat) []candidate {
	if r == nil {
		return nil
	}
	return []candidate{{name: name, value: written(r)}}
}

func keepMinimum(at *spot) []candidate { return numeric("minimum", at.shape.lowest()) }
func keepMaximum(at *spot) []candidate { return numeric("maximum", at.shape.highest()) }

func breakMinimum(at *spot) []candidate {
	low := ratio(*at.part.schema.Minimum)
	return append(numeric("minimum-1", at.shape.aligned(minus(low, one), -1, false)), numeric("minimum-little", at.shape.aligned(low, -1, true))...)
}

func breakMaximum(at *spot) []candidate {
	high := ratio(*at.part.schema.Maximum)
	return append(numeric("maximum+1", at.shape.aligned(plus(high, one), 1, false)), numeric("maximum+little", at.shape.aligned(high, 1, true))...)
}

func breakExclusiveMinimum(at *spot) []candidate {
	return numeric("exclusiveMinimum", ratio(*at.part.schema.Minimum))
}

func breakExclusiveMaximum(at *spot) []candidate {
	return numeric("exclusiveMaximum", ratio(*at.part.schema.Maximum))
}

// breakMultipleOf looks for numbers beside multiples.
func breakMultipleOf(at *spot) []candidate {
	var all []candidate
	step := ratio(*at.part.schema.MultipleOf)
	for _, r := range append([]*big.Rat{numberOf(at.plain)}, at.shape.numbers()...) {
		if r == nil {
			continue
		}
		for _, d := range []*big.Rat{one, new(big.Rat).Mul(step, half), new(big.Rat).Neg(one)} {
			all = append(all, numeric("multipleOf-missed", plus(r, d))...)
		}
	}
	return all
}

func keepMultipleOf(at *spot) []candidate {
	r := numberOf(at.plain)
	if r == nil {
		return nil
	}
	return append(numeric("multipleOf-next", at.shape.aligned(r, 1, true)), numeric("multipleOf-next", at.shape.aligned(r, -1, true))...)
}

// keepNumber gives numbers that are valid where nothing bounds them.
func keepNumber(at *spot) []candidate {
	if at.shape.literal || kindOf(at.plain) != contract.KindNumber {
		return nil
	}
	all := append(numeric("zero", zero), numeric("negative", at.shape.aligned(big.NewRat(-1, 1), -1, false))...)
	if at.shape.integer {
		return all // 1.0 is an integer to some only
	}
	return append(all, numeric("fraction", big.NewRat(5, 2))...)
}
