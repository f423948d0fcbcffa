package secrets

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Finding is what a set found in some texts.
type Finding struct {
	texts  []string
	places []place // in the order of the texts, without overlaps
	names  []string
}

// A place is a part of a text that is removed.
type place struct {
	text, start, end int
	name             string
	weight           int  // how much of the credential is there
	whole            bool // nearly all of it
	tells            bool
}

// Names returns the names of the credentials that the texts disclose, sorted.
func (f *Finding) Names() []string { return f.names }

// Find looks for the credentials in texts that belong together: one may be split over several.
func (s *Set) Find(texts ...string) *Finding { return s.find(texts, false) }

// FindCut does the same if the last text was cut, and others were wherever they have the ellipsis: what is
// before that may be the beginning of a credential.
func (s *Set) FindCut(texts ...string) *Finding { return s.find(texts, true) }

func (s *Set) find(texts []string, cut bool) *Finding {
	found := &Finding{texts: texts}
	f, _ := finders.Get().(*finder)
	f.Set, f.matches = s, f.matches[:0]
	for i, text := range texts {
		if s.innocent.has(text) {
			continue
		}
		before := len(f.matches)
		if f.look(i, text); len(f.matches) == before {
			s.innocent.add(text)
		}
	}
	for i := 0; cut && i < len(texts); i++ {
		s.beginnings(f, i, texts[i], i == len(texts)-1)
	}
	if len(f.matches) > 0 {
		found.settle(f.matches, cut)
	}
	if clear(f.matches); cap(f.matches) > window {
		f.matches = nil // a text full of parts is rare
	}
	f.Set, f.text = nil, ""
	finders.Put(f)
	return found
}

// ellipsis is what stands in a text in place of what was cut off.
const ellipsis = "…"

// beginnings finds those of credentials that are looked for as they are where a text was cut.
func (s *Set) beginnings(f *finder, number int, text string, atEnd bool) {
	for _, e := range s.exact {
		if len(e.text) < shortest || !strings.Contains(text, e.text[:shortest]) {
			continue
		}
		end := 0
		for piece := range strings.SplitSeq(text, ellipsis) {
			end += len(piece)
			if last := end == len(text); last && !atEnd {
				break
			}
			for n := min(len(e.text)-1, len(piece)); n >= shortest; n-- {
				if strings.HasSuffix(piece, e.text[:n]) {
					f.matches = append(f.matches, match{text: number, name: e.name, to: int32(n), start: int32(end - n), end: int32(end)})
					break
				}
			}
			end += len(ellipsis)
		}
	}
}

// farthest is how far apart in a text parts of a credential may be to be read as one.
const farthest = 12

// settle decides what the matches disclose, and what is removed.
func (f *Finding) settle(matches []match, cut bool) {
	apart := map[*spelling][]match{}
	slices.SortStableFunc(matches, func(a, b match) int { return cmp.Or(a.text-b.text, int(a.start-b.start), int(b.end-a.end)) })
	for p, all := range bySpelling(matches) {
		if p == nil {
			for _, m := range all {
				f.places = append(f.places, place{m.text, int(m.start), int(m.end), m.name, 2 * int(m.to), true, m.tells})
			}
			continue
		}
		for _, near := range clusters(all) {
			near = slices.DeleteFunc(near, func(m match) bool { // what is next to it may belong to another
				alone := p.nearlyAll([]match{m})
				if alone {
					f.whole(p, []match{m}, int(m.to-m.from))
				}
				return alone
			})
			if len(near) == 0 {
				continue
			}
			if covered := cover(p, near); p.nearlyAll(near) {
				f.whole(p, near, covered)
			} else {
				apart[p] = append(apart[p], near...)
				last := near[len(near)-1]
				atCut := cut && near[0].from == 0 && !last.backwards && f.isCut(last.text, int(last.end))
				if atCut || covered >= max(longPart, len(p.letters)/3) && !p.word(near) {
					f.parts(p, near, covered, false)
				}
			}
		}
	}
	for _, p := range f.disclosed(apart) {
		f.parts(p, apart[p], cover(p, apart[p]), true)
	}
	f.join()
	for _, p := range f.places {
		if p.tells {
			f.names = append(f.names, p.name)
		}
	}
	slices.Sort(f.names)
	f.names = slices.Compact(f.names)
}

// isCut reports whether a text was cut at a place, or so shortly after it that what is between may be what a
// spelling makes of a part of a letter.
func (f *Finding) isCut(number, place int) bool {
	const near = 3
	text := f.texts[number]
	return number == len(f.texts)-1 && place >= len(text)-near ||
		strings.Contains(text[place:min(len(text), place+near+len(ellipsis))], ellipsis)
}

// bySpelling returns the matches of each spelling, in their order.
func bySpelling(matches []match) map[*spelling][]match {
	all := map[*spelling][]match{}
	for _, m := range matches {
		all[m.spelling] = append(all[m.spelling], m)
	}
	return all
}

// clusters returns the matches of one spelling, those together that are close in a text.
func clusters(all []match) (together [][]match) {
	first, end := 0, int32(0)
	for i, m := range all {
		if i > first && (m.text != all[first].text || m.start > end+farthest) {
			together = append(together, all[first:i])
			first, end = i, 0
		}
		end = max(end, m.end)
	}
	return append(together, all[first:])
}

// gaps returns which letters of a spelling are in none of its matches.
func gaps(p *spelling, all []match) (open [][2]int) {
	sorted := slices.SortedFunc(slices.Values(all), func(a, b match) int { return int(a.from - b.from) })
	to := 0
	for _, m := range append(sorted, match{from: int32(len(p.letters))}) {
		if int(m.from) > to {
			open = append(open, [2]int{to, int(m.from)})
		}
		to = max(to, int(m.to))
	}
	return open
}

// cover returns how many letters of a spelling are in its matches.
func cover(p *spelling, all []match) int {
	n := len(p.letters)
	for _, g := range gaps(p, all) {
		n -= g[1] - g[0]
	}
	return n
}

// nearlyAll reports whether matches are the credential, or so much of it that the rest is soon
// found.
func (p *spelling) nearlyAll(all []match) bool {
	n := int(all[0].to - all[0].from)
	if len(all) > 1 {
		n = cover(p, all)
	}
	return n == len(p.letters) || n >= len(p.letters)-p.missing() && !p.word(all)
}

// word reports whether matches could be a word, such as security-token, that a credential is made
// with.
func (p *spelling) word(all []match) bool {
	return cover(p, all) < longWord && !slices.ContainsFunc(all, func(m match) bool {
		return bytes.ContainsAny(p.letters[m.from:m.to], digits)
	})
}

// disclosed returns the spellings of which nearly all is in the texts, in parts that are apart: of
// each credential the one of which most is there. A part that is too short to be looked for
// counts if it is written as it is.
func (f *Finding) disclosed(apart map[*spelling][]match) []*spelling {
	best, most := map[int]*spelling{}, map[int]int{}
	for p, all := range apart {
		covered := cover(p, all)
		for _, g := range gaps(p, all) {
			if n := g[1] - g[0]; 2*covered >= len(p.letters) && n > p.missing() && n < shortest && f.has(string(p.letters[g[0]:g[1]])) {
				covered += n
			}
		}
		b := best[p.family]
		if covered >= len(p.letters)-p.missing() && (covered == len(p.letters) || !p.word(all)) && (b == nil || covered > most[p.family] || covered == most[p.family] && len(p.name) < len(b.name)) {
			best[p.family], most[p.family] = p, covered
		}
	}
	return slices.Collect(maps.Values(best))
}

// has reports whether letters are in one of the texts, whatever stands between them.
func (f *Finding) has(letters string) bool {
	return slices.ContainsFunc(f.texts, func(text string) bool {
		all, _ := lettersOf(text)
		return bytes.Contains(all, []byte(letters))
	})
}

// whole adds the place of matches that are nearly all of a credential, or the places of its parts
// where something must stay between them.
func (f *Finding) whole(p *spelling, near []match, covered int) {
	one := place{near[0].text, int(near[0].start), int(near[0].end), p.name, 2 * covered, true, true}
	for _, m := range near {
		if m.broken || int(m.start) > one.end && structure(f.texts[m.text][one.end:m.start]) {
			f.parts(p, near, covered, true)
			return
		}
		one.end = max(one.end, int(m.end))
		if m.named {
			one.name, one.weight = m.name, 2*covered+1
		}
	}
	f.places = append(f.places, one)
}

// parts adds the places of parts of a credential.
func (f *Finding) parts(p *spelling, all []match, covered int, tells bool) {
	for _, m := range all {
		f.places = append(f.places, place{m.text, int(m.start), int(m.end), p.name, 2 * covered, false, tells})
	}
}

// join makes one place of those that overlap, and calls it after the one that says most.
func (f *Finding) join() {
	slices.SortStableFunc(f.places, func(a, b place) int {
		return cmp.Or(a.text-b.text, a.start-b.start, b.end-a.end, strings.Compare(a.name, b.name))
	})
	joined := f.places[:0]
	for _, p := range f.places {
		if n := len(joined) - 1; n >= 0 && joined[n].text == p.text && p.start < joined[n].end {
			both := joined[n]
			if p.saysMore(both) {
				both = p
			}
			both.start, both.end = joined[n].start, max(joined[n].end, p.end)
			joined[n] = both
			continue
		}
		joined = append(joined, p)
	}
	f.places = joined
}

func (p place) saysMore(q place) bool {
	switch {
	case p.whole != q.whole:
		return p.whole
	case p.weight != q.weight:
		return p.weight > q.weight
	}
	return p.tells && !q.tells
}

// Clean returns the texts with $ and the name of each credential instead of it. Parts of one are numbered,
// so that members stay different from each other. What was JSON still is: where no name may stand,
// outside of strings, there is 0.
func (f *Finding) Clean() []string {
	return f.without(func(p place, part int) string {
		if part > 0 {
			return fmt.Sprintf("$%s_PART%d", p.name, part)
		}
		return "$" + p.name
	})
}

// Marked returns the texts with a mark instead of each credential, and of each part of one. What was
// JSON still is.
func (f *Finding) Marked(mark string) []string {
	return f.without(func(place, int) string { return mark })
}

// without returns the texts with what instead says for the places. The number of a part is 0 for what
// is whole.
func (f *Finding) without(instead func(p place, part int) string) []string {
	if len(f.places) == 0 {
		return f.texts
	}
	all := make([]string, len(f.texts))
	for i, text := range f.texts {
		clean, changed := f.replace(i, instead)
		if changed && json.Valid([]byte(text)) && !json.Valid([]byte(clean)) {
			clean, _ = f.replace(i, func(place, int) string { return "0" })
		}
		all[i] = clean
	}
	return all
}

// CleanPart returns a part of one of the texts in the same way. A credential that is only partly in
// it is replaced as well.
func (f *Finding) CleanPart(text, start, end int) string {
	part := &Finding{}
	for _, p := range f.places {
		if p.text == text && p.start < end && start < p.end {
			start, end = min(start, p.start), max(end, p.end)
			part.places = append(part.places, p)
		}
	}
	for i := range part.places {
		p := &part.places[i]
		p.text, p.start, p.end = 0, p.start-start, p.end-start
	}
	part.texts = []string{f.texts[text][start:end]}
	return part.Clean()[0]
}

func (f *Finding) replace(number int, instead func(p place, part int) string) (clean string, changed bool) {
	text := f.texts[number]
	var b strings.Builder
	end, parts := 0, 0
	for _, p := range f.places {
		part := 0
		if !p.whole {
			parts++
			part = parts
		}
		if p.text != number {
			continue
		}
		start := p.start
		for start > end && escaped(text[:start]) {
			start--
		}
		b.WriteString(text[end:start])
		b.WriteString(instead(p, part))
		end, changed = p.end, true
	}
	if !changed {
		return text, false
	}
	b.WriteString(text[end:])
	return b.String(), true
}

// escaped reports whether a text ends with a backslash that stands for what follows.
func escaped(text string) bool {
	return (len(text)-len(strings.TrimRight(text, `\`)))%2 == 1
}
