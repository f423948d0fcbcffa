package service

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever is posted, it is an outcome or is refused with a short sentence.
func FuzzOutcome(f *testing.F) {
	for _, seed := range []string{
		`{"said":"success"}`, `{"said":"failure","stdout":"a","stderr":"b","error":"c","exit_status":1}`, `{"said":"nothing","exit_status":null}`,
		`{"SAID":"success"}`, `{"said":1}`, `{"said":"success"} `, `{"said":"success"}x`, `[`, `{"` + strings.Repeat("x", 1000) + `":1}`, "\x00", "",
		`{"said":"` + strings.Repeat("ä", 500) + `"}`, `{"exit_status":1e400,"said":"failure"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		o, err := readOutcome(strings.NewReader(body))
		if err == nil {
			if !slices.Contains(sayings, o.Said) {
				t.Errorf("expected that it says something known, got %q", o.Said)
			}
			return
		}
		refused, ok := err.(*refusal) //nolint:errorlint // it is not wrapped
		if !ok || refused.status != http.StatusBadRequest || refused.reason == "" || utf8.RuneCountInString(refused.reason) > 600 {
			t.Errorf("expected a short refusal, got %T %v", err, err)
		}
	})
}
