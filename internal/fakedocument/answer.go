package fakedocument

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// A reply is where an answer goes.
type reply struct {
	w     http.ResponseWriter
	r     *http.Request
	media *contract.MediaType // nil for no body
}

// facts are what headers of an answer tell.
type facts struct {
	location string // the path of what was made
	total    int    // of what is listed
	version  []byte // of what is shown
}

// began is when what was there from the start was last changed.
var began = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// send answers with success.
func (s *Server) send(c *call, to *reply, status int, v any, f facts) {
	response := c.op.Response(status)
	if response == nil {
		response, status = c.success, c.status
	}
	media := to.media
	if response != c.success {
		media, _ = negotiated(response.Content, "")
	}
	var contentType string
	var body []byte
	if media != nil && status != http.StatusNoContent {
		var err error
		if contentType, body, err = written(media, v); err != nil {
			refuse(to.w, c.op, s, http.StatusInternalServerError, "write the answer: "+err.Error())
			return
		}
		w := to.w.Header()
		w.Set("Content-Type", contentType)
	}
	f.version = body
	f.location = absolute(response, c.host, f.location)
	for _, h := range response.Headers {
		if text, err := s.header(h, &f); err == nil && (h.Required || fold(h.Name) == "etag" || text != "" && h.Name == "Location" && f.location != "") {
			to.w.Header().Set(h.Name, text)
		}
	}
	if f.location != "" && status == http.StatusCreated && to.w.Header().Get("Location") == "" && response.Status != "default" {
		to.w.Header().Set("Location", f.location) // RFC 9110, section 10.2.2
	}
	to.w.WriteHeader(status)
	_, _ = to.w.Write(body) // the client may have gone
}

// absolute returns a location as the header for it wants it.
func absolute(r *contract.Response, host, path string) string {
	for _, h := range r.Headers {
		if h.Name == "Location" && path != "" && h.Schema != nil && !valid(h.Schema, path) {
			return "http://" + host + path
		}
	}
	return path
}

// header returns the value of a documented header. f is nil for what has no facts.
func (s *Server) header(h *contract.Parameter, f *facts) (string, error) {
	var tries []string
	if f != nil {
		digest := fnv.New32a()
		_, _ = digest.Write(f.version) // never fails
		switch name := fold(h.Name); {
		case name == "location" && f.location != "":
			tries = []string{f.location}
		case name == "etag":
			tries = []string{fmt.Sprintf(`"%08x"`, digest.Sum32()), fmt.Sprintf("%08x", digest.Sum32())}
		case strings.Contains(name, "total") || strings.Contains(name, "count"):
			tries = []string{strconv.Itoa(f.total)}
		}
	}
	if fold(h.Name) == "lastmodified" {
		tries = append(tries, began.Format(http.TimeFormat))
	}
	for _, text := range tries {
		if h.Schema == nil || valid(h.Schema, typed(h.Schema, text)) {
			return text, nil
		}
	}
	if h.Schema == nil {
		return "fake", nil
	}
	v, err := s.source.Plain(h.Schema, h.Example)
	if h.Example == nil {
		v, err = s.source.Plain(h.Schema)
	}
	if err != nil {
		return "", err
	}
	pairs, err := values.Parameter(h, v)
	if err != nil || len(pairs) == 0 {
		return "", err
	}
	return pairs[0].Value, nil
}

// written returns a value as the body of a media type.
func written(m *contract.MediaType, v any) (contentType string, body []byte, err error) {
	if text, isText := v.(string); isText && !m.IsJSON() {
		return concrete(m), []byte(text), nil
	}
	if name := concrete(m); name != m.Name && name == "application/json" || m.IsJSON() {
		body, err = json.Marshal(v)
		return name, body, err
	}
	body, contentType, err = values.Body(m, v, "fake")
	return contentType, body, err
}

// writable says why a value cannot be written as the body of a media type.
func writable(m *contract.MediaType, v any) error {
	_, _, err := written(m, v)
	return err
}

// concrete returns a media type of a range.
func concrete(m *contract.MediaType) string {
	switch {
	case !strings.Contains(m.Name, "*"):
		return m.Name
	case strings.HasPrefix(m.Name, "text/"):
		return "text/plain"
	case m.Name == "*/*", strings.HasPrefix(m.Name, "application/"):
		return "application/json"
	default:
		return strings.Replace(m.Name, "*", "octet-stream", 1)
	}
}

// jsonOf returns the first media type that is JSON, or nil.
func jsonOf(media []*contract.MediaType) *contract.MediaType {
	for _, m := range media {
		if m.IsJSON() || concrete(m) == "application/json" {
			return m
		}
	}
	return nil
}

// negotiated returns the media type that a request accepts best (RFC 9110, section 12.5.1), and whether it accepts
// one. If it accepts none, the first is returned.
func negotiated(media []*contract.MediaType, accept string) (best *contract.MediaType, ok bool) {
	if len(media) == 0 {
		return nil, true
	}
	usual := jsonOf(media)
	if usual == nil {
		usual = media[0]
	}
	if strings.TrimSpace(accept) == "" {
		return usual, true
	}
	var weight float64
	for _, m := range append([]*contract.MediaType{usual}, media...) {
		if q := accepted(accept, concrete(m)); q > weight {
			best, weight = m, q
		}
	}
	if best == nil {
		return usual, false
	}
	return best, true
}

// accepted returns the weight that an Accept gives a media type: that of its most specific range.
func accepted(accept, name string) (weight float64) {
	name, _, _ = mime.ParseMediaType(name)
	class, _, _ := strings.Cut(name, "/")
	closest := 0
	for part := range strings.SplitSeq(accept, ",") {
		media, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if text, there := parameters["q"]; there {
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				q = 0
			}
		}
		rank := map[string]int{name: 3, class + "/*": 2, "*/*": 1}[media]
		if rank > closest {
			closest, weight = rank, q
		}
	}
	return weight
}
