package independent_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

const (
	graphFirst = "the graph is looked for first"
	notLater   = "the version is the graph's own, and is refused"
	needsMany  = "the only upgrade that may start is the first, and what must be refused comes after it"
	sameCode   = "the version is not later either, and the code may be about that"
	couldStart = "the request could start an upgrade"
	olderSent  = "an older version may start anything"
	somebody   = "nobody can tell that from a graph that somebody else has stopped or deleted"
	unsafe     = "a request without a version may start anything"
)

var wrongStatuses = []row{
	{name: "no token 403", turn: answering(403, "APIGW.0301", "no-token")},
	{name: "no token 400", turn: answering(400, "APIGW.0301", "no-token")},
	{name: "no token 400 GES.8007", turn: answering(400, "GES.8007", "no-token"), should: "answer.code-precise"},
	{name: "no token to a login page", turn: edited(kinds("no-token"), and(status(302), header("Location", "/login")))},
	{name: "bad token 403", turn: answering(403, "APIGW.0301", "bad-token")},
	{name: "bad token 500", turn: answering(500, "APIGW.0601", "bad-token")},
	{name: "expired token 403", turn: answering(403, "APIGW.0307", "expired")},
	{name: "expired token 400", turn: answering(400, "GES.0001", "expired"), should: "answer.code-precise"},
	{name: "reader 401", turn: answering(401, "APIGW.0301", "readonly")},
	{name: "unknown graph 500", turn: answering(500, "GES.7000", "no-graph")},
	{name: "unknown graph 403", turn: answering(403, "GES.7000", "no-graph"), should: "answer.code-precise"},
	{name: "unknown graph 410", turn: answering(410, "GES.7000", "no-graph"), should: "answer.code-precise"},
	{name: "unknown graph 401", turn: answering(401, "GES.7000", "no-graph"), should: "answer.code-precise"},
	{name: "unknown job 500", turn: answering(500, "GES.7007", "no-job")},
	{name: "unknown job 410", turn: answering(410, "GES.7007", "no-job"), should: "answer.code-precise"},
	{name: "other project 500", turn: answering(500, "GES.0016", "other-project")},
	{name: "malformed project 500", turn: answering(500, "GES.0001", "project-id")},
	{name: "media type 400 no, 406", turn: answering(406, "GES.7016", "media"), should: "answer.code-precise"},
	{name: "no version 404", turn: answering(404, "GES.7049", "missing"), should: "answer.code-precise"},
	{name: "bad version 500", turn: answering(500, "GES.0001", "form"), foundFrom: oneUpgrade, why: unsafe},
	{name: "equal version 409", turn: answering(409, "GES.7036", "not-later"), should: "answer.code-precise"},
	{name: "equal version 403", turn: answering(403, "GES.7036", "not-later"), should: "answer.code-precise"},
	{name: "equal version 500", turn: answering(500, "GES.7036", "not-later"), foundFrom: guarded, why: graphFirst},
	{name: "stopped 500", turn: answering(500, "GES.7001", "stopped"), foundFrom: guarded, why: graphFirst},
	{name: "stopped 404", turn: answering(404, "GES.7001", "stopped"), should: "answer.code-precise"},
	{name: "second 500", turn: answering(500, "GES.7001", "upgrading"), foundFrom: oneUpgrade, why: hidden},
	{name: "second 503", turn: answering(503, "GES.7001", "upgrading"), foundFrom: oneUpgrade, why: hidden},
}

var wrongCodes = []row{
	{name: "no token GES.7041", turn: answering(401, "GES.7041", "no-token")},
	{name: "reader GES.7036", turn: answering(403, "GES.7036", "readonly")},
	{name: "unknown graph GES.7001", turn: answering(404, "GES.7001", "no-graph")},
	{name: "unknown graph GES.7007", turn: answering(404, "GES.7007", "no-graph")},
	{name: "unknown graph APIGW.0101", turn: answering(404, "APIGW.0101", "no-graph")},
	{name: "unknown job GES.7000", turn: answering(400, "GES.7000", "no-job")},
	{name: "other project GES.7049", turn: answering(400, "GES.7049", "other-project")},
	{name: "bad JSON GES.7000", turn: answering(400, "GES.7000", "syntax"), foundFrom: guarded, why: graphFirst},
	{name: "second GES.7002", turn: answering(400, "GES.7002", "upgrading"), should: "answer.code-precise"},
	{name: "bad version GES.7065", turn: answering(400, "GES.7065", "form"), should: "answer.code-precise"},
	{name: "unknown graph 401 GES.0047", turn: answering(401, "GES.0047", "no-graph"), should: "answer.code-precise"},
	{name: "unknown graph 403 GES.0015", turn: answering(403, "GES.0015", "no-graph"), should: "answer.code-precise"},
	{name: "unknown graph 404 GES.8003", turn: answering(404, "GES.8003", "no-graph"), should: "answer.code-documented"},
	{name: "bad JSON GES.7036", turn: answering(400, "GES.7036", "syntax"), should: "answer.code-precise"},
	{name: "media type GES.7001", turn: answering(400, "GES.7001", "media"), foundFrom: guarded, why: graphFirst},
	{name: "no version GES.7000", turn: answering(400, "GES.7000", "missing"), foundFrom: oneUpgrade, why: unsafe},
	{name: "no version GES.7036", turn: answering(400, "GES.7036", "missing"), should: "answer.code-precise"},
	{name: "bad version GES.7000", turn: answering(400, "GES.7000", "form"), foundFrom: oneUpgrade, why: unsafe},
	{name: "equal version GES.7001", turn: answering(400, "GES.7001", "not-later"), foundFrom: guarded, why: graphFirst},
	{name: "equal version GES.7000", turn: answering(400, "GES.7000", "not-later"), foundFrom: guarded, why: graphFirst},
	{name: "stopped GES.7036", turn: answering(400, "GES.7036", "stopped"), foundFrom: oneUpgrade, why: "the version is not later either, so that the code may be about that"},
	{name: "stopped GES.7000", turn: answering(400, "GES.7000", "stopped"), foundFrom: guarded, why: graphFirst},
	{name: "second GES.7000", turn: answering(400, "GES.7000", "upgrading"), foundFrom: oneUpgrade, why: hidden},
	{name: "second GES.7036", turn: answering(400, "GES.7036", "upgrading"), foundFrom: destructive, why: "the version that the graph has is not later either"},
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
	{name: "reader", turn: without("readonly"), foundFrom: oneUpgrade, why: "the graph or the version is refused first, and " + needsMany},
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
	{name: "any project", turn: underProject(func(p string) bool { return wordLike.MatchString(p) })},
	{name: "any project in other form", turn: underProject(func(p string) bool { return !wordLike.MatchString(p) })},
	{name: "projects that start alike", turn: underProject(func(p string) bool { return strings.HasPrefix(p, ownProject[:4]) })},
	{name: "any project for jobs", turn: func(k *knobs) {
		k.before = func(c *call, _ http.ResponseWriter, _ *http.Request) bool {
			if c.op == "job" {
				c.project = ownProject
			}
			return false
		}
	}, foundFrom: oneUpgrade, why: "only a job that exists is shown, and the list of jobs has none"},
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
	}, foundFrom: oneUpgrade, why: couldStart},
	{name: "stopped graphs upgraded", turn: without("stopped"), foundFrom: oneUpgrade, why: notLater},
	{name: "second upgrade", turn: without("upgrading"), foundFrom: destructive, why: needsMany},
	{name: "second upgrade, forced", turn: func(k *knobs) { k.allowed = func(status string) bool { return status == "201" } }, foundFrom: destructive, why: needsMany},
	{name: "PUT", turn: method(http.MethodPut), foundFrom: oneUpgrade, why: couldStart},
	{name: "PATCH", turn: method(http.MethodPatch), foundFrom: oneUpgrade, why: couldStart},
	{name: "GET with a body", turn: method(http.MethodGet), foundFrom: oneUpgrade, why: couldStart},
	{name: "DELETE", turn: method(http.MethodDelete), foundFrom: oneUpgrade, why: couldStart},
	{name: "wrong method 200", turn: wrongMethod(http.StatusOK)},
	{name: "wrong method 204", turn: wrongMethod(http.StatusNoContent)},
	{name: "wrong method 500", turn: wrongMethod(http.StatusInternalServerError)},
	{name: "wrong method 302", turn: wrongMethod(http.StatusFound)},
	{name: "any media type", turn: without("media"), should: "upgrade.media-type"},
	{name: "media types that start like JSON", turn: media(func(t string) bool { return strings.HasPrefix(t, "application/json") }), should: "upgrade.media-type"},
	{name: "text as JSON", turn: media(func(t string) bool { return strings.HasPrefix(t, "text/plain") }), should: "upgrade.media-type"},
	{name: "forms as JSON", turn: media(func(t string) bool { return t == "application/x-www-form-urlencoded" }), should: "upgrade.media-type"},
}

var wordLike = regexp.MustCompile(`^[A-Za-z0-9]{1,64}$`)

// underProject accepts some other projects as the caller's own.
func underProject(good func(string) bool) func(*knobs) {
	return func(k *knobs) {
		k.before = func(c *call, _ http.ResponseWriter, _ *http.Request) bool {
			if good(c.project) {
				c.project = ownProject
			}
			return false
		}
	}
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

// media accepts more media types as JSON.
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

// failing answers 500 if an upgrade's request is unusual.
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
	{name: "500 at five parts", turn: failing(inBody(`.0.0"`))},
	{name: "500 at huge versions", turn: failing(inBody(strings.Repeat("0", 70)))},
	{name: "500 at two tokens", turn: failing(func(c *call) bool { return len(c.r.Header.Values("X-Auth-Token")) > 1 })},
	{name: "500 at an older version", turn: failing(inBody(`"0.0.1"`)), foundFrom: oneUpgrade, why: olderSent},
}
