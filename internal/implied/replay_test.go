package implied_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

// verdicts returns what is said of each case, a line each.
func verdicts(t *testing.T, all []judge.Result) []string {
	t.Helper()
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

// recorded runs against a handler, and judges the record again.
func recorded(t *testing.T, h http.Handler, o implied.Options) (live, again implied.Report, record []exchange.Exchange) {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	o.Sender, o.Endpoint, o.Recovery = &client{base: server.URL}, server.URL, time.Millisecond
	o.Exchange = func(x exchange.Exchange) { record = append(record, x) }
	live, err := implied.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for id := range o.Credentials {
		o.Credentials[id] = "$" + id
	}
	if again, err = implied.Replay(t.Context(), o, record, live.KeptBack); err != nil {
		t.Error(err)
	}
	if got, want := verdicts(t, again.Results), verdicts(t, live.Results); !slices.Equal(got, want) {
		t.Errorf("expected\n%q, got\n%q", want, got)
	}
	return live, again, record
}

// What was recorded is decided again as before, and a record of something else is noticed.
func TestReplay(t *testing.T) {
	o := implied.Options{Contract: load(t, pets), Fixtures: []implied.Fixture{{Name: "petId", Value: "7"}}}
	withKey(&o)
	_, again, record := recorded(t, petServer{
		accepts: func(key string) bool { return key == petKey || key == "" },
		list: func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Has("limit") {
				w.WriteHeader(http.StatusInternalServerError)
			}
			return r.URL.Query().Has("limit")
		},
	}, o)
	if got := broken(again, judge.Deviates); len(got) < 4 {
		t.Errorf("expected what is wrong with credentials and limit, got %q", got)
	}
	record[0].Request.Path = "/elsewhere"
	if _, err := implied.Replay(t.Context(), o, record, nil); err == nil {
		t.Error("a record of other requests was taken")
	}
	if _, err := implied.Replay(t.Context(), o, append(record, exchange.Exchange{Case: "other", Aim: "first"}), nil); err == nil {
		t.Error("a record of more requests was taken")
	}
}

// So is a run that has made something, one that was cut off, and one whose server has gone.
func TestReplayOfOtherRuns(t *testing.T) {
	for name, run := range map[string]struct {
		handler http.Handler
		options implied.Options
	}{
		"creations": {
			&noteServer{notes: map[int]map[string]any{}, lapse: "long texts"},
			implied.Options{Contract: load(t, notes), Risk: cases.Destructive},
		},
		"cut off": {petServer{}, implied.Options{Contract: load(t, pets), Credentials: map[string]string{"key": petKey}, MaxRequests: 20}},
		"gone":    {after(15, petServer{}, drop), implied.Options{Contract: load(t, pets), Credentials: map[string]string{"key": petKey}}},
	} {
		t.Run(name, func(t *testing.T) {
			live, again, _ := recorded(t, run.handler, run.options)
			if again.Failure != live.Failure {
				t.Errorf("expected failure %q, got %q", live.Failure, again.Failure)
			}
		})
	}
}
