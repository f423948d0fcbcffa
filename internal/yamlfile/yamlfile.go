// Package yamlfile reads the YAML files that people write for this module: one
// document a file, of bounded size, and every fault with its line.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// MaxFile is how many bytes a file may have.
const MaxFile = 1 << 20

// NoAliases is what an anchor or an alias is refused with: a file says what it
// says where it says it.
const NoAliases = "expected no anchors and no aliases"

// A Fault is something wrong at a line of the file. Its reason shows no value
// that could be a secret.
type Fault struct {
	Line   int
	Reason string
}

func (f *Fault) Error() string { return fmt.Sprintf("line %d: %s", f.Line, f.Reason) }

// At returns the fault of a line.
func At(line int, format string, args ...any) *Fault {
	return &Fault{Line: line, Reason: fmt.Sprintf(format, args...)}
}

// Read reads the one document of data; what says in errors what it should be.
func Read(data []byte, what string) (*yaml.Node, error) {
	if len(data) > MaxFile {
		return nil, At(1, "expected at most %d bytes, got more", MaxFile)
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
		return nil, FaultOf(err, data)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, At(second.Line, "expected one document, got another after it")
	case !errors.Is(err, io.EOF):
		return nil, FaultOf(err, data)
	}
	return document.Content[0], nil
}

// isText looks for what the YAML library refuses without naming its line.
func isText(data []byte) error {
	line := 1
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			return At(line, "expected text in UTF-8, got the byte 0x%02x", rest[0])
		case r != '\t' && r != '\n' && r != '\r' && unicode.IsControl(r) && r != 0x85, r == 0xfffe, r == 0xffff:
			return At(line, "expected text, got the control character %U", r)
		case r == '\n':
			line++
		}
		rest = rest[size:]
	}
	return nil
}

// FaultOf gives an error of the YAML library about data the form of a fault.
func FaultOf(err error, data []byte) error {
	reason := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: "), "unmarshal errors:\n  ")
	reason, _, _ = strings.Cut(reason, "\n")
	if rest, ok := strings.CutPrefix(reason, "unknown anchor '"); ok {
		// The name of the anchor may be a password that begins with a star.
		name, _, _ := strings.Cut(rest, "'")
		before, _, _ := bytes.Cut(data, []byte("*"+name))
		return At(1+bytes.Count(before, []byte("\n")), NoAliases)
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
	return At(line, "%s", reason)
}

// isParsers reports whether a fault was found by the parser of the YAML
// library: it counts lines from 0, where the scanner counts from 1.
func isParsers(reason string) bool {
	for _, s := range []string{"key", "node content", "'-' indicator", "',' or ']'", "',' or '}'", "<document start>"} {
		if reason == "did not find expected "+s {
			return true
		}
	}
	return strings.HasPrefix(reason, "found undefined") || strings.HasPrefix(reason, "found duplicate") || reason == "found incompatible YAML document"
}
