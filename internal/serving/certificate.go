package serving

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"net"
	"slices"
	"time"
)

// validity is how long a self-signed certificate is valid: longer than any test runs, but
// too short to be used for anything else.
const validity = 24 * time.Hour

// LoadCertificate reads a certificate, which intermediate certificates may follow, and its
// key from PEM files.
func LoadCertificate(certFile, keyFile string) (tls.Certificate, error) {
	certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("load certificate: expected a certificate in %q and its key in %q, got: %w", certFile, keyFile, err)
	}
	return certificate, nil
}

// AuthorityName is the name of the certification authority of SelfSigned.
const AuthorityName = "self-signed, for tests"

// SelfSigned makes a certificate for localhost, 127.0.0.1, ::1 and the given host names
// and IP addresses. It is signed by a certificate authority (CA) that SelfSigned makes for
// it and whose key it discards. authority is the CA's certificate in PEM, for clients to
// trust. Both are valid for 24 hours.
func SelfSigned(hosts ...string) (certificate tls.Certificate, authority []byte, err error) {
	now := time.Now()
	ca := &x509.Certificate{
		Subject:   pkix.Name{CommonName: AuthorityName},
		NotBefore: now.Add(-time.Hour), // the client's clock may be slow
		NotAfter:  now.Add(validity),
		KeyUsage:  x509.KeyUsageCertSign,
		IsCA:      true, BasicConstraintsValid: true, MaxPathLenZero: true,
	}
	leaf := &x509.Certificate{
		Subject:   pkix.Name{CommonName: "localhost"},
		NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range append([]string{"localhost", "127.0.0.1", "::1"}, hosts...) {
		ip := net.ParseIP(host)
		switch {
		case ip != nil && !slices.ContainsFunc(leaf.IPAddresses, ip.Equal):
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		case ip == nil && host != "" && !slices.Contains(leaf.DNSNames, host):
			leaf.DNSNames = append(leaf.DNSNames, host)
		}
	}
	certificate, authority, err = sign(ca, leaf)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("make certificate: %w", err)
	}
	return certificate, authority, nil
}

// sign makes a key each for a CA and a certificate, and signs both certificates with the
// CA's key.
func sign(ca, leaf *x509.Certificate) (certificate tls.Certificate, authority []byte, err error) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return certificate, nil, err
	}
	caBytes, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return certificate, nil, err
	}
	if ca, err = x509.ParseCertificate(caBytes); err != nil { // now with the id of its key, to which leaf refers
		return certificate, nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return certificate, nil, err
	}
	leafBytes, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), caKey)
	if err != nil {
		return certificate, nil, err
	}
	authority = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caBytes})
	return tls.Certificate{Certificate: [][]byte{leafBytes}, PrivateKey: key}, authority, nil
}
