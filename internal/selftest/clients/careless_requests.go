package clients

import (
	"errors"
	"net/http"
	"strings"
	"unicode/utf16"

	"github.com/gesconform/gesconform/internal/client"
)

// silent are those from which the upgrade does not arrive, or not always.
var silent = []Client{
	{Name: "sends-nothing", Breaks: "client.sends", change: func(h *habit) { h.course = func(*run) error { return nil } }},
	{Name: "sends-nothing-and-fails", Breaks: "client.sends", change: func(h *habit) { h.course = func(*run) error { return errors.New("not implemented") } }},
	{Name: "talks-to-another-port", Breaks: "client.sends", change: func(h *habit) {
		h.again = never
		h.course = func(r *run) error {
			r.endpoint.URL = "http://127.0.0.1:1"
			return upgradeAndWait(r)
		}
	}},
	{Name: "reads-only", Breaks: "client.sends", change: func(h *habit) {
		h.course = func(r *run) error {
			r.exchange(http.MethodGet, graphPath(r.endpoint), nil)
			return nil
		}
	}},
	{Name: "connects-only", Breaks: "client.sends", change: func(h *habit) { h.course = func(r *run) error { connect(r); return nil } }},
	{Name: "leaves-out-forced-upgrades", Breaks: "client.sends", change: func(h *habit) {
		h.course = func(r *run) error {
			if f := r.endpoint.ForceUpgrade; f != nil && *f {
				return nil
			}
			return upgradeAndWait(r)
		}
	}},
}

// unlawful are those whose requests break the contract.
var unlawful = []Client{
	{Name: "force-as-string", Breaks: "client.request-lawful", change: replaced(`"force_upgrade": true`, `"force_upgrade": "true"`, `"force_upgrade": false`, `"force_upgrade": "false"`)},
	{Name: "force-as-number", Breaks: "client.request-lawful", change: replaced(`"force_upgrade": true`, `"force_upgrade": 1`, `"force_upgrade": false`, `"force_upgrade": 0`)},
	{Name: "force-null", Breaks: "client.request-lawful", change: body(func(e client.Endpoint) string {
		if e.ForceUpgrade == nil {
			return string(members(e, `"force_upgrade": null`))
		}
		return string(members(e))
	})},
	{Name: "force-letter-case", Breaks: "client.request-lawful", change: replaced(`"force_upgrade"`, `"Force_Upgrade"`)},
	{Name: "version-as-number", Breaks: "client.request-lawful", change: body(func(e client.Endpoint) string {
		parts := strings.Split(e.UpgradeVersion, ".")
		return `{"upgrade_version": ` + strings.Join(parts[:2], ".") + `}`
	})},
	{Name: "version-in-array", Breaks: "client.request-lawful", change: body(func(e client.Endpoint) string { return `{"upgrade_version": [` + quote(e.UpgradeVersion) + `]}` })},
	{Name: "version-with-v", Breaks: "client.request-lawful", change: body(func(e client.Endpoint) string {
		e.UpgradeVersion = "v" + e.UpgradeVersion
		return string(members(e))
	})},
	{Name: "version-with-space", Breaks: "client.request-lawful", change: body(func(e client.Endpoint) string {
		e.UpgradeVersion += "\n"
		return string(members(e))
	})},
	{Name: "version-missing", Breaks: "client.request-lawful", change: body(func(client.Endpoint) string { return `{}` })},
	{Name: "version-in-camel-case", Breaks: "client.request-lawful", change: replaced(`"upgrade_version"`, `"upgradeVersion"`)},
	{Name: "members-twice", Breaks: "client.request-lawful", change: replaced(`{`, `{"upgrade_version": "1.0.0", `)},
	{Name: "body-in-string", Breaks: "client.request-lawful", change: body(func(e client.Endpoint) string { return quote(string(members(e))) })},
	{Name: "body-in-array", Breaks: "client.request-lawful", change: body(func(e client.Endpoint) string { return "[" + string(members(e)) + "]" })},
	{Name: "body-absent", Breaks: "client.request-lawful", change: func(h *habit) { h.body = func(client.Endpoint, int) []byte { return nil } }},
	{Name: "comma-at-end", Breaks: "client.request-lawful", change: replaced(`}`, `,}`)},
	{Name: "single-quotes", Breaks: "client.request-lawful", change: replaced(`"`, `'`)},
	{Name: "form", Breaks: "client.request-lawful", change: body(func(e client.Endpoint) string { return "upgrade_version=" + e.UpgradeVersion })},
	{Name: "utf-16", Breaks: "client.request-lawful", change: body(func(e client.Endpoint) string {
		var b strings.Builder
		for _, unit := range utf16.Encode([]rune("\ufeff" + string(members(e)))) {
			b.WriteByte(byte(unit >> 8))
			b.WriteByte(byte(unit))
		}
		return b.String()
	})},
	{Name: "no-content-type", Breaks: "client.request-lawful", change: contentType("")},
	{Name: "content-type-form", Breaks: "client.request-lawful", change: contentType("application/x-www-form-urlencoded")},
	{Name: "content-type-text", Breaks: "client.request-lawful", change: contentType("text/plain; charset=utf-8")},
	{Name: "path-of-v1", Breaks: "client.request-lawful", change: func(h *habit) {
		h.path = func(e client.Endpoint) string { return strings.Replace(upgradePath(e), "/v2/", "/v1.0/", 1) }
	}},
	{Name: "path-without-project", Breaks: "client.request-lawful", change: func(h *habit) {
		h.path = func(e client.Endpoint) string { e.ProjectID = ""; return upgradePath(e) }
	}},
	{Name: "path-with-slash", Breaks: "client.request-lawful", change: func(h *habit) { h.path = func(e client.Endpoint) string { return upgradePath(e) + "/" } }},
	{Name: "path-with-two-slashes", Breaks: "client.request-lawful", change: func(h *habit) { h.path = func(e client.Endpoint) string { return "/" + upgradePath(e) } }},
	{Name: "path-with-placeholder", Breaks: "client.request-lawful", change: func(h *habit) {
		h.path = func(e client.Endpoint) string { e.GraphID = "{graph_id}"; return upgradePath(e) }
	}},
	{Name: "puts", Breaks: "client.request-lawful", change: func(h *habit) { h.method = http.MethodPut }},
	{Name: "token-missing", Breaks: "client.request-lawful", change: dressedLast(func(_ *run, q *http.Request) { q.Header.Del("X-Auth-Token") })},
	{Name: "token-twice", Breaks: "client.request-lawful", change: dressedLast(func(r *run, q *http.Request) { q.Header.Add("X-Auth-Token", r.endpoint.Token) })},
	{Name: "token-missing-on-reads", Breaks: "client.request-lawful", change: dressedLast(func(_ *run, q *http.Request) {
		if q.Method == http.MethodGet {
			q.Header.Del("X-Auth-Token")
		}
	})},
	{Name: "empty-body-when-again", Breaks: "client.request-lawful", change: func(h *habit) {
		h.body = func(e client.Endpoint, attempt int) []byte {
			if attempt > 1 { // the first attempt has read it to its end
				return []byte{}
			}
			return members(e)
		}
	}},
	{Name: "no-token-when-again", Breaks: "client.request-lawful", change: func(h *habit) {
		posts := 0
		h.authenticate = func(r *run, q *http.Request, body []byte) {
			if q.Method == http.MethodPost {
				posts++
			}
			if q.Method != http.MethodPost || posts == 1 {
				byWhatIsGiven(r, q, body)
			}
		}
	}},
	{Name: "job-without-graph", Breaks: "client.request-lawful", change: func(h *habit) {
		h.jobPath = func(e client.Endpoint, id string) string { e.GraphID = ""; return jobPath(e, id) }
	}},
	{Name: "posts-for-job", Breaks: "client.request-lawful", change: func(h *habit) {
		h.send = func(r *run, q *http.Request) (*http.Response, error) {
			if q.Method == http.MethodGet {
				q.Method = http.MethodPost
			}
			return r.http.Do(q)
		}
	}},
	{Name: "known-member-more", Breaks: "client.known-members", change: more(`"description": "upgraded at night"`)},
	{Name: "known-dry-run", Breaks: "client.known-members", change: more(`"dry_run": false`)},
	{Name: "known-nested", Breaks: "client.known-members", change: more(`"options": {"backup": [true, {"keep": 3}]}`)},
	{Name: "known-project-in-body", Breaks: "client.known-members", change: body(func(e client.Endpoint) string { return string(members(e, `"graph_id": `+quote(e.GraphID))) })},
	{Name: "known-when-forced", Breaks: "client.known-members", change: body(func(e client.Endpoint) string {
		if e.ForceUpgrade == nil {
			return string(members(e))
		}
		return string(members(e, `"force": true`))
	})},
}

// replaced replaces texts in the body, pairwise.
func replaced(pairs ...string) func(h *habit) {
	return body(func(e client.Endpoint) string { return strings.NewReplacer(pairs...).Replace(string(members(e))) })
}

func more(member string) func(h *habit) {
	return body(func(e client.Endpoint) string { return string(members(e, member)) })
}

// dressedLast changes each request when its credentials are set.
func dressedLast(change func(r *run, q *http.Request)) func(h *habit) {
	return func(h *habit) {
		h.authenticate = func(r *run, q *http.Request, body []byte) {
			byWhatIsGiven(r, q, body)
			change(r, q)
		}
	}
}
