package fakeadmin

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

func wantAll(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("expected %q on the page, got\n%s", text, page)
		}
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	defect, err := fakeserver.LookupDefect("job-id-missing")
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, still, fakeserver.WithUpgradeTimes(time.Hour), fakeserver.WithDefect(defect))
	wantAll(t, s.get("/_fake/"), "There are no requests yet.", "There are no jobs yet.", "0 exchanges<", `data-first="1" data-last="0"`)
	s.upgrade(`{"upgrade_version":"2.2.9"}`)
	s.upgrade(`{"upgrade_version":9}`)
	s.Advance(15 * time.Minute)
	page := s.get("/_fake/")
	wantAll(t, page,
		"a project with a running and a stopped graph", "2026-02-03 04:20:06 UTC", // the head
		"ges_demo", `data-state="upgrading">upgrading</span> <span class="code">201<`, ">2.2.8<", // graphs
		"ges_demo to 2.2.9", `data-state="running">running<`, `value="25"`, "45m left", // jobs
		"2 exchanges", "1 breaks the contract",
		`<li id="x2" data-number="2" class="violates">`, "request breaks the contract", "body /upgrade_version", "openapi.yaml:",
		`<li id="x1" data-number="1" class="amiss">`, "answer deviates", "scalar-type", ">upgradeGraph<",
		"X-Auth-Token:</span> [redacted]", "&#34;X-Auth-Token: $GESCONFORM_TOKEN&#34;", `--data-raw &#39;{&#34;upgrade_version&#34;:9}&#39;`,
	)
	if strings.Index(page, `id="x2"`) > strings.Index(page, `id="x1"`) {
		t.Error("expected the newest exchange first")
	}
	if strings.Contains(page, "style=") || strings.Contains(page, "<style") || strings.Contains(page, " onclick") || strings.Contains(page, "<script>") {
		t.Error("expected neither styles nor scripts in the page: the policy forbids them")
	}
	s.Advance(time.Hour)
	wantAll(t, s.get("/_fake/"), `data-state="success">success<`, "ended 05:05:06", ">2.2.9<")
}

// The page says what the fake only notices: where else credentials stand, and what contradicts the path.
func TestThePageShowsWhatIsOnlyNoticed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := s.Fixtures()
	graph := "/v2/" + f.ProjectID + "/graphs/" + f.GraphID
	for _, ask := range []struct{ target, header, value, want string }{
		{graph + "?t=" + f.Token, "", "", "expected credentials in their header only, got some in the query"},
		{graph, "Cookie", "a=" + f.Token, "expected credentials in their header only, got some in the header Cookie"},
		{graph, "X-Project-Id", "other", "expected the project_id of the path, got another"},
		{"/v2/" + f.ProjectID + "/graphs?t=" + f.Token, "", "", "expected credentials in their header only, got some in the query"},
	} {
		s.Reset()
		header := []string{"X-Auth-Token", f.Token}
		if ask.header != "" {
			header = append(header, ask.header, ask.value)
		}
		s.ask(http.MethodGet, ask.target, "", header...)
		page := s.get("/_fake/")
		wantAll(t, page, "1 breaks the contract", "request breaks the contract", ask.want, "openapi.yaml:")
		if strings.Contains(page, f.Token) {
			t.Errorf("%s: the page has the token", ask.target)
		}
	}
}

func TestFilter(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.upgrade(`{"upgrade_version":"2.2.9"}`)
	s.upgrade(`{"upgrade_version":9}`)
	s.ask(http.MethodGet, "/elsewhere", "", "X-Note", "Needle")
	for query, want := range map[string]string{
		"": "321", "?after=1": "32", "?violations=true": "32", "?text=NEEDLE": "3", "?text=elsewhere": "3", "?text=404": "3", "?text=upgradeGraph": "21",
		"?text=expected+a+string": "2", "?text=upgradegraph&violations=true&after=1": "2", "?text=nothing": "", "?text=+": "321",
	} {
		got := ""
		page := s.get("/_fake/" + query)
		for _, part := range strings.Split(page, ` data-number="`)[1:] {
			number, _, _ := strings.Cut(part, `"`)
			got += number
		}
		if got != want {
			t.Errorf("%s: expected %q, got %q", query, want, got)
		}
		if empty := strings.Contains(page, "No exchange matches the filter."); want == "" && !empty {
			t.Errorf("%s: expected the page to say that nothing matches", query)
		}
	}
	answer, body := s.ask(http.MethodGet, "/_fake/?q=x", "")
	wantError(t, answer, body, http.StatusBadRequest, `got "q"`)
}

func TestOnlyTheNewestAreShown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range shownRows + 10 {
		s.ask(http.MethodGet, fmt.Sprintf("/path/%d", i), "")
	}
	for _, query := range []string{"", "?text=path"} {
		page := s.get("/_fake/" + query)
		if got := strings.Count(page, "<details>"); got != shownRows || strings.Contains(page, `id="x10"`) || !strings.Contains(page, `id="x11"`) {
			t.Errorf("%q: expected the newest %d exchanges, got %d", query, shownRows, got)
		}
		wantAll(t, page, `id="limited">Only the newest 200 are shown.`, `210 exchanges, <strong class="bad">210 break the contract</strong>`)
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	s := newSite(t, still)
	form := func(fields string) (*http.Response, string) {
		return s.ask(http.MethodPost, "/_fake/", fields, "Content-Type", "application/x-www-form-urlencoded")
	}
	s.upgrade(`{}`)
	for fields, hour := range map[string]int{"advance=2h": 6, "reset=true": 4} {
		s.Reset()
		if answer, body := form(fields); answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != Root || s.Now().Hour() != hour {
			t.Errorf("%s: expected a redirect to the page, and %d o'clock, got %s at %s: %s", fields, hour, answer.Status, s.Now(), body)
		}
	}
	for fields, says := range map[string]string{"": "advance or reset", "advance=-1s": "not negative", "advance=": "a duration like", "%zz": "read the form"} {
		answer, body := form(fields)
		wantError(t, answer, body, http.StatusBadRequest, says)
	}
}

// hostile are texts that must be escaped on the page.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg/onload=alert(1)>`, `</pre></details><script>alert(1)</script>`,
	"{{.Seed}}", "</title><script>alert(1)</script>", "javascript:alert(1)", "\u202e\u2066gnp.exe", "\x1b[31m", "\x00\x07", "\xff\xfe", "&lt;b&gt;",
}

func TestWhatIsShownIsEscaped(t *testing.T) {
	t.Parallel()
	sc := &scenario.Scenario{
		Description: hostile[0], Projects: []scenario.Project{{Name: "p"}},
		Users:    []scenario.User{{Name: "u", Tokens: []scenario.Token{{Project: "p"}}}},
		Graphs:   []scenario.Graph{{Name: "g", Project: "p"}},
		Upgrades: []scenario.Upgrade{{Fails: hostile[0] + hostile[7]}},
	}
	s := newSite(t, fakeserver.WithScenario(sc))
	s.upgrade(`{"upgrade_version":"2.2.9"}`)
	for _, text := range hostile {
		s.ask(http.MethodPost, "/v2/"+text+"?q="+text, text, "X-Note", text, "Content-Type", text, "Host", text, "X-"+text, "x")
		s.ask(text, "/", text)
		s.upgrade(`{"upgrade_version":"` + text + `"}`)
		s.upgrade(`{"upgrade_version":"2.2.9","` + text + `":1,"force_upgrade":"` + text + `"}`)
	}
	page := s.get("/_fake/")
	for _, text := range []string{"<script>alert", "<img", "<svg", "\u202e", "\u2066", "\x1b", "\x00", "\x07", "\xff"} {
		if at := strings.Index(page, text); at >= 0 {
			t.Errorf("expected no %q on the page, got …%s…", text, page[max(0, at-200):min(len(page), at+100)])
		}
	}
	wantAll(t, page, "&lt;script&gt;alert(1)&lt;/script&gt;", "{{.Seed}}", `\u202e`, `\x1b[31m`, `\x00\x07`, "&amp;lt;b&amp;gt;")
	if got, want := strings.Count(page, "</details>"), 1+4*len(hostile); got != want {
		t.Errorf("expected %d rows, got %d", want, got)
	}
	filtered := s.get("/_fake/?text=%22%3E%3Cscript%3E")
	wantAll(t, filtered, `value="&#34;&gt;&lt;script&gt;"`)
	if journal := s.get("/_fake/journal"); strings.Contains(journal, "<") {
		t.Error("expected no tags in JSON either")
	}
}

// A deeply nested body must not be indented, because it would grow to megabytes.
func TestLongAndDeepBodies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.upgrade(strings.Repeat("[", 2000) + strings.Repeat("]", 2000))
	s.upgrade(`{"upgrade_version":"` + strings.Repeat("x", 20_000) + `"}`)
	s.upgrade(strings.Repeat("\xff", 100_000))
	s.upgrade("\xff\x00")
	page := s.get("/_fake/")
	if len(page) > 200_000 {
		t.Errorf("expected at most 200,000 bytes, got %d", len(page))
	}
	wantAll(t, page, "… 11830 more bytes", "kept the beginning of the body only", "jq -j &#39;.exchanges[0].body&#39;", `printf &#39;\377\000&#39; | curl`)
}

func TestApproximately(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "under 1s", 900 * time.Millisecond: "under 1s", 30 * time.Second: "30s", 90 * time.Second: "1m30s", 10 * time.Minute: "10m",
		time.Hour: "1h", 10 * time.Hour: "10h", time.Hour + 30*time.Second: "1h0m30s", 90 * time.Minute: "1h30m",
	} {
		if got := approximately(d); got != want {
			t.Errorf("%v: expected %s, got %s", d, want, got)
		}
	}
}
