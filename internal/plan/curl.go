package plan

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/gesconform/gesconform/internal/curl"
)

var credentialVariable = regexp.MustCompile(`\$GESCONFORM_[A-Z_]+`)

// Curl returns the request as a curl command.
func (r *Request) Curl() string {
	header := http.Header{}
	for _, h := range r.Headers {
		name := http.CanonicalHeaderKey(h.Name)
		header[name] = append(header[name], h.Value)
	}
	return curl.Line(&curl.Request{
		Method: r.Method, URL: r.URL, Header: header, Body: curl.BodyOf(r.Method, []byte(r.Body)),
		Secret: curl.Secret{Pattern: credentialVariable, Variable: func(header, found string) string {
			if header == "" {
				return ""
			}
			return strings.TrimPrefix(found, "$")
		}},
	})
}
