package spelt

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"regexp"
	"strconv"
	"strings"
)

// Usable reports whether anybody could read a token in a text: all of it but for a character at
// either end, in one piece, however it is written. It returns what was read.
func Usable(text, token string) (read string, usable bool) {
	want := letters(token)
	want = want[1 : len(want)-1]
	seen := map[string]bool{}
	var look func(text string, depth int) bool
	look = func(text string, depth int) bool {
		if seen[text] || len(text) < len(want) {
			return false
		}
		seen[text] = true
		if i := strings.Index(letters(text), want); i >= 0 {
			read = text
			return true
		}
		if depth == 0 {
			return false
		}
		for _, reader := range readers {
			for _, says := range reader(text) {
				if look(says, depth-1) {
					return true
				}
			}
		}
		return false
	}
	return read, look(text, 4) || look(reversed(text), 4)
}

var noLetter = regexp.MustCompile(`[^a-z0-9]+`)

func letters(text string) string { return noLetter.ReplaceAllString(strings.ToLower(text), "") }

var (
	unicodeEscape = regexp.MustCompile(`\\+u\{?([0-9a-fA-F]{4}|[0-9a-fA-F]{1,5}\})|\\+x([0-9a-fA-F]{2})|%(?:25)*([0-9a-fA-F]{2})`)
	octalEscape   = regexp.MustCompile(`\\+([0-7]{3})`)
	base64Run     = regexp.MustCompile(`[A-Za-z0-9+/_\-\s]{12,}`)
	hexRun        = regexp.MustCompile(`(?:0[xX])?[0-9a-fA-F]{2}(?:[ ,:\-]*(?:0[xX])?[0-9a-fA-F]{2}){10,}`)
	numberRun     = regexp.MustCompile(`\d{1,3}(?:[ ,]+\d{1,3}){10,}`)
	blank         = regexp.MustCompile(`\s+`)
	hexBetween    = regexp.MustCompile(`0[xX]|[^0-9a-fA-F]+`)
)

// readers return what a text says if it is read in one way.
var readers = []func(text string) []string{
	func(text string) []string {
		return []string{unicodeEscape.ReplaceAllStringFunc(text, func(e string) string {
			m := unicodeEscape.FindStringSubmatch(e)
			n, err := strconv.ParseUint(strings.TrimRight(m[1]+m[2]+m[3], "}"), 16, 32)
			if err != nil || n > 0x7f {
				return e
			}
			return string(rune(n))
		})}
	},
	func(text string) []string {
		return []string{octalEscape.ReplaceAllStringFunc(text, func(e string) string {
			n, err := strconv.ParseUint(strings.TrimLeft(e, `\`), 8, 32)
			if err != nil || n > 0x7f {
				return e
			}
			return string(rune(n))
		})}
	},
	func(text string) []string { return []string{html.UnescapeString(text)} },
	func(text string) []string {
		return []string{strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t", `\/`, "/", `\"`, `"`, `\\`, `\`).Replace(text)}
	},
	func(text string) (all []string) {
		for _, run := range base64Run.FindAllString(text, -1) {
			run = blank.ReplaceAllString(strings.NewReplacer("-", "+", "_", "/").Replace(run), "")
			for skip := range min(4, len(run)) {
				whole := run[skip:]
				if says, err := base64.RawStdEncoding.DecodeString(whole[:len(whole)-len(whole)%4]); err == nil {
					tail := ""
					if rest := whole[len(whole)-len(whole)%4:]; len(rest) > 1 {
						end, _ := base64.RawStdEncoding.DecodeString(rest) // as far as it goes
						tail = string(end)
					}
					all = append(all, string(says)+tail)
				}
			}
		}
		return all
	},
	func(text string) (all []string) {
		for _, run := range hexRun.FindAllString(text, -1) {
			run = hexBetween.ReplaceAllString(run, "")
			for skip := range 2 {
				whole := run[skip:]
				if says, err := hex.DecodeString(whole[:len(whole)-len(whole)%2]); err == nil {
					all = append(all, string(says))
				}
			}
		}
		return all
	},
	func(text string) (all []string) {
		for _, run := range numberRun.FindAllString(text, -1) {
			var b []byte
			for _, n := range strings.FieldsFunc(run, func(c rune) bool { return c == ' ' || c == ',' }) {
				v, err := strconv.Atoi(n)
				if err != nil || v > 255 {
					break
				}
				b = append(b, byte(v))
			}
			all = append(all, string(b))
		}
		return all
	},
}
