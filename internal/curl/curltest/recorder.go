package curltest

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A Recorder notes how each request has arrived, before another handler answers it.
type Recorder struct {
	Next http.Handler // nil for one that refuses everything

	mu   sync.Mutex
	seen []string
}

// ServeHTTP implements http.Handler.
func (r *Recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	header := request.Header.Clone()
	header.Del("Connection") // of the connection, not of the request
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s, length %d, %q, %v\n", request.Method, request.RequestURI, request.Host, request.ContentLength, request.TransferEncoding, err)
	for _, name := range slices.Sorted(maps.Keys(header)) {
		fmt.Fprintf(&b, "%s: %q\n", name, header[name])
	}
	fmt.Fprintf(&b, "%q", body)
	r.mu.Lock()
	r.seen = append(r.seen, b.String())
	r.mu.Unlock()
	if r.Next == nil {
		http.Error(w, "refused", http.StatusBadRequest)
		return
	}
	again := request.Clone(request.Context())
	again.Body = io.NopCloser(strings.NewReader(string(body)))
	r.Next.ServeHTTP(w, again)
}

// Take returns the requests since the last call.
func (r *Recorder) Take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := r.seen
	r.seen = nil
	return seen
}

// RunReal runs a line in a shell with the real curl, in a folder and with additional
// variables, and returns what it printed.
func RunReal(t *testing.T, dir, line string, env ...string) string {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Fatalf("this test runs curl, which is not installed: %v", err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
	cmd.Dir, cmd.Env = dir, append(append(os.Environ(), "CURL_HOME="+t.TempDir(), "HOME="+t.TempDir(), "no_proxy=*"), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s\n%s", err, line, out)
	}
	return string(out)
}
