package services

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// largest is how many bytes of a body are read; more than that is refused.
const largest = 1 << 20

// readBody reads the body by its media type.
func readBody(c *call) *reply {
	if !c.op.takes() {
		return nil
	}
	raw, err := io.ReadAll(io.LimitReader(c.Body, largest+1))
	switch {
	case err != nil:
		return c.server.invalid(c, "the body ends too early")
	case len(raw) > largest:
		return c.server.refusal(http.StatusRequestEntityTooLarge, "other", "the body is too large")
	case len(raw) == 0:
		return c.server.invalid(c, "the body is missing")
	}
	media, parameters, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	r := c.op.bodies[media]
	if charset := strings.ToLower(parameters["charset"]); err != nil || r == nil || charset != "" && charset != "utf-8" {
		return c.server.refusal(http.StatusUnsupportedMediaType, "unsupported", "the body is of a media type that is not known here")
	}
	c.media = media
	if c.body, err = c.server.decode(raw, media, parameters["boundary"], r); err != nil {
		return c.server.invalid(c, err.Error())
	}
	return nil
}

// decode reads a body. Members of forms become what their rules want.
func (s *server) decode(raw []byte, media, boundary string, r *rule) (any, error) {
	switch {
	case media == "multipart/form-data":
		return s.decodeParts(multipart.NewReader(bytes.NewReader(raw), boundary), r)
	case media == "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return nil, errors.New("the body is no form")
		}
		return decodeForm(form, r), nil
	case !utf8.Valid(raw):
		return nil, errors.New("the body is not in UTF-8")
	case media == "text/plain":
		return string(raw), nil
	}
	return s.decodeJSON(raw)
}

func (s *server) decodeJSON(raw []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, errors.New("the body is no JSON")
	}
	if _, err := d.Token(); !s.trailing && !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON of the body")
	}
	return v, nil
}

func decodeForm(form url.Values, r *rule) any {
	members := map[string]any{}
	for name, texts := range form {
		field := r.fields[name]
		switch {
		case field != nil && field.kind&isList != 0:
			items := make([]any, len(texts))
			for i, s := range texts {
				items[i] = scalar(field.items, s)
			}
			members[name] = items
		case len(texts) > 1:
			members[name] = nil
		default:
			members[name] = scalar(field, texts[0])
		}
	}
	return members
}

// decodeParts reads a form of several parts. A part that is JSON is read as such.
func (s *server) decodeParts(parts *multipart.Reader, r *rule) (any, error) {
	form, read := url.Values{}, map[string]any{}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errors.New("the body is no form of several parts")
		}
		raw, err := io.ReadAll(part)
		if err != nil {
			return nil, errors.New("a part of the body ends too early")
		}
		name := part.FormName()
		field := r.fields[name]
		if media, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); media == "application/json" || field != nil && field.kind == isObject {
			if read[name], err = s.decodeJSON(raw); err != nil {
				return nil, errors.New("a part of the body is no JSON")
			}
			continue
		}
		form.Add(name, string(raw))
	}
	members := decodeForm(form, r).(map[string]any)
	for name, v := range read {
		members[name] = v
	}
	return members, nil
}

// teed is a body that is copied as it is read.
func teed(body io.Reader, w io.Writer) io.ReadCloser {
	return io.NopCloser(io.TeeReader(body, w))
}
