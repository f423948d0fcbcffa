package implied_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

// What was recorded is decided again as before, and a record of something else is noticed.
func TestReplay(t *testing.T) {
	server := httptest.NewServer(petServer{
		accepts: func(key string) bool { return key == petKey || key == "" },
		list: func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Has("limit") {
				w.WriteHeader(http.StatusInternalServerError)
			}
			return r.URL.Query().Has("limit")
		},
	})
	defer server.Close()
	var recorded []exchange.Exchange
	o := implied.Options{
		Contract: load(t, pets), Sender: &client{base: server.URL}, Recovery: time.Millisecond,
		Fixtures: []implied.Fixture{{Name: "petId", Value: "7"}},
		Exchange: func(x exchange.Exchange) { recorded = append(recorded, x) },
	}
	withKey(&o)
	live, err := implied.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Credentials = map[string]string{"key": "$KEY"}
	replayed, err := implied.Replay(t.Context(), o, recorded)
	if err != nil {
		t.Error(err)
	}
	verdicts := func(all []judge.Result) []string {
		var lines []string
		for _, r := range all {
			for i := range r.Findings {
				r.Findings[i].Origin = nil
			}
			line, err := json.Marshal([]any{r.Case, r.Verdict, r.Reason, r.Findings, len(r.Exchanges)})
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, string(line))
		}
		return lines
	}
	if got, want := verdicts(replayed.Results), verdicts(live.Results); !slices.Equal(got, want) {
		t.Errorf("expected\n%q, got\n%q", want, got)
	}
	if got := broken(replayed, judge.Deviates); len(got) < 4 {
		t.Errorf("expected what is wrong with credentials and limit, got %q", got)
	}
	recorded[0].Request.Path = "/elsewhere"
	if _, err := implied.Replay(t.Context(), o, recorded); err == nil {
		t.Error("a record of other requests was taken")
	}
	if _, err := implied.Replay(t.Context(), o, append(recorded, exchange.Exchange{Case: "other", Aim: "first"})); err == nil {
		t.Error("a record of more requests was taken")
	}
}
