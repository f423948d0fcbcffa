package scenario_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// full has every key that a scenario can have.
const full = `
description: all of it
projects:
  - {name: p, id: a1, domain: acme}
users:
  - name: u
    password: Pass-1
    domain: acme
    role: reader
    projects: [p]
    tokens: [{value: abc, project: p, expires-in: -1h}]
    access-keys: [{access: AK, secret: SK, security-token: ST}]
graphs:
  - name: g
    id: g-1
    project: p
    status: running
    version: 2.2.8
    tasks: [{name: PageRank, takes: 90s}]
versions: [2.2.9, 2.2.10]
upgrades: [{takes: 2s, fails: no space, partly: true, job-id: a/b}]
faults:
  - name: f
    match: {operation: showGraph, graph: g-1, calls: [2, 3], probability: 0.5}
    after: true
    delay: {from: 100ms, to: 1.5s}
    answer: {status: 503, code: APIGW.0613, message: busy, retry-after: 2s, retry-date: true, location: "/x{target}", page: true, headers: ["Set-Cookie: a=b"]}
    enlarge: {bytes: 10, depth: 20}
    break: truncate
defects: [{name: job-id-null, calls: [1, 4]}]
strict: true
prefer: true
vary: [messages, slow]
vary-always: true
kept-jobs: 7
`

var fullScenario = &scenario.Scenario{
	Description: "all of it",
	Projects:    []scenario.Project{{Name: "p", ID: "a1", Domain: "acme"}},
	Users: []scenario.User{{
		Name: "u", Password: "Pass-1", Domain: "acme", Role: scenario.Reader, Projects: []string{"p"},
		Tokens:     []scenario.Token{{Value: "abc", Project: "p", ExpiresIn: -time.Hour}},
		AccessKeys: []scenario.AccessKey{{Access: "AK", Secret: "SK", SecurityToken: "ST"}},
	}},
	Graphs: []scenario.Graph{{
		Name: "g", ID: "g-1", Project: "p", Status: "running", Version: "2.2.8",
		Tasks: []scenario.Task{{Name: "PageRank", Takes: 90 * time.Second}},
	}},
	Versions: []string{"2.2.9", "2.2.10"},
	Upgrades: []scenario.Upgrade{{Takes: 2 * time.Second, Fails: "no space", Partly: true, JobID: "a/b"}},
	Faults: []scenario.Fault{{
		Name:    "f",
		Match:   scenario.Match{Operation: "showGraph", Graph: "g-1", Calls: []int{2, 3}, Probability: 0.5},
		After:   true,
		Delay:   &scenario.Delay{From: 100 * time.Millisecond, To: 1500 * time.Millisecond},
		Answer:  &scenario.Answer{Status: 503, Code: "APIGW.0613", Message: "busy", RetryAfter: new(2 * time.Second), RetryDate: true, Location: "/x{target}", Page: true, Headers: []string{"Set-Cookie: a=b"}},
		Enlarge: &scenario.Enlarge{Bytes: 10, Depth: 20},
		Break:   scenario.Truncate,
	}},
	Defects:    []scenario.Defect{{Name: "job-id-null", Calls: []int{1, 4}}},
	Strict:     true,
	Prefer:     true,
	Vary:       []string{"messages", "slow"},
	VaryAlways: true,
	KeptJobs:   7,
}

func TestLoad(t *testing.T) {
	t.Parallel()
	asJSON, err := json.MarshalIndent(asJSON(t, full), "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	again, err := yaml.Marshal(fullScenario)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"file.yaml": []byte(full), "file.json": asJSON, "again.yaml": again} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := scenario.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(s, fullScenario) {
			t.Errorf("%s: expected %+v, got %+v", name, fullScenario, s)
		}
	}
}

func TestLoadFails(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	missing, broken, large := filepath.Join(folder, "missing.yaml"), filepath.Join(folder, "broken.json"), filepath.Join(folder, "large.yaml")
	for path, text := range map[string]string{broken: "{\n\t\"projects\": 5\n}\n", large: strings.Repeat("#\n", 1<<20)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		missing: "load scenario: open " + missing + ": ",
		folder:  "load scenario: read " + folder + ": ",
		broken:  "load scenario: " + broken + ":2: projects: expected a list, got a number",
		large:   "load scenario: " + large + ":1: expected at most 1048576 bytes, got more",
	} {
		if _, err := scenario.Load(path); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("expected %q, got %v", want, err)
		}
	}
}

func TestBuiltIn(t *testing.T) {
	t.Parallel()
	if want := []string{"states", "trouble"}; !reflect.DeepEqual(scenario.Names(), want) {
		t.Errorf("expected %v, got %v", want, scenario.Names())
	}
	for _, name := range scenario.Names() {
		s, err := scenario.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		if s.Description == "" {
			t.Errorf("%s: expected a description", name)
		}
		hasOperator(t, name, s)
		if source, err := scenario.Source(name); err != nil || !strings.HasPrefix(string(source), "# ") {
			t.Errorf("%s: expected its text with a comment at the top, got %.20q, %v", name, source, err)
		}
	}
}

// hasOperator makes sure that some user can upgrade, with each kind of credentials.
func hasOperator(t *testing.T, name string, s *scenario.Scenario) {
	t.Helper()
	if !slices.ContainsFunc(s.Users, func(u scenario.User) bool {
		return (u.Role == scenario.Operator || u.Role == "") && u.Password != "" && len(u.Tokens) > 0 && len(u.AccessKeys) > 0
	}) {
		t.Errorf("%s: expected an operator with a password, a token and an access key, got %+v", name, s.Users)
	}
}

// The scenario "states" must have a graph in each state of the contract.
func TestStates(t *testing.T) {
	t.Parallel()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Named("states")
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range c.GraphStates() {
		if !slices.ContainsFunc(s.Graphs, func(g scenario.Graph) bool { return g.Status == state.Name }) {
			t.Errorf("expected a graph that is %s", state.Name)
		}
	}
}

func TestUnknownName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"state":             `unknown scenario "state", expected states or trouble; did you mean "states"?`,
		"../builtin/states": `unknown scenario "../builtin/states"`,
		"trouble.yaml":      `did you mean "trouble"?`,
		"":                  `unknown scenario ""`,
	} {
		if _, err := scenario.Named(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: expected %q, got %v", name, want, err)
		}
	}
}

func TestDefault(t *testing.T) {
	t.Parallel()
	s := scenario.Default()
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	hasOperator(t, "default", s)
	data, err := yaml.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	read, err := scenario.Parse("default", data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if !reflect.DeepEqual(read, s) {
		t.Errorf("expected %+v, got %+v", s, read)
	}
	s.Graphs[0].Name = "changed"
	if scenario.Default().Graphs[0].Name == "changed" {
		t.Error("expected Default to return a new value")
	}
}

// A scenario made in Go is checked like one from a file, but its errors have no line.
func TestCheck(t *testing.T) {
	t.Parallel()
	s := scenario.Default()
	s.Users[1].Tokens[0].Project = "nowhere"
	want := `scenario: users.1.tokens.0.project: the user has no project "nowhere"`
	if err := s.Check(); err == nil || err.Error() != want {
		t.Errorf("expected %q, got %v", want, err)
	}
}

func TestProjects(t *testing.T) {
	t.Parallel()
	s := &scenario.Scenario{Projects: []scenario.Project{{Name: "p"}, {Name: "q", Domain: "globex"}, {Name: "r", Domain: "acme"}}}
	for _, row := range []struct {
		user scenario.User
		want []string
	}{
		{scenario.User{}, []string{"p", "r"}},
		{scenario.User{Domain: "acme"}, []string{"p", "r"}},
		{scenario.User{Domain: "globex"}, []string{"q"}},
		{scenario.User{Domain: "nowhere"}, nil},
		{scenario.User{Projects: []string{"r"}}, []string{"r"}},
	} {
		var got []string
		for _, p := range s.ProjectsOf(row.user) {
			got = append(got, p.Name)
		}
		if !reflect.DeepEqual(got, row.want) {
			t.Errorf("%+v: expected %v, got %v", row.user, row.want, got)
		}
	}
	if p := s.Project("q"); p == nil || p.DomainName() != "globex" || s.Project("p").DomainName() != "acme" {
		t.Errorf("expected the projects with their domains, got %+v", p)
	}
	if p := s.Project("nope"); p != nil {
		t.Errorf("expected no project, got %+v", p)
	}
}

// Schema must return a copy.
func TestSchemaIsACopy(t *testing.T) {
	t.Parallel()
	clear(scenario.Schema())
	if !json.Valid(scenario.Schema()) {
		t.Error("expected JSON")
	}
}

// An invalid file must be refused with work in proportion to its size, which the allocated
// memory stands for. The test is not parallel: allocations of other tests would count.
func TestRefusedSoon(t *testing.T) {
	size, most := 1<<16, uint64(1000) // bytes for each byte of the file
	if os.Getenv("GESCONFORM_TEST_ALL") != "" {
		size = 1 << 20
	}
	calls := strings.Repeat("1e307,", 500)
	for _, row := range []struct{ start, piece, want string }{
		{"", "[", "exceeded max depth of 10000"},
		{"", "{a: ", ""}, // too deep, or never ended
		{"", "- ", "exceeded max depth of 10000"},
		{"", "? ", "exceeded max depth of 10000"},
		{"", "&a [", ""},
		{"- &a x\n", "- *a\n", "expected no anchors and no aliases"},
		{"", "- - a\n", "expected a mapping, got a list"},
		{"", "a: b\n", `the key "a" appears twice`},
		{"", "#\n", "expected a scenario, got nothing"},
		{"versions:\n", "- 1\n", "versions: expected 1 to 10000 entries"},
		{"graphs:\n", "- {}\n", "graphs: expected at most 10000 entries"},
		{"faults:\n", "- match: {calls: [" + calls + "0]}\n", "expected a whole number from 1 to 1000000000, got 1e307"},
	} {
		data := []byte(row.start + strings.Repeat(row.piece, (size-len(row.start))/len(row.piece)))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := scenario.Parse("file.yaml", data)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%q, %.9q: expected an error with %q, got %v", row.start, row.piece, row.want, err)
		}
		if spent := (after.TotalAlloc - before.TotalAlloc) / uint64(size); spent > most {
			t.Errorf("%q, %.9q: expected at most %d bytes of memory for a byte of the file, got %d", row.start, row.piece, most, spent)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range scenario.Names() {
		source, err := scenario.Source(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(source)
	}
	f.Add([]byte(full))
	for _, rows := range [][]broken{brokenYAML, brokenSchema, brokenTogether} {
		for _, row := range rows {
			if len(row.text) < 1<<12 {
				f.Add([]byte(row.text))
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := scenario.Parse("file.yaml", data)
		if err != nil {
			var line int
			if _, scan := fmt.Sscanf(err.Error(), "load scenario: file.yaml:%d: ", &line); scan != nil || line < 1 {
				t.Errorf("expected a file and a line, got %q", err)
			}
			if strings.ContainsAny(err.Error(), "\n\r") || strings.Contains(err.Error(), "unmarshal") {
				t.Errorf("expected one line of our own, got %q", err)
			}
			return
		}
		if err := s.Check(); err != nil {
			t.Error(err)
		}
		again, err := yaml.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := scenario.Parse("again.yaml", again); err != nil {
			t.Errorf("expected to read what was written, got %v\n%s", err, again)
		}
	})
}
