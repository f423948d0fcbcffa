package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/serving"
)

// protocolOf sends a request to an address, trusting the CA certificates in a file, and
// returns the protocol.
func protocolOf(t *testing.T, address, caFile string) string {
	t.Helper()
	authority := read(t, caFile)
	if strings.Contains(authority, "KEY") {
		t.Errorf("expected no key in the CA file, got %s", authority)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM([]byte(authority))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Get(address)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.Proto
}

func TestTheFakeServesHTTPS(t *testing.T) {
	skipIfShort(t)
	dir := filepath.Join(t.TempDir(), "it's a folder")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	envFile, caFile := filepath.Join(dir, "fake.env"), filepath.Join(dir, "ca.pem")
	t.Run("while it runs", func(t *testing.T) {
		t.Chdir(dir)
		address := startFake(t, "--tls-self-signed", "ca.pem", "--env-file", "fake.env")
		if !strings.HasPrefix(address, "https://127.0.0.1:") {
			t.Errorf("expected the address to begin with https, got %s", address)
		}
		if got := protocolOf(t, address, caFile); got != "HTTP/2.0" {
			t.Errorf("expected HTTP/2.0, got %s", got)
		}
		environ := environIn(t, envFile)
		if !slices.Contains(environ, "GESCONFORM_CA_FILE="+caFile) || !slices.Contains(environ, "GESCONFORM_ENDPOINT="+address) {
			t.Errorf("expected the address %s and the file %s, got %q", address, caFile, environ)
		}
		if c := call(t, environ, "run", "--risk", "destructive"); c.status != exitConforms || c.stderr != "" || !strings.Contains(c.stdout, "\nconforms (counted apart: 2 cases cannot be brought about)\n") {
			t.Errorf("expected status 0, got %d: %.2000s %s", c.status, c.stdout, c.stderr)
		}
		distrusting := slices.DeleteFunc(environ, func(v string) bool { return strings.HasPrefix(v, "GESCONFORM_CA_FILE=") })
		c := call(t, distrusting, "run")
		if c.status != exitNotJudged {
			t.Errorf("without the CA file: expected status 2, got %d", c.status)
		}
		oneSentence(t, c, "certificate")
	})
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("expected that nothing is left, got %v, %v", files, err)
	}
}

// pair writes a certificate, its key and its CA certificate to files.
func pair(t *testing.T) (certFile, keyFile, caFile string) {
	t.Helper()
	certificate, authority, err := serving.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile, caFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "ca.pem")
	for file, text := range map[string][]byte{
		certFile: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}),
		keyFile:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), caFile: authority,
	} {
		write(t, file, string(text))
	}
	return certFile, keyFile, caFile
}

func TestTheFakeUsesAGivenCertificate(t *testing.T) {
	certFile, keyFile, caFile := pair(t)
	envFile := filepath.Join(t.TempDir(), "fake.env")
	address := startFake(t, "--tls-cert", certFile, "--tls-key", keyFile, "--env-file", envFile)
	if got := protocolOf(t, address, caFile); got != "HTTP/2.0" || !strings.HasPrefix(address, "https://") {
		t.Errorf("%s: expected HTTP/2.0, got %s", address, got)
	}
	environ := environIn(t, envFile)
	if slices.ContainsFunc(environ, func(v string) bool { return strings.HasPrefix(v, "GESCONFORM_CA_FILE") }) {
		t.Errorf("expected no CA file without --tls-self-signed, got %q", environ)
	}
	if c := call(t, environ, "run", "--ca-file", caFile, "--label-filter", "showGraph"); c.status != exitConforms {
		t.Errorf("expected status 0, got %d: %s", c.status, c.stderr)
	}
	_, another, _ := pair(t)
	c := call(t, nil, "fake", "--tls-cert", certFile, "--tls-key", another)
	if c.status != exitNotJudged {
		t.Errorf("expected status 2, got %d", c.status)
	}
	oneSentence(t, c, "load certificate: expected a certificate in ", another, "does not match")
}

// If the fake cannot serve, it must not leave any files.
func TestNothingIsLeftOfAFakeThatDidNotServe(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, more := range map[string][]string{
		"taken port":              {"--addr", taken.Addr().String()},
		"env file that cannot be": {"--env-file", "testdata/no-such-folder/fake.env"},
	} {
		dir := t.TempDir()
		c := call(t, nil, append([]string{"fake", "--tls-self-signed", filepath.Join(dir, "ca.pem")}, more...)...)
		if c.status != exitNotJudged || c.stdout != "" {
			t.Errorf("%s: expected status 2 and no address, got %d, %s", name, c.status, c.stdout)
		}
		oneSentence(t, c, more[1][:8])
		if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
			t.Errorf("%s: expected that nothing is left, got %v, %v", name, files, err)
		}
	}
}

func TestHostsOfTheCertificate(t *testing.T) {
	t.Parallel()
	machine, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for given, tt := range map[string]struct {
		ip   string
		want []string
	}{
		"localhost:0":        {"127.0.0.1", []string{"localhost", "127.0.0.1"}},
		"ges.example.com:80": {"10.0.0.7", []string{"ges.example.com", "10.0.0.7"}},
		":8080":              {"::", []string{machine}},
		"0.0.0.0:8080":       {"0.0.0.0", []string{machine}},
	} {
		if got := hostsOf(given, &net.TCPAddr{IP: net.ParseIP(tt.ip), Port: 80}); !slices.Equal(got, tt.want) {
			t.Errorf("%s: expected %q, got %q", given, tt.want, got)
		}
	}
}
