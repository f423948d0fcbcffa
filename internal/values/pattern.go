package values

import (
	"math/big"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

const (
	// mostPatternLength is the length up to which texts are made for a pattern.
	mostPatternLength = 600
	// mostRepeats is how often a part of a pattern that has several lengths is repeated.
	mostRepeats = 40
)

// texts makes texts that have the form of a pattern, of a given length. It reads the pattern's
// syntax tree; anchors and word boundaries count as empty, so what it makes is to be checked.
type texts struct {
	tree    *syntax.Regexp // nil if it cannot be read
	most    int
	lengths map[*syntax.Regexp]*big.Int // the lengths that match, as bits
	repeats map[*syntax.Regexp][]*big.Int
	astral  bool // whether characters outside the BMP are preferred
}

// textsOf returns what makes texts of at most a length for a pattern.
func (s *Source) textsOf(pattern *regexp.Regexp, most int) *texts {
	most = min(most, mostPatternLength)
	t := s.texts[pattern.String()]
	if t == nil {
		tree, err := syntax.Parse(pattern.String(), syntax.Perl)
		if err != nil {
			tree = nil
		}
		t = &texts{tree: tree}
		s.texts[pattern.String()] = t
	}
	if t.lengths == nil || most > t.most {
		t.most, t.lengths, t.repeats = most, map[*syntax.Regexp]*big.Int{}, map[*syntax.Regexp][]*big.Int{}
	}
	return t
}

// has reports whether some text of length n has the form.
func (t *texts) has(n int) bool {
	return t.tree != nil && n >= 0 && n <= t.most && t.of(t.tree).Bit(n) == 1
}

// shortest returns the least length from n on; -1 if there is none.
func (t *texts) shortest(n int) int {
	for ; n <= t.most; n++ {
		if t.has(n) {
			return n
		}
	}
	return -1
}

var empty = big.NewInt(1) // the set of the length 0

// of returns the lengths that a part of the pattern can have.
func (t *texts) of(re *syntax.Regexp) *big.Int {
	if set := t.lengths[re]; set != nil {
		return set
	}
	set := new(big.Int)
	switch re.Op {
	case syntax.OpNoMatch:
	case syntax.OpLiteral:
		set.SetBit(set, min(len(re.Rune), t.most+1), 1)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		set.SetBit(set, 1, 1)
	case syntax.OpCapture:
		set = t.of(re.Sub[0])
	case syntax.OpConcat:
		set = empty
		for _, sub := range re.Sub {
			set = t.sum(set, t.of(sub))
		}
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			set.Or(set, t.of(sub))
		}
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		set = t.repeated(re)
	default: // anchors and word boundaries
		set = empty
	}
	t.lengths[re] = t.cut(set)
	return t.lengths[re]
}

// cut leaves out lengths that are too long.
func (t *texts) cut(set *big.Int) *big.Int {
	if set.BitLen() <= t.most+1 {
		return set
	}
	mask := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(t.most)+1), big.NewInt(1))
	return mask.And(mask, set)
}

// sum returns the lengths of a text of a followed by one of b.
func (t *texts) sum(a, b *big.Int) *big.Int {
	out := new(big.Int)
	for n := range a.BitLen() {
		if a.Bit(n) == 1 {
			out.Or(out, new(big.Int).Lsh(b, uint(n)))
		}
	}
	return t.cut(out)
}

func bounds(re *syntax.Regexp) (least, most int) {
	switch re.Op { //nolint:exhaustive // the others do not repeat
	case syntax.OpStar:
		return 0, -1
	case syntax.OpPlus:
		return 1, -1
	case syntax.OpQuest:
		return 0, 1
	}
	return re.Min, re.Max
}

// repeated returns the lengths of a repetition, and keeps those for each number of repeats.
func (t *texts) repeated(re *syntax.Regexp) *big.Int {
	sub := t.of(re.Sub[0])
	least, most := bounds(re)
	if most < 0 || most > t.most {
		most = t.most
	}
	out := new(big.Int)
	if sub.BitLen() == 2 && sub.Bit(0) == 0 { // one character each time
		for n := least; n <= most; n++ {
			out.SetBit(out, n, 1)
		}
		return out
	}
	sums := []*big.Int{empty}
	for n := 0; n <= min(most, least+mostRepeats) && n <= t.most; n++ {
		if n >= least {
			out.Or(out, sums[n])
		}
		sums = append(sums, t.sum(sums[n], sub))
	}
	t.repeats[re] = sums
	return out
}

// text returns a text of length n; has(n) must be true.
func (t *texts) text(n int) string {
	var b strings.Builder
	t.write(&b, t.tree, n)
	return b.String()
}

func (t *texts) write(b *strings.Builder, re *syntax.Regexp, n int) {
	switch re.Op { //nolint:exhaustive // the others are empty
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		b.WriteRune(t.char(re.Rune, b.Len()))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteRune(t.char([]rune{0, unicode.MaxRune}, b.Len()))
	case syntax.OpCapture:
		t.write(b, re.Sub[0], n)
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if t.of(sub).Bit(n) == 1 {
				t.write(b, sub, n)
				return
			}
		}
	case syntax.OpConcat:
		t.writeAll(b, re.Sub, n)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		t.writeRepeated(b, re, n)
	}
}

// writeAll writes parts one after the other, n characters in all.
func (t *texts) writeAll(b *strings.Builder, parts []*syntax.Regexp, n int) {
	rest := make([]*big.Int, len(parts)+1) // the lengths that the parts from here on can have
	rest[len(parts)] = empty
	for i := len(parts) - 1; i >= 0; i-- {
		rest[i] = t.sum(t.of(parts[i]), rest[i+1])
	}
	for i, part := range parts {
		for length := 0; length <= n; length++ {
			if t.of(part).Bit(length) == 1 && rest[i+1].Bit(n-length) == 1 {
				t.write(b, part, length)
				n -= length
				break
			}
		}
	}
}

func (t *texts) writeRepeated(b *strings.Builder, re *syntax.Regexp, n int) {
	sub := re.Sub[0]
	sums := t.repeats[re]
	if sums == nil { // one character each time
		for range n {
			t.write(b, sub, 1)
		}
		return
	}
	least, _ := bounds(re)
	times := slices.IndexFunc(sums[min(least, len(sums)-1):], func(set *big.Int) bool { return set.Bit(n) == 1 })
	for times += least; times > 0; times-- {
		for length := 0; length <= n; length++ {
			if t.of(sub).Bit(length) == 1 && sums[times-1].Bit(n-length) == 1 {
				t.write(b, sub, length)
				n -= length
				break
			}
		}
	}
}

const (
	alphabet = "abcdefghijklmnopqrstuvwxyz"
	digits   = "1234567890"
	others   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
	// astral has characters outside the Basic Multilingual Plane: two units in UTF-16, four bytes in UTF-8.
	astral = "😀𝒜🜁𐍈"
)

// char returns a character of a class, given as pairs from and to; at varies it.
func (t *texts) char(class []rune, at int) rune {
	in := func(r rune) bool {
		for i := 0; i+1 < len(class); i += 2 {
			if class[i] <= r && r <= class[i+1] {
				return true
			}
		}
		return false
	}
	if t.astral {
		for _, r := range astral {
			if in(r) {
				return r
			}
		}
	}
	for _, plain := range []string{alphabet, digits, others} {
		for i := range len(plain) {
			if r := rune(plain[(at+i)%len(plain)]); in(r) {
				return r
			}
		}
	}
	for i := 0; i+1 < len(class); i += 2 {
		for r := class[i]; r <= min(class[i+1], class[i]+300); r++ {
			if unicode.IsPrint(r) && r != ' ' {
				return r
			}
		}
	}
	if len(class) > 0 {
		return class[0]
	}
	return unicode.ReplacementChar
}
