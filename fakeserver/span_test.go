package fakeserver

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestJournalSpan(t *testing.T) {
	t.Parallel()
	s := New()
	want := func(when string, first, last uint64) {
		t.Helper()
		if f, l := s.JournalSpan(); f != first || l != last {
			t.Errorf("%s: expected %d to %d, got %d to %d", when, first, last, f, l)
		}
	}
	ask := func(times int) {
		for range times {
			s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		}
	}
	want("at the start", 1, 0)
	ask(3)
	want("after three requests", 1, 3)
	s.Reset()
	want("after a reset", 4, 3)
	ask(1)
	want("after one more", 4, 4)
	s.journal.limit = 2 * s.journal.bytes
	ask(5)
	if list := s.Journal(0); len(list) == 0 || len(list) > 2 {
		t.Fatalf("expected one or two exchanges to be kept, got %d", len(list))
	}
	want("when the first are forgotten", s.Journal(0)[0].Number, 9)
}
