package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/internal/serving"
)

// tlsFlags choose the certificate of the fake.
type tlsFlags struct{ cert, key, selfSigned string }

func (f *tlsFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.cert, "tls-cert", "", "serve HTTPS with the certificate in this PEM file; needs --tls-key")
	flags.StringVar(&f.key, "tls-key", "", "a PEM file with the key of --tls-cert")
	flags.StringVar(&f.selfSigned, "tls-self-signed", "",
		"serve HTTPS with a new certificate, and write its CA certificate, which clients must trust, to this file; removed when the fake exits, if nobody has changed it")
}

// check returns an error for flags that do not go together.
func (f *tlsFlags) check() error {
	switch {
	case f.selfSigned != "" && f.cert+f.key != "":
		return errors.New("serve HTTPS: expected either --tls-self-signed or --tls-cert with --tls-key, got both")
	case f.cert != "" && f.key == "":
		return fmt.Errorf("serve HTTPS: expected --tls-key with --tls-cert, got --tls-cert %q alone", f.cert)
	case f.key != "" && f.cert == "":
		return fmt.Errorf("serve HTTPS: expected --tls-cert with --tls-key, got --tls-key %q alone", f.key)
	}
	return nil
}

// A tlsSetup is what the fake needs to serve with its certificate.
type tlsSetup struct {
	options   []serving.Option
	variables []string // for the env file
	remove    func()   // removes the file that prepare wrote
}

// listen listens on the address that was given, and prepares what its server needs for TLS.
func (f *tlsFlags) listen(ctx context.Context, given string) (net.Listener, tlsSetup, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", given)
	if err != nil {
		return nil, tlsSetup{}, fmt.Errorf("serve on %s: %w; try another --addr HOST:PORT", given, err)
	}
	setup, err := f.prepare(given, listener.Addr())
	if err != nil {
		listener.Close() // nothing has come
		return nil, tlsSetup{}, err
	}
	return listener, setup, nil
}

// prepare reads the certificate of a listener, or makes one and writes its CA
// certificate to the file.
func (f *tlsFlags) prepare(given string, listener net.Addr) (tlsSetup, error) {
	s := tlsSetup{remove: func() {}}
	switch {
	case f.cert != "":
		certificate, err := serving.LoadCertificate(f.cert, f.key)
		if err != nil {
			return s, err
		}
		s.options = []serving.Option{serving.WithCertificate(certificate)}
	case f.selfSigned != "":
		certificate, authority, err := serving.SelfSigned(hostsOf(given, listener)...)
		if err != nil {
			return s, err
		}
		// The env file may be read from another folder.
		path, err := filepath.Abs(f.selfSigned)
		if err != nil {
			return s, fmt.Errorf("write CA file: %w", err)
		}
		// Readable by everyone: it has no key.
		if err := writeOwn(path, 0o644, isOwnAuthority, func(w io.Writer) error { _, err := w.Write(authority); return err }); err != nil {
			return s, fmt.Errorf("write CA file: %w", err)
		}
		s.options = []serving.Option{serving.WithCertificate(certificate)}
		s.variables = []string{"GESCONFORM_CA_FILE=" + path}
		s.remove = leave(path).remove // the certificate that it vouches for is gone
	}
	return s, nil
}

// hostsOf returns the names that clients may use for a listener, in addition to those
// of the loopback interface.
func hostsOf(given string, listener net.Addr) []string {
	name, _, _ := net.SplitHostPort(given) // listening on it has succeeded
	tcp, ok := listener.(*net.TCPAddr)
	if !ok {
		return []string{name}
	}
	if tcp.IP.IsUnspecified() {
		name, _ = os.Hostname() // on failure there is nothing to add
		return []string{name}
	}
	return []string{name, tcp.IP.String()}
}
