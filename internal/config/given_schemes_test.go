package config_test

import (
	"maps"
	"testing"
)

// schemesDocument has security schemes of each kind.
const schemesDocument = `openapi: 3.0.3
info: {title: t, version: "1"}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    page: {type: apiKey, in: query, name: api_key}
    crumb: {type: apiKey, in: cookie, name: session}
    login: {type: http, scheme: basic}
    pass: {type: http, scheme: bearer}
    grant: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://example.com/token', scopes: {}}}}
paths:
  /pets:
    get:
      operationId: listPets
      security: [{key: []}, {page: []}, {crumb: []}, {login: []}, {pass: []}, {grant: []}]
      responses: {'200': {description: ok}}
`

// A header, query parameter or cookie in the place of a security scheme is its credential.
func TestCredentialsInThePlacesOfSchemes(t *testing.T) {
	for _, tt := range []struct {
		option, value string
		want          map[string]string
	}{
		{"credential", "login=me:p=w", map[string]string{"login": "me:p=w"}},
		{"header", "Authorization: Bearer $TOKEN", map[string]string{"pass": "t-2", "grant": "t-2"}},
		{"header", "authorization: basic bWU6cHc=", map[string]string{"login": "me:pw"}},
		{"query", "api_key=$KEY", map[string]string{"page": "k-1"}},
		{"cookie", "session=s", map[string]string{"crumb": "s"}},
		{"query", "API_KEY=q", map[string]string{}},
		{"header", "Authorization: Digest x", map[string]string{}},
	} {
		got, err := settings(t, tt.option, tt.value).For(documentOf(t, schemesDocument), []string{"KEY=k-1", "TOKEN=t-2"})
		if err != nil || !maps.Equal(got.Credentials, tt.want) || len(got.Others) != 1-min(1, len(tt.want)) {
			t.Errorf("--%s %q: expected %v, got %+v, %v", tt.option, tt.value, tt.want, got, err)
		}
	}
}
