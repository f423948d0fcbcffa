package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/gesconform/gesconform/internal/config"
)

// Marks for a token, which are replaced when the request is sent.
const (
	authentic = "\x00authentic" // the token, or a signature instead of it
	tampered  = "\x00tampered"
)

// PlacedToken is the mark for the token where it is not the value of its header: in the
// query, or within another header.
const PlacedToken = "\x00placed\x00"

// Shown returns an address or a header's value as it is recorded, with a variable instead of
// PlacedToken.
func Shown(text string) string {
	return strings.ReplaceAll(text, PlacedToken, "$"+config.Variable("token"))
}

// AuthToken returns the token to put into a request: the token itself or, if it must be
// fetched or the request signed, a mark for it.
func AuthToken(c *config.Config) string {
	if c.Token == "" {
		return authentic
	}
	return c.Token
}

// TamperedToken does the same for the token with one character changed.
func TamperedToken(c *config.Config) string {
	if c.Token == "" {
		return tampered
	}
	return Tampered(c.Token)
}

// NearToken returns the mark for a token that is close to the real one.
func NearToken(near Nearness) string { return "\x00near" + string(near) }

const (
	// longestToken is longer than IAM's tokens, which contain the catalogue.
	longestToken = 64 << 10
	// commandTimeout limits a command that may use the network.
	commandTimeout = time.Minute
	// fileTimeout limits the reading of a file, which may be a pipe to which nobody writes.
	fileTimeout = 10 * time.Second
	// renewalInterval limits how often a token is fetched, even if the server refuses
	// every one. After failures it is doubled each time, up to longestInterval: an
	// account may be locked after a few.
	renewalInterval = 30 * time.Second
	longestInterval = 10 * time.Minute
)

// A tokenKeeper holds the token of a target, and renews it when it is refused or about
// to expire. It may be used by several goroutines.
type tokenKeeper struct {
	config *config.Config
	known  func(token string) // called with each new token, before it is used
	now    func() time.Time

	mu      sync.Mutex
	token   string
	fetched time.Time
	expires time.Time // zero if unknown

	tried  time.Time     // the last attempt
	failed error         // why the last attempt failed
	pause  time.Duration // until the next attempt after one that failed
}

// margin is how long before it expires a token is renewed: longer than a request takes.
const margin = 5 * time.Minute

// current returns the token, and fetches it if necessary.
func (k *tokenKeeper) current(ctx context.Context) (string, error) {
	if k.config.Token != "" {
		return k.config.Token, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.token != "" && !k.ending() {
		return k.token, nil
	}
	if err := k.fetch(ctx); err != nil && k.token == "" {
		return "", err
	}
	return k.token, nil // perhaps still the old one; the server decides
}

// ending reports whether the token is about to expire and may be fetched again.
func (k *tokenKeeper) ending() bool {
	now := k.now()
	return !k.expires.IsZero() && !now.Before(k.expires.Add(-margin)) && now.Sub(k.fetched) >= renewalInterval
}

// renew fetches a new token after one was refused, and reports whether there is another
// one now.
func (k *tokenKeeper) renew(ctx context.Context, refused string) bool {
	if k.config.Token != "" || !k.config.HasToken() {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.token == refused && k.now().Sub(k.fetched) >= renewalInterval {
		if k.fetch(ctx) != nil {
			return false // the refusal stands
		}
	}
	return k.token != refused
}

// failure returns why the last attempt to fetch a token failed, or nil.
func (k *tokenKeeper) failure() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.failed
}

// fetch gets a new token, unless the last attempt failed a short time ago.
func (k *tokenKeeper) fetch(ctx context.Context) error {
	if k.failed != nil && k.now().Sub(k.tried) < k.pause {
		return k.failed
	}
	token, expires, err := fetchToken(ctx, k.config)
	if err != nil {
		if ctx.Err() == nil { // an interruption says nothing about the source
			k.tried, k.failed, k.pause = k.now(), err, min(max(2*k.pause, renewalInterval), longestInterval)
		}
		return err
	}
	k.known(token)
	k.token, k.fetched, k.expires = token, k.now(), expires
	k.failed, k.pause = nil, 0
	return nil
}

// fetchToken gets a token from the configured place, and returns when it expires, if
// that is known.
func fetchToken(ctx context.Context, c *config.Config) (token string, expires time.Time, err error) {
	switch {
	case c.TokenFile != "":
		return readToken(ctx, c.TokenFile)
	case c.TokenCommand != "":
		return printedToken(ctx, c.TokenCommand)
	default:
		return logIn(ctx, c)
	}
}

// readToken reads a token from a file, in the background: opening a pipe or a file on a hung
// mount cannot be ended.
func readToken(ctx context.Context, path string) (token string, expires time.Time, err error) {
	type outcome struct {
		text []byte
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		text, err := readStart(path)
		done <- outcome{text, err}
	}()
	timer := time.NewTimer(fileTimeout)
	defer timer.Stop()
	select {
	case o := <-done:
		if o.err != nil {
			return "", expires, fmt.Errorf("token-file: expected a file with a token, got: %w", withoutOp(o.err))
		}
		return oneToken("token-file", o.text)
	case <-timer.C:
		return "", expires, fmt.Errorf("token-file: expected a file with a token, got nothing from %s within %s", path, fileTimeout)
	case <-ctx.Done():
		return "", expires, ctx.Err()
	}
}

// readStart reads as much of a file as tells that it is too long for a token.
func readStart(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() // it was only read
	return io.ReadAll(io.LimitReader(file, longestToken+1))
}

// printedToken runs a command and returns the token that it prints. If it fails, the error
// has the end of what it wrote to its standard error.
func printedToken(ctx context.Context, text string) (token string, expires time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, "sh", "-c", text) // as the user wrote it
	command.WaitDelay = time.Second
	var out limitedBuffer
	var complaint tail
	command.Stdout, command.Stderr = &out, &complaint
	if err := command.Run(); err != nil {
		return "", expires, fmt.Errorf("token-command: expected a token on its standard output, got: %s%s", ending(ctx, err, &out), complaint.words())
	}
	return oneToken("token-command", out.text)
}

// ending says how a command has ended that has not succeeded.
func ending(ctx context.Context, err error, out *limitedBuffer) string {
	exit, exited := errors.AsType[*exec.ExitError](err)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Sprintf("no end within %s", commandTimeout)
	case errors.Is(err, exec.ErrNotFound):
		return "no shell: there is no sh on this machine"
	case out.over:
		return fmt.Sprintf("more than %d bytes", longestToken)
	case exited && exit.ExitCode() == 126:
		return "exit status 126, as for a file that cannot be executed"
	case exited && exit.ExitCode() == 127:
		return "exit status 127, as for a command that is not there"
	}
	return err.Error()
}

// withoutOp returns the error of a file without the name of the system call.
func withoutOp(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}

// A limitedBuffer keeps just enough to tell that it is too much. It embeds no buffer,
// because io.Copy would use its ReadFrom instead of Write.
type limitedBuffer struct {
	text []byte
	over bool
}

var errTooMuch = errors.New("too much output")

// Write implements io.Writer.
func (b *limitedBuffer) Write(p []byte) (int, error) {
	if len(b.text)+len(p) > longestToken+1 {
		b.over = true
		return 0, errTooMuch
	}
	b.text = append(b.text, p...)
	return len(p), nil
}

// logIn gets a token from IAM, and returns when it expires.
func logIn(ctx context.Context, c *config.Config) (token string, expires time.Time, err error) {
	security, err := c.TLS()
	if err != nil {
		return "", expires, err
	}
	return c.Login.Token(ctx, c.ProjectID, userAgent(c), http.Client{
		Transport: &explaining{c, &http.Transport{
			Proxy: http.ProxyFromEnvironment, OnProxyConnectResponse: refusedConnect, TLSClientConfig: security, DisableKeepAlives: true,
		}},
		Timeout: c.RequestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a redirect would forward the password
		},
	})
}

// explaining is a transport to IAM whose errors are sentences. It looks at each request, because the
// addresses come from clouds.yaml and from IAM, too.
type explaining struct {
	config *config.Config
	base   *http.Transport
}

// RoundTrip implements http.RoundTripper.
func (e *explaining) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := e.config.CheckPlain(r.URL); err != nil {
		return nil, err
	}
	response, err := e.base.RoundTrip(r)
	switch {
	case err == nil:
		return response, nil
	case r.Context().Err() != nil || isTimeout(err):
		return nil, fmt.Errorf("no answer within %s; check OS_AUTH_URL and the network", e.config.RequestTimeout)
	}
	says, advice := explain(err, place{"OS_AUTH_URL", r.URL.Scheme + "://" + r.URL.Host})
	return nil, fmt.Errorf("no connection: %s; %s", says, advice)
}
