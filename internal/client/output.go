package client

import (
	"slices"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/internal/secrets"
)

// An Output keeps what a client prints.
type Output struct {
	mu          sync.Mutex
	credentials []secrets.Credential
	text        []byte
	printed     int64
}

// NewOutput returns an output in which credentials are looked for.
func NewOutput(credentials ...secrets.Credential) *Output { return &Output{credentials: credentials} }

// Learn adds credentials.
func (o *Output) Learn(credentials ...secrets.Credential) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.credentials = append(o.credentials, credentials...)
}

// Write takes what the client prints next.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.printed += int64(len(p))
	o.text = append(o.text, p[:min(len(p), max(0, 64<<10-len(o.text)))]...)
	return len(p), nil
}

// Printed returns how many bytes the client has printed.
func (o *Output) Printed() int64 { return o.printed }

// Leaked returns the names of the credentials that the client has printed.
func (o *Output) Leaked() []string {
	return slices.Clone(secrets.New(o.credentials...).Find(string(o.text)).Names())
}

// Text returns what is kept.
func (o *Output) Text() string {
	return strings.ToValidUTF8(secrets.New(o.credentials...).Find(string(o.text)).Clean()[0], "?")
}
