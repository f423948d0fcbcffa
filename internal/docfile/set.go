package docfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/jsonpointer"
	"github.com/gesconform/gesconform/internal/safefile"
	"github.com/gesconform/gesconform/internal/yamlfile"
)

const (
	// MaxBytes is the maximum size in bytes of a document, together with the files it refers to.
	MaxBytes = 64 << 20

	maxDepth  = 100       // of nested mappings and lists
	maxValues = 5_000_000 // that one file may have, aliases written out
	maxFiles  = 2_000     // that a document may refer to
	maxHops   = 100       // of references that refer to references
)

// A Set is a document and the files that it refers to. Nothing is read once it is closed; its
// other methods are then safe for concurrent use.
type Set struct {
	Root *File

	folder *os.Root // nil if the document has none
	files  map[string]*File
	failed map[string]error
	bytes  int
}

// A File is one of the files of a set.
type File struct {
	// Name is the path from the folder of the document, with slashes; "" for the document.
	Name string
	Node *Node

	path string // like Name, but for the document, too
	yaml *yaml.Node
}

// ReadFile reads a document of at most MaxBytes from a file, which must be a regular one.
func ReadFile(name string) ([]byte, error) { return safefile.Read(name, MaxBytes) }

// Parse reads the document in data. Errors call it what, and have a line (yamlfile.Fault).
func Parse(data []byte, what string) (*Set, error) {
	s := &Set{files: map[string]*File{}, failed: map[string]error{}, bytes: len(data)}
	node, y, err := read(data, what)
	if err != nil {
		return nil, err
	}
	s.Root = &File{Node: node, yaml: y}
	return s, nil
}

// In lets the document, which stands in the file at name, refer to files below the folder that
// the file is in. Close must be called.
func (s *Set) In(name string) (err error) {
	s.folder, err = os.OpenRoot(filepath.Dir(name))
	s.Root.path = filepath.Base(name)
	s.files[s.Root.path] = s.Root
	return err
}

// Close ends the reading of files, and keeps no more than is needed to look things up.
func (s *Set) Close() {
	s.Root.yaml = nil
	if s.folder != nil {
		_ = s.folder.Close() // only read
		s.folder = nil
	}
}

// Replace replaces the document by one that was made of it.
func (s *Set) Replace(document Node) { s.Root.Node, s.Root.yaml = &document, nil }

// YAML returns the document as a node of the YAML library.
func (s *Set) YAML() *yaml.Node {
	if s.Root.yaml != nil {
		return s.Root.yaml
	}
	return s.Root.Node.asYAML()
}

// read reads JSON or YAML. The YAML node is nil for JSON.
func read(data []byte, what string) (*Node, *yaml.Node, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(data) > MaxBytes {
		return nil, nil, yamlfile.At(1, "expected at most %d bytes, got more", MaxBytes)
	}
	start := bytes.TrimLeft(data, " \t\r\n")
	if len(start) == 0 || start[0] != '{' && start[0] != '[' {
		return readYAML(data, what)
	}
	node, err := readJSON(data)
	if errors.As(err, &notJSON{}) && len(data) < largestFlow {
		// The flow style of YAML begins in the same way. Of a text that is neither, JSON is the likelier.
		if node, y, yamlErr := readYAML(data, what); yamlErr == nil || !bytes.HasPrefix(bytes.TrimLeft(start[1:], " \t\r\n"), []byte{'"'}) {
			return node, y, yamlErr
		}
	}
	return node, nil, err
}

// largestFlow is the size up to which a document that begins with a bracket may be YAML.
const largestFlow = 4 << 20

// A Place is a node with its JSON pointer.
type Place struct {
	File    *File
	Pointer string // into the file
	Node    *Node  // nil if there is nothing
	Line    int    // of the name of the member, or of its nearest parent that there is
}

// Top returns the place of the whole document.
func (s *Set) Top() Place { return s.Root.top() }

func (f *File) top() Place { return Place{f, "", f.Node, int(f.Node.Line)} }

// Clause returns the name of the place: the JSON pointer into the document; for another file,
// the file's name, # and the pointer.
func (p Place) Clause() string {
	if p.File.Name != "" {
		return p.File.Name + "#" + p.Pointer
	}
	return p.Pointer
}

// Kind returns the kind of the node; Null if there is none.
func (p Place) Kind() Kind {
	if p.Node == nil {
		return Null
	}
	return p.Node.Kind
}

// At returns the place of a mapping's member.
func (p Place) At(name string) Place {
	at := Place{p.File, p.Pointer + "/" + jsonpointer.Escape(name), nil, p.Line}
	if m := p.Node.member(name); m != nil {
		at.Node, at.Line = &m.Value, int(m.Line)
	}
	return at
}

// Item returns the place of a list's item.
func (p Place) Item(i int) Place {
	m := &p.Node.members[i]
	return Place{p.File, p.Pointer + "/" + strconv.Itoa(i), &m.Value, int(m.Line)}
}

// Line returns the line at which the clause begins that Place.Clause names, or that of its
// nearest parent; 1 for a file that is not part of the set.
func (s *Set) Line(clause string) int {
	file, pointer := s.Root, strings.TrimPrefix(clause, "#")
	if clause != "" && clause[0] != '/' && clause[0] != '#' {
		name, rest, _ := strings.Cut(clause, "#")
		if file, pointer = s.files[name], rest; file == nil {
			return 1
		}
	}
	line, _ := file.Node.find(jsonpointer.Tokens(pointer))
	return int(line)
}

// Follow returns the place that the $ref at p leads to, through as many references as there are; p
// itself if there is none.
func (s *Set) Follow(p Place) (Place, error) {
	return s.FollowUntil(p, func(*Node) bool { return false })
}

// FollowUntil is like Follow, but stops at a $ref for which there is more to heed beside it.
func (s *Set) FollowUntil(p Place, more func(*Node) bool) (Place, error) {
	for range maxHops {
		ref := p.Node.Get("$ref")
		if !ref.Is(Text) || more(p.Node) {
			return p, nil
		}
		to, err := s.resolve(p.File, ref.Text)
		if err != nil {
			return p, err
		}
		p = to
	}
	return p, errors.New("expected a reference that ends somewhere, got one that leads to itself")
}

// Resolve returns the place that a reference in the file of p leads to.
func (s *Set) Resolve(p Place, ref string) (Place, error) { return s.resolve(p.File, ref) }

func (s *Set) resolve(from *File, ref string) (Place, error) {
	name, fragment, _ := strings.Cut(ref, "#")
	file := from
	if name != "" {
		var err error
		if file, err = s.file(from, name); err != nil {
			return Place{}, err
		}
	}
	what := "this document"
	if file.Name != "" {
		what = "the file " + file.Name
	}
	if fragment != "" && fragment[0] != '/' {
		return Place{}, fmt.Errorf("expected a JSON pointer after #, got %.200q", ref)
	}
	if to, found := file.lookUp(fragment); found {
		return to, nil
	}
	if to, found := s.through(file.top(), unescapedFragment(fragment)); found {
		return to, nil
	}
	return Place{}, fmt.Errorf("%s has nothing at %.200q", what, "#"+fragment)
}

// unescapedFragment removes percent-encoding (RFC 6901, section 6).
func unescapedFragment(fragment string) string {
	if plain, err := url.PathUnescape(fragment); err == nil {
		return plain
	}
	return fragment
}

var hasScheme = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]+:|//)`)

// file returns the file with a name that is relative to that of another.
func (s *Set) file(from *File, reference string) (*File, error) {
	if hasScheme.MatchString(reference) {
		return nil, fmt.Errorf("expected a file below the folder of the document, got %.200q; nothing is read over the network", reference)
	}
	if s.folder == nil && len(s.files) == 0 {
		return nil, fmt.Errorf("expected a place in this document, got the file %.200q; the document was not read from a file, so it has no folder", reference)
	}
	name := path.Join(path.Dir(from.path), unescapedFragment(reference))
	if path.IsAbs(reference) || filepath.IsAbs(reference) || !filepath.IsLocal(filepath.FromSlash(name)) {
		return nil, fmt.Errorf("expected a file below the folder of the document, got %.200q, which leads out of it", reference)
	}
	if f := s.files[name]; f != nil {
		return f, nil
	}
	err := s.failed[name]
	if err == nil {
		if err = s.open(name); err == nil {
			return s.files[name], nil
		}
		s.failed[name] = err
	}
	return nil, err
}

// open reads a file below the folder.
func (s *Set) open(name string) error {
	if s.folder == nil {
		return fmt.Errorf("%.200q: was not read with the document", name)
	}
	if len(s.files) >= maxFiles {
		return fmt.Errorf("expected at most %d files, got more", maxFiles)
	}
	info, err := s.folder.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no file %.200q", name)
	case err != nil: // a link that leads out of the folder, for one
		return fmt.Errorf("%.200q: %w", name, errors.Unwrap(err))
	case !info.Mode().IsRegular():
		return fmt.Errorf("%.200q: expected a file, got a folder, a pipe or a device", name)
	}
	f, err := s.folder.Open(name)
	if err != nil {
		return fmt.Errorf("%.200q: %w", name, errors.Unwrap(err))
	}
	defer f.Close() // it was only read
	data, err := io.ReadAll(io.LimitReader(f, int64(MaxBytes-s.bytes+1)))
	if err != nil {
		return fmt.Errorf("%.200q: %w", name, err)
	}
	if s.bytes += len(data); s.bytes > MaxBytes {
		s.bytes = MaxBytes
		return fmt.Errorf("expected at most %d bytes in all files together, got more in %.200q", MaxBytes, name)
	}
	node, _, err := read(data, "JSON or YAML")
	if err != nil {
		return yamlfile.InFile(name, err)
	}
	s.files[name] = &File{Name: name, path: name, Node: node}
	return nil
}
