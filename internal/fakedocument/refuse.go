package fakedocument

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// credentialsOf makes credentials for the security schemes of a document.
func credentialsOf(c *contract.Contract, seed int64) map[string]string {
	all := map[string]string{}
	for _, op := range c.Operations() {
		for _, scheme := range op.Schemes() {
			if scheme.Type == "mutualTLS" { // is of the connection, which this server has no say in
				continue
			}
			digest := sha256.Sum256(fmt.Appendf(nil, "%d %s", seed, scheme.ID))
			text := "fake-" + hex.EncodeToString(digest[:12])
			if scheme.Scheme == "basic" {
				text = "fake:" + text
			}
			all[scheme.ID] = text
		}
	}
	return all
}

// carried returns what a request has for a scheme; "" for nothing.
func carried(scheme *contract.SecurityScheme, r *contract.Request) string {
	switch scheme.In {
	case contract.InQuery:
		_, query, _ := strings.Cut(r.Path, "?")
		pairs, _ := url.ParseQuery(query) // those that can be read
		return pairs.Get(scheme.Name)
	case contract.InCookie:
		cookie, err := (&http.Request{Header: r.Header}).Cookie(scheme.Name)
		if err != nil {
			return ""
		}
		return cookie.Value
	default:
	}
	text := r.Header.Get(scheme.Name)
	if scheme.Type == "apiKey" {
		return text
	}
	expected := "bearer"
	if scheme.Type == "http" && scheme.Scheme != "" {
		expected = scheme.Scheme
	}
	kind, rest, _ := strings.Cut(text, " ")
	if !strings.EqualFold(kind, expected) {
		return ""
	}
	if expected == "basic" {
		pair, _ := base64.StdEncoding.DecodeString(rest)
		return string(pair)
	}
	return rest
}

// admitted reports whether a request has the credentials of one alternative.
func (s *Server) admitted(op *contract.Operation, r *contract.Request) bool {
	if len(op.Security) == 0 {
		return true
	}
	return slices.ContainsFunc(op.Security, func(a contract.Alternative) bool {
		return !slices.ContainsFunc(a, func(scheme *contract.SecurityScheme) bool {
			return scheme.Type != "mutualTLS" && carried(scheme, r) != s.credentials[scheme.ID]
		})
	})
}

// fault returns the status of the refusal of a request by the document's own rules, and why; 0 if it is not refused.
func (s *Server) fault(c *call, r *contract.Request) (status int, why string) {
	if !s.admitted(c.op, r) {
		return listed(c.op, http.StatusUnauthorized, http.StatusUnauthorized, http.StatusForbidden), "expected credentials that the server has issued; it says which when it starts"
	}
	var first *contract.Problem
	for _, p := range s.contract.JudgeRequest(c.op, r) {
		if p.OnlyAdvice() || p.In == contract.InSecurity || p.IsKeyword(contract.KeywordReadOnly) {
			continue
		}
		if p.In == contract.InHeader && p.Name == "Content-Type" {
			return listed(c.op, http.StatusUnsupportedMediaType, http.StatusUnsupportedMediaType, http.StatusBadRequest, http.StatusUnprocessableEntity), p.String()
		}
		if first == nil {
			first = &p
		}
	}
	switch {
	case first == nil:
		return 0, ""
	case first.In == contract.InPath:
		return listed(c.op, http.StatusBadRequest, http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusNotFound), first.String()
	case first.In == contract.InBody && !slices.Contains([]string{"syntax", "trailing", "utf8", "utf16", "duplicate", "depth", "byte-order-mark"}, first.Keyword):
		return listed(c.op, http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusBadRequest), first.String()
	}
	return listed(c.op, http.StatusBadRequest, http.StatusBadRequest, http.StatusUnprocessableEntity), first.String()
}

// listed returns the first of some statuses that an operation lists, or usual.
func listed(op *contract.Operation, usual int, statuses ...int) int {
	for _, status := range statuses {
		if r := op.Response(status); r != nil && r.Status == strconv.Itoa(status) {
			return status
		}
	}
	return usual
}

// covers reports whether an operation documents answers with a status.
func covers(op *contract.Operation, status int) bool { return op.Response(status) != nil }

// absent refuses a request for what there is not.
func (s *Server) absent(c *call, to *reply) {
	refuse(to.w, c.op, s, listed(c.op, http.StatusNotFound, http.StatusNotFound, http.StatusGone), "there is no "+c.path)
}

// refuse writes a refusal, as the operation documents it; op is nil for none.
func refuse(w http.ResponseWriter, op *contract.Operation, s *Server, status int, why string) {
	var response *contract.Response
	if op != nil {
		response = op.Response(status)
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", challenge(op))
	}
	contentType, body := "application/problem+json", problem(status, why)
	if response != nil {
		for _, h := range response.Headers {
			if text, err := s.header(h, nil); err == nil && h.Required && w.Header().Get(h.Name) == "" {
				w.Header().Set(h.Name, text)
			}
		}
		for i, m := range response.Content {
			if text, b, err := s.refusal(m, status, why); err == nil {
				contentType, body = text, b
				break
			} else if i == len(response.Content)-1 {
				contentType, body = "", nil
			}
		}
	}
	if contentType != "" {
		w.Header().Set("Content-Type", contentType)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have gone
}

// challenge says which credentials an operation takes (RFC 9110, section 11.6.1).
func challenge(op *contract.Operation) string {
	for _, scheme := range op.Schemes() {
		switch {
		case scheme.Type == "http" && scheme.Scheme == "basic":
			return `Basic realm="fake"`
		case scheme.Type != "apiKey":
			return `Bearer realm="fake"`
		}
	}
	return `ApiKey realm="fake"`
}

// problem is the body of a refusal whose form the document leaves open (RFC 9457).
func problem(status int, why string) []byte {
	body, _ := json.Marshal(map[string]any{"title": http.StatusText(status), "status": status, "detail": why}) // cannot fail
	return body
}

// refusal returns the body of a refusal in a documented form, which says why as far as its schema lets it.
func (s *Server) refusal(m *contract.MediaType, status int, why string) (contentType string, body []byte, err error) {
	if m.Schema == nil {
		if !m.IsJSON() {
			return concrete(m), []byte(why), nil
		}
		return concrete(m), problem(status, why), nil
	}
	if m.Schema.Type == contract.KindString && valid(m.Schema, why) && !m.IsJSON() {
		return written(m, why)
	}
	v, err := s.source.Plain(m.Schema)
	if err != nil {
		return "", nil, err
	}
	if object, ok := v.(map[string]any); ok {
		v = said(m.Schema, maps.Clone(object), status, why)
	}
	return written(m, v)
}

// said puts what is wrong into the members that take it.
func said(schema *contract.Schema, object map[string]any, status int, why string) map[string]any {
	says := map[string]any{}
	for _, name := range memberNames(schema) {
		switch m := memberOf(schema, name); fold(name) {
		case "detail", "message", "description", "reason", "errormessage", "errordescription", "msg":
			says[name] = why
		case "title", "error":
			if m.Type == contract.KindString {
				says[name] = http.StatusText(status)
			}
		case "status", "code", "statuscode":
			says[name] = json.Number(strconv.Itoa(status))
			if m.Type == contract.KindString {
				says[name] = strconv.Itoa(status)
			}
		}
	}
	return overlaid(schema, object, says)
}
