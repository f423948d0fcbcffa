package independent_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The orders in which an upgrade may be checked.
var (
	usualOrder     = []string{"token", "project-id", "project", "permission", "graph", "media", "body", "form", "state", "later"}
	bodyFirst      = []string{"token", "media", "body", "form", "project-id", "project", "permission", "graph", "state", "later"}
	stateFirst     = []string{"token", "project-id", "project", "graph", "permission", "state", "media", "body", "form", "later"}
	versionEarly   = []string{"token", "project-id", "project", "media", "body", "form", "graph", "later", "state", "permission"}
	permissionLast = []string{"token", "project-id", "graph", "project", "media", "body", "form", "later", "state", "permission"}
)

// standard has the answers of the plainest service.
var standard = map[string]reply{
	"no-token":      {status: 401, code: "APIGW.0301"},
	"bad-token":     {status: 401, code: "APIGW.0301"},
	"expired":       {status: 401, code: "APIGW.0301"},
	"readonly":      {status: 403, code: "GES.7041"},
	"project-id":    {status: 400, code: "GES.0001"},
	"other-project": {status: 400, code: "GES.0016"},
	"no-graph":      {status: 404, code: "GES.0047"},
	"foreign":       {status: 404, code: "GES.0047"},
	"no-job":        {status: 400, code: "GES.7007"},
	"media":         {status: 400, code: "GES.7016"},
	"no-media":      {status: 400, code: "GES.7016"},
	"absent":        {status: 400, code: "GES.7016"},
	"syntax":        {status: 400, code: "GES.7016"},
	"not-object":    {status: 400, code: "GES.7016"},
	"type":          {status: 400, code: "GES.7016"},
	"missing":       {status: 400, code: "GES.7049"},
	"empty":         {status: 400, code: "GES.7050"},
	"form":          {status: 400, code: "GES.0001"},
	"stopped":       {status: 400, code: "GES.7001"},
	"not-running":   {status: 400, code: "GES.7001"},
	"upgrading":     {status: 400, code: "GES.7001"},
	"not-later":     {status: 400, code: "GES.7036"},
	"not-offered":   {status: 400, code: "GES.7036"},
	"no-api":        {status: 404, code: "APIGW.0101"},

	"unknown-member": {status: 400, code: "GES.7016"},
}

var messages = map[string]string{
	"no-token": "Incorrect IAM authentication information: x-auth-token not found", "bad-token": "Incorrect IAM authentication information: decrypt token fail",
	"no-graph": "Cluster does not exist or has been deleted.", "foreign": "Cluster does not exist or has been deleted.",
	"no-job": "The job does not exist.", "not-later": "The target version is earlier than the current version.",
}

func (s *service) refusal(c *call, kind string) reply {
	c.kind = kind
	a, found := s.answers[kind]
	if !found {
		a = standard[kind]
	}
	message := messages[kind]
	if message == "" {
		message = "refused: " + kind
	}
	if a.body == nil {
		a.body = object{"error_code": a.code, "error_msg": message}
	}
	return a
}

// check returns why a call is refused at a step, or "".
func (s *service) check(name string, c *call) string {
	switch name {
	case "token":
		return s.credentials(c)
	case "project-id":
		if !wordLike.MatchString(c.project) {
			return "project-id"
		}
	case "project":
		if c.project != ownProject {
			return "other-project"
		}
	case "permission":
		if c.token == readToken {
			return "readonly"
		}
	case "graph":
		return s.checkGraph(c)
	case "job":
		j := s.jobs[c.job]
		if j == nil || j.g != c.g && !s.skip["job-of-graph"] || time.Since(j.began) < s.jobLag {
			return "no-job"
		}
	case "media":
		return s.checkMedia(c)
	case "body":
		var kind string
		c.want, kind = s.read(c.body)
		return kind
	case "form":
		if !s.formed(c.want.version) {
			return "form"
		}
	case "state":
		return s.checkState(c)
	case "later":
		return s.checkLater(c)
	}
	return ""
}

func (s *service) credentials(c *call) string {
	c.token = c.r.Header.Get("X-Auth-Token")
	switch {
	case c.token == "" && c.r.Header.Get("Authorization") == "":
		return "no-token"
	case c.token == staleToken:
		return "expired"
	case c.token != s.token && c.token != readToken:
		return "bad-token"
	}
	return ""
}

func (s *service) checkGraph(c *call) string {
	c.g = s.graphs[c.graphID]
	switch {
	case c.g == nil:
		return "no-graph"
	case c.g.project != c.project:
		if s.skip["foreign"] {
			return ""
		}
		return "foreign"
	}
	return ""
}

func (s *service) checkMedia(c *call) string {
	text := c.r.Header.Get("Content-Type")
	if text == "" {
		return "no-media"
	}
	if mediaType, _, err := mime.ParseMediaType(text); err != nil || mediaType != "application/json" {
		return "media"
	}
	return ""
}

func (s *service) checkState(c *call) string {
	if c.g == nil {
		return ""
	}
	state := c.g.state(s, time.Now())
	switch {
	case s.allowed != nil && s.allowed(state):
		return ""
	case state == "900":
		return "stopped"
	case state == "201" || state == "203":
		return "upgrading"
	case state != "200":
		return "not-running"
	}
	return ""
}

func (s *service) checkLater(c *call) string {
	if c.g == nil {
		return ""
	}
	if !s.later(c.want.version, c.g.shows(s, time.Now())) {
		return "not-later"
	}
	if s.offered != nil {
		for _, v := range s.offered {
			if v == c.want.version {
				return ""
			}
		}
		return "not-offered"
	}
	return ""
}

// readPlainly reads the body with the standard library, which ignores letter case, duplicate
// members and invalid UTF-8.
func readPlainly(body []byte) (wanted, string) {
	if len(body) == 0 {
		return wanted{}, "absent"
	}
	var in struct {
		UpgradeVersion *string `json:"upgrade_version"`
		ForceUpgrade   *bool   `json:"force_upgrade"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return wanted{}, kindOf(err)
	}
	switch {
	case in.UpgradeVersion == nil:
		return wanted{}, "missing"
	case *in.UpgradeVersion == "":
		return wanted{}, "empty"
	}
	return wanted{*in.UpgradeVersion, in.ForceUpgrade != nil && *in.ForceUpgrade}, ""
}

func kindOf(err error) string {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Field == "":
		return "not-object"
	case errors.As(err, &wrong):
		return "type"
	}
	return "syntax"
}

// readLoosely ignores a byte order mark, and treats null as absent.
func readLoosely(body []byte) (wanted, string) {
	return readPlainly(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
}

var threeOrFour = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,9}){1,3}$`)

// laterByPart compares versions part by part.
func laterByPart(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(x), len(y)) {
		p, q := 0, 0
		if i < len(x) {
			p, _ = strconv.Atoi(x[i])
		}
		if i < len(y) {
			q, _ = strconv.Atoi(y[i])
		}
		if p != q {
			return p > q
		}
	}
	return false
}

func describeGraph(s *service, g *graph, now time.Time) object {
	return object{
		"id": g.id, "name": g.name, "status": g.state(s, now), "data_store_version": g.shows(s, now),
		"region_code": "eu-west-101", "az_code": "eu-west-101a", "created": "2026-01-02T03:04:05", "product_type": "InMemory",
	}
}

func reportJob(s *service, j *job, now time.Time) object {
	state := j.state(s, now)
	out := object{
		"job_id": j.id, "status": state, "job_type": "GraphManagement", "job_name": "UpgradeGraph",
		"related_graph": j.g.name, "begin_time": j.began.UTC().Format("2006-01-02T15:04:05"), "job_progress": 0,
	}
	if !now.Before(j.ends) {
		out["end_time"] = j.ends.UTC().Format("2006-01-02T15:04:05")
	}
	if state == "failed" {
		out["fail_reason"] = "the data of a shard could not be converted; the graph was rolled back"
	}
	return out
}

// readClosed refuses members that no page names.
func readClosed(body []byte) (wanted, string) {
	w, kind := readPlainly(body)
	if kind != "" {
		return w, kind
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return wanted{}, kindOf(err)
	}
	for name := range members {
		if name != "upgrade_version" && name != "force_upgrade" {
			return wanted{}, "unknown-member"
		}
	}
	return w, ""
}

// readStrictly refuses everything that RFC 8259 does not clearly allow.
func readStrictly(body []byte) (wanted, string) {
	if !utf8.Valid(body) {
		return wanted{}, "syntax"
	}
	w, kind := readPlainly(body)
	if kind == "syntax" || kind == "absent" || kind == "not-object" {
		return w, kind
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	seen := map[any]bool{}
	for depth := 0; ; {
		token, err := decoder.Token()
		if err != nil {
			break
		}
		if d, ok := token.(json.Delim); ok {
			depth += map[json.Delim]int{'{': 1, '[': 1, '}': -1, ']': -1}[d]
			continue
		}
		if depth == 1 {
			if seen[token] {
				return wanted{}, "syntax"
			}
			seen[token] = true
			var skipped json.RawMessage
			_ = decoder.Decode(&skipped) // the value
		}
	}
	if !seen["upgrade_version"] {
		return wanted{}, "missing"
	}
	for name := range seen {
		if name != "upgrade_version" && name != "force_upgrade" {
			return wanted{}, "unknown-member"
		}
	}
	return w, kind
}
