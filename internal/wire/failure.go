package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
)

var errTooLong = errors.New("the answer is too long")

// failure returns how an exchange failed. connected is whether there was a connection to the
// endpoint, through a proxy or not.
func (t *Client) failure(ctx context.Context, err error, answer *contract.Answer, connected bool) *exchange.Failure {
	message := short(t.redactor.Load().text(plain(err))) // redact before cutting, which could leave half a secret
	fail := func(kind exchange.FailureKind, format string, args ...any) *exchange.Failure {
		return &exchange.Failure{Kind: kind, Message: fmt.Sprintf(format, args...)}
	}
	switch {
	case errors.Is(err, errTooLong):
		return fail(exchange.TooLong, "the answer's body went over %d bytes, of which the first %d are kept", maxAnswerBody, keptOfLongBody)
	case errors.Is(context.Cause(ctx), context.Canceled):
		return fail(exchange.Interrupted, exchange.Interruption)
	case !connected && (errors.Is(err, context.DeadlineExceeded) || isTimeout(err)):
		return fail(exchange.Unreachable, "no connection within %s", t.config.RequestTimeout)
	case !connected: // resolving, dialling, TLS, or a proxy's CONNECT failed
		return fail(exchange.Unreachable, "no connection: %s", message)
	case errors.Is(err, context.DeadlineExceeded) || isTimeout(err):
		if answer != nil {
			return fail(exchange.TimedOut, "the answer's body did not end within %s", t.config.RequestTimeout)
		}
		return fail(exchange.TimedOut, "no answer within %s", t.config.RequestTimeout)
	case answer != nil:
		return fail(exchange.Cut, "the answer's body ended too early: %s", message)
	case garbled().MatchString(message):
		return fail(exchange.Garbled, "what came is not HTTP as it should be: %s", message)
	default:
		return fail(exchange.Dropped, "the connection ended without an answer: %s", message)
	}
}

// garbled matches the errors of net/http for an answer that is not valid HTTP.
var garbled = lazily(`malformed|bad Content-Length|multiple Content-Length|transfer encoding|server gave HTTP response|tls:|exceeded`)

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// plain returns an error's text without the method and URL that http.Client adds, and
// without the addresses of the connection, one of which differs for each request.
func plain(err error) string {
	var u *url.Error
	var op *net.OpError
	switch {
	case errors.As(err, &op) && (op.Op == "read" || op.Op == "write"):
		return op.Err.Error()
	case errors.As(err, &u):
		return u.Err.Error()
	}
	return err.Error()
}

// short truncates a message, which may quote a server at length.
func short(message string) string {
	const most = 300
	if len(message) <= most {
		return message
	}
	return strings.ToValidUTF8(message[:most], "") + "…"
}
