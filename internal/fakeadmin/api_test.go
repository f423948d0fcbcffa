package fakeadmin

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// still is a clock that only moves when it is advanced.
var still = fakeserver.WithClock(func() time.Time { return time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC) })

func TestReset(t *testing.T) {
	t.Parallel()
	s := newSite(t, still)
	token := s.Fixtures().Token
	s.upgrade(`{"upgrade_version":"2.2.9"}`)
	s.Advance(time.Hour)
	if answer, body := s.ask(http.MethodPost, "/_fake/reset", ""); answer.StatusCode != http.StatusNoContent || body != "" {
		t.Fatalf("expected 204, got %s: %s", answer.Status, body)
	}
	if len(s.Journal(0)) != 0 || len(s.Jobs(1)) != 0 || s.Fixtures().Token != token || s.Now().Hour() != 4 {
		t.Error("expected the initial state")
	}
}

func TestScenario(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	source, err := scenario.Source("states")
	if err != nil {
		t.Fatal(err)
	}
	const asJSON = `{"projects":[{"name":"p"}],"users":[{"name":"u","tokens":[{"project":"p","value":"planted-token"}]}],
		"graphs":[{"name":"only","project":"p"}]}`
	for _, tt := range []struct {
		body   string
		graphs int
	}{{string(source), 21}, {asJSON, 1}} {
		if answer, body := s.ask(http.MethodPut, "/_fake/scenario", tt.body); answer.StatusCode != http.StatusNoContent || len(s.Graphs()) != tt.graphs {
			t.Errorf("expected 204 and %d graphs, got %s and %d: %s", tt.graphs, answer.Status, len(s.Graphs()), body)
		}
	}
	const planted = "planted-password"
	for _, tt := range []struct{ body, says string }{
		{"", "body:1: expected a scenario"},
		{"projects:\n  - {name: p}\nusers: 7\n", "body:3:"},
		{"projects: [{name: p}]\nusers:\n  - {name: u, password: [" + planted + "]}\ngraphs: []\n", "body:3:"},
		{`{"projects":`, "body:"},
		{strings.Replace(asJSON, `"tokens":[{"project":"p","value":"planted-token"}]`, `"role":"reader"`, 1), "operator"},
		{"\x00", "body:1:"},
	} {
		answer, body := s.ask(http.MethodPut, "/_fake/scenario", tt.body)
		wantError(t, answer, body, http.StatusBadRequest, tt.says)
		if strings.Contains(body, planted) || strings.Contains(body, "planted-token") {
			t.Errorf("expected no credentials in the error, got %s", body)
		}
	}
	answer, body := s.ask(http.MethodPut, "/_fake/scenario", strings.Repeat("#", maxScenario+1))
	wantError(t, answer, body, http.StatusRequestEntityTooLarge, "at most 1048576 bytes")
	if graphs := s.Graphs(); len(graphs) != 1 {
		t.Errorf("expected a scenario that is refused to change nothing, got %v", graphs)
	}
	answer, body = s.ask(http.MethodGet, "/_fake/scenario/schema", "")
	if body != string(scenario.Schema()) || answer.Header.Get("Content-Type") != "application/schema+json" {
		t.Errorf("expected the schema, got %q", answer.Header.Get("Content-Type"))
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	s := newSite(t, still)
	if got := decode[struct{ Now time.Time }](t, s.get("/_fake/clock")).Now; !got.Equal(s.Now()) {
		t.Errorf("expected %s, got %s", s.Now(), got)
	}
	answer, body := s.ask(http.MethodPost, "/_fake/clock", `{"advance":"1h30m"}`)
	if got := decode[struct{ Now time.Time }](t, body).Now; answer.StatusCode != http.StatusOK || got.Format(time.TimeOnly) != "05:35:06" || !got.Equal(s.Now()) {
		t.Errorf("expected 05:35:06, got %s: %s", answer.Status, body)
	}
	for order, says := range map[string]string{
		"": "advance", "{}": "a duration like", `{"advance":30}`: `expected {"advance":"30m"}`, `{"advance":"30"}`: `got "30"`,
		`{"advance":"-1s"}`: "not negative", `{"advance":"1s","more":1}`: "expected {", `{"advance":"1s"} {}`: "expected {",
		`{"advance":"2500000h"}`: "before the year 2200", `{"advance":"` + strings.Repeat("9", 200) + `h"}`: "999…",
	} {
		answer, body := s.ask(http.MethodPost, "/_fake/clock", order)
		wantError(t, answer, body, http.StatusBadRequest, says)
	}
	answer, body = s.ask(http.MethodPost, "/_fake/clock", strings.Repeat(" ", maxForm+1))
	wantError(t, answer, body, http.StatusRequestEntityTooLarge, "at most 4096 bytes")
	if s.Now().Format(time.TimeOnly) != "05:35:06" {
		t.Errorf("expected requests that are refused to change nothing, got %s", s.Now())
	}
}

func TestState(t *testing.T) {
	t.Parallel()
	s := newSite(t, still, fakeserver.WithUpgradeTimes(time.Minute), fakeserver.WithSeed(7))
	s.upgrade(`{"upgrade_version":"2.2.9"}`)
	s.upgrade(`{"upgrade_version":9}`)
	got := decode[state](t, s.get("/_fake/state"))
	f := s.Fixtures()
	if got.Seed != 7 || !got.Now.Equal(s.Now()) || got.Fixtures.GraphID != f.GraphID || !slices.Equal(got.Fixtures.Versions, f.Versions) {
		t.Errorf("expected the seed, the time and the fixtures, got %+v", got)
	}
	if len(got.Graphs) != 3 || got.Graphs[0].State != "upgrading" || len(got.Jobs) != 1 || got.Jobs[0].Target != "2.2.9" || got.Jobs[0].Status != "pending" {
		t.Errorf("expected three graphs and a job, got %+v %+v", got.Graphs, got.Jobs)
	}
	if got.Journal != (span{1, 2, 1}) {
		t.Errorf("expected exchanges 1 to 2, one of them a violation, got %+v", got.Journal)
	}
	for _, version := range f.Versions[1:60] {
		s.Advance(time.Minute)
		s.upgrade(`{"upgrade_version":"` + version + `"}`)
	}
	if got := decode[state](t, s.get("/_fake/state")); len(got.Jobs) != shownJobs || got.Jobs[0].Target != f.Versions[59] {
		t.Errorf("expected the newest %d jobs, got %d", shownJobs, len(got.Jobs))
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	type journal struct {
		span
		Exchanges []entry `json:"exchanges"`
	}
	s := newSite(t, still)
	if got := s.get("/_fake/journal"); !strings.Contains(got, `"exchanges":[]`) || !strings.Contains(got, `"first":1,"last":0`) {
		t.Errorf("expected an empty journal, got %s", got)
	}
	s.upgrade(`{"upgrade_version":"2.2.9"}`)
	s.upgrade(`{"upgrade_version":9}`)
	s.upgrade(`{}`)
	s.ask(http.MethodGet, "/nowhere", "")
	for query, want := range map[string][]uint64{
		"": {1, 2, 3, 4}, "?after=2": {3, 4}, "?after=4": {}, "?after=18446744073709551615": {}, "?violations=true": {2, 3, 4},
		"?violations=true&after=2": {3, 4}, "?violations=false": {1, 2, 3, 4}, "?after=": {1, 2, 3, 4},
	} {
		got := decode[journal](t, s.get("/_fake/journal"+query))
		numbers := []uint64{}
		for _, x := range got.Exchanges {
			numbers = append(numbers, x.Number)
		}
		if !slices.Equal(numbers, want) || got.span != (span{1, 4, 3}) {
			t.Errorf("%s: expected %v, got %v, %+v", query, want, numbers, got.span)
		}
	}
	x := decode[journal](t, s.get("/_fake/journal?after=1")).Exchanges[0]
	if len(x.Judgement.Request) != 1 || x.Judgement.Request[0].Line == 0 || x.Status != http.StatusBadRequest || x.Body != `{"upgrade_version":9}` {
		t.Errorf("expected an exchange with its judgement, got %+v", x)
	}
	if !strings.Contains(x.Curl, `-H "X-Auth-Token: $GESCONFORM_TOKEN"`) {
		t.Errorf("expected a variable for the token, got %s", x.Curl)
	}
	for query, says := range map[string]string{
		"?after=-1": `got "-1"`, "?after=x": "the number of an exchange", "?violations=yes": "true or false", "?limit=3": `got "limit"`,
	} {
		answer, body := s.ask(http.MethodGet, "/_fake/journal"+query, "")
		wantError(t, answer, body, http.StatusBadRequest, says)
	}
	s.Reset()
	if got := decode[journal](t, s.get("/_fake/journal")); got.span != (span{5, 4, 0}) {
		t.Errorf("expected an empty journal after a reset, got %+v", got.span)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.upgrade(`{}`)
	answer, body := s.ask(http.MethodGet, "/_fake/metrics", "")
	if kind := answer.Header.Get("Content-Type"); kind != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("got Content-Type %q", kind)
	}
	if want := `gesconform_fake_requests_total{operation="upgradeGraph",status="400"} 1`; !strings.Contains(body, want) {
		t.Errorf("expected %s, got\n%s", want, body)
	}
}
