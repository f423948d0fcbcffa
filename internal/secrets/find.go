package secrets

import (
	"bytes"
	"math/bits"
	"sync"
)

const (
	// window is how much of a text is looked at at once, so that a long one takes no more memory
	// than a short one. Windows overlap by as much as a short credential takes in any spelling;
	// a long one is found in parts.
	window, overlap = 16 << 10, 1 << 10
	// deepest is how many encodings one within another are decoded, and mostEscapes how many
	// layers of escapes around each.
	deepest, mostEscapes = 3, 8
)

// A match is a place in a text that says a credential or a part of it.
type match struct {
	name       string
	spelling   *spelling // nil if it was looked for as it is
	text       int
	start, end int32 // in the text
	from, to   int32 // the letters of the spelling, or the length
	broken     bool  // only a part of it, beside which something must stay
	tells      bool  // looked for as it is, and found whole
	backwards  bool  // the text was read backwards
	named      bool  // it is there as it is
}

// A finder looks for the credentials of a set in texts.
type finder struct {
	*Set
	text    string // that is looked at, and its number
	number  int
	matches []match
	views   [deepest + 1]view    // for each depth what is there
	once    view                 // the text without the escapes of JSON
	back    view                 // and all of it backwards
	escapes [deepest + 1][2]view // and what it says without its escapes
	run     [deepest]view        // and what is decoded
	letters []byte               // of a part of a view
	at      []int                // where they are in it
}

var finders = sync.Pool{New: func() any { return &finder{} }}

// look looks at a text.
func (f *finder) look(number int, text string) {
	if f.text, f.number = text, number; len(text) < shortest || len(f.exact)+len(f.spellings) == 0 {
		return
	}
	for offset := 0; ; offset += window - overlap {
		piece := text[offset:min(offset+window, len(text))]
		v := &f.views[deepest]
		v.plain(piece, offset)
		f.scan(v)
		f.decodeAll(v)
		if offset+len(piece) == len(text) {
			return
		}
	}
}

// decodeAll looks at what a view says, forwards and backwards.
func (f *finder) decodeAll(v *view) {
	says := f.decode(v, deepest)
	escaped := says != v
	f.backwards(says)
	if f.once.unescape(v, `\`) { // what was turned around may have been put into JSON, or not
		f.backwards(&f.once)
	}
	if escaped {
		f.backwards(v)
	}
}

// backwards looks at a view that it turns around. As each spelling is known backwards, only what is
// encoded counts.
func (f *finder) backwards(v *view) {
	f.back.set(v)
	f.back.reverse()
	f.decode(&f.back, deepest)
}

// visit looks at a view, and at what it says if it is decoded up to a depth.
func (f *finder) visit(v *view, depth int) {
	if v.legible(f.script) {
		f.scan(v)
		f.decode(v, depth)
	}
}

// decode looks at what a view says if it is decoded, and returns what it says without escapes.
func (f *finder) decode(v *view, depth int) (plain *view) {
	for i := range mostEscapes {
		says := &f.escapes[depth][i%2]
		if !says.unescape(v, `\%&`) {
			break
		}
		f.scan(says)
		v = says
	}
	if depth == 0 {
		return v
	}
	run, says := &f.run[depth-1], &f.views[depth-1]
	inBase64.eachRun(v, run, func() {
		for skip := range 4 {
			if legibleBase64(run.text, skip, f.script) { // what is no base64 seldom says anything
				says.base64(run, skip)
				f.visit(says, depth-1)
			}
		}
	})
	inHex.eachRun(v, run, func() {
		for skip := range 2 {
			says.hexadecimal(run, skip)
			f.visit(says, depth-1)
		}
	})
	inNumbers.eachRun(v, run, func() {
		says.numbers(run)
		f.visit(says, depth-1)
	})
	return v
}

// scan looks for the credentials in a view.
func (f *finder) scan(v *view) {
	for i := range f.exact {
		e := &f.exact[i]
		f.scanExact(v, e, e.text)
		f.scanExact(v, e, e.backwards)
	}
	var gram, which uint64
	var at [shortest]int // of the last letters
	n, first, last := 0, -1, 0
	for i, c := range v.text {
		c = folded[c]
		if c == 0 {
			continue
		}
		gram = gram<<8 | uint64(c)
		at[n%shortest] = i
		if n++; n < shortest {
			continue
		}
		if has := f.spelt(gram); has != 0 {
			if first < 0 {
				first = at[n%shortest]
			}
			which, last = which|has, i
		} else if first >= 0 {
			f.match(v, first, last, which)
			first, which = -1, 0
		}
	}
	if first >= 0 {
		f.match(v, first, last, which)
	}
}

func (f *finder) scanExact(v *view, e *exact, text string) {
	for i := 0; ; i++ {
		j := bytes.Index(v.text[i:], []byte(text))
		if j < 0 {
			return
		}
		i += j
		start, end := v.span(i, i+len(text)-1)
		f.matches = append(f.matches, match{text: f.number, name: e.name, to: int32(len(text)), start: start, end: end, tells: e.tells})
	}
}

// match finds which parts of which spellings are in a part of a view.
func (f *finder) match(v *view, first, last int, which uint64) {
	f.letters, f.at = f.letters[:0], f.at[:0]
	for i := first; i <= last; i++ {
		if c := folded[v.text[i]]; c != 0 {
			f.letters, f.at = append(f.letters, c), append(f.at, i)
		}
	}
	for ; which != 0; which &= which - 1 {
		i := bits.TrailingZeros64(which)
		f.parts(v, f.spellings[i])
		for i++; i > 63 && i < len(f.spellings); i++ {
			f.parts(v, f.spellings[i])
		}
	}
}

func (f *finder) parts(v *view, p *spelling) {
	p.automaton.build(p.letters)
	p.automaton.parts(f.letters, func(end, wordEnd, length int) {
		f.found(v, p, f.at[end-length:end], wordEnd-length)
	})
}

// found notes a match: the letters of a spelling from one on, which are at places of a view.
// Where something stands between two of them that is no part of the credential, and without
// which the text could no longer be read, the match is broken into several.
func (f *finder) found(v *view, p *spelling, at []int, from int) {
	m := match{text: f.number, name: p.name, spelling: p, from: int32(from), to: int32(from + len(at)), backwards: v.at[0] > v.at[len(v.at)-1]}
	begin, end := at[0], at[len(at)-1]+1
	if len(at) >= len(p.letters)-p.missing() {
		m.name, m.named, begin, end = p.nameAt(v, from, at[0], at[len(at)-1])
	}
	note := func(i, j int) {
		m.start, m.end = v.span(i, j)
		f.matches = append(f.matches, m)
	}
	for i := range len(at) - 1 {
		between, own := v.text[at[i]+1:at[i+1]], p.text[p.at[from+i]+1:p.at[from+i+1]]
		if len(between) > 0 && string(between) != own && f.structural(v, at[i], at[i+1]) {
			m.broken = true
			note(begin, at[i])
			begin = at[i+1]
		}
	}
	note(begin, end-1)
}

// structural reports whether the text between two bytes of a view has characters by which a
// format is read.
func (f *finder) structural(v *view, i, j int) bool {
	start, end := v.to[i], v.at[j]
	if start > end { // backwards
		start, end = v.to[j], v.at[i]
	}
	return structure(f.text[min(start, end):end])
}

func structure(text string) bool {
	for i := range len(text) {
		switch text[i] {
		case '"', '{', '}', '[', ']', ',', ':', '<', '>', '\n':
			return true
		}
	}
	return false
}
