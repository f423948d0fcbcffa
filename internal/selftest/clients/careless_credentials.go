package clients

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/gesconform/gesconform/internal/client"
)

// indiscreet are those that do not keep credentials where they belong.
var indiscreet = []Client{
	{"follows-anywhere", "client.credentials-stay", func(h *habit) { h.follow = nil }},
	{"follows-anywhere-signed", "client.credentials-stay", func(h *habit) { h.follow, h.authenticate = nil, sign }},
	{"follows-anywhere-again-signed", "client.credentials-stay", func(h *habit) {
		var of *run
		h.authenticate = func(r *run, q *http.Request, body []byte) { of = r; sign(r, q, body) }
		h.follow = func(next *http.Request, via []*http.Request) error {
			sign(of, next, nil)
			return fewRedirects(via)
		}
	}},
	{"same-host-is-same-origin", "client.credentials-stay", func(h *habit) {
		h.follow = func(next *http.Request, via []*http.Request) error {
			if next.URL.Hostname() != via[0].URL.Hostname() {
				return http.ErrUseLastResponse
			}
			return fewRedirects(via)
		}
	}},
	{"follows-reads-anywhere", "client.credentials-stay", func(h *habit) {
		h.follow = func(_ *http.Request, via []*http.Request) error {
			if via[0].Method != http.MethodGet {
				return http.ErrUseLastResponse
			}
			return fewRedirects(via)
		}
	}},
	{"follows-permanent-only", "client.credentials-stay", func(h *habit) {
		h.follow = func(next *http.Request, via []*http.Request) error {
			if next.Response.StatusCode != http.StatusPermanentRedirect && next.Response.StatusCode != http.StatusMovedPermanently {
				return http.ErrUseLastResponse
			}
			return fewRedirects(via)
		}
	}},

	{"token-in-query", "client.credentials-in-place", dressed(func(r *run, q *http.Request) { q.URL.RawQuery = "token=" + url.QueryEscape(r.endpoint.Token) })},
	{"token-in-query-of-reads", "client.credentials-in-place", dressed(func(r *run, q *http.Request) {
		if q.Method == http.MethodGet {
			q.URL.RawQuery = "X-Auth-Token=" + url.QueryEscape(r.endpoint.Token)
		}
	})},
	{"token-in-cookie", "client.credentials-in-place", dressed(func(r *run, q *http.Request) { q.AddCookie(&http.Cookie{Name: "token", Value: r.endpoint.Token}) })},
	{"token-as-bearer-besides", "client.credentials-in-place", header("Authorization", func(r *run) string { return "Bearer " + r.endpoint.Token })},
	{"token-as-password-besides", "client.credentials-in-place", dressed(func(r *run, q *http.Request) { q.SetBasicAuth("token", r.endpoint.Token) })},
	{"token-as-subject-token", "client.credentials-in-place", header("X-Subject-Token", func(r *run) string { return r.endpoint.Token })},
	{"token-in-user-agent", "client.credentials-in-place", header("User-Agent", func(r *run) string { return "upgrade/1.0 (" + r.endpoint.Token + ")" })},
	{"token-in-base64", "client.credentials-in-place", header("X-Session", func(r *run) string { return base64.StdEncoding.EncodeToString([]byte(r.endpoint.Token)) })},
	{"token-in-body", "client.credentials-in-place", body(func(e client.Endpoint) string { return string(members(e, `"auth_token": `+quote(e.Token))) })},
	{"secret-key-in-header", "client.credentials-in-place", header("X-Secret-Key", func(r *run) string { return r.endpoint.SecretKey })},
	{"secret-key-in-query", "client.credentials-in-place", dressed(func(r *run, q *http.Request) { q.URL.RawQuery = "sk=" + url.QueryEscape(r.endpoint.SecretKey) })},

	{"prints-token", "client.credentials-unprinted", prints(func(r *run) string { return "token: " + r.endpoint.Token })},
	{"prints-token-to-stderr", "client.credentials-unprinted", func(h *habit) {
		h.last = func(r *run, result error) {
			fmt.Fprintf(r.stderr, "+ curl -H 'X-Auth-Token: %s'\n", r.endpoint.Token)
			report(r, result)
		}
	}},
	{"prints-token-in-base64", "client.credentials-unprinted", prints(func(r *run) string { return base64.StdEncoding.EncodeToString([]byte(r.endpoint.Token)) })},
	{"prints-token-within-base64", "client.credentials-unprinted", prints(func(r *run) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte("me:"+r.endpoint.Token))
	})},
	{"prints-token-percent-encoded", "client.credentials-unprinted", prints(func(r *run) string { return "?token=" + percentEncoded(r.endpoint.Token) })},
	{"prints-token-in-pieces", "client.credentials-unprinted", func(h *habit) {
		h.last = func(r *run, result error) {
			for i := range len(r.endpoint.Token) {
				io.WriteString(r.stdout, r.endpoint.Token[i:i+1])
			}
			io.WriteString(r.stdout, "\n")
			report(r, result)
		}
	}},
	{"prints-token-in-the-midst", "client.credentials-unprinted", func(h *habit) {
		h.last = func(r *run, result error) {
			noise := strings.Repeat("all work and no play makes Jack a dull boy\n", 5000)
			io.WriteString(r.stdout, noise+r.endpoint.Token+noise)
			report(r, result)
		}
	}},
	{"prints-token-with-errors", "client.credentials-unprinted", func(h *habit) {
		h.last = func(r *run, result error) {
			if result != nil {
				result = fmt.Errorf("%w (headers: map[X-Auth-Token:[%s]])", result, r.endpoint.Token)
			}
			report(r, result)
		}
	}},
	{"prints-secret-key", "client.credentials-unprinted", prints(func(r *run) string { return r.endpoint.SecretKey })},
	{"prints-environment", "client.credentials-unprinted", prints(func(r *run) string { return strings.Join(r.endpoint.Environ(), "\n") })},
	{"prints-signature", "client.credentials-unprinted", func(h *habit) {
		h.authenticate = sign
		h.heard = func(r *run, q *http.Request, _ answer) {
			fmt.Fprintln(r.stderr, "Authorization:", q.Header.Get("Authorization"))
		}
	}},
}

func header(name string, value func(r *run) string) func(h *habit) {
	return dressed(func(r *run, q *http.Request) { q.Header.Set(name, value(r)) })
}

func prints(text func(r *run) string) func(h *habit) {
	return func(h *habit) {
		h.last = func(r *run, result error) {
			fmt.Fprintln(r.stdout, text(r))
			report(r, result)
		}
	}
}

// percentEncoded encodes each byte that is no letter or digit, and the first of those that are.
func percentEncoded(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; i > 0 && (c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z') {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
