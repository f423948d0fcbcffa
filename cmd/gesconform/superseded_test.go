package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/result"
)

// The record has every request that left, also those that were sent again by themselves, and those
// decide nothing.
func TestRecordOfRequestsThatWereSentAgain(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	fake := fakeserver.New()
	var came, closed atomic.Int64
	var used sync.Map // connections by the client's address
	endpoint := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
		n := came.Add(1)
		if _, reused := used.LoadOrStore(r.RemoteAddr, true); reused && n%5 == 0 {
			if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
				closed.Add(1)
				_ = c.Close() // as a server does that closes an idle connection in this moment
				return
			}
		}
		fake.ServeHTTP(w, r)
	})
	folder := t.TempDir()
	c := call(t, environOf(t, fake.Fixtures(), endpoint), "run", "--risk", "inert", "--output", folder, "--label-filter", "security")
	if c.status != exitConforms {
		t.Fatalf("expected status 0, got %d: %s%s", c.status, c.stdout, c.stderr)
	}
	log := read(t, filepath.Join(folder, result.ExchangesFile))
	if lines := int64(strings.Count(log, "\n")); lines != came.Load() || closed.Load() == 0 {
		t.Errorf("expected a line for each of %d requests, got %d", came.Load(), lines)
	}
	if again := int64(strings.Count(log, `"superseded":"sent again`)); again != closed.Load() {
		t.Errorf("expected %d that are superseded, got %d", closed.Load(), again)
	}
	if again := call(t, nil, "judge", folder); again.status != exitConforms || !strings.HasSuffix(c.stdout, again.stdout) {
		t.Errorf("expected the same when judged again, got %d: %s%s", again.status, again.stdout, again.stderr)
	}
	joined := t.TempDir()
	if c := call(t, nil, "merge", "--output", joined, folder); c.status != exitConforms {
		t.Errorf("expected status 0 of merge, got %d: %s%s", c.status, c.stdout, c.stderr)
	}
}
