package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// TLS is how the target's connections are secured, or what is wrong with the
// files that it names.
func (c *Config) TLS() (*tls.Config, error) {
	roots, unreadable := c.roots()
	certificates, unusable := c.clientCertificates()
	return &tls.Config{
		MinVersion: tls.VersionTLS12, RootCAs: roots, Certificates: certificates,
		InsecureSkipVerify: c.Insecure, //nolint:gosec // asked for, and said in every report
	}, errors.Join(unreadable, unusable)
}

// roots are the certificates that a deployment's own must lead to: the system's
// and those of the CA file. nil stands for the system's alone.
func (c *Config) roots() (*x509.CertPool, error) {
	if c.CAFile == "" {
		return nil, nil
	}
	text, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("ca-file: read certificates: expected a file in PEM, got: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // where the system has none, those of the file are all
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("ca-file: read certificates: expected certificates in PEM in %q, got none", c.CAFile)
	}
	return pool, nil
}

// clientCertificates are what the run shows of itself to a deployment that asks
// for a certificate.
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
		return nil, fmt.Errorf("client-cert: expected a certificate in %q and its key in %q, in PEM, got: %w", c.ClientCert, c.ClientKey, err)
	}
	return []tls.Certificate{pair}, nil
}

// Cautions are what whoever reads a report of the run must know, because it
// weakens what the report is worth.
func (c *Config) Cautions() []string {
	if c.Insecure {
		return []string{"the endpoint's certificate was not checked (--insecure): anybody in between could have read the credentials and given these answers"}
	}
	return nil
}
