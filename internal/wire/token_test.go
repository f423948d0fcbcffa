package wire_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/wire"
)

const (
	firstToken  = "planted-first-token"
	secondToken = "planted-second-token"
)

// A door is a server that accepts the current token, and records the tokens that it receives.
type door struct {
	mu    sync.Mutex
	valid string
	code  string // the error code of a refusal
	seen  []string
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	token := r.Header.Get("X-Auth-Token")
	d.seen = append(d.seen, r.Method+" "+token)
	w.Header().Set("Content-Type", "application/json")
	if token != d.valid {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, `{"error_code":%q,"error_msg":"not %s"}`, d.code, token)
		return
	}
	_, _ = io.WriteString(w, "{}")
}

func (d *door) let(t *testing.T, valid string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.valid = valid
}

func withMark(method string) cases.Template {
	c := config.Default()
	return cases.Template{Method: method, Path: "/v2/p/graphs/g", Headers: []cases.Header{{Name: "X-Auth-Token", Value: wire.AuthToken(&c)}}}
}

// A refused token is read again, and the request is sent once more if the service cannot have
// acted on it. This is not done for every refusal.
func TestTokensAreRenewed(t *testing.T) {
	for name, tt := range map[string]struct {
		method, code string
		again        bool
	}{
		"a read":                          {http.MethodGet, "APIGW.0301", true},
		"a read refused by the service":   {http.MethodGet, "GES.8007", true},
		"an upgrade":                      {http.MethodPost, "APIGW.0301", true},
		"one refused by the service":      {http.MethodPost, "GES.8007", false},
		"one refused with the old prefix": {http.MethodPost, "APIG.0301", true},
	} {
		t.Run(name, func(t *testing.T) {
			d := &door{valid: firstToken, code: tt.code}
			server := httptest.NewServer(d)
			defer server.Close()
			file := filepath.Join(t.TempDir(), "token")
			write := func(token string) {
				if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write(firstToken)
			tt2 := to(t, server.URL, func(c *config.Config) { c.Token, c.TokenFile = "", file })
			now := time.Now()
			tt2.SetTokenClock(func() time.Time { return now })
			send := func() exchange.Exchange { return tt2.Send(t.Context(), "case", "aim", withMark(tt.method)) }
			if x := send(); x.Failure != nil || x.Status() != http.StatusOK || x.Attempt != 1 {
				t.Fatalf("got %+v", x)
			}
			d.let(t, secondToken)
			write(secondToken)
			if x := send(); x.Status() != http.StatusUnauthorized || x.Attempt != 1 {
				t.Errorf("at once after the first: got %d at attempt %d", x.Status(), x.Attempt)
			}
			now = now.Add(time.Minute)
			x := send()
			if again := x.Status() == http.StatusOK && x.Attempt == 2; again != tt.again {
				t.Errorf("a minute later: got %d at attempt %d", x.Status(), x.Attempt)
			}
			kept, err := json.Marshal(x)
			if err != nil || strings.Contains(string(kept), "planted") {
				t.Errorf("expected no token in the exchange, got %s, %v", kept, err)
			}
			if tt.again && !strings.Contains(string(kept), `"X-Auth-Token":["$GESCONFORM_TOKEN"]`) {
				t.Errorf("expected a variable instead of the token, got %s", kept)
			}
		})
	}
}

// A token whose expiry is known is fetched again before it expires.
func TestTokensAreRenewedBeforeTheyEnd(t *testing.T) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05.000000Z", "2006-01-02T15:04:05-0700"} {
		t.Run(layout, func(t *testing.T) {
			d := &door{valid: firstToken, code: "APIGW.0301"}
			server := httptest.NewServer(d)
			defer server.Close()
			now := time.Now()
			issued := func(token string, ends time.Time) []byte {
				return fmt.Appendf(nil, `{"expires": %q, "id": %q, "project_id": "p", "user_id": "u"}`, ends.UTC().Format(layout), token)
			}
			file := filepath.Join(t.TempDir(), "token.json")
			write := func(text []byte) {
				if err := os.WriteFile(file, text, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write(issued(firstToken, now.Add(time.Hour)))
			tt := to(t, server.URL, func(c *config.Config) { c.Token, c.TokenCommand = "", "cat '"+file+"'" })
			tt.SetTokenClock(func() time.Time { return now })
			for _, step := range []struct {
				later time.Duration
				valid string
			}{{0, firstToken}, {50 * time.Minute, firstToken}, {56 * time.Minute, secondToken}} {
				now = now.Add(step.later)
				if step.valid == secondToken {
					d.let(t, secondToken)
				}
				x := tt.Send(t.Context(), "case", "aim", withMark(http.MethodPost))
				if x.Failure != nil || x.Status() != http.StatusOK || x.Attempt != 1 {
					t.Errorf("after %s: expected 200 at the first attempt, got %+v", step.later, x)
				}
				now = now.Add(-step.later)
				write(issued(secondToken, now.Add(24*time.Hour)))
			}
		})
	}
}

// The command runs when a token is first needed, and not again for each request.
func TestTokenCommand(t *testing.T) {
	d := &door{valid: firstToken, code: "APIGW.0301"}
	server := httptest.NewServer(d)
	defer server.Close()
	dir := t.TempDir()
	runs := filepath.Join(dir, "runs")
	command := fmt.Sprintf("echo x >> '%s'; echo ' %s '; echo password=secret-noise >&2", runs, firstToken)
	tt := to(t, server.URL, func(c *config.Config) { c.Token, c.TokenCommand = "", command })
	if _, err := os.Stat(runs); err == nil {
		t.Error("expected the command not to run before a token is needed")
	}
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if x := tt.Send(t.Context(), "case", "aim", withMark(http.MethodGet)); x.Status() != http.StatusOK {
				t.Errorf("got %+v", x)
			}
		})
	}
	all.Wait()
	if text, err := os.ReadFile(runs); err != nil || string(text) != "x\n" {
		t.Errorf("expected the command to run once, got %q, %v", text, err)
	}
	c := config.Default()
	tampered := withMark(http.MethodGet)
	tampered.Headers[0].Value = wire.TamperedToken(&c)
	if x := tt.Send(t.Context(), "case", "aim", tampered); x.Status() != http.StatusUnauthorized || x.Attempt != 1 || x.Request.Header.Get("X-Auth-Token") != "$GESCONFORM_TOKEN_TAMPERED" {
		t.Errorf("tampered token: got %+v", x)
	}
}

func TestTokensThatAreNone(t *testing.T) {
	d := &door{}
	server := httptest.NewServer(d)
	defer server.Close()
	file := func(text string) string { return written(t, text) }
	for name, tt := range map[string]struct{ file, command, want string }{
		"no file":          {filepath.Join(t.TempDir(), "none"), "", "token-file: expected a file with a token, got: /"},
		"a folder":         {t.TempDir(), "", "token-file: expected a file with a token, got: /"},
		"empty":            {file(" \n"), "", "token-file: expected a token, got nothing"},
		"two words":        {file("planted secret"), "", "token-file: expected a token and nothing else, got several words"},
		"in quotes":        {file(`"planted"`), "", "token-file: expected a token and nothing else, got quotes around it"},
		"binary":           {file("\xff\xfe\x00planted\x80\x81"), "", "token-file: expected a token, got characters that no token has"},
		"two, in UTF-16":   {file("\xff\xfea\x00 \x00b\x00"), "", "token-file: expected a token and nothing else, got several words"},
		"long":             {file(strings.Repeat("x", 70_000)), "", "token-file: expected a token, got more than 65536 bytes"},
		"JSON of no token": {file(`{"token":"planted secret"}`), "", "token-file: expected id and expires in JSON, as `openstack token issue -f json` prints them"},
		"JSON of half one": {file(`{"id":"planted`), "", "token-file: expected id and expires in JSON"},
		"JSON without id":  {file(`{"expires":"2026-11-24T04:00:00Z"}`), "", "token-file: expected a token, got nothing"},
		"JSON of no time":  {file(`{"id":"planted","expires":"soon"}`), "", "token-file: expires: expected a time such as"},
		"command fails":    {"", "echo no ticket for password=planted >&2; exit 3", "token-command: expected a token on its standard output, got: exit status 3; it wrote: no ticket for password=…"},
		"command is mute":  {"", "true", "token-command: expected a token, got nothing"},
		"command is no":    {"", "no-such-command-here 2>/dev/null", "token-command: expected a token on its standard output, got: exit status 127, as for a command that is not there"},
		"command prattles": {"", "yes", "token-command: expected a token on its standard output, got: more than 65536 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			x := to(t, server.URL, func(c *config.Config) { c.Token, c.TokenFile, c.TokenCommand = "", tt.file, tt.command }).
				Send(t.Context(), "case", "aim", withMark(http.MethodGet))
			if x.Failure == nil || x.Failure.Kind != exchange.NotSent || !strings.HasPrefix(x.Failure.Message, tt.want) || strings.Contains(x.Failure.Message, "planted") {
				t.Errorf("expected %q, got %+v", tt.want, x.Failure)
			}
		})
	}
	if len(d.seen) != 0 {
		t.Errorf("expected no request, got the tokens %q", d.seen)
	}
}

// A source that fails is tried again after a while that grows, and not for each request: an
// account may be locked.
func TestFailingSourcesAreLeftAlone(t *testing.T) {
	runs := filepath.Join(t.TempDir(), "runs")
	tt := to(t, "http://127.0.0.1:1", func(c *config.Config) {
		c.Token, c.TokenCommand = "", "echo x >> '"+runs+"'; echo no ticket >&2; false"
	})
	now := time.Now()
	tt.SetTokenClock(func() time.Time { return now })
	for i, step := range []struct {
		after time.Duration
		runs  int
	}{{0, 1}, {0, 1}, {29 * time.Second, 1}, {2 * time.Second, 2}, {59 * time.Second, 2}, {2 * time.Second, 3}, {119 * time.Second, 3}, {2 * time.Second, 4}, {time.Hour, 5}, {9 * time.Minute, 6}, {9 * time.Minute, 6}, {2 * time.Minute, 7}} {
		now = now.Add(step.after)
		x := tt.Send(t.Context(), "case", "aim", withMark(http.MethodGet))
		if want := "token-command: expected a token on its standard output, got: exit status 1; it wrote: no ticket"; x.Failure == nil || x.Failure.Message != want {
			t.Errorf("step %d: expected %q, got %+v", i, want, x.Failure)
		}
		if text, err := os.ReadFile(runs); err != nil || len(text)/2 != step.runs {
			t.Errorf("step %d: expected %d runs of the command, got %d, %v", i, step.runs, len(text)/2, err)
		}
	}
}

// An interrupt ends the wait for a pipe to which nobody writes.
func TestTokenFileIsInterrupted(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	tt := to(t, "http://127.0.0.1:1", func(c *config.Config) { c.Token, c.TokenFile = "", pipe })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if x := tt.Send(ctx, "case", "aim", withMark(http.MethodGet)); x.Failure == nil || x.Failure.Kind != exchange.Interrupted {
		t.Errorf("got %+v", x.Failure)
	}
	writer, err := os.OpenFile(pipe, os.O_RDWR, 0) // lets the reader go
	if err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
}

// A command's complaint is quoted without what looks like a credential.
func TestComplaints(t *testing.T) {
	for text, want := range map[string]string{
		"": "", " \n": "",
		"no ticket\nfor you\n":                 "; it wrote: no ticket for you",
		"password=hunter2 is wrong":            "; it wrote: password=… is wrong",
		`{"secret": "hunter2"}`:                `; it wrote: {"secret": …`,
		"Authorization: Bearer abc":            "; it wrote: Authorization: …",
		"the key is not found":                 "; it wrote: the key is not found",
		"got MIIFAwYJKoZIhvcNAQcCoIIE9DCCBPAC": "; it wrote: got …",
		"\x1b[31mred":                          `; it wrote: \x1b[31mred`,
	} {
		if got := wire.Complaint(text); got != want {
			t.Errorf("%q: expected %q, got %q", text, want, got)
		}
	}
	if got := wire.Complaint(strings.Repeat("far too much ", 100)); len(got) > 330 {
		t.Errorf("expected the end of it, got %d bytes", len(got))
	}
}

// An interrupt ends a command that hangs, and is not held up by what the command has started.
func TestTokenCommandIsInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the second that such a process is given; the whole test runs without -short")
	}
	t.Parallel()
	begun, held := filepath.Join(t.TempDir(), "begun"), filepath.Join(t.TempDir(), "held")
	for _, pipe := range []string{begun, held} {
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The process in parentheses outlives the command, with the same standard output, until held is closed.
	tt := to(t, "http://127.0.0.1:1", func(c *config.Config) { c.Token, c.TokenCommand = "", "(echo >'"+begun+"'; cat '"+held+"'); true" })
	holder, err := os.OpenFile(held, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		_, _ = os.ReadFile(begun) // blocks until the command writes
	}()
	x := tt.Send(ctx, "case", "aim", withMark(http.MethodGet))
	if x.Failure == nil || x.Failure.Kind != exchange.Interrupted {
		t.Errorf("got %+v", x.Failure)
	}
}

// Editors on Windows begin a file with a byte order mark, and PowerShell writes UTF-16.
func TestTokenFilesOfWindows(t *testing.T) {
	d := &door{}
	server := httptest.NewServer(d)
	defer server.Close()
	for name, text := range map[string]string{
		"UTF-8 with a mark":     "\ufeffa-token\r\n",
		"UTF-16, little-endian": "\xff\xfe" + "a\x00-\x00t\x00o\x00k\x00e\x00n\x00\r\x00\n\x00",
		"UTF-16, big-endian":    "\xfe\xff" + "\x00a\x00-\x00t\x00o\x00k\x00e\x00n\x00\r\x00\n",
		"JSON with a mark":      "\ufeff" + `{"id":"a-token","expires":"2999-01-01T00:00:00Z"}`,
	} {
		d.let(t, "a-token")
		x := to(t, server.URL, func(c *config.Config) { c.Token, c.TokenFile = "", written(t, text) }).Send(t.Context(), "case", "aim", withMark(http.MethodGet))
		if x.Status() != http.StatusOK {
			t.Errorf("%s: got %+v", name, x)
		}
	}
}
