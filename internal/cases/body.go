package cases

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
)

// padded puts white space before the last brace of a body until it has a length, so that a
// reader that stops early has not read a whole value.
func padded(body string, length int) string {
	at := strings.LastIndex(body, "}")
	if at < 0 || len(body) >= length {
		return body
	}
	return body[:at] + strings.Repeat(" ", length-len(body)) + body[at:]
}

// compressed encodes a body with gzip, but stores it as it is, so that it is the same whatever
// compressor a version of Go has.
func compressed(body string) string {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.NoCompression) // a bytes.Buffer takes everything
	_, _ = io.WriteString(w, body)
	_ = w.Close()
	return b.String()
}

// longestPlain is how much of a compressed body is read.
const longestPlain = 1 << 20

// Plain returns what a body says: if it is compressed, what has been. ok is false if that cannot
// be told.
func (t *Template) Plain() (body string, ok bool) {
	if !strings.HasPrefix(string(t.Body), "\x1f\x8b") {
		return string(t.Body), true
	}
	r, err := gzip.NewReader(strings.NewReader(string(t.Body)))
	if err != nil {
		return "", false
	}
	plain, err := io.ReadAll(io.LimitReader(r, longestPlain+1))
	return string(plain), err == nil && len(plain) <= longestPlain
}
