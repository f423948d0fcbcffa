package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// mainVariable makes the test's binary the command.
const mainVariable = "UPGRADE_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(mainVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestCommand(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		variables []string // beside the fake's, which they replace
		args      []string
		status    int
		says      []string // on one of the outputs
	}{
		{name: "by variables", says: []string{"upgrades graph", "has been upgraded"}},
		{name: "forced", variables: []string{"GESCONFORM_FORCE_UPGRADE=true"}, says: []string{"has been upgraded"}},
		{name: "by flags", variables: []string{"GESCONFORM_UPGRADE_VERSION="}, args: []string{"-version", "2.2.9", "-force=false"}, says: []string{"to 2.2.9", "has been upgraded"}},
		{name: "refused", args: []string{"-version", "1.0.0"}, status: 1, says: []string{"upgrade: start the upgrade: HTTP 400", "GES.7036"}},
		{name: "in no time", args: []string{"-timeout", "1ns"}, status: 1, says: []string{"deadline exceeded"}},
		{name: "without a token", variables: []string{"GESCONFORM_TOKEN="}, status: 77, says: []string{"GESCONFORM_TOKEN is not set"}},
		{name: "without a graph", variables: []string{"GESCONFORM_GRAPH_ID="}, status: 2, says: []string{"-graph"}},
		{name: "with a word too many", args: []string{"now"}, status: 2, says: []string{"nothing else"}},
		{name: "forced by a word", args: []string{"-force", "yes"}, status: 2, says: []string{"expected true or false", `"yes"`}},
		{name: "to a graph that is a dot segment", args: []string{"-graph", ".."}, status: 1, says: []string{`graph ".."`}},
		{name: "to no endpoint", args: []string{"-endpoint", "ges.example.com"}, status: 1, says: []string{"expected an endpoint like https://"}},
		{name: "with a password", args: []string{"-endpoint", "https://u:geheim@ges.example.com"}, status: 1, says: []string{"expected an endpoint like https://"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ges := fakeserver.Start(t)
			var file strings.Builder
			if err := ges.Fixtures().WriteEnv(&file, ges.URL); err != nil {
				t.Fatal(err)
			}
			command := exec.CommandContext(t.Context(), os.Args[0], append([]string{"-interval", "10ms"}, tt.args...)...)
			command.Env = append(os.Environ(), mainVariable+"=1")
			for line := range strings.Lines(file.String()) {
				command.Env = append(command.Env, strings.ReplaceAll(strings.TrimSpace(line), "'", ""))
			}
			command.Env = append(command.Env, tt.variables...)
			out, _ := command.CombinedOutput()
			if status := command.ProcessState.ExitCode(); status != tt.status {
				t.Errorf("expected the exit status %d, got %d", tt.status, status)
			}
			for _, want := range tt.says {
				if !strings.Contains(string(out), want) {
					t.Errorf("expected %q, got %q", want, out)
				}
			}
			if strings.Contains(string(out), "geheim") {
				t.Errorf("expected no password, got %q", out)
			}
		})
	}
}

// Where nobody listens, nothing can have been accepted.
func TestConnectionRefused(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u, _ := client(fakeserver.Start(t))
	u.endpoint = "http://" + listener.Addr().String()
	_ = listener.Close()
	u.interval = time.Microsecond
	checkError(t, u.run(t.Context()), []string{"connection refused", "not accepted in 5 tries"}, maybeAccepted)
}

// The token goes to the service and nowhere else, whatever that says.
func TestTokenStays(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{start, read} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			var elsewhere atomic.Int32
			other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
			defer other.Close()
			u, _ := client(fakeserver.Start(t, fakeserver.WithFault(scenario.Fault{
				Match: scenario.Match{Operation: operation}, Answer: &scenario.Answer{Status: 307, Location: other.URL + "{target}"},
			})))
			u.interval = time.Microsecond
			checkError(t, u.run(t.Context()), []string{"HTTP 307"}, "")
			if elsewhere.Load() != 0 {
				t.Error("the redirect was followed")
			}
		})
	}
}

// Nor is it shown, even if an answer repeats it.
func TestTokenIsNotShown(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{start, read} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			ges := fakeserver.Start(t)
			u, log := client(ges)
			s := *ges.Scenario()
			s.Faults = []scenario.Fault{{
				Match:  scenario.Match{Operation: operation},
				Answer: &scenario.Answer{Status: 429, Message: strings.Repeat("-", 290) + u.token + "\x1b[31m is not let in"},
			}}
			if err := ges.Load(&s); err != nil {
				t.Fatal(err)
			}
			u.interval = time.Microsecond
			err := u.run(t.Context())
			checkError(t, err, []string{"APIGW.0308", "----[token]"}, u.token)
			for _, not := range []string{u.token[:10], "\x1b"} {
				if shown := err.Error() + log.String(); strings.Contains(shown, not) || !strings.Contains(log.String(), "next try in") {
					t.Errorf("expected tries without %q, got %q", not, shown)
				}
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, tt := range []struct {
		after, date string
		want        time.Duration
		about       bool // within a second, because it depends on the clock
	}{
		{after: "3", want: 3 * time.Second},
		{after: "0"},
		{},
		{after: "soon"},
		{after: "-1"},
		{after: "1.5"},
		{after: "99999999999999999999", want: (1<<32 - 1) * time.Second}, // and not at once
		{after: "Sun, 06 Nov 1994 08:49:44 GMT", date: "Sun, 06 Nov 1994 08:49:37 GMT", want: 7 * time.Second},
		{after: "Sunday, 06-Nov-94 08:49:44 GMT", date: "Sun, 06 Nov 1994 08:49:37 GMT", want: 7 * time.Second},
		{after: now.Add(time.Minute).UTC().Format(http.TimeFormat), date: "today", want: time.Minute, about: true},
	} {
		got := retryAfter(http.Header{"Retry-After": {tt.after}, "Date": {tt.date}})
		if got != tt.want && !(tt.about && got > tt.want-10*time.Second && got <= tt.want) {
			t.Errorf("Retry-After %q at %q: expected %s, got %s", tt.after, tt.date, tt.want, got)
		}
	}
}

// Waits become longer, are never shorter than asked for, and differ.
func TestDelay(t *testing.T) {
	t.Parallel()
	different := map[time.Duration]bool{}
	for range 100 {
		asked := answer{header: http.Header{"Retry-After": {"3"}}}.delay(time.Second, 4)
		own := answer{}.delay(time.Second, 4)
		if asked < 3*time.Second || asked > 4*time.Second || own < 8*time.Second || own > 9*time.Second {
			t.Fatalf("expected about 3s and 8s, got %s and %s", asked, own)
		}
		different[own] = true
	}
	if len(different) < 50 {
		t.Errorf("expected different waits, got %d", len(different))
	}
}
