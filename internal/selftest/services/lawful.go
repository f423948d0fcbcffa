package services

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// A sample has the requests that show the variations that each service has.
type sample struct {
	read    Request // answered with JSON that has texts, slashes and whole numbers
	times   Request // answered with JSON that has times
	invalid Request // breaks a rule, without credentials
	bare    Request // lacks credentials
}

// lawful returns the variations that each service has.
func lawful(q sample) []Twist {
	head := Request{Method: http.MethodHead, Path: q.read.Path, Header: q.read.Header}
	unknown, long, packed := q.read, q.read, q.read
	unknown.Path += "?utm_source=newsletter"
	long.Header = append(slices.Clone(q.read.Header), "X-Trace: "+strings.Repeat("0f", 3000))
	packed.Header = append(slices.Clone(q.read.Header), "Accept-Encoding: gzip")
	busy := slices.Repeat([]Request{q.read}, 13)
	twist := func(name, summary string, change edit, trigger ...Request) Twist {
		return Twist{Name: name, Summary: summary, change: change, trigger: trigger}
	}
	return []Twist{
		twist("more-headers", "answers have headers that no document names", answers("", 0, moreHeaders), q.read),
		twist("charset", "the media type has a charset", answers("", 0, retyped(func(m string) string { return m + ";charset=UTF-8" })), q.read),
		twist("media-type-case", "the media type is in upper case", answers("", 0, retyped(strings.ToUpper)), q.read),
		twist("chunked", "bodies come in chunks, without a length", answers("", 0, chunked), q.read),
		twist("compressed", "bodies are compressed for those who accept it", answers("", 0, compressed), packed),
		twist("connection-close", "the connection ends with each answer", closing(1), q.read),
		twist("keep-alive-limit", "the connection ends with each fifth answer", closing(5), busy...),
		twist("head-refused", "HEAD is refused with 405 where it is not documented", headRefused, head),
		twist("throttled", "each seventh call is refused with 429", sometimes(7, http.StatusTooManyRequests), busy...),
		twist("overloaded", "each eleventh call is refused with 503", sometimes(11, http.StatusServiceUnavailable), busy...),
		twist("indented", "JSON is indented and ends in a new line", encoded(indented), q.read),
		twist("escaped-slashes", "slashes in JSON are escaped", encoded(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("/"), []byte(`\/`)) }), q.read),
		twist("escaped-unicode", "JSON is in ASCII", both(answers("", 0, unmade(foreign)), encoded(inASCII)), q.read),
		twist("unicode", "texts are in several scripts", answers("", 0, unmade(foreign)), q.read),
		twist("fractions-of-zero", "integers in JSON are written as 7.0", answers("", 0, wholes("%d.0")), q.read),
		twist("exponents", "integers in JSON are written as 7e0", answers("", 0, wholes("%de0")), q.read),
		twist("offsets", "times are local, with fractions of a second", answers("", 0, localTimes), q.times),
		twist("several-challenges", "a 401 has a challenge for each scheme", answers("", 401, challenges), q.bare),
		twist("validation-first", "parameters are judged before credentials", validationFirst, q.invalid),
		twist("headers-too-large", "large headers are refused with 431", steppedFirst(headersTooLarge), long),
		twist("strict-parameters", "query parameters that no document names are refused with 400", strictParameters, unknown),
	}
}

func moreHeaders(_ *call, a *reply) {
	a.header.Set("Server", "nginx")
	a.header.Set("Vary", "Accept-Encoding, Authorization")
	a.header.Set("Strict-Transport-Security", "max-age=31536000")
	a.header["Set-Cookie"] = []string{"route=a7; Path=/; HttpOnly", "lang=en; Path=/"}
}

// retyped changes media types that have no parameters yet.
func retyped(change func(string) string) touch {
	return func(_ *call, a *reply) {
		if a.media != "" && !strings.Contains(a.media, ";") {
			a.media = change(a.media)
		}
	}
}

func chunked(_ *call, a *reply) {
	a.writer = func(w http.ResponseWriter, c *call, a *reply, body []byte) {
		w.WriteHeader(a.status)
		if c.Method == http.MethodHead {
			return
		}
		for part := range slices.Chunk(body, 50) {
			_, _ = w.Write(part)
			_ = http.NewResponseController(w).Flush()
		}
	}
}

func compressed(c *call, a *reply) {
	if a.media == "" || !strings.Contains(c.Header.Get("Accept-Encoding"), "gzip") || c.Method == http.MethodHead {
		return
	}
	a.header.Set("Content-Encoding", "gzip")
	a.header.Set("Vary", "Accept-Encoding")
	a.writer = func(w http.ResponseWriter, _ *call, a *reply, body []byte) {
		w.WriteHeader(a.status)
		z := gzip.NewWriter(w)
		_, _ = z.Write(body)
		_ = z.Close()
	}
}

// closing ends the connection with each nth answer.
func closing(n int) edit {
	return answers("", 0, func(c *call, a *reply) {
		if c.server.calls%n == 0 {
			a.header.Set("Connection", "close")
		}
	})
}

// headRefused does not answer HEAD as GET unless the document says so.
func headRefused(s *server) {
	s.layers = append(s.layers, func(next http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/", next)
		for _, o := range s.ops {
			method, path, _ := strings.Cut(o.route, " ")
			documented := slices.ContainsFunc(s.ops, func(o *operation) bool { return o.route == "HEAD "+path })
			if method == http.MethodGet && !documented {
				mux.HandleFunc("HEAD "+path, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Allow", "GET")
					w.WriteHeader(http.StatusMethodNotAllowed)
				})
			}
		}
		return mux
	})
}

// steppedFirst has a step before all others.
func steppedFirst(first step) edit {
	return func(s *server) { s.steps = slices.Insert(s.steps, 0, first) }
}

// sometimes refuses each nth call, and asks to come again at once.
func sometimes(n, status int) edit {
	return steppedFirst(func(c *call) *reply {
		if (c.server.calls+c.server.offset)%n != 0 {
			return nil
		}
		return c.server.refusal(status, "busy", "there is too much to do").with("Retry-After", "0")
	})
}

func encoded(encode func([]byte) []byte) edit {
	return func(s *server) { s.encode = append(s.encode, encode) }
}

func indented(raw []byte) []byte {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "\t"); err != nil {
		return raw
	}
	return append(b.Bytes(), '\r', '\n')
}

func inASCII(raw []byte) []byte {
	var b strings.Builder
	for _, r := range string(raw) {
		switch high, low := utf16.EncodeRune(r); {
		case r < 0x80:
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04X`, r)
		}
	}
	return []byte(b.String())
}

// foreign has names in several scripts, with signs beyond the basic plane.
func foreign(c *call, a *reply) {
	everywhere(func(name string, v any) (any, bool) {
		if s, isText := v.(string); isText && slices.Contains([]string{"name", "title", "message", "note", "by", "detail"}, name) {
			return "Жžß漢字\u00a0😀 e\u0301 " + s, true
		}
		return v, true
	})(c, a)
}

// wholes writes integers in another way; both are the same number.
func wholes(format string) touch {
	return everywhere(func(_ string, v any) (any, bool) {
		if n, whole := v.(int); whole {
			return json.RawMessage(fmt.Sprintf(format, n)), true
		}
		return v, true
	})
}

// localTimes writes times with another offset and with a fraction.
func localTimes(c *call, a *reply) {
	everywhere(func(_ string, v any) (any, bool) {
		if s, isText := v.(string); isText && dateTime.MatchString(s) {
			if at, err := time.Parse(time.RFC3339, s); err == nil {
				return at.In(time.FixedZone("", 5*3600+1800)).Format("2006-01-02T15:04:05.000007Z07:00"), true
			}
		}
		return v, true
	})(c, a)
}

func challenges(_ *call, a *reply) {
	a.header.Add("Www-Authenticate", `Basic realm="all", charset="UTF-8"`)
}

func validationFirst(s *server) {
	s.steps = []step{readBody, acceptable, checkParameters, checkBody, authenticate}
}

func headersTooLarge(c *call) *reply {
	size := 0
	for name, values := range c.Header {
		size += len(name) + len(strings.Join(values, ""))
	}
	if size < 4000 {
		return nil
	}
	return c.server.refusal(http.StatusRequestHeaderFieldsTooLarge, "other", "the headers are too large")
}

var deepMember = regexp.MustCompile(`\[.*`)

// strictParameters refuses what the document does not name. The keys of schemes stand in the query, too.
func strictParameters(s *server) {
	s.steps = slices.Insert(s.steps, 1, func(c *call) *reply {
		for key := range c.query {
			name := deepMember.ReplaceAllString(key, "")
			known := slices.ContainsFunc(c.op.params, func(p *param) bool {
				return p.in == "query" && (p.name == name || p.style == "" && p.rule.fields[name] != nil)
			})
			if !known && name != "feed_key" {
				return c.server.invalid(c, name+": is not known")
			}
		}
		return nil
	})
}
