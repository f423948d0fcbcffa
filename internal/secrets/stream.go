package secrets

import "slices"

// piece is how much of a stream is looked at together, and thorough how much of its beginning is
// looked at however a credential is spelt.
const piece, thorough = window - overlap, 1 << 20

// A Stream looks for credentials in a text of any length that comes in pieces. Behind its first MiB
// it finds those that are spelt in a usual way: as they are, in JSON, in hexadecimal digits, in base64
// and percent-encoded.
type Stream struct {
	all     []Credential
	set     *Set
	pending []byte // what has come since the last look, behind what may be a part of something longer
	overlap int
	read    int         // how much has come in all
	usual   *spelledOut // nil as long as it is not needed
	names   []string
}

// NewStream returns a stream in which credentials are looked for.
func NewStream(credentials ...Credential) *Stream {
	s := &Stream{}
	s.Learn(credentials...)
	return s
}

// Learn adds credentials that are looked for from now on.
func (s *Stream) Learn(credentials ...Credential) {
	s.all = append(slices.Clip(s.all), credentials...)
	s.set, s.usual, s.overlap = New(s.all...), nil, Overlap(s.all...)
}

// Overlap returns how much must be known on both sides of a part of a text to see all credentials in
// it, in the usual spellings at least.
func Overlap(credentials ...Credential) int {
	longest := 0
	for _, c := range credentials {
		for _, one := range append([]Secret{c.Secret}, c.Near...) {
			longest = max(longest, len(one.Text))
		}
	}
	return max(overlap, 6*longest) // the longest usual spelling has six bytes for one: JSON's \u0000
}

// Write takes the next part of the text. It does not fail.
func (s *Stream) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		room := max(0, s.overlap+piece-len(s.pending))
		m := min(room, len(p))
		s.read += m
		s.pending, p = append(s.pending, p[:m]...), p[m:]
		if m == room {
			s.look()
		}
	}
	return n, nil
}

// Names returns the names of the credentials that the text has disclosed until now, sorted.
func (s *Stream) Names() []string {
	s.look()
	return s.names
}

// look looks at what has come, and keeps the end of it.
func (s *Stream) look() {
	var names []string
	if s.read-len(s.pending) < thorough {
		names = s.set.Find(string(s.pending)).Names()
	} else {
		if s.usual == nil {
			s.usual = spellOut(s.all, s.names)
		}
		names = s.usual.in(s.pending)
	}
	if len(names) > 0 {
		s.names = append(s.names, names...)
		slices.Sort(s.names)
		s.names, s.usual = slices.Compact(s.names), nil // what has been found need not be looked for
	}
	s.pending = s.pending[:copy(s.pending, s.pending[max(0, len(s.pending)-s.overlap):])]
}
