package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"strings"
	"time"
)

// A TokenLife is what is known of a token without asking anybody.
type TokenLife struct {
	Ends    time.Time // zero if unknown
	Renewed bool      // whether another one is fetched before then
	Roles   []string  // of whom it was issued to; nil if unknown
}

// TokenLife returns what is known of the token of this run.
func (t *Client) TokenLife() TokenLife {
	if t.config.Token != "" {
		return readLife(t.config.Token)
	}
	t.tokens.mu.Lock()
	defer t.tokens.mu.Unlock()
	life := readLife(t.tokens.token)
	life.Renewed = true
	if !t.tokens.expires.IsZero() {
		life.Ends = t.tokens.expires
	}
	return life
}

// IsToken reports whether a text is the token of this run.
func (t *Client) IsToken(text string) bool {
	t.tokens.mu.Lock()
	defer t.tokens.mu.Unlock()
	return text != "" && (text == t.config.Token || text == t.tokens.token)
}

// readLife reads what a token says of itself: a JSON Web Token (RFC 7519), or a PKI token of
// Keystone, as IAM issues, which is a signed message in base64 with hyphens for slashes.
func readLife(token string) (life TokenLife) {
	if parts := strings.Split(token, "."); len(parts) == 3 {
		payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
		var claims struct{ Exp float64 }
		if err == nil && json.Unmarshal(payload, &claims) == nil && claims.Exp > 0 && claims.Exp < math.MaxInt32*100 {
			life.Ends = time.Unix(int64(claims.Exp), 0).UTC()
		}
		return life
	}
	message, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.ReplaceAll(token, "-", "/"), "="))
	_, content, found := bytes.Cut(message, []byte(`{"token":`))
	if err != nil || !found {
		return life
	}
	var issued struct {
		Expires string `json:"expires_at"`
		Roles   []struct{ Name string }
	}
	if json.NewDecoder(bytes.NewReader(content)).Decode(&issued) != nil {
		return life
	}
	if ends, err := instant(issued.Expires); err == nil {
		life.Ends = ends.UTC()
	}
	for _, role := range issued.Roles {
		life.Roles = append(life.Roles, role.Name)
	}
	return life
}
