package fakeserver_test

import (
	"net/http"
	"strings"
)

// The outcomes of requests according to the contract: status text and error code.
const (
	notFound      = "Not Found APIGW.0101"
	illegal       = "Bad Request GES.7016"
	absent        = "Bad Request GES.7049"
	empty         = "Bad Request GES.7050"
	incorrect     = "Bad Request GES.0001"
	notLater      = "Bad Request GES.7036"
	unknownGraph  = "Not Found GES.0047"
	unknownJob    = "Bad Request GES.7007"
	notAuthorized = "Unauthorized APIGW.0301"
)

var corpus = []request{
	{name: "upgrade", body: good, want: "OK"},
	{name: "force false", body: `{"upgrade_version":"2.2.9","force_upgrade":false}`, want: "OK"},
	{name: "force true", body: `{"upgrade_version":"2.2.9","force_upgrade":true}`, want: "OK"},
	{name: "force null", body: `{"upgrade_version":"2.2.9","force_upgrade":null}`, want: "OK"},
	{name: "member order", body: `{"force_upgrade":false,"upgrade_version":"2.2.9"}`, want: "OK"},
	{name: "white space", body: "\n{ \"upgrade_version\" :\t\"2.2.9\" }\r\n", want: "OK"},
	{name: "escapes", body: `{"upgrade\u005fversion":"2.2.\u0039"}`, want: "OK"},
	{name: "unknown member", body: `{"upgrade_version":"2.2.9","more":1}`, want: "OK"},
	{name: "byte order mark", body: "\xef\xbb\xbf" + good, want: "OK"},
	{name: "deep nesting", body: `{"upgrade_version":"2.2.9","more":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`, want: "OK"},
	{name: "charset", body: good, header: header("Content-Type", "application/json; charset=utf-8"), want: "OK"},
	{name: "no content type", body: good, header: header("Content-Type"), want: "OK"},
	{name: "repeated token", body: good, header: header("X-Auth-Token", "{token}", "{expired}"), want: "OK"},
	{name: "a version two steps on", body: `{"upgrade_version":"2.2.10"}`, want: "OK"},

	{name: "no token", body: good, header: header("X-Auth-Token"), want: notAuthorized},
	{name: "empty token", body: good, header: header("X-Auth-Token", ""), want: notAuthorized},
	{name: "tampered token", body: good, header: header("X-Auth-Token", "{token}x"), want: notAuthorized},
	{name: "expired token", body: good, header: header("X-Auth-Token", "{expired}"), want: notAuthorized},
	{name: "repeated token, first unknown", body: good, header: header("X-Auth-Token", "other", "{token}"), want: notAuthorized},
	{name: "bearer", body: good, header: http.Header{"X-Auth-Token": nil, "Authorization": {"Bearer abc"}}, want: notAuthorized},
	{name: "signature", body: good, header: http.Header{"X-Auth-Token": nil, "Authorization": {signature}}, want: notAuthorized},
	{name: "read-only token", body: good, header: header("X-Auth-Token", "{readonly}"), want: "Forbidden GES.7041"},
	{name: "no token before unknown graph", path: "/v2/{p}/graphs/none/upgrade", body: good, header: header("X-Auth-Token"), want: notAuthorized},
	{name: "no token before body", body: `{`, header: header("X-Auth-Token"), want: notAuthorized},
	{name: "no token before project", path: "/v2/0123456789abcdef/graphs/{g}/upgrade", body: good, header: header("X-Auth-Token"), want: notAuthorized},
	{name: "no token before version", body: `{"upgrade_version":"2.2.7"}`, header: header("X-Auth-Token"), want: notAuthorized},
	{name: "no token before method", method: http.MethodPut, body: good, header: header("X-Auth-Token"), want: notAuthorized},

	{name: "other project", path: "/v2/0123456789abcdef/graphs/{g}/upgrade", body: good, want: "Bad Request GES.0016"},
	{name: "malformed project", path: "/v2/a-b/graphs/{g}/upgrade", body: good, want: incorrect},
	{name: "long project", path: "/v2/" + strings.Repeat("a", 65) + "/graphs/{g}/upgrade", body: good, want: incorrect},
	{name: "empty project", path: "/v2//graphs/{g}/upgrade", body: good, want: notFound},
	{name: "empty graph", path: "/v2/{p}/graphs//upgrade", body: good, want: notFound},
	{name: "escaped slash", path: "/v2/{p}/graphs/a%2fb/upgrade", body: good, want: notFound},
	{name: "dots", path: "/v2/{p}/graphs/../upgrade", body: good, want: incorrect},
	{name: "slashes before", path: "//v2/{p}/graphs/{g}/upgrade", body: good, want: notFound},
	{name: "slash after", path: "/v2/{p}/graphs/{g}/upgrade/", body: good, want: notFound},
	{name: "unknown path", path: "/v3", body: good, want: notFound},
	{name: "root", path: "/", body: good, want: notFound},

	{name: "get", method: http.MethodGet, body: good, want: notFound},
	{name: "head", method: http.MethodHead, body: good, want: notFound},
	{name: "put", method: http.MethodPut, body: good, want: notFound},
	{name: "patch", method: http.MethodPatch, body: good, want: notFound},
	{name: "delete", method: http.MethodDelete, body: good, want: notFound},
	{name: "options", method: http.MethodOptions, body: good, want: notFound},
	{name: "lower case", method: "post", body: good, want: notFound},

	{name: "no body", want: illegal},
	{name: "blank body", body: " \n\t ", want: illegal},
	{name: "plain text", body: good, header: header("Content-Type", "text/plain"), want: illegal},
	{name: "form", body: "upgrade_version=2.2.9", header: header("Content-Type", "application/x-www-form-urlencoded"), want: illegal},
	{name: "truncated", body: `{"upgrade_version": "2.2.9"`, want: illegal},
	{name: "trailing comma", body: `{"upgrade_version": "2.2.9",}`, want: illegal},
	{name: "single quotes", body: `{'upgrade_version': '2.2.9'}`, want: illegal},
	{name: "garbage after", body: good + "garbage", want: illegal},
	{name: "UTF-16", body: strings.Join(strings.Split(good, ""), "\x00") + "\x00", want: illegal},
	{name: "words", body: `upgrade`, want: illegal},
	{name: "bad utf-8", body: "{\"upgrade_version\": \"2.2.9\", \"x\": \"\xff\"}", want: illegal},
	{name: "duplicate", body: `{"upgrade_version": "2.2.9", "upgrade_version": "2.2.9"}`, want: illegal},
	{name: "array", body: `[` + good + `]`, want: illegal},
	{name: "string", body: `"2.2.9"`, want: illegal},
	{name: "number", body: `2`, want: illegal},
	{name: "null", body: `null`, want: illegal},
	{name: "empty object", body: `{}`, want: absent},
	{name: "missing member", body: `{"force_upgrade":true}`, want: absent},
	{name: "null version", body: `{"upgrade_version":null}`, want: absent},
	{name: "letter case", body: `{"Upgrade_Version":"2.2.9"}`, want: absent},
	{name: "optional letter case", body: `{"upgrade_version":"2.2.9","Force_Upgrade":true}`, want: absent},
	{name: "version number", body: `{"upgrade_version":2}`, want: illegal},
	{name: "version boolean", body: `{"upgrade_version":true}`, want: illegal},
	{name: "version array", body: `{"upgrade_version":["2.2.9"]}`, want: illegal},
	{name: "version object", body: `{"upgrade_version":{}}`, want: illegal},
	{name: "force string", body: `{"upgrade_version":"2.2.9","force_upgrade":"yes"}`, want: illegal},
	{name: "force number", body: `{"upgrade_version":"2.2.9","force_upgrade":1}`, want: illegal},
	{name: "force array", body: `{"upgrade_version":"2.2.9","force_upgrade":[]}`, want: illegal},
	{name: "force object", body: `{"upgrade_version":"2.2.9","force_upgrade":{}}`, want: illegal},
	{name: "empty version", body: `{"upgrade_version":""}`, want: empty},
	{name: "malformed version", body: `{"upgrade_version":"v2.2.9"}`, want: incorrect},
	{name: "version and blank", body: `{"upgrade_version":"2.2.9 "}`, want: incorrect},
	{name: "long version", body: `{"upgrade_version":"` + strings.Repeat("9", 70000) + `"}`, want: incorrect},

	{name: "unknown graph", path: "/v2/{p}/graphs/none/upgrade", body: good, want: unknownGraph},
	{name: "foreign graph", path: "/v2/{p}/graphs/{foreign}/upgrade", body: good, want: unknownGraph},
	{name: "stopped graph", path: "/v2/{p}/graphs/{stopped}/upgrade", body: good, want: "Bad Request GES.7003"},
	{name: "equal version", body: `{"upgrade_version":"2.2.8"}`, want: notLater},
	{name: "equal with another part", body: `{"upgrade_version":"2.2.8.0"}`, want: notLater},
	{name: "older version", body: `{"upgrade_version":"2.2.7"}`, want: notLater},
	{name: "string-wise later", body: `{"upgrade_version":"2.1.10"}`, want: notLater},

	{name: "graph", method: http.MethodGet, path: "/v2/{p}/graphs/{g}", want: "OK"},
	{name: "graph, read-only", method: http.MethodGet, path: "/v2/{p}/graphs/{g}", header: header("X-Auth-Token", "{readonly}"), want: "OK"},
	{name: "stopped graph shown", method: http.MethodGet, path: "/v2/{p}/graphs/{stopped}", want: "OK"},
	{name: "graph without token", method: http.MethodGet, path: "/v2/{p}/graphs/{g}", header: header("X-Auth-Token"), want: notAuthorized},
	{name: "unknown graph shown", method: http.MethodGet, path: "/v2/{p}/graphs/none", want: unknownGraph},
	{name: "no graph shown", method: http.MethodGet, path: "/v2/{p}/graphs/", want: unknownGraph},
	{name: "foreign graph shown", method: http.MethodGet, path: "/v2/{p}/graphs/{foreign}", want: unknownGraph},
	{name: "unknown job", method: http.MethodGet, path: "/v2/{p}/graphs/{g}/jobs/none/status", want: unknownJob},
	{name: "job of unknown graph", method: http.MethodGet, path: "/v2/{p}/graphs/none/jobs/none/status", want: unknownGraph},
	{name: "job of foreign graph", method: http.MethodGet, path: "/v2/{p}/graphs/{foreign}/jobs/none/status", want: unknownGraph},
	{name: "graph put", method: http.MethodPut, path: "/v2/{p}/graphs/{g}", want: notFound},

	{name: "list of graphs", method: http.MethodGet, path: "/v2/{p}/graphs", want: "OK"},
	{name: "list of jobs", method: http.MethodGet, path: "/v2/{p}/graphs/jobs", want: "OK"},
	{name: "lists without token", method: http.MethodGet, path: "/v2/{p}/graphs/jobs", header: header("X-Auth-Token"), want: notAuthorized},
	{name: "list of another project", method: http.MethodGet, path: "/v2/0123456789abcdef/graphs", want: "Bad Request GES.0016"},
	{name: "list of a malformed project", method: http.MethodGet, path: "/v2/a-b/graphs", want: incorrect},
	{name: "list with a bad limit", method: http.MethodGet, path: "/v2/{p}/graphs?limit=x", want: incorrect},
	{name: "list with a bad filter", method: http.MethodGet, path: "/v2/{p}/graphs/jobs?status=over", want: incorrect},
	{name: "graph deleted", method: http.MethodDelete, path: "/v2/{p}/graphs/{g}", want: "Not Implemented GES.9501"},
	{name: "graph stopped", path: "/v2/{p}/graphs/{g}/stop", want: "Not Implemented GES.9501"},
}
