package docfile

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// A jsonReader reads JSON token by token, and counts lines.
type jsonReader struct {
	decoder *jsontext.Decoder
	data    []byte
	at      int // up to where lines are counted
	line    int32
	values  int
	words   map[string]string // short texts that were read before: a document repeats most of them
	open    []Member          // of the mappings and lists around what is read
}

func readJSON(data []byte) (*Node, error) {
	r := jsonReader{decoder: jsontext.NewDecoder(bytes.NewBuffer(data)), data: data, line: 1, words: map[string]string{}}
	token, err := r.next()
	if err != nil {
		return nil, r.fault(err)
	}
	root, err := r.value(token, 0)
	if err != nil {
		return nil, r.fault(err)
	}
	switch _, err := r.next(); {
	case err == nil:
		return nil, yamlfile.At(int(r.line), "expected one document, got more after it")
	case !errors.Is(err, io.EOF):
		return nil, r.fault(err)
	}
	return &root, nil
}

func (r *jsonReader) next() (jsontext.Token, error) {
	token, err := r.decoder.ReadToken()
	if err != nil {
		return token, err
	}
	end := int(r.decoder.InputOffset())
	r.line += int32(bytes.Count(r.data[r.at:end], []byte{'\n'}))
	r.at = end
	return token, nil
}

// value reads the value that begins with a token and is nested in depth others.
func (r *jsonReader) value(token jsontext.Token, depth int) (Node, error) {
	if r.values++; r.values > maxValues {
		return Node{}, yamlfile.At(int(r.line), "expected at most %d values, got more", maxValues)
	}
	n := Node{Line: r.line}
	switch token.Kind() {
	case 't', 'f':
		n.Kind, n.Text = Bool, token.String()
	case '0':
		n.Kind, n.Text = Number, r.word(token.String())
	case '"':
		n.Kind, n.Text = Text, r.word(token.String())
	case '{', '[':
		err := r.members(&n, token.Kind(), depth+1)
		return n, err
	}
	return n, nil
}

func (r *jsonReader) members(n *Node, opening jsontext.Kind, depth int) error {
	if depth > maxDepth {
		return yamlfile.At(int(r.line), "expected at most %d levels, got more", maxDepth)
	}
	n.Kind = List
	if opening == '{' {
		n.Kind = Mapping
	}
	start := len(r.open)
	for {
		token, err := r.next()
		if err != nil {
			return err
		}
		if kind := token.Kind(); kind == '}' || kind == ']' {
			break
		}
		m := Member{Line: r.line}
		if n.Kind == Mapping {
			m.Name = r.word(token.String())
			if token, err = r.next(); err != nil {
				return err
			}
		}
		if m.Value, err = r.value(token, depth); err != nil {
			return err
		}
		r.open = append(r.open, m)
	}
	n.hold(slices.Clone(r.open[start:]))
	clear(r.open[start:])
	r.open = r.open[:start]
	return nil
}

// word returns a text, and the same one each time if it is short.
func (r *jsonReader) word(text string) string {
	const short = 40
	if len(text) > short {
		return text
	}
	if known, found := r.words[text]; found {
		return known
	}
	r.words[text] = text
	return text
}

// fault turns an error of the JSON library into one with a line.
func (r *jsonReader) fault(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.EOF):
		return yamlfile.At(1, "expected a document, got nothing")
	case !errors.As(err, &syntax):
		return err
	}
	end := min(int(syntax.ByteOffset), len(r.data))
	line := 1 + bytes.Count(r.data[:end], []byte{'\n'})
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return yamlfile.At(line, "the key %.60q appears twice", syntax.JSONPointer.LastToken())
	case errors.Is(err, io.ErrUnexpectedEOF):
		return yamlfile.At(line, "expected the rest of the JSON, got the end")
	case bytes.HasPrefix(r.data[end:], []byte("//")), bytes.HasPrefix(r.data[end:], []byte("/*")): // YAML would take it for a part of a key
		return yamlfile.At(line, "expected JSON, which has no comments, got one")
	default:
		return notJSON{yamlfile.At(line, "%s", syntax.Err)}
	}
}

// notJSON is the fault of a text that is not written as JSON is.
type notJSON struct{ fault *yamlfile.Fault }

// Error implements error.
func (n notJSON) Error() string { return n.fault.Error() }

// Unwrap returns the fault.
func (n notJSON) Unwrap() error { return n.fault }
