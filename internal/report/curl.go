package report

import (
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/gesconform/gesconform/internal/curl"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/result"
)

// curlLine returns the request of an exchange as a command for a POSIX shell. Redacted
// credentials are shell variables. A body that is not plain text is written with printf; one
// that is too long for a line is read from exchanges.jsonl in the working directory.
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

// redacted matches the variables that replace credentials. Where a case altered a token,
// more characters follow without a separator, so a name ends at the first TOKEN.
var redacted = regexp.MustCompile(`\$(?:GESCONFORM_(?:[A-Z0-9]+_)*?TOKEN|GESCONFORM_[A-Z0-9_]*[A-Z0-9])`)

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
