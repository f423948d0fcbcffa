package wire

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/ges/aksk"
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
		if value != authentic && value != tampered {
			continue
		}
		current, err := t.tokens.current(request.Context())
		switch {
		case err != nil:
			return "", err
		case value == tampered:
			values[i] = Tampered(current)
		default:
			values[i], token = current, current
		}
	}
	return token, nil
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

// signatureVariable replaces a signature in reports.
const signatureVariable = "$" + config.Prefix + "SIGNATURE"

// withoutSignature returns the header with a variable instead of the access key's
// signature: with it, anybody could send the request again for a quarter of an hour.
// Signatures that a case makes up are shown.
func withoutSignature(h http.Header) http.Header {
	value := h.Get("Authorization")
	authorization, err := aksk.ParseAuthorization(value)
	if err != nil || h.Get(ges.ProjectHeader) == "" {
		return h
	}
	shown := h.Clone()
	shown.Set("Authorization", strings.Replace(value, authorization.Signature, signatureVariable, 1))
	return shown
}
