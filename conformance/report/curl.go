package report

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gesconform/gesconform/conformance/judge"
)

// longestInlineBody is the most that stands in a curl line; what is longer is
// taken out of the log of exchanges. (A shell would take 128 KiB.)
const longestInlineBody = 2048

// Curl writes the request of an exchange as a line to copy and paste into a
// POSIX shell. What was redacted is a variable in double quotes, which the
// shell fills in. A body that is not plain text goes through printf; one that
// is too long for a line is read from exchanges.jsonl in the working directory.
func Curl(x judge.Exchange) string {
	r := &x.Request
	words := []string{"curl", "-sS", "-i"}
	if r.Method == http.MethodHead {
		words = append(words, "--head") // -X HEAD would wait for a body
	} else {
		words = append(words, "-X", shellWord(r.Method))
	}
	if strings.ContainsAny(x.URL, "[]{}") {
		words = append(words, "--globoff")
	}
	if strings.Contains(x.URL, "/.") {
		words = append(words, "--path-as-is")
	}
	words = append(words, shellQuote(x.URL))
	words = append(words, curlHeaders(r.Header, r.Body)...)
	source, data := curlBody(&x)
	return source + strings.Join(append(words, data...), " ")
}

func curlHeaders(h http.Header, body []byte) []string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			if name == "Content-Length" && value == strconv.Itoa(len(body)) {
				continue
			}
			words = append(words, "-H", curlHeader(name, value))
		}
	}
	if len(h.Values("Content-Type")) == 0 && body != nil {
		words = append(words, "-H", "'Content-Type:'") // or curl would send its own
	}
	return words
}

// redacted finds the variables that stand for credentials. An alteration may
// follow at once, so that a name ends with TOKEN where it can.
var redacted = regexp.MustCompile(`\$(GESCONFORM_(?:[A-Z0-9]+_)*?TOKEN|GESCONFORM_[A-Z0-9_]*[A-Z0-9])`)

func curlHeader(name, value string) string {
	if value == "" {
		return shellQuote(name + ";") // with a colon, curl would leave it out
	}
	secrets := redacted.FindAllStringSubmatchIndex(value, -1)
	if len(secrets) == 0 {
		return shellQuote(name + ": " + value)
	}
	var b strings.Builder
	b.WriteString(`"` + inDoubleQuotes(name+": "))
	end := 0
	for _, at := range secrets {
		b.WriteString(inDoubleQuotes(value[end:at[0]]))
		variable := value[at[2]:at[3]]
		end = at[1]
		if end < len(value) && isNameByte(value[end]) {
			b.WriteString("${" + variable + "}")
		} else {
			b.WriteString("$" + variable)
		}
	}
	b.WriteString(inDoubleQuotes(value[end:]) + `"`)
	return b.String()
}

func isNameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// curlBody returns what stands before curl and feeds it, and curl's own words.
func curlBody(x *judge.Exchange) (source string, words []string) {
	body := string(x.Request.Body)
	switch {
	case x.Request.Body == nil:
		return "", nil
	case len(body) > longestInlineBody:
		return loggedBody(x.Sequence, body) + " | ", []string{"--data-binary", "@-"}
	case plain(body):
		return "", []string{"--data-raw", shellQuote(body)} // raw: a leading @ names no file
	default:
		return "printf " + printfFormat(body) + " | ", []string{"--data-binary", "@-"}
	}
}

func loggedBody(sequence int, body string) string {
	if utf8.ValidString(body) {
		return fmt.Sprintf("jq -j 'select(.sequence == %d).request.body' %s", sequence, ExchangesFile)
	}
	return fmt.Sprintf("jq -j 'select(.sequence == %d).request.body.base64' %s | base64 -d", sequence, ExchangesFile)
}

// plain reports whether a text can stand in quotes on a line, and be read.
func plain(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

var shellSafe = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)

// shellWord quotes s where it must be.
func shellWord(s string) string {
	if shellSafe.MatchString(s) {
		return s
	}
	return shellQuote(s)
}

// shellQuote writes s as one word of a POSIX shell.
func shellQuote(s string) string {
	if !plain(s) {
		return `"$(printf ` + printfFormat(s) + `)"`
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// inDoubleQuotes writes s to stand between double quotes, with all that it has
// of a shell's meaning taken from it.
func inDoubleQuotes(s string) string {
	if !plain(s) {
		return `$(printf ` + printfFormat(s) + `)`
	}
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`", "!", `"'!'"`).Replace(s)
}

// printfFormat writes s as a quoted format for printf. All that is not plain
// ASCII is octal, which every printf knows; so is a leading dash, which would
// be an option.
func printfFormat(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\\':
			b.WriteString(`\\`)
		case c == '%':
			b.WriteString(`%%`)
		case c < ' ' || c > '~' || c == '\'' || c == '-' && i == 0:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return "'" + b.String() + "'"
}
