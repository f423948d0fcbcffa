package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/internal/serving"
)

// tlsFlags say which certificate the fake shows.
type tlsFlags struct{ cert, key, selfSigned string }

func (f *tlsFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.cert, "tls-cert", "", "serve HTTPS with the certificate in this PEM file; needs --tls-key")
	flags.StringVar(&f.key, "tls-key", "", "the PEM file with the key of --tls-cert")
	flags.StringVar(&f.selfSigned, "tls-self-signed", "",
		"serve HTTPS with a certificate made for the occasion, and write that of the authority to trust to this file; it goes when the fake does")
}

// check makes sure that the flags go together.
func (f *tlsFlags) check(flags *pflag.FlagSet) error {
	for _, name := range []string{"tls-cert", "tls-key", "tls-self-signed"} {
		if flag := flags.Lookup(name); flag.Changed && flag.Value.String() == "" {
			return fmt.Errorf("%s: expected a file's name, got %q", name, "")
		}
	}
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

// shown is what comes of the certificate that the fake shows.
type shown struct {
	options   []serving.Option
	variables []string // for the env file
	remove    func()   // what has been written
}

// prepare makes or reads the certificate of a listener, and writes what its
// peers need to trust it.
func (f *tlsFlags) prepare(given string, listener net.Addr) (shown, error) {
	s := shown{remove: func() {}}
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
		// Whoever reads the env file may do so from another folder.
		path, err := filepath.Abs(f.selfSigned)
		if err != nil {
			return s, fmt.Errorf("write CA file: %w", err)
		}
		// All may read it: it holds no key.
		if err := writeWhole(path, 0o644, func(w io.Writer) error { _, err := w.Write(authority); return err }); err != nil {
			return s, fmt.Errorf("write CA file: %w", err)
		}
		s.options = []serving.Option{serving.WithCertificate(certificate)}
		s.variables = []string{"GESCONFORM_CA_FILE=" + path}
		s.remove = func() { _ = os.Remove(path) } // nobody has its key any more
	}
	return s, nil
}

// hostsOf are the names by which peers may address a listener, besides those of
// the loopback interface.
func hostsOf(given string, listener net.Addr) []string {
	name, _, _ := net.SplitHostPort(given) // it has been listened on, so it can be split
	tcp, ok := listener.(*net.TCPAddr)
	if !ok {
		return []string{name}
	}
	if tcp.IP.IsUnspecified() {
		name, _ = os.Hostname() // where there is none, nobody can use it
		return []string{name}
	}
	return []string{name, tcp.IP.String()}
}
