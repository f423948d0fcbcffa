package implied_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/implied"
)

// However a run ends, it deletes what it has made, and no limit is passed by that.
func TestCleansWhateverEndsIt(t *testing.T) {
	for name, limit := range map[string]func(*implied.Options, context.CancelFunc){
		"--max-requests": func(o *implied.Options, _ context.CancelFunc) { o.MaxRequests = 24 },
		"an interruption": func(o *implied.Options, interrupt context.CancelFunc) {
			o.Exchange = func(x exchange.Exchange) {
				if x.Request.Method == http.MethodPost {
					interrupt()
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			book := &notebook{notes: map[string]map[string]any{}}
			server := httptest.NewServer(book)
			defer server.Close()
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			sender := &client{base: server.URL}
			o := implied.Options{Contract: load(t, memos), Sender: sender, Recovery: time.Millisecond, Risk: cases.Destructive}
			limit(&o, interrupt)
			posts := 0
			watch := o.Exchange
			o.Exchange = func(x exchange.Exchange) {
				if x.Request.Method == http.MethodPost {
					posts++
				}
				if watch != nil {
					watch(x)
				}
			}
			report, err := implied.Run(ctx, o)
			if err != nil {
				t.Fatal(err)
			}
			if posts == 0 || len(book.notes) > 0 || len(report.Left) > 0 {
				t.Errorf("expected nothing left of %d creations, got %v and %q", posts, book.notes, report.Left)
			}
			if o.MaxRequests > 0 && sender.n > o.MaxRequests {
				t.Errorf("expected at most %d requests, got %d", o.MaxRequests, sender.n)
			}
		})
	}
}
