package wire

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strings"

	"github.com/gesconform/gesconform/internal/limits"
)

// decoded returns a body without the content coding that its answer names, so that it can be
// read, judged and searched for credentials: nobody has asked for one. A body in another coding
// than gzip and deflate, or that is not what its answer says, is returned as it came.
func decoded(h http.Header, body []byte) []byte {
	var r io.Reader
	var err error
	switch strings.ToLower(strings.TrimSpace(h.Get("Content-Encoding"))) {
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		r, err = zlib.NewReader(bytes.NewReader(body))
	default:
		return body
	}
	if err != nil {
		return body
	}
	plain, err := io.ReadAll(io.LimitReader(r, limits.ReadBody+1)) // a small body can decode to a huge one
	if err != nil {
		return body
	}
	return plain
}
