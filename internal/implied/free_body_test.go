package implied_test

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

// Members of a body for which the document takes any text, a format of its own, or any URI, may be refused by a server
// that wants a text of a kind; what is refused beside an ordinary text that passes is found. A format that is broken
// and accepted is found once, and not again in each answer that shows it.
func TestFreeTextsOfBodies(t *testing.T) {
	isAddress := func(text string) bool { _, err := netip.ParseAddr(text); return err == nil }
	isASCII := func(text string) bool { return !strings.ContainsFunc(text, func(r rune) bool { return r > 127 }) }
	for _, tt := range []struct {
		name, schema string
		takes        func(string) bool
		want         []string
	}{
		{"address", `{type: string}`, isAddress, nil},
		{"nullable address", `{nullable: true, oneOf: [{type: string}]}`, isAddress, nil},
		{"a format of its own", `{type: string, format: money, pattern: '^[0-9]*(\.[0-9]*)?$'}`, regexp.MustCompile(`[0-9]`).MatchString, nil},
		{"an address of the web", `{type: string, format: uri}`, func(text string) bool { return strings.HasPrefix(text, "http") }, nil},
		{"a note in ASCII", `{type: string}`, isASCII, []string{"value.accepted by POST /parts: body /note: astral", "value.accepted by POST /parts: body application/x-www-form-urlencoded /note: astral"}},
		{"an example that is refused", `{type: string, example: fine}`, isAddress, []string{"value.accepted by POST /parts: body: with-note"}},
		{"any text for a date", `{type: string, format: date}`, func(string) bool { return true }, []string{"value.refused by POST /parts: body /note: format-month-13"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			document := strings.NewReplacer("NAME]", "place]", "NAME: SCHEMA", "place: {type: string}\n        note: "+tt.schema).Replace(parts)
			server := &partServer{unique: "place", valid: regexp.MustCompile(`.`), lapse: "goes on showing it", takes: tt.takes, parts: map[string]map[string]any{}}
			report := judged(t, document, server, func(o *implied.Options) { o.Risk = cases.Destructive })
			got := broken(report, judge.Deviates)
			if tt.want == nil && strings.Contains(strings.Join(got, " "), "value.accepted") || report.Failure != "" {
				t.Errorf("expected that nothing is called too strict, got %q and failure %q", got, report.Failure)
			}
			for _, want := range tt.want {
				if !slices.Contains(got, want) {
					t.Errorf("expected %s, got %q", want, got)
				}
			}
			if slices.ContainsFunc(got, func(line string) bool { return strings.HasPrefix(line, "answer.") }) {
				t.Errorf("expected that an answer is not accused of what a request brought, got %q", got)
			}
		})
	}
}
