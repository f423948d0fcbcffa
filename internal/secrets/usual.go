package secrets

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/bits"
	"net/url"
	"slices"
	"strings"
)

// block is how many bytes of a spelling are looked for first.
const block = 8

// spelledOut are credentials in the usual spellings, and all rows of eight bytes of them. As many of
// a spelling follow one another, it is enough to look for them at one of several places in a text.
type spelledOut struct {
	all    []usualSpelling
	blocks map[uint64]struct{}
	filter []uint64 // of bits: a block that is not in it is not in blocks
	shift  int
	step   int // from one place to the next
}

type usualSpelling struct {
	name string
	text []byte
}

// spellOut returns the usual spellings of credentials, without those with certain names.
func spellOut(credentials []Credential, without []string) *spelledOut {
	s := &spelledOut{blocks: map[uint64]struct{}{}}
	for _, c := range credentials {
		for _, one := range append([]Secret{c.Secret}, c.Near...) {
			if len(one.Text) < shortest || slices.Contains(without, one.Name) {
				continue
			}
			for _, spell := range usual {
				s.add(one.Name, []byte(spell(one.Text)))
			}
		}
	}
	size := max(12, bits.Len(uint(16*len(s.blocks))))
	s.filter, s.shift = make([]uint64, 1<<(size-6)), 64-size
	for row := range s.blocks {
		h := hash(row) >> s.shift
		s.filter[h>>6] |= 1 << (h & 63)
	}
	return s
}

func (s *spelledOut) add(name string, text []byte) {
	s.all = append(s.all, usualSpelling{name, text})
	places := len(text) - block + 1
	for i := range places {
		s.blocks[binary.LittleEndian.Uint64(text[i:])] = struct{}{}
	}
	if s.step == 0 || places < s.step {
		s.step = places
	}
}

// in returns the names of those that are in a text.
func (s *spelledOut) in(text []byte) (names []string) {
	if s.step == 0 || !s.near(text) {
		return nil
	}
	for _, one := range s.all {
		if bytes.Contains(text, one.text) {
			names = append(names, one.name)
		}
	}
	return names
}

// near reports whether a text has a part of one.
func (s *spelledOut) near(text []byte) bool {
	for i := 0; i+block <= len(text); i += s.step {
		row := binary.LittleEndian.Uint64(text[i:])
		if h := hash(row) >> s.shift; s.filter[h>>6]>>(h&63)&1 != 0 {
			if _, ok := s.blocks[row]; ok {
				return true
			}
		}
	}
	return false
}

// usual are the ways in which a credential is usually spelt. Each makes at least a block of the
// shortest credential.
var usual = []func(text string) string{
	func(text string) string { return text },
	inJSON,
	url.QueryEscape,
	url.PathEscape,
	percent("%%%02X", true), percent("%%%02x", true), percent("%%%02x", false),
	func(text string) string { return hex.EncodeToString([]byte(text)) },
	func(text string) string { return fmt.Sprintf("%X", text) },
	inBase64At(base64.RawStdEncoding, 0), inBase64At(base64.RawStdEncoding, 1), inBase64At(base64.RawStdEncoding, 2),
	inBase64At(base64.RawURLEncoding, 0), inBase64At(base64.RawURLEncoding, 1), inBase64At(base64.RawURLEncoding, 2),
}

func inJSON(text string) string {
	all, _ := json.Marshal(text) // a string can always be marshalled
	return string(all[1 : len(all)-1])
}

// percent returns a spelling with percent-encoded bytes: all, or those that are no letters or digits.
func percent(format string, each bool) func(string) string {
	return func(text string) string {
		var b strings.Builder
		for i := range len(text) {
			if each || folded[text[i]] == 0 {
				fmt.Fprintf(&b, format, text[i])
			} else {
				b.WriteByte(text[i])
			}
		}
		return b.String()
	}
}

// inBase64At returns the spelling in base64 behind some other bytes, without the characters to which
// what stands before or behind it contributes.
func inBase64At(encoding *base64.Encoding, before int) func(string) string {
	return func(text string) string {
		all := append(make([]byte, before), text...)
		encoded := encoding.EncodeToString(all)
		if len(all)%3 != 0 {
			encoded = encoded[:len(encoded)-1]
		}
		return encoded[(before*8+5)/6:]
	}
}
