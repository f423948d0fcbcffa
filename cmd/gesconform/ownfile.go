package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/gesconform/gesconform/internal/safefile"
	"github.com/gesconform/gesconform/internal/serving"
)

// mostOfOwn is how many bytes such a file has at most.
const mostOfOwn = 1 << 20

// writeOwn writes a file that the fake removes when it exits. It may be left from a fake that was
// killed; any other is somebody else's, unless it is empty.
func writeOwn(path string, mode fs.FileMode, ours func(text []byte) bool, write func(io.Writer) error) error {
	if there, err := safefile.Exists(path); err != nil {
		return err
	} else if there {
		text, err := safefile.Read(path, mostOfOwn)
		if err != nil {
			return err
		}
		if len(text) > 0 && !ours(text) {
			return fmt.Errorf("%s: exists already and was not written by `gesconform fake`, so it is not replaced; name another file", path)
		}
	}
	return safefile.Write(path, mode, write)
}

// A leftFile is a file that the fake has written, and removes when it exits.
type leftFile struct {
	path string
	info fs.FileInfo // nil if it could not be read
	text []byte
}

// leave remembers a file as it has just been written.
func leave(path string) *leftFile {
	left := &leftFile{path: path}
	info, err := os.Lstat(path)
	if err != nil {
		return left
	}
	if left.text, err = safefile.Read(path, mostOfOwn); err == nil {
		left.info = info
	}
	return left
}

// remove removes the file, unless it is another by now: that of a fake that was started later, for
// example, or one that somebody has edited.
func (f *leftFile) remove() {
	info, err := os.Lstat(f.path)
	if err != nil || f.info == nil || !os.SameFile(info, f.info) {
		return
	}
	if text, err := safefile.Read(f.path, mostOfOwn); err == nil && bytes.Equal(text, f.text) {
		_ = safefile.Remove(f.path) // a file that stays is replaced by the next fake
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
