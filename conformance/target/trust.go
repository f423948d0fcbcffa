package target

import (
	"crypto/x509"
	"fmt"
	"os"
)

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
