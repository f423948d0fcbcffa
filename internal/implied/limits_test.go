package implied_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/implied"
)

// However few requests may be sent, no more are, and what they have made is deleted.
func TestWhatIsMadeIsDeletedWithinTheLimit(t *testing.T) {
	made := 0
	for most := 1; most < 40; most++ {
		server := &noteServer{notes: map[int]map[string]any{}}
		var sent atomic.Int64
		report := judged(t, notes, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sent.Add(1)
			server.ServeHTTP(w, r)
		}), func(o *implied.Options) {
			o.Risk, o.MaxRequests = cases.Destructive, most
		})
		if sent.Load() > int64(most) || len(server.notes) > 0 || len(report.Left) > 0 || len(report.Unsent) == 0 {
			t.Errorf("at most %d requests: got %d, %d notes were left, in the report %q; %d cases unsent", most, sent.Load(), len(server.notes), report.Left, len(report.Unsent))
		}
		made += server.last
	}
	if made == 0 {
		t.Error("nothing was made")
	}
}
