package wire_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/config"
)

// A token may say when it ends. Whatever else is in its place, nothing is known.
func TestTokenLife(t *testing.T) {
	ends := time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC)
	jwt := func(claims string) string {
		return "eyJhbGciOiJIUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2lnbmF0dXJl"
	}
	pki := func(content string) string {
		message := "0\x82\x03\x92\x06\x09*\x86H\x86\xf7\x0d\x01\x07\x02\xa0\x82" + content + "1\x82\x01??>>\xff\xfe"
		return strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte(message)), "/", "-")
	}
	for name, tt := range map[string]struct {
		token string
		known bool
		roles []string
	}{
		"JWT":                        {jwt(`{"sub":"x","exp":1795492800}`), true, nil},
		"JWT without exp":            {jwt(`{"sub":"x"}`), false, nil},
		"JWT with a text as exp":     {jwt(`{"exp":"1795492800"}`), false, nil},
		"JWT with a negative exp":    {jwt(`{"exp":-1}`), false, nil},
		"JWT with an exp beyond all": {jwt(`{"exp":1e300}`), false, nil},
		"two dots":                   {"a.b.c", false, nil},
		"PKI":                        {pki(`{"token":{"expires_at":"2026-11-24T04:00:00.000000Z","roles":[{"name":"te_admin","id":"0"},{"name":"ges_adm","id":"1"}]}}`), true, []string{"te_admin", "ges_adm"}},
		"PKI with a bad time":        {pki(`{"token":{"expires_at":"soon"}}`), false, nil},
		"PKI that is cut":            {pki(`{"token":{"expires_at":"2026-11-`), false, nil},
		"another text in base64":     {base64.StdEncoding.EncodeToString([]byte("hello")), false, nil},
		"opaque":                     {"gAAAAABh-opaque", false, nil},
		"nothing":                    {"", false, nil},
	} {
		life := to(t, "http://127.0.0.1:1", func(c *config.Config) { c.Token = tt.token }).TokenLife()
		if life.Ends.IsZero() == tt.known || tt.known && !life.Ends.Equal(ends) || !slices.Equal(life.Roles, tt.roles) {
			t.Errorf("%s: expected an end %t and roles %q, got %+v", name, tt.known, tt.roles, life)
		}
	}
}
