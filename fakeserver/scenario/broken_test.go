package scenario_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// The following functions put a text into a scenario, at line 4.
func top(text string) string {
	return "projects: [{name: p}, {name: q, domain: globex}]\nusers: [{name: u}]\ngraphs: [{name: g, project: p, id: gid}]\n" + text
}

func project(text string) string { return "users: [{name: u}]\ngraphs: []\nprojects:\n" + text }

func user(text string) string {
	return "projects: [{name: p}, {name: q, domain: globex}]\ngraphs: []\nusers:\n" + text
}

func graph(text string) string {
	return "projects: [{name: p}, {name: q}]\nusers: [{name: u}]\ngraphs:\n" + text
}

func fault(text string) string { return top("faults:\n" + text) }

type broken struct {
	name, text string
	line       int
	want       string // in the error, after the line
}

var brokenYAML = []broken{
	{"empty file", "", 1, "expected a scenario, got nothing"},
	{"only a comment", "# nothing\n", 1, "expected a scenario, got nothing"},
	{"null", "~\n", 1, "expected a mapping, got nothing"},
	{"a list", "- projects\n", 1, "expected a mapping, got a list"},
	{"a text", "projects\n", 1, "expected a mapping, got text"},
	{"a number", "12\n", 1, "expected a mapping, got a number"},
	{"true", "true\n", 1, "expected a mapping, got true or false"},
	{"two documents", top("---\nprefer: true\n"), 4, "expected one document, got another after it"},
	{"an empty second document", top("---\n"), 4, "expected one document, got another after it"},
	{"a second document that is broken", top("---\nprefer: 'yes\n"), 5, "found unexpected end of stream"},
	{"something after JSON", "{}\n]\n", 2, "did not find expected <document start>"},
	{"an open bracket", top("versions: [2.2.9\nprefer: true\n"), 4, "did not find expected ',' or ']'"},
	{"an open brace", top("match: {a: b\nprefer: true\n"), 4, "did not find expected ',' or '}'"},
	{"an open quote", top("description: 'a\n"), 4, "found unexpected end of stream"},
	{"wrong indentation", top(" prefer: true\n"), 4, "did not find expected key"},
	{"a tab", top("faults:\n\t- break: hang\n"), 5, "expected blanks in front, got a tab"},
	{"two colons", top("description: a: b\n"), 4, "expected no second colon"},
	{"no UTF-8", top("description: \xff\n"), 4, "expected text in UTF-8, got the byte 0xff"},
	{"UTF-16", "\xff\xfep\x00", 1, "expected text in UTF-8, got the byte 0xff"},
	{"control character", top("description: a\x07\n"), 4, "expected text, got the control character U+0007"},
	{"control character beyond ASCII", top("description: \u0081\n"), 4, "expected text, got the control character U+0081"},
	{"no character", top("description: \uffff\n"), 4, "expected text, got the control character U+FFFF"},
	{"anchor", top("description: &a text\n"), 4, "description: expected no anchors and no aliases"},
	{"anchor of a list", top("vary: &a [all]\n"), 4, "vary: expected no anchors and no aliases"},
	{"anchor of a key", top("&a prefer: true\n"), 4, "expected no anchors and no aliases"},
	{"alias", top("versions: [2.2.9]\ndescription: *a\n"), 5, "expected no anchors and no aliases"},
	{"alias as key", "&a projects: [{name: p}]\n*a : x\n", 1, "expected no anchors and no aliases"},
	{"merge key", top("<<: {prefer: true}\n"), 4, "expected a plain key"},
	{"list as key", top("? [a]\n: b\n"), 4, "expected a plain key"},
	{"tag", top("description: !!str 5\n"), 4, "description: expected no tag"},
	{"tag of our own", top("vary: !mine [all]\n"), 4, "vary: expected no tag"},
	{"tag of a key", top("!!str prefer: true\n"), 4, "expected no tag"},
	{"unknown tag handle", top("prefer: !a!b true\n"), 4, "found undefined tag handle"},
	{"two versions of YAML", "%YAML 1.1\n%YAML 1.1\n---\n", 2, "found duplicate %YAML directive"},
	{"a later YAML", "%YAML 2.0\n---\na: b\n", 1, "found incompatible YAML document"},
	{"a key twice", top("prefer: true\nprefer: false\n"), 5, `the key "prefer" appears twice`},
	{"a key twice, deeper", graph("- name: g\n  project: p\n  name: h\n"), 6, `graphs.0: the key "name" appears twice`},
	{"not a number", fault("- match: {probability: .nan}\n  break: hang\n"), 5, "faults.0.match.probability: expected a number as JSON writes it, or text in quotes, got .nan"},
	{"infinite", fault("- match: {probability: .inf}\n"), 5, "got .inf"},
	{"hexadecimal", top("kept-jobs: 0x10\n"), 4, "kept-jobs: expected a number as JSON writes it, or text in quotes, got 0x10"},
	{"octal", top("kept-jobs: 010\n"), 4, "got 010"},
	{"underscores", top("kept-jobs: 1_000\n"), 4, "got 1_000"},
	{"yes as in YAML 1.1", top("prefer: yes\n"), 4, `prefer: expected true or false, got "yes"`},
	{"off as in YAML 1.1", top("prefer: off\n"), 4, `prefer: expected true or false, got "off"`},
	{"too deep", top("vary: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "\n"), 4, "expected at most 32 levels, got more"},
	{"far too deep", top("vary: " + strings.Repeat("[", 1<<19)), 4, "exceeded max depth"},
	{"too large", top("#" + strings.Repeat("x", 1<<20)), 1, "expected at most 1048576 bytes, got more"},
	{"too many entries", top("vary: [" + strings.Repeat("1,", 10_000) + "1]\n"), 4, "vary: expected at most 10000 entries, got 10001"},
}

var brokenSchema = []broken{
	{"no projects", "users: [{name: u}]\ngraphs: []\n", 1, `expected the key "projects", got none`},
	{"no users", "projects: [{name: p}]\ngraphs: []\n", 1, `expected the key "users", got none`},
	{"no graphs", "projects: [{name: p}]\nusers: [{name: u}]\n", 1, `expected the key "graphs", got none`},
	{"no name of a project", project("- id: a\n"), 4, `projects.0: expected the key "name", got none`},
	{"unknown key", top("prefers: true\n"), 4, `unknown key "prefers", expected defects, description, faults, graphs, kept-jobs, prefer, projects, strict, upgrades, users, vary, vary-always or versions; did you mean "prefer"?`},
	{"unknown key for a required one", "project: [{name: p}]\nusers: [{name: u}]\ngraphs: []\n", 1, `unknown key "project", expected defects, description,`},
	{"unknown key of a project", project("- name: p\n  domian: a\n"), 5, `projects.0: unknown key "domian", expected domain, id or name; did you mean "domain"?`},
	{"unknown key of a user", user("- name: u\n  tokn: [{}]\n"), 5, `users.0: unknown key "tokn", expected access-keys, domain, name, password, projects, role or tokens; did you mean "tokens"?`},
	{"unknown key of a token", user("- name: u\n  tokens:\n  - expires: 1h\n"), 6, `users.0.tokens.0: unknown key "expires", expected expires-in, project or value; did you mean "expires-in"?`},
	{"unknown key of an access key", user("- name: u\n  access-keys: [{acess: A}]\n"), 5, `did you mean "access"?`},
	{"unknown key of a graph", graph("- name: g\n  project: p\n  state: stopped\n"), 6, `graphs.0: unknown key "state", expected id, name, project, status, tasks or version; did you mean "status"?`},
	{"unknown key of a task", graph("- {name: g, project: p, tasks: [{name: t, takes: 1s, fails: x}]}\n"), 4, `graphs.0.tasks.0: unknown key "fails"`},
	{"unknown key of an upgrade", top("upgrades:\n- takes: 1s\n- fail: x\n"), 6, `upgrades.1: unknown key "fail", expected fails, job-id, partly or takes; did you mean "fails"?`},
	{"unknown key of a fault", fault("- brake: hang\n"), 5, `faults.0: unknown key "brake", expected after, answer, break, delay, enlarge, match or name; did you mean "break"?`},
	{"unknown key of a match", fault("- match: {call: [1]}\n"), 5, `did you mean "calls"?`},
	{"unknown key of a delay", fault("- delay: {from: 1s, until: 2s}\n"), 5, `faults.0.delay: unknown key "until", expected from or to`},
	{"unknown key of an answer", fault("- answer: {status: 503, retry: 1s}\n"), 5, `faults.0.answer: unknown key "retry", expected body, code, headers, location, message, page, retry-after, retry-date or status`},
	{"unknown key without a value", fault("- brake:\n"), 5, "faults.0: unknown key without a value, expected after,"},
	{"the first of two unknown keys", top("b: 1\na: 1\n"), 4, `unknown key "b"`},
	{"the first of many faults", top("kept-jobs: -1\nvary: [x]\nprefer: 1\n"), 4, "kept-jobs: "},
	{"the first fault of a line", fault("- {name: '', match: {calls: [0]}, break: x}\n"), 5, "faults.0.name: "},
	{"the first line, though further right", fault("- break: x\nprefer: 1\n"), 5, "faults.0.break: "},
	{"number for a password", user("- {name: u, password: 12}\n"), 4, "users.0.password: expected text in quotes"},
	{"number for text", top("description: 5\n"), 4, "description: expected text, got 5 without quotes"},
	{"true for text", top("description: true\n"), 4, "description: expected text, got true without quotes"},
	{"list for text", top("description: [a]\n"), 4, "description: expected text, got a list"},
	{"mapping for text", top("description: {a: b}\n"), 4, "description: expected text, got a mapping"},
	{"nothing for text", top("description:\n"), 4, "description: expected text, got nothing"},
	{"text for a list", top("vary: all\n"), 4, "vary: expected a list, got text"},
	{"nothing for a list", top("faults:\n"), 4, "faults: expected a list, got nothing"},
	{"mapping for a list", top("faults: {break: hang}\n"), 4, "faults: expected a list, got a mapping"},
	{"text for a mapping", fault("- delay: 5s\n"), 5, "faults.0.delay: expected a mapping, got text"},
	{"text for a whole number", top("kept-jobs: many\n"), 4, `kept-jobs: expected a whole number from 0 to 10000000, got "many"`},
	{"fraction for a whole number", top("kept-jobs: 1.5\n"), 4, "kept-jobs: expected a whole number from 0 to 10000000, got 1.5"},
	{"negative number", top("kept-jobs: -1\n"), 4, "from 0 to 10000000, got -1"},
	{"large number", top("kept-jobs: 10000001\n"), 4, "got 10000001"},
	{"huge number", top("kept-jobs: 1e300\n"), 4, "got 1e300"},
	{"status before an answer", fault("- answer: {status: 103}\n"), 5, "faults.0.answer.status: expected a whole number from 200 to 599, got 103"},
	{"body beside a message", fault("- answer: {status: 500, message: no, body: '{}'}\n"), 5, "faults.0.answer.body: expected neither page, code nor message beside it"},
	{"body of no content", fault("- answer: {status: 204, body: '{}'}\n"), 5, "faults.0.answer.body: an answer with status 204 has no body"},
	{"header that the fake sends", fault("- answer:\n    status: 200\n    headers:\n    - 'A: b'\n    - 'server: nginx'\n"), 9, "faults.0.answer.headers.1: only the fake itself sends this header"},
	{"header of two lines", fault("- answer: {status: 200, headers: [\"A: b\\nc\"]}\n"), 5, "faults.0.answer.headers.0: expected a line of a header, such as Set-Cookie: a=b, got"},
	{"header without a name", fault("- answer: {status: 200, headers: [a]}\n"), 5, "faults.0.answer.headers.0: expected a line of a header, such as Set-Cookie: a=b, got"},
	{"probability 0", fault("- break: hang\n  match: {probability: 0}\n"), 6, "faults.0.match.probability: expected a number of more than 0 and at most 1, got 0"},
	{"probability over 1", fault("- match: {probability: 1.01}\n"), 5, "more than 0 and at most 1, got 1.01"},
	{"call 0", fault("- match:\n    calls:\n    - 1\n    - 0\n"), 8, "faults.0.match.calls.1: expected a whole number from 1 to 1000000000, got 0"},
	{"role", user("- name: u\n  role: king\n"), 5, `users.0.role: expected operator or reader, got "king"`},
	{"break", fault("- break: brake\n"), 5, `faults.0.break: expected hang, reset, reset-early, close, truncate, stall, drip, endless, half-head, two-lengths or not-http, got "brake"`},
	{"status of a graph", graph("- {name: g, project: p, status: runnin}\n"), 4, `stopping, backing-up or starting, got "runnin"; did you mean "running"?`},
	{"operation", fault("- match: {operation: upgradegraph}\n"), 5, `listJobs or createToken, got "upgradegraph"; did you mean "upgradeGraph"?`},
	{"variation", top("vary:\n- messages\n- chunk\n"), 6, `vary.1: expected all, bad-requests,`},
	{"nothing for a value of a list", user("- name: u\n  role:\n"), 5, "users.0.role: expected operator or reader, got nothing"},
	{"version without a stop", top("versions: ['2']\n"), 4, `versions.0: expected two to four numbers separated by full stops, such as 2.2.10, got "2"`},
	{"version without quotes", top("versions:\n- 2.2\n"), 5, "versions.0: expected two to four numbers separated by full stops, such as 2.2.10, got 2.2 without quotes"},
	{"version that is a text", graph("- {name: g, project: p, version: latest}\n"), 4, `graphs.0.version: expected two to four numbers separated by full stops, such as 2.2.10, got "latest"`},
	{"versions twice", top("versions:\n- 2.2.9\n- 2.2.10\n- 2.2.9\n"), 7, `versions.2: expected unique entries, got "2.2.9" twice`},
	{"no versions", top("versions: []\n"), 4, "versions: expected 1 to 10000 entries, got 0"},
	{"too many tasks", graph("- name: g\n  project: p\n  tasks: [" + strings.Repeat("{name: t, takes: 1s},", 101) + "]\n"), 6, "graphs.0.tasks: expected at most 100 entries, got 101"},
	{"empty name", project("- name: ''\n"), 4, "projects.0.name: expected 1 to 128 characters, got 0"},
	{"long name", project("- name: " + strings.Repeat("ä", 129) + "\n"), 4, "projects.0.name: expected 1 to 128 characters, got 129"},
	{"time without a unit", top("upgrades:\n- takes: '5'\n"), 5, `upgrades.0.takes: expected a duration such as 1.5s or 2m30s, got "5"`},
	{"number for a time", top("upgrades:\n- takes: 5\n"), 5, "upgrades.0.takes: expected a duration such as 1.5s or 2m30s, got 5 without quotes"},
	{"negative time", fault("- delay: {from: -1s}\n"), 5, `faults.0.delay.from: expected a duration such as 1.5s or 2m30s, got "-1s"`},
	{"endless time", fault("- delay: {from: 9999999h}\n"), 5, `faults.0.delay.from: expected a duration below 292 years, got "9999999h"`},
	{"expiry", user("- name: u\n  tokens:\n  - expires-in: tomorrow\n"), 6, `users.0.tokens.0.expires-in: expected a duration such as 1h30m or -24h, got "tomorrow"`},
	{"id of a project", project("- name: p\n  id: a-b\n"), 5, `projects.0.id: expected 1 to 64 letters and digits, got "a-b"`},
	{"id without quotes", project("- name: p\n  id: 12345678901234567890123456789012\n"), 5, "projects.0.id: expected 1 to 64 letters and digits, got 12345678901234567890123456789012 without quotes"},
	{"id of a graph", graph("- {name: g, project: p, id: 'a b'}\n"), 4, `graphs.0.id: expected 1 to 128 letters, digits, _ and -, got "a b"`},
	{"access key", user("- name: u\n  access-keys: [{access: a/b}]\n"), 5, `users.0.access-keys.0.access: expected 1 to 128 letters and digits, got "a/b"`},
	{"error code", fault("- answer: {status: 500, code: oops}\n"), 5, `faults.0.answer.code: expected letters, a full stop and four digits, such as APIGW.0308, got "oops"`},
	{"long value", project("- name: p\n  id: '" + strings.Repeat("ß", 100) + "'\n"), 5, "got \"" + strings.Repeat("ß", 60) + "…\""},
	{"line break in a value", project("- name: p\n  id: \"a\\nb\"\n"), 5, `got "a\nb"`},
}

var brokenTogether = []broken{
	{"two projects of a name", project("- name: p\n- id: a\n  name: p\n"), 6, `projects.1.name: another project is called "p"`},
	{"two projects of an id", project("- {name: p, id: a}\n- {name: q, id: a}\n"), 5, `projects.1.id: another project has the id "a"`},
	{"two users of a name", user("- name: u\n- domain: acme\n  name: u\n"), 6, `users.1.name: another user of the domain "acme" is called "u"`},
	{"no such project of a user", user("- name: u\n  projects:\n  - p\n  - nope\n"), 7, `users.0.projects.1: the domain "acme" has no project "nope"`},
	{"project of another domain", user("- name: u\n  projects: [q]\n"), 5, `users.0.projects.0: the domain "acme" has no project "q"`},
	{"token twice", user("- name: u\n  tokens: [{value: a}]\n- name: v\n  tokens:\n  - value: b\n  - value: a\n"), 9, "users.1.tokens.1.value: another token has the same value"},
	{"token of a project that is not there", user("- name: u\n  tokens:\n  - project: p\n  - project: nope\n"), 7, `users.0.tokens.1.project: the user has no project "nope"`},
	{"token of another domain", user("- name: u\n  tokens: [{project: q}]\n"), 5, `users.0.tokens.0.project: the user has no project "q"`},
	{"token of a project that the user lacks", "projects: [{name: p}, {name: r}]\ngraphs: []\nusers:\n- {name: u, projects: [r], tokens: [{project: p}]}\n", 4, `users.0.tokens.0.project: the user has no project "p"`},
	{"access key twice", user("- name: u\n  access-keys:\n  - access: A\n  - access: A\n"), 7, `users.0.access-keys.1.access: another access key is called "A"`},
	{"no such project of a graph", graph("- name: g\n  project: nope\n"), 5, `graphs.0.project: there is no project "nope"`},
	{"two graphs of a name", graph("- {name: g, project: p}\n- {name: g, project: p}\n"), 5, `graphs.1.name: another graph of the project is called "g"`},
	{"two graphs of an id", graph("- {name: g, project: p, id: a}\n- {name: g, project: q, id: a}\n"), 5, `graphs.1.id: another graph has the id "a"`},
	{"tasks of a stopped graph", graph("- name: g\n  project: p\n  status: stopped\n  tasks: [{name: t, takes: 1s}]\n"), 7, "graphs.0.tasks: only a running graph can have tasks, but this one is stopped"},
	{"versions that descend", top("versions:\n- 2.2.9\n- 2.2.11\n- 2.2.10\n"), 7, "versions.2: expected a version later than 2.2.11, got 2.2.10"},
	{"versions that are equal", top("versions: [2.2.0, '2.2']\n"), 4, "versions.1: expected a version later than 2.2.0, got 2.2"},
	{"two faults of a name", fault("- {name: a, break: hang}\n- {name: a, break: hang}\n"), 6, `faults.1.name: another fault is called "a"`},
	{"fault without effect", fault("- break: hang\n- after: true\n  match: {calls: [1]}\n"), 6, "faults.1: expected a delay, an answer, enlarge or a break, got none"},
	{"answer and hang", fault("- answer: {status: 503}\n  break: hang\n"), 6, "faults.0.break: expected truncate together with an answer, got hang, which sends no answer"},
	{"answer and reset", fault("- answer: {status: 503}\n  break: reset\n"), 6, "faults.0.break: expected truncate together with an answer, got reset"},
	{"delay to before from", fault("- delay:\n    from: 2s\n    to: 1s\n"), 7, "faults.0.delay.to: expected at least 2s, the value of from, got 1s"},
	{"half of headers and an answer", fault("- answer: {status: 503}\n  break: half-head\n"), 6, "faults.0.break: expected truncate together with an answer, got half-head, which sends no answer"},
	{"an early reset after", fault("- break: reset-early\n  after: true\n"), 6, "faults.0.after: the service cannot handle a request before its body is read, as reset-early wants"},
	{"a date of no Retry-After", fault("- answer: {status: 503, retry-date: true}\n"), 5, "faults.0.answer.retry-date: expected retry-after beside it, got none"},
	{"enlarged by nothing", fault("- break: hang\n- enlarge: {}\n"), 6, "faults.1.enlarge: expected bytes or depth, got neither"},
	{"two upgrades of a job", top("upgrades:\n- {job-id: a}\n- {job-id: a}\n"), 6, `upgrades.1.job-id: another upgrade has the job "a"`},
	{"partly, and no reason", top("upgrades:\n- partly: true\n"), 5, "upgrades.0.partly: expected fails, the reason, beside partly"},
	{"no such graph of a fault", fault("- match:\n    graph: nope\n  break: hang\n"), 6, `faults.0.match.graph: there is no graph "nope"`},
}

func TestBroken(t *testing.T) {
	t.Parallel()
	for group, rows := range map[string][]broken{"YAML": brokenYAML, "schema": brokenSchema, "together": brokenTogether} {
		for _, row := range rows {
			t.Run(group+"/"+row.name, func(t *testing.T) {
				t.Parallel()
				s, err := scenario.Parse("file.yaml", []byte(row.text))
				if err == nil {
					t.Fatalf("expected an error that contains %q, got %+v", row.want, s)
				}
				got := err.Error()
				if start := fmt.Sprintf("load scenario: file.yaml:%d: ", row.line); !strings.HasPrefix(got, start) {
					t.Errorf("expected the start %q, got %q", start, got)
				}
				if !strings.Contains(got, row.want) {
					t.Errorf("expected %q in it, got %q", row.want, got)
				}
				if strings.Contains(got, "\n") {
					t.Errorf("expected one line, got %q", got)
				}
			})
		}
	}
}

// Names that are equal in different places are allowed, as are names that would only be
// equal if joined with others.
func TestNotBroken(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"slashes in names":          "projects: [{name: a/b}, {name: a}]\nusers: [{name: c, domain: a/b}, {name: b/c, domain: a}]\ngraphs: [{name: c, project: a/b}, {name: b/c, project: a}]\n",
		"users of two domains":      user("- {name: u}\n- {name: u, domain: globex}\n"),
		"token and access key":      user("- {name: u, tokens: [{value: A}], access-keys: [{access: A}]}\n"),
		"empty access keys":         user("- {name: u, access-keys: [{}, {}]}\n"),
		"graphs of two projects":    graph("- {name: g, project: p}\n- {name: g, project: q}\n"),
		"tasks of a running graph":  graph("- {name: g, project: p, status: running, tasks: [{name: t, takes: 1s}]}\n"),
		"faults without names":      fault("- break: hang\n- break: hang\n"),
		"answer and truncate":       fault("- {answer: {status: 503}, break: truncate}\n"),
		"delay of one length":       fault("- delay: {from: 1s, to: 1s}\n"),
		"delay without an end":      fault("- delay: {from: 1s}\n"),
		"fault of a graph's id":     fault("- {match: {graph: gid}, break: hang}\n"),
		"upgrades in any order":     top("upgrades: [{fails: why}, {}, {takes: 1s}]\n"),
		"version 2.2.9 then 2.2.10": top("versions: [2.2.9, 2.2.10]\n"),
		"a date as text":            top("description: 2026-01-02\n"),
		"a number in JSON's way":    top("kept-jobs: 1e3\n"),
		"a byte order mark":         "\ufeff" + top(""),
		"line ends of Windows":      strings.ReplaceAll(top("prefer: true\n"), "\n", "\r\n"),
		"an end of document":        top("...\n"),
		"a start of document":       "---\n" + top(""),
	} {
		if _, err := scenario.Parse("file.yaml", []byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An error must not contain a secret that is in the broken file.
func TestSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"long password":                  user("- {name: u, password: hunter2" + strings.Repeat("x", 256) + "}\n"),
		"password in a list":             user("- {name: u, password: [hunter2]}\n"),
		"password as a key":              user("- {name: u, password: {hunter2: x}}\n"),
		"password with a comma":          user("- {name: u, password: one,hunter2}\n"),
		"password with a comma, twice":   user("- {name: u, password: one,hunter2,hunter2}\n"),
		"password with a star":           user("- name: u\n  password: *hunter2\n"),
		"password with an ampersand":     user("- name: u\n  password: &hunter2\n"),
		"password with an exclamation":   user("- name: u\n  password: !hunter2\n"),
		"password with a percent sign":   user("- name: u\n  password: %hunter2\n"),
		"password with a quote":          user("- name: u\n  password: 'hunter2''\n"),
		"password with a brace":          user("- name: u\n  password: {hunter2\n"),
		"password with an escape":        user("- name: u\n  password: \"hunter2\\q\"\n"),
		"password without a blank":       user("- password:hunter2\n"),
		"password without a blank, role": user("- name: u\n  role: reader\n   password:hunter2\n"),
		"password and nothing else":      "password:hunter2\n",
		"password of a misspelt list":    "user: [{password: 0x40}]\n",
		"value of a token with a blank":  user("- {name: u, tokens: [{value: a hunter2}]}\n"),
		"long value":                     user("- {name: u, tokens: [{value: hunter2" + strings.Repeat("x", 16384) + "}]}\n"),
		"tokens as texts":                user("- {name: u, tokens: [hunter2]}\n"),
		"tokens as a text":               user("- {name: u, tokens: hunter2}\n"),
		"tokens as keys":                 user("- {name: u, tokens: [{hunter2}]}\n"),
		"access keys as texts":           user("- {name: u, access-keys: [hunter2]}\n"),
		"access keys as a text":          user("- {name: u, access-keys: hunter2}\n"),
		"long secret":                    user("- {name: u, access-keys: [{secret: hunter2" + strings.Repeat("x", 256) + "}]}\n"),
		"security token with a blank":    user("- {name: u, access-keys: [{security-token: a hunter2}]}\n"),
		"the same token twice":           user("- {name: u, tokens: [{value: hunter2}, {value: hunter2}]}\n"),
		"number for a password":          user("- {name: u, password: 0x40}\n"),
		"number for a password, twice":   user("- {name: u, password: 0x40, role: king}\n"),
		"number for a secret":            user("- {name: u, access-keys: [{secret: 0x40}]}\n"),
		"decimal for a password":         user("- {name: u, password: 40404}\n"),
		"decimal for a token":            user("- {name: u, tokens: [{value: 40404}]}\n"),
		"true for a secret":              user("- {name: u, access-keys: [{secret: true, security-token: true}]}\n"),
		"number for a token":             user("- {name: u, tokens: [0x40]}\n"),
		"number for access keys":         user("- {name: u, access-keys: 0x40}\n"),
		"number under a misspelt key":    user("- {name: u, tokens: [{vlaue: 0x40}]}\n"),
		"number under a key of its own":  user("- {name: u, tokens: [{hunter2: 0x40}]}\n"),
	} {
		_, err := scenario.Parse("file.yaml", []byte(text))
		if err == nil {
			t.Errorf("%s: expected an error, got none", name)
			continue
		}
		for _, secret := range []string{"hunter2", "0x40", "40404", "true"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: expected no secret in the error, got %q", name, err)
			}
		}
	}
}
