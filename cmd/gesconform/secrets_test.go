package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/selftest/inprocess"
	"github.com/gesconform/gesconform/internal/wire"
)

// marked are the credentials of runArgs, and the tampered token that a run makes.
var marked = []string{markedToken, markedReadonly, markedExpired, wire.Tampered(markedToken)}

// formsOf returns the encodings in which a secret could be written, by name.
func formsOf(secret string) map[string]string {
	return map[string]string{
		"as it is": secret, "base64": strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "="),
		"base64 of URLs": strings.TrimRight(base64.URLEncoding.EncodeToString([]byte(secret)), "="), "query": url.QueryEscape(secret), "path": url.PathEscape(secret),
		"JSON of PHP": strings.ReplaceAll(secret, "/", `\/`), "JSON of .NET": strings.ReplaceAll(secret, "+", `\u002B`),
		"HTML of Go": strings.ReplaceAll(secret, "+", "&#43;"), "HTML of others": strings.NewReplacer("/", "&#x2F;", "=", "&#x3D;").Replace(secret),
	}
}

// leftBy returns all texts that a call leaves: its output and the files in its folders,
// each also with HTML entities decoded.
func leftBy(t *testing.T, c outcome, folders ...string) map[string]string {
	t.Helper()
	texts := map[string]string{"stdout": c.stdout, "stderr": c.stderr}
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			texts[path] = string(text)
			texts[path+" as a browser reads it"] = html.UnescapeString(string(text))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return texts
}

// noneShown makes sure that no text contains a secret in any encoding.
func noneShown(t *testing.T, texts map[string]string, secrets ...string) {
	t.Helper()
	forms := map[string]string{} // many are alike
	for _, secret := range secrets {
		for form, written := range formsOf(secret) {
			forms[written] = form
		}
	}
	searched := map[string]bool{} // most are for a browser what they are
	for name, text := range texts {
		if searched[text] {
			continue
		}
		searched[text] = true
		for written, form := range forms {
			if i := strings.Index(text, written); i >= 0 {
				t.Errorf("%s holds a credential, %s: …%q…", name, form, text[max(0, i-60):min(len(text), i+60)])
			}
		}
	}
}

// echoing shows the graph of runArgs, and answers everything else with an echo of the
// request in its headers and body, in several encodings.
func echoing(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	token := r.Header.Get("X-Auth-Token")
	for name, values := range r.Header {
		for _, v := range values {
			w.Header().Add("X-Echo-"+name, v)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Base64", base64.StdEncoding.EncodeToString([]byte(token)))
	if r.Method == http.MethodGet && r.URL.Path == "/v2/0123456789abcdef0123456789abcdef/graphs/53205529-026b-455a-9e07-228fae4b12b9" && token == markedToken {
		_, _ = io.WriteString(w, `{"graph":{"id":"53205529-026b-455a-9e07-228fae4b12b9","name":"n","status":"200","data_store_version":"2.2.8"}}`)
		return
	}
	w.WriteHeader(http.StatusNotFound)
	echo, _ := json.Marshal(map[string]any{
		"error_code": token, "error_msg": r.Header, "body": string(body), "query": url.QueryEscape(token), "path": url.PathEscape(token),
		"base64": base64.StdEncoding.EncodeToString([]byte(token)), "base64url": base64.RawURLEncoding.EncodeToString([]byte(token)),
	})
	_, _ = w.Write(echo)
	_, _ = io.WriteString(w, strings.ReplaceAll(token, "/", `\/`))
}

func TestCredentialsAreNowhere(t *testing.T) {
	dir := t.TempDir()
	summary := filepath.Join(dir, "step-summary")
	c := call(t, []string{"GITHUB_STEP_SUMMARY=" + summary}, runArgs(serverOf(t, echoing), "--github", "--verbose", "--risk", "destructive", "--keep-going", "--upgrade-version", "2.2.9", "--output", dir)...)
	if c.status != exitDeviates {
		t.Fatalf("expected status 1, got %d: %s", c.status, c.stderr)
	}
	if !strings.Contains(c.stdout, "answer.no-credentials") || !strings.Contains(c.stdout, "$GESCONFORM_TOKEN") {
		t.Error("the leak was not found, or no token was redacted: the test shows little")
	}
	texts := leftBy(t, c, dir)
	if len(texts) < 2+2*9 {
		t.Errorf("expected the files of a run and the summary, got %d texts", len(texts))
	}
	noneShown(t, texts, marked...)
}

// Whatever is sent to the fake, and however it fails, it must not print or log any
// credential.
func TestTheFakeLogsNoCredential(t *testing.T) {
	const planted = "planted-credential-0123456789"
	var said syncBuffer
	before := log.Writer()
	log.SetOutput(&said)
	t.Cleanup(func() { log.SetOutput(before) })
	envFile := filepath.Join(t.TempDir(), "fake.env")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- execute(ctx, []string{"fake", "--scenario", "trouble", "--vary", "all", "--env-file", envFile}, nil, &said, &said)
	}()
	address := ""
	for address == "" { // the address comes in the first line
		select {
		case status := <-ended:
			t.Fatalf("expected an address, got the end with %d: %s", status, said.String())
		default:
			address, _, _ = strings.Cut(said.String(), "\n")
			runtime.Gosched()
		}
	}
	environ := environIn(t, envFile)
	for i, path := range []string{"/v2/" + planted + "/graphs", "/v2/p/graphs/g/upgrade?token=" + planted, "/v3/auth/tokens", "/_fake/journal?after=" + planted, "/%zz" + planted} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		body := `{"password":"` + planted + `"}`
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-Auth-Token: %s\r\nAuthorization: Bearer %s\r\nCookie: a=%s\r\nContent-Length: %d\r\n\r\n%s",
			path, planted, planted, planted, len(body)+i%2, body) // every second body is cut off
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.CloseWrite()
		}
		_, _ = io.Copy(io.Discard, conn) // resets are part of the scenario
		_ = conn.Close()
	}
	cancel()
	within(t, ended, "the end of the fake")
	text := said.String()
	if !strings.HasPrefix(text, "http://127.0.0.1:") || strings.Contains(text, planted) {
		t.Errorf("got %s", text)
	}
	for _, v := range environ {
		name, value, _ := strings.Cut(v, "=")
		if secret := strings.HasSuffix(name, "_TOKEN") || strings.HasSuffix(name, "_SK") || name == "OS_PASSWORD"; secret && strings.Contains(text, value) {
			t.Errorf("%s is printed: %s", name, text)
		}
	}
}

// A syncBuffer is a buffer that is safe for concurrent use.
type syncBuffer struct {
	mu   sync.Mutex
	text []byte
}

// Write appends to the buffer.
func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p...)
	return len(p), nil
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text)
}

// Whatever credentials a run gets, and however it ends, none of them may be in its output
// or its files.
func TestNoCredentialOfAnyKindIsShown(t *testing.T) {
	t.Parallel()
	for i, kind := range kinds {
		for j, way := range ways {
			if testing.Short() && (i+j)%16 != 0 || kind.broken && way.status == exitNotJudged && !way.logins {
				continue // broken credentials reach at most IAM or a proxy, which behave in the same way in most of the ways
			}
			t.Run(kind.name+", "+way.name, func(t *testing.T) {
				t.Parallel()
				reached := make(chan struct{})
				happens := way.happens
				if way.signal != 0 {
					happens = func(_ *deployment, n int, _ http.ResponseWriter, r *http.Request) bool {
						holds := n == 5 && r.URL.Path != loginPath
						if holds {
							_, _ = io.Copy(io.Discard, r.Body) // net/http only notices that the client is gone once the body has been read
							close(reached)
							<-r.Context().Done()
						}
						return holds
					}
				}
				d := deploy(t, happens)
				environ, args := kind.give(t, d)
				process := way.process || slices.ContainsFunc(environ, readByLibraries)
				some := (i+j)%4 == 0 || os.Getenv(inprocess.TestAll) != ""
				if process && !some && (slices.ContainsFunc(environ, readByLibraries) || way.signal == syscall.SIGQUIT) {
					t.Skip("starts a process, as other rows do that run by default; runs with " + inprocess.TestAll + "=1, as `make test-all` sets it")
				}
				output := t.TempDir()
				f := d.fake.Fixtures()
				args = slices.Concat([]string{
					"run", "--endpoint", d.server.URL, "--project-id", f.ProjectID, "--graph-id", f.GraphID, "--output", output, "--verbose", "--github",
					"--request-timeout", "20s", "--concurrency", "1", "--label-filter", "method || valid", "--recovery-timeout", "0s",
				}, args, way.args)
				environ = append(environ, "GITHUB_STEP_SUMMARY="+filepath.Join(output, "step-summary"))
				judge := judgeInProcess
				if process && some {
					judge = judgeAsProcess
				}
				c := judge(t, environ, args, reached, way.signal)
				want := way.status
				if kind.broken {
					want = exitNotJudged
				}
				if c.status != want && !(kind.broken && way.name == "nothing is sent") {
					t.Errorf("expected status %d, got %d: %.2000s %.1000s", want, c.status, c.stdout, c.stderr)
				}
				noneShown(t, leftBy(t, c, output), d.planted()...)
			})
		}
	}
}

// readByLibraries reports whether a variable is one that the libraries look for in the
// environment of the process, which the tests in one process cannot each set.
func readByLibraries(v string) bool {
	name, _, _ := strings.Cut(v, "=")
	return name == "OS_CLIENT_CONFIG_FILE" || name == "HTTP_PROXY" || name == "HTTPS_PROXY"
}

// judgeInProcess runs the command, and interrupts it once reached is closed.
func judgeInProcess(t *testing.T, environ, args []string, reached <-chan struct{}, _ syscall.Signal) outcome {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		select {
		case <-reached:
			cancel()
		case <-ctx.Done():
		}
	}()
	return callIn(ctx, t, environ, args...)
}

// judgeAsProcess runs the command as a process, and sends it a signal once reached is closed.
func judgeAsProcess(t *testing.T, environ, args []string, reached <-chan struct{}, signal syscall.Signal) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := process(ctx, t, environ, args...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		select {
		case <-reached:
			_ = command.Process.Signal(signal) // fails if it has ended, which its status shows
		case <-ended:
		}
	}()
	_ = command.Wait() // the status tells
	close(ended)
	return outcome{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}
