package serving_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/serving"
)

func TestSelfSignedIsTrustedForItsHosts(t *testing.T) {
	t.Parallel()
	certificate, authority, err := serving.SelfSigned("fake.example.com", "10.0.0.7", "", "localhost", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		t.Fatalf("expected the CA's certificate, got %s", authority)
	}
	leaf, err := x509.ParseCertificate(certificate.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	for host, trusted := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "::1": true, "fake.example.com": true, "10.0.0.7": true,
		"example.com": false, "10.0.0.8": false, "127.0.0.2": false,
	} {
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: pool}); (err == nil) != trusted {
			t.Errorf("%s: expected trusted %t, got %v", host, trusted, err)
		}
	}
	for when, valid := range map[time.Duration]bool{0: true, 23 * time.Hour: true, 25 * time.Hour: false, -2 * time.Hour: false} {
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool, CurrentTime: time.Now().Add(when)}); (err == nil) != valid {
			t.Errorf("in %s: expected valid %t, got %v", when, valid, err)
		}
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: x509.NewCertPool()}); err == nil {
		t.Error("expected no trust without the CA")
	}
	if n := len(leaf.DNSNames) + len(leaf.IPAddresses); n != 5 || leaf.IsCA {
		t.Errorf("expected five names and not a CA, got %v, %v, %t", leaf.DNSNames, leaf.IPAddresses, leaf.IsCA)
	}
	key, ok := leaf.PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		t.Errorf("expected a key on P-256, got %T", leaf.PublicKey)
	}
}

// SelfSigned returns the CA's certificate only, not its key.
func TestTheAuthorityHasNoKey(t *testing.T) {
	t.Parallel()
	_, authority, err := serving.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	block, rest := pem.Decode(authority)
	if block == nil || block.Type != "CERTIFICATE" || len(rest) != 0 || bytes.Contains(authority, []byte("KEY")) {
		t.Fatalf("expected one certificate, got %s", authority)
	}
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil || !ca.IsCA || ca.KeyUsage != x509.KeyUsageCertSign {
		t.Errorf("expected a CA, got %+v, %v", ca, err)
	}
	_, other, err := serving.SelfSigned()
	if err != nil || bytes.Equal(authority, other) {
		t.Errorf("expected another CA each time, got the same, %v", err)
	}
}

// pair writes a certificate and its key as files.
func pair(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	certificate, _, err := serving.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}, keyFile: {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

func TestLoadCertificate(t *testing.T) {
	t.Parallel()
	certFile, keyFile := pair(t)
	if got, err := serving.LoadCertificate(certFile, keyFile); err != nil || len(got.Certificate) != 1 {
		t.Errorf("expected a certificate, got %v, %v", got, err)
	}
	_, otherKey := pair(t)
	missing := filepath.Join(t.TempDir(), "none.pem")
	for name, tt := range map[string]struct{ cert, key, want string }{
		"no certificate": {missing, keyFile, "no such file"},
		"no key":         {certFile, missing, "no such file"},
		"another's key":  {certFile, otherKey, "does not match"},
		"swapped":        {keyFile, certFile, "PEM"},
	} {
		_, err := serving.LoadCertificate(tt.cert, tt.key)
		if err == nil {
			t.Errorf("%s: expected an error", name)
			continue
		}
		for _, want := range []string{"load certificate: expected ", tt.cert, tt.key, ", got: ", tt.want} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: expected %q in %q", name, want, err)
			}
		}
	}
}
