package independent_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

const (
	graphFirst = "the graph is looked for first"
	notLater   = "the version is the graph's own, and is refused"
	needsMany  = "the only version has gone into the first upgrade"
	unsafe     = "a request without a version may start anything"
)

var wrongStatuses = []row{
	{name: "no token 403", turn: answering(403, "APIGW.0301", "no-token")},
	{name: "no token 400", turn: answering(400, "APIGW.0301", "no-token")},
	{name: "no token 400 GES.8007", turn: answering(400, "GES.8007", "no-token")},
	{name: "no token to a login page", turn: edited(kinds("no-token"), and(status(302), header("Location", "/login")))},
	{name: "bad token 403", turn: answering(403, "APIGW.0301", "bad-token")},
	{name: "bad token 500", turn: answering(500, "APIGW.0601", "bad-token")},
	{name: "expired token 403", turn: answering(403, "APIGW.0307", "expired")},
	{name: "expired token 400", turn: answering(400, "GES.0001", "expired")},
	{name: "reader 401", turn: answering(401, "APIGW.0301", "readonly"), seen: guarded, why: graphFirst},
	{name: "unknown graph 500", turn: answering(500, "GES.7000", "no-graph")},
	{name: "unknown graph 403", turn: answering(403, "GES.7000", "no-graph")},
	{name: "unknown graph 410", turn: answering(410, "GES.7000", "no-graph")},
	{name: "unknown graph 401", turn: answering(401, "GES.7000", "no-graph")},
	{name: "unknown job 500", turn: answering(500, "GES.7007", "no-job")},
	{name: "unknown job 410", turn: answering(410, "GES.7007", "no-job")},
	{name: "other project 500", turn: answering(500, "GES.0016", "other-project")},
	{name: "malformed project 500", turn: answering(500, "GES.0001", "project-id")},
	{name: "media type 400 no, 406", turn: answering(406, "GES.7016", "media"), seen: guarded, why: graphFirst},
	{name: "no version 404", turn: answering(404, "GES.7049", "missing"), seen: many, why: unsafe},
	{name: "bad version 500", turn: answering(500, "GES.0001", "form"), seen: many, why: unsafe},
	{name: "equal version 409", turn: answering(409, "GES.7036", "not-later"), seen: guarded, why: graphFirst},
	{name: "equal version 403", turn: answering(403, "GES.7036", "not-later"), seen: guarded, why: graphFirst},
	{name: "equal version 500", turn: answering(500, "GES.7036", "not-later"), seen: guarded, why: graphFirst},
	{name: "stopped 500", turn: answering(500, "GES.7001", "stopped"), seen: guarded, why: graphFirst},
	{name: "stopped 404", turn: answering(404, "GES.7001", "stopped"), seen: guarded, why: graphFirst},
	{name: "second 500", turn: answering(500, "GES.7001", "upgrading"), seen: one, why: hidden},
	{name: "second 503", turn: answering(503, "GES.7001", "upgrading"), seen: one, why: hidden},
}

var wrongCodes = []row{
	{name: "no token GES.7041", turn: answering(401, "GES.7041", "no-token")},
	{name: "reader GES.7036", turn: answering(403, "GES.7036", "readonly"), seen: guarded, why: graphFirst},
	{name: "unknown graph GES.7001", turn: answering(404, "GES.7001", "no-graph")},
	{name: "unknown graph GES.7007", turn: answering(404, "GES.7007", "no-graph")},
	{name: "unknown graph APIGW.0101", turn: answering(404, "APIGW.0101", "no-graph")},
	{name: "unknown job GES.7000", turn: answering(400, "GES.7000", "no-job")},
	{name: "other project GES.7049", turn: answering(400, "GES.7049", "other-project")},
	{name: "bad JSON GES.7000", turn: answering(400, "GES.7000", "syntax"), seen: guarded, why: graphFirst},
	{name: "bad JSON GES.7036", turn: answering(400, "GES.7036", "syntax"), seen: many, why: "the version is not later either, so that the code may be about that"},
	{name: "media type GES.7001", turn: answering(400, "GES.7001", "media"), seen: guarded, why: graphFirst},
	{name: "no version GES.7000", turn: answering(400, "GES.7000", "missing"), seen: many, why: unsafe},
	{name: "no version GES.7036", turn: answering(400, "GES.7036", "missing"), seen: many, why: unsafe},
	{name: "bad version GES.7000", turn: answering(400, "GES.7000", "form"), seen: many, why: unsafe},
	{name: "equal version GES.7001", turn: answering(400, "GES.7001", "not-later"), seen: guarded, why: graphFirst},
	{name: "equal version GES.7000", turn: answering(400, "GES.7000", "not-later"), seen: guarded, why: graphFirst},
	{name: "stopped GES.7036", turn: answering(400, "GES.7036", "stopped"), seen: one, why: "the version is not later either, so that the code may be about that"},
	{name: "stopped GES.7000", turn: answering(400, "GES.7000", "stopped"), seen: guarded, why: graphFirst},
	{name: "second GES.7000", turn: answering(400, "GES.7000", "upgrading"), seen: one, why: hidden},
	{name: "second GES.7036", turn: answering(400, "GES.7036", "upgrading"), seen: many, why: "the version that the graph has is not later either"},
}

// trusting replaces the check of the token.
func trusting(good func(r *http.Request) bool) func(*knobs) {
	return func(k *knobs) {
		k.before = func(_ *call, _ http.ResponseWriter, r *http.Request) bool {
			if t := r.Header.Get("X-Auth-Token"); t != readToken && t != staleToken && good(r) {
				r.Header.Set("X-Auth-Token", goodToken)
			}
			return false
		}
	}
}

func without(kinds ...string) func(*knobs) {
	return func(k *knobs) {
		for _, kind := range kinds {
			k.skip[kind] = true
		}
	}
}

var letIn = []row{
	{name: "no token", turn: without("no-token")},
	{name: "any token", turn: without("bad-token")},
	{name: "stale token", turn: without("expired")},
	{name: "no credentials at all", turn: without("no-token", "bad-token", "expired")},
	{name: "reader", turn: without("readonly"), seen: many, why: "the graph or the version is refused first, and " + needsMany},
	{name: "tokens of the right length", turn: trusting(func(r *http.Request) bool { return len(r.Header.Get("X-Auth-Token")) == len(goodToken) })},
	{name: "tokens with the right start", turn: trusting(func(r *http.Request) bool { return strings.HasPrefix(r.Header.Get("X-Auth-Token"), goodToken[:8]) })},
	{name: "tokens that start with MIIE", turn: trusting(func(r *http.Request) bool { return strings.HasPrefix(r.Header.Get("X-Auth-Token"), "MII") })},
	{name: "long tokens", turn: trusting(func(r *http.Request) bool { return len(r.Header.Get("X-Auth-Token")) > 1000 })},
	{name: "empty token", turn: trusting(func(r *http.Request) bool {
		values, there := r.Header["X-Auth-Token"]
		return there && values[0] == ""
	})},
	{name: "the token null", turn: trusting(func(r *http.Request) bool { return r.Header.Get("X-Auth-Token") == "null" })},
	{name: "any signature", turn: trusting(func(r *http.Request) bool { return strings.Contains(r.Header.Get("Authorization"), "Signature=") })},
	{name: "any Authorization", turn: trusting(func(r *http.Request) bool { return r.Header.Get("Authorization") != "" })},
	{name: "Bearer", turn: trusting(func(r *http.Request) bool { return strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") })},
	{name: "token checked after the graph", turn: inOrder("project-id", "graph", "token", "project", "permission", "media", "body", "form", "state", "later")},
	{name: "token checked after the body", turn: inOrder("media", "body", "form", "token", "project-id", "project", "permission", "graph", "state", "later")},
	{name: "token checked after the JSON", turn: func(k *knobs) {
		k.before = func(c *call, w http.ResponseWriter, _ *http.Request) bool {
			if c.op != "upgrade" || json.Valid(c.body) {
				return false
			}
			c.s.send(c, w, c.s.refusal(c, "syntax"))
			return true
		}
	}},
	{name: "token checked after the media type", turn: inOrder("media", "token", "body", "form", "project-id", "project", "permission", "graph", "state", "later")},
	{name: "any project", turn: without("other-project")},
	{name: "any project in other form", turn: without("project-id", "other-project")},
	{name: "unknown graphs upgraded", turn: edited(func(c *call, _ *reply) bool { return c.op == "upgrade" && c.kind == "no-graph" }, and(status(200), text(`{"job_id":"1234"}`)))},
	{name: "foreign graphs upgraded", turn: func(k *knobs) {
		k.before = func(c *call, _ http.ResponseWriter, _ *http.Request) bool {
			if c.op == "upgrade" && c.graphID == foreignGraph && c.project == ownProject {
				c.s.mu.Lock()
				c.s.graphs[foreignGraph].project = ownProject
				c.s.mu.Unlock()
			}
			return false
		}
	}, seen: many, why: needsMany},
	{name: "stopped graphs upgraded", turn: without("stopped"), seen: one, why: notLater},
	{name: "second upgrade", turn: without("upgrading"), seen: many, why: needsMany},
	{name: "second upgrade, forced", turn: func(k *knobs) { k.allowed = func(status string) bool { return status == "201" } }, seen: many, why: needsMany},
	{name: "PUT", turn: method(http.MethodPut), seen: many, why: needsMany},
	{name: "PATCH", turn: method(http.MethodPatch), seen: many, why: needsMany},
	{name: "GET with a body", turn: method(http.MethodGet), seen: many, why: needsMany},
	{name: "DELETE", turn: method(http.MethodDelete), seen: many, why: needsMany},
	{name: "wrong method 200", turn: wrongMethod(http.StatusOK)},
	{name: "wrong method 204", turn: wrongMethod(http.StatusNoContent)},
	{name: "wrong method 500", turn: wrongMethod(http.StatusInternalServerError)},
	{name: "wrong method 302", turn: wrongMethod(http.StatusFound)},
	{name: "any media type", turn: without("media"), seen: many, why: notLater},
	{name: "media types that start like JSON", turn: media(func(t string) bool { return strings.HasPrefix(t, "application/json") }), seen: many, why: notLater},
	{name: "text as JSON", turn: media(func(t string) bool { return strings.HasPrefix(t, "text/plain") }), seen: many, why: notLater},
	{name: "forms as JSON", turn: media(func(t string) bool { return t == "application/x-www-form-urlencoded" }), seen: many, why: notLater},
}

// method lets another method start an upgrade.
func method(name string) func(*knobs) {
	return func(k *knobs) {
		k.rewrite = func(r *http.Request) {
			if r.Method == name && strings.HasSuffix(r.URL.Path, "/upgrade") {
				r.Method = http.MethodPost
			}
		}
	}
}

func wrongMethod(status int) func(*knobs) {
	return func(k *knobs) {
		k.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost || !strings.HasSuffix(r.URL.Path, "/upgrade") {
				return false
			}
			w.WriteHeader(status)
			return true
		}
	}
}

// media takes more media types for JSON.
func media(good func(string) bool) func(*knobs) {
	return func(k *knobs) {
		k.before = func(_ *call, _ http.ResponseWriter, r *http.Request) bool {
			if good(r.Header.Get("Content-Type")) {
				r.Header.Set("Content-Type", "application/json")
			}
			return false
		}
	}
}

// failing answers 500 where something odd is in an upgrade's request.
func failing(odd func(c *call) bool) func(*knobs) {
	return func(k *knobs) {
		k.before = func(c *call, w http.ResponseWriter, _ *http.Request) bool {
			if !odd(c) {
				return false
			}
			c.s.send(c, w, reply{status: 500, body: object{"error_code": "GES.7006", "error_msg": "internal error"}})
			return true
		}
	}
}

func inBody(s string) func(c *call) bool {
	return func(c *call) bool { return bytes.Contains(c.body, []byte(s)) }
}

func inPath(s string) func(c *call) bool {
	return func(c *call) bool {
		p, err := url.PathUnescape(c.r.URL.EscapedPath())
		return err == nil && strings.Contains(p, s)
	}
}

var oddInput = []row{
	{name: "500 at NUL in a path", turn: failing(inPath("\x00"))},
	{name: "500 at quotes in a path", turn: failing(inPath("'"))},
	{name: "500 at non-ASCII in a path", turn: failing(inPath("ä"))},
	{name: "500 at format verbs in a path", turn: failing(inPath("%s"))},
	{name: "500 at long paths", turn: failing(func(c *call) bool { return len(c.r.URL.Path) > 400 })},
	{name: "500 at ids of 128", turn: failing(func(c *call) bool { return len(c.graphID) >= 128 })},
	{name: "500 at deep nesting", turn: failing(inBody(strings.Repeat("[", 200)))},
	{name: "500 at long bodies", turn: failing(func(c *call) bool { return len(c.body) > 5000 })},
	{name: "500 at long tokens", turn: failing(func(c *call) bool { return len(c.r.Header.Get("X-Auth-Token")) > 1000 })},
	{name: "500 at bytes that are not UTF-8", turn: failing(inBody("\xff\xfe"))},
	{name: "500 at a byte order mark", turn: failing(inBody("\xef\xbb\xbf"))},
	{name: "500 at an escaped NUL", turn: failing(inBody(`\u0000`))},
	{name: "500 at emoji", turn: failing(inBody("😀"))},
	{name: "500 at quotes in a version", turn: failing(inBody("OR '0'='0"))},
	{name: "500 at null", turn: failing(func(c *call) bool { return string(c.body) == "null" })},
	{name: "500 at an array", turn: failing(func(c *call) bool { return bytes.HasPrefix(c.body, []byte("[")) })},
	{name: "500 without a body", turn: failing(func(c *call) bool { return c.op == "upgrade" && len(c.body) == 0 })},
	{name: "500 without Content-Type", turn: failing(func(c *call) bool { return c.op == "upgrade" && c.r.Header.Get("Content-Type") == "" })},
	{name: "500 at a version that is null", turn: failing(inBody(`"upgrade_version":null`))},
	{name: "500 at a version that is a number", turn: failing(inBody(`"upgrade_version":0`))},
	{name: "500 at a force that is no boolean", turn: failing(inBody(`"force_upgrade":"`))},
	{name: "500 at unknown members", turn: failing(inBody(`"note"`))},
	{name: "500 at an empty version", turn: failing(inBody(`"upgrade_version":""`))},
	{name: "500 at versions of words", turn: failing(inBody(`"latest"`))},
	{name: "500 at five parts", turn: failing(inBody("0.0.0.0.1"))},
	{name: "500 at huge versions", turn: failing(inBody(strings.Repeat("0", 70)))},
	{name: "500 at two tokens", turn: failing(func(c *call) bool { return len(c.r.Header.Values("X-Auth-Token")) > 1 })},
	{name: "500 at an older version", turn: failing(inBody(`"0.0.1"`))},
}

// loose makes JSON of what only resembles it, before it is read.
func loose(fix func(body string) string) func(*knobs) {
	return func(k *knobs) {
		k.read = func(body []byte) (wanted, string) { return readPlainly([]byte(fix(string(body)))) }
	}
}

// dynamic reads the body as languages without types do.
func dynamic(read func(m map[string]any) (wanted, string)) func(*knobs) {
	return func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			if w, kind := readPlainly(body); kind == "" || kind == "syntax" || kind == "absent" || kind == "not-object" {
				return w, kind
			}
			var m map[string]any
			if err := json.Unmarshal(body, &m); err != nil {
				return wanted{}, kindOf(err)
			}
			return read(m)
		}
	}
}

// latest is what a server may have in mind that misses a version.
const latest = "1.0.90"

func takesLatest(when ...string) func(*knobs) {
	return func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			w, kind := readPlainly(body)
			for _, one := range when {
				if kind == one {
					return wanted{version: latest}, ""
				}
			}
			return w, kind
		}
	}
}

// forcing reads force_upgrade as truthy languages do; the version must be a
// string.
func forcing(good func(v any) bool) func(*knobs) {
	return dynamic(func(m map[string]any) (wanted, string) {
		version, ok := m["upgrade_version"].(string)
		switch force, there := m["force_upgrade"]; {
		case !ok && m["upgrade_version"] != nil:
			return wanted{}, "type"
		case version == "":
			return wanted{}, "missing"
		case there && !good(force):
			return wanted{}, "type"
		}
		return wanted{version: version}, ""
	})
}

// unwrapping reads the version with a function of its own.
func unwrapping(version func(v any) (string, bool)) func(*knobs) {
	return dynamic(func(m map[string]any) (wanted, string) {
		if f, there := m["force_upgrade"]; there && f != nil {
			if _, ok := f.(bool); !ok {
				return wanted{}, "type"
			}
		}
		v, ok := version(m["upgrade_version"])
		switch {
		case m["upgrade_version"] == nil:
			return wanted{}, "missing"
		case !ok:
			return wanted{}, "type"
		case v == "":
			return wanted{}, "empty"
		}
		return wanted{version: v}, ""
	})
}

func oneOf(v any) (string, bool) {
	if all, ok := v.([]any); ok && len(all) == 1 {
		s, ok := all[0].(string)
		return s, ok
	}
	s, ok := v.(string)
	return s, ok
}

var comments = regexp.MustCompile(`/\*.*?\*/`)

var wrongReaders = []row{
	{name: "array of one", turn: loose(func(s string) string { return strings.TrimSuffix(strings.TrimPrefix(s, "["), "]") }), seen: many, why: notLater},
	{name: "what follows the value", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			var first json.RawMessage
			if json.NewDecoder(bytes.NewReader(body)).Decode(&first) == nil {
				return readPlainly(first)
			}
			return readPlainly(body)
		}
	}, seen: many, why: notLater},
	{name: "comments", turn: loose(func(s string) string { return comments.ReplaceAllString(s, "") }), seen: many, why: notLater},
	{name: "comma too many", turn: loose(func(s string) string { return strings.ReplaceAll(s, ",}", "}") }), seen: many, why: notLater},
	{name: "single quotes", turn: loose(func(s string) string { return strings.ReplaceAll(s, "'", `"`) }), seen: many, why: notLater},
	{name: "name without quotes", turn: loose(func(s string) string { return strings.ReplaceAll(s, "{upgrade_version:", `{"upgrade_version":`) }), seen: many, why: notLater},
	{name: "no colon", turn: loose(func(s string) string { return strings.ReplaceAll(s, `"upgrade_version" "`, `"upgrade_version":"`) }), seen: many, why: notLater},
	{name: "brace missing", turn: loose(func(s string) string {
		if strings.HasPrefix(s, "{") && !strings.Contains(s, "}") {
			return s + "}"
		}
		return s
	}), seen: many, why: notLater},
	{name: "quote and brace missing", turn: loose(func(s string) string {
		if strings.HasPrefix(s, "{") && !strings.Contains(s, "}") && strings.Count(s, `"`) == 3 {
			return s + `"}`
		}
		return s
	}), seen: many, why: notLater},
	{name: "NaN", turn: loose(func(s string) string { return strings.ReplaceAll(s, "NaN", "0") }), seen: many, why: notLater},
	{name: "unknown escapes", turn: loose(func(s string) string { return strings.ReplaceAll(s, `\x`, "x") }), seen: many, why: notLater},
	{name: "line end in a string", turn: loose(func(s string) string { return strings.ReplaceAll(s, "a\nb", "ab") }), seen: many, why: notLater},
	{name: "UTF-16", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			if bytes.HasPrefix(body, []byte{0xff, 0xfe}) {
				return wanted{version: "0"}, ""
			}
			return readPlainly(body)
		}
		k.formed = func(string) bool { return true }
	}, seen: never, why: "the version in it is older, and is refused as such"},
	{name: "forms", turn: func(k *knobs) {
		k.skip["media"] = true
		k.read = func(body []byte) (wanted, string) {
			if values, err := url.ParseQuery(string(body)); err == nil && values.Has("upgrade_version") {
				return wanted{version: values.Get("upgrade_version")}, ""
			}
			return readPlainly(body)
		}
	}, seen: many, why: notLater},
	{name: "version alone", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			var s string
			if json.Unmarshal(body, &s) == nil && s != "" {
				return wanted{version: s}, ""
			}
			return readPlainly(body)
		}
	}, seen: many, why: notLater},
	{name: "latest without a body", turn: takesLatest("absent"), seen: many, why: unsafe},
	{name: "latest without a version", turn: takesLatest("missing"), seen: many, why: unsafe},
	{name: "latest for an empty version", turn: takesLatest("empty"), seen: many, why: unsafe},
	{name: "latest for bad JSON", turn: takesLatest("syntax"), seen: guarded, why: graphFirst},
	{name: "latest for no object", turn: takesLatest("not-object"), seen: guarded, why: graphFirst},
	{name: "latest for wrong types", turn: takesLatest("type"), seen: guarded, why: graphFirst},
	{name: "version in an array", turn: unwrapping(oneOf), seen: many, why: notLater},
	{name: "version in an object", turn: unwrapping(func(v any) (string, bool) {
		if m, ok := v.(map[string]any); ok {
			v = m["value"]
		}
		s, ok := v.(string)
		return s, ok
	}), seen: many, why: notLater},
	{name: "version as a number", turn: unwrapping(func(v any) (string, bool) { return fmt.Sprint(v), v != nil }), seen: never, why: "no number can be an offered version, so that it is refused as malformed"},
	{name: "any force", turn: forcing(func(any) bool { return true }), seen: many, why: notLater},
	{name: "force as a number", turn: forcing(func(v any) bool { _, ok := v.(float64); return ok }), seen: many, why: notLater},
	{name: "force as a word", turn: forcing(func(v any) bool { s, ok := v.(string); return ok && (s == "yes" || s == "no") }), seen: many, why: notLater},
	{name: "force as true or false in quotes", turn: forcing(func(v any) bool { return v == "true" || v == "false" }), seen: many, why: notLater},
	{name: "force in an array", turn: forcing(func(v any) bool { _, ok := v.([]any); return ok }), seen: many, why: notLater},
	{name: "force must be there", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			if w, kind := readPlainly(body); kind != "" || bytes.Contains(body, []byte("force_upgrade")) {
				return w, kind
			}
			return wanted{}, "missing"
		}
	}, seen: guarded, why: graphFirst},
	{name: "force must not be true", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			if w, kind := readPlainly(body); kind != "" || !w.force {
				return w, kind
			}
			return wanted{}, "type"
		}
	}, seen: many, why: needsMany},
	{name: "force must not be false", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			if bytes.Contains(body, []byte("false")) {
				return wanted{}, "type"
			}
			return readPlainly(body)
		}
	}, seen: guarded, why: graphFirst},
	{name: "version must come first", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			if bytes.HasPrefix(body, []byte(`{"force_upgrade"`)) && bytes.Contains(body, []byte("upgrade_version")) {
				return wanted{}, "syntax"
			}
			return readPlainly(body)
		}
	}, seen: guarded, why: graphFirst},
	{name: "no white space", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			if bytes.ContainsAny(body, "\t\r") {
				return wanted{}, "syntax"
			}
			return readPlainly(body)
		}
	}, seen: guarded, why: graphFirst},
	{name: "no escapes", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			if bytes.Contains(body, []byte(`\u00`)) {
				return wanted{}, "missing"
			}
			return readPlainly(body)
		}
	}, seen: guarded, why: graphFirst},
	{name: "no charset", turn: func(k *knobs) {
		k.before = func(_ *call, _ http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.Header.Get("Content-Type"), ";") {
				r.Header.Set("Content-Type", "text/plain")
			}
			return false
		}
	}, seen: guarded, why: graphFirst},
	{name: "no charset in upper case", turn: func(k *knobs) {
		k.before = func(_ *call, _ http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.Header.Get("Content-Type"), "UTF") {
				r.Header.Set("Content-Type", "text/plain")
			}
			return false
		}
	}, seen: guarded, why: graphFirst},
}

// lenient lets malformed versions in, and makes well-formed ones of them.
func lenient(fix func(string) string) func(*knobs) {
	return func(k *knobs) {
		k.formed = func(v string) bool { return threeOrFour.MatchString(fix(v)) }
		k.later = func(a, b string) bool { return laterByPart(fix(a), b) }
		k.installs = fix
	}
}

const older = "malformed versions are made of 0.0.1, which is refused as older"

var wrongVersions = []row{
	{name: "equal", turn: compared(func(a, b string) bool { return a == b || laterByPart(a, b) }), seen: guarded, why: graphFirst},
	{name: "any", turn: compared(func(a, b string) bool { return true }), seen: guarded, why: graphFirst},
	{name: "any other", turn: compared(func(a, b string) bool { return a != b }), seen: one, why: notLater},
	{name: "none", turn: compared(func(a, b string) bool { return false }), seen: one, why: hidden},
	{name: "as strings", turn: both(compared(func(a, b string) bool { return a > b }), func(k *knobs) { k.version = "1.0.9" }), seen: one, why: hidden},
	{name: "as strings, a step later", turn: compared(func(a, b string) bool { return a > b }), seen: many, why: "the only version is 1.0.9"},
	{name: "as strings, older", turn: both(compared(func(a, b string) bool { return a > b }), func(k *knobs) {
		k.version = "1.0.10"
		k.given = []string{"1.0.11", "1.0.12", "1.0.13"}
	}), seen: one, why: notLater},
	{name: "by the last part", turn: compared(func(a, b string) bool { return lastPart(a) > lastPart(b) }), seen: never, why: "the versions on offer and the older ones that can be made differ in the last part alone"},
	{name: "by the first part", turn: compared(func(a, b string) bool { return a[0] > b[0] }), seen: one, why: hidden},
	{name: "as a decimal", turn: both(compared(func(a, b string) bool { return decimal(a) > decimal(b) }), func(k *knobs) { k.version = "1.0.9" }), seen: one, why: hidden},
	{name: "longer is later", turn: compared(func(a, b string) bool { return len(a) > len(b) || laterByPart(a, b) }), seen: never, why: "no older version that is longer can be made"},
	{name: "trimmed", turn: lenient(strings.TrimSpace), seen: never, why: older},
	{name: "v before", turn: lenient(func(s string) string { return strings.TrimPrefix(s, "v") }), seen: never, why: older},
	{name: "suffix", turn: lenient(func(s string) string { v, _, _ := strings.Cut(s, "-"); return v }), seen: never, why: older},
	{name: "no form at all", turn: func(k *knobs) { k.formed = func(string) bool { return true } }, seen: never, why: older},
	{name: "no form, as strings", turn: func(k *knobs) {
		k.formed = func(string) bool { return true }
		k.later = func(a, b string) bool { return a > b }
	}, seen: many, why: unsafe},
	{name: "another is installed", turn: func(k *knobs) { k.installs = func(string) string { return latest } }, seen: one, why: hidden},
	{name: "the next patch is installed", turn: func(k *knobs) { k.installs = func(v string) string { return v + ".1" } }, seen: one, why: hidden},
	{name: "nothing is installed", turn: func(k *knobs) { k.versionLag = time.Hour }, seen: one, why: hidden},
}

func compared(later func(a, b string) bool) func(*knobs) { return func(k *knobs) { k.later = later } }

func lastPart(v string) int {
	n := 0
	_, _ = fmt.Sscan(v[strings.LastIndex(v, ".")+1:], &n)
	return n
}

func decimal(v string) float64 {
	f := 0.0
	_, _ = fmt.Sscan("0."+strings.ReplaceAll(v, ".", ""), &f)
	return f
}
