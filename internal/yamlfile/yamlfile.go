// Package yamlfile strictly reads the YAML that people write for this module: one document
// of bounded size, without what JSON does not have, without unknown keys, and with the line
// of every fault. A fault does not show values, which could be secrets.
//
// Strict.Read returns the nodes of a document, Decode fills a struct from them, and
// Members and Text are for what has no struct. Find returns the node at a path.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxFile is the maximum size of a file in bytes.
const maxFile = 1 << 20

// ReadFile reads the file at path, but no more than it takes to refuse a too large one.
func ReadFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() // it was only read
	return io.ReadAll(io.LimitReader(file, maxFile+1))
}

// ReadRegular is ReadFile for what must be a regular file: reading a named pipe or a device could
// take for ever.
func ReadRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	switch {
	case info.IsDir():
		return nil, fmt.Errorf("%s: expected a file, got a folder", path)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: expected a file, got a pipe or a device", path)
	}
	return ReadFile(path)
}

// IsEmpty reports whether a file has nothing but comments, of which Read makes a fault.
func IsEmpty(data []byte) bool {
	if len(data) > maxFile { // nobody knows what follows
		return false
	}
	for line := range bytes.Lines(bytes.TrimPrefix(data, []byte("\ufeff"))) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return true
}

// noAliases is the reason of the fault for an anchor or an alias.
const noAliases = "expected no anchors and no aliases"

// A Fault is an error at a line of the file. Its reason shows no value that could be a
// secret.
type Fault struct {
	Line   int
	Path   []string // the keys and indices to it, as far as they are known
	Reason string
}

func (f *Fault) Error() string { return fmt.Sprintf("line %d: %s", f.Line, f.Reason) }

// At returns a fault at a line.
func At(line int, format string, args ...any) *Fault {
	return &Fault{Line: line, Reason: fmt.Sprintf(format, args...)}
}

// InFile prefixes err with the name of the file, and the line if it is a fault.
func InFile(name string, err error) error {
	var f *Fault
	if errors.As(err, &f) {
		return fmt.Errorf("%s:%d: %s", name, f.Line, f.Reason)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// Limits restrict a document.
type Limits struct {
	Bytes   int
	Depth   int  // of nested mappings and lists
	Aliases bool // whether anchors, aliases, tags and merge keys are allowed, for documents written by programs
	Values  int  // total number, with aliases expanded; only used with Aliases
}

// Strict is for files that people write only for this module.
var Strict = Limits{Bytes: maxFile, Depth: 32}

// Read reads the one document in data, which must be within the limits and have no
// duplicate keys. Errors name the document what. A fault of an alias, a tag or a key has
// its path.
func (l Limits) Read(data []byte, what string) (*yaml.Node, error) {
	root, err := l.readOne(data, what)
	if err != nil {
		return nil, err
	}
	c := checker{limits: l}
	if err := c.check(root, nil); err != nil {
		return nil, err
	}
	if c.merges {
		merge(root, map[*yaml.Node]bool{})
	}
	return root, nil
}

func (l Limits) readOne(data []byte, what string) (*yaml.Node, error) {
	if len(data) > l.Bytes {
		return nil, At(1, "expected at most %d bytes, got more", l.Bytes)
	}
	if err := isText(data); err != nil {
		return nil, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, At(1, "expected %s, got nothing", what)
	case err != nil:
		return nil, l.faultOf(err, data)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, At(second.Line, "expected one document, got another after it")
	case !errors.Is(err, io.EOF):
		return nil, l.faultOf(err, data)
	}
	return document.Content[0], nil
}

// isText finds what the YAML library refuses without a line number.
func isText(data []byte) error {
	line := 1
	for rest := data; len(rest) > 0; {
		if c := rest[0]; c < utf8.RuneSelf && (c >= ' ' && c != 0x7f || c == '\t' || c == '\r') { // nearly all of them
			rest = rest[1:]
			continue
		}
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			return At(line, "expected text in UTF-8, got the byte 0x%02x", rest[0])
		case r != '\n' && unicode.IsControl(r) && r != 0x85, r == 0xfffe, r == 0xffff:
			return At(line, "expected text, got the control character %U", r)
		case r == '\n':
			line++
		}
		rest = rest[size:]
	}
	return nil
}

// faultOf turns an error of the YAML library about data into a fault.
func (l Limits) faultOf(err error, data []byte) error {
	reason := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: "), "unmarshal errors:\n  ")
	reason, _, _ = strings.Cut(reason, "\n")
	if rest, ok := strings.CutPrefix(reason, "unknown anchor '"); ok {
		// The name of the anchor may be a password that begins with a star.
		name, _, _ := strings.Cut(rest, "'")
		before, _, _ := bytes.Cut(data, []byte("*"+name))
		reason = noAliases
		if l.Aliases {
			reason = "expected the anchor of an alias before it"
		}
		return At(1+bytes.Count(before, []byte("\n")), "%s", reason)
	}
	line := 1
	if rest, ok := strings.CutPrefix(reason, "line "); ok {
		digits, after, _ := strings.Cut(rest, ": ")
		if n, err := strconv.Atoi(digits); err == nil {
			line, reason = n, after
			if isParsers(reason) {
				line++
			}
		}
	}
	return At(line, "%s", explained(reason, lineOf(data, line)))
}

// explained says of faults that people often make how to mend them.
func explained(reason string, line []byte) string {
	switch indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]; {
	case reason == "found character that cannot start any token" && bytes.ContainsRune(indent, '\t'):
		return "expected blanks in front, got a tab"
	case reason == "found character that cannot start any token":
		return "expected a value, got a character that begins none; put the text in quotes"
	case reason == "mapping values are not allowed in this context":
		return "expected no second colon; put a text that has a colon and a blank in quotes"
	default:
		return reason
	}
}

// lineOf returns a line of data, counted from 1.
func lineOf(data []byte, line int) []byte {
	for n := 1; n < line; n++ {
		_, rest, found := bytes.Cut(data, []byte{'\n'})
		if !found {
			break
		}
		data = rest
	}
	first, _, _ := bytes.Cut(data, []byte{'\n'})
	return first
}

// isParsers reports whether a fault is from the YAML library's parser, which counts lines
// from 0, and not from its scanner, which counts from 1.
func isParsers(reason string) bool {
	for _, s := range []string{"key", "node content", "'-' indicator", "',' or ']'", "',' or '}'", "<document start>"} {
		if reason == "did not find expected "+s {
			return true
		}
	}
	return strings.HasPrefix(reason, "found undefined") || strings.HasPrefix(reason, "found duplicate") || reason == "found incompatible YAML document"
}
