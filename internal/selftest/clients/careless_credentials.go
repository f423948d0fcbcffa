package clients

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gesconform/gesconform/internal/client"
)

// indiscreet are those that do not keep credentials where they belong.
var indiscreet = []Client{
	{Name: "follows-anywhere", Breaks: "client.credentials-stay", change: func(h *habit) { h.follow = nil }},
	{Name: "follows-anywhere-signed", Breaks: "client.credentials-stay", change: func(h *habit) { h.follow, h.authenticate = nil, sign }},
	{Name: "follows-anywhere-again-signed", Breaks: "client.credentials-stay", change: func(h *habit) {
		var of *run
		h.authenticate = func(r *run, q *http.Request, body []byte) { of = r; sign(r, q, body) }
		h.follow = func(next *http.Request, via []*http.Request) error {
			sign(of, next, nil)
			return fewRedirects(via)
		}
	}},
	{Name: "same-host-is-same-origin", Breaks: "client.credentials-stay", change: func(h *habit) {
		h.follow = func(next *http.Request, via []*http.Request) error {
			if next.URL.Hostname() != via[0].URL.Hostname() {
				return http.ErrUseLastResponse
			}
			return fewRedirects(via)
		}
	}},
	{Name: "follows-reads-anywhere", Breaks: "client.credentials-stay", change: func(h *habit) {
		h.follow = func(_ *http.Request, via []*http.Request) error {
			if via[0].Method != http.MethodGet {
				return http.ErrUseLastResponse
			}
			return fewRedirects(via)
		}
	}},
	{Name: "follows-permanent-only", Breaks: "client.credentials-stay", change: func(h *habit) {
		h.follow = func(next *http.Request, via []*http.Request) error {
			if next.Response.StatusCode != http.StatusPermanentRedirect && next.Response.StatusCode != http.StatusMovedPermanently {
				return http.ErrUseLastResponse
			}
			return fewRedirects(via)
		}
	}},

	{Name: "token-in-query", Breaks: "client.credentials-in-place", change: dressed(func(r *run, q *http.Request) { q.URL.RawQuery = "token=" + url.QueryEscape(r.endpoint.Token) })},
	{Name: "token-in-query-of-reads", Breaks: "client.credentials-in-place", change: dressed(func(r *run, q *http.Request) {
		if q.Method == http.MethodGet {
			q.URL.RawQuery = "X-Auth-Token=" + url.QueryEscape(r.endpoint.Token)
		}
	})},
	{Name: "token-in-cookie", Breaks: "client.credentials-in-place", change: dressed(func(r *run, q *http.Request) { q.AddCookie(&http.Cookie{Name: "token", Value: r.endpoint.Token}) })},
	{Name: "token-as-bearer-besides", Breaks: "client.credentials-in-place", change: header("Authorization", func(r *run) string { return "Bearer " + r.endpoint.Token })},
	{Name: "token-as-password-besides", Breaks: "client.credentials-in-place", change: dressed(func(r *run, q *http.Request) { q.SetBasicAuth("token", r.endpoint.Token) })},
	{Name: "token-as-subject-token", Breaks: "client.credentials-in-place", change: header("X-Subject-Token", func(r *run) string { return r.endpoint.Token })},
	{Name: "token-in-user-agent", Breaks: "client.credentials-in-place", change: header("User-Agent", func(r *run) string { return "upgrade/1.0 (" + r.endpoint.Token + ")" })},
	{Name: "token-in-base64", Breaks: "client.credentials-in-place", change: header("X-Session", func(r *run) string { return base64.StdEncoding.EncodeToString([]byte(r.endpoint.Token)) })},
	{Name: "token-in-body", Breaks: "client.credentials-in-place", change: body(func(e client.Endpoint) string { return string(members(e, `"auth_token": `+quote(e.Token))) })},
	{Name: "secret-key-in-header", Breaks: "client.credentials-in-place", change: header("X-Secret-Key", func(r *run) string { return r.endpoint.SecretKey })},
	{Name: "secret-key-in-query", Breaks: "client.credentials-in-place", change: dressed(func(r *run, q *http.Request) { q.URL.RawQuery = "sk=" + url.QueryEscape(r.endpoint.SecretKey) })},

	{Name: "prints-token", Breaks: "client.credentials-unprinted", change: prints(func(r *run) string { return "token: " + r.endpoint.Token })},
	{Name: "prints-token-to-stderr", Breaks: "client.credentials-unprinted", change: func(h *habit) {
		h.last = func(r *run, result error) {
			fmt.Fprintf(r.stderr, "+ curl -H 'X-Auth-Token: %s'\n", r.endpoint.Token)
			report(r, result)
		}
	}},
	{Name: "prints-token-in-base64", Breaks: "client.credentials-unprinted", change: prints(func(r *run) string { return base64.StdEncoding.EncodeToString([]byte(r.endpoint.Token)) })},
	{Name: "prints-token-within-base64", Breaks: "client.credentials-unprinted", change: prints(func(r *run) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte("me:"+r.endpoint.Token))
	})},
	{Name: "prints-token-percent-encoded", Breaks: "client.credentials-unprinted", change: prints(func(r *run) string { return "?token=" + percentEncoded(r.endpoint.Token) })},
	{Name: "prints-token-in-pieces", Breaks: "client.credentials-unprinted", change: func(h *habit) {
		h.last = func(r *run, result error) {
			for i := range len(r.endpoint.Token) {
				fmt.Fprint(r.stdout, r.endpoint.Token[i:i+1])
			}
			fmt.Fprint(r.stdout, "\n")
			report(r, result)
		}
	}},
	{Name: "prints-token-in-the-midst", Breaks: "client.credentials-unprinted", change: func(h *habit) {
		h.last = func(r *run, result error) {
			noise := strings.Repeat("all work and no play makes Jack a dull boy\n", 5000)
			fmt.Fprint(r.stdout, noise+r.endpoint.Token+noise)
			report(r, result)
		}
	}},
	{Name: "prints-token-with-errors", Breaks: "client.credentials-unprinted", change: func(h *habit) {
		h.last = func(r *run, result error) {
			if result != nil {
				result = fmt.Errorf("%w (headers: map[X-Auth-Token:[%s]])", result, r.endpoint.Token)
			}
			report(r, result)
		}
	}},
	{Name: "prints-secret-key", Breaks: "client.credentials-unprinted", change: prints(func(r *run) string { return r.endpoint.SecretKey })},
	{Name: "prints-environment", Breaks: "client.credentials-unprinted", change: prints(func(r *run) string { return strings.Join(r.endpoint.Environ(), "\n") })},
	{Name: "prints-signature", Breaks: "client.credentials-unprinted", change: func(h *habit) {
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
