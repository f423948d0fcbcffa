// Package secrets finds credentials in texts that others have written, however they are spelt,
// and removes them.
//
// What counts is what a text says. It is decoded as far as it goes: escapes of JSON, JavaScript
// and URLs, entities, base64, hexadecimal, lists of numbers, one within another, forwards and
// backwards. Of a credential that nobody could have guessed only letters and digits are compared,
// without their case, and a text that has nearly all of them, in one piece or in several, has the
// credential.
package secrets

import (
	"math/bits"
	"slices"
	"strings"
)

// A Secret is a credential and the name that stands for it.
type Secret struct{ Name, Text string }

// A Credential is a secret, and others that are made from it and are called otherwise.
type Credential struct {
	Secret
	Near []Secret
}

const (
	// shortest is the length of the shortest credential, and of the shortest part of one, to
	// look for: shorter ones could be any text.
	shortest = 8
	// fewest is how many different characters there must be in one.
	fewest = 4
	// guessable is the length up to which only letters, or only digits, could be a word or a
	// number that has nothing to do with the credential.
	guessable = 12
	// longPart is the length from which a part of a credential is removed even if the rest is
	// nowhere.
	longPart = 16
	// longWord is longer than words that are part of a credential and of other texts, too.
	longWord = 22
)

// A Set is the credentials of a run. It may be used by several goroutines.
type Set struct {
	exact     []exact
	spellings []*spelling
	grams     map[uint64]uint64 // the spellings, as bits, that have these eight characters in a row
	filter    []uint64          // of bits: a gram that is not in it is not in grams
	shift     int
	innocent  innocents
	script    *script
}

// An exact is a credential that is looked for as it is, because it is so short or so plain that
// another text could be nearly the same.
type exact struct {
	name, text, backwards string
	tells                 bool // a text that contains it discloses it
}

// A spelling is a credential of which letters and digits are compared.
type spelling struct {
	family    int // the number of its credential
	name      string
	text      string   // as it is, or backwards
	letters   []byte   // the letters and digits of text, in lower case
	at        []int    // where they are in text
	near      []Secret // the longest first; none if text is backwards
	backwards bool
	automaton automaton
}

// New returns the set of credentials. Of those that are called the same the first counts.
func New(credentials ...Credential) *Set {
	s := &Set{grams: map[uint64]uint64{}}
	for family, c := range credentials {
		if !strong(c.Text) {
			for _, one := range append([]Secret{c.Secret}, c.Near...) {
				s.addExact(one)
			}
			continue
		}
		all := append([]Secret{c.Secret}, c.Near...)
		slices.SortStableFunc(all, func(a, b Secret) int { return len(b.Text) - len(a.Text) })
		for _, one := range append([]Secret{c.Secret}, c.Near...) {
			letters, at := lettersOf(one.Text)
			if one != c.Secret && contains(s.spellings, family, letters) {
				continue // is told from it by its exact text
			}
			s.spellings = append(s.spellings, &spelling{family: family, name: one.Name, text: one.Text, letters: letters, at: at, near: all})
		}
		text := backwards(c.Text)
		letters, at := lettersOf(text)
		s.spellings = append(s.spellings, &spelling{family: family, name: c.Name, text: text, letters: letters, at: at, backwards: true})
	}
	s.index()
	s.script = scriptOf(s.exact)
	return s
}

// contains reports whether the letters are those of a credential's first spelling, but for one at
// the end.
func contains(all []*spelling, family int, letters []byte) bool {
	return slices.ContainsFunc(all, func(p *spelling) bool {
		longer, shorter := string(p.letters), string(letters)
		if len(longer) < len(shorter) {
			longer, shorter = shorter, longer
		}
		return p.family == family && len(longer)-len(shorter) <= 1 && strings.HasPrefix(longer, shorter)
	})
}

func (s *Set) addExact(one Secret) {
	different := map[byte]bool{}
	for i := range len(one.Text) {
		different[one.Text[i]] = true
	}
	if len(one.Text) < shortest || len(different) < fewest {
		return
	}
	letters, digits := kinds(one.Text)
	word := len(one.Text) < guessable && (letters == len(one.Text) || digits == len(one.Text))
	s.exact = append(s.exact, exact{one.Name, one.Text, backwards(one.Text), !word})
}

// strong reports whether no other text could be nearly the same as a credential by chance.
func strong(text string) bool {
	letters, _ := lettersOf(text)
	different := map[byte]bool{}
	for _, c := range letters {
		different[c] = true
	}
	ofLetters, ofDigits := kinds(text)
	return len(different) >= 6 && (len(letters) >= longPart || len(letters) >= guessable && ofLetters > 1 && ofDigits > 1)
}

// kinds counts the ASCII letters and digits of a text.
func kinds(text string) (letters, digits int) {
	for i := range len(text) {
		switch c := folded[text[i]]; {
		case '0' <= c && c <= '9':
			digits++
		case c != 0:
			letters++
		}
	}
	return letters, digits
}

// folded has each letter in lower case and each digit, and 0 for everything else.
var folded = func() (table [256]byte) {
	for c := byte('0'); c <= '9'; c++ {
		table[c] = c
	}
	for c := byte('a'); c <= 'z'; c++ {
		table[c], table[c-'a'+'A'] = c, c
	}
	return table
}()

func lettersOf(text string) (letters []byte, at []int) {
	for i := range len(text) {
		if c := folded[text[i]]; c != 0 {
			letters, at = append(letters, c), append(at, i)
		}
	}
	return letters, at
}

func backwards(text string) string {
	b := []byte(text)
	slices.Reverse(b)
	return string(b)
}

// index notes all rows of eight characters of the spellings.
func (s *Set) index() {
	for i, p := range s.spellings {
		var gram uint64
		for j, c := range p.letters {
			if gram = gram<<8 | uint64(c); j >= shortest-1 {
				s.grams[gram] |= 1 << min(i, 63) // the last bit stands for all others
			}
		}
	}
	size := max(12, bits.Len(uint(16*len(s.grams))))
	s.filter, s.shift = make([]uint64, 1<<(size-6)), 64-size
	for gram := range s.grams {
		h := hash(gram) >> s.shift
		s.filter[h>>6] |= 1 << (h & 63)
	}
}

func hash(gram uint64) uint64 { return gram * 0x9e3779b97f4a7c15 }

// spelt returns the spellings that have a gram, as bits.
func (s *Set) spelt(gram uint64) uint64 {
	h := hash(gram) >> s.shift
	if s.filter[h>>6]>>(h&63)&1 == 0 {
		return 0
	}
	return s.grams[gram]
}

// missing is how many of the letters and digits may be missing so that anybody could try what
// they are.
func (p *spelling) missing() int {
	if len(p.letters) < longPart {
		return 0
	}
	return 2
}

// nameAt returns the name of what a view has from one byte up to another, the first of which is
// the letter from of the spelling, and where it begins and ends: the longest of the near ones
// that is there as it is, or else the spelling.
func (p *spelling) nameAt(v *view, from, first, last int) (name string, exact bool, begin, end int) {
	begin = first - p.at[from]
	for _, near := range p.near {
		if end = begin + len(near.Text); begin >= 0 && end <= len(v.text) && string(v.text[begin:end]) == near.Text {
			return near.Name, true, begin, end
		}
	}
	end = last + 1
	if tail := p.text[p.at[len(p.at)-1]+1:]; strings.HasPrefix(string(v.text[end:min(end+len(tail), len(v.text))]), tail) {
		end += len(tail)
	}
	return p.name, false, first, end
}
