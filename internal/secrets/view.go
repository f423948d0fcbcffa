package secrets

import (
	"bytes"
	"html"
	"slices"
	"strconv"
	"unicode/utf8"
)

// A view is what a piece of a text says: each byte, and where in the text it stands.
type view struct {
	text   []byte
	at, to []int32 // each byte's first byte in the text, and the one behind its last
}

func (v *view) reset() { v.text, v.at, v.to = v.text[:0], v.at[:0], v.to[:0] }

func (v *view) add(c byte, at, to int32) {
	v.text, v.at, v.to = append(v.text, c), append(v.at, at), append(v.to, to)
}

// span returns where the bytes from i to j stand in the text.
func (v *view) span(i, j int) (start, end int32) {
	return min(v.at[i], v.at[j]), max(v.to[i], v.to[j])
}

// plain sets the view to a piece of a text, which begins at an offset.
func (v *view) plain(piece string, offset int) {
	v.reset()
	for i := range len(piece) {
		v.add(piece[i], int32(offset+i), int32(offset+i+1)) //nolint:gosec // a text has at most some MiB
	}
}

// reverse turns the view around.
func (v *view) reverse() {
	slices.Reverse(v.text)
	slices.Reverse(v.at)
	slices.Reverse(v.to)
}

// legible reports whether there is anything in the view that could be a credential.
func (v *view) legible() bool {
	n := 0
	for _, c := range v.text {
		if n++; c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f {
			n = 0
		}
		if n == shortest {
			return true
		}
	}
	return false
}

// unescape sets the view to another one with its escapes decoded, and those that this makes, to
// the end. It returns false if there are none.
func (v *view) unescape(from *view) bool {
	v.reset()
	if !bytes.ContainsAny(from.text, `\%&`) {
		return false
	}
	u := unescaper{view: v, ampersand: -1}
	for i, c := range from.text {
		u.push(c, from.at[i], from.to[i])
	}
	u.endEntity(0)
	return len(v.text) != len(from.text)
}

// An unescaper decodes what it has so far with each byte that it gets.
type unescaper struct {
	*view
	ampersand int // where the last one is, or -1
}

// longestEntity is longer than each of HTML's names.
const longestEntity = 34

func (u *unescaper) push(c byte, at, to int32) {
	u.endEntity(c)
	if c == '&' {
		u.ampersand = len(u.text)
	}
	u.add(c, at, to)
	switch escape, says := u.tail(); {
	case escape > 0:
		u.replace(escape, says)
	case c == ';' && u.ampersand >= 0 && len(u.text)-u.ampersand <= longestEntity:
		written := string(u.text[u.ampersand:])
		if says := html.UnescapeString(written); says != written {
			u.replace(len(written), says)
		}
	}
}

// replace replaces the last n bytes.
func (u *unescaper) replace(n int, says string) {
	last := len(u.text) - 1
	at, to := u.span(last-n+1, last)
	u.text, u.at, u.to = u.text[:last-n+1], u.at[:last-n+1], u.to[:last-n+1]
	if u.ampersand >= len(u.text) {
		u.ampersand = -1
	}
	if len(says) == 1 {
		u.push(says[0], at, to) // may be the end of another escape
		return
	}
	for i := range len(says) {
		u.add(says[i], at, to)
	}
}

// endEntity decodes a numeric entity that ends without a semicolon, because c follows.
func (u *unescaper) endEntity(c byte) {
	if u.ampersand < 0 || c == ';' || len(u.text)-u.ampersand < 3 || len(u.text)-u.ampersand > 12 || u.text[u.ampersand+1] != '#' {
		return
	}
	written := string(u.text[u.ampersand:])
	hexadecimal := written[2]|0x20 == 'x'
	if hexDigits[c] && (hexadecimal || c <= '9') || len(written) == 2 && c|0x20 == 'x' {
		return
	}
	if says := html.UnescapeString(written + ";"); says != written+";" {
		u.replace(len(written), says)
	}
}

// tail returns the length of an escape at the end, and what it says.
func (u *unescaper) tail() (length int, says string) {
	t := u.text
	n := len(t)
	back := func(i int) byte { // the i-th byte from the end
		if i > n {
			return 0
		}
		return t[n-i]
	}
	c := t[n-1]
	switch {
	case hexDigits[c] && back(3) == '%' && hexDigits[back(2)]:
		return 3, code(t[n-2:], 16)
	case hexDigits[c] && back(4) == '\\' && back(3)|0x20 == 'x' && hexDigits[back(2)]:
		return 4, code(t[n-2:], 16)
	case hexDigits[c] && (back(6) == '\\' || back(6) == '%') && back(5)|0x20 == 'u' && hexDigits[back(2)] && hexDigits[back(3)] && hexDigits[back(4)]:
		return 6, letter(t[n-4:])
	case octal(c) && back(4) == '\\' && octal(back(2)) && octal(back(3)):
		return 4, code(t[n-3:], 8)
	case c == '}':
		for i := 2; i <= 8 && hexDigits[back(i)]; i++ {
			if back(i+1) == '{' && back(i+2) == 'u' && back(i+3) == '\\' {
				return i + 3, letter(t[n-i : n-1])
			}
		}
	case back(2) == '\\':
		if says, ok := shortEscapes[c]; ok {
			return 2, says
		}
	}
	return 0, ""
}

// shortEscapes are those of a backslash and one byte. Before punctuation a backslash says nothing.
var shortEscapes = func() map[byte]string {
	all := map[byte]string{'n': "\n", 'r': "\r", 't': "\t", 'b': "\b", 'f': "\f", 'v': "\v"}
	for c := byte('!'); c <= '~'; c++ {
		if folded[c] == 0 {
			all[c] = string(rune(c))
		}
	}
	return all
}()

var hexDigits = func() (is [256]bool) {
	for _, c := range []byte("0123456789abcdefABCDEF") {
		is[c] = true
	}
	return is
}()

func octal(c byte) bool { return '0' <= c && c <= '7' }

// code returns the byte with a number.
func code(digits []byte, base int) string {
	n, _ := strconv.ParseUint(string(digits), base, 16) // they are digits
	return string([]byte{byte(n)})                      //nolint:gosec // \777 is no escape, and no credential either
}

// letter returns the character with a hexadecimal number.
func letter(digits []byte) string {
	n, _ := strconv.ParseUint(string(digits), 16, 32) // they are digits
	return string(utf8.AppendRune(nil, rune(n)))      //nolint:gosec // what is no character becomes U+FFFD
}

// base64 sets the view to what a run of another one says in base64, if it begins with the
// character at an offset: nobody knows what stands before the credential. Blanks do not count.
func (v *view) base64(run *view, skip int) {
	v.reset()
	bits, have := uint32(0), 0
	before := 0
	for i, c := range run.text {
		value := base64Values[c]
		if value < 0 {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		bits, have = bits<<6|uint32(value), have+6
		if have >= 8 {
			have -= 8
			at, to := run.span(before, i)
			v.add(byte(bits>>have), at, to) //nolint:gosec // the eight bits
		}
		before = i
	}
}

// base64Values has the values of both alphabets, and -1 for everything else.
var base64Values = func() (values [256]int8) {
	for i := range values {
		values[i] = -1
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		values[c] = int8(i) //nolint:gosec // below 64
	}
	values['-'], values['_'] = values['+'], values['/']
	return values
}()

// hexadecimal sets the view to what a run of hexadecimal digits says, without the first digits.
// Between them there may be separators, and 0x.
func (v *view) hexadecimal(run *view, skip int) {
	v.reset()
	var high byte
	highAt, odd := 0, false
	for i := 0; i < len(run.text); i++ {
		c := run.text[i]
		if prefixed(run.text, i) {
			i++
			continue
		}
		if !hexDigits[c] {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if odd = !odd; odd {
			high, highAt = c, i
			continue
		}
		at, to := run.span(highAt, i)
		v.add(nibble(high)<<4|nibble(c), at, to)
	}
}

func nibble(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// prefixed reports whether there is 0x before a hexadecimal digit.
func prefixed(text []byte, i int) bool {
	return text[i] == '0' && i+2 < len(text) && text[i+1]|0x20 == 'x' && hexDigits[text[i+2]]
}

// numbers sets the view to what a list of decimal numbers says.
func (v *view) numbers(run *view) {
	v.reset()
	for i := 0; i < len(run.text); i++ {
		n, first := 0, i
		for ; i < len(run.text) && '0' <= run.text[i] && run.text[i] <= '9' && i-first < 3; i++ {
			n = 10*n + int(run.text[i]-'0')
		}
		if i > first {
			at, to := run.span(first, i-1)
			v.add(byte(n), at, to) //nolint:gosec // what is more is no byte of a credential
			i--
		}
	}
}

// An alphabet says for each byte what it is in a run of an encoding.
type alphabet struct {
	is     [256]uint8
	fewest int // how many bytes encode the shortest part of a credential
}

// What a byte can be in a run: nothing of it, between two that count, or one of those.
const (
	outside uint8 = iota
	between
	counts
)

func alphabetOf(fewest int, counting, others string) *alphabet {
	a := &alphabet{fewest: fewest}
	for _, c := range []byte(others) {
		a.is[c] = between
	}
	for _, c := range []byte(counting) {
		a.is[c] = counts
	}
	return a
}

const digits = "0123456789"

var (
	inBase64  = alphabetOf(11, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/-_"+digits, " \t\r\n")
	inHex     = alphabetOf(2*shortest, "abcdefABCDEF"+digits, "xX:-,._ \t\r\n")
	inNumbers = alphabetOf(2*shortest, digits, ",; \t\r\n")
)

// eachRun calls use with each long enough run of a view.
func (a *alphabet) eachRun(v, run *view, use func()) {
	for i := 0; i < len(v.text); i++ {
		if a.is[v.text[i]] != counts {
			continue
		}
		first, n := i, 0
		for ; i < len(v.text) && a.is[v.text[i]] != outside; i++ {
			if a.is[v.text[i]] == counts {
				n++
			}
		}
		if n >= a.fewest {
			run.text, run.at, run.to = v.text[first:i], v.at[first:i], v.to[first:i]
			use()
		}
	}
}
