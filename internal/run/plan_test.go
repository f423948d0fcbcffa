package run_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/run"
	"github.com/gesconform/gesconform/internal/session"
)

// A planWriter notes how many requests had come when the plan was written.
type planWriter struct {
	came    *atomic.Int64
	before  int64
	written bool
}

func (w *planWriter) Write(p []byte) (int, error) {
	if !w.written && strings.HasPrefix(string(p), "plan: ") {
		w.written, w.before = true, w.came.Load()
	}
	return len(p), nil
}

func TestThePlanIsSaidBeforeTheFirstRequest(t *testing.T) {
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	var came atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		came.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"graph":{"id":"g","name":"g","status":"200","data_store_version":"1.0.5"}}`))
	}))
	defer server.Close()
	cfg := config.Default()
	cfg.Endpoint, cfg.ProjectID, cfg.GraphID, cfg.Token, cfg.Risk = server.URL, "p", "g", "a-token-of-some-length", cases.Inert
	w := &planWriter{came: &came}
	_, _ = run.Run(t.Context(), run.Options{Options: session.Options{Contract: c, Config: cfg}, Out: w}) // what it finds is of no interest
	if !w.written || w.before != 0 || came.Load() == 0 {
		t.Errorf("expected the plan before the first request, got written %t, after %d requests of %d", w.written, w.before, came.Load())
	}
}
