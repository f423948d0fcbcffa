package engine

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/gesconform/gesconform/internal/exchange"
)

// soon is how long before its end a certificate is about to end.
const soon = 14 * 24 * time.Hour

// security adds what the connection shows of TLS.
func (c *check) security(x *exchange.Exchange) {
	state := c.wire.Connection().TLS
	switch {
	case state == nil && c.config.Loopback():
		c.add(tlsSubject, OK, "", "none, to an address of this machine")
		return
	case state == nil || len(state.PeerCertificates) == 0:
		c.add(tlsSubject, Unknown, "use https://", "none: anybody in between can read the credentials (--allow-http)")
		return
	}
	leaf := state.PeerCertificates[0]
	found := fmt.Sprintf("%s, certificate of %.80q by %.80q until %s", tls.VersionName(state.Version), leaf.Subject.String(), leaf.Issuer.String(), leaf.NotAfter.UTC().Format(time.DateOnly))
	if n := len(state.VerifiedChains); n > 0 {
		found += fmt.Sprintf(", chain of %d", len(state.VerifiedChains[0]))
	}
	left := time.Until(leaf.NotAfter).Round(time.Minute)
	switch weak := weakness(state, leaf); {
	case c.config.Insecure:
		c.add(tlsSubject, Unknown, "", "%s, which is not verified (--insecure)%s", found, c.wouldFail(x, leaf))
	case weak != "":
		c.add(tlsSubject, Unknown, "", "%s; %s", found, weak)
	case left < soon:
		c.add(tlsSubject, Unknown, "renew it before the run", "%s, which is in %s", found, left)
	default:
		c.add(tlsSubject, OK, "", "%s", found)
	}
}

// wouldFail returns what of a certificate would not be accepted if it were verified.
func (c *check) wouldFail(x *exchange.Exchange, leaf *x509.Certificate) string {
	u, err := url.Parse(x.URL)
	if err != nil {
		return ""
	}
	intermediates := x509.NewCertPool()
	for _, other := range c.wire.Connection().TLS.PeerCertificates[1:] {
		intermediates.AddCert(other)
	}
	security, err := c.config.TLS()
	if err != nil {
		return ""
	}
	if _, err := leaf.Verify(x509.VerifyOptions{DNSName: u.Hostname(), Roots: security.RootCAs, Intermediates: intermediates}); err != nil {
		return fmt.Sprintf(" and would be refused: %.200s", err)
	}
	return " and would be accepted"
}

// weakness returns what a browser would call weak in a connection, or "".
func weakness(state *tls.ConnectionState, leaf *x509.Certificate) string {
	if slices.ContainsFunc(tls.InsecureCipherSuites(), func(s *tls.CipherSuite) bool { return s.ID == state.CipherSuite }) {
		return "the cipher suite " + tls.CipherSuiteName(state.CipherSuite) + " is weak"
	}
	switch key := leaf.PublicKey.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() < 2048 {
			return fmt.Sprintf("its RSA key of %d bits is weak", key.N.BitLen())
		}
	case *ecdsa.PublicKey:
		if key.Curve.Params().BitSize < 256 {
			return fmt.Sprintf("its key of %d bits is weak", key.Curve.Params().BitSize)
		}
	}
	return ""
}
