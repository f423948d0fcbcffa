// Package spelt writes credentials in all the ways in which a server may, and reads them again. It
// shares no code with what finds them in a run.
package spelt

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
)

// Seed returns the same seed every time, so that a test does not depend on luck; with
// GESCONFORM_TEST_ALL another one each time.
func Seed() uint64 {
	if os.Getenv("GESCONFORM_TEST_ALL") != "" {
		return uint64(time.Now().UnixNano())
	}
	return 1
}

// Token returns a random token like those of IAM, of UUIDs, of JWT, and of other services.
func Token(r *rand.Rand) string {
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	switch r.IntN(5) {
	case 0:
		return base64.StdEncoding.EncodeToString(random(16 + r.IntN(300)))
	case 1:
		b := hex.EncodeToString(random(16))
		return b[:8] + "-" + b[8:12] + "-" + b[12:16] + "-" + b[16:20] + "-" + b[20:]
	case 2:
		return "eyJhbGciOiJIUzI1NiJ9." + base64.RawURLEncoding.EncodeToString(random(30)) + "." + base64.RawURLEncoding.EncodeToString(random(32))
	case 3:
		return "tok7/" + base64.RawStdEncoding.EncodeToString(random(12+r.IntN(12))) + "+="
	default:
		return hex.EncodeToString(random(10 + r.IntN(20)))
	}
}

// A Way is how a text may be written.
type Way struct {
	Name  string
	Write func(r *rand.Rand, text string) string
	// First is whether nothing may come before: what was written in another way could not be read
	// any more.
	First bool
	// Deep is whether it makes of each text a longer one in which nothing of it can be seen.
	Deep bool
}

// each writes some of the characters of a text in another way, those by which escapes begin among
// them, or all.
func each(some bool, write func(c byte) string) func(*rand.Rand, string) string {
	return func(r *rand.Rand, text string) string {
		var b strings.Builder
		for i := range len(text) {
			if some && r.IntN(3) > 0 && !strings.ContainsRune(`\%&`, rune(text[i])) {
				b.WriteByte(text[i])
			} else {
				b.WriteString(write(text[i]))
			}
		}
		return b.String()
	}
}

func format(f string) func(byte) string { return func(c byte) string { return fmt.Sprintf(f, c) } }

// punctuation writes only what is neither a letter nor a digit in another way, as most do.
func punctuation(f string) func(byte) string {
	return func(c byte) string {
		if unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)) {
			return string([]byte{c})
		}
		return fmt.Sprintf(f, c)
	}
}

var padding = strings.Repeat("x", 3)

// Ways are all of them.
var Ways = []Way{
	{Name: "as it is", Write: func(_ *rand.Rand, s string) string { return s }},
	{Name: "JSON escapes of punctuation, as Gson writes them", Write: each(false, punctuation(`\u%04x`))},
	{Name: "JSON escapes", Write: each(false, format(`\u%04X`))},
	{Name: "some JSON escapes", Write: each(true, format(`\u%04x`))},
	{Name: "JSON in JSON", Write: func(_ *rand.Rand, s string) string {
		once, _ := json.Marshal(s) // a string can always be marshalled
		twice, _ := json.Marshal(strings.ReplaceAll(string(once), "/", `\/`))
		return string(twice)
	}},
	{Name: "JavaScript escapes", Write: each(true, format(`\x%02x`))},
	{Name: "braced escapes", Write: each(true, format(`\u{%x}`))},
	{Name: "octal escapes", Write: each(true, format(`\%03o`))},
	{Name: "percent-encoding of punctuation", Write: func(_ *rand.Rand, s string) string { return url.QueryEscape(s) }},
	{Name: "percent-encoding in lower case", Write: each(false, punctuation("%%%02x"))},
	{Name: "percent-encoding", Write: each(false, format("%%%02X"))},
	{Name: "percent-encoding of some", Write: each(true, format("%%%02x"))},
	{Name: "percent-encoding, twice", Write: each(false, format("%%25%02x"))},
	{Name: "numeric entities", Write: each(false, format("&#%d;"))},
	{Name: "hexadecimal entities", Write: each(true, format("&#x%X;"))},
	{Name: "entities with zeros", Write: each(true, format("&#00%d;"))},
	{Name: "open entities", First: true, Write: each(false, format("&#%d"))},
	{Name: "named entities", Write: func(_ *rand.Rand, s string) string {
		return strings.NewReplacer("/", "&sol;", "+", "&plus;", "=", "&equals;", ".", "&period;", "_", "&lowbar;").Replace(html.EscapeString(s))
	}},
	{Name: "entities, twice", Write: each(true, format("&amp;#%d;"))},
	{Name: "upper case", First: true, Write: func(_ *rand.Rand, s string) string { return strings.ToUpper(s) }},
	{Name: "lower case", First: true, Write: func(_ *rand.Rand, s string) string { return strings.ToLower(s) }},
	{Name: "other case", First: true, Write: func(_ *rand.Rand, s string) string {
		return strings.Map(func(c rune) rune {
			if unicode.IsUpper(c) {
				return unicode.ToLower(c)
			}
			return unicode.ToUpper(c)
		}, s)
	}},
	{Name: "without the first character", First: true, Write: func(_ *rand.Rand, s string) string { return s[1:] }},
	{Name: "without the last character", First: true, Write: func(_ *rand.Rand, s string) string { return s[:len(s)-1] }},
	{Name: "backwards", First: true, Write: func(_ *rand.Rand, s string) string { return reversed(s) }},
	{Name: "blanks between", First: true, Write: each(true, func(c byte) string { return string([]byte{c, ' '}) })},
	{Name: "zero-width spaces between", First: true, Write: each(true, func(c byte) string { return string([]byte{c}) + "\u200b" })},
	{Name: "lines", First: true, Write: func(r *rand.Rand, s string) string { n := 1 + r.IntN(len(s)-1); return s[:n] + "\r\n" + s[n:] }},
	{Name: "the alphabet of URLs", First: true, Write: func(_ *rand.Rand, s string) string {
		return strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(s), "=")
	}},
	{Name: "pluses read as blanks", First: true, Write: func(_ *rand.Rand, s string) string { return strings.ReplaceAll(s, "+", " ") }},
	{Name: "UTF-16", First: true, Write: func(_ *rand.Rand, s string) string {
		var b []byte
		for _, c := range utf16.Encode([]rune(s)) {
			b = append(b, byte(c), byte(c>>8))
		}
		return string(b)
	}},
	{Name: "base64", Deep: true, Write: func(_ *rand.Rand, s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }},
	{Name: "base64 of URLs", Deep: true, Write: func(_ *rand.Rand, s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }},
	{Name: "base64 of more", Deep: true, Write: func(r *rand.Rand, s string) string {
		return base64.StdEncoding.EncodeToString([]byte(padding[:r.IntN(3)] + s + padding[:r.IntN(3)]))
	}},
	{Name: "base64 in lines", Deep: true, Write: func(_ *rand.Rand, s string) string {
		lines := slices.Collect(slices.Chunk([]byte(base64.StdEncoding.EncodeToString([]byte(s))), 20))
		return string(slices.Concat(lines[0], []byte("\n"), slices.Concat(lines[1:]...)))
	}},
	{Name: "hexadecimal", Deep: true, Write: func(_ *rand.Rand, s string) string { return hex.EncodeToString([]byte(s)) }},
	{Name: "hexadecimal in upper case", Deep: true, Write: func(_ *rand.Rand, s string) string { return fmt.Sprintf("%X", s) }},
	{Name: "hexadecimal with blanks", Deep: true, Write: func(_ *rand.Rand, s string) string { return fmt.Sprintf("% x", s) }},
	{Name: "hexadecimal as code", Deep: true, Write: func(_ *rand.Rand, s string) string { return strings.ReplaceAll(fmt.Sprintf("%# x", s), " ", ", ") }},
	{Name: "a list of numbers", Deep: true, Write: func(_ *rand.Rand, s string) string {
		return strings.ReplaceAll(fmt.Sprintf("%d", []byte(s)), " ", ", ")
	}},
}

// Random returns a text written in one way, or in a few one after the other, and their names.
func Random(r *rand.Rand, text string) (written, how string) {
	deep := 0
	var names []string
	for range 1 + r.IntN(3) {
		w := Ways[r.IntN(len(Ways))]
		if w.First && len(names) > 0 || w.Deep && deep == 2 || len(text) > 4000 {
			continue
		}
		if w.Deep {
			deep++
		}
		text = w.Write(r, text)
		names = append(names, w.Name)
	}
	if r.IntN(8) == 0 {
		text, names = reversed(text), append(names, "all of it backwards")
	}
	return text, strings.Join(names, ", then ")
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}
