// Package curl writes an HTTP request as a curl command for a POSIX shell. Whatever the
// request contains, the command is one line of plain text, and curl sends exactly its
// bytes.
package curl

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// LongestInlineBody is the longest body that fits into a readable command. (A shell would
// take 128 KiB.)
const LongestInlineBody = 2048

// A Request is the request to write.
type Request struct {
	Method string
	URL    string
	Header http.Header
	// Complete is whether the header has all that was sent, so that curl must add nothing.
	Complete bool
	Body     []byte // nil for none
	// From is a command that prints the body, if it should not be in the line.
	From   string
	Secret Secret
}

// PseudoHeader is the name that stands for the URL where a header's is asked for, as in HTTP/2.
const PseudoHeader = ":path"

// A Secret says what replaces credentials in a request. The command has a variable there,
// in double quotes, which the shell expands.
type Secret struct {
	Pattern *regexp.Regexp // nil if there is none
	// Variable returns the name of the variable for what the pattern matched in the value
	// of a header or, if header is "", in the body; PseudoHeader is the URL. "" leaves the match
	// unchanged.
	Variable func(header, found string) string
}

// BodyOf returns the body that net/http has sent for one that was recorded: without content it
// sends one only for methods that want one.
func BodyOf(method string, recorded []byte) []byte {
	wanted := method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
	switch {
	case len(recorded) > 0:
		return recorded
	case wanted:
		return []byte{}
	}
	return nil
}

// longestUnasked is the longest body that every version of curl sends without asking first
// (Expect: 100-continue).
const longestUnasked = 1024

var (
	globs = regexp.MustCompile(`[\[\]{}]`)
	// dots are what curl would remove from a path.
	dots = regexp.MustCompile(`(?i)/(\.|%2e)`)
)

// Line returns the request as a curl command.
func Line(r *Request) string {
	hasBody := r.Body != nil || r.From != ""
	words := []string{"curl", "-sS", "-i"}
	switch {
	case r.Method == http.MethodHead && !hasBody:
		words = append(words, "--head") // -X HEAD would wait for a body
	case r.Method == http.MethodHead: // --head allows no body, so the server has to end the wait
		words = append(words, "-X", r.Method, "--ignore-content-length")
	default:
		words = append(words, "-X", word(r.Method))
	}
	if globs.MatchString(r.URL) {
		words = append(words, "--globoff")
	}
	if dots.MatchString(r.URL) {
		words = append(words, "--path-as-is")
	}
	if strings.HasPrefix(r.URL, "https:") && r.Header.Get("Transfer-Encoding") != "" {
		words = append(words, "--http1.1") // HTTP/2 has no such header
	}
	words = append(words, r.Secret.quote(PseudoHeader, "", r.URL))
	words = append(words, r.headers()...)
	words = append(words, r.without(hasBody)...)
	source, data := r.data()
	return source + strings.Join(append(words, data...), " ")
}

func (r *Request) headers() []string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			if name == "Content-Length" && value == strconv.Itoa(len(r.Body)) {
				continue // curl computes it
			}
			if value = strings.Trim(value, " \t"); value == "" { // as net/http writes it
				words = append(words, "-H", quote(name+";")) // with a colon, curl would omit it
				continue
			}
			words = append(words, "-H", r.Secret.quote(name, name+": ", value))
		}
	}
	return words
}

// without returns the arguments that keep curl from sending headers of its own.
func (r *Request) without(hasBody bool) []string {
	var words []string
	for _, own := range []struct {
		name  string
		added bool
	}{
		{"Accept", r.Complete}, {"User-Agent", r.Complete}, {"Content-Type", hasBody},
		{"Expect", r.From != "" || len(r.Body) > longestUnasked},
	} {
		if own.added && len(r.Header.Values(own.name)) == 0 {
			words = append(words, "-H", quote(own.name+":"))
		}
	}
	if r.Method == http.MethodHead && hasBody && len(r.Header.Values("Connection")) == 0 {
		words = append(words, "-H", "'Connection: close'")
	}
	return words
}

// data returns the command whose output is piped into curl, if any, and curl's arguments.
func (r *Request) data() (source string, words []string) {
	body := string(r.Body)
	switch {
	case r.From != "":
		source = r.From
	case r.Body == nil:
		return "", nil
	case plain(body) && !blank.MatchString(body):
		return "", []string{"--data-raw", r.Secret.quote("", "", body)} // raw, so that a leading @ is not a file name
	default:
		source = "printf " + r.Secret.printf(body)
	}
	return source + " | ", []string{"--data-binary", "@-"}
}

// A part of a text is plain text or a variable.
type part struct {
	text     string
	variable string
}

// split finds the variables in the value of a header or, if header is "", another text.
func (s Secret) split(header, text string) []part {
	if s.Pattern == nil {
		return []part{{text: text}}
	}
	var parts []part
	end := 0
	for _, at := range s.Pattern.FindAllStringIndex(text, -1) {
		variable := s.Variable(header, text[at[0]:at[1]])
		if variable == "" {
			continue
		}
		parts = append(parts, part{text: text[end:at[0]]}, part{variable: variable})
		end = at[1]
	}
	return append(parts, part{text: text[end:]})
}

// quote returns before and a text as one shell word, with the text's variables.
func (s Secret) quote(header, before, text string) string {
	parts := s.split(header, text)
	if len(parts) == 1 {
		return quote(before + text)
	}
	var b strings.Builder
	b.WriteString(inDoubleQuotes(before))
	inQuery := false
	for i, p := range parts {
		inQuery = inQuery || header == PseudoHeader && strings.Contains(p.text, "?")
		switch {
		case p.variable == "":
			b.WriteString(inDoubleQuotes(p.text))
		case inQuery: // where it is sent escaped
			b.WriteString(`$(printf %s "$` + p.variable + `" | jq -sRr @uri)`)
		case parts[i+1].text != "" && isNameByte(parts[i+1].text[0]):
			b.WriteString("${" + p.variable + "}")
		default:
			b.WriteString("$" + p.variable)
		}
	}
	return `"` + b.String() + `"`
}

// blank matches white space that is too long to be written in a command.
var blank = regexp.MustCompile(` {64,}`)

// printf returns a text as the arguments of printf. Command substitution would lose
// trailing line feeds.
func (s Secret) printf(text string) string {
	var b strings.Builder
	var variables []string
	for _, p := range s.split("", text) {
		if p.variable == "" {
			end := 0
			for _, at := range blank.FindAllStringIndex(p.text, -1) {
				b.WriteString(escaped(p.text[end:at[0]], b.Len() == 0) + "%" + strconv.Itoa(at[1]-at[0]) + "s")
				variables, end = append(variables, " ''"), at[1]
			}
			b.WriteString(escaped(p.text[end:], b.Len() == 0))
			continue
		}
		b.WriteString("%s")
		variables = append(variables, ` "$`+p.variable+`"`)
	}
	return "'" + b.String() + "'" + strings.Join(variables, "")
}

func isNameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
