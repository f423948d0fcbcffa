package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"github.com/gesconform/gesconform/internal/printable"
)

// TLS returns the TLS configuration for connections to the target. The error says what
// is wrong with its files.
func (c *Config) TLS() (*tls.Config, error) {
	roots, unreadable := c.roots()
	certificates, unusable := c.clientCertificates()
	return &tls.Config{
		MinVersion: tls.VersionTLS12, RootCAs: roots, Certificates: certificates,
		InsecureSkipVerify: c.Insecure, //nolint:gosec // the user asked for it, and every report says so
	}, errors.Join(unreadable, unusable)
}

// roots returns the trusted root certificates: the system's and those of the CA file.
// nil stands for the system's only.
func (c *Config) roots() (*x509.CertPool, error) {
	if c.CAFile == "" {
		return nil, nil
	}
	text, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("ca-file: expected a PEM file with certificates, got %q: %w", c.CAFile, causeOf(err))
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // without the system's, trust those of the file only
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("ca-file: expected PEM certificates in %q, got none", c.CAFile)
	}
	return pool, nil
}

// clientCertificates returns the client certificate, if there is one.
func (c *Config) clientCertificates() ([]tls.Certificate, error) {
	switch {
	case c.ClientCert == "" && c.ClientKey == "":
		return nil, nil
	case c.ClientKey == "":
		return nil, fmt.Errorf("client-cert: expected --client-key with it, got --client-cert %q alone", c.ClientCert)
	case c.ClientCert == "":
		return nil, fmt.Errorf("client-key: expected --client-cert with it, got --client-key %q alone", c.ClientKey)
	}
	pair, err := tls.LoadX509KeyPair(c.ClientCert, c.ClientKey)
	if err != nil {
		return nil, fmt.Errorf("client-cert: expected a PEM certificate in %q and its key in %q, got: %w", c.ClientCert, c.ClientKey, causeOf(err))
	}
	return []tls.Certificate{pair}, nil
}

// plainFault is CheckPlain for the endpoint.
func (c *Config) plainFault() error {
	u, err := url.Parse(c.Endpoint)
	if err != nil {
		return nil // has been reported
	}
	return c.CheckPlain(u)
}

// CheckPlain returns an error if credentials would go to u over HTTP without TLS, unless u is on
// this machine or the user allows it.
func (c *Config) CheckPlain(u *url.URL) error {
	if u.Scheme != "http" || isLoopback(u.Hostname()) || c.AllowHTTP {
		return nil
	}
	return fmt.Errorf("allow-http: %s is not a loopback address, and http:// would show the credentials to anybody in between; give an address with https://, or set --allow-http if you trust the network", printable.Line(u.Host))
}

// causeOf returns the error of a file without its path, which may have characters that are not to be
// shown as they are.
func causeOf(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// Cautions returns warnings for readers of the report: reasons to trust it less.
func (c *Config) Cautions() []string {
	var all []string
	if c.Insecure {
		all = append(all, "the endpoint's certificate was not checked (--insecure): anybody in between could have read the credentials and given these answers")
	}
	if c.AllowHTTP && strings.HasPrefix(strings.ToLower(c.Endpoint), "http:") && !c.Loopback() {
		all = append(all, "the connection was not encrypted (--allow-http): anybody in between could have read the credentials and given these answers")
	}
	if c.AbsentGraphID != "" {
		all = append(all, fmt.Sprintf("absent graph: %s, vouched for by you (--absent-graph-id): if there is such a graph after all, this run may upgrade it", c.AbsentGraphID))
	}
	return all
}
