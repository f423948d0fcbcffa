package contract_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

// brief writes a problem as part, name or pointer, keyword and condition.
func brief(c *contract.Contract, op *contract.Operation, p contract.Problem) string {
	condition := "-"
	if r := c.RefusalFor(op, p); r != nil {
		condition = r.Condition
	}
	return fmt.Sprintf("%s %s %s %s", p.In, p.Name+p.Pointer, p.Keyword, condition)
}

var (
	versionClause = []string{"    UpgradeGraphRequest:\n", "        upgrade_version:\n"}
	schemaClause  = []string{"    UpgradeGraphRequest:\n"}
	forceClause   = []string{"    UpgradeGraphRequest:\n", "        force_upgrade:\n"}
	bodyClause    = []string{"operationId: upgradeGraph\n", "      requestBody:\n"}
	contentClause = append(slices.Clone(bodyClause), "        content:\n")
)

func under(clause []string, texts ...string) []string { return slices.Concat(clause, texts) }

type problem struct {
	brief string
	line  []string
}

// doubledAmongMany returns the problems of a body with so many members that a map is
// used to find duplicates.
func doubledAmongMany() []problem {
	doubled := []problem{{"body /upgrade_version duplicate duplicate-member", contentClause}, {"body /m39 duplicate duplicate-member", contentClause}}
	for i := range 39 {
		doubled = append(doubled, problem{fmt.Sprintf("body /m%d unknown unknown-member", i), under(schemaClause, "      properties:")})
	}
	return append(doubled, problem{"body /m39 unknown unknown-member", under(schemaClause, "      properties:")})
}

var bodies = []struct {
	name, body string
	want       []problem
}{
	{"good", goodBody, nil},
	{"without force", `{"upgrade_version":"1.1.8"}`, nil},
	{"white space and escapes", " {\r\n\t\"upgrade\\u005fversion\" : \"1\\u002e1.8\" } ", nil},
	{"two parts", `{"upgrade_version":"1.1"}`, nil},
	{"four parts", `{"upgrade_version":"1.1.1.1"}`, nil},
	{"absent", "", []problem{{"body  required absent-body", under(bodyClause, "        required: true")}}},
	{"cut off", `{"upgrade_version":`, []problem{{"body  syntax malformed-body", contentClause}}},
	{"white space alone", " \n", []problem{{"body  syntax malformed-body", contentClause}}},
	{"single quotes", `{'upgrade_version':'1.1.8'}`, []problem{{"body  extension extended-json", contentClause}}},
	{"comma at the end", `{"upgrade_version":"1.1.8",}`, []problem{{"body  extension extended-json", contentClause}}},
	{"comment", `{"upgrade_version":/*x*/"1.1.8"}`, []problem{{"body  extension extended-json", contentClause}}},
	{"comment after it", `{"upgrade_version":"1.1.8"} // x`, []problem{{"body  trailing trailing-bytes", contentClause}}},
	{"NaN", `{"upgrade_version":NaN}`, []problem{
		{"body  extension extended-json", contentClause}, {"body /upgrade_version scalar scalar-type", under(versionClause, "type: string")},
	}},
	{"name without quotes", `{upgrade_version:"1.1.8"}`, []problem{{"body  extension extended-json", contentClause}}},
	{"every extension", "{// x\n$: [+1, .5, 5., 0xF, -Infinity, true, null,], 'upgrade_version': '1\\x2e1.8',}", []problem{
		{"body  extension extended-json", contentClause}, {"body /$ unknown unknown-member", under(schemaClause, "      properties:")},
	}},
	{"extension after a byte order mark", "\xef\xbb\xbf{'upgrade_version':'1.1.8'}", []problem{
		{"body  byte-order-mark byte-order-mark", contentClause}, {"body  extension extended-json", contentClause},
	}},
	{"two commas", `{"upgrade_version":"1.1.8",,}`, []problem{{"body  syntax malformed-body", contentClause}}},
	{"a comma alone", `{,}`, []problem{{"body  syntax malformed-body", contentClause}}},
	{"comment without an end", `{"upgrade_version":"1.1.8"/*}`, []problem{{"body  syntax malformed-body", contentClause}}},
	{"no colon", `{"upgrade_version" "1.1.8"}`, []problem{{"body  syntax malformed-body", contentClause}}},
	{"no comma", `{'upgrade_version':"1.1.8" 'a':1}`, []problem{{"body  syntax malformed-body", contentClause}}},
	{"line feed in a text", "{\"upgrade_version\":\"1.1.8\n\"}", []problem{{"body  syntax malformed-body", contentClause}}},
	{"escape of nothing", `{"upgrade_version":"1.1.8\x"}`, []problem{{"body  syntax malformed-body", contentClause}}},
	{"word", `{"upgrade_version":latest}`, []problem{{"body  syntax malformed-body", contentClause}}},
	{"two values", goodBody + goodBody, []problem{{"body  trailing trailing-bytes", contentClause}}},
	{"UTF-16", "{\x00\"\x00u\x00p\x00g\x00r\x00a\x00d\x00e\x00_\x00v\x00e\x00r\x00s\x00i\x00o\x00n\x00\"\x00:\x00\"\x001\x00.\x002\x00\"\x00}\x00", []problem{{"body  utf16 utf16-body", contentClause}}},
	{"UTF-16 that is no JSON", "\xfe\xff\x00{", []problem{{"body  utf16 utf16-body", contentClause}, {"body  syntax malformed-body", contentClause}}},
	{"an odd number of bytes", "{\x00}", []problem{{"body  syntax malformed-body", contentClause}}},
	{"form", `upgrade_version=1.1.8`, []problem{{"body  syntax malformed-body", contentClause}}},
	{"byte order mark", "\xef\xbb\xbf" + goodBody, []problem{{"body  byte-order-mark byte-order-mark", contentClause}}},
	{"not UTF-8", `{"upgrade_version":"1.1.8","` + "\xff" + `":1}`, []problem{
		{"body  utf8 invalid-utf8", contentClause}, {"body /\uFFFD unknown unknown-member", under(schemaClause, "      properties:")},
	}},
	{"doubled", `{"upgrade_version":"1.1.7","upgrade_version":"1.1.8"}`, []problem{{"body /upgrade_version duplicate duplicate-member", contentClause}}},
	{"doubled, wrong first", `{"upgrade_version":7,"upgrade_version":"1.1.8"}`, []problem{{"body /upgrade_version duplicate duplicate-member", contentClause}}},
	{"doubled, wrong last", `{"upgrade_version":"1.1.8","upgrade_version":7}`, []problem{
		{"body /upgrade_version duplicate duplicate-member", contentClause}, {"body /upgrade_version scalar scalar-type", under(versionClause, "type: string")},
	}},
	{"doubled below", `{"upgrade_version":"1.1.8","a~/b":[{"c":1,"c":2}]}`, []problem{
		{"body /a~0~1b/0/c duplicate duplicate-member", contentClause}, {"body /a~0~1b unknown unknown-member", under(schemaClause, "      properties:")},
	}},
	{"doubled behind what is deep", `{"x":` + strings.Repeat("[", 101) + strings.Repeat("]", 101) + `,"upgrade_version":"1.1.8","upgrade_version":"1.1.8"}`, []problem{
		{"body  depth deep-nesting", contentClause},
		{"body /upgrade_version duplicate duplicate-member", contentClause},
		{"body /x unknown unknown-member", under(schemaClause, "      properties:")},
	}},
	{"deep", `{"upgrade_version":"1.1.8","x":` + strings.Repeat(`[`, 99) + strings.Repeat(`]`, 99) + `}`, []problem{{"body /x unknown unknown-member", under(schemaClause, "      properties:")}}},
	{"too deep to read", `{"upgrade_version":"1.1.8","x":` + strings.Repeat(`[`, 1<<19) + strings.Repeat(`]`, 1<<19) + `}`, []problem{
		{"body  depth deep-nesting", contentClause}, {"body  syntax malformed-body", contentClause},
	}},
	{"list", `[]`, []problem{{"body  type body-not-object", under(schemaClause, "      type: object")}}},
	{"text", `"1.1.8"`, []problem{{"body  type body-not-object", under(schemaClause, "      type: object")}}},
	{"null", `null`, []problem{{"body  nullable body-not-object", under(schemaClause, "      type: object")}}},
	{"empty", `{}`, []problem{{"body /upgrade_version required missing-member", under(schemaClause, "      required: ")}}},
	{"null version", `{"upgrade_version":null}`, []problem{{"body /upgrade_version nullable null-required-member", under(versionClause, "type: string")}}},
	{"number", `{"upgrade_version":1.1}`, []problem{{"body /upgrade_version scalar scalar-type", under(versionClause, "type: string")}}},
	{"list for a text", `{"upgrade_version":["1.1.8"]}`, []problem{{"body /upgrade_version type wrong-type", under(versionClause, "type: string")}}},
	{"empty version", `{"upgrade_version":""}`, []problem{{"body /upgrade_version minLength empty-member", under(versionClause, "minLength: 1")}}},
	{"latest", `{"upgrade_version":"latest"}`, []problem{{"body /upgrade_version pattern malformed-version", under(versionClause, "pattern: ")}}},
	{"space inside", `{"upgrade_version":"1. 1.8"}`, []problem{{"body /upgrade_version pattern malformed-version", under(versionClause, "pattern: ")}}},
	{"nothing but space", `{"upgrade_version":" "}`, []problem{{"body /upgrade_version pattern malformed-version", under(versionClause, "pattern: ")}}},
	{"line end", `{"upgrade_version":"1.1.8\n"}`, []problem{{"body /upgrade_version surrounding-space space-around-version", under(versionClause, "pattern: ")}}},
	{"other digits", `{"upgrade_version":"1.1.٨"}`, []problem{{"body /upgrade_version pattern malformed-version", under(versionClause, "pattern: ")}}},
	{"long", `{"upgrade_version":"` + strings.Repeat("1.", 32) + `1"}`, []problem{
		{"body /upgrade_version maxLength malformed-version", under(versionClause, "maxLength: 64")}, {"body /upgrade_version pattern malformed-version", under(versionClause, "pattern: ")},
	}},
	{"null force", `{"upgrade_version":"1.1.8","force_upgrade":null}`, []problem{{"body /force_upgrade nullable null-optional-member", under(forceClause, "type: boolean")}}},
	{"text for a boolean", `{"upgrade_version":"1.1.8","force_upgrade":"yes"}`, []problem{{"body /force_upgrade scalar scalar-type", under(forceClause, "type: boolean")}}},
	{"truth in a text", `{"upgrade_version":"1.1.8","force_upgrade":"True"}`, []problem{{"body /force_upgrade boolean-text boolean-in-string", under(forceClause, "type: boolean")}}},
	{"unknown", `{"upgrade_version":"1.1.8","colour":"red"}`, []problem{{"body /colour unknown unknown-member", under(schemaClause, "      properties:")}}},
	{"letter case", `{"Upgrade_Version":"1.1.8"}`, []problem{{"body /Upgrade_Version letter-case letter-case", under(schemaClause, "      required: ")}}},
	{"letter case of the optional", `{"upgrade_version":"1.1.8","FORCE_UPGRADE":true}`, []problem{{"body /FORCE_UPGRADE letter-case letter-case", under(schemaClause, "      properties:")}}},
	{"letter case beside the right one", `{"upgrade_version":"1.1.8","UPGRADE_VERSION":"9.9.9"}`, []problem{{"body /UPGRADE_VERSION letter-case letter-case", under(schemaClause, "      properties:")}}},
	{"several", `{"force_upgrade":0,"more":1}`, []problem{
		{"body /upgrade_version required missing-member", under(schemaClause, "      required: ")},
		{"body /force_upgrade scalar scalar-type", under(forceClause, "type: boolean")},
		{"body /more unknown unknown-member", under(schemaClause, "      properties:")},
	}},
	{"doubled among many", `{"upgrade_version":"1.1.8",` + manyMembers(40) + `"upgrade_version":"1.1.8","m39":0}`, doubledAmongMany()},
}

func TestBodies(t *testing.T) {
	c := load(t)
	op := c.Operation("upgradeGraph")
	for _, test := range bodies {
		t.Run(test.name, func(t *testing.T) {
			r := goodRequest()
			r.Body = []byte(test.body)
			problems := c.JudgeRequest(op, r)
			for i := range max(len(problems), len(test.want)) {
				switch {
				case i >= len(problems):
					t.Errorf("missing: %s", test.want[i].brief)
				case i >= len(test.want):
					t.Errorf("unexpected: %s", brief(c, op, problems[i]))
				case brief(c, op, problems[i]) != test.want[i].brief || problems[i].Line != lineOf(t, test.want[i].line...):
					t.Errorf("got  %s (line %d, %s)\nwant %s (line %d)", brief(c, op, problems[i]), problems[i].Line, problems[i].Clause, test.want[i].brief, lineOf(t, test.want[i].line...))
				}
			}
		})
	}
}

var (
	tokenClause     = []string{"  securitySchemes:\n", "    token:\n"}
	signatureClause = []string{"    akSk:\n", "x-pattern:"}
	projectClause   = []string{"    ProjectId:\n", "schema:"}
	graphClause     = []string{"    GraphId:\n", "schema:"}
	signed          = "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=" + strings.Repeat("0", 64)
)

const tok, ct, js = "X-Auth-Token", "Content-Type", "application/json"

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

var headersAndPaths = []struct {
	name   string
	method string
	path   string
	header http.Header
	body   string
	want   string
	line   []string
}{
	{name: "charset", header: header(tok, "t", ct, "Application/JSON; charset=UTF-8")},
	{name: "signature", header: header("Authorization", signed, ct, js)},
	{name: "token beside rubbish", header: header(tok, "t", "Authorization", "x", ct, js)},
	{name: "no credentials", header: header(ct, js), want: "security X-Auth-Token required missing-credentials", line: tokenClause},
	{name: "empty token", header: header(tok, "", ct, js), want: "security X-Auth-Token required missing-credentials", line: tokenClause},
	{name: "two tokens", header: header(tok, "a", tok, "b", ct, js), want: "security X-Auth-Token repeated repeated-credentials", line: tokenClause},
	{name: "bad signature", header: header("Authorization", "Bearer x", ct, js), want: "security Authorization pattern invalid-credentials", line: signatureClause},
	{name: "other letter case of the header", header: header("x-auth-token", "t", "content-type", js)},
	{name: "text", header: header(tok, "t", ct, "text/plain"), want: "header Content-Type content unsupported-media-type", line: contentClause},
	{name: "longer name", header: header(tok, "t", ct, "application/jsonp"), want: "header Content-Type content unsupported-media-type", line: contentClause},
	{name: "rubbish for a type", header: header(tok, "t", ct, ";;"), want: "header Content-Type content unsupported-media-type", line: contentClause},
	{name: "a form", header: header(tok, "t", ct, "application/x-www-form-urlencoded"), body: "upgrade_version=1.1.8", want: "header Content-Type content unsupported-media-type", line: contentClause},
	{name: "no type", header: header(tok, "t"), want: "header Content-Type required missing-media-type", line: contentClause},
	{name: "wrong method", method: "PUT", want: "method  method wrong-method", line: []string{"    post:\n      operationId: upgradeGraph"}},
	{name: "method in small letters", method: "post", want: "method  method wrong-method", line: []string{"    post:\n      operationId: upgradeGraph"}},
	{name: "project id", path: "/v2/a-b/graphs/g/upgrade", want: "path project_id pattern malformed-project-id", line: under(projectClause, "pattern")},
	{name: "empty project id", path: "/v2//graphs/g/upgrade", want: "path project_id minLength unroutable-path", line: under(projectClause, "minLength")},
	{name: "empty graph id", path: "/v2/p/graphs//upgrade", want: "path graph_id minLength unroutable-path", line: under(graphClause, "minLength")},
	{name: "slash", path: "/v2/p/graphs/a%2Fb/upgrade", want: "path graph_id slash unroutable-path", line: []string{"    GraphId:\n"}},
	{name: "graph id", path: "/v2/p/graphs/%20/upgrade", want: "path graph_id pattern malformed-id", line: under(graphClause, "pattern")},
	{name: "escaped letter", path: "/v2/p/graphs/%67/%75pgrade"},
	{name: "broken escape", path: "/v2/p/graphs/%zz/upgrade", want: "path  required unknown-route", line: []string{"    post:\n      operationId: upgradeGraph"}},
	{name: "another path", path: "/v2/p/graphs/g/upgrade/", want: "path  required unknown-route", line: []string{"    post:\n      operationId: upgradeGraph"}},
}

func TestHeadersAndPaths(t *testing.T) {
	c := load(t)
	for _, test := range headersAndPaths {
		t.Run(test.name, func(t *testing.T) {
			r := goodRequest()
			if test.method != "" {
				r.Method = test.method
			}
			if test.path != "" {
				r.Path = test.path
			}
			if test.header != nil {
				r.Header = test.header
			}
			if test.body != "" {
				r.Body = []byte(test.body)
			}
			op := c.Operation("upgradeGraph")
			problems := c.JudgeRequest(op, r)
			if test.want == "" {
				if len(problems) > 0 {
					t.Errorf("got %v", problems)
				}
				return
			}
			if len(problems) != 1 || brief(c, op, problems[0]) != test.want || problems[0].Line != lineOf(t, test.line...) {
				t.Errorf("got %v, want %s (line %d)", problems, test.want, lineOf(t, test.line...))
			}
		})
	}
}

func TestOddities(t *testing.T) {
	c := withOddities(t)
	op := c.Operation("odd")
	if len(op.Parameters) != 4 {
		t.Errorf("a parameter of the operation must override that of the path: got %d", len(op.Parameters))
	}
	for _, test := range []struct {
		path   string
		header http.Header
		body   string
		want   string
	}{
		{"/odd/7/true", http.Header{"X-Mode": {"a"}}, "", ""},
		{"/odd/7/true", http.Header{"X-Mode": {"a"}, "X-More": {"1.5"}, "Content-Type": {"application/merge-patch+json"}}, "{}", ""},
		{"/odd/7/true", http.Header{}, "", "header x-mode required -"},
		{"/odd/7/true", http.Header{"X-Mode": {"c"}}, "", "header x-mode enum -"},
		{"/odd/7/true", http.Header{"X-Mode": {"a"}, "X-More": {"many"}}, "", "header X-More scalar -"},
		{"/odd/0/true", http.Header{"X-Mode": {"a"}}, "", "path n minimum -"},
		{"/odd/x/true", http.Header{"X-Mode": {"a"}}, "", "path n scalar -"},
		{"/odd/7/yes", http.Header{"X-Mode": {"a"}}, "", "path kind scalar -"},
		{"/odd/7/true", http.Header{"X-Mode": {"a"}, "Authorization": {signed}}, "", ""},
		{"/odd/7/true", http.Header{"X-Mode": {"a"}, "Authorization": {"x"}}, "", "security Authorization pattern -"},
	} {
		problems := c.JudgeRequest(op, &contract.Request{Method: "PUT", Path: test.path, Header: test.header, Body: []byte(test.body)})
		got := ""
		if len(problems) > 0 {
			got = brief(c, op, problems[0])
		}
		if got != test.want || len(problems) > 1 {
			t.Errorf("%s %v: got %v, want %q", test.path, test.header, problems, test.want)
		}
	}
	if problems := c.JudgeRequest(c.Operation("plain"), &contract.Request{Method: "GET", Path: "/odd/1/true"}); len(problems) > 0 {
		t.Errorf("an operation without security must not need credentials: got %v", problems)
	}
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"m%d":%d,`, i, i)
	}
	return b.String()
}

// letterCases writes upgrade_version in n other letter cases.
func letterCases(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		name := []byte("upgrade_version")
		for bit := range name {
			if i>>bit&1 == 1 && name[bit] != '_' {
				name[bit] -= 'a' - 'A'
			}
		}
		fmt.Fprintf(&b, `"%s":"1",`, name)
	}
	return b.String()
}

// A body must not be able to make a report arbitrarily long.
func TestProblemsAreBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("judges bodies of a megabyte; the whole test runs without -short")
	}
	c := load(t)
	op := c.Operation("upgradeGraph")
	long := strings.Repeat("n", 1<<18)
	for name, body := range map[string]string{
		"doubled under long names": `{"` + long + `":{` + strings.Repeat(`"`+"d"+`":1,`, 100_000) + `"d":1}}`,
		"doubled far below":        strings.Repeat(`{"aaaaaaaaaa":`, 5_000) + `{` + strings.Repeat(`"d":1,`, 200) + `"d":1}` + strings.Repeat("}", 5_000),
		"unknown":                  `{` + manyMembers(100_000) + `"upgrade_version":7}`,
		"letter cases":             `{` + letterCases(50_000) + `"upgrade_version":7}`,
	} {
		r := goodRequest()
		r.Body = []byte(body)
		problems := c.JudgeRequest(op, r)
		size, typed := 0, false
		for _, p := range problems {
			size += len(p.String()) + len(p.Pointer)
			typed = typed || p.IsKeyword("type")
		}
		if len(problems) < 100 || len(problems) > 400 || size > 1<<20 {
			t.Errorf("%s: got %d problems of %d bytes", name, len(problems), size)
		}
		if strings.HasSuffix(body, "7}") && !typed {
			t.Errorf("%s: the problem of the wrong type was left out", name)
		}
	}
}
