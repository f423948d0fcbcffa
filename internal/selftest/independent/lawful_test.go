package independent_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Each of these servers conforms, or only breaks a SHOULD.
func TestLawfulServersConform(t *testing.T) {
	t.Parallel()
	for _, rows := range [][]row{lawfulRefusals, lawfulReaders, lawfulAnswers, lawfulTimes, lawfulGraphs, lawfulCallers, lawfulTravel} {
		testRows(t, rows, true)
	}
}

// answering changes the status and code of some refusals.
func answering(status int, code string, kinds ...string) func(*knobs) {
	return func(k *knobs) {
		for _, kind := range kinds {
			k.answers[kind] = reply{status: status, code: code}
		}
	}
}

func both(turns ...func(*knobs)) func(*knobs) {
	return func(k *knobs) {
		for _, turn := range turns {
			turn(k)
		}
	}
}

func inOrder(order ...string) func(*knobs) { return func(k *knobs) { k.order = order } }

var (
	badBodies = []string{"media", "no-media", "absent", "syntax", "not-object", "type", "missing", "empty", "form"}
	badTokens = []string{"no-token", "bad-token", "expired"}
)

var lawfulRefusals = []row{
	{name: "plain"},
	{name: "no fixtures", turn: func(k *knobs) { k.bare = true }},
	{name: "unknown graph 400 GES.7000", turn: answering(400, "GES.7000", "no-graph", "foreign")},
	{name: "unknown graph 400 GES.8011", turn: answering(400, "GES.8011", "no-graph", "foreign")},
	{name: "unknown graph 404 GES.7000", turn: answering(404, "GES.7000", "no-graph", "foreign")},
	{name: "unknown graph 400 GES.7054", turn: answering(400, "GES.7054", "no-graph", "foreign")},
	{name: "unknown graph 400 GES.0001", turn: answering(400, "GES.0001", "no-graph", "foreign")},
	{name: "foreign graph 400 GES.0016", turn: answering(400, "GES.0016", "foreign")},
	{name: "foreign graph 403 GES.7041", turn: answering(403, "GES.7041", "foreign")},
	{name: "unknown job 404 GES.7007", turn: answering(404, "GES.7007", "no-job")},
	{name: "unknown job 400 GES.8301", turn: answering(400, "GES.8301", "no-job")},
	{name: "token refused by the service", turn: answering(401, "GES.0001", badTokens...)},
	{name: "token refused with APIGW.0307", turn: answering(401, "APIGW.0307", badTokens...)},
	{name: "token refused with APIG.0301", turn: answering(401, "APIG.0301", badTokens...)},
	{name: "expired token with APIGW.0307", turn: answering(401, "APIGW.0307", "expired")},
	{name: "not permitted 400 GES.7041", turn: answering(400, "GES.7041", "readonly")},
	{name: "not permitted by the gateway", turn: answering(403, "APIGW.0302", "readonly")},
	{name: "other project 403 GES.7041", turn: answering(403, "GES.7041", "other-project")},
	{name: "other project 403 APIGW.0310", turn: answering(403, "APIGW.0310", "other-project")},
	{name: "other project 404 GES.0047", turn: answering(404, "GES.0047", "other-project")},
	{name: "other project 401 APIGW.0301", turn: answering(401, "APIGW.0301", "other-project", "project-id")},
	{name: "project id by the router", turn: answering(404, "APIGW.0101", "project-id")},
	{name: "no rule for project ids", turn: func(k *knobs) { k.skip["project-id"] = true }},
	{name: "all bad bodies GES.0001", turn: answering(400, "GES.0001", badBodies...)},
	{name: "all bad bodies GES.7016", turn: answering(400, "GES.7016", badBodies...)},
	{name: "all bad bodies GES.8005", turn: answering(400, "GES.8005", badBodies...)},
	{name: "bad bodies by the gateway", turn: answering(400, "APIGW.0201", "media", "no-media", "absent", "syntax", "not-object")},
	{name: "media type 415", turn: answering(415, "GES.7016", "media", "no-media")},
	{name: "bad version GES.7036", turn: answering(400, "GES.7036", "form")},
	{name: "equal version GES.0001", turn: answering(400, "GES.0001", "not-later", "not-offered")},
	{name: "stopped 400 GES.7003", turn: answering(400, "GES.7003", "stopped")},
	{name: "stopped 409 GES.7001", turn: answering(409, "GES.7001", "stopped", "upgrading")},
	{name: "codes that no page has", turn: answering(400, "GES.9123", "readonly", "project-id", "other-project", "no-graph", "foreign", "no-job",
		"media", "no-media", "absent", "syntax", "not-object", "type", "missing", "empty", "form", "stopped", "not-running", "upgrading", "not-later", "not-offered")},
	{name: "tokens with codes that no page has", turn: answering(401, "GES.9401", badTokens...)},
	{name: "body before graph", turn: inOrder(bodyFirst...)},
	{name: "state before body", turn: inOrder(stateFirst...)},
	{name: "state before body, 7003", turn: both(inOrder(stateFirst...), answering(400, "GES.7003", "stopped"))},
	{name: "version before state and permission", turn: inOrder(versionEarly...)},
	{name: "permission last", turn: inOrder(permissionLast...)},
	{name: "body before graph, one code", turn: both(inOrder(bodyFirst...), answering(400, "GES.0001", append([]string{"no-graph", "not-later", "not-offered"}, badBodies...)...))},
	{name: "media type last of the body", turn: inOrder("token", "project-id", "project", "permission", "graph", "state", "body", "form", "later", "media")},
	{name: "hand-routed", turn: func(k *knobs) { k.handRouted = true }},
	{name: "hand-routed, other orders", turn: both(inOrder(bodyFirst...), answering(400, "GES.7000", "no-graph", "foreign"), func(k *knobs) { k.handRouted = true })},
}

var lawfulReaders = []row{
	{name: "reads strictly", turn: func(k *knobs) { k.read = readStrictly }},
	{name: "reads strictly, body first", turn: both(inOrder(bodyFirst...), func(k *knobs) { k.read = readStrictly })},
	{name: "byte order mark ignored", turn: func(k *knobs) { k.read = readLoosely }},
	{name: "null force refused", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			if w, kind := readPlainly(body); kind != "" || !strings.Contains(string(body), `"force_upgrade":null`) {
				return w, kind
			}
			return wanted{}, "type"
		}
	}},
	{name: "unknown members refused", turn: func(k *knobs) { k.read = readClosed }},
	{name: "Content-Type may be missing", turn: func(k *knobs) { k.skip["no-media"] = true }},
	{name: "long bodies 413", turn: func(k *knobs) {
		k.answers["syntax"] = reply{status: 400, code: "GES.7016"}
		k.answers["long"] = reply{status: 413, code: "APIGW.0201"}
		k.read = func(body []byte) (wanted, string) {
			if len(body) > 4096 {
				return wanted{}, "long"
			}
			return readPlainly(body)
		}
	}},
	{name: "errors of the decoder in messages", turn: func(k *knobs) {
		k.edit = func(c *call, r *reply) {
			if r.status == 400 {
				r.body = object{"error_code": r.code, "error_msg": fmt.Sprintf("cannot read %q: invalid character at offset 1 (%s)", c.body, c.kind)}
			}
		}
	}},
	{name: "repeated credentials refused", turn: func(k *knobs) {
		k.edit = func(c *call, r *reply) {
			if len(c.r.Header.Values("X-Auth-Token")) > 1 {
				*r = reply{status: 401, body: object{"error_code": "APIGW.0301", "error_msg": "one token, please"}}
			}
		}
	}},
}

// plus adds members to every answer that is an object.
func plus(extra object) func(*knobs) {
	return func(k *knobs) {
		k.edit = func(_ *call, r *reply) {
			if body, ok := r.body.(object); ok {
				for name, value := range extra {
					if _, there := body[name]; !there {
						body[name] = value
					}
				}
			}
		}
	}
}

func headed(name, value string) func(*knobs) {
	return func(k *knobs) {
		k.edit = func(_ *call, r *reply) {
			header := map[string]string{name: value}
			for n, v := range r.header {
				header[n] = v
			}
			r.header = header
		}
	}
}

var lawfulAnswers = []row{
	{name: "charset in answers", turn: headed("Content-Type", "application/json; charset=utf-8")},
	{name: "charset in upper case", turn: headed("Content-Type", "application/json;charset=UTF-8")},
	{name: "media type in other letter case", turn: headed("Content-Type", "Application/JSON")},
	{name: "extra members", turn: plus(object{"trace": "a", "tags": []string{"x"}, "more": object{"n": 1}})},
	{name: "blank error members in a 200", turn: plus(object{"error_code": "", "error_msg": ""})},
	{name: "request_id everywhere", turn: plus(object{"request_id": "8080d377bffeb6d519b0567c09cebe6b"})},
	{name: "gateway headers", turn: headed("X-Request-Id", "8080d377bffeb6d519b0567c09cebe6b")},
	{name: "weak ETag that stays", turn: headed("ETag", `W/"1"`)},
	{name: "Last-Modified far in the future", turn: headed("Last-Modified", "Fri, 01 Jan 2100 00:00:00 GMT")},
	{name: "charset us-ascii", turn: headed("Content-Type", "application/json; charset=us-ascii")},
	{name: "identity", turn: headed("Content-Encoding", "identity")},
	{name: "job without times", turn: edited(reported, and(del("begin_time"), del("end_time"), del("job_progress")))},
	{name: "clock five minutes ahead", turn: edited(reported, shiftTimes(5*time.Minute))},
	{name: "clock five minutes behind", turn: edited(reported, shiftTimes(-5*time.Minute))},
	{name: "begins when it ends", turn: edited(reported, func(_ *call, r *reply) {
		if m, _ := member(r.body, "end_time"); m != nil && m["end_time"] != nil {
			m["begin_time"] = m["end_time"]
		}
	})},
	{name: "progress from 0 to 1", turn: edited(reported, func(_ *call, r *reply) {
		if m, _ := member(r.body, "end_time"); m != nil && m["end_time"] != nil {
			m["job_progress"] = 1.0
		}
	})},
	{name: "refusals name the graph", turn: func(k *knobs) {
		k.edit = func(c *call, r *reply) {
			if body, ok := r.body.(object); ok && body["error_msg"] != nil && c.graphID != "" {
				body["error_msg"] = "graph [" + c.graphID + "] cannot be upgraded"
			}
		}
	}},
	{name: "connection closes", turn: headed("Connection", "close")},
	{name: "chunked", turn: func(k *knobs) { k.chunked = true }},
	{name: "other words", turn: func(k *knobs) {
		k.edit = func(_ *call, r *reply) {
			if body, ok := r.body.(object); ok && body["error_msg"] != nil {
				body["error_msg"] = "请求无效 <b>\u2028\"quoted\" 100%"
			}
		}
	}},
	{name: "every 7th request throttled", turn: throttled(429, "APIGW.0308")},
	{name: "every 7th request without IAM", turn: throttled(503, "APIGW.0613")},
	{name: "indented", turn: func(k *knobs) {
		k.edit = func(_ *call, r *reply) { r.body, _ = json.MarshalIndent(r.body, " ", "\t") }
	}},
	{name: "null members", turn: edited(always, func(c *call, r *reply) {
		for _, path := range []string{"end_time", "fail_reason", "job_progress", "graph.updated", "graph.product_type"} {
			if m, name := member(r.body, path); m != nil && c.kind == "" && m[name] == nil {
				m[name] = nil
			}
		}
	})},
	{name: "no more than four at once", turn: func(k *knobs) {
		room := make(chan bool, 4)
		k.slow = 0
		k.before = func(c *call, w http.ResponseWriter, _ *http.Request) bool {
			select {
			case room <- true:
				time.Sleep(2 * time.Millisecond)
				<-room
				return false
			default:
				w.Header().Set("Retry-After", "0")
				http.Error(w, "{}", http.StatusTooManyRequests)
				return true
			}
		}
	}},
	{name: "throttled without a JSON body", turn: func(k *knobs) {
		k.before = func(c *call, w http.ResponseWriter, _ *http.Request) bool {
			if c.number%7 != 0 {
				return false
			}
			w.Header().Set("Retry-After", "0")
			http.Error(w, "slow down", http.StatusTooManyRequests)
			return true
		}
	}},
}

// throttled throttles every seventh request.
func throttled(status int, code string) func(*knobs) {
	return func(k *knobs) {
		k.before = func(c *call, w http.ResponseWriter, _ *http.Request) bool {
			if c.number%7 != 0 {
				return false
			}
			c.s.send(c, w, reply{status: status, header: map[string]string{"Retry-After": "0"}, body: object{
				"error_code": code, "error_msg": "try again later", "request_id": "c50619de20b0e70590f57a99dbed044f",
			}})
			return true
		}
	}
}

var lawfulTimes = []row{
	{name: "slow answers", turn: func(k *knobs) { k.slow, k.patience = 50*time.Millisecond, 15*time.Second }},
	{name: "pending for a while", turn: func(k *knobs) { k.pending = 15 * time.Millisecond }},
	{name: "upgrade at once", turn: func(k *knobs) { k.took = 0 }},
	{name: "upgrade takes 300 ms", turn: func(k *knobs) { k.took = 300 * time.Millisecond; k.given = versionsAfter(k.version)[:4] }},
	{name: "job known a little later", turn: func(k *knobs) { k.jobLag = 10 * time.Millisecond }},
	{name: "job known a little later, long upgrade", turn: func(k *knobs) {
		k.jobLag, k.took = 30*time.Millisecond, 300*time.Millisecond
		k.given = versionsAfter(k.version)[:4]
	}},
	{name: "job known after its end", turn: func(k *knobs) { k.jobLag, k.took = 50*time.Millisecond, 20*time.Millisecond }},
	{name: "version shown a little later", turn: func(k *knobs) { k.versionLag = 30 * time.Millisecond }},
	{name: "version shown later", turn: func(k *knobs) { k.versionLag = 300 * time.Millisecond }},
	{name: "version shown much later", turn: func(k *knobs) { k.versionLag = 1500 * time.Millisecond }},
	{name: "graph runs a little later", turn: func(k *knobs) { k.statusLag = 30 * time.Millisecond }},
	{name: "graph runs and shows the version a little later", turn: func(k *knobs) { k.statusLag, k.versionLag = 40*time.Millisecond, 20*time.Millisecond }},
	{name: "graph runs first, version later", turn: func(k *knobs) { k.statusLag, k.versionLag = 10*time.Millisecond, 40*time.Millisecond }},
	{name: "upgrades fail", turn: func(k *knobs) { k.ends = "failed"; k.given = versionsAfter(k.version)[:5] }},
	{name: "upgrades fail after a rollback", turn: func(k *knobs) {
		k.ends, k.statusLag = "failed", 40*time.Millisecond
		k.given = versionsAfter(k.version)[:5]
	}},
	{name: "first upgrade fails", turn: func(k *knobs) { k.failures = 1 }},
	{name: "upgrades end in part", turn: func(k *knobs) { k.ends = "partiallyFailed"; k.given = versionsAfter(k.version)[:5] }},
}

var lawfulGraphs = []row{
	{name: "four parts", turn: func(k *knobs) { k.version = "2.4.9.1" }},
	{name: "two parts", turn: func(k *knobs) { k.version = "2.4" }},
	{name: "digits roll over", turn: func(k *knobs) { k.version = "1.0.9" }},
	{name: "hundred", turn: func(k *knobs) { k.version = "1.0.99" }},
	{name: "far versions", turn: func(k *knobs) { k.given = []string{"1.2.0", "2.0.0", "2.2.17", "10.0.0"} }},
	{name: "only what is on offer", turn: func(k *knobs) { k.given = []string{"1.0.9", "1.2.0", "2.0.0"}; k.offered = k.given }},
	{name: "name with spaces", turn: func(k *knobs) { k.name = "my graph, the second" }},
	{name: "name that is not ASCII", turn: func(k *knobs) { k.name = "граф-图" }},
	{name: "job ids of 32 hexadecimal digits", turn: func(k *knobs) { k.jobID = func(n int) string { return fmt.Sprintf("ff80808167f09aaa0167f19b%08x", n) } }},
	{name: "job ids of digits", turn: func(k *knobs) { k.jobID = func(n int) string { return fmt.Sprint(1000 + n) } }},
	{name: "jobs say little", turn: func(k *knobs) {
		k.report = func(s *service, j *job, now time.Time) object {
			return object{"job_id": j.id, "status": j.state(s, now)}
		}
	}},
}
