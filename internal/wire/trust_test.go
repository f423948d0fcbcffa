package wire_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
)

// secureServer returns a server with a certificate that no system trusts, and the certificate
// in PEM.
func secureServer(t *testing.T) (url string, certificate []byte) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
}

// written returns the path of a file with a text.
func written(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTheCAFileIsTrusted(t *testing.T) {
	url, certificate := secureServer(t)
	get := cases.Template{Method: "GET", Path: "/v2/p/graphs/g"}
	file := written(t, "What follows is ours.\n"+string(certificate))
	if x := to(t, url, func(c *config.Config) { c.CAFile = file }).Send(t.Context(), "case", "aim", get); x.Failure != nil {
		t.Errorf("with the file: %+v", x.Failure)
	}
	if x := to(t, url).Send(t.Context(), "case", "aim", get); x.Failure == nil || x.Failure.Kind != exchange.Unreachable {
		t.Errorf("without the file: expected no connection, got %+v", x.Failure)
	}
}

const aKey = "-----BEGIN PRIVATE KEY-----\nMARKED\n-----END PRIVATE KEY-----\n"

func TestCAFilesThatAreNone(t *testing.T) {
	url, certificate := secureServer(t)
	for name, tt := range map[string]struct{ file, want string }{
		"none":                      {filepath.Join(t.TempDir(), "none.pem"), "expected a PEM file with certificates, got "},
		"a folder":                  {t.TempDir(), "expected a PEM file with certificates, got "},
		"empty":                     {written(t, ""), "expected PEM certificates in "},
		"a key":                     {written(t, aKey), "expected PEM certificates in "},
		"a certificate that is cut": {written(t, string(certificate[:len(certificate)/2])), "expected PEM certificates in "},
	} {
		t.Run(name, func(t *testing.T) {
			c := config.Default()
			c.Endpoint, c.ProjectID, c.GraphID, c.Token, c.CAFile = url, "p", "g", "t", tt.file
			err := c.Check()
			if err == nil || !strings.HasPrefix(err.Error(), "ca-file: "+tt.want) || !strings.Contains(err.Error(), tt.file) {
				t.Fatalf("expected a sentence on the file, got %v", err)
			}
			if strings.Contains(err.Error(), "MARKED") {
				t.Errorf("expected an error without the content of the file, got %v", err)
			}
			// Nothing is sent either if Check was not called.
			x := to(t, url, func(c *config.Config) { c.CAFile = tt.file }).Send(t.Context(), "case", "aim", cases.Template{Method: "GET", Path: "/v2/p/graphs/g"})
			if x.Failure == nil || x.Failure.Kind != exchange.NotSent || x.Failure.Message != err.Error() {
				t.Errorf("expected %q not to be sent, got %+v", err, x.Failure)
			}
		})
	}
}

// askingServer returns a server that requires a client certificate from its own authority.
func askingServer(t *testing.T) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, ClientAuth: tls.RequireAnyClientCert}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

// keyPair writes a certificate and its key to files.
func keyPair(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return written(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))),
		written(t, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})))
}

func TestClientCertificate(t *testing.T) {
	url := askingServer(t)
	cert, key := keyPair(t)
	_, otherKey := keyPair(t)
	get := cases.Template{Method: "GET", Path: "/v2/p/graphs/g"}
	for name, tt := range map[string]struct {
		cert, key, says string
		sent            bool
	}{
		"with it":      {cert, key, "", true},
		"without it":   {"", "", "", false},
		"without key":  {cert, "", "client-cert: expected --client-key with it", false},
		"only the key": {"", key, "client-key: expected --client-cert with it", false},
		"another key":  {cert, otherKey, "client-cert: expected a PEM certificate in", false},
		"no file":      {cert + "x", key, "client-cert: expected a PEM certificate in", false},
		"swapped":      {key, cert, "client-cert: expected a PEM certificate in", false},
	} {
		change := func(c *config.Config) { c.ClientCert, c.ClientKey, c.Insecure = tt.cert, tt.key, true }
		c := config.Default()
		c.Endpoint, c.ProjectID, c.GraphID, c.Token = url, "p", "g", "t"
		change(&c)
		if err := c.Check(); (err == nil) != (tt.says == "") || err != nil && !strings.HasPrefix(err.Error(), tt.says) {
			t.Errorf("%s: expected %q, got %v", name, tt.says, err)
		}
		if x := to(t, url, change).Send(t.Context(), "case", "aim", get); (x.Failure == nil) != tt.sent {
			t.Errorf("%s: got %+v", name, x.Failure)
		}
	}
}

// An untrusted certificate is accepted with --insecure, which the reports mention.
func TestInsecure(t *testing.T) {
	url, _ := secureServer(t)
	get := cases.Template{Method: "GET", Path: "/v2/p/graphs/g"}
	for _, insecure := range []bool{false, true} {
		change := func(c *config.Config) { c.Insecure = insecure }
		if x := to(t, url, change).Send(t.Context(), "case", "aim", get); (x.Failure == nil) != insecure {
			t.Errorf("insecure %t: got %+v", insecure, x.Failure)
		}
		c := config.Default()
		change(&c)
		if said := strings.Contains(strings.Join(c.Cautions(), " "), "--insecure"); said != insecure {
			t.Errorf("insecure %t: the cautions are %q", insecure, c.Cautions())
		}
	}
}
