package secrets

import (
	"bytes"
	"html"
	"slices"
	"strconv"
	"strings"
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
	v.text = append(v.text, piece...)
	for i := range len(piece) {
		at := int32(offset + i)
		v.at, v.to = append(v.at, at), append(v.to, at+1)
	}
}

// set makes the view a copy of another one.
func (v *view) set(other *view) {
	v.text, v.at, v.to = append(v.text[:0], other.text...), append(v.at[:0], other.at...), append(v.to[:0], other.to...)
}

// reverse turns the view around.
func (v *view) reverse() {
	slices.Reverse(v.text)
	slices.Reverse(v.at)
	slices.Reverse(v.to)
}

// A script says of each byte what it is in a text that could have a credential: counts, between or
// outside.
type script [256]uint8

// scriptOf returns the script of ASCII, with the characters without width, and the bytes of
// credentials in other letters.
func scriptOf(credentials []exact) *script {
	var s script
	for c := range s {
		if c >= ' ' && c < 0x7f {
			s[c] = counts
		}
	}
	for _, c := range []byte("\n\r\t\x00\u00ad\u200b\u200c\u200d\u2060\ufeff") { // of UTF-16 each second byte is 0
		s[c] = between
	}
	for _, e := range credentials {
		for _, c := range []byte(e.text) {
			s[c] = counts
		}
	}
	return &s
}

// A reading tells text from other bytes as they come: so many that count in a row. What base64 makes
// of other words seldom is text.
type reading struct {
	*script
	n int
}

// next takes a byte, and reports whether there has been enough.
func (r *reading) next(c byte) bool {
	switch r.script[c] {
	case outside:
		r.n = 0
	case counts:
		r.n++
	}
	return r.n == shortest
}

// legible reports whether there is anything in the view that could be a credential.
func (v *view) legible(s *script) bool {
	r := reading{script: s}
	return slices.ContainsFunc(v.text, r.next)
}

// legibleBase64 reports the same of what base64 would set a view to, in less time.
func legibleBase64(text []byte, skip int, s *script) bool {
	r := reading{script: s}
	bits, have := uint32(0), 0
	for _, c := range text {
		value := base64Values[c]
		if value < 0 {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if bits, have = bits<<6|uint32(value), have+6; have < 8 {
			continue
		}
		have -= 8
		if r.next(byte(bits >> have)) {
			return true
		}
	}
	return false
}

// unescape sets the view to another one with the escapes decoded once that begin with certain
// characters. It returns false if there are none.
func (v *view) unescape(from *view, beginnings string) bool {
	if !bytes.ContainsAny(from.text, beginnings) {
		return false
	}
	v.reset()
	found := false
	for i := 0; i < len(from.text); {
		n, says := 0, ""
		if strings.IndexByte(beginnings, from.text[i]) >= 0 {
			n, says = escape(from.text[i:])
		}
		if n == 0 {
			v.add(from.text[i], from.at[i], from.to[i])
			i++
			continue
		}
		at, to := from.span(i, i+n-1)
		for j := range len(says) {
			v.add(says[j], at, to)
		}
		i += n
		found = true
	}
	return found
}

// escape returns the length of the escape with which a text begins, and what it says.
func escape(t []byte) (length int, says string) {
	switch {
	case t[0] == '%' && allHex(t, 1, 3):
		return 3, code(t[1:3], 16)
	case t[0] == '&':
		return entity(t)
	case (t[0] == '%' || t[0] == '\\') && len(t) > 2 && t[1]|0x20 == 'u' && allHex(t, 2, 6):
		return 6, letter(t[2:6])
	case t[0] != '\\' || len(t) < 2:
		return 0, ""
	case t[1] == 'x' && allHex(t, 2, 4):
		return 4, code(t[2:4], 16)
	case t[1] == 'u' && len(t) > 2 && t[2] == '{':
		if end := bytes.IndexByte(t[:min(len(t), 10)], '}'); end > 3 && allHex(t, 3, end) {
			return end + 1, letter(t[3:end])
		}
	case len(t) > 3 && octal(t[1]) && octal(t[2]) && octal(t[3]):
		return 4, code(t[1:4], 8)
	}
	if says, ok := shortEscapes[t[1]]; ok {
		return 2, says
	}
	return 0, ""
}

const (
	longestEntity = 34 // is longer than each of HTML's names
	longestNumber = 12
)

// entity does the same for an entity. A numeric one may be open: without a semicolon, as browsers
// read it.
func entity(t []byte) (length int, says string) {
	if end := bytes.IndexByte(t[:min(len(t), longestEntity)], ';'); end > 0 {
		written := string(t[:end+1])
		if says = html.UnescapeString(written); says != written && (len(says) == 1 || !strings.HasSuffix(says, ";")) {
			return len(written), says
		}
	}
	if len(t) < 3 || t[1] != '#' {
		return 0, ""
	}
	first := 2
	belongs := func(c byte) bool { return '0' <= c && c <= '9' }
	if t[2]|0x20 == 'x' {
		first, belongs = 3, func(c byte) bool { return hexDigits[c] }
	}
	n := first
	for n < min(len(t), longestNumber) && belongs(t[n]) {
		n++
	}
	if n == first || n < len(t) && (t[n] == '%' || t[n] == '\\') { // another escape may be a part of it
		return 0, ""
	}
	return n, html.UnescapeString(string(t[:n]) + ";")
}

// allHex reports whether the bytes of a text from one on up to another are hexadecimal digits.
func allHex(t []byte, from, to int) bool {
	return len(t) >= to && !slices.ContainsFunc(t[from:to], func(c byte) bool { return !hexDigits[c] })
}

// shortEscapes are those of a backslash and one byte.
var shortEscapes = map[byte]string{
	'n': "\n", 'r': "\r", 't': "\t", 'b': "\b", 'f': "\f", 'v': "\v", '/': "/", '"': `"`, '\'': "'", '\\': `\`,
}

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
	return string([]byte{byte(n)})
}

// letter returns the character with a hexadecimal number.
func letter(digits []byte) string {
	n, _ := strconv.ParseUint(string(digits), 16, 32) // they are digits
	return string(utf8.AppendRune(nil, rune(n)))
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
			v.add(byte(bits>>have), at, to)
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
		values[c] = int8(i)
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
			v.add(byte(n), at, to)
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
	inHex     = alphabetOf(2*shortest, "abcdefABCDEF"+digits, "xX:-,._+ \t\r\n")
	inNumbers = alphabetOf(2*shortest, digits, ",;+ \t\r\n")
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
