package report

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/printable"
)

// Limits of the answer in a failure.
const (
	shownBody   = 1024 // bytes
	shownLines  = 24
	shownHeader = 200 // characters of a value
	shownFields = 24  // of a header
)

func answerText(x *exchange.Exchange) string {
	var b strings.Builder
	if x.Answer == nil {
		b.WriteString("none")
	} else {
		writeAnswer(&b, x.Answer)
	}
	if x.Failure != nil {
		fmt.Fprintf(&b, "\n(%s: %s)", x.Failure.Kind, printable.Line(x.Failure.Message))
	}
	return b.String()
}

func writeAnswer(b *strings.Builder, a *contract.Answer) {
	fmt.Fprintf(b, "%s\n", strings.TrimSpace(fmt.Sprintf("HTTP %d %s", a.Status, http.StatusText(a.Status))))
	more := 0
	if a.Abridged != nil {
		more = a.Abridged.FieldsLeftOut
	}
	writeHeader(b, a.Header, more)
	writeBody(b, a.Body, a.Length())
}

// writeHeader writes the first fields of a header. more is how many there are beside them.
func writeHeader(b *strings.Builder, h http.Header, more int) {
	fields := 0
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			if fields++; fields > shownFields {
				more++
				continue
			}
			fmt.Fprintf(b, "%s: %s\n", cut(printable.Escape(name), shownHeader, "..."), cut(printable.Escape(value), shownHeader, "..."))
		}
	}
	if more > 0 {
		fmt.Fprintf(b, "... (%d more header fields)\n", more)
	}
}

func writeBody(b *strings.Builder, body []byte, length int) {
	if len(body) == 0 {
		b.WriteString("(no body)")
		return
	}
	b.WriteString("\n" + bodyText(body, length))
}

// bodyText returns the body or, if it is long, its beginning and its total length.
func bodyText(body []byte, length int) string {
	shown := body
	if len(shown) > shownBody {
		end := shownBody
		for end > shownBody-utf8.UTFMax && !utf8.RuneStart(body[end]) {
			end--
		}
		shown = shown[:end]
	}
	lines := strings.Split(strings.TrimRight(string(shown), "\r\n"), "\n")
	whole := len(shown) == length && len(lines) <= shownLines
	for i, line := range lines {
		lines[i] = printable.Escape(strings.TrimSuffix(line, "\r"))
	}
	s := strings.Join(lines[:min(len(lines), shownLines)], "\n")
	if !whole {
		s += fmt.Sprintf("\n... (%d bytes in total)", length)
	}
	return s
}
