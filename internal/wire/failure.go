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
	"github.com/gesconform/gesconform/internal/limits"
)

var errTooLong = errors.New("the answer is too long")

// failure returns how an exchange failed. connected is whether there was a connection to the
// endpoint, through a proxy or not.
func (t *Client) failure(ctx context.Context, redactor *redactor, err error, answer *contract.Answer, connected bool) *exchange.Failure {
	message := short(redactor.text(plain(err))) // redact before cutting, which could leave half a secret
	to, advice := t.endpoint(), ""
	fail := func(kind exchange.FailureKind, format string, args ...any) *exchange.Failure {
		return &exchange.Failure{Kind: kind, Message: fmt.Sprintf(format, args...), Advice: advice}
	}
	switch {
	case errors.Is(err, errTooLong):
		return fail(exchange.TooLong, "the answer's body went over %d bytes, of which the first %d at most are kept", limits.ReadBody, limits.KeptBody)
	case errors.Is(context.Cause(ctx), context.Canceled):
		return fail(exchange.Interrupted, exchange.Interruption)
	case !connected && (errors.Is(err, context.DeadlineExceeded) || isTimeout(err)):
		advice = fmt.Sprintf("check %s, and whether a firewall is in between or a proxy (%s) is needed", to.setting, to.proxyVariable())
		return fail(exchange.Unreachable, "no connection within %s", t.config.RequestTimeout)
	case !connected: // resolving, dialling, TLS, or a proxy's CONNECT failed
		says, what := explain(err, to)
		advice = what
		f := fail(exchange.Unreachable, "no connection: %s", short(redactor.text(says)))
		secure, _ := explainTLS(err, to)
		f.TLS = secure == says
		return f
	case errors.Is(err, context.DeadlineExceeded) || isTimeout(err):
		advice = "check " + to.setting + " and the network, or allow more time with --request-timeout"
		if answer != nil {
			return fail(exchange.TimedOut, "the answer's body did not end within %s", t.config.RequestTimeout)
		}
		return fail(exchange.TimedOut, "no answer within %s", t.config.RequestTimeout)
	case answer != nil:
		return fail(exchange.Cut, "the answer's body ended too early: %s", message)
	case strings.Contains(message, alert): // in answer to the end of our part of the handshake
		says, what := explainTLS(err, to)
		advice = what
		f := fail(exchange.Garbled, "%s", says)
		f.TLS = true
		return f
	case garbled().MatchString(message):
		advice = adviceOnGarbage(message, to)
		return fail(exchange.Garbled, "what came is not HTTP as it should be: %s", message)
	default:
		advice = "check " + to.setting + ", and what is in front of the service"
		return fail(exchange.Dropped, "the connection ended without an answer: %s", message)
	}
}

// garbled matches the errors of net/http for an answer that is not valid HTTP.
var garbled = lazily(`malformed|bad Content-Length|multiple Content-Length|transfer encoding|server gave HTTP response|tls:|exceeded`)

// adviceOnGarbage says what to do about an answer that is not HTTP.
func adviceOnGarbage(message string, to place) string {
	_, came, _ := strings.Cut(message, `response "`)
	switch {
	case strings.HasPrefix(came, `\x15\x03`):
		return "the port speaks TLS: set " + to.with("https")
	case strings.HasPrefix(came, `\x00\x00`):
		return "if the port speaks HTTP/2 only, which needs TLS here, set " + to.with("https")
	case strings.HasPrefix(came, "SSH-"):
		return "the port speaks SSH: check the port in " + to.setting
	}
	return "check the port in " + to.setting + ", and what is in front of the service"
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// byNetHTTP begins the errors of net/http for what is not HTTP.
const byNetHTTP = "net/http: HTTP/1.x transport connection broken: "

// plain returns an error's text without the method and URL that http.Client adds, and
// without the addresses of the connection, one of which differs for each request.
func plain(err error) string {
	var u *url.Error
	var op *net.OpError
	switch {
	case errors.As(err, &op) && (op.Op == "read" || op.Op == "write"):
		return op.Err.Error()
	case errors.As(err, &u):
		return strings.TrimPrefix(u.Err.Error(), byNetHTTP)
	}
	return strings.TrimPrefix(err.Error(), byNetHTTP)
}

// short truncates a message, which may quote a server at length.
func short(message string) string {
	const most = 300
	if len(message) <= most {
		return message
	}
	return strings.ToValidUTF8(message[:most], "") + "…"
}
