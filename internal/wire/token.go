package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/gesconform/gesconform/internal/config"
)

// The marks stand in a request where the token belongs that the target has when
// the request leaves, or what is made of it.
const (
	authentic = "\x00authentic" // the token, or a signature in its place
	tampered  = "\x00tampered"
)

// AuthToken is what stands for the token in a request: the token itself, or a
// mark in its place if the target has to fetch one or to sign.
func AuthToken(c *config.Config) string {
	if c.Token == "" {
		return authentic
	}
	return c.Token
}

// TamperedToken likewise stands for a token with a character changed.
func TamperedToken(c *config.Config) string {
	if c.Token == "" {
		return tampered
	}
	return Tampered(c.Token)
}

const (
	// longestToken is more than IAM's tokens take, which hold the catalogue.
	longestToken = 64 << 10
	// commandTimeout is for a command that asks somebody elsewhere.
	commandTimeout = time.Minute
	// renewalInterval keeps a server that refuses every token from having a new
	// one fetched for each request.
	renewalInterval = 30 * time.Second
)

// A tokenKeeper has the token of a target, and renews it when it is refused. It
// may be used by several goroutines.
type tokenKeeper struct {
	config *config.Config
	known  func(token string) // called with each new token, before it is used
	now    func() time.Time

	mu      sync.Mutex
	token   string
	fetched time.Time
	expires time.Time // zero if that is not known
}

// margin is how long before its end a token is renewed: longer than a request
// takes.
const margin = 5 * time.Minute

// current returns the token, which is fetched when it is first needed.
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
	return k.token, nil // if it is still the old one, whoever refuses it will say so
}

// ending reports whether the token is about to expire and may be renewed again.
func (k *tokenKeeper) ending() bool {
	now := k.now()
	return !k.expires.IsZero() && !now.Before(k.expires.Add(-margin)) && now.Sub(k.fetched) >= renewalInterval
}

// renew fetches another token in the place of one that was refused, and reports
// whether there is another one now.
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

// fetchToken gets a token from where the user has said, and tells when it
// expires if that is known.
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

// printedToken is what a command prints. What it says besides is shown to
// nobody: it may hold a password.
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

// A limitedBuffer takes so much that it is seen to be too much, and no more. It
// embeds no buffer: what copies to it would find a way round Write.
type limitedBuffer struct{ text []byte }

var errTooMuch = errors.New("too much output")

// Write keeps what is written.
func (b *limitedBuffer) Write(p []byte) (int, error) {
	if len(b.text)+len(p) > longestToken+1 {
		return 0, errTooMuch
	}
	b.text = append(b.text, p...)
	return len(p), nil
}
