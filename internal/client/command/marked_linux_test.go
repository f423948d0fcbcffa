package command

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/client"
)

// Of others nothing is killed. That is shown by files alone: what would go wrong here kills.
func TestWhatAClientHasStarted(t *testing.T) {
	const leader = 100
	e := client.Endpoint{URL: "http://127.0.0.1:1", Token: "own-token", Scenario: "plain"}
	proc := t.TempDir()
	process := func(pid, ticks int, name string, environ ...string) {
		t.Helper()
		dir := filepath.Join(proc, fmt.Sprint(pid))
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		stat := fmt.Sprintf("%d (%s) S 1 2 3 0 -1 4194304 65 0 0 0 0 0 0 0 20 0 1 0 %d 2654208", pid, name, ticks)
		for file, text := range map[string]string{"stat": stat, "environ": strings.Join(environ, "\x00") + "\x00"} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	own := append([]string{"PATH=/bin"}, append(e.Environ(), "A=b")...)
	other := e
	other.Token = "other-token"
	longer := e
	longer.Token = "own-token-2"
	process(1, 5000, "init", own...)
	process(50, 4999, "older", own...)
	process(leader, 5000, "client", own...)
	process(101, 5000, "child", own...)
	process(102, 9000, "a) S 1 (b", own...)
	process(103, 5001, "of another scenario", other.Environ()...)
	process(104, 5001, "with a longer token", longer.Environ()...)
	process(105, 5001, "with the token alone", "GESCONFORM_TOKEN=own-token")
	process(106, 5001, "in a value", "A="+strings.Join(e.Environ(), " "))
	process(107, 5001, "without any")
	if err := os.Mkdir(filepath.Join(proc, "108"), 0o700); err != nil { // has ended
		t.Fatal(err)
	}
	for _, tt := range []struct {
		what   string
		leader int
		e      client.Endpoint
		want   []int
	}{
		{"its own", leader, e, []int{101, 102}},
		{"nobody's", leader, client.Endpoint{}, nil},
		{"without credentials", leader, client.Endpoint{URL: e.URL}, nil},
		{"of a client that is not there", 99, e, nil},
	} {
		m, ok := markOf(proc, tt.leader, &tt.e)
		if ok != (tt.want != nil) || ok && !slices.Equal(m.all(), tt.want) {
			t.Errorf("%s: expected %v, got %v, %v", tt.what, tt.want, ok, m.all())
		}
	}
}
