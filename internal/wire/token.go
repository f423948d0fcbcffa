package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/gesconform/gesconform/internal/config"
)

// Marks for a token, which are replaced when the request is sent.
const (
	authentic = "\x00authentic" // the token, or a signature instead of it
	tampered  = "\x00tampered"
)

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

const (
	// longestToken is longer than IAM's tokens, which contain the catalogue.
	longestToken = 64 << 10
	// commandTimeout limits a command that may use the network.
	commandTimeout = time.Minute
	// renewalInterval limits how often a token is fetched, even if the server refuses
	// every one.
	renewalInterval = 30 * time.Second
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

func (k *tokenKeeper) fetch(ctx context.Context) error {
	token, expires, err := fetchToken(ctx, k.config)
	if err != nil {
		return err
	}
	k.known(token)
	k.token, k.fetched, k.expires = token, k.now(), expires
	return nil
}

// fetchToken gets a token from the configured place, and returns when it expires, if
// that is known.
func fetchToken(ctx context.Context, c *config.Config) (token string, expires time.Time, err error) {
	switch {
	case c.TokenFile != "":
		return readToken(c.TokenFile)
	case c.TokenCommand != "":
		return printedToken(ctx, c.TokenCommand)
	default:
		return logIn(ctx, c)
	}
}

func readToken(path string) (token string, expires time.Time, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", expires, fmt.Errorf("token-file: expected a file with a token, got: %w", err)
	}
	defer file.Close() // it was only read
	text, err := io.ReadAll(io.LimitReader(file, longestToken+1))
	if err != nil {
		return "", expires, fmt.Errorf("token-file: expected a file with a token, got: %w", err)
	}
	return oneToken("token-file", text)
}

// printedToken runs a command and returns the token that it prints. Its standard error
// is discarded: it may contain a password.
func printedToken(ctx context.Context, text string) (token string, expires time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, "sh", "-c", text) // as the user wrote it
	command.WaitDelay = time.Second
	var out limitedBuffer
	command.Stdout = &out
	if err := command.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return "", expires, fmt.Errorf("token-command: expected a token on its standard output, got: %w", err)
	}
	return oneToken("token-command", out.text)
}

// A limitedBuffer keeps just enough to tell that it is too much. It embeds no buffer,
// because io.Copy would use its ReadFrom instead of Write.
type limitedBuffer struct{ text []byte }

var errTooMuch = errors.New("too much output")

// Write implements io.Writer.
func (b *limitedBuffer) Write(p []byte) (int, error) {
	if len(b.text)+len(p) > longestToken+1 {
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
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: security, DisableKeepAlives: true},
		Timeout:   c.RequestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a redirect would forward the password
		},
	})
}
