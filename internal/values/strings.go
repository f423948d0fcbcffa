package values

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gesconform/gesconform/contract"
)

const (
	// mostLength is the length up to which strings are made.
	mostLength = 100_000
	// usualLength is that of a string that may have any.
	usualLength = 4
)

// strings yields texts that suit a shape, the plainest first.
func (s *Source) strings(sh *shape) func(func(string) bool) {
	return func(yield func(string) bool) {
		fits := func(text string) bool {
			n := utf8.RuneCountInString(text)
			return n >= sh.minLength && (sh.maxLength < 0 || n <= sh.maxLength) && sh.matches(text)
		}
		for _, format := range sh.formats {
			for _, e := range formats[format].valid {
				if fits(e.text) && !yield(e.text) {
					return
				}
			}
		}
		for n := range s.lengths(sh) {
			if text, ok := s.text(sh, n); ok && !yield(text) {
				return
			}
		}
	}
}

// matches reports whether a text has all patterns of a shape.
func (sh *shape) matches(text string) bool {
	for _, p := range sh.patterns {
		if !p.MatchString(text) {
			return false
		}
	}
	return true
}

// lengths yields lengths that are worth a try, the usual one first.
func (s *Source) lengths(sh *shape) func(func(int) bool) {
	return func(yield func(int) bool) {
		most := lower(sh.maxLength, mostLength)
		usual := max(sh.minLength, min(usualLength, most))
		if len(sh.patterns) > 0 {
			t := s.textsOf(sh.patterns[0], most)
			for n, tries := t.shortest(usual), 0; n >= 0 && tries < 8; n, tries = t.shortest(n+1), tries+1 {
				if !yield(n) {
					return
				}
			}
			for n, tries := t.shortest(sh.minLength), 0; n >= 0 && n < usual && tries < 8; n, tries = t.shortest(n+1), tries+1 {
				if !yield(n) {
					return
				}
			}
		}
		_ = yield(usual) && yield(sh.minLength) && most > 0 && most <= mostPatternLength && yield(most)
	}
}

// text returns a text of n characters that has all patterns, and by its length could have the
// formats.
func (s *Source) text(sh *shape, n int) (string, bool) { return s.textOf(sh, n, false) }

// textOf is like text; with wide it prefers characters outside the BMP.
func (s *Source) textOf(sh *shape, n int, wide bool) (string, bool) {
	if n < 0 || n > mostLength {
		return "", false
	}
	for _, format := range sh.formats {
		f := formats[format]
		for _, e := range f.valid {
			if utf8.RuneCountInString(e.text) == n && sh.matches(e.text) {
				return e.text, true
			}
		}
		if f.long != nil {
			text, ok := f.long(n)
			return text, ok && sh.matches(text)
		}
		if len(f.valid) > 0 {
			return "", false // its texts have those lengths only
		}
	}
	if len(sh.patterns) == 0 {
		return filler(n, wide), true
	}
	for _, p := range sh.patterns {
		t := s.textsOf(p, n)
		t.astral = wide
		if t.has(n) {
			if text := t.text(n); sh.matches(text) {
				return text, true
			}
		}
		// A pattern that is not anchored leaves room before or after.
		if short := t.shortest(0); short >= 0 && short < n {
			text := t.text(short)
			for _, padded := range []string{text + filler(n-short, wide), filler(n-short, wide) + text} {
				if sh.matches(padded) {
					return padded, true
				}
			}
		}
	}
	return "", false
}

// filler returns n characters.
func filler(n int, wide bool) string {
	if !wide {
		return strings.Repeat(alphabet, n/len(alphabet)+1)[:n]
	}
	chars := []rune(astral)
	var b strings.Builder
	for i := range n {
		b.WriteRune(chars[i%len(chars)])
	}
	return b.String()
}

// candidates for the keywords of strings

// textual makes a candidate of each text that there is.
func (at *spot) textual(name string, n int) []candidate {
	sh := *at.shape
	sh.minLength, sh.maxLength = 0, -1
	text, ok := at.src.text(&sh, n)
	if !ok {
		return nil
	}
	return []candidate{{name: name, value: text}}
}

// wide makes one of characters outside the BMP, which count once. Many common readers count their units in
// UTF-16, two for each: what only they refuse is not derived, and what only they take is marked.
func (at *spot) wide(name string, n int) []candidate {
	sh := *at.shape
	sh.minLength, sh.maxLength = 0, -1
	if n > mostPatternLength {
		return nil
	}
	text, ok := at.src.textOf(&sh, n, true)
	if !ok || !hasAstral(text) {
		return nil
	}
	return []candidate{{name: name, value: text}}
}

func hasAstral(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r > 0xffff })
}

func keepMinLength(at *spot) []candidate {
	n := at.part.schema.MinLength
	return append(at.textual("minLength", n), at.wide("minLength-astral", n)...)
}

func keepMaxLength(at *spot) []candidate {
	n := at.part.schema.MaxLength
	return append(at.textual("maxLength", n), at.wide("maxLength-astral", n/2)...) // n units in UTF-16
}

func breakMinLength(at *spot) []candidate {
	n := at.part.schema.MinLength
	wide := at.wide("minLength-1-astral", n-1)
	for i := range wide {
		wide[i].scalar = true // by their length in UTF-16
	}
	all := append(at.textual("minLength-1", n-1), wide...)
	if n > 1 {
		all = append(all, at.textual("empty", 0)...)
	}
	return all
}

func breakMaxLength(at *spot) []candidate {
	n := at.part.schema.MaxLength
	return append(at.textual("maxLength+1", n+1), at.wide("maxLength+1-astral", n+1)...)
}

// aliens are characters that many patterns lack.
const aliens = "!~é_-. 0aA\u200b"

// breakPattern changes a text that has the pattern a little: one character, in front, behind. A
// line break behind is what readers overlook that take $ for the end of a line.
func breakPattern(at *spot) []candidate {
	text, ok := at.plain.(string)
	if !ok {
		return nil
	}
	runes := []rune(text)
	var all []candidate
	if at.shape.maxLength < 0 || len(runes) < at.shape.maxLength {
		all = append(all,
			candidate{name: "pattern-line-break-behind", value: text + "\n", scalar: true},
			candidate{name: "pattern-line-break-in-front", value: "\n" + text, scalar: true})
	}
	for _, alien := range aliens {
		a := string(alien)
		behind, inFront := text+a, a+text
		if at.shape.maxLength >= 0 && len(runes) >= at.shape.maxLength && len(runes) > 0 {
			behind, inFront = string(runes[:len(runes)-1])+a, a+string(runes[1:])
		}
		blank := unicode.IsSpace(alien)
		all = append(all, candidate{name: "pattern-behind", value: behind, scalar: blank}, candidate{name: "pattern-in-front", value: inFront, scalar: blank})
		for _, i := range []int{len(runes) / 2, 0, len(runes) - 1} {
			if i >= 0 && i < len(runes) {
				changed := string(runes[:i]) + a + string(runes[i+1:])
				all = append(all, candidate{name: "pattern-other-character", value: changed})
			}
		}
	}
	all = append(all, candidate{name: "pattern-empty", value: ""})
	for _, n := range []int{usualLength, at.shape.minLength, len(runes)} {
		all = append(all, candidate{name: "pattern-other", value: filler(max(n, 1), false)},
			candidate{name: "pattern-other", value: strings.Repeat("~", max(n, 1))})
	}
	return all
}

// keepPattern gives other lengths and characters that the pattern has.
func keepPattern(at *spot) []candidate {
	text, ok := at.plain.(string)
	if !ok || at.shape.literal {
		return nil
	}
	n := utf8.RuneCountInString(text)
	all := at.wide("pattern-astral", n)
	t := at.src.textsOf(at.part.schema.Pattern, lower(at.shape.maxLength, 256))
	if short := t.shortest(at.shape.minLength); short >= 0 && short != n {
		all = append(all, candidate{name: "pattern-shortest", value: t.text(short)})
	}
	return all
}

// keepString gives strings that are valid where nothing bounds them.
func keepString(at *spot) []candidate {
	if at.shape.literal || kindOf(at.plain) != contract.KindString || len(at.shape.patterns) > 0 {
		return nil
	}
	if len(at.shape.formats) > 0 && len(formats[at.shape.formats[0]].valid) > 0 {
		return nil
	}
	n := max(at.shape.minLength, 1)
	if at.shape.maxLength >= 0 {
		n = min(n, at.shape.maxLength)
	}
	return append(at.wide("astral", n), candidate{name: "punctuation", value: "a'\"\\<&%é/;=+b"})
}
