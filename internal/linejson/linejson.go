// Package linejson writes JSON for people, grep and diff: each member of the outermost object
// has a line, and so has each element of an array or object that is such a member. Indenting
// all that is deeper would make the files half as long again.
package linejson

import (
	"bytes"
	"encoding/json"
	"io"
)

// Encode writes v, whose JSON must be an object, and a line break. It does not escape HTML.
func Encode(w io.Writer, v any) error {
	var compact bytes.Buffer
	e := json.NewEncoder(&compact)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(breakLines(compact.Bytes()))
	return err
}

// deepest is the depth at which lines are still broken, that of the outermost object's
// members.
const deepest = 2

// breakLines adds line breaks to compact JSON.
func breakLines(compact []byte) []byte {
	text := make([]byte, 0, len(compact)+len(compact)/16)
	var lined [deepest + 1]bool // whether the elements of the array or object at each depth have lines
	depth := 0
	newLine := func() {
		text = append(text, '\n')
		for range depth {
			text = append(text, "  "...)
		}
	}
	isLined := func() bool { return depth <= deepest && lined[depth] }
	for i := 0; i < len(compact); i++ {
		c := compact[i]
		switch c {
		case '"':
			end := i + stringLength(compact[i:])
			text = append(text, compact[i:end]...)
			i = end - 1
		case '{', '[':
			depth++
			text = append(text, c)
			if depth <= deepest {
				next := compact[i+1]
				empty := next == '}' || next == ']'
				lined[depth] = !empty
			}
			if isLined() {
				newLine()
			}
		case '}', ']':
			ended := isLined()
			depth--
			if ended {
				newLine()
			}
			text = append(text, c)
		case ',':
			text = append(text, c)
			if isLined() {
				newLine()
			}
		case ':':
			text = append(text, c)
			if isLined() {
				text = append(text, ' ')
			}
		default:
			text = append(text, c)
		}
	}
	return text
}

// stringLength returns the length of the string at the start of a JSON text, with its quotes.
func stringLength(text []byte) int {
	for i := 1; ; i++ {
		switch text[i] {
		case '"':
			return i + 1
		case '\\':
			i++ // the next character is not the end
		}
	}
}
