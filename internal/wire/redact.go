package wire

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/secrets"
)

// A redactor removes credentials from what is kept, and finds those in an answer.
type redactor struct {
	sets  []*secrets.Set
	whole map[string]string // secrets, however short, to replace where they are a header's whole value
	names []foldedSecret    // those to look for in the names of headers, the longest first
}

// A foldedSecret is a secret with its text in lower case, which has the same length.
type foldedSecret struct{ text, lower string }

func newRedactor(all ...secrets.Credential) *redactor {
	r := &redactor{sets: []*secrets.Set{secrets.New(all...)}, whole: map[string]string{}}
	for _, c := range all {
		for _, s := range append([]secrets.Secret{c.Secret}, c.Near...) {
			if s.Text != "" && r.whole[s.Text] == "" {
				r.whole[s.Text] = s.Name
			}
		}
	}
	for _, text := range slices.SortedFunc(maps.Keys(r.whole), func(a, b string) int {
		return cmp.Or(len(b)-len(a), len(r.whole[a])-len(r.whole[b]), strings.Compare(a, b)) // the token is called shorter than what is made of it
	}) {
		if lower := strings.ToLower(text); len(text) >= shortestInText && len(lower) == len(text) {
			r.names = append(r.names, foldedSecret{text, lower})
		}
	}
	return r
}

// with returns a redactor that knows another credential, too.
func (r *redactor) with(another secrets.Credential) *redactor {
	if another.Text == "" {
		return r
	}
	return &redactor{append(slices.Clip(r.sets), secrets.New(another)), r.whole, r.names}
}

// clean returns texts that belong together without the credentials in them, and the names of those
// that they disclose. If cut, the last text may end in the middle of one.
func (r *redactor) clean(cut bool, texts ...string) (clean, names []string) {
	clean = texts
	for _, set := range r.sets {
		find := set.Find
		if cut {
			find = set.FindCut
		}
		found := find(clean...)
		clean = found.Clean()
		names = append(names, found.Names()...)
	}
	slices.Sort(names)
	return clean, slices.Compact(names)
}

// text returns a text without its secrets.
func (r *redactor) text(s string) string {
	clean, _ := r.clean(false, s)
	return clean[0]
}

// header returns a header of a request without its secrets.
func (r *redactor) header(h http.Header) http.Header {
	texts := r.textsOf(h)
	for i, v := range texts {
		if known := r.whole[v]; known != "" { // as in most requests, and a token of IAM is long
			texts[i] = "$" + known
		}
	}
	clean, _ := r.clean(false, texts...)
	return r.headerOf(h, clean)
}

// textsOf returns the texts of a header: each name, in their order, and its values.
func (r *redactor) textsOf(h http.Header) (texts []string) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		texts = append(append(texts, r.nameOf(name)), h[name]...)
	}
	return texts
}

// headerOf returns the header that has the names and values of another in other words, without
// values that are a credential which is too plain to look for.
func (r *redactor) headerOf(h http.Header, texts []string) http.Header {
	other := make(http.Header, len(h))
	for _, name := range slices.Sorted(maps.Keys(h)) {
		n := 1 + len(h[name])
		for _, v := range texts[1:n] {
			if known := r.whole[v]; known != "" {
				v = "$" + known
			}
			other[texts[0]] = append(other[texts[0]], v)
		}
		texts = texts[n:]
	}
	return other
}

// shortestInText is the length of the shortest credential to look for anywhere.
const shortestInText = 8

// nameOf returns a header's name with the credential that it contains as the credential is
// written: net/http has changed its letters.
func (r *redactor) nameOf(name string) string {
	if len(r.names) == 0 || len(name) < len(r.names[len(r.names)-1].text) {
		return name
	}
	lower := strings.ToLower(name)
	if len(lower) != len(name) {
		return name
	}
	for _, secret := range r.names {
		if i := strings.Index(lower, secret.lower); i >= 0 {
			return name[:i] + secret.text + name[i+len(secret.text):]
		}
	}
	return name
}

// secretsOf returns the credentials of a run, but for a token that is fetched. Those of the
// deployment come first.
func secretsOf(c *config.Config, security *tls.Config) []secrets.Credential {
	all := []secrets.Credential{
		credential(config.Variable("token"), c.Token), credential(config.Variable("readonly-token"), c.ReadonlyToken),
		credential(config.Variable("expired-token"), c.ExpiredToken), named(config.Variable("secret-key"), c.SecretKey),
		named(config.Variable("security-token"), c.SecurityToken), named(config.Prefix+"PASSWORD", c.Login.Password),
	}
	for _, key := range keysOf(security) {
		all = append(all, named(config.Variable("client-key"), key))
	}
	return slices.DeleteFunc(append(all, proxySecrets(os.Getenv)...), func(c secrets.Credential) bool { return c.Text == "" })
}

func named(name, text string) secrets.Credential {
	return secrets.Credential{Secret: secrets.Secret{Name: name, Text: text}}
}

// credential returns a token, and what the run makes of it.
func credential(name, token string) secrets.Credential {
	c := named(name, token)
	if token == "" || name != config.Variable("token") {
		return c
	}
	c.Near = []secrets.Secret{{Name: name + "_TAMPERED", Text: Tampered(token)}}
	for _, near := range nearnesses {
		c.Near = append(c.Near, secrets.Secret{Name: name + string(near), Text: Near(token, near)})
	}
	return c
}

// keysOf returns the keys of the client certificates, in base64 as in the files that have them.
func keysOf(security *tls.Config) (all []string) {
	add := func(der []byte, err error) {
		if err == nil {
			all = append(all, base64.StdEncoding.EncodeToString(der))
		}
	}
	if security == nil {
		return nil
	}
	for _, pair := range security.Certificates {
		add(x509.MarshalPKCS8PrivateKey(pair.PrivateKey))
		switch key := pair.PrivateKey.(type) {
		case *rsa.PrivateKey:
			add(x509.MarshalPKCS1PrivateKey(key), nil)
		case *ecdsa.PrivateKey:
			add(x509.MarshalECPrivateKey(key))
		}
	}
	return all
}
