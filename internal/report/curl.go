package report

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/gesconform/gesconform/internal/curl"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/result"
)

// together is the aim of a request that is sent twice in the same moment.
const together = "together"

// signature is what replaces the signature of the access key.
const signature = "$GESCONFORM_SIGNATURE"

// curlLine returns the request of an exchange as a command for a POSIX shell, or "" if it was
// never sent. Redacted credentials are shell variables. A body that is not plain text is
// written with printf; one that is too long for a line is read from exchanges.jsonl in the
// working directory.
func curlLine(x *exchange.Exchange) string {
	if neverSent(x) {
		return ""
	}
	r := &curl.Request{ // every request of a run has what curl would add: Accept and User-Agent
		Method: x.Request.Method, URL: x.URL, Header: x.Request.Header, Body: curl.BodyOf(x.Request.Method, x.Request.Body),
		Secret: curl.Secret{Pattern: redacted, Variable: variable},
	}
	if len(r.Body) > curl.LongestInlineBody {
		r.From = loggedBody(x.Sequence, string(r.Body))
	}
	if x.Aim == together {
		return "for i in 1 2; do " + curl.Line(r) + " & done; wait"
	}
	return curl.Line(r)
}

// ways say what the variables are that stand for a token which a case has altered.
var ways = map[string]string{
	"$GESCONFORM_TOKEN_TAMPERED":   "with its middle character changed to A, or from A to B",
	"$GESCONFORM_TOKEN_OTHER_CASE": "with each letter in the other case",
	"$GESCONFORM_TOKEN_LONGER":     "with one more character, A, at its end",
	"$GESCONFORM_TOKEN_SHORTER":    "without its last character",
}

// curlNote says what the command of curlLine cannot do, or what it needs; "" for nothing.
func curlNote(x *exchange.Exchange) string {
	switch {
	case neverSent(x):
		return "never sent, so there is no command that sends it again"
	case x.Aim == together:
		return "sent twice, each complete but for its last byte before that of either went; the command comes near"
	}
	for _, values := range x.Request.Header {
		for _, value := range values {
			if strings.Contains(value, signature) {
				return "signed with the access key for that moment; to send it again, set " + signature[1:] + " to a new signature, or use " + ges.TokenHeader
			}
			if way := ways[redacted.FindString(value)]; way != "" {
				return "sent with " + redacted.FindString(value)[1:] + ", which is GESCONFORM_TOKEN " + way
			}
		}
	}
	return ""
}

func neverSent(x *exchange.Exchange) bool {
	return x.Failure != nil && x.Failure.Kind == exchange.NotSent
}

// redacted matches the variables that replace credentials. Where a case has put more behind
// a token, it follows without a separator, so a name ends at the first TOKEN, or a way after it.
var redacted = regexp.MustCompile(`\$(?:GESCONFORM_(?:[A-Z0-9]+_)*?TOKEN(?:_TAMPERED|_OTHER_CASE|_LONGER|_SHORTER)?|GESCONFORM_[A-Z0-9_]*[A-Z0-9])`)

// variable returns the name of a variable without $. Only headers contain variables.
func variable(header, found string) string {
	if header == "" {
		return ""
	}
	return found[len("$"):]
}

func loggedBody(sequence int, body string) string {
	if utf8.ValidString(body) {
		return fmt.Sprintf("jq -j 'select(.sequence == %d).request.body' %s", sequence, result.ExchangesFile)
	}
	return fmt.Sprintf("jq -j 'select(.sequence == %d).request.body.base64' %s | base64 -d", sequence, result.ExchangesFile)
}
