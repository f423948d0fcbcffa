package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/wire"
)

// Credentials that the tests plant. Each has characters that encodings change.
const (
	plantedToken    = "PLANTED-token/with+signs=01"
	plantedReadonly = "PLANTED-readonly/with+signs=02"
	plantedExpired  = "PLANTED-expired/with+signs=03"
	plantedKey      = "PLANTED-secret-key/with+signs=04"
	plantedSecurity = "PLANTED-security-token/with+signs=05"
	plantedPassword = "PLANTED-password/with+signs=06"
	plantedUser     = "PLANTED-user-info+signs-07"
	accessKey       = "AKIDPLANTED0000000AK"
)

// A deployment is a fake with the planted credentials, behind a server that may fail.
type deployment struct {
	fake   *fakeserver.Server
	server *httptest.Server
	file   func(text string) string // writes a file, and returns its name

	mu      sync.Mutex
	secrets []string // planted, and issued by IAM
	came    int
}

// kinds are the ways to give credentials to a run, as arguments, variables and files. Those
// that are broken end the run before it sends a request.
var kinds = []struct {
	name   string
	broken bool
	give   func(t *testing.T, d *deployment) (environ, args []string)
}{
	{"token by flag", false, func(*testing.T, *deployment) (environ, args []string) { return nil, []string{"--token", plantedToken} }},
	{"tokens by variable", false, func(*testing.T, *deployment) (environ, args []string) {
		return []string{"GESCONFORM_TOKEN=" + plantedToken, "GESCONFORM_READONLY_TOKEN=" + plantedReadonly, "GESCONFORM_EXPIRED_TOKEN=" + plantedExpired}, nil
	}},
	{"token in a file", false, func(_ *testing.T, d *deployment) (environ, args []string) {
		return nil, []string{"--token-file", d.file(plantedToken + "\n")}
	}},
	{"token of a command", false, func(*testing.T, *deployment) (environ, args []string) {
		return nil, []string{"--token-command", "echo " + plantedPassword + " >&2; echo '" + plantedToken + "'"}
	}},
	{"two tokens in a file", true, func(_ *testing.T, d *deployment) (environ, args []string) {
		return nil, []string{"--token-file", d.file(plantedToken + " " + plantedReadonly)}
	}},
	{"a command that fails", true, func(*testing.T, *deployment) (environ, args []string) {
		return nil, []string{"--token-command", "echo " + plantedToken + "; echo " + plantedPassword + " >&2; exit 1"}
	}},
	{"access key", false, func(*testing.T, *deployment) (environ, args []string) {
		return []string{"GESCONFORM_ACCESS_KEY=" + accessKey, "GESCONFORM_SECRET_KEY=" + plantedKey, "GESCONFORM_SECURITY_TOKEN=" + plantedSecurity}, nil
	}},
	{"access key of the SDK", false, func(*testing.T, *deployment) (environ, args []string) {
		return []string{"HUAWEICLOUD_SDK_AK=" + accessKey, "HUAWEICLOUD_SDK_SK=" + plantedKey, "HUAWEICLOUD_SDK_SECURITY_TOKEN=" + plantedSecurity}, nil
	}},
	{"access key of other tools", false, func(*testing.T, *deployment) (environ, args []string) {
		return []string{"HW_ACCESS_KEY=" + accessKey, "HW_SECRET_KEY=" + plantedKey, "HW_SECURITY_TOKEN=" + plantedSecurity}, nil
	}},
	{"login", false, func(_ *testing.T, d *deployment) (environ, args []string) { return d.login(d.server.URL + "/v3"), nil }},
	{"login with a password in the address", true, func(_ *testing.T, d *deployment) (environ, args []string) {
		return d.login(strings.Replace(d.server.URL, "http://", "http://user:"+plantedUser+"@", 1) + "/no-such-place/v3"), nil
	}},
	{"login by clouds.yaml", false, func(_ *testing.T, d *deployment) (environ, args []string) {
		text := fmt.Sprintf("clouds: {mine: {auth: {auth_url: %q, username: planted, password: %q, user_domain_name: acme}}}\n", d.server.URL+"/v3", plantedPassword)
		return []string{"OS_CLOUD=mine", "OS_CLIENT_CONFIG_FILE=" + d.file(text)}, nil
	}},
	{"clouds.yaml that is broken", true, func(_ *testing.T, d *deployment) (environ, args []string) {
		return []string{"OS_CLOUD=mine", "OS_CLIENT_CONFIG_FILE=" + d.file("clouds: {mine: {auth: {password: ["+plantedPassword+"\n")}, nil
	}},
	{"key of a client certificate", false, func(t *testing.T, d *deployment) (environ, args []string) {
		certFile, keyFile, _ := pair(t)
		for line := range strings.Lines(read(t, keyFile)) {
			if !strings.HasPrefix(line, "-----") {
				d.plant(strings.TrimSpace(line))
			}
		}
		return []string{"GESCONFORM_TOKEN=" + plantedToken}, []string{"--client-cert", certFile, "--client-key", keyFile}
	}},
	{"key that is broken", true, func(t *testing.T, d *deployment) (environ, args []string) {
		certFile, _, _ := pair(t)
		key := "-----BEGIN PRIVATE KEY-----\n" + base64.StdEncoding.EncodeToString([]byte(plantedPassword)) + "\n-----END PRIVATE KEY-----\n"
		return []string{"GESCONFORM_TOKEN=" + plantedToken}, []string{"--client-cert", certFile, "--client-key", d.file(key)}
	}},
	{"proxy with a password", false, func(_ *testing.T, d *deployment) (environ, args []string) {
		return []string{"GESCONFORM_TOKEN=" + plantedToken, "HTTP_PROXY=" + d.proxy("user", plantedUser)}, []string{"--endpoint", "http://ges.example.com", "--allow-http", "--rate", "0"}
	}},
	{"proxy for TLS with a password", true, func(_ *testing.T, d *deployment) (environ, args []string) {
		return []string{"GESCONFORM_TOKEN=" + plantedToken, "HTTPS_PROXY=" + d.proxy("user", plantedUser)}, []string{"--endpoint", "https://ges.example.com", "--rate", "0"}
	}},
	{"login by a proxy with a password", true, func(_ *testing.T, d *deployment) (environ, args []string) {
		return append(d.login("https://iam.example.com/v3"), "HTTPS_PROXY="+d.proxy("user", plantedUser)), nil
	}},
	{"password in the endpoint", true, func(_ *testing.T, d *deployment) (environ, args []string) {
		return []string{"GESCONFORM_TOKEN=" + plantedToken}, []string{"--endpoint", strings.Replace(d.server.URL, "http://", "http://user:"+plantedUser+"@", 1)}
	}},
	{"token that no header can carry", true, func(*testing.T, *deployment) (environ, args []string) {
		return []string{"GESCONFORM_TOKEN=" + plantedToken + "\n" + plantedReadonly}, nil
	}},
}

func (d *deployment) login(address string) []string {
	return []string{"OS_AUTH_URL=" + address, "OS_USERNAME=planted", "OS_PASSWORD=" + plantedPassword, "OS_USER_DOMAIN_NAME=acme"}
}

// proxy returns the deployment's address with a user, for use as a proxy.
func (d *deployment) proxy(user, password string) string {
	d.plant(user + ":" + password) // as Proxy-Authorization has it
	return strings.Replace(d.server.URL, "http://", "http://"+user+":"+url.QueryEscape(password)+"@", 1)
}

func (d *deployment) plant(secret string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.secrets = append(d.secrets, secret, wire.Tampered(secret))
}

// planted returns all secrets planted so far.
func (d *deployment) planted() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.secrets)
}

// ways are the ways in which a run can end. happens is called for each request before the
// fake, and reports whether it has answered.
var ways = []struct {
	name    string
	status  int
	args    []string
	logins  bool // IAM is out of order, too
	happens func(d *deployment, n int, w http.ResponseWriter, r *http.Request) bool
	signal  syscall.Signal // sent in the middle of the run
	process bool           // main is part of it, so that some of the runs have a process of their own
}{
	{name: "conforms", status: exitConforms},
	{name: "nothing is sent", status: exitConforms, args: []string{"--dry-run"}},
	{name: "everything is echoed", status: exitDeviates, happens: func(_ *deployment, n int, w http.ResponseWriter, r *http.Request) bool {
		if n > 1 && r.URL.Path != loginPath {
			repeat(w, r, http.StatusNotFound)
		}
		return n > 1 && r.URL.Path != loginPath
	}},
	{name: "refused with an echo", status: exitNotJudged, happens: refusing(http.StatusUnauthorized)},
	{name: "out of order with an echo", status: exitNotJudged, happens: refusing(http.StatusInternalServerError)},
	{name: "redirected with an echo", status: exitNotJudged, happens: refusing(http.StatusFound)},
	{name: "login refused with an echo", status: exitNotJudged, logins: true, happens: func(_ *deployment, _ int, w http.ResponseWriter, r *http.Request) bool {
		repeat(w, r, http.StatusUnauthorized) // or, without a login, the first request of the run
		return true
	}},
	{name: "garbled with an echo", status: exitNotJudged, happens: onTheWire(func(echo string) string { return echo + "\r\n\r\n" })},
	{name: "cut in the middle of an echo", status: exitNotJudged, happens: onTheWire(func(echo string) string {
		return "HTTP/1.1 404 Not Found\r\nContent-Length: 9000\r\n\r\n" + strings.TrimRight(echo, "=1234567890")
	})},
	{name: "more than was asked for", status: exitNotJudged, process: true, happens: onTheWire(func(echo string) string {
		return "HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\n{" + echo
	})},
	{name: "interrupted", status: exitInterrupted, signal: syscall.SIGINT, process: true},
	// At SIGQUIT the Go runtime prints what it prints at a panic, which cannot be caused
	// from outside.
	{name: "crashes", status: 2, signal: syscall.SIGQUIT, process: true},
}

// loginPath is where IAM gives tokens.
const loginPath = "/v3/auth/tokens"

// refusing answers everything except logins with a status and an echo.
func refusing(status int) func(*deployment, int, http.ResponseWriter, *http.Request) bool {
	return func(_ *deployment, _ int, w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == loginPath {
			return false
		}
		repeat(w, r, status)
		return true
	}
}

// echoOf is all of a request that could be a credential, in every form.
func echoOf(r *http.Request) (texts []string) {
	body, _ := io.ReadAll(r.Body) // a body that is cut is echoed so far
	texts = append(texts, string(body), r.URL.String())
	for _, name := range []string{"X-Auth-Token", "X-Security-Token", "Authorization", "Proxy-Authorization"} {
		for _, value := range r.Header.Values(name) {
			for _, form := range formsOf(value) {
				texts = append(texts, form)
			}
		}
	}
	return texts
}

// repeat answers with what was sent, in the head and in the body.
func repeat(w http.ResponseWriter, r *http.Request, status int) {
	texts := echoOf(r)
	w.Header().Set("Content-Type", "application/json")
	for name, values := range r.Header {
		w.Header()["X-Echo-"+name] = values
	}
	w.Header().Set("Location", "http://127.0.0.1:1/?"+url.QueryEscape(r.Header.Get("X-Auth-Token")))
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error_code":%q,"error_msg":%q} %s`, r.Header.Get("X-Auth-Token"), r.Header, strings.Join(texts, " "))
}

// onTheWire answers everything but logins with a text that holds an echo.
func onTheWire(text func(echo string) string) func(*deployment, int, http.ResponseWriter, *http.Request) bool {
	return func(_ *deployment, _ int, w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == loginPath {
			return false
		}
		echo := strings.Join(echoOf(r), " ")
		onWire(func(c net.Conn) {
			_, _ = io.WriteString(c, text(strings.NewReplacer("\r", "", "\n", "").Replace(echo)))
		})(nil, w, r)
		return true
	}
}

// deploy starts a deployment with the planted credentials.
func deploy(t *testing.T, happens func(*deployment, int, http.ResponseWriter, *http.Request) bool) *deployment {
	t.Helper()
	s := scenario.Default()
	s.Users = append([]scenario.User{{
		Name: "planted", Password: plantedPassword, Tokens: []scenario.Token{{Value: plantedToken, Project: s.Projects[0].Name}, {Value: plantedExpired, Project: s.Projects[0].Name, ExpiresIn: -time.Hour}},
		AccessKeys: []scenario.AccessKey{{Access: accessKey, Secret: plantedKey, SecurityToken: plantedSecurity}},
	}, {
		Name: "planted-reader", Role: scenario.Reader, Tokens: []scenario.Token{{Value: plantedReadonly, Project: s.Projects[0].Name}},
	}}, s.Users...)
	d := &deployment{fake: fakeserver.New(fakeserver.WithScenario(s), fakeserver.WithJournal(0))}
	for _, secret := range []string{plantedToken, plantedReadonly, plantedExpired, plantedKey, plantedSecurity, plantedPassword, plantedUser} {
		d.plant(secret)
	}
	folder, files := t.TempDir(), 0
	d.file = func(text string) string {
		files++
		name := filepath.Join(folder, fmt.Sprintf("file%d", files))
		write(t, name, text)
		return name
	}
	d.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		if r.URL.Path != loginPath {
			d.came++
		}
		n := d.came
		d.mu.Unlock()
		if r.Method == http.MethodConnect { // a proxy that shows in the status line what it was given
			onWire(func(c net.Conn) {
				fmt.Fprintf(c, "HTTP/1.1 407 Not %s\r\n\r\n", r.Header.Get("Proxy-Authorization"))
			})(nil, w, r)
			return
		}
		if happens != nil && happens(d, n, w, r) {
			return
		}
		d.fake.ServeHTTP(w, r)
		if token := w.Header().Get("X-Subject-Token"); token != "" {
			d.plant(token)
		}
	}))
	t.Cleanup(d.server.Close)
	return d
}
