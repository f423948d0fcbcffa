package fakeadmin

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/curl"
	"github.com/gesconform/gesconform/internal/ges"
)

// keptBody is how many bytes of a body the journal keeps.
const keptBody = 64 << 10

// redacted is what the journal has in place of a credential.
const redacted = "[redacted]"

// bodyFile is the file from which a curl command reads a body that was not kept.
const bodyFile = "body"

var (
	// hiddenValue matches what has replaced a credential.
	hiddenValue = regexp.MustCompile(regexp.QuoteMeta(redacted))
	// notInNames matches characters that the name of a shell variable cannot have.
	notInNames = regexp.MustCompile(`[^0-9A-Z]`)
)

// repeat returns a curl command that repeats a request, or "" if there is none, and a note
// about it for the user.
func repeat(x fakeserver.Exchange) (line, note string) {
	r := &curl.Request{
		Method: x.Method, URL: x.URL, Header: x.Header.Clone(), Complete: true, Secret: curl.Secret{Pattern: hiddenValue, Variable: variable},
	}
	length := x.Header.Get("Content-Length")
	switch {
	case x.Body == "" && length != "" && length != "0":
		r.From, note = "cat "+bodyFile, "The journal did not keep the body. Put one into a file named "+bodyFile+"."
	case len(x.Body) >= keptBody:
		r.From, note = "cat "+bodyFile, "The journal kept the beginning of the body only. Put all of it into a file named "+bodyFile+"."
	case len(x.Body) > curl.LongestInlineBody && utf8.ValidString(x.Body):
		r.From = fromJournal(x)
	case len(x.Body) > curl.LongestInlineBody:
		return "", "There is no curl command, because the body is long and not text."
	case x.Body != "" || length != "":
		r.Body = []byte(x.Body)
	}
	if r.From != "" || strings.Contains(x.Body, redacted) {
		r.Header.Del("Content-Length") // the body that curl sends may have another length
	}
	return curl.Line(r), note
}

// fromJournal returns a command that prints a long body, which it gets from the journal.
func fromJournal(x fakeserver.Exchange) string {
	root := Root
	if u, err := url.Parse(x.URL); err == nil {
		root = u.Scheme + "://" + u.Host + Root
	}
	journal := &curl.Request{Method: http.MethodGet, URL: fmt.Sprintf("%sjournal?after=%d", root, x.Number-1)}
	line := strings.Replace(curl.Line(journal), " -i -X GET", "", 1)
	return line + " | jq -j '.exchanges[0].body'"
}

// variable returns the name of the shell variable for a credential that was redacted in a
// header or, if header is "", elsewhere.
func variable(header, _ string) string {
	switch header {
	case ges.TokenHeader:
		return "GESCONFORM_TOKEN" // as in the fake's env file
	case "":
		return "GESCONFORM_CREDENTIAL" // of any kind
	default:
		return "GESCONFORM_" + notInNames.ReplaceAllString(strings.ToUpper(strings.TrimPrefix(header, "X-")), "_")
	}
}
