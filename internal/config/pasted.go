package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What comes with a value that is copied from elsewhere: from a page, a file, or a line of a
// dotenv file, whose quotes not every reader removes.

// byteOrderMark begins the files of some editors.
const byteOrderMark = '\ufeff'

// pasted says what has come with a value, without showing it, or returns nil.
func pasted(text string) error {
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	switch {
	case text == "":
		return nil
	case !utf8.ValidString(text):
		return errors.New("bytes that are not UTF-8")
	case first == byteOrderMark:
		return errors.New("a byte order mark (U+FEFF) before it")
	case strings.TrimSpace(text) == "":
		return errors.New("only blanks")
	case unicode.IsSpace(first):
		return fmt.Errorf("%s before it", blank(first))
	case unicode.IsSpace(last):
		return fmt.Errorf("%s after it", blank(last))
	case len(text) > 1 && first == last && strings.ContainsRune("\"'`", first), first == '“', first == '‘':
		return errors.New("quotes around it")
	}
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			return fmt.Errorf("%s in it", blank(r))
		case unicode.IsControl(r):
			return fmt.Errorf("a control character (U+%04X) in it", r)
		case !unicode.IsPrint(r):
			return fmt.Errorf("an invisible character (U+%04X) in it", r)
		}
	}
	return nil
}

// blank names a blank, which may not look like the one that it is.
func blank(r rune) string {
	switch r {
	case ' ':
		return "a blank"
	case '\n', '\r':
		return "a line break"
	case '\t':
		return "a tab"
	default:
		return fmt.Sprintf("a blank (U+%04X)", r)
	}
}

// idFault says why a text is no id of a project or a graph, or returns nil.
func idFault(text string) error {
	if err := pasted(text); err != nil {
		return fmt.Errorf("expected an id and nothing else, got %w", err)
	}
	if i := strings.IndexAny(text, "/\\?#{}<>$"); i >= 0 {
		return fmt.Errorf("expected an id, got one with %q in it: %.80q", text[i], text)
	}
	return nil
}

// secretFault says why a text is no token or key, without showing it, or returns nil.
func secretFault(text string) error {
	if err := pasted(text); err != nil {
		return fmt.Errorf("expected the value alone, got %w", err)
	}
	if name, found := strings.CutPrefix(text, "--"); found && slices.ContainsFunc(Options, func(o *Option) bool { return o.Name == name }) {
		return fmt.Errorf("expected a value, got the flag --%s", name)
	}
	return nil
}
