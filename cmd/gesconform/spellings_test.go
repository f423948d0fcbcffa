package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
	"github.com/gesconform/gesconform/internal/selftest/spelt"
)

// An answerPart is a place in an answer where a token can stand.
type answerPart struct {
	name  string
	write func(r *rand.Rand, a *rawAnswer, token, written string)
}

// A rawAnswer is an answer as it goes over the wire.
type rawAnswer struct {
	reason, body string
	fields       []string
	trailer      string
	cut          bool
}

func (a *rawAnswer) write(c net.Conn) {
	all := append([]string{"HTTP/1.1 404 " + a.reason, "Content-Type: application/json", "Connection: close"}, a.fields...)
	switch {
	case a.trailer != "":
		all = append(all, "Transfer-Encoding: chunked")
	case a.cut:
		all = append(all, fmt.Sprintf("Content-Length: %d", len(a.body)+100))
	default:
		all = append(all, fmt.Sprintf("Content-Length: %d", len(a.body)))
	}
	text := strings.Join(all, "\r\n") + "\r\n\r\n"
	if a.trailer != "" {
		half := len(a.body) / 2
		text += fmt.Sprintf("%x\r\n%s\r\n%x\r\n%s\r\n0\r\n%s\r\n\r\n", half, a.body[:half], len(a.body)-half, a.body[half:], a.trailer)
	} else {
		text += a.body
	}
	_, _ = io.WriteString(c, text)
}

// refusal is an error body with a message.
func refusal(message any) string {
	text, _ := json.Marshal(map[string]any{"error_code": "GES.0001", "error_msg": message}) // texts can always be marshalled
	return string(text)
}

// answerParts are the places. Those in a head get the token in base64 if it cannot be written
// there as it is.
var answerParts = []answerPart{
	{"a body that is no JSON", func(_ *rand.Rand, a *rawAnswer, _, written string) { a.body = "unknown token " + written }},
	{"a member", func(_ *rand.Rand, a *rawAnswer, _, written string) { a.body = refusal("unknown token " + written) }},
	{"the name of a member", func(_ *rand.Rand, a *rawAnswer, _, written string) { a.body = refusal(map[string]int{written: 1}) }},
	{"two members", func(r *rand.Rand, a *rawAnswer, token, _ string) {
		at := 1 + r.IntN(len(token)-1)
		a.body = refusal(map[string]string{"begins": token[:at], "ends": token[at:]})
	}},
	{"a body that is cut", func(_ *rand.Rand, a *rawAnswer, _, written string) { a.body, a.cut = `{"error_msg":"`+written, true }},
	{"far in a body", func(r *rand.Rand, a *rawAnswer, _, written string) {
		a.body = refusal(strings.Repeat(". ", max(32<<10-r.IntN(len(written)), 0)) + written + strings.Repeat(" .", r.IntN(1<<10)))
	}},
	{"a header", func(_ *rand.Rand, a *rawAnswer, token, written string) {
		a.fields = append(a.fields, "X-Echo: you sent "+forHead(token, written))
	}},
	{"the name of a header", func(_ *rand.Rand, a *rawAnswer, token, _ string) {
		a.fields = append(a.fields, "X-"+strings.NewReplacer("/", "_", "=", "").Replace(token)+": 1")
	}},
	{"two headers", func(r *rand.Rand, a *rawAnswer, token, _ string) {
		at := 1 + r.IntN(len(token)-1)
		a.fields = append(a.fields, "X-Begins: "+token[:at], "X-Ends: "+token[at:])
	}},
	{"a trailer", func(_ *rand.Rand, a *rawAnswer, token, written string) {
		if len(written) > longestTrailer {
			written = token
		}
		a.trailer = "X-Echo: " + forHead(token, written)
	}},
	{"the reason phrase", func(_ *rand.Rand, a *rawAnswer, token, written string) { a.reason = "No " + forHead(token, written) }},
	{"a head that is no HTTP", func(_ *rand.Rand, a *rawAnswer, token, _ string) { a.fields = append(a.fields, "bad field "+token) }},
}

// longestTrailer is less than the buffer of net/http, which reads no longer ones.
const longestTrailer = 3 << 10

// forHead returns what is written, or the token if a head could not have that.
func forHead(token, written string) string {
	if len(written) > 8<<10 || strings.ContainsFunc(written, func(c rune) bool { return c < ' ' || c >= 0x7f }) {
		return token
	}
	return written
}

// Wherever an answer has a token, and however it is written there, nobody can read the token in
// what the run prints and writes, nobody whose answer has one is said to keep it to himself, and the
// recorded run is judged in the same way.
func TestNoSpellingOfATokenIsLeft(t *testing.T) {
	rounds := 2
	if os.Getenv(inprocess.TestAll) != "" {
		rounds = 40
	}
	seed := spelt.Seed()
	for round := range rounds {
		t.Run(fmt.Sprintf("round %d", round), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, uint64(round)))
			var mu sync.Mutex
			token, n := spelt.Token(r), round
			said := map[string]string{} // by the number of an answer, how it has the token
			server := serverOf(t, func(w http.ResponseWriter, q *http.Request) {
				_, _ = io.Copy(io.Discard, q.Body)
				if q.Method == http.MethodGet && strings.HasSuffix(q.URL.Path, "/graphs/53205529-026b-455a-9e07-228fae4b12b9") && q.Header.Get("X-Auth-Token") == token {
					_, _ = io.WriteString(w, `{"graph":{"id":"53205529-026b-455a-9e07-228fae4b12b9","name":"n","status":"200","data_store_version":"2.2.8"}}`)
					return
				}
				mu.Lock()
				n++
				part := answerParts[n%len(answerParts)]
				number := fmt.Sprintf("n%d", n)
				written, how := spelt.Random(r, token)
				for !utf8.ValidString(written) { // could not be told in JSON
					written, how = spelt.Random(r, token)
				}
				a := rawAnswer{reason: "Not Found", body: refusal("no"), fields: []string{"X-Number: " + number}}
				part.write(r, &a, token, written)
				if q.Method == http.MethodHead {
					a = rawAnswer{reason: "Not Found", fields: []string{"X-Number: " + number, "X-Echo: " + forHead(token, written)}}
				}
				said[number] = part.name + ", " + how
				mu.Unlock()
				onWire(a.write)(nil, w, q)
			})
			dir := t.TempDir()
			args := runArgs(server, "--token", token, "--github", "--verbose", "--recovery-timeout", "0s", "--concurrency", "1", "--label-filter", "showGraph && path", "--output", dir)
			c := call(t, []string{"GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "step-summary")}, args...)
			if c.status != exitDeviates || !strings.Contains(c.stdout, "answer.no-credentials") {
				t.Fatalf("seed %d: expected status 1 for the leak, got %d: %.1500s %.500s", seed, c.status, c.stdout, c.stderr)
			}
			seen := map[string]bool{}
			for name, text := range leftBy(t, c, dir) {
				if strings.HasSuffix(name, " as a browser reads it") {
					continue // what reads the text again decodes entities, too
				}
				for line := range strings.Lines(text) {
					if seen[line] {
						continue
					}
					seen[line] = true
					if read, usable := spelt.Usable(line, token); usable {
						t.Errorf("seed %d: %s shows %q: …%.300q…", seed, name, token, read)
					}
				}
			}
			leaks := 0
			for line := range strings.Lines(read(t, filepath.Join(dir, result.ExchangesFile))) {
				var x struct {
					Answer *struct{ Header map[string][]string }
					Leaked []string
				}
				if err := json.Unmarshal([]byte(line), &x); err != nil {
					t.Fatal(err)
				}
				if x.Answer == nil || len(x.Answer.Header["X-Number"]) == 0 {
					continue
				}
				if how := said[x.Answer.Header["X-Number"][0]]; !slices.ContainsFunc(x.Leaked, func(name string) bool { return strings.HasPrefix(name, "GESCONFORM_TOKEN") }) {
					t.Errorf("seed %d: %q, %s: expected a leak, got %q in %.600s", seed, token, how, x.Leaked, line)
				}
				leaks++
			}
			if leaks < 2*len(answerParts) {
				t.Errorf("expected each place twice, got %d answers: the test shows little", leaks)
			}
			before := read(t, filepath.Join(dir, result.JUnitFile))
			again := call(t, nil, "judge", dir)
			if again.status != exitDeviates || !strings.Contains(again.stdout, "answer.no-credentials") || read(t, filepath.Join(dir, result.JUnitFile)) != before {
				t.Errorf("seed %d: judged again: got %d: %.1500s", seed, again.status, again.stdout)
			}
		})
	}
}
