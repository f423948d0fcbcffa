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

// authenticate puts the token where a mark says so, or signs the request. It
// returns the token that was put there, if it is the very one.
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

// sign names the project, as the official SDKs do: the key may be good for
// several.
func (t *Client) sign(request *http.Request, path string, body []byte) {
	request.Header.Del(ges.TokenHeader)
	request.Header.Set(ges.ProjectHeader, t.config.ProjectID)
	aksk.Sign(&aksk.Request{
		Method: request.Method, Path: path, Query: request.URL.RawQuery, Host: request.URL.Host, Header: request.Header, Body: body,
	}, aksk.Key{Access: t.config.AccessKey, Secret: t.config.SecretKey, SecurityToken: t.config.SecurityToken}, time.Now())
}

// signatureVariable stands in reports in the place of a signature.
const signatureVariable = "$" + config.Prefix + "SIGNATURE"

// withoutSignature is a header with a variable for the signature of the access
// key: for a quarter of an hour whoever has it can send the request again. Those
// that a case makes up are shown as they are.
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
