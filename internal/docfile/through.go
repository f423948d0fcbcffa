package docfile

import (
	"strings"

	"github.com/gesconform/gesconform/internal/jsonpointer"
)

// lookUp returns the place that a fragment names in a file.
func (f *File) lookUp(fragment string) (to Place, found bool) {
	for _, pointer := range []string{fragment, unescapedFragment(fragment)} {
		if line, node := f.Node.find(jsonpointer.Tokens(pointer)); node != nil {
			return Place{f, pointer, node, int(line)}, true
		}
	}
	return Place{}, false
}

// through follows a pointer through mappings that are elsewhere: of a document that keeps its schemas in a file of their
// own, #/components/schemas/Pet leads through the $ref at #/components/schemas.
func (s *Set) through(at Place, pointer string) (to Place, found bool) {
	for _, token := range jsonpointer.Tokens(pointer) {
		next := at.step(token)
		if next.Node == nil {
			next = s.elsewhere(at).step(token)
		}
		if at = next; at.Node == nil {
			return at, false
		}
	}
	return at, true
}

// elsewhere returns the place that the $ref at p names, without going through others, so that it ends.
func (s *Set) elsewhere(p Place) Place {
	for range maxHops {
		ref := p.Node.Get("$ref")
		if !ref.Is(Text) {
			return p
		}
		name, fragment, _ := strings.Cut(ref.Text, "#")
		file, err := p.File, error(nil)
		if name != "" {
			file, err = s.file(p.File, name)
		}
		to, found := Place{}, false
		if err == nil {
			to, found = file.lookUp(fragment)
		}
		if !found {
			return Place{File: p.File}
		}
		p = to
	}
	return Place{File: p.File}
}

// step returns the place of a member or an item.
func (p Place) step(token string) Place {
	if p.Node == nil {
		return p
	}
	at := Place{p.File, p.Pointer + "/" + jsonpointer.Escape(token), nil, p.Line}
	if m := p.Node.step(token); m != nil {
		at.Node, at.Line = &m.Value, int(m.Line)
	}
	return at
}
