package wire

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/ges/aksk"
	"github.com/gesconform/gesconform/internal/secrets"
)

// authenticate replaces the marks with the token, or signs the request. It returns the
// token if it is in the request unchanged.
func (t *Client) authenticate(request *http.Request, path string, body []byte) (token string, err error) {
	values := request.Header.Values(ges.TokenHeader)
	if t.config.Signs() && slices.Equal(values, []string{authentic}) {
		t.sign(request, path, body)
		return "", nil
	}
	for i, value := range values {
		alter, marked := alterations[value]
		if !marked {
			continue
		}
		current, err := t.tokens.current(request.Context())
		if err != nil {
			return "", err
		}
		if values[i] = alter(current); value == authentic && len(values) == 1 {
			token = current
		}
	}
	return token, nil
}

// alterations say, for each mark, what the token becomes.
var alterations = map[string]func(token string) string{
	authentic:            func(token string) string { return token },
	tampered:             Tampered,
	NearToken(OtherCase): func(token string) string { return Near(token, OtherCase) },
	NearToken(Longer):    func(token string) string { return Near(token, Longer) },
	NearToken(Shorter):   func(token string) string { return Near(token, Shorter) },
}

// place puts the token where a mark stands for it, in the query and within headers.
func (t *Client) place(request *http.Request) error {
	marked := func(value string) bool { return strings.Contains(value, PlacedToken) }
	inHeader := false
	for _, values := range request.Header {
		inHeader = inHeader || slices.ContainsFunc(values, marked)
	}
	if !inHeader && !marked(request.URL.RawQuery) {
		return nil
	}
	token, err := t.tokens.current(request.Context())
	if err != nil {
		return err
	}
	request.URL.RawQuery = strings.ReplaceAll(request.URL.RawQuery, PlacedToken, url.QueryEscape(token))
	for _, values := range request.Header {
		for i := range values {
			values[i] = strings.ReplaceAll(values[i], PlacedToken, token)
		}
	}
	return nil
}

// sign signs the request. It names the project, as the official SDKs do, because the key
// may be valid for several.
func (t *Client) sign(request *http.Request, path string, body []byte) {
	request.Header.Del(ges.TokenHeader)
	request.Header.Set(ges.ProjectHeader, t.config.ProjectID)
	aksk.Sign(&aksk.Request{
		Method: request.Method, Path: path, Query: request.URL.RawQuery, Host: request.URL.Host, Header: request.Header, Body: body,
	}, aksk.Key{Access: t.config.AccessKey, Secret: t.config.SecretKey, SecurityToken: t.config.SecurityToken}, time.Now())
}

// signatureOf returns the access key's signature in a header, if there is one: with it, anybody
// could send the request again for a quarter of an hour. Signatures that a case makes up are shown.
func signatureOf(h http.Header) secrets.Credential {
	authorization, err := aksk.ParseAuthorization(h.Get("Authorization"))
	if err != nil || h.Get(ges.ProjectHeader) == "" {
		return secrets.Credential{}
	}
	return named(config.Prefix+"SIGNATURE", authorization.Signature)
}
