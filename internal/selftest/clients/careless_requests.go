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
	{"sends-nothing", "client.sends", func(h *habit) { h.course = func(*run) error { return nil } }},
	{"sends-nothing-and-fails", "client.sends", func(h *habit) { h.course = func(*run) error { return errors.New("not implemented") } }},
	{"talks-to-another-port", "client.sends", func(h *habit) {
		h.again = never
		h.course = func(r *run) error {
			r.endpoint.URL = "http://127.0.0.1:1"
			return upgradeAndWait(r)
		}
	}},
	{"reads-only", "client.sends", func(h *habit) {
		h.course = func(r *run) error {
			r.exchange(http.MethodGet, graphPath(r.endpoint), nil)
			return nil
		}
	}},
	{"connects-only", "client.sends", func(h *habit) { h.course = func(r *run) error { connect(r); return nil } }},
	{"leaves-out-forced-upgrades", "client.sends", func(h *habit) {
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
	{"force-as-string", "client.request-lawful", replaced(`"force_upgrade": true`, `"force_upgrade": "true"`, `"force_upgrade": false`, `"force_upgrade": "false"`)},
	{"force-as-number", "client.request-lawful", replaced(`"force_upgrade": true`, `"force_upgrade": 1`, `"force_upgrade": false`, `"force_upgrade": 0`)},
	{"force-null", "client.request-lawful", body(func(e client.Endpoint) string {
		if e.ForceUpgrade == nil {
			return string(members(e, `"force_upgrade": null`))
		}
		return string(members(e))
	})},
	{"force-letter-case", "client.request-lawful", replaced(`"force_upgrade"`, `"Force_Upgrade"`)},
	{"version-as-number", "client.request-lawful", body(func(e client.Endpoint) string {
		parts := strings.Split(e.UpgradeVersion, ".")
		return `{"upgrade_version": ` + strings.Join(parts[:2], ".") + `}`
	})},
	{"version-in-array", "client.request-lawful", body(func(e client.Endpoint) string { return `{"upgrade_version": [` + quote(e.UpgradeVersion) + `]}` })},
	{"version-with-v", "client.request-lawful", body(func(e client.Endpoint) string {
		e.UpgradeVersion = "v" + e.UpgradeVersion
		return string(members(e))
	})},
	{"version-with-space", "client.request-lawful", body(func(e client.Endpoint) string {
		e.UpgradeVersion += "\n"
		return string(members(e))
	})},
	{"version-missing", "client.request-lawful", body(func(client.Endpoint) string { return `{}` })},
	{"version-in-camel-case", "client.request-lawful", replaced(`"upgrade_version"`, `"upgradeVersion"`)},
	{"members-twice", "client.request-lawful", replaced(`{`, `{"upgrade_version": "1.0.0", `)},
	{"body-in-string", "client.request-lawful", body(func(e client.Endpoint) string { return quote(string(members(e))) })},
	{"body-in-array", "client.request-lawful", body(func(e client.Endpoint) string { return "[" + string(members(e)) + "]" })},
	{"body-absent", "client.request-lawful", func(h *habit) { h.body = func(client.Endpoint, int) []byte { return nil } }},
	{"comma-at-end", "client.request-lawful", replaced(`}`, `,}`)},
	{"single-quotes", "client.request-lawful", replaced(`"`, `'`)},
	{"form", "client.request-lawful", body(func(e client.Endpoint) string { return "upgrade_version=" + e.UpgradeVersion })},
	{"utf-16", "client.request-lawful", body(func(e client.Endpoint) string {
		var b strings.Builder
		for _, unit := range utf16.Encode([]rune("\ufeff" + string(members(e)))) {
			b.WriteByte(byte(unit >> 8))
			b.WriteByte(byte(unit))
		}
		return b.String()
	})},
	{"no-content-type", "client.request-lawful", contentType("")},
	{"content-type-form", "client.request-lawful", contentType("application/x-www-form-urlencoded")},
	{"content-type-text", "client.request-lawful", contentType("text/plain; charset=utf-8")},
	{"path-of-v1", "client.request-lawful", func(h *habit) {
		h.path = func(e client.Endpoint) string { return strings.Replace(upgradePath(e), "/v2/", "/v1.0/", 1) }
	}},
	{"path-without-project", "client.request-lawful", func(h *habit) {
		h.path = func(e client.Endpoint) string { e.ProjectID = ""; return upgradePath(e) }
	}},
	{"path-with-slash", "client.request-lawful", func(h *habit) { h.path = func(e client.Endpoint) string { return upgradePath(e) + "/" } }},
	{"path-with-two-slashes", "client.request-lawful", func(h *habit) { h.path = func(e client.Endpoint) string { return "/" + upgradePath(e) } }},
	{"path-with-placeholder", "client.request-lawful", func(h *habit) {
		h.path = func(e client.Endpoint) string { e.GraphID = "{graph_id}"; return upgradePath(e) }
	}},
	{"puts", "client.request-lawful", func(h *habit) { h.method = http.MethodPut }},
	{"token-missing", "client.request-lawful", dressedLast(func(_ *run, q *http.Request) { q.Header.Del("X-Auth-Token") })},
	{"token-twice", "client.request-lawful", dressedLast(func(r *run, q *http.Request) { q.Header.Add("X-Auth-Token", r.endpoint.Token) })},
	{"token-missing-on-reads", "client.request-lawful", dressedLast(func(_ *run, q *http.Request) {
		if q.Method == http.MethodGet {
			q.Header.Del("X-Auth-Token")
		}
	})},
	{"empty-body-when-again", "client.request-lawful", func(h *habit) {
		h.body = func(e client.Endpoint, attempt int) []byte {
			if attempt > 1 { // the first attempt has read it to its end
				return []byte{}
			}
			return members(e)
		}
	}},
	{"no-token-when-again", "client.request-lawful", func(h *habit) {
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
	{"job-without-graph", "client.request-lawful", func(h *habit) {
		h.jobPath = func(e client.Endpoint, id string) string { e.GraphID = ""; return jobPath(e, id) }
	}},
	{"posts-for-job", "client.request-lawful", func(h *habit) {
		h.send = func(r *run, q *http.Request) (*http.Response, error) {
			if q.Method == http.MethodGet {
				q.Method = http.MethodPost
			}
			return r.http.Do(q)
		}
	}},
	{"known-member-more", "client.known-members", more(`"description": "upgraded at night"`)},
	{"known-dry-run", "client.known-members", more(`"dry_run": false`)},
	{"known-nested", "client.known-members", more(`"options": {"backup": [true, {"keep": 3}]}`)},
	{"known-project-in-body", "client.known-members", body(func(e client.Endpoint) string { return string(members(e, `"graph_id": `+quote(e.GraphID))) })},
	{"known-when-forced", "client.known-members", body(func(e client.Endpoint) string {
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
