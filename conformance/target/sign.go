package target

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/aksk"
)

// sign signs a request that would carry the token if there were one. It names
// the project, as the official SDKs do: the key may be good for several.
func (t *Target) sign(request *http.Request, path string, body []byte) {
	const header = "X-Auth-Token"
	if !slices.Equal(request.Header.Values(header), []string{signed}) {
		return
	}
	request.Header.Del(header)
	request.Header.Set("X-Project-Id", t.config.ProjectID)
	aksk.Sign(&aksk.Request{
		Method: request.Method, Path: path, Host: request.URL.Host, Header: request.Header, Body: body,
	}, aksk.Key{Access: t.config.AccessKey, Secret: t.config.SecretKey, SecurityToken: t.config.SecurityToken}, time.Now())
}

// signatureVariable stands in reports in the place of a signature.
const signatureVariable = "$" + envPrefix + "SIGNATURE"

// withoutSignature is a header with a variable for the signature of the access
// key: for a quarter of an hour whoever has it can send the request again. Those
// that a case makes up are shown as they are.
func withoutSignature(h http.Header) http.Header {
	value := h.Get("Authorization")
	authorization, err := aksk.ParseAuthorization(value)
	if err != nil || h.Get("X-Project-Id") == "" {
		return h
	}
	shown := h.Clone()
	shown.Set("Authorization", strings.Replace(value, authorization.Signature, signatureVariable, 1))
	return shown
}
