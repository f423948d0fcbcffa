package services

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// members are those of a JSON object.
type members = map[string]any

// A reply is an answer before it is written.
type reply struct {
	status int
	header http.Header
	media  string // "" if there is no body
	body   any    // encoded as JSON, but for a []byte, which is written as it is
	cut    bool   // the connection is closed without an answer
	encode []func([]byte) []byte
	writer func(w http.ResponseWriter, c *call, a *reply, body []byte) // another way to write
}

func answer(status int, media string, body any) *reply {
	return &reply{status: status, header: http.Header{}, media: media, body: body}
}

// good answers 200 with JSON.
func good(body any) *reply { return answer(http.StatusOK, "application/json", body) }

func (a *reply) with(name, value string) *reply {
	a.header.Set(name, value)
	return a
}

// bytes encodes the body.
func (a *reply) bytes() []byte {
	if raw, ok := a.body.([]byte); ok {
		return raw
	}
	if a.media == "" {
		return nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(a.body); err != nil {
		panic(fmt.Sprintf("an answer is no JSON: %v", err))
	}
	raw := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	for _, encode := range a.encode {
		raw = encode(raw)
	}
	return raw
}

func (a *reply) write(w http.ResponseWriter, c *call) {
	if a.cut {
		panic(http.ErrAbortHandler)
	}
	body := a.bytes()
	h := w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	if a.media != "" && h["Content-Type"] == nil {
		h.Set("Content-Type", a.media)
	}
	if a.writer != nil {
		a.writer(w, c, a, body)
		return
	}
	// What a GET would have as its length is not known where the answer to HEAD is made by itself.
	if a.status != http.StatusNoContent && a.status != http.StatusNotModified && (a.media != "" || c.Method != http.MethodHead) {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.status)
	if len(body) > 0 && c.Method != http.MethodHead {
		_, _ = w.Write(body) // a caller who has gone misses it
	}
}
