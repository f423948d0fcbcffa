package report

import (
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/gesconform/gesconform/internal/curl"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/result"
)

// curlLine writes the request of an exchange as a line to copy and paste into a
// POSIX shell. What was redacted is a variable in double quotes, which the
// shell fills in. A body that is not plain text goes through printf; one that
// is too long for a line is read from exchanges.jsonl in the working directory.
func curlLine(x *exchange.Exchange) string {
	r := &curl.Request{
		Method: x.Request.Method, URL: x.URL, Header: x.Request.Header, Body: x.Request.Body,
		Secret: curl.Secret{Pattern: redacted, Variable: variable},
	}
	if len(r.Body) > curl.LongestInlineBody {
		r.From = loggedBody(x.Sequence, string(r.Body))
	}
	return curl.Line(r)
}

// redacted finds the variables that stand for credentials. An alteration may
// follow at once, so that a name ends with TOKEN where it can.
var redacted = regexp.MustCompile(`\$(?:GESCONFORM_(?:[A-Z0-9]+_)*?TOKEN|GESCONFORM_[A-Z0-9_]*[A-Z0-9])`)

// variable takes the sign off a variable. Only headers have any.
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
