package wire_test

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
)

// counting returns a server that counts the requests that reach it.
func counting(t *testing.T) (endpoint string, count *atomic.Int64) {
	t.Helper()
	count = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { count.Add(1) }))
	t.Cleanup(server.Close)
	return server.URL, count
}

var read = cases.Template{Method: http.MethodGet, Path: "/v2/p/graphs/g"}

// The rate limit applies to all goroutines together. The test only checks a minimum time,
// which does not depend on how busy the machine is.
func TestRate(t *testing.T) {
	endpoint, count := counting(t)
	paced := to(t, endpoint, func(c *config.Config) { c.Rate = 50 })
	began := time.Now()
	var all sync.WaitGroup
	for range 11 {
		all.Go(func() {
			if x := paced.Send(t.Context(), "case", "aim", read); x.Failure != nil {
				t.Errorf("got %+v", x.Failure)
			}
		})
	}
	all.Wait()
	if took := time.Since(began); took < 195*time.Millisecond || count.Load() != 11 {
		t.Errorf("expected %d requests at 50 per second to take at least 200ms, got %s", count.Load(), took)
	}
}

func TestUsualRate(t *testing.T) {
	for _, test := range []struct {
		endpoint   string
		rate, want float64
	}{
		{"http://127.0.0.1:1", -1, 0}, {"https://ges.example.com", -1, 10}, {"https://ges.example.com", 0, 0},
		{"https://ges.example.com", 3, 3}, {"http://127.0.0.1:1", 3, 3},
	} {
		c := config.Default()
		c.Endpoint = test.endpoint
		if test.rate >= 0 {
			c.Rate = test.rate
		}
		if got := c.RequestRate(); got != test.want {
			t.Errorf("%s, rate %v: got %v, want %v", test.endpoint, test.rate, got, test.want)
		}
	}
}

// An interrupt ends the wait for the rate limit.
func TestInterruptedWait(t *testing.T) {
	endpoint, count := counting(t)
	slow := to(t, endpoint, func(c *config.Config) { c.Rate = 0.001 })
	slow.Send(t.Context(), "case", "aim", read)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if x := slow.Send(ctx, "case", "aim", read); x.Failure == nil || x.Failure.Kind != exchange.Interrupted || count.Load() != 1 {
		t.Errorf("got %+v after %d requests", x.Failure, count.Load())
	}
}

func TestBudget(t *testing.T) {
	endpoint, count := counting(t)
	frugal := to(t, endpoint, func(c *config.Config) { c.MaxRequests = 3 })
	for i := range 5 {
		x := frugal.Send(t.Context(), "case", "aim", read)
		refused := x.Failure != nil && x.Failure.Kind == exchange.NotSent && strings.Contains(x.Failure.Message, "--max-requests")
		if refused != (i >= 3) {
			t.Errorf("request %d: got %+v", i+1, x.Failure)
		}
	}
	if count.Load() != 3 {
		t.Errorf("expected 3 requests to be sent, got %d", count.Load())
	}
}

func TestLimitsOfPace(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*config.Config)
	}{
		{"rate", func(c *config.Config) { c.Rate = -2 }},
		{"rate", func(c *config.Config) { c.Rate = math.NaN() }},
		{"max-requests", func(c *config.Config) { c.MaxRequests = 0 }},
	} {
		c := config.Default()
		c.Endpoint, c.ProjectID, c.GraphID, c.Token = "http://127.0.0.1:1", "p", "g", "t"
		test.change(&c)
		if err := c.Check(); err == nil || !strings.HasPrefix(err.Error(), test.name+": ") {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
}
