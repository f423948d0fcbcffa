package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"

	"github.com/gesconform/gesconform/internal/safefile"
	"github.com/gesconform/gesconform/internal/serving"
)

// writeOwn writes a file that the fake removes when it exits. It may be left from a fake that was
// killed; any other is somebody else's, unless it is empty.
func writeOwn(path string, mode fs.FileMode, ours func(text []byte) bool, write func(io.Writer) error) error {
	if there, err := safefile.Exists(path); err != nil {
		return err
	} else if there {
		const most = 1 << 20
		text, err := safefile.Read(path, most)
		if err != nil {
			return err
		}
		if len(text) > 0 && !ours(text) {
			return fmt.Errorf("%s: exists already and was not written by `gesconform fake`, so it is not replaced; name another file", path)
		}
	}
	return safefile.Write(path, mode, write)
}

// removeOwn removes a file that writeOwn wrote, unless it is another by now.
func removeOwn(path string, ours func(text []byte) bool) {
	const most = 1 << 20
	if text, err := safefile.Read(path, most); err == nil && ours(text) {
		_ = safefile.Remove(path) // a file that stays is replaced by the next fake
	}
}

// isEnvFile reports whether a text is the beginning of what Fixtures.WriteEnv writes.
func isEnvFile(text []byte) bool { return bytes.HasPrefix(text, []byte("GESCONFORM_ENDPOINT=")) }

// isOwnAuthority reports whether a text is the certificate of a fake's certification authority.
func isOwnAuthority(text []byte) bool {
	block, rest := pem.Decode(text)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return false
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	return err == nil && certificate.Subject.CommonName == serving.AuthorityName
}
